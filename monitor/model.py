"""The nouns that travel between the rooms. All frozen; times are aware UTC."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from monitor.arrowed import arrow_numbers
from monitor.errors import UsageError

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]

ROW_OK, ROW_NULL, ROW_WRONG_DIM = 0, 1, 2
"""Row states a source can already tell. NaN, Inf and zero vectors are found by the profile."""

VerdictWord = Literal["ok", "warn", "drift", "calibrating", "insufficient"]
AlertState = Literal["ok", "pending", "firing", "resolved"]
MonitorState = Literal["ok", "pending", "firing", "no_data", "error"]
"""How a monitor stands. `no_data` and `error` are no answer, and never "no drift"."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def checked_name(name: str, what: str) -> str:
    """`name` itself if it can safely name a `what`, else `UsageError`.

    >>> checked_name("dishes", "space")
    'dishes'
    """
    if not _NAME.fullmatch(name) or ".." in name:
        raise UsageError(
            f"{name!r} cannot name a {what}",
            "use 1 to 64 of A-Z a-z 0-9 . _ - and begin with a letter or digit",
        )
    return name


@dataclass(frozen=True, eq=False)
class Batch:
    """Some rows of a source, in its order.

    vectors: (n, d) float32, C-contiguous; rows whose status is not ROW_OK are zeros.
    status: (n,) uint8, one of the ROW_ states.
    ids, entities: (n,) Arrow strings, or None where the source names no such column.
    at: (n,) datetime64[us] in UTC, NaT where missing; None where no time column is named.
    columns: further columns by name, each an Arrow array of n values.
    """

    vectors: Float32
    status: npt.NDArray[np.uint8]
    ids: pa.StringArray | None = None
    at: npt.NDArray[np.datetime64] | None = None
    entities: pa.StringArray | None = None
    columns: Mapping[str, pa.Array] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.status)

    @property
    def dim(self) -> int:
        """Dimension d of the vectors."""
        return int(self.vectors.shape[1])

    def take(self, rows: npt.NDArray[np.intp]) -> Batch:
        """The batch of these rows, in this order; `rows` is an integer index (m,). Consecutive
        rows are not copied."""
        if len(rows) and rows[-1] - rows[0] == len(rows) - 1 and bool((np.diff(rows) == 1).all()):
            start, m = int(rows[0]), len(rows)
            return self._of(slice(start, start + m), lambda values: values.slice(start, m))
        index = arrow_numbers(rows)
        return self._of(rows, lambda values: values.take(index))

    def _of(
        self, rows: slice | npt.NDArray[np.intp], chosen: Callable[[pa.Array], pa.Array]
    ) -> Batch:
        return replace(
            self,
            vectors=self.vectors[rows],
            status=self.status[rows],
            ids=None if self.ids is None else chosen(self.ids),
            at=None if self.at is None else self.at[rows],
            entities=None if self.entities is None else chosen(self.entities),
            columns={name: chosen(values) for name, values in self.columns.items()},
        )


def joined(pieces: Sequence[Batch]) -> Batch:
    """The rows of at least one batch of a source, in this order."""
    first = pieces[0]
    if len(pieces) == 1:
        return first
    at = [piece.at for piece in pieces if piece.at is not None]
    return Batch(
        vectors=np.concatenate([p.vectors for p in pieces]),
        status=np.concatenate([p.status for p in pieces]),
        ids=None if first.ids is None else pa.concat_arrays([p.ids for p in pieces]),
        at=np.concatenate(at) if at else None,
        entities=None if first.entities is None else pa.concat_arrays([p.entities for p in pieces]),
        columns={n: pa.concat_arrays([p.columns[n] for p in pieces]) for n in first.columns},
    )


@dataclass(frozen=True, order=True)
class Window:
    """A slice of traffic, `[start, end)`."""

    start: datetime
    end: datetime

    def to_dict(self) -> dict[str, str]:
        """Both ends as ISO 8601 with `Z`."""
        return {"start": iso(self.start), "end": iso(self.end)}


@dataclass(frozen=True)
class Version:
    """An immutable snapshot of a space's items; `digest` is the sha256 of its content."""

    space: str
    label: str
    digest: str
    rows: int
    dim: int
    created_at: datetime
    parent: str | None = None
    card: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Items:
    """The rows of a version or of any source, held whole (vectors may be memory-mapped).

    ids: (n,) Arrow strings, unique or not, in row order; vectors: (n, d) float, rows as they
    came (NaN, Inf and zero rows included, null rows as NaN); columns: further columns of n
    values; metric: how the items are compared.
    """

    ids: pa.StringArray
    vectors: npt.NDArray[np.floating[Any]]
    columns: Mapping[str, pa.Array] = field(default_factory=dict)
    metric: Literal["cosine", "ip", "l2"] = "cosine"
    name: str = ""

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True)
class Score:
    """One family's answer for one window.

    value: the raw statistic; unbiased: with its expectation under sampling noise removed;
    se: standard error from entity buckets; p_value: calibrated, `nan` where it cannot be;
    drifted: whether this family alone is at or past the alarm level.
    """

    name: str
    value: float
    unbiased: float
    se: float
    p_value: float
    drifted: bool


@dataclass(frozen=True)
class Verdict:
    """What was decided about one window and why.

    `score` is −log10 of the calibrated p of the combined families, `threshold` the score at
    which the budget `false_alarms` is spent; `detail` holds the remaining JSON keys.
    """

    word: VerdictWord
    p_value: float
    score: float
    threshold: float
    false_alarms: str
    effect: Mapping[str, float]
    families: tuple[Score, ...]
    causes: tuple[str, ...]
    window: Window | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Flip:
    """A change of an alert's state; the only thing that is ever sent.

    labels: alertname, monitor, space, severity (and segment); never a score or a time.
    """

    labels: Mapping[str, str]
    before: AlertState
    after: AlertState
    at: datetime
    window: Window | None
    summary: str
    body: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Delivery:
    """One message to one sink, as it stands in the outbox.

    `id` is stable over retries, so that a receiver can tell a repeat; `payload` is the body.
    """

    id: str
    sink: str
    payload: Mapping[str, Any]
    attempts: int
    created_at: datetime
    next_at: datetime
    state: Literal["pending", "sent", "dead"] = "pending"
    error: str = ""


@dataclass(frozen=True)
class Silence:
    """Mutes alerts whose labels match every one of `matchers`, in `[start, end)`.

    matchers: a shell pattern for each label named; a label that an alert lacks is empty.
    """

    id: str
    matchers: Mapping[str, str]
    start: datetime
    end: datetime
    author: str
    comment: str

    def mutes(self, labels: Mapping[str, str], at: datetime) -> bool:
        """Whether an alert with `labels` is muted at `at`."""
        matched = all(fnmatchcase(labels.get(k, ""), p) for k, p in self.matchers.items())
        return matched and self.start <= at < self.end


def iso(at: datetime) -> str:
    """`at` as ISO 8601 in UTC with a `Z`.

    >>> from datetime import UTC, datetime
    >>> iso(datetime(2026, 11, 20, tzinfo=UTC))
    '2026-11-20T00:00:00Z'
    """
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
