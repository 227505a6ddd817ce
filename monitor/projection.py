"""Two-dimensional maps of rows. The only user of umap-learn.

Maps are for looking: nothing is decided on them, and their distances are not to scale.
`UMAP.transform` lays new kinds of rows onto old islands, so that novelty cannot be seen; every
map here is therefore fitted on all of its rows at once.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
import warnings
from types import ModuleType
from typing import Any

import numpy as np
import numpy.typing as npt

from monitor.batch import Float32, Float64

N_NEIGHBORS = 15
LEAST_ROWS = 20
"""Fewer rows than this have no neighbourhoods to speak of: they are mapped by PCA."""
_BLOCK = 1024


def joint_rows(reference: Float32, current: Float32) -> Float32:
    """The rows of one map of both samples, (n + m, p): the n rows of `reference` first.

    reference (n, p) and current (m, p) are finite rows in one frame, p at most a few hundred
    (project wider ones first). Give about as many rows of each: the larger side shapes the map.
    Raises ValueError where widths differ or a value is not finite.
    """
    rows = np.concatenate([reference, current]).astype(np.float32, copy=False)
    if not np.isfinite(rows).all():
        raise ValueError("only finite rows can be mapped")
    return rows


def paired_rows(a: Float32, b: Float32) -> Float32:
    """The rows of one map of the same n items in two versions, (2n, max(p, q)): those of `a` first.

    a (n, p) and b (n, q) hold item i in row i. Version b is first laid onto a by `aligned`, and
    both are mapped together: an item whose vector only turned with all others stays where it
    was, and one that moved against its neighbours is seen to move. Two maps fitted one after
    the other cannot show that, for UMAP moves even rows that did not change.
    """
    width = max(a.shape[1], b.shape[1])
    left, right = _padded(a, width), _padded(b, width)
    return joint_rows(_centred(left), aligned(right, left))


def aligned(moved: Float32, fixed: Float32) -> Float32:
    """`moved` (n, p) turned, scaled and shifted to the origin so as to lie on centred `fixed`.

    Orthogonal Procrustes (Schönemann 1966), scaled to the same spread: by the scale that fits best,
    a version that agrees little would be drawn small (Gower and Dijksterhuis 2004, chapter 4).

    >>> fixed = np.array([[0, 0], [2, 0], [0, 1]], np.float32)
    >>> turned = 3 * fixed[:, ::-1] + 7
    >>> bool(np.allclose(aligned(turned, fixed), fixed - fixed.mean(0), atol=1e-5))
    True
    """
    x, y = _centred(moved).astype(np.float64), _centred(fixed).astype(np.float64)
    left, _, right = np.linalg.svd(x.T @ y)
    spread = float((x**2).sum())
    scale = float(np.sqrt((y**2).sum() / spread)) if spread > 0 else 1.0
    return np.asarray(scale * x @ (left @ right), np.float32)


def principal_map(rows: Float32) -> Float32:
    """The first two principal components of `rows` (n, p), as (n, 2).

    The sign of each is such that its largest loading is positive. Missing components are zero.

    >>> principal_map(np.array([[0, 0, 0], [0, 2, 0], [0, 4, 0]], np.float32))[:, 0]
    array([-2.,  0.,  2.], dtype=float32)
    """
    found = np.zeros((len(rows), 2), np.float32)
    centred = _centred(rows).astype(np.float64)
    _, vectors = np.linalg.eigh(centred.T @ centred)
    loadings: Float64 = vectors[:, ::-1][:, :2]
    largest = loadings[np.abs(loadings).argmax(0), range(loadings.shape[1])]
    found[:, : loadings.shape[1]] = centred @ (loadings * np.where(largest < 0, -1, 1))
    return found


def umap_map(rows: Float32, seed: int) -> Float32:
    """The map (n, 2) of finite `rows` (n, p) by UMAP (McInnes and others 2018), from a PCA start.

    The same rows and seed give the same map on one machine. Fewer than LEAST_ROWS, and rows on a
    line, are mapped by PCA.
    """
    start = principal_map(rows)
    if len(rows) < LEAST_ROWS or np.ptp(start, axis=0).min() == 0:
        return start
    umap = _umap()
    at, distance = nearest_rows(rows, N_NEIGHBORS)
    with warnings.catch_warnings():
        # It says that new rows could not be transformed. None ever are.
        warnings.filterwarnings("ignore", "precomputed_knn", UserWarning)
        fitted = umap.UMAP(
            n_neighbors=N_NEIGHBORS,
            precomputed_knn=(at, distance, None),
            init=start,  # which it scales to 0 … 10 an axis
            random_state=seed,
            n_jobs=1,
        ).fit_transform(rows)
    return np.ascontiguousarray(fitted, np.float32)


def nearest_rows(rows: Float32, k: int) -> tuple[npt.NDArray[np.int32], Float32]:
    """The k nearest rows of each row, itself first, and their Euclidean distances: both (n, k).

    Exact, by blocked matrix products; k is at most n.

    >>> at, distance = nearest_rows(np.array([[0], [1], [3]], np.float32), 2)
    >>> at.tolist(), distance[:, 1].tolist()
    ([[0, 1], [1, 0], [2, 1]], [1.0, 1.0, 2.0])
    """
    centred = _centred(rows)
    squares = np.einsum("ij,ij->i", centred, centred)
    at = np.empty((len(rows), k), np.int32)
    distance = np.empty((len(rows), k), np.float32)
    for start in range(0, len(rows), _BLOCK):
        part = slice(start, start + _BLOCK)
        gaps = squares[part, None] + squares[None, :] - 2 * (centred[part] @ centred.T)
        np.maximum(gaps, 0, out=gaps)
        gaps[np.arange(len(gaps)), np.arange(start, start + len(gaps))] = -1  # itself first
        best = np.argpartition(gaps, k - 1, axis=1)[:, :k]
        best = np.take_along_axis(best, np.take_along_axis(gaps, best, 1).argsort(kind="stable"), 1)
        at[part] = best
        distance[part] = np.sqrt(np.maximum(np.take_along_axis(gaps, best, 1), 0))
    return at, distance


def _umap() -> ModuleType:
    """The library, also where its compiler may write its cache nowhere.

    Numba keeps compiled code beside the library or in the user's cache folder (2 s to import,
    14 s the first time). Where it may write to neither, importing fails: then it gets a folder
    for this process alone, because what it finds in a shared one would be run.
    """
    try:
        import umap
    except RuntimeError:
        import numba

        settings: Any = numba.config
        settings.CACHE_DIR = tempfile.mkdtemp(prefix="embmon-numba-")
        atexit.register(shutil.rmtree, settings.CACHE_DIR, ignore_errors=True)
        import umap
    module: ModuleType = umap
    return module


def _centred(rows: Float32) -> Float32:
    """`rows` less their mean; no rows stay no rows."""
    mean = rows.sum(0, dtype=np.float64) / max(1, len(rows))
    return np.asarray(rows - mean, np.float32)


def _padded(rows: Float32, width: int) -> Float32:
    return np.pad(rows, ((0, 0), (0, width - rows.shape[1])))
