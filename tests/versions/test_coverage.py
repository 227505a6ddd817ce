"""Queries that a corpus does not serve are found, at a limit that is calibrated."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from benchmarks.version_data import read
from monitor.assets import sample_data
from monitor.batch import Items
from monitor.errors import UsageError
from monitor.versions import coverage

DISHES = read(sample_data() / "dishes_v1.parquet")


def some(rows: np.ndarray) -> Items:
    """These dishes."""
    at = pa.array(np.flatnonzero(rows))
    columns = {name: values.take(at) for name, values in DISHES.columns.items()}
    return Items(DISHES.ids.take(at), DISHES.vectors[rows], columns, name="some")


def test_a_topic_that_the_corpus_lost_is_not_covered() -> None:
    """Dishes without any pizza: pizzas are what is asked for and not there."""
    pizza = np.array(["pizza" in (t or "").lower() for t in DISHES.columns["text"].to_pylist()])
    half = np.random.default_rng(0).random(len(pizza)) < 0.5
    corpus, served = some(~pizza & half), some(~pizza & ~half)
    known = coverage(served, corpus, reference=served)
    assert known.share.value == pytest.approx(0.95, abs=0.005)
    assert known.limit_from == "reference queries"
    lost = coverage(some(pizza), corpus, reference=served)
    assert lost.share.value < known.share.low
    assert (lost.similarity[lost.uncovered] < lost.limit).all()
    assert (np.diff(lost.similarity[lost.uncovered]) >= 0).all()


def test_without_reference_queries_the_corpus_calibrates() -> None:
    """A hundredth of its own items have no other as near; a given limit stands."""
    half = np.random.default_rng(1).random(len(DISHES)) < 0.5
    found = coverage(some(half), some(~half))
    assert found.limit_from == "corpus"
    assert found.share.value == pytest.approx(0.99, abs=0.01)
    assert coverage(some(half), some(~half), limit=1.5).share.value == 0.0


def test_speeches_are_not_dishes() -> None:
    """Nearly no paragraph of a speech is near a dish."""
    speeches = read(sample_data() / "speeches.parquet")
    assert coverage(speeches, DISHES).share.value < 0.15


def test_other_dimensions_are_refused() -> None:
    """Both are named."""
    few = Items(DISHES.ids, DISHES.vectors[:, :10], name="short")
    with pytest.raises(UsageError) as caught:
        coverage(few, DISHES)
    assert caught.value.message == "short has 10 dimensions, dishes_v1 has 384"
