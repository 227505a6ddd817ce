"""A path, folder or glob as files, in sorted order."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

from monitor.errors import SourceError
from monitor.sources.address import Options
from monitor.sources.faults import counted, printable
from monitor.sources.hf_folder import hf_paths
from monitor.sources.kinds import KNOWN, NotData, kind, kind_of_folder
from monitor.sources.nouns import File

_NULL = "__HIVE_DEFAULT_PARTITION__"
_SHOWN = 5


def files(what: str, options: Options = ()) -> tuple[str, list[File], list[str]]:
    """The format of the files that `what` names, the files, and warnings of those left out.

    A folder stands for all files below it that can be read, but for names that begin with `.`
    or `_`. Folders named `key=value` give their rows a column. Raises SourceError where there
    are none, or of more than one format.
    """
    if os.path.isdir(what):
        whole = kind_of_folder(what)
        if whole == "hf dataset":
            return "arrow stream", [_regular(path) for path in hf_paths(what, options)], []
        if whole:
            return whole, [_file(what, options)], []
        return _of_folder(what, [_file(path) for path in _below(what)])
    if os.path.lexists(what):
        file = _regular(what, options)
        return kind(file), [file], []
    if not glob.has_magic(what):
        raise SourceError(f"there is no file {printable(what)}", "check the path")
    return _of_glob(what, options)


def _of_glob(what: str, options: Options) -> tuple[str, list[File], list[str]]:
    found = sorted(glob.glob(what, recursive=True))
    # Marks such as Spark's _SUCCESS are not data.
    marks = () if os.path.basename(what).startswith("_") else ("_",)
    chosen = [path for path in found if not os.path.isdir(path)]
    chosen = [path for path in chosen if not os.path.basename(path).startswith(marks)]
    inside = [p for folder in found if os.path.isdir(folder) and not chosen for p in _below(folder)]
    if not chosen and not inside:
        raise SourceError(f"no file matches {printable(what)}", "check the path and the pattern")
    if inside:
        return _of_folder(what, [_file(path) for path in sorted(set(inside))])
    named = [_regular(path, options) for path in chosen]
    return _one_kind(what, {file: kind(file) for file in named}), named, []


def _below(folder: str) -> Iterator[str]:
    for top, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name[:1] not in "._")
        yield from (os.path.join(top, name) for name in names if name[:1] not in "._")


def _of_folder(what: str, found: list[File]) -> tuple[str, list[File], list[str]]:
    kinds, left = {}, []
    for file in sorted(found, key=lambda file: str(file.path)):
        try:
            kinds[file] = kind(_regular(str(file.path)), listed=True)
        except NotData as error:
            left.append(error.message)
    if not kinds:
        raise SourceError(
            f"the folder {printable(what)} holds no file that can be read",
            "; ".join(left[:_SHOWN]) or KNOWN,
        )
    return _one_kind(what, kinds), list(kinds), _left_out(what, left)


def _left_out(what: str, left: list[str]) -> list[str]:
    if not left:
        return []
    more = f"; and {len(left) - _SHOWN} more" if len(left) > _SHOWN else ""
    shown = "; ".join(left[:_SHOWN])
    return [f"{printable(what)}: {counted(len(left), 'file')} left out: {shown}{more}"]


def _one_kind(what: str, kinds: dict[File, str]) -> str:
    names = sorted(set(kinds.values()))
    if len(names) > 1:
        counts = ", ".join(f"{list(kinds.values()).count(name)} {name}" for name in names)
        raise SourceError(
            f"{printable(what)} holds files of several formats: {counts}",
            "name those of one format, such as 'FOLDER/*.parquet'",
        )
    return names[0]


def _regular(path: str, options: Options = ()) -> File:
    file = _file(path, options)
    if not os.path.exists(path):
        raise SourceError(f"{file.name} is a link to nothing", "check the path")
    if not os.path.isfile(path):
        raise SourceError(f"{file.name} is not a regular file", "write it to a file first")
    return file


def _file(path: str, options: Options = ()) -> File:
    folders = Path(path).parts[:-1]
    found = tuple(_pair(part) for part in folders if part.find("=") > 0)
    return File(Path(path), printable(path), found, options)


def _pair(part: str) -> tuple[str, str | None]:
    key, _, value = part.partition("=")
    return unquote(key), None if value == _NULL else unquote(value)
