"""Causes that concern a version as a whole: its frame, its lengths, its grid, its directions."""

from __future__ import annotations

import math

import numpy as np

from monitor.versions.change_causes import change_causes
from monitor.versions.findings import Cause, Findings
from monitor.versions.frames import Frame, Framed
from monitor.versions.grid_causes import grid_causes

ROUNDING = 0.02
"""A factor of lengths nearer to one than this is none."""


def frame_causes(found: Findings) -> list[Cause]:
    """The causes that concern all sound rows, in no order."""
    if bool(found.facts.equal.all()):
        return [_identical(found), *_dims(found)]
    causes = [*grid_causes(found), *_dims(found), *_lengths(found), *_collapsed(found)]
    if found.framed is None:
        return causes
    causes += _frame(found, found.framed) if found.exact else []
    return [*causes, *change_causes(found, found.framed, causes)]


def _identical(found: Findings) -> Cause:
    evidence = [f"all {found.n:,} rows are equal bit for bit"]
    types = [str(side.vectors.dtype) for side in (found.pairs.a, found.pairs.b)]
    if types[0] != types[1]:
        evidence.append(f"they are stored as {types[0]} in a and as {types[1]} in b")
    return Cause("identical", 1.0, tuple(evidence), found.n)


def _dims(found: Findings) -> list[Cause]:
    """Columns lost or added, if the shared ones are the same."""
    d, e = found.pairs.a.vectors.shape[1], found.pairs.b.vectors.shape[1]
    wide_a, wide_b = found.facts.width_a, found.facts.width_b
    if not found.exact or found.framed is None:
        return []
    turned = " but for a rotation" if found.framed.frame.rotated else ""
    if wide_b < wide_a:
        text = f"b keeps {wide_b} of a's {wide_a} dimensions{turned}; the others are gone or zero"
        return [Cause("truncated dims", 0.98, (text,), found.n)]
    if wide_b > wide_a:
        text = f"b has {wide_b - wide_a} more dimensions; the first {wide_a} are a's{turned}"
        return [Cause("padded dims", 0.98, (text,), found.n)]
    if d == e:
        return []
    cause = "padded dims" if e > d else "truncated dims"
    text = f"b has {e} columns and a {d}, but only {wide_a} are ever different from zero"
    return [Cause(cause, 0.98, (text,), found.n)]


def _lengths(found: Findings) -> list[Cause]:
    """Lengths lost, made or scaled, told on the rows inside the frame."""
    lengths, rows = found.lengths, len(found.inside)
    before, after = f"{lengths.median_a:.4g}", f"{lengths.median_b:.4g}"
    if lengths.lost:
        text = f"all vectors of a have length {before}; in b lengths vary by {lengths.spread_b:.0%}"
        return [Cause("normalisation lost", 0.95, (text, f"median length of b: {after}"), rows)]
    if lengths.gained:
        text = f"lengths vary by {lengths.spread_a:.0%} in a; all vectors of b have length {after}"
        return [Cause("normalisation gained", 0.95, (text, f"median length of a: {before}"), rows)]
    fit = found.framed.frame.fit if found.exact and found.framed is not None else None
    free = fit is not None and found.framed is not None and not found.framed.frame.unit_rows
    factor = fit.scale if free and fit is not None else lengths.ratio.value
    steady = free or lengths.ratio_spread < ROUNDING
    # What every row has another factor of is no common one, but for one that stands out of them.
    least = ROUNDING if steady else max(ROUNDING, lengths.ratio_spread)
    if not math.isfinite(factor) or abs(math.log(factor)) < least:
        return []
    text = (
        f"vectors of b are {factor:.4g} times as long (median length {before} before, {after} now)"
    )
    return [Cause("rescale", 0.97 if steady else 0.6, (text,), rows)]


def _collapsed(found: Findings) -> list[Cause]:
    a, b = found.measured.spectrum_a.rankme.value, found.measured.spectrum_b.rankme.value
    ratio = b / (a * min(1.0, found.facts.width_b / found.facts.width_a))
    if not ratio < 0.5:
        return []
    rank = found.measured.spectrum_b.rank95.value
    evidence = (
        f"b uses about {b:.3g} directions (RankMe), a {a:.3g}",
        f"{rank:.0f} directions hold 95 % of b's variance",
    )
    return [Cause("collapsed", 0.97 if ratio < 0.25 else 0.6, evidence, found.n)]


def _frame(found: Findings, framed: Framed) -> list[Cause]:
    """Rotation and translation of the bulk."""
    frame, rows = framed.frame, len(found.inside)
    causes = []
    if frame.rotated:
        evidence = (
            f"after one rotation of all rows the median distance to before is "
            f"{framed.split.bulk:.1e} of the items' spread "
            f"(R² {found.measure('procrustes_r2').value:.4f})",
            f"in the same coordinates the median cosine is "
            f"{found.measure('cosine_median').value:.3f}: never compare or mix old and new vectors",
        )
        causes.append(Cause("rotation", 0.98, evidence, rows))
    shift = _shift(frame)
    if shift > 0.05:
        evidence = (
            f"all rows moved by one vector, {shift:.2f} times the items' spread",
            "cosines between old and new vectors are off by this: never mix them in one index",
        )
        causes.append(Cause("translation", 0.97, evidence, rows))
    return causes


def _shift(frame: Frame) -> float:
    """Length of the shift in units of the items' spread; 0 where the frame has none."""
    if frame.kind == "centred" and frame.centre is not None:
        return float(np.linalg.norm(frame.centre)) / frame.spread
    if frame.fit is None or frame.unit_rows:
        return 0.0
    return float(np.linalg.norm(frame.fit.shift)) / frame.spread
