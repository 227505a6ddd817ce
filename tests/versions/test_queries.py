"""What queries lose between two versions."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from benchmarks.version_cases import Scene, scene
from monitor.batch import Items
from monitor.errors import UsageError
from monitor.versions import compare
from monitor.versions.queries import Queries, queries_hurt


def asked(s: Scene, vectors: np.ndarray, rows: slice) -> Items:
    """Items as queries, under ids of their own."""
    ids = pa.array([f"q{i}" for i in range(len(vectors[rows]))])
    text = s.a.columns["text"].take(pa.array(np.arange(len(s.x))[rows]))
    return Items(ids, vectors[rows], {"text": text}, name="asked")


def hurt(s: Scene, b: np.ndarray, queries_b: np.ndarray) -> Queries:
    """Every tenth item as a query, against b."""
    few = slice(None, None, 10)
    queries = asked(s, s.x, few), asked(s, queries_b, few)
    return queries_hurt((s.a, s.version(b)), queries, np.random.default_rng(0))


def test_queries_of_the_new_encoder_find_what_they_did() -> None:
    """A rotation of both items and queries loses nothing; of the items alone, everything."""
    s = scene(0, 600)
    turn = s.turn()
    kept = hurt(s, s.x @ turn, s.x @ turn)
    assert kept.n == 60
    assert kept.overlap.value == 1.0
    assert kept.hurt == ()
    lost = hurt(s, s.x @ turn, s.x)
    assert lost.overlap.value < 0.1


def test_the_worst_come_first_with_their_texts() -> None:
    """Another encoder: overlaps ascend, what is lost and gained is as much."""
    s = scene(1, 600)
    found = hurt(s, s.other, s.other)
    overlaps = [one.overlap for one in found.hurt]
    assert overlaps == sorted(overlaps)
    assert found.hurt[0].overlap < found.overlap.value
    assert found.hurt[0].text in s.a.columns["text"].to_pylist()
    assert len(found.hurt[0].lost) == len(found.hurt[0].gained) > 0
    assert found.hurt[0].lost[0] in s.a.columns["text"].to_pylist()


def test_queries_of_another_dimension_are_refused() -> None:
    """With the option that mends it."""
    s = scene(2, 100)
    with pytest.raises(UsageError) as caught:
        hurt(s, s.x, s.x[:, :100])
    assert caught.value.message == "the queries asked have 100 dimensions and b has 384"


def test_slices_are_of_the_columns_named() -> None:
    """An unknown one is an error that lists the known."""
    s = scene(3, 400)
    found = compare(s.a, s.version(s.other), slices=["label"])
    assert {part.column for part in found.slices} <= {"label"}
    with pytest.raises(UsageError) as caught:
        compare(s.a, s.a, slices=["labels"])
    assert caught.value.message == "a has no column 'labels'"
