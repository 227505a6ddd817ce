"""The density panels: what they show and what they must not pretend to show."""

from __future__ import annotations

import numpy as np
import pytest

from monitor.report.density import CELLS, bandwidth, density_drawings, smoothed_counts, square
from monitor.report.drawing import Drawing, Floats


def _coloured(drawing: Drawing) -> set[str]:
    styles = [shape.attributes["class"].split()[1] for shape in drawing.shapes]
    return {style for style in styles if style in ("more", "less")}


def _two_sides(shift: float, n: int, seed: int) -> tuple[Floats, Floats, Floats]:
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(2, 2 * n))
    x[n:] += shift
    return x, y, np.repeat([0.0, 1.0], n)


def test_smoothing_keeps_all_rows() -> None:
    """Smoothed counts are shares: they add up to one."""
    u, v = np.random.default_rng(0).random((2, 500))
    mass = smoothed_counts(u, v, 2.0)
    assert mass.shape == (CELLS, CELLS)
    assert mass.sum() == pytest.approx(1.0)


def test_both_axes_have_one_scale() -> None:
    """A wide cloud is framed by a square around its middle, with room on each side."""
    x, y = np.array([0.0, 10.0]), np.array([1.0, 2.0])
    u, v = square(x, y).places(x, y)
    assert u[1] - u[0] == pytest.approx(10 * (v[0] - v[1]))
    assert min(u.min(), v.min()) > 0 and max(u.max(), v.max()) < 1


def test_a_shift_of_place_is_seen() -> None:
    """Two windows that differ in place alone colour both what was left and what was reached."""
    *_, ratio = density_drawings(*_two_sides(shift=1.5, n=1500, seed=1), [])
    assert _coloured(ratio) == {"more", "less"}


def test_a_tie_colours_almost_nothing() -> None:
    """Two samples of one cloud: hardly a place is coloured, by area."""
    shares = []
    for seed in range(10):
        *_, ratio = density_drawings(*_two_sides(shift=0.0, n=1500, seed=seed), [])
        areas = {"more": 0.0, "less": 0.0, "same": 0.0}
        for shape in ratio.shapes:
            areas[shape.attributes["class"].split()[1]] += _area(shape.attributes["d"])
        shares.append((areas["more"] + areas["less"]) / sum(areas.values()))
    assert float(np.mean(shares)) < 0.08


def _area(path: str) -> float:
    runs = [part.split("h")[1].split("v")[0] for part in path.split("M")[1:]]
    return float(sum(float(width) for width in runs))


def test_drawings_are_the_same_each_time() -> None:
    """The same points give the same picture."""
    points = _two_sides(shift=0.5, n=300, seed=2)
    tags = [(0.0, 0.0, 1), (0.0, 0.0, 2)]
    assert density_drawings(*points, tags) == density_drawings(*points, tags)


def test_numbers_do_not_cover_one_another() -> None:
    """Tags at one place step aside."""
    panel, *_ = density_drawings(
        *_two_sides(shift=0.5, n=300, seed=3), [(0.0, 0.0, rank) for rank in range(1, 7)]
    )
    tags = [s.attributes for s in panel.shapes if s.attributes["class"] == "tag"]
    places = [complex(float(tag["cx"]), float(tag["cy"])) for tag in tags]
    gaps = [abs(a - b) for i, a in enumerate(places) for b in places[:i]]
    assert len(places) == 6 and min(gaps) > 18


def test_one_point_a_side_is_no_error() -> None:
    """Points on top of one another still give panels."""
    ends = np.array([0.0, 1.0])
    drawings = density_drawings(np.zeros(2), np.zeros(2), ends, [])
    assert bandwidth(np.zeros(2), np.zeros(2)) == 1.0
    assert _coloured(drawings[2]) == set()
