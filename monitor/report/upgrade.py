"""What an upgrade needs to know: slices that are hurt, thresholds that move, adapters."""

from __future__ import annotations

from monitor.model import FEWEST_TOLD
from monitor.report.formats import count, interval, number, plural, share, share_interval
from monitor.report.page import Cell, Table, figure, table
from monitor.report.places import verdict_cell
from monitor.report.record import Record
from monitor.report.texts import Texts

_MOST = 40
_SLICES = 10


def upgrade_tables(run: Record, texts: Texts) -> tuple[Table, ...]:
    """The tables a run has of these."""
    found = (
        _advice(run, texts),
        _adapters(run, texts),
        _score_map(run),
        _queries(run, texts),
        _analogies(run, texts),
        _slices(run, texts),
        _confusion(run, texts),
    )
    return tuple(t for t in found if t is not None)


def _slices(run: Record, texts: Texts) -> Table | None:
    kept = [r for r in run.recs("slices") if (r.num("rows") or FEWEST_TOLD) >= FEWEST_TOLD]
    kept.sort(key=_kept_neighbours)
    rows = tuple(
        (
            Cell(" = ".join(t for k in ("column", "value") if (t := texts.words(r.get(k), 80)))),
            verdict_cell(None, r.flag("drifted"), "worse than the rest"),
            figure(count(r.num("rows"))),
            figure(share(r.num("overlap")), share_interval(r.num("low"), r.num("high"))),
        )
        for r in kept[:_SLICES]
    )
    hidden = len(kept) - len(rows)
    note = f"{plural(hidden, 'slice')} less hurt not shown." if hidden > 0 else ""
    return table("Slices, most hurt first", "slice|result|#rows|#neighbours kept", rows, note)


def _confusion(run: Record, texts: Texts) -> Table | None:
    """Labels that gained among the neighbours of another."""
    rows = tuple(
        (
            Cell(" = ".join(t for k in ("column", "value") if (t := texts.words(r.get(k), 80)))),
            Cell(texts.words(r.get("other"), 80)),
            figure(count(r.num("rows"))),
            figure(share(r.num("before"))),
            figure(share(r.num("after"))),
        )
        for r in run.recs("confusion")[:_SLICES]
    )
    heads = "items of|among their neighbours|#rows|#before|#after"
    return table("Labels confused more than before", heads, rows)


def _kept_neighbours(raw: Record) -> float:
    """The overlap to sort by; slices without one come last."""
    overlap = raw.num("overlap")
    return 2.0 if overlap is None else overlap


def _score_map(run: Record) -> Table | None:
    """Old thresholds and what they are worth."""
    rows = tuple(
        (
            figure(number(r.num("a"))),
            figure(number(r.num("b")), interval(r.num("low"), r.num("high"))),
            figure(share(r.num("agree"))),
        )
        for r in _tenths(run.recs("score_map"))[:_MOST]
    )
    note = (
        "A cosine of the first column in A is worth the second in B, with the middle 80 % of pairs "
        "below it. Agreement: of the pairs above either threshold, those above both."
    )
    return table("Score map", "#cosine in A|#cosine in B|#agreement", rows, note)


def _tenths(levels: list[Record]) -> list[Record]:
    """Every second threshold where there are many."""
    tenths = [r for r in levels if abs((r.num("a") or 0.0) * 10 % 1) < 1e-6]
    return tenths if len(levels) > 12 and tenths else levels


def _queries(run: Record, texts: Texts) -> Table | None:
    """The queries that lose most of their results."""
    raw = run.rec("queries")
    rows = tuple(
        (
            Cell(texts.row(r.get("text")) or texts.words(r.get("id"), 80)),
            figure(share(r.num("overlap"))),
            *(
                Cell(" · ".join(texts.row(t) or "" for t in r.items(side)[:5]) or "–")
                for side in ("lost", "gained")
            ),
        )
        for r in raw.recs("hurt")[:_SLICES]
    )
    kept = raw.rec("overlap")
    note = (
        f"Of the 10 results of {count(raw.num('n'))} queries {share(kept.num('value'))} stay, "
        f"95 % interval {share_interval(kept.num('low'), kept.num('high'))}."
    )
    heads = "query|#results kept|lost|gained"
    return table("Queries, most hurt first", heads, rows, note)


def _analogies(run: Record, texts: Texts) -> Table | None:
    """Whether pairs on one relation still are, and which are no more."""
    raw = run.rec("analogies")
    rows = tuple(
        (Cell(text), *(figure(*_estimate(raw.rec(f"{name}_{side}"))) for side in "ab"))
        for name, text in (
            ("hits", "pairs that the mean step of the others completes"),
            ("coherence", "cosine of a step with the mean of the others"),
        )
        if raw
    )
    broken = [
        f"{texts.words(r.get('start'), 40)} → {texts.words(r.get('end'), 40)}"
        for r in raw.recs("broken")[:_SLICES]
    ]
    note = f"Completed in A alone: {', '.join(broken)}." if broken else ""
    caption = f"Analogies, {plural(raw.num('pairs') or 0, 'pair')}"
    return table(caption, "|#A|#B", rows, note)


def _estimate(raw: Record) -> tuple[str, str]:
    return number(raw.num("value")), interval(raw.num("low"), raw.num("high"))


def _adapters(run: Record, texts: Texts) -> Table | None:
    raw = run.rec("adapter")
    rows = tuple(_adapter(r, texts) for r in raw.recs("fits")[:_MOST])
    plain, old = raw.rec("unadapted"), raw.rec("old_queries")
    if plain:
        rows = (
            _adapter(Record({"name": "none: new queries as they are", **plain.raw}), texts),
            *rows,
        )
    if old:
        limits = share_interval(old.num("low"), old.num("high"))
        today = (Cell("none: old queries, as today"), figure("–"))
        rows = ((*today, figure(share(old.num("value")), limits), figure(share(1.0))), *rows)
    size = raw.num("items")
    note = (
        f"Ten nearest among {count(size)} items in the old index, for queries left out of every "
        "fit: how many of the answers of a full re-index they find, and of those old queries "
        "find today."
    )
    heads = "adapter|#pairs|#recall of a re-index|#recall of today's answers"
    return table("Adapters", heads, rows, note)


def _adapter(raw: Record, texts: Texts) -> tuple[Cell, ...]:
    curve = [f"{count(r.num('pairs'))}: {share(r.num('recall'))}" for r in raw.recs("curve")[:8]]
    limits = [[raw.num(f"{end}{of}") for end in ("low", "high")] for of in ("", "_old")]
    return (
        Cell(
            texts.words(raw.get("name"), 60) or "–", f"by pairs {', '.join(curve)}" if curve else ""
        ),
        figure(count(raw.num("pairs"))),
        figure(share(raw.num("recall")), share_interval(*limits[0])),
        figure(share(raw.num("recall_old")), share_interval(*limits[1])),
    )


def _advice(run: Record, texts: Texts) -> Table | None:
    raw = run.rec("adapter")
    said = texts.words(raw.get("advice"), 60)
    rows = tuple((Cell(texts.words(why, 200)),) for why in raw.items("why")[:10] if why)
    return table("The old index", said[:1].upper() + said[1:] or "advice", rows) if said else None
