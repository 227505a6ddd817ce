"""What may stand behind a path: a version, options, and the part of the file that is meant.

vectors.safetensors#encoder.weight    items.lance@v12    shop.db?table=items
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass

Options = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Address:
    """A path, folder or glob, and the options behind it: `part` of `#`, `version` of `@`."""

    path: str
    options: Options = ()


def address(text: str) -> Address:
    """`text` taken apart; a path that exists as it stands has no options.

    `?`, `#` and `@` begin the options where what is before them exists; `#` also behind a path
    or glob of which nothing is known yet. `query=` takes all that follows as it stands.
    """
    if os.path.lexists(text):
        return Address(text)
    for mark in re.finditer(r"[@?#]", text):
        if os.path.exists(text[: mark.start()]) and mark.start():
            return Address(text[: mark.start()], options_of(text[mark.start() :]))
    path, _, part = text.partition("#")
    return Address(path, (("part", part),) if part else ())


def options_of(rest: str) -> Options:
    """The options in what stands behind a path.

    >>> options_of("@v12?padding=0#emb.weight")
    (('version', '12'), ('padding', '0'), ('part', 'emb.weight'))
    >>> options_of("?query=SELECT a#b FROM t WHERE x = '&'")
    (('query', "SELECT a#b FROM t WHERE x = '&'"),)
    """
    found: list[tuple[str, str]] = []
    version = re.match(r"@v?([^?#]*)", rest)
    if version:
        found.append(("version", version[1]))
        rest = rest[version.end() :]
    rest = rest.removeprefix("?")
    while rest and not rest.startswith("#"):
        if rest.startswith("query="):
            return (*found, ("query", rest.removeprefix("query=")))
        pair, rest = re.match(r"([^&#]*)&?(.*)", rest, re.DOTALL).groups()  # type: ignore[union-attr]
        name, _, value = pair.partition("=")
        found.append((name, value))
    if rest:
        found.append(("part", rest[1:]))
    return tuple(found)
