"""Linear CKA: how alike the similarities between all items are in two versions."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from monitor.batch import Float32, Float64
from monitor.versions.measure import Measure

_GROUPS = 10


def linear_cka(x: npt.NDArray[np.floating], y: npt.NDArray[np.floating], debiased: bool) -> float:
    """Linear centred kernel alignment of x (n, d) and y (n, e); nan where one does not vary.

    Plain: Kornblith et al. 2019, in [0, 1]. Debiased: with the unbiased estimator of HSIC (Song
    et al. 2012; Nguyen et al. 2021), about 0 for unrelated versions, n ≥ 4.

    >>> x = np.array([[0.0, 0], [1, 0], [0, 2], [3, 1], [2, 2]])
    >>> round(linear_cka(x, 3 * x[:, ::-1] + 1, debiased=True), 6)
    1.0
    """
    return kernel_alignment(_gram(x), _gram(y), debiased)


def kernel_alignment(
    k: npt.NDArray[np.floating], m: npt.NDArray[np.floating], debiased: bool
) -> float:
    """CKA of any two kernels (n, n) over the same items; see `linear_cka`.

    >>> k = np.array([[2.0, 1, 0], [1, 2, 0], [0, 0, 2]])
    >>> round(kernel_alignment(k, 3 * k, debiased=False), 6)
    1.0
    """
    k, m = (_u_centred(k), _u_centred(m)) if debiased else (_centred(k), _centred(m))
    cross, own = float(np.vdot(k, m)), float(np.vdot(k, k)) * float(np.vdot(m, m))
    return cross / math.sqrt(own) if own > 0 else math.nan


def cka(x: Float32, y: Float32, debiased: bool) -> Measure:
    """Linear CKA of a sample of rows, interval by a jackknife over ten groups of rows."""
    k, m = _gram(x), _gram(y)
    value = kernel_alignment(k, m, debiased)
    group = np.arange(len(x)) % _GROUPS
    left_out = []
    for g in range(_GROUPS):
        keep = np.flatnonzero(group != g)
        left_out.append(kernel_alignment(k[np.ix_(keep, keep)], m[np.ix_(keep, keep)], debiased))
    spread = np.asarray(left_out) - np.mean(left_out)
    half = 1.96 * math.sqrt((_GROUPS - 1) / _GROUPS * float(spread @ spread))
    return Measure(
        value, value - half, min(1.0, value + half), chance=0.0 if debiased else math.nan
    )


def _gram(x: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
    x = x - x.mean(axis=0)
    return np.asarray(x @ x.T)


def _centred(gram: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
    rows: Float64 = gram.mean(axis=0)
    return np.asarray(gram - rows - rows[:, None] + rows.mean())


def _u_centred(gram: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
    """U-centring (Székely and Rizzo 2014): no diagonal, all rows sum to zero."""
    n = len(gram)
    gram = gram.copy()
    np.fill_diagonal(gram, 0)
    rows = gram.sum(axis=0) / (n - 2)
    gram = gram - rows - rows[:, None] + rows.sum() / (n - 1)
    np.fill_diagonal(gram, 0)
    return np.asarray(gram)
