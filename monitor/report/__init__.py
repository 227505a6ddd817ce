"""Reports people read: run JSON -> Page -> one HTML file that opens offline."""

from __future__ import annotations

from monitor.report.index import MOST_LISTED, IndexEntry, index_entry, render_index
from monitor.report.render import notebook_html, png, render

__all__ = [
    "MOST_LISTED",
    "IndexEntry",
    "index_entry",
    "notebook_html",
    "png",
    "render",
    "render_index",
]
