"""Arrays as bytes: equal input, equal bytes; hostile bytes, one kind of error."""

from __future__ import annotations

import zlib

import numpy as np
import pyarrow as pa
import pytest
from safetensors import SafetensorError

from monitor.errors import FrameError
from monitor.packed import packed, unpacked

ARRAYS = {"a": np.arange(6).reshape(3, 2).T, "b": np.array([np.nan, -0.0]), "c": np.empty((0, 4))}


def test_arrays_and_header_come_back() -> None:
    """With their types and shapes, and nothing else."""
    arrays, header = unpacked(packed(ARRAYS, {"kind": "x/1", "n": 3}))
    assert header == {"kind": "x/1", "n": 3}
    assert sorted(arrays) == sorted(ARRAYS)
    for name, array in ARRAYS.items():
        assert arrays[name].dtype == array.dtype
        np.testing.assert_array_equal(arrays[name], array)


def test_equal_input_gives_equal_bytes() -> None:
    """No clock and no randomness is in them."""
    assert packed(ARRAYS, {"b": 1, "a": 2}) == packed(ARRAYS, {"a": 2, "b": 1})


def test_python_objects_are_refused() -> None:
    """Nothing is pickled, on the way in or out."""
    with pytest.raises(SafetensorError, match='Unknown dtype "object"'):
        packed({"x": np.array([{}])}, {})


@pytest.mark.parametrize(
    "data",
    [b"", b"PK\x03\x04", b"EMBM\x02" + b"\0" * 40, b"EMBM\x01" + b"\xff" * 8],
    ids=["empty", "zip", "other version", "said to be huge"],
)
def test_bytes_of_another_kind(data: bytes) -> None:
    """They are named for what they are not."""
    with pytest.raises(FrameError) as caught:
        unpacked(data)
    assert caught.value.message == "these bytes are no profile or basis of this release"
    assert caught.value.hint == "see docs/store.md"


def frame_of(plain: bytes) -> bytes:
    """`plain` as a packed body."""
    body: bytes = pa.compress(plain, codec="zstd", asbytes=True)
    return b"EMBM\x01" + head(plain) + body


def head(plain: bytes) -> bytes:
    """What stands between the magic and the body."""
    return len(plain).to_bytes(8, "little") + zlib.crc32(plain).to_bytes(4, "little")


@pytest.mark.parametrize("seed", range(20))
def test_damaged_bytes_are_said_to_be_damaged(seed: int) -> None:
    """Cut short or with flipped bits, they raise FrameError or still hold what they held."""
    rng = np.random.default_rng(seed)
    good = packed(ARRAYS, {"kind": "x/1"})
    bad = bytearray(good[: rng.integers(18, len(good))] if seed % 2 else good)
    bad[int(rng.integers(17, len(bad)))] ^= 1 << int(rng.integers(8))
    try:
        arrays, header = unpacked(bytes(bad))
    except FrameError as error:
        assert error.message.startswith("a stored profile or basis is damaged: ")
    else:
        assert header == {"kind": "x/1"}
        assert sorted(arrays) == sorted(ARRAYS)


@pytest.mark.parametrize("plain", [b"", b"no archive", b"PK\x05\x06" + b"\0" * 18])
def test_bodies_that_are_no_archive(plain: bytes) -> None:
    """Neither an empty body, nor text, nor an archive without a header passes."""
    with pytest.raises(FrameError) as caught:
        unpacked(frame_of(plain))
    assert caught.value.message.startswith("a stored profile or basis is damaged: ")


def test_a_body_larger_than_it_says() -> None:
    """The size before the body bounds what is decompressed."""
    plain = b"\0" * 1_000_000
    body: bytes = pa.compress(plain, codec="zstd", asbytes=True)
    with pytest.raises(FrameError):
        unpacked(b"EMBM\x01" + (10).to_bytes(8, "little") + head(plain)[8:] + body)
