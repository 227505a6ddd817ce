"""What every command works with: settings, store, clock, and the keys its answer begins with."""

from __future__ import annotations

import getpass
import os
import socket
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from monitor import __version__
from monitor.calendars import Calendar, calendar
from monitor.config import Config, MonitorSettings
from monitor.errors import UsageError
from monitor.model import iso
from monitor.pipeline.shelf import Shelf, shelf

if TYPE_CHECKING:
    from monitor.alerts.capture import Capture
    from monitor.basis import Basis
    from monitor.store import Place, Store
    from monitor.umap_process import UmapProcess

Progress = Callable[[str, int, int | None], None]
Log = Callable[[str, Mapping[str, Any]], None]


def _silent(what: str, done: int, total: int | None) -> None:
    """Progress that nobody watches."""


def _unheard(event: str, details: Mapping[str, Any]) -> None:
    """An event that nobody records."""


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Rehearsal:
    """A dry run: `folder` holds the store that it writes to, `sent` takes all messages."""

    folder: Path
    sent: Capture


@dataclass(frozen=True)
class Workspace:
    """config; now: the clock; progress(what, done, total or None); log(event, details);
    stdout: where the sink of that name prints, by default on standard output; rehearsal: set
    where nothing may be kept or sent."""

    config: Config
    now: Callable[[], datetime] = _utc_now
    progress: Progress = _silent
    log: Log = _unheard
    stdout: TextIO | None = None
    rehearsal: Rehearsal | None = None

    @cached_property
    def store(self) -> Store:
        """The store, opened when it is first needed."""
        from monitor.store import rehearsal

        place = self.place()
        if self.rehearsal is not None:
            return rehearsal(place.url, place.blobs, self.rehearsal.folder)
        return place.opened()

    def place(self) -> Place:
        """Where the settings say that the store is."""
        from monitor.alerts.secrets import read_secret
        from monitor.store import Place

        settings = self.config.store
        if settings.url_file:
            url = read_secret(self.config.path(settings.url_file), "[store] url_file")
        else:
            url = settings.url
        return Place(self.store_url(url), self.blobs(settings.blobs))

    def blobs(self, where: str) -> Path | str:
        """An `s3://` address as it is, a folder below the root."""
        return where if "://" in where else self.config.path(where)

    def store_url(self, url: str) -> str:
        """`url`, or what the variable holds that `env:NAME` names; files are below the root."""
        from monitor.alerts.secrets import referred

        if url.startswith("env:"):
            url = referred(url, "[store] url", os.environ)
        prefix = "sqlite:///"
        if url.startswith(prefix) and not url.startswith(prefix + "/"):
            url = prefix + str(self.config.path(url.removeprefix(prefix)).resolve())
        return url

    @cached_property
    def shelf(self) -> Shelf:
        """Where the reports lie."""
        return shelf(self.config)

    def source(self, what: str) -> str:
        """A source of the settings: an address as it is, a path below the root."""
        return what if "://" in what or what == "-" else str(self.config.path(what))

    @cached_property
    def umap(self) -> UmapProcess:
        """The process that draws maps, begun when it is first needed."""
        from monitor.umap_process import UmapProcess

        return UmapProcess()

    def basis(self, space: str, basis_id: str | None = None) -> Basis:
        """The basis of a space, the current one or the one named; UsageError without one."""
        from monitor.basis import Basis

        found = self.store.basis(space, basis_id)
        if found is None:
            raise UsageError(
                f"space {space!r} has no traffic yet", f"embmon ingest {space} SOURCE --at COLUMN"
            )
        return Basis.from_bytes(self.store.blobs.get(found[1]))

    def monitor(self, name: str) -> MonitorSettings:
        """The settings of a monitor. UsageError where the configuration has none of that name."""
        found = self.config.monitors.get(name)
        if found is None:
            raise UsageError(
                f"there is no monitor {name!r} in the configuration",
                f"known: {', '.join(self.config.monitors) or 'none'}",
            )
        return found

    def monitor_of(self, space: str) -> tuple[str, MonitorSettings | None]:
        """Name and settings of the one monitor that watches `space`; the space's own name and
        None where there is none, or more than one."""
        found = [(n, m) for n, m in self.config.monitors.items() if m.space == space]
        return found[0] if len(found) == 1 else (space, None)

    def calendar(self, space: str) -> Calendar:
        """The days that the monitor of `space` leaves out or labels."""
        _, settings = self.monitor_of(space)
        if settings is None:
            return Calendar()
        from monitor.sources.times import zone

        days = settings.excluded_days, settings.labelled_days
        return calendar(*days, zone(settings.timezone) or UTC)


@dataclass
class Run:
    """One command at work; `document` makes its answer."""

    kind: str
    workspace: Workspace
    seed: int = 0
    inputs: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    id: str = field(default_factory=lambda: uuid.uuid4().hex)

    def __post_init__(self) -> None:
        self.started_at = self.workspace.now()

    def read(self, source: Any, rows: int, digest: str | None = None) -> None:
        """Notes a source that was read, and what it warned of; its digest where it is known."""
        known = source.digest() if digest is None else digest
        self.inputs.append({"source": source.name, "rows": rows, "digest": known})
        self.warnings += source.warnings

    def document(self, content: Mapping[str, Any]) -> dict[str, Any]:
        """The answer: the common keys, then `content`, with NaN as None."""
        taken = (self.workspace.now() - self.started_at).total_seconds()
        common = {
            "schema": f"embmon/{self.kind}/1",
            "tool_version": __version__,
            "run_id": self.id,
            "started_at": iso(self.started_at),
            "duration_s": round(taken, 3),
            "inputs": self.inputs,
            "seed": self.seed,
            "warnings": self.warnings,
        }
        rehearsal = self.workspace.rehearsal
        if rehearsal is not None:
            common |= {"dry_run": True, "messages": rehearsal.sent.documents()}
        return {**common, **plain(content)}


def owner() -> str:
    """Who holds what this process holds."""
    return f"{socket.gethostname()}:{os.getpid()}"


def user() -> str:
    """Who runs this: the account's name, or its number where it has none, as in some containers."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"


def plain(value: Any) -> Any:
    """`value` as JSON types: NaN and infinities as None, NumPy numbers as Python's."""
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    if isinstance(value, float):
        return value if abs(value) < float("inf") else None
    return iso(value) if isinstance(value, datetime) else value
