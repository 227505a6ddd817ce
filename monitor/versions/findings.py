"""All that was found out about two versions, for the diagnosis to read; and one cause of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from monitor.batch import Int64
from monitor.versions.faults import Faults
from monitor.versions.frames import Framed
from monitor.versions.groups import Groups
from monitor.versions.identity import RowFacts
from monitor.versions.location import columns_of, place
from monitor.versions.measure import Measure
from monitor.versions.measures import Measured
from monitor.versions.norms import Norms
from monitor.versions.outliers import Outliers
from monitor.versions.pairing import Pairs

Expectation = Literal["same-encoder", "retrain", "upgrade"]

LISTED_IDS = 10_000
"""Row ids of one cause in `to_dict()`; `Cause.row_ids` holds all."""


@dataclass(frozen=True, eq=False)
class Cause:
    """One explanation of what differs.

    confidence: in [0, 1]; evidence: plain sentences; rows: how many it concerns; row_ids: their
    ids, none where it concerns the version as a whole; where: the place they concentrate in,
    such as `label = Pizza`, or `rows 400-499` of the second version counted from 0; mild: the
    rows differ so little that their neighbours hardly do.
    """

    cause: str
    confidence: float
    evidence: tuple[str, ...]
    rows: int
    row_ids: pa.Array = field(default_factory=lambda: pa.array([], pa.string()))
    where: str | None = None
    mild: bool = False

    def to_dict(self) -> dict[str, Any]:
        """The JSON of one diagnosis; at most 10,000 row ids."""
        return {
            "cause": self.cause,
            "confidence": round(self.confidence, 3),
            "evidence": list(self.evidence),
            "rows": self.rows,
            "row_ids": self.row_ids.slice(0, LISTED_IDS).to_pylist(),
            "where": self.where,
        }


@dataclass(frozen=True, eq=False)
class Findings:
    """What is known about n pairs; `sound` are the pairs that are usable and have no fault.

    framed, outliers: None where too few are sound; groups: None but where no frame fits.
    """

    pairs: Pairs
    facts: RowFacts
    bad: Faults
    framed: Framed | None
    outliers: Outliers | None
    groups: Groups | None
    lengths: Norms
    measured: Measured
    expect: Expectation | None

    @property
    def n(self) -> int:
        """Number of pairs."""
        return len(self.pairs)

    @property
    def sound(self) -> Int64:
        """Pairs that are usable and without a fault."""
        return np.asarray(np.flatnonzero(self.facts.usable & ~self.bad.any), np.int64)

    @property
    def inside(self) -> Int64:
        """Sound pairs within the frame; all sound ones where no frame fits."""
        if self.framed is None or not self.framed.exact:
            return self.sound
        return self.sound[~self.framed.split.outside]

    @property
    def outside(self) -> Int64:
        """Sound pairs outside the frame; none where no frame fits."""
        return np.setdiff1d(self.sound, self.inside)

    @property
    def exact(self) -> bool:
        """Whether there is a frame in which most rows are the same."""
        return self.framed is not None and self.framed.exact

    def measure(self, name: str) -> Measure:
        """The measure of this name; nan where it was not taken."""
        return self.measured.measures.get(name, Measure(float("nan")))

    def named(
        self, cause: str, confidence: float, evidence: list[str], rows: npt.NDArray[np.intp]
    ) -> Cause:
        """A cause that concerns these pairs, with their ids and the place they stand in."""
        flags = np.zeros(self.n, bool)
        flags[rows] = True
        columns = columns_of(self.pairs.a.columns, self.pairs.pairing.rows_a)
        columns |= columns_of(self.pairs.b.columns, self.pairs.pairing.rows_b)
        found = place(flags, self.pairs.pairing.rows_b, columns)
        if found is not None:
            evidence = [
                *evidence,
                f"{found.flagged:,} of these {len(rows):,} rows stand in {found.name}, "
                f"which holds {found.rows:,} rows",
            ]
        ids = self.pairs.ids.take(pa.array(np.flatnonzero(flags)))
        name = None if found is None else found.name
        return Cause(cause, confidence, tuple(evidence), len(rows), ids, name)
