"""Labels whose items moved among another's are named, and no others."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from benchmarks.version_cases import scene
from monitor.batch import Items
from monitor.versions import compare

RNG = np.random.default_rng(0)


def versions(after: np.ndarray) -> tuple[Items, Items]:
    """Four labels in clusters of their own; `after` are the clusters in the second version."""
    labels, centres = np.repeat(np.arange(4), 100), 5 * RNG.normal(size=(4, 8))
    ids = pa.array([str(i) for i in range(400)])
    noise = RNG.normal(size=(2, 400, 8))
    column = {"label": pa.array([f"label {i}" for i in labels])}
    return Items(ids, centres[labels] + noise[0], column), Items(ids, centres[after] + noise[1])


def test_labels_that_fell_together_are_confused() -> None:
    """Label 0 now lies in label 1's place: each has the other among its neighbours."""
    after = np.repeat([1, 1, 2, 3], 100)
    found = compare(*versions(after)).confusion
    assert {(c.value, c.other) for c in found} == {("label 0", "label 1"), ("label 1", "label 0")}
    assert all(c.before < 0.05 and 0.4 < c.after < 0.6 and c.q_value < 1e-6 for c in found)
    assert found[0].to_dict()["column"] == "label"


def test_neighbours_that_change_within_a_label_confuse_nothing() -> None:
    """New noise in the same clusters; a harmless export of dishes."""
    assert compare(*versions(np.repeat(np.arange(4), 100))).confusion == ()
    s = scene(0, 600)
    assert compare(s.a, s.version(s.export)).confusion == ()
