"""Folders that Hugging Face `datasets` saved: which files hold the rows of which split."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from monitor.errors import SourceError
from monitor.sources.address import Options
from monitor.sources.faults import printable, reading

DICT, STATE = "dataset_dict.json", "state.json"
MAX_STATE = 16 << 20


def hf_paths(folder: str, options: Options) -> list[str]:
    """The Arrow streams of a data set, or of the split that `#NAME` names, in their order."""
    name, top = printable(folder), Path(folder)
    with reading(name):
        if (top / DICT).is_file():
            top = top / _split(name, _json(top / DICT)["splits"], dict(options).get("part"))
        elif options:
            raise SourceError(f"{name} has no splits", "name the folder alone")
        listed = [_plain(entry["filename"]) for entry in _json(top / STATE)["_data_files"]]
    if not listed:
        raise SourceError(f"{name} holds no rows", "check how it was written")
    return [str(top / file) for file in listed]


def _split(name: str, splits: list[str], asked: str | None) -> str:
    if asked is None and len(splits) == 1:
        return _plain(splits[0])
    if asked is None or asked not in splits:
        which = "several splits" if asked is None else f"no split {printable(asked)!r}"
        shown = ", ".join(printable(split) for split in splits)
        raise SourceError(f"{name} has {which}", f"name one with #NAME; it has: {shown}")
    return _plain(asked)


def _json(path: Path) -> Any:
    with open(path, "rb") as stream:
        return json.loads(stream.read(MAX_STATE))


def _plain(name: str) -> str:
    """A name from inside a file: it may name a neighbour, not a way to elsewhere."""
    if not isinstance(name, str) or name in ("", ".", "..") or "/" in name or "\\" in name:
        raise ValueError(f"it names the file {name!r}")
    return name
