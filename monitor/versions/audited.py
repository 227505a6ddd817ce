"""The answer to "is this index sound", for people, JSON and notebooks."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from monitor.batch import Float32, Items
from monitor.versions.findings import Cause
from monitor.versions.identity import Bools
from monitor.versions.location import place
from monitor.versions.measure import jsonable
from monitor.versions.texts import text_column

AuditWord = Literal["ok", "warn", "breaking", "inconclusive"]

NORMAL: dict[str, tuple[float, float]] = {
    "anisotropy": (0.05, 0.9),
    "rankme_share": (0.45, 0.97),
    "top1_share": (0.025, 0.11),
    "bimodality": (0.35, 0.55),
    "intrinsic_dimension": (5, 25),
    "hub_skew": (0.8, 2.2),
    "largest_hub": (0.01, 0.05),
    "antihubs": (0.005, 0.03),
    "duplicate_rows": (0, 0.01),
    "dead_dimensions": (0, 3),
}
"""What 24 sound indexes of five encoders measured, at 1,600 to 20,000 rows; see
docs/versions.md."""


@dataclass(frozen=True)
class Reading:
    """A number about an index, and the range it has in sound indexes (nan: not known)."""

    value: float
    low: float = float("nan")
    high: float = float("nan")

    @property
    def usual(self) -> bool:
        """Whether the value lies in the range, or there is none."""
        return not (self.value < self.low or self.value > self.high)

    def to_dict(self) -> dict[str, Any]:
        """`value`, `normal_low`, `normal_high`; None for what is not known."""
        names = ("value", "normal_low", "normal_high")
        numbers = (self.value, self.low, self.high)
        return {name: jsonable(number) for name, number in zip(names, numbers, strict=True)}


@dataclass(frozen=True, eq=False)
class Index:
    """An index as its checks read it.

    items; rows: (m,) row numbers that are finite and not zero; sample: (s, d) of them, evenly
    spaced, at unit length; sampled: (s,) their row numbers; texts: (n,) texts, None if it has
    none.
    """

    items: Items
    rows: npt.NDArray[np.int64]
    sampled: npt.NDArray[np.int64]
    sample: Float32

    @property
    def texts(self) -> pa.Array | None:
        """The texts (n,) of the items."""
        name = text_column(self.items)
        return None if name is None else self.items.columns[name]

    def named(self, cause: str, confidence: float, evidence: list[str], flags: Bools) -> Cause:
        """A finding about the flagged of the n rows, with their ids and where they stand."""
        n = int(flags.sum())
        found = place(flags, np.arange(len(flags), dtype=np.int64), self.items.columns)
        if found is not None:
            evidence = [
                *evidence,
                f"{found.flagged:,} of these {n:,} rows stand in {found.name}, which holds "
                f"{found.rows:,} rows",
            ]
        ids = self.items.ids.take(pa.array(np.flatnonzero(flags)))
        where = None if found is None else found.name
        return Cause(cause, confidence, tuple(evidence), n, ids, where)


@dataclass(frozen=True, eq=False)
class Audit:
    """What one index shows by itself.

    verdict: ok, warn, breaking, or inconclusive for fewer than 30 rows; findings, the worst
    first; readings by name; notes: what was looked for and not found, which proves nothing.
    """

    verdict: AuditWord
    summary: str
    rows: int
    dim: int
    findings: tuple[Cause, ...] = ()
    readings: dict[str, Reading] | None = None
    notes: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The JSON of an audit; at most 10,000 row ids a finding."""
        return {
            "verdict": self.verdict,
            "findings": [finding.to_dict() for finding in self.findings],
            "measures": {name: r.to_dict() for name, r in (self.readings or {}).items()},
            "notes": list(self.notes),
        }

    def __repr__(self) -> str:
        found = ", ".join(finding.cause for finding in self.findings) or "no finding"
        return f"<Audit {self.verdict}: {found}; {self.rows:,} rows>"

    def _repr_html_(self) -> str:
        items = "".join(
            f"<li><b>{html.escape(f.cause)}</b> ({f.rows:,} rows): "
            f"{html.escape('; '.join(f.evidence))}</li>"
            for f in self.findings
        )
        return f"<p>{html.escape(self.summary)}</p><ul>{items}</ul>"


def reading(name: str, value: float) -> Reading:
    """A value with what is normal for it."""
    return Reading(value, *NORMAL.get(name, ()))
