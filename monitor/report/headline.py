"""The first screen of a check or drift page: verdict, sentence, five answers, next steps."""

from __future__ import annotations

from collections.abc import Sequence

from monitor.report.focus import Focus, bad_rows
from monitor.report.formats import (
    count,
    day,
    number,
    odds,
    plural,
    points,
    points_interval,
    probability,
    share,
    short_source,
    span,
)
from monitor.report.glossary import VERDICTS
from monitor.report.page import Banner, Fact, Step
from monitor.report.record import Record
from monitor.report.topics import Topic
from monitor.sizes import GATES, size_words


def banner(focus: Focus, sections: Sequence[str]) -> Banner:
    """The banner; next steps are kept to the `sections` the page has."""
    word, tone = VERDICTS.get(focus.verdict, ("No verdict", "insufficient"))
    texts = focus.texts
    return Banner(
        word=word,
        tone=tone,
        sentence=_sentence(focus),
        facts=_facts(focus),
        causes=tuple(texts.said(c) for c in focus.window.items("causes")[:6] if c),
        steps=tuple(step for step in _steps(focus) if step.section in sections)[:3],
    )


def subject(focus: Focus) -> str:
    """Who the page is about."""
    if focus.two_samples:
        sources = [_source(focus, i) for i in focus.run.recs("inputs")]
        return sources[1] if len(sources) > 1 and sources[1] else "B"
    names = (focus.run.text("monitor"), focus.run.text("space"))
    return next((focus.texts.words(name, 64) for name in names if name), "The traffic")


def _source(focus: Focus, raw: Record) -> str:
    return short_source(focus.texts.words(raw.get("source"), 200))


def _sentence(focus: Focus) -> str:
    who, window = subject(focus), focus.window
    if focus.verdict == "drift":
        return f"{who} changed: {how_big(focus)}{_since(window)}."
    if focus.verdict == "warn":
        return f"{who} is moving, not enough for an alarm: {how_big(focus)}{_since(window)}."
    if focus.verdict == "ok":
        return f"{who} looks like its reference.{_could_see(focus)}"
    if focus.verdict == "calibrating":
        seen = focus.run.rec("reference").num("windows")
        known = f" ({plural(seen, 'reference window')} so far)" if seen is not None else ""
        return f"{who} is not judged yet: what is usual is still being learned{known}."
    if focus.verdict == "insufficient":
        rows = window.rec("quality").num("rows")
        many = "There are" if rows is None else f"{plural(rows, 'row')}:"
        return f"{many} too few usable rows to decide. This does not mean that nothing changed."
    return f"{who} has no verdict in this run."


def how_big(focus: Focus) -> str:
    """The size of the change in words, by the first effect that is large enough to matter."""
    if bad_rows(focus.window) > 0.01:
        return f"{share(bad_rows(focus.window))} of its rows have no usable vector"
    sizes, topic = size_words(focus.window.rec("effect").numbers(GATES), share), focus.moved
    if "tv_clusters" in sizes and not focus.far:
        most = f", most of all “{topic.label}” ({_from_to(topic)})" if topic else ""
        return f"{sizes['tv_clusters']}{most}"
    if "mean_sd" in sizes and not focus.far:
        return sizes["mean_sd"]
    if "residual_ratio" in sizes:
        grown = focus.grown if focus.far else None
        beside = f", and {grown.name} grew from {grown.shares('to')} of rows" if grown else ""
        return f"{sizes['residual_ratio']} than before{beside}"
    return sizes.get("auc", "a small change, spread over all rows")


def _facts(focus: Focus) -> tuple[Fact, ...]:
    window = focus.window
    score, level = window.num("score"), window.num("threshold")
    known = score is not None and level is not None
    answers = {"drift": "Yes", "warn": "Not surely", "ok": "No"}
    return (
        Fact(
            "Did it drift?",
            answers.get(focus.verdict, "Not known"),
            f"score {number(score)}, alarm from {number(level)}" if known else "no score",
        ),
        _how_big_fact(focus) if focus.two_samples else _since_fact(focus),
        _where_fact(focus),
        _sure_fact(focus),
    )


def _since_fact(focus: Focus) -> Fact:
    incident, place = focus.window.rec("incident"), focus.window.rec("window")
    shown = span(place.at("start"), place.at("end"))
    if incident.at("since") is None:
        return Fact("Since when?", "No incident is open", f"window {shown}" if place else "")
    n = incident.num("windows")
    length = f"{plural(n, 'window')} so far; " if n is not None else ""
    return Fact("Since when?", day(incident.at("since")), f"{length}this page: {shown}")


def _how_big_fact(focus: Focus) -> Fact:
    effect = focus.window.rec("effect")
    detail = f"domain AUC {number(effect.num('auc'), 2)} (0.5: no difference)"
    return Fact("How big?", f"{share(effect.num('tv_clusters'))} of rows changed topic", detail)


def _where_fact(focus: Focus) -> Fact:
    topic = focus.moved
    if bad_rows(focus.window) > 0.01:
        return Fact("Which part?", "Data quality", f"{share(bad_rows(focus.window))} bad rows")
    if focus.verdict not in ("drift", "warn", "ok"):
        return Fact("Which part?", "Not known", "no verdict, so no part is named")
    if focus.verdict == "ok":
        most = f"largest: “{topic.label}” {_from_to(topic)}, as usual" if topic else ""
        return Fact("Which part?", "None", most or "no topic's share changed by half a point")
    return Fact("Which part?", *_part(focus))


def _part(focus: Focus) -> tuple[str, str]:
    """A topic whose share is flagged, else a column's value or a segment, else a topic whose rows
    lie elsewhere, else that it is none."""
    if (topic := focus.flagged) is not None:
        others = sum(t.drifted for t in focus.topics) - 1
        within = points_interval(topic.change_low, topic.change_high)
        said = [_from_to(topic), f"{within} points" if within else ""]
        said.append(f"{plural(others, 'other topic')} flagged" if others else "")
        return f"“{topic.label}”", "; ".join(part for part in said if part)
    if focus.far and focus.grown is not None:
        return focus.grown.name, f"{focus.grown.shares()} of rows"
    segments = focus.window.recs("segments")
    changed = [s for s in segments if s.flag("drifted")]
    if changed and 2 * len(changed) <= len(segments):
        name = focus.texts.words(changed[0].get("segment"), 80) or "a segment"
        return name, f"{count(len(changed))} of {plural(len(segments), 'segment')} flagged"
    if focus.grown is not None:
        return focus.grown.name, f"{focus.grown.shares()} of rows"
    if (topic := focus.reshaped) is not None:
        others = sum(t.flagged for t in focus.topics) - 1
        more = f"; {plural(others, 'other topic')} flagged" if others else ""
        return f"“{topic.label}”", f"its rows lie elsewhere: {topic.result}{more}"
    if (topic := focus.moved) is not None:
        return "No single topic", f"largest: “{topic.label}” {_from_to(topic)}, as usual"
    return "All topics alike", "no topic's share changed by half a point"


def _sure_fact(focus: Focus) -> Fact:
    p = focus.window.num("p_value")
    budget = focus.texts.words(focus.window.get("false_alarms"), 60)
    if p is None:
        return Fact("How sure?", "Not known", "no p-value")
    often = f"{odds(p)} without a change" if odds(p) else f"{share(p)} of calm windows score higher"
    said = f"{often}; false alarms allowed: {budget}" if budget else often
    return Fact("How sure?", f"p = {probability(p)}".replace("= <", "<"), said)


def _steps(focus: Focus) -> list[Step]:
    steps = []
    if bad_rows(focus.window) > 0.01:
        steps.append(Step("the rows without usable vectors", "quality"))
    if focus.verdict in ("drift", "warn"):
        if focus.flagged is not None:
            steps.append(Step(f"what grew or shrank: “{focus.flagged.label}”", "places"))
        elif focus.grown is not None:
            steps.append(Step(f"what grew: {focus.grown.name}", "places"))
        else:
            steps.append(
                Step("the detectors: a shift of all rows hints at the encoder", "detectors")
            )
        steps.append(Step("the rows least like the reference", "examples"))
        steps.append(Step("the map", "map"))
    if focus.verdict == "calibrating":
        steps.append(Step("the reference and its size", "provenance"))
    steps.append(Step("whether the score is creeping up", "trend"))
    steps.append(Step("the detectors", "detectors"))
    return steps


def _since(window: Record) -> str:
    at = window.rec("incident").at("since")
    return "" if at is None else f", since {day(at)}"


def _could_see(focus: Focus) -> str:
    found = focus.window.rec("min_detectable")
    text = focus.texts.said(found.get("text") or focus.window.text("min_detectable"), 160)
    if text.startswith("would "):
        return f" This check {text.rstrip('.')}."
    return f" Smallest change that would be seen: {text.rstrip('.')}." if text else ""


def _from_to(topic: Topic) -> str:
    if topic.before is None or topic.after is None:
        return points(topic.change)
    return f"{share(topic.before)} → {share(topic.after)}"


def rows_text(window: Record) -> str:
    """How many rows the window has, and how many independent ones that is worth."""
    rows, worth = window.rec("quality").num("rows"), window.num("n_eff")
    text = plural(rows, "row") if rows is not None else "rows unknown"
    if rows is None or worth is None or worth > 0.95 * rows:
        return text
    return f"{text}, worth {count(worth)} independent ones"
