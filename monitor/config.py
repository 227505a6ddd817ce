"""Settings from `embmon.toml`: every key, default and unit, once."""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from monitor.errors import UsageError
from monitor.model import checked_name


class _Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class StoreSettings(_Settings):
    """Where results are kept."""

    url: str = Field("sqlite:///embmon.db", description="SQLAlchemy URL of the store, or env:NAME")
    url_file: str | None = Field(None, description="file that holds the URL, mode 0600")
    blobs: str = Field(
        "embmon-blobs",
        description="folder of profiles, samples and snapshots, or s3://BUCKET/PREFIX",
    )


class SpaceSettings(_Settings):
    """The contract of an embedding space: what its vectors are declared to be."""

    dim: int | None = Field(None, ge=1, description="dimension of the vectors")
    provider: str | None = Field(None, description="who runs the model")
    encoder: str | None = Field(None, description="name of the model that makes the vectors")
    encoder_dir: str | None = Field(
        None, description="its sentence-transformers folder: what it states is declared too"
    )
    revision: str | None = Field(None, description="revision of that model")
    tokenizer: str | None = Field(None, description="its tokenizer")
    prefix: str | None = Field(None, description='put before each text, such as "query: "')
    pooling: str | None = Field(None, description="mean, cls, last, ...")
    layer: str | None = Field(None, description="hidden layer: -1, last4, ...")
    max_length: int | None = Field(None, ge=1, description="most tokens of a text")
    truncation: Literal["left", "right"] | None = Field(
        None, description="the side that is cut off"
    )
    normalised: bool | None = Field(None, description="whether vectors have unit length")
    quantisation: str | None = Field(None, description="float16, int8, binary, ...")
    metric: Literal["cosine", "ip", "l2"] = Field("cosine", description="how items are compared")


class MonitorSettings(_Settings):
    """One stream of traffic that is judged window by window."""

    space: str = Field(description="name of the space")
    source: str = Field(description="path or glob of the traffic")
    at: str = Field(description="time column")
    timezone: str | None = Field(
        None, description="zone of times that carry none, e.g. Europe/Berlin"
    )
    vector: str | None = Field(None, description="vector column; found by itself where unambiguous")
    id: str | None = Field(None, description="id column")
    entity: str | None = Field(None, description="column of the user or document rows belong to")
    text: str | None = Field(None, description="text column, for cluster labels and examples")
    columns: tuple[str, ...] = Field((), description="further columns to keep on sampled rows")
    segments: tuple[str, ...] = Field((), description="columns whose every value is judged, too")
    permitted_mix: str | None = Field(
        None, description="one of the segment columns: its values may come in any proportions"
    )
    every: str = Field("1d", description="length of a window: 15m, 1h, 1d, 7d")
    reference: str = Field("8w", description="trailing length, `version:LABEL`, or `FROM/TO`")
    false_alarms: str = Field("1 per 1000 windows", description="budget of false alarms")
    min_rows: int = Field(50, ge=2, description="fewer usable rows in a window: insufficient")
    sample: int = Field(2048, ge=0, le=100_000, description="rows kept of each window; 0: none")
    corpus: str | None = Field(
        None, description="SPACE@VERSION or file of the items that rows ask for: coverage"
    )
    excluded_days: tuple[str, ...] = Field(
        (), description='neither judged nor part of a reference: "2026-12-24/2026-12-26"'
    )
    labelled_days: tuple[str, ...] = Field(
        (), description='judged by their name, no part of a reference: "2026-11-27 Black Friday"'
    )


class AlertSettings(_Settings):
    """When an alert speaks, and how often."""

    for_windows: int = Field(1, ge=1, description="drifted windows in a row until it fires")
    quiet_windows: int = Field(6, ge=1, description="quiet windows until an incident is over")
    no_data_windows: int = Field(
        2, ge=1, description="windows in a row with too few rows until that is an alert"
    )
    repeat_interval: str = Field(
        "1d", description="said again while it fires and nobody acknowledged it; `never`"
    )
    max_messages: int = Field(
        10, ge=2, description="most messages of one run to one sink; the rest waits"
    )


class ScheduleSettings(_Settings):
    """When `embmon run` is started, by cron or what you use in its place."""

    every: str = Field("1h", description="how often it is started")
    grace: str = Field("1h", description="how much later than planned is still no fault")
    deadline: str = Field("30m", description="after this it begins with no further monitor")


class SinkSettings(_Settings):
    """Where alerts go. Secrets are references: `env:NAME`, or a file's path in `secret_file`."""

    kind: Literal[
        "stdout",
        "jsonl",
        "command",
        "webhook",
        "alertmanager",
        "pagerduty",
        "slack",
        "teams",
        "smtp",
        "apprise",
    ]
    path: str | None = Field(None, description="jsonl: the file")
    argv: tuple[str, ...] = Field((), description="command: program and arguments, no shell")
    url: str | None = Field(None, description="https address, or env:NAME")
    format: Literal["json", "cloudevents", "alertmanager"] = Field(
        "json", description="webhook: shape of the body"
    )
    secret: str | None = Field(
        None, description="env:NAME of the signing secret, the integration key or the password"
    )
    secret_file: str | None = Field(
        None, description="or a file of it that only its owner can read"
    )
    host: str | None = Field(None, description="smtp: the relay")
    port: int | None = Field(None, ge=1, le=65535, description="smtp: 587, 465 or 25 by security")
    security: Literal["starttls", "tls", "none"] = Field("starttls", description="smtp: encryption")
    user: str | None = Field(None, description="smtp: who logs in, by default the sender")
    sender: str | None = Field(None, description="smtp: address mails come from")
    to: tuple[str, ...] = Field((), description="smtp: addresses mails go to")
    template: str | None = Field(
        None, description="Jinja file of the text, for slack, teams, smtp and apprise"
    )
    texts: bool = Field(
        False, description="messages show texts of rows, by `examples` and `redact` of [report]"
    )
    allow_networks: tuple[str, ...] = Field((), description="private networks that may be reached")
    timeout_s: float = Field(10.0, gt=0, le=300, description="time limit of one delivery")
    spaces: tuple[str, ...] = Field((), description="only alerts of these spaces; * is any text")
    monitors: tuple[str, ...] = Field((), description="only alerts of these monitors")
    segments: tuple[str, ...] = Field((), description="only alerts of these segments")
    severities: tuple[str, ...] = Field((), description="only these: critical, warning, info")


class MetricsSettings(_Settings):
    """What machines are told after each run: metrics, and that it ran."""

    textfile: str | None = Field(
        None, description="file for Prometheus' node exporter: embmon.prom"
    )
    otlp: str | None = Field(
        None, description="address of a collector, http://host:4318/v1/metrics, or env:NAME"
    )
    heartbeat: str | None = Field(
        None, description="address that is pinged as of healthchecks.io, or env:NAME"
    )
    allow_networks: tuple[str, ...] = Field((), description="private networks that may be reached")


class ReportSettings(_Settings):
    """The HTML report."""

    dir: str = Field("reports", description="folder of rendered reports, or s3://BUCKET/PREFIX")
    base_url: str | None = Field(None, description="public address of that folder, for links")
    map: Literal["umap", "pca", "none"] = Field("umap", description="2-D map of the rows")
    points: int = Field(4000, ge=100, le=200_000, description="most points on a map")
    examples: Literal["none", "hash", "truncate", "full"] = Field(
        "truncate", description="how row texts are shown"
    )
    redact: tuple[str, ...] = Field((), description="regular expressions blanked in texts")
    templates: str | None = Field(None, description="folder of templates that replace ours")


class EngineSettings(_Settings):
    """Where `run` profiles the files of a pattern."""

    kind: Literal["local", "dask"] = Field("local", description="in this process, or by Dask")
    scheduler: str | None = Field(
        None, description="dask: address of a scheduler; without one, workers on this machine"
    )


class Config(_Settings):
    """The whole of `embmon.toml`. Relative paths are relative to `root`."""

    root: Path = Field(default_factory=Path.cwd, exclude=True)
    store: StoreSettings = StoreSettings()
    spaces: Mapping[str, SpaceSettings] = {}
    monitors: Mapping[str, MonitorSettings] = {}
    schedule: ScheduleSettings = ScheduleSettings()
    alerts: AlertSettings = AlertSettings()
    sinks: Mapping[str, SinkSettings] = {}
    metrics: MetricsSettings = MetricsSettings()
    report: ReportSettings = ReportSettings()
    engine: EngineSettings = EngineSettings()

    def path(self, text: str) -> Path:
        """`text` as a path below `root` unless it is absolute."""
        return self.root / Path(text).expanduser()


def load(path: Path | None = None, env: Mapping[str, str] = os.environ) -> Config:
    """The settings of `path`, else of `./embmon.toml` where there is one, else the defaults.

    `EMBMON_STORE_URL`, `EMBMON_REPORT_DIR` and their like override keys of [store] and [report].
    Raises UsageError naming the file, the line and the nearest known key.
    """
    named = path is not None or "EMBMON_CONFIG" in env
    path = path or Path(env.get("EMBMON_CONFIG", "embmon.toml"))
    text = _read(path) if named or path.exists() else ""
    raw = _parsed(text, path)
    for section, key, value in _overrides(env):
        raw.setdefault(section, {})[key] = value
    return _validated({**raw, "root": path.resolve().parent}, text, path)


def duration(text: str) -> timedelta:
    """A length of time such as `15m`, `1h`, `1d`, `8w`.

    >>> duration("8w").days
    56
    """
    found = re.fullmatch(r"([1-9]\d{0,5})\s*(m|min|h|d|w)", text.strip())
    if not found:
        raise UsageError(f"{text!r} is not a length of time", "write 15m, 1h, 1d or 8w")
    unit = {"m": "minutes", "min": "minutes", "h": "hours", "d": "days", "w": "weeks"}[found[2]]
    return timedelta(**{unit: int(found[1])})


def moment(text: str, hint: str) -> datetime:
    """A date or time in ISO 8601; UTC where it names no offset. UsageError, with `hint`, where it
    is none.

    >>> moment("2026-03-01", "").isoformat()
    '2026-03-01T00:00:00+00:00'
    """
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        raise UsageError(f"{text!r} is not a time", hint) from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def spelt(length: timedelta) -> str:
    """A length of time as `duration` reads it, in its largest unit.

    >>> spelt(timedelta(minutes=90)), spelt(timedelta(days=14))
    ('90m', '2w')
    """
    units = {"w": timedelta(weeks=1), "d": timedelta(days=1), "h": timedelta(hours=1)}
    whole = {name: unit for name, unit in units.items() if not length % unit}
    name, unit = next(iter(whole.items()), ("m", timedelta(minutes=1)))
    return f"{length // unit}{name}"


def budget_windows(text: str, every: timedelta) -> int:
    """N of "one false alarm per N windows", from `1 per 1000 windows` or `1 per 90 days`;
    UsageError for anything else, and where that is one in every window.

    >>> budget_windows("1 per 90 days", timedelta(hours=1))
    2160
    """
    found = re.fullmatch(r"1 per ([1-9]\d{0,6}) (windows|days)", text.strip())
    if not found:
        raise UsageError(
            f"{text!r} is not a budget of false alarms",
            'write "1 per 1000 windows" or "1 per 90 days"',
        )
    n = int(found[1])
    windows = n if found[2] == "windows" else int(timedelta(days=n) / every)
    if windows < 2:
        raise UsageError(
            f"{text!r} allows a false alarm in every window of {spelt(every)}",
            'write a longer time, or "1 per 100 windows"',
        )
    return windows


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read the configuration {path}: {error}", "embmon init") from error


def _parsed(text: str, path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path} is not valid TOML: {error}") from error


def _overrides(env: Mapping[str, str]) -> list[tuple[str, str, str]]:
    found = []
    for section, settings in (("store", StoreSettings), ("report", ReportSettings)):
        for key in settings.model_fields:
            name = f"EMBMON_{section}_{key}".upper()
            if name in env and key != "redact":
                found.append((section, key, env[name]))
    return found


def _validated(raw: dict[str, Any], text: str, path: Path) -> Config:
    try:
        config = Config.model_validate(raw)
    except ValidationError as error:
        first = error.errors()[0]
        raise _readable(first, text, path) from None
    for what, names in (
        ("space", config.spaces),
        ("monitor", config.monitors),
        ("sink", config.sinks),
    ):
        for name in names:
            checked_name(name, what)
    for name, monitor in config.monitors.items():
        if monitor.permitted_mix not in (None, *monitor.segments):
            raise UsageError(
                f"permitted_mix = {monitor.permitted_mix!r} of monitor {name!r} is no segment",
                f"name it among segments, which are {list(monitor.segments)}",
            )
    for place, check in _texts(config):
        try:
            check()
        except UsageError as error:
            where = f"{path}:{_line_of(place, text)}: {'.'.join(place)}"
            raise UsageError(f"{where}: {error.message}", error.hint) from None
    return config


def _texts(config: Config) -> Iterator[tuple[list[str], Callable[[], object]]]:
    """The place of every length of time and budget, and what raises UsageError where it is none."""
    for name, monitor in config.monitors.items():
        place, every = ["monitors", name], monitor.every
        yield [*place, "every"], partial(duration, every)
        budget = monitor.false_alarms
        yield [*place, "false_alarms"], partial(budget_windows, budget, duration(every))
    for key in ("every", "grace", "deadline"):
        yield ["schedule", key], partial(duration, getattr(config.schedule, key))
    if config.alerts.repeat_interval != "never":
        yield ["alerts", "repeat_interval"], partial(duration, config.alerts.repeat_interval)


def _readable(first: Any, text: str, path: Path) -> UsageError:
    place = [str(part) for part in first["loc"]]
    where = f"{path}:{_line_of(place, text)}: {'.'.join(place)}"
    if first["type"] == "extra_forbidden":
        near = difflib.get_close_matches(place[-1], _known_keys(), 1)
        return UsageError(f"{where} is not a known key", f"did you mean {near[0]}?" if near else "")
    return UsageError(
        f"{where}: {first['msg']} (it is {first.get('input')!r})", "embmon config schema"
    )


def _known_keys() -> list[str]:
    models = (StoreSettings, SpaceSettings, MonitorSettings, ScheduleSettings, AlertSettings)
    others = (SinkSettings, MetricsSettings, ReportSettings, EngineSettings, Config)
    keys = {key for model in (*models, *others) for key in model.model_fields}
    return sorted(keys - {"root"})


def _line_of(place: list[str], text: str) -> int:
    """Line of the innermost part of `place` that stands in `text`; 1 where none does."""
    line, lines = 1, text.splitlines()
    for part in place:
        for number in range(line, len(lines) + 1):
            if re.search(rf"(^|[\[.\s]){re.escape(part)}([\].\s=]|$)", lines[number - 1]):
                line = number
                break
    return line
