"""Named arrays as bytes: how bases and profiles are stored."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from safetensors import SafetensorError
from safetensors.numpy import load, save

from monitor.errors import FrameError

_MAGIC = b"EMBM\x01"
_LIMIT = 1 << 31


def packed(arrays: Mapping[str, npt.NDArray[Any]], header: Mapping[str, Any]) -> bytes:
    """`arrays` and a JSON `header` as zstd-compressed safetensors; equal input, equal bytes."""
    text = json.dumps(header, sort_keys=True, separators=(",", ":")).encode()
    # What is not in C order would be saved as if it were.
    ordered = {name: np.asarray(array, order="C") for name, array in arrays.items()}
    plain = save({**ordered, "_header": np.frombuffer(text, np.uint8)})
    body: bytes = pa.compress(plain, codec="zstd", asbytes=True)
    head = len(plain).to_bytes(8, "little") + zlib.crc32(plain).to_bytes(4, "little")
    return _MAGIC + head + body


def unpacked(data: bytes) -> tuple[dict[str, npt.NDArray[Any]], dict[str, Any]]:
    """The arrays and the header of `packed`; FrameError where the bytes are not such."""
    size = int.from_bytes(data[5:13], "little")
    if data[:5] != _MAGIC or size > _LIMIT:
        raise FrameError("these bytes are no profile or basis of this release", "see docs/store.md")
    try:
        plain = pa.decompress(data[17:], size, codec="zstd", asbytes=True)
        if zlib.crc32(plain) != int.from_bytes(data[13:17], "little"):
            raise ValueError("its checksum is another")
        arrays = load(plain)
        return arrays, json.loads(arrays.pop("_header").tobytes())
    except (OSError, ValueError, KeyError, SafetensorError) as error:
        raise FrameError(f"a stored profile or basis is damaged: {error}") from error
