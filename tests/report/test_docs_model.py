"""docs/report.md names every template; what they are given is generated, see tests/test_docs.py."""

from __future__ import annotations

import re
from pathlib import Path

from monitor import assets

_DOCS = (Path(__file__).parents[2] / "docs" / "report.md").read_text(encoding="utf-8")
_NAMED = set(re.findall(r"`([a-z_]+)`", _DOCS))


def test_every_template_is_documented() -> None:
    """The files that can be replaced are all named."""
    folder = assets.templates()
    files = [*folder.glob("*.j2"), *(folder / "sections").glob("*.j2")]
    names = {path.name.removesuffix(".html.j2") for path in files}
    shared = {"tables", "index", "chapter"}
    told = _NAMED | {name.removesuffix(".html.j2") for name in re.findall(r"`([a-z.0-9]+)`", _DOCS)}
    assert names - shared <= told
