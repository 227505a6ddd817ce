"""Whole pages against accepted ones. README.md here says how to accept a change."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from monitor.report import render, render_index
from tests.report.listed import entries
from tests.report.stored import KINDS

_HERE = Path(__file__).parent
_ACCEPT = "EMBMON_ACCEPT_GOLDEN"


def _check_golden(made: Path, name: str) -> None:
    golden = _HERE / "golden" / name
    if os.environ.get(_ACCEPT):
        golden.parent.mkdir(exist_ok=True)
        golden.write_bytes(made.read_bytes())
    assert golden.is_file(), f"no accepted page {golden}; make it with {_ACCEPT}=1"
    same = made.read_text(encoding="utf-8") == golden.read_text(encoding="utf-8")
    assert same, f"{made} differs from {golden}: look at both, then accept with {_ACCEPT}=1"


@pytest.mark.parametrize("name", KINDS)
def test_pages_are_as_accepted(name: str, runs: dict[str, Any], tmp_path: Path) -> None:
    """A stored run gives the accepted page; style and scripts are stubs, so they may change."""
    out = render(runs[name], tmp_path / f"{name}.html", templates=_HERE / "stubs")
    _check_golden(out, f"{name}.html")


def test_the_index_is_as_accepted(tmp_path: Path) -> None:
    """A fixed list of reports gives the accepted index."""
    text = render_index(tmp_path, entries()).read_text(encoding="utf-8")
    made = tmp_path / "plain.html"
    style = text[text.index("<style>") : text.index("</style>")]
    policy = text[text.index("<meta http-equiv") : text.index('<meta name="viewport"')]
    made.write_text(text.replace(style, "<style>").replace(policy, ""), encoding="utf-8")
    _check_golden(made, "index.html")
