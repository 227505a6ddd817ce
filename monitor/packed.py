"""Named arrays as bytes: how bases and profiles are stored."""

from __future__ import annotations

import io
import json
import zlib
from collections.abc import Mapping
from typing import Any
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from monitor.errors import FrameError

_MAGIC = b"EMBM\x01"
_LIMIT = 1 << 31


def packed(arrays: Mapping[str, npt.NDArray[Any]], header: Mapping[str, Any]) -> bytes:
    """`arrays` and a JSON `header` as a zstd-compressed `.npz`; equal input, equal bytes."""
    text = json.dumps(header, sort_keys=True, separators=(",", ":")).encode()
    plain = io.BytesIO()
    np.savez(plain, allow_pickle=False, _header=np.frombuffer(text, np.uint8), **arrays)
    size = plain.tell()
    body: bytes = pa.compress(plain.getvalue(), codec="zstd", asbytes=True)
    return _MAGIC + size.to_bytes(8, "little") + body


def unpacked(data: bytes) -> tuple[dict[str, npt.NDArray[Any]], dict[str, Any]]:
    """The arrays and the header of `packed`; FrameError where the bytes are not such."""
    size = int.from_bytes(data[5:13], "little")
    if data[:5] != _MAGIC or size > _LIMIT:
        raise FrameError("these bytes are no profile or basis of this release", "see docs/store.md")
    try:
        plain = pa.decompress(data[13:], size, codec="zstd", asbytes=True)
        with np.load(io.BytesIO(plain), allow_pickle=False) as found:
            arrays = {name: found[name] for name in found.files}
        return arrays, json.loads(arrays.pop("_header").tobytes())
    except (OSError, ValueError, EOFError, KeyError, BadZipFile, zlib.error) as error:
        raise FrameError(f"a stored profile or basis is damaged: {error}") from error
