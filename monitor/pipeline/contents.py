"""The lists of reports: one for each space, and one of all spaces above them.

The folder of reports is made of plain files, so any web server can publish it. A page is named by
its window: made again it keeps its link, and pages of other windows stay.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from monitor.model import Window
from monitor.pipeline.workspace import Workspace
from monitor.store import VerdictRow

if TYPE_CHECKING:
    from monitor.report import IndexEntry

INDEX = "index.html"
STATUS = "status.html"
PICTURE = ".png"
"""Ends the name of the picture that lies beside a page and is called like it."""


def page_name(window: Window) -> str:
    """File name of the report on a window."""
    return f"{window.start:%Y-%m-%dT%H%M}.html"


def page_before(folder: Path, name: str) -> str | None:
    """The newest page of the folder on an earlier window."""
    older = [page.name for page in folder.glob("*.html") if page.name < name]
    return max(older, default=None)


def write_contents(workspace: Workspace, space: str, monitor: str | None) -> None:
    """Writes the list of a space's reports, and that of all spaces."""
    from monitor.report import render_index

    top = workspace.config.path(workspace.config.report.dir)
    history = workspace.store.history(space)
    own = [row for row in history if row.monitor == monitor]
    render_index(top / space, space_entries(top / space, own), f"Reports on {space}")
    render_index(top, _spaces(workspace, top), "Spaces", over_time=False, beside=STATUS)


def space_entries(folder: Path, history: Iterable[VerdictRow]) -> list[IndexEntry]:
    """Every page of the folder whose window was judged, newest window first."""
    judged = {page_name(row.window): row for row in history}
    pages = sorted(folder.glob("*.html"), reverse=True)
    return [
        _entry(page.name, _moment(row.window), row)
        for page in pages
        if (row := judged.get(page.name)) is not None
    ]


def _spaces(workspace: Workspace, top: Path) -> list[IndexEntry]:
    """Every space that has a list of reports, with its latest verdict."""
    latest = sorted(workspace.store.latest_verdicts(), key=lambda row: row.window.start)
    of_space = {row.space: row for row in latest}
    listed = sorted(page.parent.name for page in top.glob(f"*/{INDEX}"))
    return [_entry(f"{name}/{INDEX}", name, of_space[name]) for name in listed if name in of_space]


def _moment(window: Window) -> str:
    midnight = window.start.time() == window.start.min.time()
    return f"{window.start:%Y-%m-%d}" if midnight else f"{window.start:%Y-%m-%d %H:%M} UTC"


def _entry(file: str, title: str, row: VerdictRow) -> IndexEntry:
    from monitor.report import IndexEntry

    return IndexEntry(
        file=file,
        verdict=row.word,
        title=title,
        window="" if title == _moment(row.window) else _moment(row.window),
        sentence="; ".join(row.detail.get("causes", [])[:2]),
        score=row.score,
        threshold=row.threshold,
        made_at=row.decided_at,
    )
