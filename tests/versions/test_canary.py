"""Texts embedded again prove whose vectors an index holds."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from benchmarks.version_cases import Scene, scene
from monitor.batch import Items
from monitor.errors import UsageError
from monitor.versions import audit


def canaries(s: Scene, vectors: np.ndarray) -> Items:
    """Every fifth item, in another order."""
    rows = np.arange(0, len(s.x), 5)[::-1]
    return Items(s.a.ids.take(pa.array(rows)), vectors[rows])


def test_a_sound_index_is_proved_to_be_one() -> None:
    """The int8 export of the same encoder counts as it: no finding, a bound in the notes."""
    s = scene(0, 600)
    found = audit(s.a, canaries=canaries(s, s.export))
    assert (found.verdict, found.findings) == ("ok", ())
    assert any(
        note.startswith("canary replay: all 120 texts embedded again are as stored")
        and note.endswith("hardly more than 3.1% of the index can be another encoder's")
        for note in found.notes
    )


def test_rows_of_an_index_that_its_encoder_did_not_make() -> None:
    """A third of it, where they stand, however alike the encoders are."""
    s = scene(1, 600)
    vectors = s.with_rows(s.x, np.arange(400, 600), s.other[400:])
    index = Items(s.a.ids, vectors, s.a.columns)
    found = audit(index, canaries=canaries(s, s.x))
    first = found.findings[0]
    assert (first.cause, first.rows, first.confidence) == ("mixed encoders", 40, 0.99)
    assert first.where == "rows 400-595"
    assert found.verdict == "breaking"
    assert set(first.row_ids.to_pylist()) <= set(s.a.ids.to_pylist()[400:])


def test_an_index_of_quite_another_encoder() -> None:
    """A swap that nothing in the index itself shows."""
    s = scene(2, 600)
    found = audit(Items(s.a.ids, s.other), canaries=canaries(s, s.x))
    assert [f.cause for f in found.findings] == ["other encoder"]
    assert found.verdict == "breaking"


def test_canaries_that_say_nothing() -> None:
    """Other dimensions and strange ids are errors that name both."""
    s = scene(3, 600)
    with pytest.raises(UsageError) as caught:
        audit(s.a, canaries=canaries(s, s.x[:, :100]))
    assert caught.value.message == "the canaries have 100 dimensions, the index has 384"
    strange = Items(pa.array([f"no {i}" for i in range(600)]), s.x)
    with pytest.raises(UsageError) as caught:
        audit(s.a, canaries=strange)
    assert caught.value.message == (
        "0 canaries are in the index with usable vectors; 20 are needed"
    )
