"""Which rows a purge is about, and what documents say of them. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from monitor.stats.hashing import key_hashes
from monitor.stats.sample import COLUMN

_QUOTED = re.compile("“([^“”]*)”")
_GONE = "(purged)"


@dataclass(frozen=True)
class Gone:
    """The rows whose entity, or one of whose `columns`, is `subject`; or that came by `before`."""

    subject: str | None
    before: datetime | None
    columns: tuple[str, ...] = ("id",)

    def sampled(self, table: pa.Table) -> pa.Array:
        """Which rows (n,) of the table of a sample these are."""
        if self.subject is None:
            return pc.fill_null(pc.less_equal(table["_at"], pa.scalar(self.before)), False)
        entity = pa.scalar(int(key_hashes(pa.array([self.subject]))[0]), pa.uint64())
        names = ["_id" if name == "id" else COLUMN + name for name in self.columns]
        return pc.or_(pc.equal(table["_entity"], entity), self._named(table, names))

    def stored(self, table: pa.Table) -> pa.Array:
        """Which rows (n,) of a version these are: of a subject alone, as versions have no times."""
        return self._named(table, self.columns)

    def _named(self, table: pa.Table, names: Sequence[str]) -> pa.Array:
        found = pa.chunked_array([pa.repeat(False, table.num_rows)])
        for name in set(names) & set(table.column_names):
            same = pc.equal(table[name].cast(pa.string()), pa.scalar(self.subject, pa.string()))
            found = pc.or_(found, pc.fill_null(same, False))
        return found


def names(value: Any, words: frozenset[str]) -> bool:
    """Whether a document holds one of the `words`, as a text or in quotes.

    >>> names({"rows": ["bob"], "causes": ["more of “ann”"]}, frozenset(["ann"]))
    True
    """
    if isinstance(value, str):
        return value in words or not words.isdisjoint(_QUOTED.findall(value))
    inner = value.values() if isinstance(value, Mapping) else value
    return isinstance(inner, Iterable) and any(names(one, words) for one in inner)


def reworded(value: Any, words: frozenset[str]) -> Any:
    """A stored document or sentence without the `words` of rows that went.

    They go from lists of rows and texts, and as names of topics, which sentences have in quotes;
    the texts of a topic go with the first of its rows, since they may have been cut.

    >>> gone = frozenset(["ann", "7"])
    >>> reworded({"label": "ann", "rows": ["ann", "bob"], "texts": ["I am A…"]}, gone)
    {'label': '(purged)', 'rows': ['bob'], 'texts': []}
    >>> reworded("7.5% of rows are in cluster “ann”", gone)
    '7.5% of rows are in cluster “(purged)”'
    """
    if isinstance(value, str):
        return _QUOTED.sub(lambda found: f"“{_GONE}”" if found[1] in words else found[0], value)
    if isinstance(value, list | tuple):
        return [reworded(one, words) for one in value]
    if not isinstance(value, Mapping):
        return value
    found = {key: reworded(inner, words) for key, inner in value.items()}
    match found:
        case {"rows": list(rows), "texts": list()} if names(rows, words):
            found |= {"rows": [one for one in rows if one not in words], "texts": []}
        case {"labels": list(labels)}:  # which the next reference names anew
            found["labels"] = [
                f"cluster {k}" if one in words else one for k, one in enumerate(labels)
            ]
    return found | ({"label": _GONE} if names(found.get("label"), words) else {})
