"""The chapter of a replay: how often the rule would have alarmed over the history that is kept."""

from __future__ import annotations

from typing import Any

from monitor.report.check import live_trend, trend_body
from monitor.report.formats import count, day, number, plural, probability, reach, share, span
from monitor.report.glossary import guide
from monitor.report.page import Banner, Cell, Chapter, Fact, Section, Step, Table, figure, table
from monitor.report.record import Record
from monitor.report.series import series
from monitor.report.tables import provenance
from monitor.report.texts import Texts

_MOST = 200
_LEADS = {
    "trend": "The score that each window would have had, judged by the weeks before it.",
    "alarmed": "Which windows would have alarmed, and what was strongest there.",
    "caught": "In copies of this history one topic grows: how many of them would have alarmed.",
    "others": "Fixed thresholds on the same windows, as far as stored sums tell what they compute.",
    "provenance": "Settings and versions: what it takes to make this page again.",
}


def replay_chapter(run: Record, key: str, texts: Texts, budget: int) -> Chapter:
    """A replay as a chapter; `budget` is of no use to it, as it shows no rows."""
    trend = series(run, texts)
    alarmed = _alarmed(run, texts)
    bodies: tuple[tuple[str, str, Any], ...] = (
        ("trend", "Trend", None if trend is None else trend_body(trend)),
        ("alarmed", "Alarms", _tables(alarmed)),
        ("caught", "What would be caught", _tables(_caught(run))),
        ("others", "Other tools' rules", _tables(_others(run, texts))),
        ("provenance", "Provenance", provenance(run, texts)),
        ("guide", "How to read this", guide("replay")),
    )
    sections = tuple(
        Section(n, title, _LEADS.get(n, ""), body) for n, title, body in bodies if body
    )
    made = f"made {day(run.at('started_at'))}" if run.at("started_at") else ""
    judged = f"each judged by the {_length(run, texts)} before it"
    size = f"{plural(run.num('windows') or 0, 'window')}, {judged}"
    return Chapter(
        key=key,
        kind="replay",
        heading="",
        title=f"replay of {texts.words(run.get('space'), 64) or 'a space'}",
        subtitle=" · ".join(part for part in (size, made) if part),
        text="",
        banner=_banner(run, [section.name for section in sections], texts),
        warnings=tuple(texts.words(w) for w in run.items("warnings")[:20] if w),
        sections=sections,
        data={} if trend is None else {"trend": live_trend(trend)},
    )


def _banner(run: Record, names: list[str], texts: Texts) -> Banner:
    low, allowed = run.rec("per_1000").num("low"), run.num("budget_per_1000")
    known = low is not None and allowed is not None
    over = known and low > allowed  # type: ignore[operator]
    word, tone = ("Over budget", "warn") if over else ("Within budget", "ok")
    steps = (
        Step("when: the score of every window", "trend"),
        Step("were these alarms real?", "alarmed"),
    )
    return Banner(
        word=word if known else "No rate",
        tone=tone if known else "insufficient",
        sentence=_sentence(run, over=over),
        facts=_facts(run, texts),
        causes=(),
        steps=tuple(step for step in steps if step.section in names),
    )


def _sentence(run: Record, *, over: bool) -> str:
    windows, alarms = run.num("windows"), run.num("alarms")
    if windows is None or alarms is None:
        return "Nothing was replayed."
    said = f"{count(alarms)} of {plural(windows, 'window')} would have alarmed"
    times = run.num("incidents")
    said += f", in {plural(times, 'incident')}." if alarms and times is not None else "."
    if over:
        return (
            f"{said} That is more than the budget allows: either something did change then, or "
            "what is usual changes more than these weeks show."
        )
    return said


def _facts(run: Record, texts: Texts) -> tuple[Fact, ...]:
    rate, allowed = run.rec("per_1000"), run.num("budget_per_1000")
    low, high = rate.num("low"), rate.num("high")
    alarmed = run.recs("alarmed")
    first, last = (alarmed[i].at("start") if alarmed else None for i in (0, -1))
    windows = plural(run.num("windows") or 0, "window")
    return (
        Fact("How often?", f"{number(rate.num('value'))} per 1000 windows", f"from {windows}"),
        Fact("What is allowed?", f"{number(allowed)} per 1000 windows", _budget(run, texts)),
        Fact(
            "When?",
            day(first) if first else "Never",
            f"the last on {day(last)}" if last and last != first else "",
        ),
        Fact("How exact?", f"{number(low)} to {number(high)} per 1000", "95 % interval"),
    )


def _budget(run: Record, texts: Texts) -> str:
    said = texts.words(run.get("false_alarms"), 60)
    return f"false alarms allowed: {said}" if said else ""


def _alarmed(run: Record, texts: Texts) -> Table | None:
    raw = run.recs("alarmed")
    rows = tuple(
        (
            Cell(span(r.at("start"), r.at("end"))),
            Cell(texts.words(r.get("segment"), 80) or "all rows"),
            Cell(reach(r.num("windows"))),
            figure(probability(r.num("p_value"))),
            figure(share(r.rec("effect").num("tv_clusters"))),
            figure(number(r.rec("effect").num("mean_sd"), 2)),
        )
        for r in raw[:_MOST]
    )
    hidden = len(raw) - len(rows)
    note = f"{plural(hidden, 'later alarm')} not shown." if hidden > 0 else ""
    heads = "window|strongest in|seen over|#p|#rows that changed topic|#shift of the mean"
    return table("Windows that would have alarmed", heads, rows, note)


def _caught(run: Record) -> Table | None:
    rows = tuple(
        (
            figure(share(r.num("topic"))),
            figure(number(r.num("runs"))),
            figure(number(r.rec("within").num("1"))),
            Cell(_latest(r.rec("within"))),
            Cell(plural(late, "window") if (late := r.num("median")) else "not in most runs"),
        )
        for r in run.recs("injected")
    )
    heads = "#rows of a grown topic|#runs|#found at once|found in all|median delay"
    return table("A topic that grows", heads, rows) if rows else None


def _latest(within: Record) -> str:
    """In how many runs it was found in the most windows that were looked at."""
    windows = max((int(name) for name, _ in within.pairs() if name.isdecimal()), default=0)
    return f"{number(within.num(str(windows)))} within {plural(windows, 'window')}"


def _others(run: Record, texts: Texts) -> Table | None:
    rows = tuple(
        (
            Cell(texts.words(r.get("rule"), 60)),
            Cell(texts.words(r.get("about"), 120)),
            figure(number(r.num("alarms"))),
            figure(number(r.rec("per_1000").num("value"))),
        )
        for r in run.recs("others")
    )
    heads = "rule|what it does|#alarms|#per 1000 windows"
    return table("Default rules of other tools", heads, rows) if rows else None


def _tables(found: Table | None) -> tuple[Table, ...]:
    return () if found is None else (found,)


def _length(run: Record, texts: Texts) -> str:
    """The length of the reference in words, as in `8w`."""
    said = texts.words(run.get("trailing"), 20)
    units = {"w": "week", "d": "day", "h": "hour"}
    if not said[:-1].isdecimal() or said[-1] not in units:
        return said or "time"
    return plural(float(said[:-1]), units[said[-1]])
