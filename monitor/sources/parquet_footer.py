"""What a Parquet file's footer promises, column by column.

Read here because pyarrow ends the process, without an exception, where the metadata of a column
chunk are damaged (26.0: an error of C++ that `RowGroupMetaData.column` does not catch). The footer
is one struct of Thrift's compact protocol; ids of fields are those of `parquet.thrift`.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

from monitor.sources.limits import MAX_NESTING

_ROW_GROUPS, _CHUNKS, _META = 4, 1, 3
_PATH, _VALUES, _BYTES = 3, 5, 6
_WANTED: dict[int, Any] = {_ROW_GROUPS: {_CHUNKS: {_META: {_PATH: {}, _VALUES: {}, _BYTES: {}}}}}
_TRUE, _FALSE, _BYTE, _DOUBLE, _BINARY, _LIST, _SET, _MAP, _STRUCT = 1, 2, 3, 7, 8, 9, 10, 11, 12


def promises(path: Path) -> dict[tuple[str, ...], int]:
    """Bytes that each column unpacks to, by its path in the schema.

    At least 4 for each value, as of float32: runs of one value take next to nothing in a page.
    Raises ValueError where the footer is damaged.
    """
    with open(path, "rb") as stream:
        end = stream.seek(-8, 2)
        length = int.from_bytes(stream.read(4), "little")
        stream.seek(end - length)
        raw = stream.read(length)
    try:
        return _sums(_Compact(raw).struct(_WANTED, 0))
    except (IndexError, TypeError, AttributeError, ValueError) as error:
        raise ValueError("its footer is damaged") from error


def _sums(footer: dict[int, Any]) -> dict[tuple[str, ...], int]:
    found: dict[tuple[str, ...], int] = defaultdict(int)
    for group in footer.get(_ROW_GROUPS, []):
        for chunk in group.get(_CHUNKS, []):
            meta = chunk.get(_META, {})
            name = tuple(part.decode("utf-8", "replace") for part in meta.get(_PATH, []))
            found[name] += max(4 * meta.get(_VALUES, 0), meta.get(_BYTES, 0))
    return found


class _Compact:
    """A reader of Thrift's compact protocol that keeps the fields of a plan, nested dicts by id."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def struct(self, plan: dict[int, Any], depth: int) -> dict[int, Any]:
        """The planned fields of a struct, others are skipped."""
        found: dict[int, Any] = {}
        field = 0
        while head := self._byte():
            field = field + (head >> 4) if head >> 4 else self._integer()
            value = self._value(head & 15, plan.get(field, {}), depth)
            if field in plan:
                found[field] = value
        return found

    def _value(self, kind: int, plan: dict[int, Any], depth: int) -> Any:
        if depth > MAX_NESTING:
            raise ValueError("nested too deep")
        if kind in (_TRUE, _FALSE):
            return kind == _TRUE
        if kind == _STRUCT:
            return self.struct(plan, depth + 1)
        if kind == _BINARY:
            return self._take(self._varint())
        if kind in (_LIST, _SET):
            return self._list(plan, depth)
        if kind == _MAP:
            return self._map(depth)
        if kind in (_BYTE, _DOUBLE):
            return self._take(1 if kind == _BYTE else 8)
        return self._integer()

    def _list(self, plan: dict[int, Any], depth: int) -> list[Any]:
        head = self._byte()
        size, kind = (self._varint() if head >> 4 == 15 else head >> 4), head & 15
        kind = _BYTE if kind in (_TRUE, _FALSE) else kind  # inside lists, truths take a byte
        return [self._value(kind, plan, depth + 1) for _ in range(size)]

    def _map(self, depth: int) -> None:
        size = self._varint()
        kinds = self._byte() if size else 0
        for _ in range(size):
            for kind in (kinds >> 4, kinds & 15):
                self._value(_BYTE if kind in (_TRUE, _FALSE) else kind, {}, depth + 1)

    def _byte(self) -> int:
        self._at += 1
        return self._data[self._at - 1]

    def _take(self, n: int) -> bytes:
        self._at += n
        if self._at > len(self._data):
            raise ValueError("ends too early")
        return self._data[self._at - n : self._at]

    def _varint(self) -> int:
        found = shift = 0
        while True:
            byte = self._byte()
            found |= (byte & 127) << shift
            if byte < 128:
                return found
            shift += 7

    def _integer(self) -> int:
        found = self._varint()
        return (found >> 1) ^ -(found & 1)
