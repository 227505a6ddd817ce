"""What the tests of sources share."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.sources import limits


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in, so that messages name files without a path."""
    monkeypatch.chdir(tmp_path)
    return Path()


@pytest.fixture
def small_bombs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bombs of 1 MiB and 100 times the file, so that none of a GiB need be made."""
    monkeypatch.setattr(limits, "BOMB_BYTES", 1 << 20)
    monkeypatch.setattr(limits, "BOMB_RATIO", 100)
