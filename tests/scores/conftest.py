"""One basis of five topics, fitted on rows that no test compares."""

from __future__ import annotations

import numpy as np
import pytest

from monitor.basis import Basis
from monitor.fitting import fitted
from tests.rows import topics


@pytest.fixture(scope="session")
def basis() -> Basis:
    """Fitted on 3,000 rows in 16 dimensions."""
    return fitted(topics(3000, np.random.default_rng(1234)))
