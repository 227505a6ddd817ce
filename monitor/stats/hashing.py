"""64-bit hashes of rows and of keys; the same on every machine."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

_AT_ONCE = 4 << 20
"""Bytes of keys hashed at once: each takes thirty bytes meanwhile."""
_NONE = np.zeros(1, np.int64)


def row_hashes(vectors: npt.NDArray[np.float32]) -> npt.NDArray[np.uint64]:
    """Hash (n,) of each row's bytes: a multilinear sum over 32-bit words, then mixed.

    Unequal rows collide with a chance of about 2**-50 (Lemire and Kaser 2014). 0.0 and −0.0
    count as different.
    """
    words = np.ascontiguousarray(vectors).view(np.uint32)
    odd = np.random.default_rng(0x656D626D6F6E).integers(
        0, 2**63, vectors.shape[1], np.uint64
    ) * np.uint64(2) + np.uint64(1)
    if vectors.shape[1] % 2 == 0:
        words, odd = words.view(np.uint64), odd[::2]
    return mixed(np.einsum("ij,j->i", words, odd, dtype=np.uint64, casting="unsafe"))


def key_hashes(keys: pa.Array) -> npt.NDArray[np.uint64]:
    """Hash (n,) of string keys: a multilinear sum over bytes, then mixed. A null key hashes as the
    empty string; unequal keys collide with a chance of about 2**-50."""
    texts = keys.cast(pa.large_string())
    texts = texts.fill_null("") if texts.null_count else texts
    _, ends, data = texts.buffers()
    offsets = np.frombuffer(ends, np.int64, len(texts) + 1, 8 * texts.offset) if ends else _NONE
    size = int(offsets[-1] - offsets[0])
    if size > _AT_ONCE and len(texts) > 1:
        half = len(texts) // 2
        return np.concatenate([key_hashes(texts[:half]), key_hashes(texts[half:])])
    sizes = np.diff(offsets)
    places = np.arange(size) - np.repeat(offsets[:-1] - offsets[0], sizes)
    letters = np.frombuffer(data, np.uint8, size, int(offsets[0])) if size else _NONE[:0]
    terms = (letters.astype(np.uint64) + np.uint64(1)) * mixed(places.view(np.uint64))
    upto = np.append(np.uint64(0), np.cumsum(terms))
    rest = offsets - offsets[0]
    return mixed(upto[rest[1:]] - upto[rest[:-1]] + sizes.view(np.uint64))


def mixed(hashes: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Finaliser of splitmix64 (Steele and others 2014): each output bit depends on every bit."""
    h = hashes + np.uint64(0x9E3779B97F4A7C15)
    h = (h ^ (h >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    h = (h ^ (h >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return h ^ (h >> np.uint64(31))
