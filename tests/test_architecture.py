"""Data flows one way: no import points up, none makes a circle, none is slow without need."""

from __future__ import annotations

import graphlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import architecture as rules

ROOT = Path(__file__).parent.parent
SLOW = (
    *("umap", "sklearn", "evidently", "numba", "pandas", "scipy", "sqlalchemy"),
    *("pyarrow", "numpy", "jinja2", "pydantic", "rich"),
)


def test_each_room_stands_below_what_it_may_import() -> None:
    """The table itself has no arrow that points up."""
    seen: set[str] = set()
    for name, allowed in rules.ROOMS.items():
        assert set(allowed) <= seen, f"{name} may import {set(allowed) - seen}, not yet named"
        seen.add(name)


def test_store_alerts_and_report_do_not_know_each_other() -> None:
    """The three ends of the flow stay strangers."""
    ends = {"store", "alerts", "report"}
    for end in ends:
        assert not ends & set(rules.ROOMS[end])


def test_no_import_points_up() -> None:
    """Each import of a room is in the table."""
    known = rules.modules()
    wrong = []
    for module, path in known.items():
        home = rules.room(module)
        if home == "":
            continue
        assert home in rules.ROOMS, f"{home} is not in ROOMS of tests/architecture.py"
        for other in rules.imports(module, path, known):
            # `from monitor import __version__` asks for a constant, not for a room.
            if rules.room(other) not in ("", home, *rules.ROOMS[home]):
                wrong.append(f"{module} imports {other}")
    assert wrong == []


def test_no_imports_make_a_circle() -> None:
    """The modules can be sorted so that each imports only earlier ones."""
    known = rules.modules()
    graph = {m: rules.imports(m, p, known) - {"monitor"} for m, p in known.items()}
    # A package's own __init__ may gather its members, which then must not import it back.
    graphlib.TopologicalSorter(graph).prepare()


def test_heavy_libraries_are_imported_late() -> None:
    """Only the rooms that always need a heavy library import it at the top of a module."""
    wrong = []
    for module, path in rules.modules().items():
        for library in rules.top_level(path) & set(rules.HEAVY):
            if rules.room(module) not in rules.HEAVY[library]:
                wrong.append(f"{module} imports {library}")
    assert wrong == []


def test_libraries_with_one_user() -> None:
    """A library that one room hides is imported by no other."""
    wrong = []
    for module, path in rules.modules().items():
        for library in rules.anywhere(path) & set(rules.ONLY_USERS):
            if rules.room(module) not in rules.ONLY_USERS[library]:
                wrong.append(f"{module} imports {library}")
    assert wrong == []


def loaded(arguments: list[str], unwanted: tuple[str, ...], folder: Path = ROOT) -> str:
    """Which of the unwanted modules a command loads, as a printed list."""
    code = (
        "import sys, monitor.cli\n"
        f"arguments = {arguments!r}\n"
        "try:\n"
        "    arguments and monitor.cli.main(arguments)\n"
        "except SystemExit as end:\n"
        "    assert not end.code, end.code\n"
        f"print([name for name in {unwanted!r} if name in sys.modules], file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stderr.strip().splitlines()[-1]


def test_two_files_are_compared_without_what_a_store_needs() -> None:
    """Importing pandas, SQLAlchemy and the like takes longer than small files take to compare."""
    data = ROOT / "sample_data"
    paths = [str(data / f"dishes_{version}.parquet") for version in ("v1", "v2")]
    rooms = ("monitor.store", "monitor.alerts", "monitor.report", "monitor.versions")
    unwanted = ("pandas", "scipy", "sqlalchemy", "jinja2", "urllib3", *rooms)
    assert loaded(["drift", "--fail-on", "never", *paths], unwanted) == "[]"


def test_how_things_stand_is_told_without_arrays(tmp_path: Path) -> None:
    """Asked every minute by other monitors: NumPy and Arrow would be a third of the time."""
    (tmp_path / "embmon.toml").write_text("")
    assert loaded(["status"], ("numpy", "pyarrow"), tmp_path) == "[]"


@pytest.mark.parametrize("arguments", [[], ["--help"], ["--version"], ["drift", "--help"]])
def test_the_command_line_answers_without_heavy_libraries(arguments: list[str]) -> None:
    """Help is fast because it loads nothing that computes."""
    assert loaded(arguments, SLOW) == "[]"
