"""A page as Markdown, for pull requests and chat: the first screen and the tables that matter."""

from __future__ import annotations

import re
from collections.abc import Sequence

from monitor.report.bodies import Cluster, Measure, Measures, Places
from monitor.report.page import Chapter, Page, Table

_ICONS = {"ok": "✅", "warn": "⚠️", "drift": "🔶", "calibrating": "⏳", "insufficient": "❔"}
_MEANS_SOMETHING = re.compile(r"([\\`*_{}\[\]<>()#+!|~$&@])")
_MOST_TOPICS = 6


def markdown(page: Page) -> str:
    """GitHub-flavoured Markdown; every text of the run is escaped, so none of it can be a link,
    an image, HTML or a mention."""
    parts = [f"# {escaped(page.title)}\n"] if page.kind == "demo" else []
    return "\n".join(parts + [_chapter(chapter) for chapter in page.chapters])


def escaped(text: str) -> str:
    """Text whose signs mean nothing to Markdown.

    >>> escaped("[a](http://b) @all")
    '\\\\[a\\\\]\\\\(http:/\u2060/b\\\\) \\\\@\u2060all'
    """
    safe = _MEANS_SOMETHING.sub(r"\\\1", text)
    # A word joiner keeps bare addresses and mentions from becoming links.
    return safe.replace("://", ":/\u2060/").replace("@", "@\u2060").replace("www.", "www\u2060.")


def _chapter(chapter: Chapter) -> str:
    banner = chapter.banner
    icon = _ICONS.get(banner.tone, "")
    lines = [f"## {icon} {escaped(banner.word)}: {escaped(chapter.title)}", ""]
    lines += [escaped(chapter.subtitle), ""] if chapter.subtitle else []
    lines += [f"**{escaped(banner.sentence)}**", ""]
    lines += [f"- {escaped(cause)}" for cause in banner.causes]
    lines += [""] if banner.causes else []
    facts = [(f.question, f.answer, f.detail) for f in banner.facts]
    lines += _grid(("", "", ""), facts)
    for section in chapter.sections:
        lines += _body(section.body)
    return "\n".join(lines)


def _body(body: object) -> list[str]:
    if isinstance(body, Places):
        rows = [_cluster(cluster) for cluster in body.clusters[:_MOST_TOPICS]]
        found = _grid(("topic", "reference", "current", "change", ""), rows)
        return found + [line for table in body.tables for line in _table(table)]
    if isinstance(body, Measures):
        heads = ("measure", "value", "interval", "noise floor")
        return _grid(heads, [_measure(measure) for measure in body.rows])
    return []


def _cluster(cluster: Cluster) -> tuple[str, ...]:
    result = cluster.result if cluster.drifted else ""
    return cluster.label, cluster.reference, cluster.current, cluster.change, result


def _measure(measure: Measure) -> tuple[str, ...]:
    return measure.name, measure.value, measure.interval, measure.floor


def _table(table: Table) -> list[str]:
    rows = [tuple(cell.text for cell in row) for row in table.rows[:_MOST_TOPICS]]
    return [f"**{escaped(table.caption)}**", "", *_grid([h for h, _ in table.heads], rows)]


def _grid(heads: Sequence[str], rows: Sequence[tuple[str, ...]]) -> list[str]:
    if not rows:
        return []
    rule = ["---"] * len(heads)
    lines = [list(map(escaped, heads)), rule, *(list(map(escaped, row)) for row in rows)]
    return [f"| {' | '.join(line)} |" for line in lines] + [""]
