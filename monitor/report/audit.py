"""The chapter of one index by itself: findings first, then its numbers beside what is normal."""

from __future__ import annotations

from monitor.report.bodies import Cause, Diagnosis, Map
from monitor.report.diagnosis import causes
from monitor.report.findings import findings_map, live_findings
from monitor.report.formats import count, day, number, short_source
from monitor.report.glossary import VERDICTS, audit_help, guide
from monitor.report.page import Banner, Cell, Chapter, Fact, Section, Step, Table, figure, table
from monitor.report.record import Record
from monitor.report.tables import provenance
from monitor.report.texts import Texts

_LEADS = {
    "diagnosis": "What was found, as far as one index tells by itself.",
    "map": "The rows of the index, coloured by what was found. Exploratory.",
    "readings": "Numbers about the whole index, beside what sound indexes measure.",
    "provenance": "Source, settings, seed and digest: what it takes to make this page again.",
}


def audit_chapter(run: Record, key: str, texts: Texts, budget: int) -> Chapter:
    """An audit as a chapter; `budget` rows at most tell their text on the live map."""
    found, drawn = causes(run, texts, "findings"), findings_map(run, texts)
    readings = _readings(run, texts)
    bodies = (
        ("diagnosis", "Findings", Diagnosis(found, None)),
        ("map", "Where it was found", drawn or ()),
        ("readings", "Numbers", () if readings is None else (readings,)),
        ("provenance", "Provenance", provenance(run, texts)),
        ("guide", "How to read this", guide("audit")),
    )
    sections = tuple(
        Section(n, title, _LEADS.get(n, ""), body) for n, title, body in bodies if body
    )
    side = run.rec("index")
    size = f"{count(side.num('rows'))} rows of {number(side.num('dim'))} dimensions"
    made = f"made {day(run.at('started_at'))}" if run.at("started_at") else ""
    return Chapter(
        key=key,
        kind="audit",
        heading="",
        title=short_source(texts.words(side.get("name"), 200)) or "Index",
        subtitle=" · ".join(part for part in (size, made) if part),
        text="",
        banner=_banner(run, found, drawn, texts),
        warnings=tuple(texts.words(w) for w in [*run.items("warnings"), *run.items("notes")][:20]),
        sections=sections,
        data={"map": live_findings(run, texts, budget)} if drawn else {},
    )


def _banner(run: Record, found: tuple[Cause, ...], drawn: Map | None, texts: Texts) -> Banner:
    verdict = run.text("verdict") or ""
    word, tone = VERDICTS.get(verdict, ("No verdict", "insufficient"))
    said = texts.said(run.get("summary"), 400).removeprefix(f"{verdict}: ")
    first = found[0] if found else None
    facts = (
        Fact("What is wrong?", first.name if first else "Nothing found", _meaning(found)),
        Fact("Which rows?", (first.rows if first else "") or "–", first.where if first else ""),
        Fact("How sure?", (first.confidence if first else "") or "–", _evidence(first)),
    )
    steps = (
        *([Step("the findings and their evidence", "diagnosis")] if found else []),
        *([Step("where they lie: the map", "map")] if drawn else []),
        Step("numbers", "readings"),
    )
    return Banner(word, tone, said[:1].upper() + said[1:], facts, (), steps)


def _meaning(found: tuple[Cause, ...]) -> str:
    also = f"Also {', '.join(cause.name for cause in found[1:4])}." if found[1:] else ""
    return " ".join(part for part in (found[0].meaning if found else "", also) if part)


def _evidence(first: Cause | None) -> str:
    return first.evidence[0] if first and first.evidence else ""


def _readings(run: Record, texts: Texts) -> Table | None:
    rows = []
    for name, _ in list(run.rec("measures").pairs())[:60]:
        raw = run.rec("measures").rec(name)
        value, low, high = (raw.num(key) for key in ("value", "normal_low", "normal_high"))
        known = value is not None and low is not None and high is not None
        odd = known and not low <= value <= high  # type: ignore[operator]
        rows.append(
            (
                Cell(texts.words(name, 60).replace("_", " "), audit_help(name)),
                figure(number(value), "outside" if odd else "", "warn" if odd else ""),
                figure(f"{number(low)} to {number(high)}" if known else "–"),
            )
        )
    return table("The index in numbers", "number|#value|#sound indexes", tuple(rows))
