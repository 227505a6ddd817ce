"""safetensors: a JSON header, then the arrays as they lie in memory."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from monitor.errors import SourceError
from monitor.model import Columns
from monitor.sources.arrays import VECTOR, array_table, bfloat16_table, refuse_array
from monitor.sources.faults import reading
from monitor.sources.matrices import Named, chosen, without_padding
from monitor.sources.nouns import File, Table

MAX_HEADER = 100_000_000
"""Longest header, in bytes, as the format's own library has it."""

_TYPES = {
    **{"F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4", "I16": "<i2"},
    **{"I8": "i1", "U8": "u1", "U16": "<u2", "U32": "<u4", "U64": "<u8", "BF16": "<u2"},
}
USUAL = ("*embed*weight", "*embedding*", "*word_embeddings*", "*emb*")


def safetensors_table(file: File, columns: Columns) -> Table:
    """The table of one array of a safetensors file, memory-mapped. Raises SourceError."""
    with reading(file.name):
        start, header = tensors(file)
        named = [Named(n, tuple(t["shape"]), t["dtype"]) for n, t in header.items()]
        name = chosen(file, named, USUAL)
        return without_padding(_table(file, name, start, header[name]), file)


def metadata(file: File) -> Mapping[str, str]:
    """What the writer noted in the header, such as the name of the model."""
    with reading(file.name):
        found = _header(file)[1].get("__metadata__", {})
        return {str(k): str(v) for k, v in found.items()} if isinstance(found, dict) else {}


def tensors(file: File) -> tuple[int, dict[str, Any]]:
    """Where the data begin, and each array's dtype, shape and place, checked."""
    start, header = _header(file)
    header.pop("__metadata__", None)
    room = file.path.stat().st_size - start
    for name, tensor in header.items():
        _refuse_bad(file, name, tensor, room)
    return start, header


def _header(file: File) -> tuple[int, dict[str, Any]]:
    size = file.path.stat().st_size
    with open(file.path, "rb") as stream:
        length = int.from_bytes(stream.read(8), "little")
        if length > min(size - 8, MAX_HEADER):
            raise SourceError(
                f"{file.name} is cut short or damaged: its header would take {length:,} bytes",
                "write it again; its writer may still be at it",
            )
        found = json.loads(stream.read(length))
    if not isinstance(found, dict):
        raise ValueError("its header is no JSON object")
    return 8 + length, found


def _refuse_bad(file: File, name: str, tensor: Any, room: int) -> None:
    begin, end = tensor["data_offsets"]
    shape, kind = tensor["shape"], tensor["dtype"]
    if not all(type(n) is int and n >= 0 for n in (*shape, begin, end)):
        raise ValueError(f"the place of {name!r} is damaged")
    if end > room:
        raise SourceError(
            f"{file.name} is cut short: {name!r} ends at byte {end:,} of the data, "
            f"and there are {room:,}",
            "write it again; its writer may still be at it",
        )
    if kind in _TYPES and math.prod(shape) * np.dtype(_TYPES[kind]).itemsize != end - begin:
        raise ValueError(f"{name!r} of shape {tuple(shape)} does not fill its place")


def _table(file: File, name: str, start: int, tensor: Any) -> Table:
    what, kind = f"{name!r} of {file.name}", tensor["dtype"]
    if kind not in _TYPES:
        raise SourceError(f"{what} is of type {kind}, which vectors cannot be", "save it as F32")
    shape, dtype = tuple(tensor["shape"]), np.dtype(_TYPES[kind])
    refuse_array(shape, dtype, what)
    if not shape[0]:
        return array_table(file.name, VECTOR, np.zeros(shape, np.float32))
    raw = np.memmap(file.path, dtype, "r", start + tensor["data_offsets"][0], shape)
    return (bfloat16_table if kind == "BF16" else array_table)(file.name, VECTOR, raw)
