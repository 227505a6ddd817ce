"""Numbers people know from other tools. They are shown, never decided upon."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from monitor.basis import Basis
from monitor.profiles import Profile
from monitor.scores.effect import shares
from monitor.scores.totals import Float64
from monitor.stats.features import UNIT


def familiar(basis: Basis, reference: Profile, current: Profile) -> dict[str, float]:
    """All of them by name; `nan` where a side has too few rows.

    mmd2: unbiased MMD² of a mixture of three Gaussian kernels; frechet: Fréchet distance in the
    basis, corrected for bias; mean_cosine, mean_l2: cosine and Euclidean distance of the
    means; psi, js: population stability index and Jensen-Shannon distance (base 2) over clusters;
    ks and w1: largest Kolmogorov-Smirnov distance and largest Wasserstein-1 distance, in
    deviations, of any leading component; sliced_w1: mean W1 over leading components, in units
    of the vectors; pca_residual: share of energy outside the subspace, current less reference.
    """
    if min(reference.n, current.n) < 2:
        return dict.fromkeys(_NAMES, math.nan)
    ks, w1 = component_distances(basis, reference, current)
    return {
        "mmd2": _mmd2(reference, current),
        "frechet": _frechet(reference, current),
        **_means(basis, reference, current),
        "psi": psi(_counts(reference), _counts(current)),
        "js": jensen_shannon(shares(reference), shares(current)),
        "ks": float(ks.max()),
        "w1": float(w1.max()),
        "sliced_w1": float((w1 * basis.deviations[: len(w1)]).mean()),
        "pca_residual": _residual(basis, current) - _residual(basis, reference),
    }


_NAMES = (
    *("mmd2", "frechet", "mean_cosine", "mean_l2", "psi", "js"),
    *("ks", "w1", "sliced_w1", "pca_residual"),
)


def psi(reference: Float64, current: Float64) -> float:
    """Population stability index of two vectors of counts, half a row added to each cell.

    >>> round(psi(np.array([50.0, 50.0]), np.array([30.0, 70.0])), 3)
    0.166
    """
    p = (reference + 0.5) / (reference + 0.5).sum()
    q = (current + 0.5) / (current + 0.5).sum()
    return float(((q - p) * np.log(q / p)).sum())


def jensen_shannon(p: Float64, q: Float64) -> float:
    """Jensen-Shannon distance, base 2, of two vectors of shares: 0 equal, 1 disjoint.

    >>> jensen_shannon(np.array([1.0, 0.0]), np.array([0.0, 1.0]))
    1.0
    """
    middle = (p + q) / 2

    def divergence(a: Float64) -> float:
        held = a > 0
        return float((a[held] * np.log2(a[held] / middle[held])).sum())

    return math.sqrt(max(0.0, (divergence(p) + divergence(q)) / 2))


def _counts(profile: Profile) -> Float64:
    return np.asarray(profile.clusters.counts.sum(axis=0), np.float64)


def _mmd2(reference: Profile, current: Profile) -> float:
    """Exact U-statistic of the random feature kernel: cos² + sin² = 1 makes k(x, x) = 1."""
    half = reference.features.total.shape[1] // 2
    a = reference.features.total.sum(axis=0) * UNIT / math.sqrt(half)
    b = current.features.total.sum(axis=0) * UNIT / math.sqrt(half)
    n, m = reference.n, current.n
    within = (a @ a - n) / (n * (n - 1)) + (b @ b - m) / (m * (m - 1))
    return float(within - 2 * (a @ b) / (n * m))


def _frechet(reference: Profile, current: Profile) -> float:
    """‖Δμ‖² + tr(A + B − 2(A½BA½)½); what noise adds to the means' part is taken off. With
    A = LLᵀ, LᵀBL has the eigenvalues of A½BA½."""
    root, b = reference.components.root, current.components.covariance
    shift = _mean(current) - _mean(reference)
    cross = np.sqrt(np.maximum(np.linalg.eigvalsh(root.T @ b @ root), 0)).sum()
    sizes = float(np.square(root).sum()), float(np.trace(b))
    noise = sizes[0] / reference.n + sizes[1] / current.n
    return float(max(0.0, shift @ shift - noise + sum(sizes) - 2 * cross))


def _mean(profile: Profile) -> Float64:
    return np.asarray(profile.components.total.sum(axis=0) / profile.n, np.float64)


def _means(basis: Basis, reference: Profile, current: Profile) -> dict[str, float]:
    a = basis.x0 + reference.moments.total / reference.n
    b = basis.x0 + current.moments.total / current.n
    norms = float(np.linalg.norm(a) * np.linalg.norm(b))
    cosine = 1 - float(a @ b) / norms if norms > 0 else math.nan
    return {"mean_cosine": max(0.0, cosine), "mean_l2": float(np.linalg.norm(a - b))}


def component_distances(
    basis: Basis, reference: Profile, current: Profile
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """KS and W1 (in deviations of the basis) of each leading component (p,), from its
    histogram."""
    a = np.cumsum(reference.histograms.components, axis=1) / reference.n
    b = np.cumsum(current.histograms.components, axis=1) / current.n
    gap = np.abs(a - b)
    _, width = basis.component_grid()
    widths = width / basis.deviations[: len(width)]
    return gap.max(axis=1), gap.sum(axis=1) * widths


def _residual(basis: Basis, profile: Profile) -> float:
    """Share of energy about x0 that lies outside the principal subspace."""
    total = float(profile.moments.squares.sum())
    return max(0.0, 1 - profile.components.energy / total) if total > 0 else math.nan
