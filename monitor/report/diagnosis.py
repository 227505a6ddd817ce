"""Why two versions differ: causes with evidence, the pairing, and the measures behind them."""

from __future__ import annotations

from monitor.report.bars import measure_bar
from monitor.report.bodies import Cause, Measure
from monitor.report.formats import count, interval, number, plural
from monitor.report.glossary import MAIN_MEASURES, measure_help
from monitor.report.meanings import cause_meaning
from monitor.report.page import Cell, Table, figure, table
from monitor.report.record import Record
from monitor.report.texts import Texts

_MOST_IDS = 50
_LEVELS = {"low": 1, "medium": 2, "high": 3, "certain": 3}


def causes(run: Record, texts: Texts, key: str = "diagnosis") -> tuple[Cause, ...]:
    """The diagnosis, or the findings of an audit, in the order of the run."""
    return tuple(_cause(raw, texts) for raw in run.recs(key)[:40])


def measures(run: Record, texts: Texts) -> tuple[tuple[Measure, ...], tuple[Measure, ...]]:
    """Every measure with its interval, noise floor and chance level: the main ones, the rest."""
    raw = run.rec("measures")
    names = [name for name, _ in raw.pairs()][:80]
    main = [name for name in MAIN_MEASURES if name in names] or names
    rest = [name for name in names if name not in main]
    first, second = (tuple(_measure(n, raw.rec(n), texts) for n in some) for some in (main, rest))
    return first, second


def pairing_table(run: Record, texts: Texts) -> Table | None:
    """The two versions and how many of their items are the same."""
    rows = []
    for side in ("a", "b"):
        raw = run.rec(side)
        name = texts.words(raw.get("name"), 120) or side.upper()
        alone = run.rec("ids").num(f"only_{side}")
        sizes = (raw.num("rows"), raw.num("dim"), alone, run.rec("ids").num("both"))
        rows.append((Cell(f"{side.upper()}: {name}"), *(figure(count(n)) for n in sizes)))
    if not (run.rec("a") or run.rec("b") or run.rec("ids")):
        return None
    return table("The two versions", "version|#rows|#dimensions|#only here|#in both", tuple(rows))


def _cause(raw: Record, texts: Texts) -> Cause:
    rows = raw.num("rows")
    ids = raw.items("row_ids")
    words, level = _confidence(raw)
    name = texts.words(raw.get("cause"), 80)
    return Cause(
        name=name or "unnamed cause",
        meaning=cause_meaning(name),
        confidence=words,
        level=level,
        evidence=tuple(texts.said(e) for e in raw.items("evidence")[:12] if e),
        rows=plural(rows, "row") if rows is not None else "",
        row_ids=tuple(texts.words(i, 60) for i in ids[:_MOST_IDS]),
        where=texts.words(raw.get("where"), 160),
    )


def _confidence(raw: Record) -> tuple[str, int]:
    """A confidence is a word or a number in [0, 1]; both become words and a level 0..3."""
    part = raw.num("confidence")
    if part is not None:
        return "certain" if part >= 1 else f"{min(part, 0.99):.0%} sure".replace(
            "%", " %"
        ), 3 if part >= 0.9 else 2 if part >= 0.6 else 1
    word = raw.text("confidence")
    return (f"{word} confidence", _LEVELS.get(word, 0)) if word in _LEVELS else ("", 0)


def _measure(name: str, raw: Record, texts: Texts) -> Measure:
    value, low, high = (raw.num(key) for key in ("value", "low", "high"))
    return Measure(
        name=texts.words(name, 60).replace("_", " "),
        help=measure_help(name),
        value=number(value),
        interval=interval(low, high),
        floor=number(raw.num("floor")),
        chance=number(raw.num("chance")),
        bar=measure_bar(value, (low, high), raw.num("floor")),
    )
