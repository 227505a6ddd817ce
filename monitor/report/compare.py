"""The chapter of version against version: diagnosis first, then measures, movers, maps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from monitor.report.bodies import Cause, Diagnosis, Measures
from monitor.report.diagnosis import causes, measures, pairing_table
from monitor.report.formats import count, day, number, plural, share, short_source
from monitor.report.glossary import VERDICTS, guide
from monitor.report.movers import live_pairs, movers, paired_map
from monitor.report.page import Banner, Chapter, Fact, Section, Step
from monitor.report.record import Record
from monitor.report.spreads import histograms
from monitor.report.tables import provenance
from monitor.report.texts import Texts
from monitor.report.upgrade import upgrade_tables

_ANSWERS = {"ok": "Yes", "warn": "With care", "breaking": "No", "inconclusive": "Not known"}
_APART = ("re-index now", "bridge until re-indexed")
_LEADS = {
    "diagnosis": "What happened between the versions, as far as the vectors tell.",
    "measures": "What was measured on the items both versions hold, beside the noise floor.",
    "movers": "Rows whose neighbours changed most. Exploratory.",
    "upgrade": "Slices, score thresholds and adapters: who is hurt and what can be bridged.",
    "map": "The items of both versions, drawn alike and aligned.",
    "provenance": "Versions, settings, seeds and digests: what it takes to make this page again.",
}


def compare_chapter(run: Record, key: str, texts: Texts, budget: int) -> Chapter:
    """A comparison as a chapter; `budget` rows at most tell their text on the live map."""
    found = causes(run, texts)
    sections = _sections(run, found, texts)
    names = [section.name for section in sections]
    a, b = (_side(run, side, texts) for side in ("a", "b"))
    both = run.rec("ids").num("both")
    parts = [
        _items(run) if both is not None else "",
        f"made {day(run.at('started_at'))}" if run.at("started_at") else "",
    ]
    return Chapter(
        key=key,
        kind="compare",
        heading="",
        title=f"{a} → {b}",
        subtitle=" · ".join(part for part in parts if part),
        text="",
        banner=_banner(run, found, names, texts),
        warnings=tuple(texts.words(w) for w in run.items("warnings")[:20] if w),
        sections=sections,
        data={"map": live_pairs(run, texts, budget)} if "map" in names else {},
    )


def _sections(run: Record, found: tuple[Cause, ...], texts: Texts) -> tuple[Section, ...]:
    pairing = pairing_table(run, texts)
    (main, more), shapes = measures(run, texts), histograms(run)
    bodies: tuple[tuple[str, str, Any], ...] = (
        ("diagnosis", "Diagnosis", Diagnosis(found, pairing) if found or pairing else None),
        ("measures", "Measures", Measures(main, more, shapes) if main or shapes else None),
        ("movers", "Movers", movers(run, texts)),
        ("upgrade", "What an upgrade means", upgrade_tables(run, texts)),
        ("map", "Maps of both versions", paired_map(run)),
        ("provenance", "Provenance", provenance(run, texts)),
        ("guide", "How to read this", guide("compare")),
    )
    return tuple(Section(n, title, _LEADS.get(n, ""), body) for n, title, body in bodies if body)


def _banner(run: Record, found: Sequence[Cause], names: Sequence[str], texts: Texts) -> Banner:
    verdict = run.text("verdict") or ""
    word, tone = VERDICTS.get(verdict, ("No verdict", "insufficient"))
    steps = (
        Step("why: the diagnosis and its evidence", "diagnosis"),
        Step("which rows: movers with their neighbours", "movers"),
        Step("thresholds and slices before you switch", "upgrade"),
        Step("how much: measures against the noise floor", "measures"),
    )
    return Banner(
        word=word,
        tone=tone,
        sentence=_summary(run, verdict, texts) or _sentence(run, found),
        facts=_facts(run, found, verdict),
        causes=(),
        steps=tuple(step for step in steps if step.section in names)[:3],
    )


def _summary(run: Record, verdict: str, texts: Texts) -> str:
    """The run's own summary, without the verdict that already stands above it."""
    text = texts.said(run.get("summary"), 400).removeprefix(f"{verdict}: ")
    return text[:1].upper() + text[1:]


def _facts(run: Record, found: Sequence[Cause], verdict: str) -> tuple[Fact, ...]:
    first = found[0] if found else None
    rows = [cause.rows for cause in found if cause.rows]
    return (
        _stand_in(run, verdict),
        Fact(
            "What happened?",
            first.name if first else "No cause named",
            first.meaning or "".join(first.evidence[:1]) if first else "",
        ),
        Fact(
            "Which rows?",
            _of_all(run, rows[0]) if rows else "Not narrowed down",
            first.where if first else "",
        ),
        Fact("How sure?", first.confidence if first and first.confidence else "Not stated", ""),
    )


def _stand_in(run: Record, verdict: str) -> Fact:
    """Where the vectors of both may not meet, B is of use only once all of it is indexed."""
    answer, kept = _ANSWERS.get(verdict, "Not known"), _main_measure(run)
    advice = run.rec("adapter").text("advice")
    if advice in _APART:
        answer = "Once re-indexed" if verdict == "ok" else answer
        kept = f"{advice}; {kept}" if kept else advice
    return Fact("Can B stand in for A?", answer, kept)


def _of_all(run: Record, rows: str) -> str:
    both = run.rec("ids").num("both")
    return f"all {rows}" if both is not None and rows == plural(both, "row") else rows


def _items(run: Record) -> str:
    both, alone_a, alone_b = (run.rec("ids").num(key) for key in ("both", "only_a", "only_b"))
    return f"{count(both)} items in both, {count(alone_a)} only in A, {count(alone_b)} only in B"


def _main_measure(run: Record) -> str:
    """Neighbour overlap decides; it is named with its floor where the run has it."""
    raw = run.rec("measures")
    names = [name for name, _ in raw.pairs() if "knn" in name or "overlap" in name]
    preferred = [name for name in names if "10" in name] or names
    if not preferred:
        return ""
    found = raw.rec(preferred[0])
    floor = found.num("floor")
    beside = f"; harmless copies keep {share(floor)}" if floor is not None else ""
    return f"{share(found.num('value'))} of neighbours kept{beside}"


def _sentence(run: Record, found: Sequence[Cause]) -> str:
    named = " and ".join(cause.name for cause in found[:2]) or "no cause was named"
    kept = _main_measure(run)
    return f"Between the versions: {named}{'; ' + kept if kept else ''}."


def _side(run: Record, side: str, texts: Texts) -> str:
    raw = run.rec(side)
    name = short_source(texts.words(raw.get("name"), 200)) or side.upper()
    dims = [run.rec(one).num("dim") for one in "ab"]
    return f"{name} ({number(raw.num('dim'))}-d)" if dims[0] != dims[1] else name
