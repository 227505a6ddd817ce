"""The answer to "how does b differ from a", for people, JSON and notebooks."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import Any

import numpy as np

from monitor.batch import Float64, Int64
from monitor.versions.adapters import Upgrade
from monitor.versions.confusion import Confusion
from monitor.versions.directions import Directions
from monitor.versions.findings import Cause
from monitor.versions.measure import Measure
from monitor.versions.movers import Mover
from monitor.versions.queries import Queries
from monitor.versions.score_map import Threshold
from monitor.versions.slices import Slice
from monitor.versions.verdict import Word

FLOOR_METHOD = "a float16 round trip of a, scaled by √2 so that float16 values are rounded too"


@dataclass(frozen=True, eq=False)
class Histogram:
    """Counts (k,) between edges (k + 1,)."""

    edges: Float64
    counts: Int64

    def to_dict(self) -> dict[str, list[float] | list[int]]:
        """Both as lists."""
        return {"edges": self.edges.tolist(), "counts": self.counts.tolist()}


def histogram(values: np.typing.NDArray[Any], bins: int = 50) -> Histogram | None:
    """Histogram of the finite values; None where there are none.

    >>> histogram(np.array([0.0, 1.0, 1.0]), 2).counts.tolist()
    [1, 2]
    """
    values = np.asarray(values, np.float64)
    values = values[np.isfinite(values)]
    if not len(values):
        return None
    low, high = float(values.min()), float(values.max())
    if high - low < 1e-6:
        low, high = low - 1e-6, high + 1e-6
    counts, edges = np.histogram(values, bins, (low, high))
    return Histogram(edges, counts.astype(np.int64))


@dataclass(frozen=True)
class Ids:
    """How many ids are in both versions and in one alone."""

    both: int
    only_a: int
    only_b: int


@dataclass(frozen=True, eq=False)
class Comparison:
    """How the second version of some items differs from the first.

    verdict: see `verdict.verdict`; reason: why it is inconclusive, else empty; ids; diagnosis:
    causes, the most telling first; measures by name; movers: items that moved most; slices: the
    neighbours kept by label, least first; confusion: labels whose neighbours are now of another;
    upgrade: whether the old index can be bridged; score_map:
    what cosines of a are worth in b; queries: what users' queries lose; directions: whether
    analogies are kept; cosines: histogram of the cosine of each pair in the same coordinates;
    residuals: of the distance after alignment, in units of the items' spread; spectra: share of
    the variance in each direction of a and of b, greatest first;
    warnings: what was left out; floor_method: how `Measure.floor` was measured; frame: the map
    in which most rows are the same, see `frames.Frame.kind`.
    """

    verdict: Word
    summary: str
    ids: Ids
    diagnosis: tuple[Cause, ...] = ()
    measures: dict[str, Measure] | None = None
    movers: tuple[Mover, ...] = ()
    slices: tuple[Slice, ...] = ()
    confusion: tuple[Confusion, ...] = ()
    upgrade: Upgrade | None = None
    score_map: tuple[Threshold, ...] = ()
    queries: Queries | None = None
    directions: Directions | None = None
    cosines: Histogram | None = None
    residuals: Histogram | None = None
    spectra: tuple[Float64, Float64] | None = None
    warnings: tuple[str, ...] = ()
    reason: str = ""
    frame: str | None = None
    floor_method: str = FLOOR_METHOD

    def to_dict(self) -> dict[str, Any]:
        """The JSON of a comparison; numbers that are not known are None."""
        measures = self.measures or {}
        return {
            "verdict": self.verdict,
            "ids": {"both": self.ids.both, "only_a": self.ids.only_a, "only_b": self.ids.only_b},
            "diagnosis": [cause.to_dict() for cause in self.diagnosis],
            "measures": {name: measure.to_dict() for name, measure in measures.items()},
            "movers": [mover.to_dict() for mover in self.movers],
            "slices": [part.to_dict() for part in self.slices],
            "confusion": [pair.to_dict() for pair in self.confusion],
            "adapter": None if self.upgrade is None else self.upgrade.to_dict(),
            "queries": None if self.queries is None else self.queries.to_dict(),
            "analogies": None if self.directions is None else self.directions.to_dict(),
            "score_map": [threshold.to_dict() for threshold in self.score_map],
        }

    def __repr__(self) -> str:
        causes = ", ".join(cause.cause for cause in self.diagnosis) or self.reason
        return f"<Comparison {self.verdict}: {causes}; {self.ids.both:,} pairs>"

    def _repr_html_(self) -> str:
        rows = [
            (cause.cause, f"{cause.confidence:.2f}", f"{cause.rows:,}", "; ".join(cause.evidence))
            for cause in self.diagnosis
        ]
        head = "".join(f"<th>{name}</th>" for name in ("cause", "confidence", "rows", "evidence"))
        body = "".join(
            "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>"
            for row in rows
        )
        return (
            f"<p>{html.escape(self.summary)}</p>"
            f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        )
