"""Tensors of PyTorch checkpoints, mapped where they lie in the file, without PyTorch."""

from __future__ import annotations

import struct
import zipfile
from typing import Any

import numpy as np
import numpy.typing as npt

from monitor.errors import SourceError
from monitor.model import Columns
from monitor.sources.arrays import VECTOR, array_table, bfloat16_table, refuse_array
from monitor.sources.faults import reading
from monitor.sources.matrices import Named, chosen, without_padding
from monitor.sources.nouns import File, Table
from monitor.sources.safetensors import USUAL
from monitor.sources.torch_contents import Tensor, tensors

MAX_CONTENTS = 64 << 20
"""Longest list of contents, in bytes. Those of the largest models take a few."""

_LOCAL_HEADER = struct.Struct("<26xHH")


def torch_table(file: File, columns: Columns) -> Table:
    """The table of one tensor of a checkpoint, memory-mapped. Raises SourceError.

    Tensors of nested dicts and lists are named by the keys on the way to them, joined by dots.
    Programs in the checkpoint are not run, and what is no tensor is not looked at.
    """
    with reading(file.name), zipfile.ZipFile(file.path) as archive:
        members = {info.filename.partition("/")[2]: info for info in archive.infolist()}
        order = members.get("byteorder")
        if order is not None and archive.read(order) != b"little":
            raise SourceError(f"{file.name} is of big-endian numbers", "save it anew elsewhere")
        contents = members["data.pkl"]
        if contents.file_size > MAX_CONTENTS:
            raise ValueError(f"its list of contents takes {contents.file_size:,} bytes")
        found = {n: t for n, t in tensors(archive.read(contents)).items() if _is_sound(t)}
        named = [Named(name, t.shape, t.storage.dtype) for name, t in found.items()]
        tensor = found[chosen(file, named, USUAL)]
        raw = _mapped(file, members[f"data/{tensor.storage.key}"], tensor)
        refuse_array(raw.shape, raw.dtype, file.name)
        wide = tensor.storage.dtype == "bfloat16"
        table = (bfloat16_table if wide else array_table)(file.name, VECTOR, raw)
        return without_padding(table, file)


def _is_sound(tensor: Tensor) -> bool:
    """Whether its place is stated in numbers that can be one."""
    shape, strides = tensor.shape, tensor.strides
    if not (isinstance(shape, tuple) and isinstance(strides, tuple)):
        return False
    numbers = (tensor.offset, *shape, *strides)
    return len(shape) == len(strides) and all(type(n) is int and n >= 0 for n in numbers)


def _mapped(file: File, member: zipfile.ZipInfo, tensor: Tensor) -> npt.NDArray[Any]:
    """The tensor as it lies in the file, which says so in its own words: all are checked."""
    dtype = np.dtype("<u2" if tensor.storage.dtype == "bfloat16" else tensor.storage.dtype)
    if 0 in tensor.shape:
        return np.zeros(tensor.shape, dtype)
    if member.compress_type != zipfile.ZIP_STORED:
        raise ValueError("its tensors are compressed, as PyTorch never writes them")
    last = sum((n - 1) * step for n, step in zip(tensor.shape, tensor.strides, strict=True))
    size = dtype.itemsize
    if (tensor.offset + last + 1) * size > member.file_size:
        raise ValueError("a tensor reaches beyond its storage")
    with open(file.path, "rb") as stream:
        stream.seek(member.header_offset)
        name, extra = _LOCAL_HEADER.unpack(stream.read(_LOCAL_HEADER.size))
    start = member.header_offset + _LOCAL_HEADER.size + name + extra + tensor.offset * size
    raw = np.memmap(file.path, dtype, "r", start, (last + 1,))
    steps = tuple(step * size for step in tensor.strides)
    return np.lib.stride_tricks.as_strided(raw, tensor.shape, steps, subok=True, writeable=False)
