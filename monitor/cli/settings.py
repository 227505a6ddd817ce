"""The settings as text: a commented file to begin with, and what may be shown of them."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from monitor.cli.clean import without_passwords
from monitor.config import Config

EXAMPLES: dict[str, object] = {
    "store.url_file": "store.url",
    "engine.scheduler": "tls://scheduler.example.com:8786",
    "spaces.dim": 384,
    "spaces.provider": "self-hosted",
    "spaces.encoder": "all-MiniLM-L6-v2",
    "spaces.encoder_dir": "models/all-MiniLM-L6-v2",
    "spaces.revision": "2024-01",
    "spaces.tokenizer": "bert-base-uncased",
    "spaces.prefix": "query: ",
    "spaces.pooling": "mean",
    "spaces.layer": "-1",
    "spaces.max_length": 256,
    "spaces.truncation": "right",
    "spaces.quantisation": "float16",
    "spaces.normalised": True,
    "report.templates": "my-templates",
    "monitors.space": "queries",
    "monitors.source": "traffic/*.parquet",
    "monitors.at": "ts",
    "monitors.timezone": "Europe/Berlin",
    "monitors.vector": "embedding",
    "monitors.id": "id",
    "monitors.entity": "user_id",
    "monitors.text": "text",
    "monitors.segments": ["country"],
    "monitors.permitted_mix": "country",
    "monitors.corpus": "items.parquet",
    "sinks.kind": "webhook",
    "sinks.path": "alerts.jsonl",
    "sinks.url": "env:EMBMON_WEBHOOK_URL",
    "sinks.secret": "env:EMBMON_WEBHOOK_SECRET",
    "sinks.secret_file": "webhook.secret",
    "sinks.host": "smtp.example.com",
    "sinks.port": 587,
    "sinks.user": "embmon",
    "sinks.sender": "embmon@example.com",
    "sinks.template": "alert.j2",
    "metrics.textfile": "/var/lib/prometheus/node-exporter/embmon.prom",
    "metrics.otlp": "env:EMBMON_OTLP_URL",
    "metrics.heartbeat": "env:EMBMON_HEARTBEAT_URL",
    "report.base_url": "https://reports.example.com",
}
"""What stands in the template for keys that have no default."""

NAMES = {"spaces": "queries", "monitors": "queries", "sinks": "ops"}
HIDDEN = "(hidden)"
_SECRET_QUERY = re.compile(r"(?i)([?&][^=&]*(?:pass|secret|token|key|sig)[^=&]*=)[^&]*")


@dataclass(frozen=True)
class Key:
    """One key of a section: what it means, what it may be, what it is if it is not given."""

    name: str
    about: str
    kind: str
    default: object
    required: bool


@dataclass(frozen=True)
class Section:
    """A table of the file; a named one may stand there several times, under different names."""

    name: str
    about: str
    named: bool
    keys: tuple[Key, ...]

    @property
    def heading(self) -> str:
        """The line that opens it."""
        return f"[{self.name}.NAME]" if self.named else f"[{self.name}]"


def sections() -> Iterator[Section]:
    """Every section of the file, from the models."""
    for name, field in Config.model_fields.items():
        named = get_origin(field.annotation) is not None
        model = get_args(field.annotation)[1] if named else field.annotation
        if isinstance(model, type) and issubclass(model, BaseModel):
            keys = tuple(_key(key, inner) for key, inner in model.model_fields.items())
            yield Section(name, (model.__doc__ or "").strip(), named, keys)


def template() -> str:
    """A file with every key as a comment: its meaning and its default, or an example."""
    lines = ["# Settings of embedding-monitor. Remove the # of a line to change its value."]
    lines += ["# `embmon doctor` checks them, `embmon config show` prints what is in use."]
    for section in sections():
        name = f"{section.name}.{NAMES[section.name]}" if section.named else section.name
        about = [f"# {line}" for line in textwrap.wrap(section.about, 96)]
        lines += ["", *about, f"{'#' if section.named else ''}[{name}]"]
        for key in section.keys:
            value = EXAMPLES.get(f"{section.name}.{key.name}", key.default)
            lines += [f"# {key.about} ({key.kind})", f"#{key.name} = {toml_value(value)}"]
    return "\n".join(lines) + "\n"


def public(config: Config) -> dict[str, Any]:
    """The settings without secrets: references stay, passwords and addresses of hooks do not."""
    shown: dict[str, Any] = config.model_dump(mode="json")
    shown["store"]["url"] = _public_url(shown["store"]["url"])
    for monitor in shown["monitors"].values():
        monitor["source"] = _public_url(monitor["source"])
    for key in ("otlp", "heartbeat"):
        url = shown["metrics"][key]
        shown["metrics"][key] = url if url is None or _reference(url) else HIDDEN
    for sink in shown["sinks"].values():
        for key in ("url", "secret"):
            sink[key] = sink[key] if sink[key] is None or _reference(sink[key]) else HIDDEN
        sink["argv"] = sink["argv"][:1] + [HIDDEN] * len(sink["argv"][1:])
    return shown


def toml(settings: Mapping[str, Any]) -> list[str]:
    """The settings as lines of TOML; keys without a value are left out."""
    lines: list[str] = []
    for section, values in settings.items():
        named = section in NAMES
        for name, inner in values.items() if named else [("", values)]:
            lines += ["", f"[{section}.{_toml_key(name)}]" if named else f"[{section}]"]
            lines += [f"{k} = {toml_value(v)}" for k, v in inner.items() if v is not None]
    return lines[1:]


def toml_value(value: object) -> str:
    """A string, number, boolean or list as TOML.

    >>> toml_value("a"), toml_value(True), toml_value(("x", 1))
    ('"a"', 'true', '["x", 1]')
    """
    return json.dumps(value, ensure_ascii=False)


def _key(name: str, field: FieldInfo) -> Key:
    required = field.is_required()
    kind = _kind(field.annotation)
    return Key(name, field.description or name, kind, None if required else field.default, required)


def _kind(annotation: Any) -> str:
    """The type in a reader's words."""
    for each in (annotation, *get_args(annotation)):
        if get_origin(each) is Literal:
            return " | ".join(get_args(each))
    if get_origin(annotation) is tuple:
        return "list of texts"
    plain = {str: "text", int: "whole number", float: "number", bool: "true or false"}
    kinds = [plain[each] for each in (annotation, *get_args(annotation)) if each in plain]
    return kinds[0] if kinds else str(annotation)


def _reference(value: str) -> bool:
    return value.startswith("env:")


def _public_url(url: str) -> str:
    return _SECRET_QUERY.sub(rf"\1{HIDDEN}", without_passwords(url))


def _toml_key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else json.dumps(name)
