"""What an upgrade needs to know: slices that are hurt, thresholds that move, adapters."""

from __future__ import annotations

from monitor.report.formats import count, interval, number, plural, share, share_interval
from monitor.report.page import Cell, Table, figure, table
from monitor.report.places import FEWEST_ROWS, verdict_cell
from monitor.report.record import Record, finite
from monitor.report.texts import Texts

_MOST = 40
_SLICES = 10


def upgrade_tables(run: Record, texts: Texts) -> tuple[Table, ...]:
    """The tables a run has of these."""
    found = (_slices(run, texts), _score_map(run), _adapters(run, texts))
    return tuple(t for t in found if t is not None)


def _slices(run: Record, texts: Texts) -> Table | None:
    kept = [r for r in run.recs("slices") if (r.num("rows") or FEWEST_ROWS) >= FEWEST_ROWS]
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


def _kept_neighbours(raw: Record) -> float:
    """The overlap to sort by; slices without one come last."""
    overlap = raw.num("overlap")
    return 2.0 if overlap is None else overlap


def _score_map(run: Record) -> Table | None:
    """Old thresholds and the new ones that let as many pairs through."""
    raw = run.rec("score_map")
    pairs = [(r.num("a"), r.num("b")) for r in run.recs("score_map")]
    pairs = pairs or list(zip(raw.nums("a"), raw.nums("b"), strict=False))
    rows = tuple((figure(number(a)), figure(number(b))) for a, b in pairs[:_MOST])
    note = "A threshold of the first column in A is worth the second in B."
    return table("Score map", "#cosine in A|#cosine in B", rows, note)


def _adapters(run: Record, texts: Texts) -> Table | None:
    raw = run.get("adapter")
    found = run.recs("adapter") or [
        Record({"name": name, **value})
        if isinstance(value, dict)
        else Record({"name": name, "recall": value})
        for name, value in (raw.items() if isinstance(raw, dict) else ())
    ]
    rows = tuple(
        (
            Cell(texts.words(r.get("name"), 60).replace("_", " ") or "–"),
            figure(
                number(_first(r, ("recall", "recall@10", "value"))),
                interval(r.num("low"), r.num("high")),
            ),
        )
        for r in found[:_MOST]
    )
    note = "Measured on rows left out: recall of new queries on the old index through the adapter."
    return table("Adapters", "adapter|#recall kept", rows, note)


def _first(raw: Record, keys: tuple[str, ...]) -> float | None:
    return next((v for key in keys if (v := finite(raw.get(key))) is not None), None)
