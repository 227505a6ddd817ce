"""Causes by how much the bulk changed beyond its frame: noise, another encoder, no relation."""

from __future__ import annotations

import numpy as np

from monitor.batch import Float64
from monitor.versions.findings import Cause, Findings
from monitor.versions.frames import EXACT, Framed

_MOVES = frozenset(
    {
        *("rotation", "translation", "rescale", "truncated dims", "padded dims"),
        *("normalisation lost", "normalisation gained"),
    }
)


_SMALL = 0.35
"""Up to this distance, in units of the items' spread, rows may count as only disturbed."""


def change_causes(found: Findings, framed: Framed, known: list[Cause]) -> list[Cause]:
    """What the `known` causes leave to explain; empty where they explain it all."""
    sure = {cause.cause for cause in known if cause.confidence >= 0.5}
    if any(cause.startswith(("quantised", "collapsed")) for cause in sure):
        return []
    if found.exact:
        return _noise(found, framed, moved=bool(sure & _MOVES))
    if found.outliers is not None and len(found.outliers.shuffled) > 0.5 * len(found.sound):
        return []
    if framed.frame.kind == "same" and framed.split.bulk < _SMALL and _neighbours_stay(found):
        return _noise(found, framed, moved=False)
    return _no_relation(found) if _unrelated(found) else _changed(found)


def _noise(found: Findings, framed: Framed, moved: bool) -> list[Cause]:
    """Small differences of the bulk; beside a move of all rows only if rounding is too small
    for them."""
    bulk, inside = framed.split.bulk, found.inside
    differ = inside[~found.facts.equal[inside]]
    if not len(differ) or (moved and bulk < 0.002):
        return []
    close = int(found.facts.close[differ].sum())
    evidence = [
        f"{len(differ):,} rows differ a little: median distance {bulk:.1e} of the items' spread",
        f"median cosine in the same coordinates {found.measure('cosine_median').value:.5f}; "
        f"{close:,} rows are within a few steps of the float type",
    ]
    if bulk > 0.005:
        evidence.append(
            "more than rounding to float16 does: so look weights of fewer bits (an int8 export), "
            "other kernels or other hardware"
        )
    if bulk > EXACT:
        evidence.append("much for noise: a light fine-tuning would look the same")
    cause = "noise/nondeterminism"
    confidence = 0.95 if bulk < 0.06 else 0.7 if bulk < EXACT else 0.55
    if found.expect == "retrain" and bulk > 0.02:
        cause, confidence = "retrained", 0.8
    return [Cause(cause, confidence, tuple(evidence), len(differ))]


def _changed(found: Findings) -> list[Cause]:
    """Another encoder, or a retrained one."""
    evidence = [
        _neighbours(found),
        "no rotation, scale and shift makes it the same: held-out R² "
        f"{found.measure('procrustes_r2_heldout').value:.2f}, linear CKA "
        f"{found.measure('cka').value:.2f}",
    ]
    cosine = found.measure("cosine_median")
    if found.facts.width_a == found.facts.width_b and cosine.value > cosine.chance + 0.1:
        evidence.append(
            f"in the same coordinates the median cosine is still {cosine.value:.2f} "
            f"(of unlike items: about {max(0.0, cosine.chance):.2f}): a relative of the old "
            "encoder (other pooling, other layers, fine-tuning), or other texts"
        )
    cause = "retrained" if found.expect == "retrain" else "new encoder"
    return [Cause(cause, _new_confidence(found), tuple(evidence), len(found.sound))]


def _neighbours_stay(found: Findings) -> bool:
    return bool(found.measure("knn_overlap@10").value >= 0.9)


def _new_confidence(found: Findings) -> float:
    kept = found.measure("knn_overlap@10").value
    return 0.95 if kept < 0.77 else 0.8 if kept < 0.9 else 0.6


def _neighbours(found: Findings) -> str:
    kept = found.measure("knn_overlap@10")
    return (
        f"of 10 nearest neighbours {kept.value:.0%} stay "
        f"(95 % interval {kept.low:.0%} to {kept.high:.0%}, by chance {kept.chance:.1%})"
    )


def _unrelated(found: Findings) -> bool:
    kept, alike = found.measure("knn_overlap@10"), found.measure("cka")
    return bool(kept.value < 3 * kept.chance + 0.01 and not alike.low > 0.05)


def _no_relation(found: Findings) -> list[Cause]:
    """Pairs without any relation: shuffled where b is the old cloud, random where it has no
    structure, else either shuffled or foreign."""
    n, rows = len(found.sound), found.sound
    evidence = [_neighbours(found), f"linear CKA is {found.measure('cka').value:.3f}"]
    a, b = found.measured.spectrum_a.eigenvalues, found.measured.spectrum_b.eigenvalues
    if _same_curve(a, b):
        evidence.append("yet the eigenvalues of both are the same: the old vectors, other ids")
        return [found.named("ids shuffled (all)", 0.85, evidence, rows)]
    full = found.measured.spectrum_b.participation.value
    if full > 0.7 * len(b) * n / (n + len(b)):
        evidence.append("b spreads evenly over all dimensions, as random numbers do")
        return [found.named("random fill", 0.9, evidence, rows)]
    evidence.append("b has structure of its own: other ids, or vectors of other things")
    return [found.named("ids shuffled (all)", 0.5, evidence, rows)]


def _same_curve(a: Float64, b: Float64) -> bool:
    top = min(20, len(a), len(b))
    if top < 3 or not (a.sum() > 0 and b.sum() > 0):
        return False
    return bool(np.allclose(a[:top] / a.sum(), b[:top] / b.sum(), rtol=0.02))
