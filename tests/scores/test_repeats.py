"""One vector that comes again and again."""

from __future__ import annotations

import numpy as np
import pytest

from monitor.basis import Basis
from monitor.profiles import Profile, profile
from monitor.scores.repeats import repeated_share
from tests.rows import Floats, batch, topics


def seen(basis: Basis, rows: Floats) -> Profile:
    """The profile of some rows."""
    return profile([batch(rows)], basis, sample=0)


def with_clump(rows: Floats, share: float) -> Floats:
    """So large a share of the rows is the first one."""
    rows = rows.copy()
    rows[: round(share * len(rows))] = rows[0]
    return rows


@pytest.mark.parametrize("share", [0.1, 0.3])
def test_a_clump_is_found_at_about_its_share(basis: Basis, share: float) -> None:
    """In each of ten samples, to within what a bucket of other rows varies."""
    for seed in range(10):
        rng = np.random.default_rng(seed)
        a, b = topics(1000, rng), with_clump(topics(1000, rng), share)
        assert abs(repeated_share(seen(basis, a), seen(basis, b)) - share) < 0.03


def test_no_clump_where_none_is(basis: Basis) -> None:
    """Nor where all rows come twice, nor where the reference has the same clump."""
    for seed in range(20):
        rng = np.random.default_rng(seed)
        a, b = topics(500, rng), topics(200, rng)
        assert repeated_share(seen(basis, a), seen(basis, b)) == 0
        assert repeated_share(seen(basis, a), seen(basis, np.repeat(b, 2, axis=0))) == 0
        ours = [with_clump(np.vstack([a[:1], rows]), 0.1) for rows in (a, b)]
        assert repeated_share(*(seen(basis, rows) for rows in ours)) == 0


def test_nothing_on_a_side(basis: Basis) -> None:
    """Says nothing."""
    some = seen(basis, topics(100, np.random.default_rng(0)))
    none = profile([], basis, sample=0)
    assert repeated_share(some, none) == repeated_share(none, some) == 0


def test_few_rows_are_counted(basis: Basis) -> None:
    """Where the sample holds every row, 5 % of 400 is found in each of ten samples, to the row;
    no vector is, where all differ or where the reference has as many."""
    for seed in range(10):
        rng = np.random.default_rng(seed)
        a, b = topics(400, rng), topics(400, rng)
        sides = [profile([batch(rows)], basis) for rows in (a, b, with_clump(b, 0.05))]
        assert repeated_share(sides[0], sides[2]) == pytest.approx(0.05)
        assert repeated_share(sides[0], sides[1]) == repeated_share(sides[2], sides[2]) == 0


@pytest.mark.parametrize("rows", [8, 35, 60])
def test_a_vector_that_is_there_once_is_not_repeated(basis: Basis, rows: int) -> None:
    """However large a share of few rows it is."""
    rng = np.random.default_rng(0)
    one, few = (profile([batch(topics(n, rng))], basis) for n in (1000, rows))
    assert repeated_share(one, few) == 0
