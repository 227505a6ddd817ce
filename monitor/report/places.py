"""Where it changed: topics, segments, columns."""

from __future__ import annotations

from collections.abc import Sequence

from monitor.model import FEWEST_TOLD
from monitor.report.bodies import Places
from monitor.report.focus import Focus
from monitor.report.formats import count, number, points, probability, reach, share
from monitor.report.glossary import VERDICTS
from monitor.report.page import Cell, Table, figure, table
from monitor.report.record import Record, finite
from monitor.report.texts import Texts
from monitor.report.topics import Topic, cluster_rows, n_shown
from monitor.sizes import GATES, size_words

_MOST_ROWS = 40
_AS_P = " p_value"
_MOST_VALUES = 5


def places(focus: Focus) -> Places | None:
    """Everything that says where; `None` where the run says nothing."""
    found, texts = focus.topics, focus.texts
    rows = cluster_rows(found)
    grown = focus.grown.column if focus.grown else None
    changed = [column for column in focus.run.recs("columns") if column.flag("drifted")]
    tables = [
        *(_values(column, texts) for column in changed if column.text("name") == grown),
        _segments(focus.window, texts),
        _columns(focus.run, texts),
        *(_values(column, texts) for column in changed if column.text("name") != grown),
    ]
    kept = tuple(t for t in tables if t is not None)
    if not rows and not kept:
        return None
    n = n_shown(found)
    return Places(rows[:n], rows[n:], kept, _note(found), _tables_first(focus))


def _tables_first(focus: Focus) -> bool:
    """Whether segments and columns tell more than topics, none of which surely changed."""
    segments = any(one.flag("drifted") for one in focus.window.recs("segments"))
    return focus.flagged is None and (focus.grown is not None or segments)


def _note(found: Sequence[Topic]) -> str:
    flagged = sum(topic.flagged for topic in found)
    if not found:
        return ""
    if not flagged:
        return f"None of {count(len(found))} topics is flagged."
    return (
        f"{count(flagged)} of {count(len(found))} topics flagged, with at most one in ten "
        "flags expected to be wrong."
    )


def _segments(window: Record, texts: Texts) -> Table | None:
    raw = window.recs("segments")
    kept = [r for r in raw if (r.num("rows") or FEWEST_TOLD) >= FEWEST_TOLD]
    kept.sort(key=lambda r: (not r.flag("drifted"), _p(r)))
    hidden = len(raw) - len(kept)
    note = f"{count(hidden)} with fewer than {FEWEST_TOLD} rows not shown." if hidden else ""
    rows = tuple(_segment(r, texts) for r in kept[:_MOST_ROWS])
    return table("Segments", "segment|verdict|what changed|seen over|#rows|#p", rows, note)


def _p(raw: Record) -> float:
    """What to sort by; segments without a p-value come last."""
    p = raw.num("p_value")
    return 2.0 if p is None else p


def _segment(raw: Record, texts: Texts) -> tuple[Cell, ...]:
    names = [texts.words(raw.get(key), 80) for key in ("column", "segment", "name", "value")]
    effect = (raw.rec("effect") or raw).numbers(GATES)
    sizes = list(size_words(effect, share).values()) if raw.flag("drifted") else []
    return (
        Cell(" = ".join(name for name in names if name) or "–"),
        verdict_cell(raw.text("verdict"), raw.flag("drifted")),
        Cell("; ".join(sizes[:2]) or "–"),
        Cell(reach(raw.num("windows"))),
        figure(count(raw.num("rows"))),
        figure(probability(raw.num("p_value"))),
    )


def _columns(run: Record, texts: Texts) -> Table | None:
    rows = tuple(
        (
            Cell(texts.words(r.get("name"), 80) or "–"),
            verdict_cell("drift" if r.flag("drifted") else "ok", r.flag("drifted"), "changed"),
            Cell(texts.words(r.get("test"), 60).removesuffix(_AS_P) or "–"),
            # The statistic of such a test is a p-value, near the one beside it and never the same.
            figure(number(None if (r.text("test") or "").endswith(_AS_P) else r.num("statistic"))),
            figure(probability(r.num("p_value"))),
        )
        for r in run.recs("columns")[:_MOST_ROWS]
    )
    note = "Columns that travel with the rows, tested on their own."
    return table("Columns", "column|result|test|#statistic|#p", rows, note)


def _values(column: Record, texts: Texts) -> Table | None:
    """How the shares of a changed column's values moved, largest change first."""
    before, after = (dict(column.rec(side).pairs()) for side in ("reference", "current"))
    parts = [
        (v, finite(before.get(v, 0.0)), finite(after.get(v, 0.0))) for v in {**before, **after}
    ]
    known = [(v, a, b) for v, a, b in parts if a is not None and b is not None]
    known.sort(key=lambda part: -abs(part[2] - part[1]))
    rows = tuple(
        (Cell(texts.words(v, 80) or "–"), figure(share(a)), figure(share(b)), figure(points(b - a)))
        for v, a, b in known[:_MOST_VALUES]
    )
    name = texts.words(column.get("name"), 80)
    return table(f"Values of {name}", "value|#reference|#current|#change", rows)


def verdict_cell(word: str | None, drifted: bool, flagged: str = "") -> Cell:
    """A verdict as word and tone; of a flag alone where there is no word."""
    shown, tone = VERDICTS.get(word or "", ("–", ""))
    if flagged:
        shown = flagged if drifted else "–"
    elif not word and drifted:
        shown, tone = "Drift", "drift"
    return Cell(shown, tone=tone if shown != "–" else "")
