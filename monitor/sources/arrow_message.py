"""What an Arrow IPC message promises, told without decompressing it.

Arrow's reader allocates whatever length stands before a compressed buffer. The few fields needed
to add those up are read here from the message's flatbuffer (`format/Message.fbs` of Apache
Arrow; a table's vtable lists where its fields lie).
"""

from __future__ import annotations

import struct
from typing import Any

_DICTIONARY, _BATCH = 2, 3


def promise(message: Any) -> tuple[int, int]:
    """Rows of a record batch (0 for other messages), and bytes that its body unpacks to.

    Raises struct.error or IndexError where the message is damaged.
    """
    meta = message.metadata.to_pybytes()
    root = _u32(meta, 0)
    kind = _field(meta, root, 1)
    header = _field(meta, root, 2)
    if not kind or not header or meta[kind] not in (_DICTIONARY, _BATCH):
        return 0, 0
    batch = header + _u32(meta, header)
    if meta[kind] == _DICTIONARY:
        inner = _field(meta, batch, 1)
        return 0, _bytes(meta, inner + _u32(meta, inner), message.body)
    length = _field(meta, batch, 0)
    rows = struct.unpack_from("<q", meta, length)[0] if length else 0
    return rows, _bytes(meta, batch, message.body)


def _bytes(meta: bytes, batch: int, body: Any) -> int:
    """Bytes of all buffers of a record batch once unpacked."""
    vector = _field(meta, batch, 2)
    if not vector:
        return 0
    start = vector + _u32(meta, vector)
    packed = _field(meta, batch, 3) != 0
    total = 0
    for i in range(_u32(meta, start)):
        offset, length = struct.unpack_from("<qq", meta, start + 4 + 16 * i)
        size = -1
        if packed and length >= 8:
            (size,) = struct.unpack("<q", body.slice(offset, 8).to_pybytes())
        total += length if size < 0 else size
    return total


def _field(meta: bytes, table: int, number: int) -> int:
    """Where field `number` of a table lies; 0 where it is left out."""
    (back,) = struct.unpack_from("<i", meta, table)
    vtable = table - back
    (size,) = struct.unpack_from("<H", meta, vtable)
    place = 4 + 2 * number
    if place >= size:
        return 0
    (offset,) = struct.unpack_from("<H", meta, vtable + place)
    return table + offset if offset else 0


def _u32(meta: bytes, at: int) -> int:
    return int(struct.unpack_from("<I", meta, at)[0])
