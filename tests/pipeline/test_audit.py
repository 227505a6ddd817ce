"""The audit of a source, through the pipeline: its answer and its page."""

from __future__ import annotations

from pathlib import Path

import numpy as np

import monitor as library
from monitor.pipeline import Monitor


def vectors() -> np.ndarray:
    """Two hundred rows of sixteen dimensions, ten of them zero."""
    x = np.random.default_rng(0).normal(size=(200, 16)).astype(np.float32)
    x[40:50] = 0
    return x


def test_the_answer_and_the_page(monitor: Monitor, tmp_path: Path) -> None:
    """Zero rows are found, named by their place, and shown."""
    np.save(tmp_path / "v.npy", vectors())
    answer = monitor.audit(str(tmp_path / "v.npy"), out=tmp_path / "audit.html")
    assert answer["schema"] == "embmon/audit/1"
    assert answer["verdict"] == "breaking"
    assert answer["findings"][0]["cause"] == "zero fill"
    assert answer["findings"][0]["where"] == "rows 40-49"
    page = (tmp_path / "audit.html").read_text()
    for text in ("zero fill", "rows 40-49", "anisotropy", "Mean cosine of two rows"):
        assert text in page


def test_the_library_takes_arrays() -> None:
    """With columns beside them."""
    source = np.where(np.arange(200) < 60, "old", "new")
    found = library.audit(vectors(), columns={"model": source.tolist()})
    assert [f.cause for f in found.findings] == ["zero fill", "mixed encoders"]
