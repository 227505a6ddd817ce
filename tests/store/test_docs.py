"""The page about the store names what is there."""

from __future__ import annotations

import re
from pathlib import Path

from monitor.store.tables import metadata

PAGE = Path(__file__).parents[2] / "docs" / "store.md"


def test_the_page_names_every_table_and_no_other() -> None:
    """A new table needs its line."""
    told = re.findall(r"^\| `(\w+)` \| [^|]+ \| [^|]+ \|$", PAGE.read_text("utf-8"), re.MULTILINE)
    assert sorted(set(told) - {"url", "blobs"}) == sorted(metadata.tables)
    assert len(told) == len(set(told))
