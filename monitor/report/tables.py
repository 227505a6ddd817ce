"""The plain tables of a check or drift page: detectors, familiar numbers, quality, provenance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from monitor.report.formats import count, day, moment, number, probability, seconds, share, span
from monitor.report.glossary import EFFECTS, FAMILIES, METRICS, QUALITY
from monitor.report.page import Cell, Table, figure, table
from monitor.report.places import verdict_cell
from monitor.report.record import Record, finite
from monitor.report.series import Series
from monitor.report.texts import Texts

_MOST_WINDOWS = 200
_MOST_ALERTS = 50


def detectors(window: Record, texts: Texts) -> tuple[Table, ...]:
    """The families that decide, the size of the effect, and familiar numbers beside them."""
    found = (_families(window, texts), _metrics(window), _effects(window), _components(window))
    return tuple(t for t in found if t is not None)


def quality(window: Record) -> tuple[Table, ...]:
    """Rows that could not be used, by reason."""
    raw = window.rec("quality")
    rows = raw.num("rows")
    cells = tuple(
        (
            Cell(QUALITY[key][0], help=QUALITY[key][1]),
            figure(count(finite(value)), tone=_bad(key, finite(value), rows)),
            figure("" if key == "rows" or not rows else share((finite(value) or 0.0) / rows)),
        )
        for key, value in raw.pairs()
        if key in QUALITY
    )
    found = table("Rows by state", "state|#rows|#share", cells)
    return () if found is None else (found,)


def coverage(window: Record) -> tuple[Table, ...]:
    """How many rows an item of the corpus is near."""
    raw = window.rec("coverage")
    value, fewer = raw.num("covered"), raw.flag("fewer")
    if value is None:
        return ()
    least = raw.num("least")
    cells = (
        figure(share(value), "fewer than usual" if fewer else "", "warn" if fewer else ""),
        figure(f"{share(raw.num('low'))} to {share(raw.num('high'))}"),
        figure(share(raw.num("usual"))),
        figure("–" if least is None else share(least)),
        figure(number(raw.num("limit"))),
        figure(count(raw.num("rows"))),
    )
    heads = "#rows with a near item|#95 % interval|#usual|#too few below|#near from|#sampled rows"
    found = table("The corpus and these rows", heads, (cells,))
    return () if found is None else (found,)


def trend_table(trend: Series) -> Table | None:
    """The newest windows of the trend, newest first: what the chart shows, to be read."""
    newest = trend.points[::-1][:_MOST_WINDOWS]
    corpus = any(p.covered is not None for p in newest)
    rows = tuple(
        (
            Cell(span(p.start, p.end)),
            verdict_cell(p.verdict, False),
            figure(number(p.score)),
            figure(number(p.threshold)),
            figure(probability(p.p_value)),
            figure(count(p.rows)),
            *([figure(share(p.covered))] if corpus else []),
            Cell("yes" if p.incident else ""),
        )
        for p in newest
    )
    hidden = len(trend.points) - len(newest)
    note = f"The newest {len(newest)}; {count(hidden)} older ones are not listed." if hidden else ""
    heads = f"window|verdict|#score|#alarm level|#p|#rows|{'#covered|' if corpus else ''}incident"
    return table("Windows, newest first", heads, rows, note)


def alerts(run: Record, texts: Texts) -> tuple[Table, ...]:
    """Alerts and what became of each message."""
    rows = tuple(
        (
            Cell(texts.words(r.rec("labels").get("segment"), 60) or "all rows", _labels(r, texts)),
            Cell(texts.words(r.get("state"), 20) or "–"),
            Cell(day(r.at("since"))),
            Cell("; ".join(_delivery(d, texts) for d in r.recs("deliveries")[:10]) or "none"),
        )
        for r in sorted(run.recs("alerts"), key=lambda r: bool(r.rec("labels").get("segment")))
    )
    note = "Segments of one severity share a message; it is listed with the first of them."
    found = table("Alerts", "of|state|since|messages of its own", rows[:_MOST_ALERTS], note)
    return () if found is None else (found,)


def _labels(alert: Record, texts: Texts) -> str:
    """What else tells alerts apart: name, severity and the start of the fingerprint."""
    labels = alert.rec("labels")
    words = (labels.get("alertname"), labels.get("severity"), alert.get("fingerprint"))
    return " · ".join(said for word in words if (said := texts.words(word, 20)))


def provenance(run: Record, texts: Texts) -> tuple[Table, ...]:
    """Everything needed to make this run again."""
    rows = [
        *_pair("run", run.get("run_id"), texts),
        *_pair("started", day(run.at("started_at")), texts),
        *_pair("took", seconds(run.num("duration_s")), texts),
        *_pair("tool", run.get("tool_version"), texts),
        *_pair("seed", run.get("seed"), texts),
        *_reference(run.rec("reference"), texts),
        *(row for key, value in run.rec("provenance").pairs() for row in _pair(key, value, texts)),
    ]
    found = (table("How this was made", "what|value", tuple(rows[:80])), _inputs(run, texts))
    return tuple(t for t in found if t is not None)


def _families(window: Record, texts: Texts) -> Table | None:
    rows = []
    for raw in window.recs("families"):
        name = texts.words(raw.get("name"), 40) or "–"
        error = raw.num("se")
        cells = (
            Cell(name, help=FAMILIES.get(name, "")),
            verdict_cell(
                "drift" if raw.flag("drifted") else "ok", raw.flag("drifted"), "past alarm"
            ),
            figure(_statistic(raw.num("value"))),
            figure(_statistic(raw.num("unbiased")), f"± {_statistic(error)}" if error else ""),
            figure(probability(raw.num("p_value"))),
        )
        rows.append(cells)
    heads = "detector|result|#statistic|#without noise|#p"
    return table("Detectors, which decide together", heads, tuple(rows))


def _statistic(value: float | None) -> str:
    """A T² to three digits; what is only rounding error is 0."""
    return number(0.0 if value is not None and abs(value) < 1e-9 else value)


def _effects(window: Record) -> Table | None:
    raw = window.rec("effect")
    rows = [_named(EFFECTS[key], _effect(key, raw.num(key))) for key in EFFECTS if raw.get(key)]
    found = window.rec("min_detectable")
    if found.num("mean_sd") is not None:
        smallest = (
            "smallest shift that would be seen",
            "Along one direction, in its deviations, found 80 % of the time.",
        )
        rows.append(_named(smallest, number(found.num("mean_sd"), 2)))
    return table("Size of the change", "measure|#value", tuple(rows))


def _effect(key: str, value: float | None) -> str:
    return share(value) if key == "tv_clusters" else number(value)


def _metrics(window: Record) -> Table | None:
    raw = window.rec("metrics")
    rows = tuple(_named(METRICS[key], number(raw.num(key))) for key in METRICS if key in raw.raw)
    note = "Shown because they are well known; the verdict does not rest on them."
    return table("Familiar numbers", "measure|#value", rows, note)


def _components(window: Record) -> Table | None:
    raw = [r for r in window.recs("components") if (r.num("share") or 0) > 0]
    raw.sort(key=lambda r: -(r.num("share") or 0.0))
    rows = tuple(
        (
            Cell(f"component {count(r.num('component'))}"),
            figure(share(r.num("share"))),
        )
        for r in raw[:5]
    )
    note = "Principal directions of the basis, by their share of the shift of the mean."
    return table("Leading components", "direction|#share of the shift", rows, note)


def _named(words: tuple[str, str], value: str) -> tuple[Cell, ...]:
    return Cell(words[0], help=words[1]), figure(value)


def _bad(key: str, value: float | None, rows: float | None) -> str:
    """Copies are common in traffic; they are suspect once they are the most of it."""
    least = 0.5 * (rows or 0.0) if key == "duplicate" else 0.0
    return "warn" if key != "rows" and value and value > least else ""


def _delivery(raw: Record, texts: Texts) -> str:
    words = [texts.words(raw.get(key), 120) for key in ("sink", "state", "error")]
    words.insert(2, day(raw.at("at")) if raw.at("at") else "")
    return " · ".join(word for word in words if word)


def _reference(raw: Record, texts: Texts) -> list[tuple[Cell, ...]]:
    kind = texts.words(raw.get("kind"), 40)
    length = span(raw.at("from"), raw.at("to"))
    size = [
        f"{count(raw.num(key))} {key}" for key in ("windows", "rows") if raw.num(key) is not None
    ]
    parts = [p for p in (kind, length if length != "–" else "", *size) if p]
    return _pair("judged against", " · ".join(parts), texts)


def _inputs(run: Record, texts: Texts) -> Table | None:
    rows = tuple(
        (
            Cell(texts.words(raw.get("source"), 200) or "–"),
            figure(count(raw.num("rows"))),
            Cell(texts.words(raw.get("digest"), 80) or "–"),
        )
        for raw in run.recs("inputs")[:100]
    )
    return table("Inputs", "source|#rows|digest", rows)


def _pair(key: str, value: Any, texts: Texts) -> list[tuple[Cell, ...]]:
    """A row of the provenance table; nested objects are written `key=value, …`."""
    if isinstance(value, Mapping):
        value = ", ".join(f"{k}={v}" for k, v in value.items())
    at = moment(value) if key.endswith("_at") else None
    shown = texts.words(value if at is None else day(at), 200)
    return [(Cell(texts.words(key, 60).replace("_", " ")), Cell(shown))] if shown else []
