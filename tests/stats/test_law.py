"""The law of mergeable statistics, over the whole table and over profiles."""

from __future__ import annotations

from functools import reduce
from operator import add

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.basis import Basis
from monitor.batch import ROW_NULL, ROW_OK, ROW_WRONG_DIM, Batch
from monitor.errors import FrameError
from monitor.fitting import fitted
from monitor.frame import Frame
from monitor.profiles import Profile, folded, merged, profile
from monitor.stats import STATISTICS, Statistic
from monitor.stats.base import Rows
from monitor.stats.sample import Sample
from tests.rows import topics

D = 32
BASIS: Basis = fitted(topics(300, np.random.default_rng(0), d=D))
FRAME = Frame(BASIS, sample=8, text="text")
FAULTS = {"nan": np.nan, "inf": np.inf, "-inf": -np.inf, "zero": 0.0, "huge": 3e38}
STATES = {"null": ROW_NULL, "wrong_dim": ROW_WRONG_DIM}
KINDS = ("fine", "fine", "repeat", "copy", *FAULTS, *STATES)
TOLERANCE = {"components.products": 1e-6}
"""Floats agree to 1e-9 of the sum of magnitudes but for what is multiplied in float32."""


def rows_of(kinds: list[str], named: bool, seed: int) -> Batch:
    """A row for each of `kinds`: `repeat` has the vector of all repeats but its own id and
    columns, a `copy` differs from other copies in its columns alone; `named` batches have ids,
    times and entities, some of them missing."""
    rng = np.random.default_rng(seed)
    n = len(kinds)
    vectors = topics(n, rng, d=D)
    alike = np.isin(kinds, ["repeat", "copy"])
    vectors[alike] = topics(1, np.random.default_rng(7), d=D)
    for kind, value in FAULTS.items():
        hit = np.array([k == kind for k in kinds], bool)
        vectors[hit, 0 if kind != "zero" else slice(None)] = value
    status = np.array([STATES.get(k, ROW_OK) for k in kinds], np.uint8)
    vectors[status != ROW_OK] = 0
    same = np.array([k == "copy" for k in kinds], bool)
    words = rng.choice(["a", "b", "c"], n).tolist()
    columns = {
        "text": pa.array([f"text {w}" for w in words], pa.string()),
        "price": pa.array([i if i % 3 else None for i in range(n)], pa.int64()),
        "tags": pa.array([["x"]] * n, pa.list_(pa.string())),
    }
    if not named:
        return Batch(vectors, status, columns=columns)
    at = np.datetime64("2026-11-02", "us") + rng.integers(0, 10**10, n)
    at[same], at[rng.random(n) < 0.2] = np.datetime64("2026-11-02", "us"), np.datetime64("NaT")
    ids = ["copy" if s else None if i % 5 == 0 else f"r{i}" for i, s in enumerate(same)]
    users = [None if i % 7 == 0 else f"u{i % 4}" for i in range(n)]
    return Batch(
        vectors, status, pa.array(ids, pa.string()), at, pa.array(users, pa.string()), columns
    )


def same(a: Statistic, b: Statistic, n: int) -> bool:
    """Equal state: integers and tables exactly, floats to the tolerance for n rows of order 1."""
    if isinstance(a, Sample) and isinstance(b, Sample):
        return a.size == b.size and a.kept.equals(b.kept) and a.farthest.equals(b.farthest)
    ours, theirs = a.arrays(), b.arrays()
    assert list(ours) == list(theirs)
    return all(
        np.array_equal(value, theirs[key])
        if value.dtype.kind in "iu"
        else np.allclose(value, theirs[key], rtol=0, atol=tolerance(a, key) * max(n, 1) * 30)
        for key, value in ours.items()
    )


def tolerance(statistic: Statistic, key: str) -> float:
    """What floats of this state agree to, of the sum of magnitudes."""
    return TOLERANCE.get(f"{type(statistic).__name__.lower()}.{key}", 1e-9)


batches = st.builds(
    rows_of, st.lists(st.sampled_from(KINDS), max_size=40), st.booleans(), st.integers(0, 2**32)
)


@st.composite
def splits(draw: st.DrawFn) -> tuple[Batch, list[Batch]]:
    """A batch, and the same rows in any order in one to four parts, some of them empty."""
    whole = draw(batches)
    order = np.array(draw(st.permutations(range(len(whole)))), np.intp)
    cuts = sorted(draw(st.lists(st.integers(0, len(whole)), max_size=3)))
    return whole, [whole.take(part) for part in np.split(order, cuts)]


def statistics(batch: Batch) -> tuple[Rows, dict[str, Statistic]]:
    """The fold of every statistic of the table."""
    rows = FRAME.rows(batch)
    return rows, {name: kind.fold(rows) for name, kind in STATISTICS.items()}


EMPTY = statistics(rows_of([], False, 0))[1]


@given(splits())
@settings(max_examples=40, deadline=None)
def test_any_split_in_any_order_adds_up_to_the_fold_of_all(
    case: tuple[Batch, list[Batch]],
) -> None:
    """Folding all rows at once equals adding the folds of any split of them, in any order."""
    whole, parts = case
    rows, at_once = statistics(whole)
    folds = [statistics(part)[1] for part in parts]
    for name, expected in at_once.items():
        forward = reduce(add, (fold[name] for fold in folds))
        backward = reduce(add, (fold[name] for fold in reversed(folds)))
        assert same(forward, expected, rows.n), name
        assert same(backward, expected, rows.n), name


@given(batches)
@settings(max_examples=15, deadline=None)
def test_the_empty_fold_is_the_identity(batch: Batch) -> None:
    """x + empty = empty + x = x exactly, and empty + empty is empty."""
    for name, fold in statistics(batch)[1].items():
        empty = EMPTY[name]
        assert same(fold + empty, fold, 0), name
        assert same(empty + fold, fold, 0), name
        assert same(empty + empty, empty, 0), name


@given(batches)
@settings(max_examples=15, deadline=None)
def test_state_survives_arrays_and_bytes(batch: Batch) -> None:
    """`from_arrays(arrays)` and `from_bytes(to_bytes)` give back the very same state."""
    for name, fold in statistics(batch)[1].items():
        again = STATISTICS[name].from_arrays(dict(fold.arrays()))
        assert same(again, fold, 0), name
    found = folded(batch, FRAME)
    again = Profile.from_bytes(found.to_bytes())
    assert again.basis_id == BASIS.id
    assert all(same(again.statistics[name], fold, 0) for name, fold in found.statistics.items())
    assert again.to_bytes() == found.to_bytes()
    assert again.digest() == found.digest()


@given(splits())
@settings(max_examples=20, deadline=None)
def test_profiles_obey_the_law(case: tuple[Batch, list[Batch]]) -> None:
    """A profile of a stream equals the sum of the profiles of its parts, by chain or by tree."""
    whole, parts = case
    expected = folded(whole, FRAME)
    chain = profile(parts, BASIS, sample=8, text="text")
    tree = merged([folded(part, FRAME) for part in reversed(parts)])
    for found in (chain, tree):
        assert found.digest() == expected.digest()
        for name, statistic in expected.statistics.items():
            assert same(found.statistics[name], statistic, expected.n), name


@given(splits())
@settings(max_examples=10, deadline=None)
def test_equal_partitions_give_equal_bytes(case: tuple[Batch, list[Batch]]) -> None:
    """The same partitions in the same order give the same bytes."""
    first, second = (profile(case[1], BASIS, sample=8).to_bytes() for _ in range(2))
    assert first == second


def test_profiles_of_unlike_frames_have_no_sum() -> None:
    """The error names both bases and what to do."""
    other = fitted(topics(300, np.random.default_rng(1), d=D))
    a, b = profile([], BASIS), profile([], other)
    with pytest.raises(FrameError) as caught:
        a + b
    assert caught.value.message == (
        f"profiles of basis {BASIS.id} and of basis {other.id} have no sum"
    )
    assert caught.value.hint == "profile both sides again with one basis"


def test_more_rows_than_a_chunk_add_up() -> None:
    """A batch longer than a chunk is folded in chunks, exactly as its parts are."""
    rng = np.random.default_rng(5)
    vectors: npt.NDArray[np.float32] = topics(8192 + 100, rng, d=D)
    batch = Batch(vectors, np.zeros(len(vectors), np.uint8))
    parts = [batch.take(np.arange(8192)), batch.take(np.arange(8192, len(batch)))]
    expected = reduce(add, (folded(part, FRAME) for part in parts))
    assert folded(batch, FRAME).to_bytes() == expected.to_bytes()


def test_the_bytes_do_not_depend_on_the_number_of_threads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One, two or five threads over 40 batches: the same profile to the last bit."""
    whole = batch_of(4000)
    batches = [whole.take(np.arange(i, i + 100)) for i in range(0, 4000, 100)]
    found = set()
    for n in (1, 2, 5):
        monkeypatch.setattr("monitor.parallel.processors", lambda n=n: n)
        found.add(profile(batches, BASIS, sample=8).to_bytes())
    assert len(found) == 1


def batch_of(n: int) -> Batch:
    """Rows that have nothing wrong with them."""
    return Batch(topics(n, np.random.default_rng(6), d=D), np.zeros(n, np.uint8))
