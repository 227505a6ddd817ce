"""The wheel holds the package and its files, and nothing beside it."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Names of all files in a freshly built wheel."""
    out = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out)]
    done = subprocess.run([*command, str(ROOT)], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel,) = out.glob("*.whl")
    return zipfile.ZipFile(wheel).namelist()


def _files(folder: str) -> set[str]:
    files = {path for path in (ROOT / folder).rglob("*") if path.is_file()}
    return {str(p.relative_to(ROOT)) for p in files if "__pycache__" not in p.parts}


def test_the_top_level_is_clean(names: list[str]) -> None:
    """Installing puts `monitor` and the metadata into site-packages, nothing else."""
    tops = {name.split("/")[0] for name in names}
    assert "monitor" in tops
    assert all(top.endswith(".dist-info") for top in tops - {"monitor"})
    assert len(tops) == 2


@pytest.mark.parametrize("folder", ["templates", "sample_data"])
def test_files_beside_the_code_are_inside(names: list[str], folder: str) -> None:
    """Each template and sample of the checkout is in the wheel, below `monitor/`."""
    inside = {n.removeprefix("monitor/") for n in names if n.startswith(f"monitor/{folder}/")}
    assert inside == _files(folder)


def test_the_code_is_all_there(names: list[str]) -> None:
    """Every module and the typing marker are in the wheel."""
    inside = {name for name in names if name.startswith("monitor/") and name.endswith(".py")}
    assert inside == {name for name in _files("monitor") if name.endswith(".py")}
    assert "monitor/py.typed" in names
