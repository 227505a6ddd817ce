"""What rows they are, whatever their order."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa

from monitor.profiles import Profile, profile
from tests.rows import batch

from .conftest import Seen


def digest(seen: Seen, vectors: np.ndarray, ids: list[str] | None = None) -> str:  # type: ignore[type-arg]
    """The digest of the profile of these rows."""
    rows = batch(vectors)
    named = replace(rows, ids=None if ids is None else pa.array(ids, pa.string()))
    found: Profile = profile([named], seen.basis)
    return found.digest()


def test_equal_for_equal_rows_in_any_order(seen: Seen) -> None:
    """Order does not matter; one row less, one row twice or one bit changed does."""
    some = seen.vectors[:50]
    known = digest(seen, some)
    assert digest(seen, some[::-1]) == known
    changed = some.copy()
    changed[7, 3] = np.nextafter(changed[7, 3], np.float32(9))
    others = [some[1:], np.vstack([some, some[:1]]), np.vstack([some[:1], some[:-1]]), changed]
    assert len({known, *(digest(seen, rows) for rows in others)}) == 5


def test_ids_are_part_of_the_content(seen: Seen) -> None:
    """Equal vectors under swapped ids are other rows."""
    some = seen.vectors[:2]
    assert digest(seen, some, ["a", "b"]) != digest(seen, some, ["b", "a"])
    assert digest(seen, some, ["a", "b"]) == digest(seen, some[::-1], ["b", "a"])


def test_bad_rows_change_the_digest(seen: Seen) -> None:
    """A row that is set aside still makes it another set of rows."""
    some = seen.vectors[:5]
    spoilt = np.vstack([some, np.full((1, some.shape[1]), np.nan, np.float32)])
    assert digest(seen, some) != digest(seen, spoilt)
