"""All measures of a comparison, by name."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from monitor.batch import Float32, Float64
from monitor.versions.alignment import (
    Fit,
    aligned_cosine,
    energy,
    moments,
    procrustes,
    r2_of,
    residuals,
)
from monitor.versions.eigenspace import eigenspace_instability
from monitor.versions.identity import RowFacts
from monitor.versions.linear import linear_r2
from monitor.versions.measure import Measure, mean_of, quantile_of, share_of
from monitor.versions.neighbourhood import (
    Neighbourhood,
    full_pool_overlap,
    half_copy,
    inner_product_overlap,
    neighbour_measures,
)
from monitor.versions.neighbours import unit
from monitor.versions.norms import LOOSE_SPREAD, Norms
from monitor.versions.pairing import Pairs
from monitor.versions.rsa import rank_correlation, rsa
from monitor.versions.similarity import cka, linear_cka
from monitor.versions.spectrum import Spectrum, spectrum

Measures = dict[str, Measure]

_FIT_ROWS = 20_000
_SCORED_ROWS = 4000
_SPECTRUM_ROWS = 8000
_MATCH_QUERIES = 1000
_CKA_ROWS = 1000
_RSA_ROWS = 300


@dataclass(frozen=True, eq=False)
class Measured:
    """The measures by name, and what the diagnosis wants of them besides."""

    measures: Measures
    spectrum_a: Spectrum
    spectrum_b: Spectrum


def measured(
    pairs: Pairs,
    facts: RowFacts,
    lengths: Norms,
    found: Neighbourhood,
    rng: np.random.Generator,
) -> Measured:
    """All measures. Those of alignment need rows that are finite and not zero on both sides."""
    usable = np.flatnonzero(facts.usable)
    some = np.sort(rng.permutation(usable)[:_FIT_ROWS])
    few = some[:: max(1, -(-len(some) // _SPECTRUM_ROWS))]
    a, b = spectrum(pairs.rows_a(few)), spectrum(pairs.rows_b(few))
    measures = {
        **_identity(facts, lengths),
        **neighbour_measures(pairs, found, rng),
        **_spectra(a, b),
    }
    if len(some) >= 4:
        measures |= _coordinates(pairs, facts, some)
        measures |= _alignment(pairs, some, rng)
        measures |= _similarity(pairs, some)
    if max(lengths.spread_a, lengths.spread_b) > LOOSE_SPREAD:
        ip_a, ip_b = inner_product_overlap(pairs, found, rng)
        measures |= {"ip_overlap@10_a": ip_a, "ip_overlap@10_b": ip_b}
    if len(pairs.pairing.only_a) or len(pairs.pairing.only_b):
        measures["knn_overlap@10_full"] = full_pool_overlap(pairs, facts, rng)
    return Measured(measures, a, b)


def _identity(facts: RowFacts, lengths: Norms) -> Measures:
    n = len(facts.equal)
    return {
        "equal_rows": share_of(int(facts.equal.sum()), n),
        "close_rows": share_of(int(facts.close.sum()), n),
        "norm_ratio": lengths.ratio,
        "norm_spread_a": Measure(lengths.spread_a),
        "norm_spread_b": Measure(lengths.spread_b),
        "norm_ks": Measure(lengths.ks),
        "zero_rows_a": share_of(int((facts.norm_a == 0).sum()), n),
        "zero_rows_b": share_of(int((facts.norm_b == 0).sum()), n),
        "nonfinite_rows_a": share_of(int((~facts.finite_a).sum()), n),
        "nonfinite_rows_b": share_of(int((~facts.finite_b).sum()), n),
    }


def _spectra(a: Spectrum, b: Spectrum) -> Measures:
    names = ("rankme", "participation", "top1_share", "rank95")
    sides = (("a", a), ("b", b))
    return {f"{name}_{side}": getattr(s, name) for name in names for side, s in sides}


def _coordinates(pairs: Pairs, facts: RowFacts, some: npt.NDArray[np.intp]) -> Measures:
    """Cosines in the same coordinates (over the columns both use), and the means."""
    x, y = pairs.rows_a(some), pairs.rows_b(some)
    unit_x, unit_y = unit(x), unit(y)
    mean_x, mean_y = unit_x.mean(axis=0), unit_y.mean(axis=0)
    width = facts.width
    copy = (unit(half_copy(x)) * unit_x).sum(axis=1)
    shared = unit(x[:, :width]).mean(axis=0) @ unit(y[:, :width]).mean(axis=0)
    cosine = facts.cosine[facts.usable]
    found = {
        "mean_cosine_a": Measure(float(mean_x @ mean_x)),
        "mean_cosine_b": Measure(float(mean_y @ mean_y)),
    }
    median = quantile_of(cosine, 0.5, float(shared))
    # Of unlike dimensions only those that begin alike have coordinates in common.
    if facts.width_a == facts.width_b or median.value > 0.9:
        found["cosine_median"] = median.with_floor(quantile_of(copy, 0.5))
        found["cosine_p5"] = quantile_of(cosine, 0.05).with_floor(quantile_of(copy, 0.05))
    if x.shape[1] == y.shape[1]:
        apart = x.mean(axis=0) - y.mean(axis=0)
        radius = math.sqrt(float(((x - x.mean(axis=0)) ** 2).sum(axis=1).mean())) or math.nan
        found["translation"] = Measure(float(np.linalg.norm(apart)) / radius)
    return found


def _alignment(pairs: Pairs, some: npt.NDArray[np.intp], rng: np.random.Generator) -> Measures:
    """Procrustes on all of `some`, and fitted on one half and scored on the other."""
    sums = moments((pairs.rows_a(b), pairs.rows_b(b)) for b in pairs.blocks(some))
    whole = procrustes(sums)
    order = rng.permutation(some)
    fitted, scored = order[: len(order) // 2], order[len(order) // 2 :][:_SCORED_ROWS]
    half = procrustes(moments((pairs.rows_a(b), pairs.rows_b(b)) for b in pairs.blocks(fitted)))
    x, y = pairs.rows_a(scored), pairs.rows_b(scored)
    cosine = aligned_cosine(half, x, y)
    parts = energy(sums, whole)
    ab, ba = linear_r2(pairs, (fitted, scored), rng)
    copy = half_copy(x)
    spread = float(((x - x.mean(axis=0)) ** 2).sum())
    lost = float(((copy - x) ** 2).sum()) / spread if spread > 0 else math.nan
    explained = r2_of(residuals(whole, x, y), y, rng)
    # The interval is of the scored half; the value, of all rows the fit has seen.
    off = whole.r2 - explained.value
    return {
        "procrustes_r2": Measure(
            whole.r2, explained.low + off, min(1.0, explained.high + off), 1 - lost
        ),
        "procrustes_r2_heldout": r2_of(residuals(half, x, y), y, rng).with_floor(Measure(1 - lost)),
        "aligned_cosine_median": quantile_of(cosine, 0.5, 0.0),
        "aligned_cosine_p5": quantile_of(cosine, 0.05),
        "linear_r2_ab": ab,
        "linear_r2_ba": ba,
        "eigenspace_instability": _instability(pairs, some),
        "energy_translation": Measure(parts.translation),
        "energy_rotation": Measure(parts.rotation),
        "energy_scale": Measure(parts.scale),
        "energy_residual": Measure(parts.residual),
        **_match(half, x, y, rng),
    }


def _instability(pairs: Pairs, some: npt.NDArray[np.intp]) -> Measure:
    """Eigenspace instability of the centred rows, its floor that of a copy of a."""
    x = pairs.rows_a(some)
    sides = [(side - side.mean(axis=0)) for side in (x, pairs.rows_b(some), half_copy(x))]
    a, b, copy = sides
    value = eigenspace_instability(*_products(a, b))
    return Measure(value, floor=eigenspace_instability(*_products(a, copy)), chance=1.0)


def _products(x: Float32, y: Float32) -> tuple[Float64, Float64, Float64]:
    xx, yy, xy = (np.asarray(p, np.float64) for p in (x.T @ x, y.T @ y, x.T @ y))
    return xx, yy, xy


def _match(fit: Fit, x: Float32, y: Float32, rng: np.random.Generator) -> Measures:
    """Share of held-out rows whose image's nearest (or among its 10) row of y is their own."""
    image, y = unit(fit.image(x) - fit.mean_y), unit(y - fit.mean_y)
    queries = slice(0, _MATCH_QUERIES)
    cosine = image[queries] @ y.T
    own = np.take_along_axis(cosine, np.arange(len(cosine))[:, None], 1)
    better = (cosine > own + 1e-5).sum(axis=1)
    return {
        "match@1": mean_of(better < 1, rng, 1 / len(y)),
        "match@10": mean_of(better < 10, rng, min(1.0, 10 / len(y))),
    }


def _similarity(pairs: Pairs, some: npt.NDArray[np.intp]) -> Measures:
    """CKA and RSA of samples; CKA debiased where it has fewer than ten rows a dimension."""
    few = some[:: max(1, -(-len(some) // _CKA_ROWS))]
    x, y = pairs.rows_a(few), pairs.rows_b(few)
    debiased = len(few) < 10 * max(x.shape[1], y.shape[1])
    step = max(1, -(-len(few) // _RSA_ROWS))
    sides = (x, y, half_copy(x))
    near, far, copy = (unit(rows[::step]) for rows in sides)
    floor = Measure(linear_cka(x, sides[2], debiased))
    return {
        "cka": cka(x, y, debiased).with_floor(floor),
        "rsa": rsa(near, far).with_floor(Measure(rank_correlation(near, copy))),
    }
