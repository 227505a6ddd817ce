"""The lists of reports: one for each space, and one of all spaces above them.

The folder of reports is made of plain files, so any web server can publish it. A page is named by
its window: made again it keeps its link, and pages of other windows stay.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from monitor.model import Window
from monitor.pipeline.workspace import Workspace
from monitor.store import VerdictRow

if TYPE_CHECKING:
    from monitor.report import IndexEntry

PAGE = "%Y-%m-%dT%H%M.html"
INDEX = "index.html"
STATUS = "status.html"
PICTURE = ".png"
"""Ends the name of the picture that lies beside a page and is called like it."""


def page_name(window: Window) -> str:
    """File name of the report on a window."""
    return f"{window.start:{PAGE}}"


def start_of(page: str) -> datetime | None:
    """When the window of a page began, by the page's name; None where it is called otherwise."""
    try:
        return datetime.strptime(page, PAGE).replace(tzinfo=UTC)
    except ValueError:
        return None


def files_of_page(name: str) -> tuple[str, str, str]:
    """The page, its JSON and its picture, which is not always there."""
    stem = name.removesuffix(".html")
    return f"{stem}.json", f"{stem}{PICTURE}", name


def page_before(pages: Iterable[str], name: str) -> str | None:
    """Of these pages of a space the newest one on an earlier window."""
    return max((page for page in pages if page < name), default=None)


def write_contents(workspace: Workspace, space: str, monitor: str | None) -> None:
    """Writes the list of a space's reports, and that of all spaces."""
    from monitor.report import MOST_LISTED, render_index

    shelf = workspace.shelf
    pages = [page for page in shelf.pages(space) if start_of(page)]
    shown = pages[-MOST_LISTED:]
    since = start_of(shown[0]) if shown else None
    judged = workspace.store.history(space, monitor=monitor, start=since)
    entries = space_entries(shown, judged)
    older = len(pages) - len(shown)
    render_index(shelf.folder / space, entries, f"Reports on {space}", older=older)
    shelf.publish(f"{space}/{INDEX}")
    render_index(shelf.folder, _spaces(workspace), "Spaces", over_time=False, beside=STATUS)
    shelf.publish(INDEX)


def space_entries(pages: Iterable[str], history: Iterable[VerdictRow]) -> list[IndexEntry]:
    """Each of these pages whose window was judged, newest window first."""
    judged = {page_name(row.window): row for row in history}
    return [
        _entry(page, _moment(row.window), row)
        for page in sorted(pages, reverse=True)
        if (row := judged.get(page)) is not None
    ]


def _spaces(workspace: Workspace) -> list[IndexEntry]:
    """Every space that has a list of reports, with its latest verdict."""
    latest = sorted(workspace.store.latest_verdicts(), key=lambda row: row.window.start)
    of_space = {row.space: row for row in latest}
    listed = [name for name in sorted(of_space) if workspace.shelf.has(f"{name}/{INDEX}")]
    return [_entry(f"{name}/{INDEX}", name, of_space[name]) for name in listed]


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
