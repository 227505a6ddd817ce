"""In which frame the second version is the first: the simplest map that carries most rows over."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from monitor.batch import Float32, Float64
from monitor.versions.alignment import Fit, moments, procrustes
from monitor.versions.identity import RowFacts
from monitor.versions.mixture import FLOOR, Split, split
from monitor.versions.neighbours import unit
from monitor.versions.pairing import Pairs
from monitor.versions.similarity import linear_cka

Kind = Literal["same", "shifted", "centred", "turned", "moved"]

EXACT = 0.1
"""A bulk whose median residual is at most this share of the items' spread is the same bulk."""

_FIT_ROWS = 4000
_KEPT = 0.05
_ALIKE = 0.95
_PANEL = 300


@dataclass(frozen=True, eq=False)
class Frame:
    """A map of the first version onto the second.

    kind: `same` directions in the same coordinates; `shifted` by one vector and scaled;
    `centred`, the mean removed and set to unit length; `turned` directions; `moved`: turned,
    scaled and shifted. fit: None for `same` and `centred`; centre: the mean that `centred`
    removes; width: columns compared, None for all; spread: median distance of the target rows
    from their mean, the unit of residuals.
    """

    kind: Kind
    spread: float
    fit: Fit | None = None
    centre: Float32 | None = None
    width: int | None = None

    @property
    def unit_rows(self) -> bool:
        """Whether lengths are set aside."""
        return self.kind in ("same", "centred", "turned")

    @property
    def rotated(self) -> bool:
        """Whether the map turns the coordinates."""
        return self.kind in ("turned", "moved")

    def image(self, x: Float32) -> Float32:
        """Where rows x (n, d) of the first version land."""
        x = x[:, : self.width] - (0 if self.centre is None else self.centre)
        x = unit(x) if self.unit_rows else x
        return x if self.fit is None else self.fit.image(x)

    def target(self, y: Float32) -> Float32:
        """Rows y (n, e) of the second version, as the images are to be compared with."""
        y = y[:, : self.width]
        return unit(y) if self.unit_rows else y

    def residual(self, x: Float32, y: Float32) -> Float32:
        """Distance (n,) of each target from its image, in units of `spread`."""
        apart = np.linalg.norm(self.target(y) - self.image(x), axis=1)
        return np.asarray(apart / self.spread, np.float32)


@dataclass(frozen=True, eq=False)
class Framed:
    """The frame, residual (m,) of the rows it was asked for, how they split, and whether the
    bulk is the same but for the frame (`exact`)."""

    frame: Frame
    residual: Float32
    split: Split
    exact: bool


def framed(
    pairs: Pairs, facts: RowFacts, sound: npt.NDArray[np.intp], rng: np.random.Generator
) -> Framed:
    """The simplest frame in which most of the `sound` pairs are the same, else the best one.

    The frames are tried from the simplest, and fitted so that up to about 40 % of wrong rows
    do not bend them.
    """
    same = _same(pairs, facts, sound)
    if same.exact:
        return same
    size = max(_FIT_ROWS, 4 * max(pairs.a.vectors.shape[1], pairs.b.vectors.shape[1]))
    sample = sound if len(sound) <= size else np.sort(rng.choice(sound, size, replace=False))
    x, y = pairs.rows_a(sample), pairs.rows_b(sample)
    turned, alike = _turned(x, y)
    frame = _best([*_plain(x, y, facts.width), *turned], x, y)
    if split(same.residual).bulk <= 1.3 * split(frame.residual(x, y)).bulk:
        return same
    parts = [frame.residual(pairs.rows_a(b), pairs.rows_b(b)) for b in pairs.blocks(sound)]
    found = _judged(frame, np.concatenate(parts))
    return replace(found, exact=found.exact and (alike or not frame.rotated))


def _same(pairs: Pairs, facts: RowFacts, sound: npt.NDArray[np.intp]) -> Framed:
    sample = sound[:: max(1, len(sound) // _FIT_ROWS)]
    frame = Frame("same", _spread(unit(pairs.rows_b(sample)[:, : facts.width])), width=facts.width)
    apart = np.sqrt(np.clip(2 - 2 * facts.cosine[sound], 0, None))
    apart[facts.equal[sound]] = 0.0
    judged = _judged(frame, np.asarray(apart / frame.spread, np.float32))
    # Rows that did not move at all are proof of the frame, even if they are few.
    few = judged.split.bulk <= EXACT / 5 and judged.split.kept >= _KEPT
    return Framed(frame, judged.residual, judged.split, judged.exact or few)


def _judged(frame: Frame, residual: Float32) -> Framed:
    parted = split(residual)
    return Framed(frame, residual, parted, parted.bulk <= EXACT and parted.kept >= 0.5)


def _plain(x: Float32, y: Float32, width: int) -> list[Frame]:
    """Frames without a rotation."""
    x, y = x[:, :width], y[:, :width]
    fit = _trimmed(x, y)
    centred = Frame("centred", _spread(unit(y)), centre=x.mean(axis=0), width=width)
    return [Frame("shifted", _spread(y), fit=fit, width=width), centred]


def _turned(x: Float32, y: Float32) -> tuple[list[Frame], bool]:
    """Frames with a rotation, and whether the similarities of the rows it carries agree.

    They must: to few rows in many dimensions a rotation can be fitted that means nothing.
    """
    unit_x, unit_y = unit(x), unit(y)
    steady = min(_steady(x, y), _steady(unit_x, unit_y), key=lambda parted: parted.bulk)
    inside = ~steady.outside
    step = max(1, int(inside.sum()) // 500)
    alike = linear_cka(x[inside][::step], y[inside][::step], debiased=True) >= _ALIKE
    alike |= linear_cka(unit_x[inside][::step], unit_y[inside][::step], debiased=True) >= _ALIKE
    if not alike:
        inside[:] = True
    fit = procrustes(moments([(x[inside], y[inside])]))
    moved = Frame("moved", _spread(y), fit=fit)
    if not alike:
        return [moved], False
    fit = procrustes(moments([(unit_x[inside], unit_y[inside])]), centre=False)
    return [Frame("turned", _spread(unit_y), fit=fit), moved], True


def _steady(x: Float32, y: Float32) -> Split:
    """Rows split by how much their distances to others changed, which no rotation alters.

    The median over a panel of rows: right as long as most of them kept their distances.
    """
    panel = np.arange(len(x))[:: max(1, len(x) // _PANEL)]
    before, after = distances(x, x[panel]), distances(y, y[panel])
    size = float(np.median(before)) or 1.0
    ratio = after / np.where(before > 0, before, np.inf)
    scale = float(np.median(np.median(ratio, axis=1))) or 1.0
    return split(np.median(np.abs(after / scale - before), axis=1) / size)


def distances(x: Float32, y: Float32) -> Float32:
    """Distances (n, m) of rows x (n, d) to rows y (m, d)."""
    centre = y.mean(axis=0)
    x, y = x - centre, y - centre
    apart = (x * x).sum(axis=1)[:, None] + (y * y).sum(axis=1) - 2 * x @ y.T
    return np.asarray(np.sqrt(np.clip(apart, 0, None)), np.float32)


def _best(frames: list[Frame], x: Float32, y: Float32) -> Frame:
    """The first exact frame about as good as the best exact one, else the first such of all."""
    judged = [_judged(frame, frame.residual(x, y)) for frame in frames]
    judged = [found for found in judged if found.exact] or judged
    least = min(found.split.bulk for found in judged)
    return next(found.frame for found in judged if found.split.bulk <= max(1.3 * least, FLOOR))


def _trimmed(x: Float32, y: Float32) -> Fit:
    """Scale and shift by least trimmed squares (Rousseeuw 1984): refitted on the better half."""
    fit = procrustes(moments([(x, y)]), rotate=False)
    for _ in range(3):
        apart = np.linalg.norm(y - fit.image(x), axis=1)
        keep = apart <= np.median(apart)
        fit = procrustes(moments([(x[keep], y[keep])]), rotate=False)
    return fit


def _spread(rows: Float32) -> float:
    """Median distance of rows from their mean; 1 where all are equal."""
    apart: Float64 = np.linalg.norm(rows - rows.mean(axis=0), axis=1)
    return float(np.median(apart)) or 1.0
