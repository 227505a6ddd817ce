"""From the windows of a reference to what is normal for them, and how unlikely a window is."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from monitor.basis import Basis
from monitor.errors import FrameError
from monitor.model import Window
from monitor.packed import packed, unpacked
from monitor.profiles import Profile
from monitor.scores.families import FAMILIES
from monitor.scores.totals import bucket_totals, whole, without_each
from monitor.seasons import fold, slot
from monitor.tails import Tail

MIN_WINDOWS = 20
MIN_WEEKS = 2
SHRINKAGE = 0.1
_KIND = "calibration/1"

Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Observed:
    """A window as the rule sees it: usable rows n, and for each family its vector (p,) and the
    jackknife spread (buckets, p), whose Gram matrix is the sampling covariance of the vector."""

    window: Window
    n: float
    vectors: Mapping[str, Float64]
    spreads: Mapping[str, Float64]


def observed(basis: Basis, window: Window, profile: Profile) -> Observed:
    """What the rule needs of a window's profile: of the rows that the basis has not seen."""
    buckets = bucket_totals(profile, basis.fitted_buckets)
    total, others = whole(buckets), without_each(buckets)
    vectors = {name: family(basis, total)[0] for name, family in FAMILIES.items()}
    spreads = {name: _spread(family(basis, others)) for name, family in FAMILIES.items()}
    return Observed(window, float(total.n[0]), vectors, spreads)


@dataclass(frozen=True, eq=False)
class Normal:
    """What one family's vector is like in quiet windows.

    means: slot -> (p,), "" for all slots together; axes (p, p) and noise (p,): in coordinates
    axes @ residual the covariance of a window of n rows is 1 + noise / n; between, within (p,):
    variances of single entries between windows, and within per row.
    """

    means: Mapping[str, Float64]
    axes: Float64
    noise: Float64
    between: Float64
    within: Float64

    def arrays(self) -> dict[str, Float64]:
        """The state as named arrays."""
        means = {f"mean:{key}": value for key, value in self.means.items()}
        rest = ("axes", "noise", "between", "within")
        return {**means, **{key: getattr(self, key) for key in rest}}

    @classmethod
    def from_arrays(cls, name: str, arrays: Mapping[str, Float64]) -> Self:
        """The normal whose `arrays` stand in `arrays` behind `name.`."""
        own = {k.removeprefix(f"{name}."): v for k, v in arrays.items() if k.startswith(f"{name}.")}
        means = {k.removeprefix("mean:"): v for k, v in own.items() if k.startswith("mean:")}
        return cls(means, *(own[key] for key in ("axes", "noise", "between", "within")))

    def z(self, seen: Observed, name: str) -> Float64:
        """Each entry's residual over its deviation among windows of this size (p,)."""
        spread = self.between + self.within / max(seen.n, 1)
        return self.residual(seen, name) / np.sqrt(np.maximum(spread, 1e-300))

    def residual(self, seen: Observed, name: str) -> Float64:
        """Difference (p,) of the window's vector from the mean of its season slot."""
        return seen.vectors[name] - self.means.get(slot(seen.window), self.means[""])

    def score(self, seen: Observed, name: str) -> float:
        """T² = rᵀ(Σ_b + Σ_w/n + λI)⁻¹r; `nan` for a window without rows."""
        if seen.n == 0:
            return math.nan
        rotated = self.axes @ self.residual(seen, name)
        return float((rotated**2 / (1 + self.noise / seen.n)).sum())


def normal(windows: Sequence[Observed], name: str, within: Float64 | None = None) -> Normal:
    """The normal of family `name` over these windows; `within` is their `sampling`, if known.

    Between-window covariance is what the residuals vary beyond sampling noise, made positive
    semidefinite; λ = 0.1 of the mean variance keeps few windows from claiming exactness.
    """
    vectors = np.array([seen.vectors[name] for seen in windows])
    slots = np.array([slot(seen.window) for seen in windows])
    means = {"": vectors.mean(axis=0)}
    residuals = vectors - means[""]
    for one in np.unique(slots):
        members = slots == one
        if members.sum() >= 2:
            means[str(one)] = vectors[members].mean(axis=0)
            # A mean of m windows lies too close to each of them by (m − 1)/m.
            grown = math.sqrt(members.sum() / (members.sum() - 1))
            residuals[members] = (vectors[members] - means[str(one)]) * grown
    covariance = residuals.T @ residuals / len(windows)
    within = sampling(windows, name) / len(windows) if within is None else within
    between = _positive(covariance - within * float(np.mean([1 / max(s.n, 1) for s in windows])))
    ridge = SHRINKAGE * float(np.trace(covariance)) / len(covariance)
    axes, noise = _common_axes(between + max(ridge, 1e-12) * np.eye(len(between)), within)
    return Normal(means, axes, noise, np.diag(between).copy(), np.diag(within).copy())


def sampling(windows: Sequence[Observed], name: str) -> Float64:
    """Sum over windows of the sampling covariance (p, p) per row, n times the jackknife's."""
    spreads = np.vstack([math.sqrt(seen.n) * seen.spreads[name] for seen in windows])
    return np.asarray(spreads.T @ spreads)


@dataclass(frozen=True, eq=False)
class Calibration:
    """normals and tails by family; tests: how many independent tests the families amount to;
    windows, weeks: what it was learnt from."""

    normals: Mapping[str, Normal]
    tails: Mapping[str, Tail]
    tests: float
    windows: int
    weeks: int

    def to_bytes(self) -> bytes:
        """The calibration for the store."""
        arrays = {
            f"{name}.{key}": value
            for name, found in self.normals.items()
            for key, value in found.arrays().items()
        }
        header = {
            "kind": _KIND,
            "tails": {name: asdict(tail) for name, tail in self.tails.items()},
            "tests": self.tests,
            "windows": self.windows,
            "weeks": self.weeks,
        }
        return packed(arrays, header)

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """The calibration whose `to_bytes` this is; FrameError where it is not."""
        arrays, header = unpacked(data)
        if header.get("kind") != _KIND:
            raise FrameError(f"{header.get('kind')!r} is no calibration this release can read")
        names = dict.fromkeys(key.split(".", 1)[0] for key in arrays)
        return cls(
            {name: Normal.from_arrays(name, arrays) for name in names},
            {name: Tail(**tail) for name, tail in header["tails"].items()},
            header["tests"],
            header["windows"],
            header["weeks"],
        )

    @property
    def ready(self) -> bool:
        """Whether there were windows and weeks enough for statistical alarms."""
        return self.windows >= MIN_WINDOWS and self.weeks >= MIN_WEEKS

    def scores(self, seen: Observed) -> dict[str, float]:
        """T² of every family."""
        return {name: found.score(seen, name) for name, found in self.normals.items()}

    def p_values(self, scores: Mapping[str, float]) -> dict[str, float]:
        """Chance of such a score in a quiet window, by family; `nan` while calibrating."""
        if not self.ready:
            return dict.fromkeys(scores, math.nan)
        return {name: self.tails[name].p_value(x) for name, x in scores.items()}

    def combined(self, p_values: Mapping[str, float]) -> float:
        """One p-value from the smallest: 1 − (1 − p)^tests."""
        return _combined(min(p_values.values()), self.tests)


def calibrated(windows: Sequence[Observed]) -> Calibration:
    """The calibration of reference windows (those without rows are passed over).

    Each week is scored by a fit on the other weeks, so that errors of estimation are in the
    calibration sample. Fewer than 20 windows or two weeks give one that is not `ready`.
    """
    held = [seen for seen in windows if seen.n > 0]
    weeks = sorted({fold(seen.window) for seen in held})
    normals = {name: normal(held, name) for name in FAMILIES} if held else {}
    if len(held) < MIN_WINDOWS or len(weeks) < MIN_WEEKS:
        return Calibration(normals, {}, float(len(FAMILIES)), len(held), len(weeks))
    scores = {name: _out_of_fold(held, weeks, name) for name in FAMILIES}
    tails = {name: Tail.fitted(values) for name, values in scores.items()}
    p_values = [[tails[name].p_value(x) for x in values] for name, values in scores.items()]
    tests = _tests(np.min(p_values, axis=0))
    return Calibration(normals, tails, tests, len(held), len(weeks))


def _out_of_fold(windows: Sequence[Observed], weeks: Sequence[str], name: str) -> Float64:
    scores = np.empty(len(windows))
    folds = np.array([fold(seen.window) for seen in windows])
    parts = {week: [windows[int(i)] for i in np.flatnonzero(folds == week)] for week in weeks}
    sums = {week: sampling(part, name) for week, part in parts.items()}
    whole = np.sum(list(sums.values()), axis=0)
    for week, part in parts.items():
        rest = [seen for seen, other in zip(windows, folds, strict=True) if other != week]
        fit = normal(rest, name, (whole - sums[week]) / len(rest))
        scores[folds == week] = [fit.score(seen, name) for seen in part]
    return scores


def _tests(smallest: Float64) -> float:
    """How many independent tests would give these smallest p-values their median; 1..families."""
    median = min(max(float(np.median(smallest)), 1e-6), 1 - 1e-6)
    return float(np.clip(math.log(0.5) / math.log1p(-median), 1, len(FAMILIES)))


def _combined(smallest: float, tests: float) -> float:
    return -math.expm1(tests * math.log1p(-min(smallest, 1 - 1e-12)))


def _spread(leave_one_out: Float64) -> Float64:
    b = len(leave_one_out)
    if not b:
        return leave_one_out
    return np.asarray((leave_one_out - leave_one_out.mean(axis=0)) * math.sqrt((b - 1) / b))


def _positive(matrix: Float64) -> Float64:
    values, vectors = np.linalg.eigh(matrix)
    return np.asarray((vectors * np.maximum(values, 0)) @ vectors.T)


def _common_axes(steady: Float64, sampling: Float64) -> tuple[Float64, Float64]:
    """Axes in which `steady` is the identity and `sampling` diagonal, with that diagonal:
    factorised once, after which a window of any size costs one product."""
    root = np.linalg.inv(np.linalg.cholesky(steady))
    noise, rotation = np.linalg.eigh(root @ sampling @ root.T)
    return np.asarray(rotation.T @ root), np.maximum(noise, 0)
