"""NumPy's own files: one array in .npy, memory-mapped; several in .npz."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import IO, Any, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from monitor.errors import SchemaError, SourceError
from monitor.model import Columns
from monitor.sources.arrays import VECTOR, array_table, pieces_table, refuse_array
from monitor.sources.faults import printable, reading
from monitor.sources.layout import USUAL
from monitor.sources.limits import refuse_bomb
from monitor.sources.nouns import File, Table

_SINGLE = "fiubUSM"
_PLAIN = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


@dataclass(frozen=True)
class _Header:
    """What an array is said to be, and where its data begin."""

    shape: tuple[int, ...]
    fortran: bool
    dtype: np.dtype[Any]
    start: int

    @property
    def size(self) -> int:
        """Bytes of the data."""
        n = self.dtype.itemsize
        for length in self.shape:
            n *= length
        return n


@dataclass(frozen=True)
class _Member:
    """An array of a .npz file."""

    info: zipfile.ZipInfo
    header: _Header


def npy_table(file: File, columns: Columns) -> Table:
    """The table of a .npy file: one column `embedding`. Raises SourceError."""
    with reading(file.name), open(file.path, "rb") as stream:
        header = _header(stream)
        refuse_array(header.shape, header.dtype, file.name)
        _refuse_cut(file.name, header, stream.seek(0, io.SEEK_END))
    return array_table(file.name, VECTOR, _mapped(file, header))


def npz_table(file: File, columns: Columns) -> Table:
    """The table of a .npz file: the vectors (n, d), and a column of each array of n values.

    Compressed vectors are streamed, those that are not are memory-mapped. Raises SourceError.
    """
    with reading(file.name), zipfile.ZipFile(file.path) as archive:
        members = {
            printable(m.filename.removesuffix(".npy")): m
            for m in archive.infolist()
            if m.filename.endswith(".npy")
        }
        arrays = {name: _member(file, archive, name, m) for name, m in members.items()}
        vector = _vector(file, arrays, columns.vector)
        chosen = _beside(file, arrays, arrays[vector].header.shape[0], columns)
        beside = {name: _values(archive, arrays[member]) for name, member in chosen.items()}
        return _table(file, archive, vector, arrays[vector], beside)


def _header(stream: IO[bytes]) -> _Header:
    version = np.lib.format.read_magic(stream)
    read = {
        (1, 0): np.lib.format.read_array_header_1_0,
        (2, 0): np.lib.format.read_array_header_2_0,
    }
    try:
        shape, fortran, dtype = read[version](stream)
    except Exception as error:  # it is parsed as Python, which fails in many ways
        raise ValueError("its header is damaged") from error
    return _Header(shape, fortran, dtype, stream.tell())


def _refuse_cut(what: str, header: _Header, size: int) -> None:
    if not header.dtype.hasobject and size < header.start + header.size:
        raise SourceError(
            f"{what} is cut short: an array of shape {header.shape} and type {header.dtype} takes "
            f"{header.start + header.size:,} bytes, and there are {size:,}",
            "write it again; its writer may still be at it",
        )


def _member(file: File, archive: zipfile.ZipFile, name: str, info: zipfile.ZipInfo) -> _Member:
    what = f"{name!r} of {file.name}"
    if info.compress_type not in _PLAIN or info.flag_bits & 1:
        raise SourceError(
            f"{what} is encrypted or packed as NumPy never does",
            "save it with numpy.savez or numpy.savez_compressed",
        )
    refuse_bomb(what, info.file_size, info.compress_size)
    with archive.open(info) as stream:
        header = _header(stream)
    _refuse_cut(what, header, info.file_size)
    return _Member(info, header)


def _vector(file: File, arrays: dict[str, _Member], asked: str | None) -> str:
    """The array that was asked for, else the only (n, d), else the one with a usual name."""
    matrices = [n for n, a in arrays.items() if len(a.header.shape) == 2]
    usual = [n for n in matrices if n.lower() in USUAL]
    named = [asked] if asked in arrays else []
    for found in (named, [] if asked else matrices, [] if asked else usual):
        if len(found) == 1:
            header = arrays[found[0]].header
            refuse_array(header.shape, header.dtype, f"{found[0]!r} of {file.name}")
            return found[0]
    shown = ", ".join(f"{n} {a.header.shape} {a.header.dtype}" for n, a in arrays.items())
    what = f"no array {asked!r}" if asked else "no array that is clearly the vectors"
    raise SchemaError(f"{file.name} has {what}", f"name it with --vector NAME; it has: {shown}")


def _beside(file: File, arrays: dict[str, _Member], n: int, columns: Columns) -> dict[str, str]:
    """Arrays of one value a row by the column they become: `ids` is found as `id` is."""
    asked = {columns.id or "id", columns.at, columns.entity, columns.text, *columns.keep}
    chosen = {}
    for name, array in arrays.items():
        column = "id" if name == "ids" and columns.id is None and "id" not in arrays else name
        header = array.header
        if header.dtype.hasobject and column in asked:
            refuse_array(header.shape, header.dtype, f"{name!r} of {file.name}")
        if header.shape == (n,) and header.dtype.kind in _SINGLE:
            chosen[column] = name
    return chosen


def _values(archive: zipfile.ZipFile, array: _Member) -> pa.Array:
    with archive.open(array.info) as stream:
        found = np.lib.format.read_array(stream, allow_pickle=False)
    return pa.array(found.astype(found.dtype.newbyteorder("="), copy=False))


def _table(
    file: File,
    archive: zipfile.ZipFile,
    vector: str,
    array: _Member,
    beside: dict[str, pa.Array],
) -> Table:
    header = array.header
    if array.info.compress_type == zipfile.ZIP_STORED:
        moved = replace(header, start=header.start + _start(file, array.info))
        return array_table(file.name, vector, _mapped(file, moved), beside)
    if header.fortran:  # its rows lie scattered
        with archive.open(array.info) as stream:
            whole = np.lib.format.read_array(stream, allow_pickle=False)
        return array_table(file.name, vector, whole, beside)

    def pieces(n: int) -> Iterator[npt.NDArray[Any]]:
        return _streamed(file, array, n)

    return pieces_table(file.name, vector, header.shape, header.dtype, pieces, beside)


def _streamed(file: File, array: _Member, n: int) -> Iterator[npt.NDArray[Any]]:
    rows, d = array.header.shape
    with (
        reading(file.name),
        zipfile.ZipFile(file.path) as archive,
        archive.open(array.info) as stream,
    ):
        stream.read(array.header.start)
        for start in range(0, rows, n):
            count = min(n, rows - start)
            raw = stream.read(count * d * array.header.dtype.itemsize)
            yield np.frombuffer(raw, array.header.dtype).reshape(count, d)


def _mapped(file: File, header: _Header) -> npt.NDArray[Any]:
    if not header.shape[0]:
        return np.zeros(header.shape, header.dtype)  # nothing cannot be mapped
    order: Literal["F", "C"] = "F" if header.fortran else "C"
    found: npt.NDArray[Any] = np.memmap(
        file.path, header.dtype, "r", header.start, header.shape, order
    )
    return found


def _start(file: File, member: zipfile.ZipInfo) -> int:
    """Where the bytes of a member that is not compressed begin: behind its local header."""
    with open(file.path, "rb") as stream:
        stream.seek(member.header_offset)
        local = stream.read(30)
    return (
        member.header_offset
        + 30
        + int.from_bytes(local[26:28], "little")
        + int.from_bytes(local[28:30], "little")
    )
