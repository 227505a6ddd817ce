"""The nouns that travel between the rooms. All frozen; times are aware UTC."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import Any, Literal

from monitor.errors import UsageError

VerdictWord = Literal["ok", "warn", "drift", "calibrating", "insufficient"]
AlertState = Literal["ok", "pending", "firing", "resolved"]
MonitorState = Literal["ok", "pending", "firing", "no_data", "error"]
"""How a monitor stands. `no_data` and `error` are no answer, and never "no drift"."""

FEWEST_TOLD = 20
"""Groups of rows smaller than this are not told of: they could tell on single people."""

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


@dataclass(frozen=True)
class Columns:
    """Which columns of a source mean what; None is found by itself or does without.

    vector: the column of vectors, or the common prefix of one numeric column per dimension.
    id, at, entity, text: columns of ids, times, what rows belong to, and texts.
    timezone: the zone of times that carry none.
    keep: further columns to carry in `Batch.columns`; `"*"` among them carries every column of
    single values except the vector's and the id's. Entity and text are carried when named.
    items: rows are items of an index; where no id is named, a column like `doc_id` is theirs, too.
    """

    vector: str | None = None
    id: str | None = None
    at: str | None = None
    entity: str | None = None
    text: str | None = None
    timezone: str | None = None
    keep: tuple[str, ...] = ()
    items: bool = False


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


@dataclass(frozen=True)
class Score:
    """One family's answer for one window.

    value: the raw statistic; unbiased: less what it is where nothing changed; se: how much it
    varies there (over permutations, of a window over the reference's windows); p_value:
    calibrated, `nan` where it cannot be; drifted: whether this family alone is at or past the
    alarm level.
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
