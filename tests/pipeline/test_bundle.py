"""A reference as it is stored."""

from __future__ import annotations

import numpy as np
import pytest

from monitor.basis import Basis
from monitor.calibration import Calibration
from monitor.errors import FrameError
from monitor.fitting import fitted
from monitor.packed import packed
from monitor.pipeline.bundle import Bundle
from monitor.profiles import profile
from monitor.scores.radii import Radii
from tests.rows import batch, topics


@pytest.fixture(scope="module")
def basis() -> Basis:
    """Of topics in 16 dimensions."""
    return fitted(topics(1000, np.random.default_rng(0)))


def test_what_is_stored_is_what_was_there(basis: Basis) -> None:
    """The profiles to the byte, and where rows of clusters usually lie."""
    own = profile([batch(topics(500, np.random.default_rng(1)))], basis)
    known = Bundle(Calibration({}, {}, 1.0, None, 0, 0), {"all": own}, Radii.of(own), 0.25, own)
    again = Bundle.from_bytes(known.to_bytes())
    assert again.to_bytes() == known.to_bytes()
    np.testing.assert_array_equal(again.radii.mean, known.radii.mean)
    np.testing.assert_array_equal(again.radii.between, known.radii.between)
    assert again.repeated == 0.25
    assert again.whole.to_bytes() == own.to_bytes()


def test_another_kind_is_refused() -> None:
    """As references are that hold no radii."""
    with pytest.raises(FrameError) as caught:
        Bundle.from_bytes(packed({}, {"kind": "reference/1"}))
    assert caught.value.message == "'reference/1' is no reference this release can read"
