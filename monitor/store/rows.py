"""What the store hands out and takes in. All frozen; times are aware UTC, digests `sha256:...`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from monitor.model import AlertState, VerdictWord, Window

ReferenceKind = Literal["windows", "trailing", "version"]


@dataclass(frozen=True)
class SpaceRow:
    """A space and the contract its vectors keep; keys nobody declared are absent."""

    name: str
    dim: int
    contract: Mapping[str, Any]
    created_at: datetime


@dataclass(frozen=True)
class InputRow:
    """One source as it was read: `key` says where it is (a path), `digest` what it held.

    stamp: what tells without reading it that it is as it was then; "" where nothing does.
    """

    key: str
    digest: str
    rows: int
    stamp: str = ""


@dataclass(frozen=True)
class Part:
    """The traffic of one source key in one window.

    content_digest: of the rows themselves, so that a copy under another key is known as one;
    profile, traces: blobs.
    """

    window: Window
    source_key: str
    content_digest: str
    rows: int
    profile: str
    traces: str | None = None


@dataclass(frozen=True)
class PartRef:
    """A part of a stored window: its blobs, its rows and where they came from."""

    profile: str
    traces: str | None
    rows: int
    content_digest: str
    source_key: str


@dataclass(frozen=True)
class StoredWindow:
    """A window with its distinct parts in an order that depends on their content alone.

    revision: 1 when first stored, one more with each later change of its content.
    """

    window: Window
    rows: int
    parts: tuple[PartRef, ...]
    revision: int


@dataclass(frozen=True)
class ChangedWindows:
    """What an ingestion did: the windows whose content is new, in order.

    Windows that lost their last part are among them and are no longer stored.
    added, removed: parts that now count or no longer do; skipped: parts whose rows their window
    already had under another key.
    """

    windows: tuple[Window, ...] = ()
    added: int = 0
    removed: int = 0
    skipped: int = 0


@dataclass(frozen=True)
class Reference:
    """What the windows of a space are judged against, from `set_at` on.

    start, end: the reference windows of kind "windows"; None where the kind has none.
    """

    space: str
    kind: ReferenceKind
    start: datetime | None
    end: datetime | None
    basis_id: str
    calibration: str | None
    state: str
    detail: Mapping[str, Any]
    set_at: datetime


@dataclass(frozen=True)
class RunRow:
    """One run of a command that judged something; `document` is the blob of its JSON."""

    id: str
    kind: str
    space: str
    monitor: str
    started_at: datetime
    finished_at: datetime
    document: str | None


@dataclass(frozen=True)
class VerdictRow:
    """The verdict on one window under one configuration.

    content: the revision of the window that was judged. Numbers that do not exist are `nan`. The
    last four fields are the store's own; what a caller puts there is not read.
    """

    space: str
    monitor: str
    window: Window
    config_digest: str
    word: VerdictWord
    p_value: float
    score: float
    threshold: float
    rows: int
    content: int = 0
    detail: Mapping[str, Any] = field(default_factory=dict)
    run_id: str = ""
    revision: int = 1
    decided_at: datetime | None = None
    superseded_by: str | None = None


@dataclass(frozen=True)
class AlertRow:
    """Where one alert stands, and what its receivers know.

    quiet: quiet windows since the last breach; breaches: windows in a row that breached while it is
    pending; told: what the last message said, "" before the first; body: what a message says of
    the window that changed it.
    """

    fingerprint: str
    labels: Mapping[str, str]
    state: AlertState
    since: datetime
    last_window: Window | None
    quiet: int
    severity: str
    acked_at: datetime | None
    acked_by: str | None
    summary: str
    last_sent_at: datetime | None
    breaches: int = 0
    told: str = ""
    body: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class TurnRow:
    """How the last turn of a monitor in a run went; error: "" where it went well.

    succeeded_at: when one last went well; None: never. cut_off: turns in a row that began since
    and did not end, with the one that may be at work.
    """

    monitor: str
    space: str
    run_id: str
    started_at: datetime
    finished_at: datetime
    error: str
    succeeded_at: datetime | None = None
    cut_off: int = 0

    @property
    def trouble(self) -> str:
        """What is wrong, in words; "" where nothing is."""
        if self.cut_off < 2:
            return self.error
        return (
            f"its last {self.cut_off} turns have not come to their end: "
            "were runs killed, for memory or time?"
        )


@dataclass(frozen=True)
class Lease:
    """The right to do something alone; `fence` grows by one with every new holder."""

    name: str
    owner: str
    fence: int
    since: datetime
    expires_at: datetime


@dataclass(frozen=True)
class Mark:
    """A deploy or another event, for the trend."""

    space: str
    text: str
    at: datetime


@dataclass(frozen=True)
class Purge:
    """What was purged of a space, when and by whom. subject: the sha256 of whom it forgot, or None;
    before: what had ended by then went, or None; removed: how many of what."""

    space: str
    at: datetime
    author: str
    subject: str | None
    before: datetime | None
    removed: Mapping[str, int]


@dataclass(frozen=True)
class Rewritten:
    """What a purge makes of the blobs and documents of a space.

    seen: all blobs that were looked into; renamed: what comes in the place of some of these, None
    for nothing; versions: the rows that are left of a version, by its old blob; reworded: what
    becomes of a document or a sentence.
    """

    seen: Collection[str]
    renamed: Mapping[str, str | None]
    versions: Mapping[str, int]
    reworded: Callable[[Any], Any]


@dataclass(frozen=True)
class GcReport:
    """What `gc` removed, or would remove: blobs nobody points at, and unfinished files."""

    blobs: tuple[str, ...]
    unfinished: int
    freed_bytes: int
    kept: int
    dry_run: bool


@dataclass(frozen=True)
class CopyReport:
    """What a copy of a store holds."""

    rows: int
    blobs: int
