"""The simplest frame that carries most rows over is found, in spite of wrong rows."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from monitor.batch import Items
from monitor.versions.frames import Framed, distances, framed
from monitor.versions.identity import row_facts
from monitor.versions.pairing import Pairs, pairing

RNG = np.random.default_rng(0)
N, D = 500, 24
X = (RNG.normal(size=(N, D)) * np.linspace(2, 0.5, D) + 0.5).astype(np.float32)
TURN = np.linalg.qr(RNG.normal(size=(D, D)))[0].astype(np.float32)
IDS = pa.array([str(i) for i in range(N)])


def found(y: np.ndarray) -> Framed:
    """The frame of version y."""
    pairs = Pairs(Items(IDS, X), Items(IDS, y.astype(np.float32)), pairing(IDS, IDS))
    return framed(pairs, row_facts(pairs), np.arange(N), np.random.default_rng(0))


CASES = {
    "same": X * np.exp(RNG.normal(size=(N, 1))),
    "shifted": 2 * X + np.linspace(1, 3, D),
    "turned": 3 * X @ TURN,
    "moved": 2 * X @ TURN + np.linspace(1, 3, D),
}


@pytest.mark.parametrize("share", [0.0, 0.2, 0.35])
@pytest.mark.parametrize("kind", CASES)
def test_each_frame_is_found_among_wrong_rows(kind: str, share: float) -> None:
    """With none, a fifth and a third of the rows random: the frame, and those rows outside."""
    wrong = np.arange(N) < share * N
    y = np.where(wrong[:, None], 3 * RNG.normal(size=(N, D)), CASES[kind])
    result = found(y)
    assert (result.frame.kind, result.exact) == (kind, True)
    assert result.split.bulk < 0.01
    assert (result.split.outside == wrong).mean() > 0.99


def test_few_kept_rows_are_proof_enough() -> None:
    """Of 90 % changed rows the rest has not moved: the frame is the same."""
    y = np.where(np.arange(N)[:, None] < 0.9 * N, RNG.normal(size=(N, D)), X)
    result = found(y)
    assert (result.frame.kind, result.exact) == ("same", True)
    assert result.split.kept == pytest.approx(0.1, abs=0.01)


def test_no_frame_fits_another_encoder() -> None:
    """A curved map is no rotation, scale or shift."""
    assert not found(np.tanh(X @ RNG.normal(size=(D, D)))).exact


def test_distances_are_numpys() -> None:
    """Far from the origin too."""
    expected = np.linalg.norm(X[:20, None] - X[None, :30], axis=2)
    np.testing.assert_allclose(distances(X[:20] + 50, X[:30] + 50), expected, atol=5e-3)
