"""Which format a file is of, told by its first bytes; the extension only breaks ties."""

from __future__ import annotations

import glob
import io
import os
import zipfile
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa

from monitor.errors import SourceError
from monitor.sources.faults import printable, reading
from monitor.sources.nouns import File
from monitor.sources.sparse_npz import MEMBERS
from monitor.sources.vecs import ELEMENTS
from monitor.sources.word_marks import kind_of_words

_UNSAFE = (".pkl", ".pickle", ".joblib")
_TORCH = (".pt", ".pth", ".ckpt")
_TEXT = {".csv": "csv", ".tsv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "jsonl"}
_MAGIC = (
    (b"PAR1", "parquet"),
    (b"ARROW1", "arrow"),
    (b"\xff\xff\xff\xff", "arrow stream"),
    (b"\x93NUMPY", "npy"),
    (b"\x89HDF\r\n\x1a\n", "hdf5"),
    (b"SQLite format 3\0", "sqlite"),
    *((fourcc, "faiss") for fourcc in (b"IxF", b"IxM", b"IwF", b"IwP", b"IwS", b"IxH", b"IHN")),
    *((fourcc, "faiss") for fourcc in (b"IHf", b"IHs", b"IHp", b"IxS", b"IxP", b"IxR", b"IxT")),
)
PLAIN = ("parquet", "arrow", "arrow stream", "csv", "jsonl", "npy", "npz")
"""Formats of which the files of a folder may be; all others are named one by one."""

_BINARY = (".parquet", ".arrow", ".arrows", ".feather", ".npy", ".npz")
_PACKED = {b"\x1f\x8b": "gzip", b"BZh": "bz2", b"\x28\xb5\x2f\xfd": "zstd"}
_HEAD = 4096
KNOWN = "Parquet, Arrow, CSV, JSON lines, NumPy and what docs/sources.md lists can be read"


class NotData(SourceError):
    """A file that no reader here is for: in a folder it is left out, by name it is an error."""


def kind(file: File, *, listed: bool = False) -> str:
    """The format of a file, a key of the table of formats.

    Raises SourceError where it is empty or damaged, NotData where it is in no format that can be
    read, or one that only unpickling could read. With `listed`, text is told by the extension
    alone: not every file of a folder that has a comma in it is data.
    """
    if file.path.suffix.lower() in _UNSAFE:
        raise _unsafe(file)
    found = _found(file, listed)
    if listed and found not in PLAIN:
        raise NotData(f"{file.name} is {found}, which is read when named by itself", KNOWN)
    return found


def _found(file: File, listed: bool) -> str:
    head, packed = _head(file)
    suffix = _suffix(file.path)
    if not head:
        error = SourceError if suffix in (*_BINARY, *_TEXT) or not listed else NotData
        raise error(f"{file.name} is empty (0 bytes)", "check how it was written")
    found = _binary(file, head)
    if found and packed:
        raise SourceError(
            f"{file.name} is {found} packed by {packed}", f"unpack it first: {packed} -d"
        )
    if head.startswith((b"\xff\xfe", b"\xfe\xff")) and not found:
        raise SourceError(f"{file.name} is text in UTF-16", "write it in UTF-8")
    if not found and suffix in _BINARY:
        raise SourceError(
            f"{file.name} does not begin as a {suffix} file does",
            "it may be cut short or damaged; write it again",
        )
    if not found and not packed and suffix in ELEMENTS:
        return "vecs"
    if not found and suffix in _TORCH:
        raise _unsafe(file)
    return found or _TEXT.get(suffix) or _kind_of_text(file, head, listed)


def kind_of_folder(folder: str) -> str | None:
    """The format of a folder that is a data set as a whole, None where it only holds files."""
    if os.path.isdir(os.path.join(folder, "_versions")):
        return "lance"
    if os.path.isfile(os.path.join(folder, "chroma.sqlite3")):
        return "chroma"
    if glob.glob(os.path.join(glob.escape(folder), "collections", "*", "manifest.json")):
        return "milvus"
    if glob.glob(os.path.join(glob.escape(folder), "collection", "*", "storage.sqlite")):
        raise NotData(
            f"{printable(folder)} is of Qdrant's local mode, which keeps its points as pickles, "
            "and reading one can run any program: it was not opened",
            "scroll through the collection with qdrant-client, and save the vectors with "
            "numpy.save(PATH, array)",
        )
    marks = (os.path.join(folder, name) for name in ("dataset_dict.json", "state.json"))
    return "hf dataset" if any(map(os.path.isfile, marks)) else None


def unpacked(path: Path) -> BinaryIO:
    """The file's bytes, decompressed where it is gzip, bzip2 or Zstandard."""
    with open(path, "rb") as stream:
        packed = packing(stream.read(4))
    if packed is None:
        return open(path, "rb")
    return io.BufferedReader(pa.input_stream(str(path), compression=packed), 1 << 20)


def _head(file: File) -> tuple[bytes, str | None]:
    """The first bytes of the content, and what packs it."""
    with reading(file.name):
        with unpacked(file.path) as stream:
            head = stream.read(_HEAD)
        with open(file.path, "rb") as stream:
            return head, packing(stream.read(4))


def _binary(file: File, head: bytes) -> str | None:
    for magic, found in _MAGIC:
        if head.startswith(magic):
            return found
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _kind_of_zip(file)
    if head[8:12] == b"DUCK":
        return "duckdb"
    if head[8:10] in (b'{"', b"{}") and int.from_bytes(head[:8], "little") < 1 << 27:
        return "safetensors"
    if head[:1] == b"\x80" and head[1:2] in (b"\x02", b"\x03", b"\x04", b"\x05"):
        raise _unsafe(file)
    return None


def packing(head: bytes) -> str | None:
    """What packs a file that begins so: gzip, bz2, zstd, or None."""
    return next((name for magic, name in _PACKED.items() if head.startswith(magic)), None)


def _suffix(path: Path) -> str:
    """The extension, without that of a compression."""
    packed = path.suffix.lower() in (".gz", ".bz2", ".zst")
    return (Path(path.stem) if packed else path).suffix.lower()


def _kind_of_zip(file: File) -> str:
    with reading(file.name), zipfile.ZipFile(file.path) as archive:
        names = archive.namelist()
    if {"data.pkl", "version"} <= {name.rpartition("/")[2] for name in names}:
        return "torch"
    if any(name.endswith(".pkl") for name in names):
        raise _unsafe(file)
    if set(names) >= MEMBERS - {"indices.npy", "indptr.npy"}:
        return "sparse npz"
    if not any(name.endswith(".npy") for name in names):
        raise NotData(f"{file.name} is a zip archive without NumPy arrays", KNOWN)
    return "npz"


def _kind_of_text(file: File, head: bytes, listed: bool) -> str:
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    words = None if listed else kind_of_words(head)
    if words:
        return words
    if not listed and b"\0" not in head:
        if text.startswith((b"{", b"[")):
            return "jsonl"
        if any(mark in text.split(b"\n")[0] for mark in (b",", b"\t", b";")):
            return "csv"
    raise NotData(f"{file.name} is in no format that can be read", KNOWN)


def _unsafe(file: File) -> NotData:
    return NotData(
        f"{file.name} is a pickle, and reading one can run any program: it was not opened",
        "where it was made, save the vectors with numpy.save(PATH, array) or "
        "DataFrame.to_parquet(PATH)",
    )
