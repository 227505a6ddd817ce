"""The chapter of how things stand: what fires, last verdicts, whether runs and messages work."""

from __future__ import annotations

from typing import Any

from monitor.report.formats import count, day, number, plural, span
from monitor.report.glossary import guide
from monitor.report.links import listed
from monitor.report.page import Banner, Cell, Chapter, Fact, Section, Step, Table, figure, table
from monitor.report.places import verdict_cell
from monitor.report.record import Record
from monitor.report.texts import Texts

_MOST = 500
_LEADS = {
    "firing": "Alerts that are open now, the newest verdict's words beside each.",
    "monitors": "The last window of every monitor, and the last run that ended well.",
    "runs": "Runs that failed, and monitors that no run has judged yet.",
    "messages": "What waits to be sent, and what was given up.",
}
_STATES = {"firing": "drift", "pending": "warn", "resolved": "ok", "ok": "ok"}


def status_chapter(run: Record, key: str, texts: Texts, budget: int) -> Chapter:
    """How things stand as a chapter; `budget` is of no use to it, as it shows no rows."""
    bodies: tuple[tuple[str, str, Table | None], ...] = (
        ("firing", "What fires", _firing(run, texts)),
        ("monitors", "Monitors", _monitors(run, texts)),
        ("runs", "Runs", _runs(run, texts)),
        ("messages", "Messages", _messages(run, texts)),
    )
    found = [(n, title, (body,)) for n, title, body in bodies if body is not None]
    parts: list[tuple[str, str, Any]] = [*found, ("guide", "How to read this", guide("status"))]
    at = run.at("started_at")
    return Chapter(
        key=key,
        kind="status",
        heading="",
        title="how things stand",
        subtitle=f"as of {day(at)}" if at else "",
        text="",
        banner=_banner(run, [name for name, _, _ in found], texts),
        warnings=tuple(texts.words(w) for w in run.items("warnings")[:20] if w),
        sections=tuple(Section(n, title, _LEADS.get(n, ""), body) for n, title, body in parts),
    )


def _banner(run: Record, names: list[str], texts: Texts) -> Banner:
    firing = [alert for alert in _worst_first(run) if not alert.flag("muted")]
    broken = bool(run.recs("failing") or run.rec("outbox").recs("dead"))
    if firing:
        word, tone = "Firing", "drift"
    elif broken or run.items("unjudged"):
        word, tone = "Look", "warn"
    elif run.recs("monitors"):
        word, tone = "Quiet", "ok"
    else:
        word, tone = "Nothing judged", "insufficient"
    steps = (
        Step("what fires, and why", "firing"),
        Step("runs that failed", "runs"),
        Step("messages that did not arrive", "messages"),
        Step("the last verdict of every monitor", "monitors"),
    )
    return Banner(
        word=word,
        tone=tone,
        sentence=_sentence(run, firing, texts),
        facts=_facts(run, firing),
        causes=tuple(texts.said(alert.get("summary"), 300) for alert in firing[:6]),
        steps=tuple(step for step in steps if step.section in names)[:3],
    )


def _sentence(run: Record, firing: list[Record], texts: Texts) -> str:
    monitors = run.recs("monitors")
    watched = f"{plural(len(monitors), 'monitor')} watched"
    if firing:
        names = sorted({texts.words(alert.get("monitor"), 64) for alert in firing})
        verb = "fires" if len(firing) == 1 else "fire"
        of = f"{', '.join(names[:3])}{' and others' if names[3:] else ''}"
        return f"{plural(len(firing), 'alert')} {verb}, of {of}; {watched}."
    if not monitors:
        return "No window was judged yet."
    return f"Nothing fires; {watched}."


def _facts(run: Record, firing: list[Record]) -> tuple[Fact, ...]:
    since = min((at for alert in firing if (at := alert.at("since"))), default=None)
    muted = sum(alert.flag("muted") for alert in run.recs("firing"))
    kept_quiet = f"{count(muted)} muted" if muted else ""
    return (
        Fact("What fires?", plural(len(firing), "alert") if firing else "Nothing", kept_quiet),
        Fact(
            "Since when?", day(since) if since else "–", "the oldest that is open" if since else ""
        ),
        _runs_fact(run),
        _messages_fact(run),
    )


def _runs_fact(run: Record) -> Fact:
    failing = run.recs("failing")
    turns = [one.rec("turn") for one in run.recs("monitors")]
    last = max((at for turn in turns if (at := turn.at("succeeded_at"))), default=None)
    ended = f"the last ended well on {day(last)}" if last else "no scheduled run yet"
    if failing:
        return Fact("Do runs work?", f"{plural(len(failing), 'monitor')} failed", ended)
    return Fact("Do runs work?", "Yes" if last else "Not known", ended)


def _messages_fact(run: Record) -> Fact:
    outbox = run.rec("outbox")
    waiting, dead = outbox.num("pending") or 0.0, len(outbox.recs("dead"))
    if waiting or dead:
        return Fact(
            "Do messages arrive?", "Not all", f"{count(waiting)} waiting, {count(dead)} given up"
        )
    return Fact("Do messages arrive?", "Yes" if outbox else "Not known", "none waits")


def _firing(run: Record, texts: Texts) -> Table | None:
    rows = tuple(
        (
            Cell(texts.said(r.get("summary"), 300) or "–"),
            Cell(texts.words(r.get("monitor"), 64) or "–"),
            Cell(texts.words(r.get("severity"), 20) or "–"),
            Cell(day(r.at("since"))),
            Cell(_cared_for(r, texts)),
        )
        for r in _worst_first(run)[:_MOST]
    )
    return table("Alerts that fire", "alert|monitor|severity|since|who looks after it", rows)


def _worst_first(run: Record) -> list[Record]:
    """The alerts that fire: critical ones first, and those of all rows before their segments."""
    order = {"critical": 0, "warning": 1}
    return sorted(
        run.recs("firing"),
        key=lambda r: (order.get(r.text("severity") or "", 2), r.text("segment") is not None),
    )


def _cared_for(raw: Record, texts: Texts) -> str:
    by = texts.words(raw.get("acked_by"), 40)
    words = [by or "nobody yet", "muted" if raw.flag("muted") else ""]
    return ", ".join(word for word in words if word)


def _monitors(run: Record, texts: Texts) -> Table | None:
    rows = tuple(_monitor(r, texts) for r in run.recs("monitors")[:_MOST])
    heads = "monitor|alert|last window|verdict|#score|#alarm level|#rows|last run"
    return table("Monitors, each by its last window", heads, rows)


def _monitor(raw: Record, texts: Texts) -> tuple[Cell, ...]:
    name, space = (texts.words(raw.get(key), 64) for key in ("monitor", "space"))
    page = raw.text("reports") or ""
    state = raw.text("state") or ""
    return (
        Cell(name or "–", f"space {space}" if space != name else "", link=page * listed(page)),
        Cell(texts.words(state, 20) or "–", tone=_STATES.get(state, "")),
        Cell(span(raw.at("start"), raw.at("end"))),
        verdict_cell(raw.text("verdict"), False),
        figure(number(raw.num("score"))),
        figure(number(raw.num("threshold"))),
        figure(count(raw.num("rows"))),
        Cell(day(raw.rec("turn").at("finished_at"))),
    )


def _runs(run: Record, texts: Texts) -> Table | None:
    failed = [
        (
            Cell(texts.words(r.get("monitor"), 64) or "–"),
            Cell("failed", tone="drift"),
            Cell(texts.words(r.get("error"), 300) or "–", f"on {day(r.at('finished_at'))}"),
        )
        for r in run.recs("failing")[:_MOST]
    ]
    unjudged = [
        (Cell(texts.words(name, 64)), Cell("not judged yet", tone="warn"), Cell("embmon run"))
        for name in run.items("unjudged")[:_MOST]
    ]
    return table("Runs to look at", "monitor|state|why, or what to do", (*failed, *unjudged))


def _messages(run: Record, texts: Texts) -> Table | None:
    outbox = run.rec("outbox")
    waiting = [
        (
            Cell(texts.words(r.get("sink"), 64) or "–"),
            Cell("waiting", f"tried {plural(r.num('attempts') or 0, 'time')}", "warn"),
            Cell(texts.words(r.get("error"), 300) or "–", f"again on {day(r.at('next_at'))}"),
        )
        for r in outbox.recs("failing")[:_MOST]
    ]
    dead = [
        (
            Cell(texts.words(r.get("sink"), 64) or "–"),
            Cell("given up", tone="drift"),
            Cell(texts.words(r.get("error"), 300) or "–"),
        )
        for r in outbox.recs("dead")[:_MOST]
    ]
    return table("Messages that did not arrive", "sink|state|why", (*waiting, *dead))
