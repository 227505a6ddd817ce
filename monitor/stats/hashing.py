"""64-bit hashes of rows and of keys; the same on every machine."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

_KEY = "embmon-entities!"  # pandas wants sixteen characters


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
    """Hash (n,) of string keys, by pandas' SipHash; a null key hashes as the empty string."""
    from pandas.util import hash_array

    strings = keys.cast(pa.string()).fill_null("").to_numpy(zero_copy_only=False)
    return mixed(hash_array(strings.astype(object), hash_key=_KEY, categorize=True))


def mixed(hashes: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Finaliser of splitmix64 (Steele and others 2014): each output bit depends on every bit."""
    h = hashes + np.uint64(0x9E3779B97F4A7C15)
    h = (h ^ (h >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    h = (h ^ (h >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return h ^ (h >> np.uint64(31))
