"""Who may import whom in `monitor/`, and how the imports of a file are read."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

MONITOR = Path(__file__).parent.parent / "monitor"

_NOUNS = ("errors", "arrowed", "model", "batch")
_STATISTICS = (
    *_NOUNS,
    "packed",
    "parallel",
    "stats",
    "rowkeys",
    "basis",
    "blocks",
    "frame",
    "fitting",
    "profiles",
    "sizes",
)
_JUDGING = ("scores", "seasons", "tails")
_CHANNELS = ("traces", "normals", "channels")

# A room is a folder or a file of monitor/. Rooms stand in rank order, the lowest first: a room
# may import only rooms named here, all of which stand above its line. Modules of one room may
# import each other, as long as they make no circle. To add a room, add a line.
ROOMS: dict[str, tuple[str, ...]] = {
    "errors": (),
    "arrowed": (),
    "model": ("errors",),
    "batch": ("errors", "arrowed", "model"),
    "config": _NOUNS,
    "assets": ("errors",),
    "bucket": ("errors",),
    "sizes": (),
    "packed": _NOUNS,
    "parallel": (),
    "stats": (*_NOUNS, "packed"),
    "rowkeys": (*_NOUNS, "stats"),
    "sources": _NOUNS,
    "contract": (*_NOUNS, "sources"),
    "export": _NOUNS,
    "traffic_log": ("errors", "arrowed"),
    "embedders": (*_NOUNS, "sources", "contract"),
    "basis": (*_NOUNS, "packed", "stats"),
    "blocks": ("basis", "stats"),
    "frame": (*_NOUNS, "packed", "stats", "rowkeys", "basis", "blocks"),
    "fitting": (*_NOUNS, "packed", "parallel", "stats", "basis", "frame"),
    "profiles": (*_NOUNS, "packed", "parallel", "stats", "basis", "frame"),
    "subsample": _STATISTICS,
    "columns": _NOUNS,
    "demo": (*_NOUNS, "assets"),
    "labels": (*_NOUNS, "stats"),
    "scores": _STATISTICS,
    "seasons": _NOUNS,
    "terms": (*_STATISTICS, "labels", "scores"),
    "calendars": _NOUNS,
    "tails": _NOUNS,
    "incidents": _NOUNS,
    "traces": (*_STATISTICS, *_JUDGING),
    "normals": (),
    "channels": (*_STATISTICS, *_JUDGING, "traces", "normals"),
    "calibration": (*_STATISTICS, *_JUDGING, *_CHANNELS),
    "calibrate": (*_STATISTICS, *_JUDGING, *_CHANNELS, "calibration"),
    "readings": (*_STATISTICS, *_JUDGING, *_CHANNELS, "calibration"),
    "reasons": (*_STATISTICS, *_JUDGING, *_CHANNELS, "calibration", "readings"),
    "replays": (
        *(*_STATISTICS, *_JUDGING, *_CHANNELS),
        *("calibration", "calibrate", "readings", "reasons"),
    ),
    "injections": (*_STATISTICS, *_JUDGING, *_CHANNELS, "reasons", "replays"),
    "decide": (*_STATISTICS, *_JUDGING, *_CHANNELS, "calibration", "readings", "reasons"),
    "versions": (*_NOUNS, "packed", "stats"),
    "projection": (*_NOUNS, "stats"),
    "umap_process": (*_NOUNS, "projection"),
    "store": (*_STATISTICS, "config", "bucket"),
    "engine": ("errors", "parallel"),
    "alerts": (*_NOUNS, "config", "sizes"),
    "report": (*_STATISTICS, "config", "assets", "labels", "projection"),
    "pipeline": (
        *_STATISTICS,
        *(*_JUDGING, "config", "assets", "bucket", "sources", "subsample", "columns", "demo"),
        "labels",
        *("contract", "embedders", "export"),
        *(
            *_CHANNELS,
            "calibration",
            "calibrate",
            "readings",
            "reasons",
            "replays",
            "decide",
            "incidents",
        ),
        *("calendars", "terms", "injections"),
        *(
            "versions",
            "projection",
            "umap_process",
            "store",
            "engine",
            "alerts",
            "report",
            "traffic_log",
        ),
    ),
    "api": (*_STATISTICS, "config", "sources", "scores", "versions", "pipeline", "report"),
    "cli": ("errors", "model", "config", "sources", "assets", "pipeline"),
    "__main__": ("cli",),
}

# Importing these takes long. They may be imported at the top of a module of these rooms alone;
# elsewhere, inside the function that needs them.
HEAVY: dict[str, tuple[str, ...]] = {
    "dask": (),
    "distributed": (),
    "evidently": (),
    "matplotlib": (),
    "mlflow": (),
    "numba": (),
    "pandas": (),
    "plotly": (),
    "resvg_py": (),
    "sklearn": (),
    "umap": (),
    "scipy": ("stats", "basis", "scores", "calibration", "decide", "versions"),
    "sqlalchemy": ("store",),
}

# The only rooms that may import these at all.
ONLY_USERS: dict[str, tuple[str, ...]] = {
    "umap": ("projection",),
    "click": ("cli",),
    "resvg_py": ("report",),
}


def modules() -> dict[str, Path]:
    """Every module of `monitor` by its dotted name."""
    found = {}
    for path in sorted(MONITOR.rglob("*.py")):
        parts = ["monitor", *path.relative_to(MONITOR).with_suffix("").parts]
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def room(module: str) -> str:
    """The room a module belongs to; `""` for the package itself.

    >>> room("monitor.stats.moments"), room("monitor")
    ('stats', '')
    """
    return [*module.split("."), ""][1]


def imports(module: str, path: Path, known: dict[str, Path]) -> set[str]:
    """Modules of `monitor` that `module` imports, wherever in the file."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = {name for node in ast.walk(tree) for name in _names(node, module, path)}
    return {_nearest(name, known) for name in names if name.split(".")[0] == "monitor"} - {module}


def top_level(path: Path) -> set[str]:
    """Top names of the packages that importing the file imports at once."""
    body = ast.parse(path.read_text(encoding="utf-8")).body
    nodes = [inner for node in body for inner in _at_import(node)]
    return {name.split(".")[0] for node in nodes for name in _names(node, "", path)}


def anywhere(path: Path) -> set[str]:
    """Top names of all packages that the file imports, now or later."""
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    return {name.split(".")[0] for node in nodes for name in _names(node, "", path)}


def _at_import(node: ast.AST) -> Iterator[ast.AST]:
    """`node` and what runs inside it when the module is imported: no function bodies."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
        return
    if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
        return
    yield node
    for child in ast.iter_child_nodes(node):
        yield from _at_import(child)


def _names(node: ast.AST, module: str, path: Path) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        package = module if path.name == "__init__.py" else module.rpartition(".")[0]
        up = package.split(".")
        above = up[: len(up) - node.level + 1] if node.level else []
        source = ".".join([*above, *([node.module] if node.module else [])])
        yield from (f"{source}.{alias.name}" for alias in node.names)


def _nearest(name: str, known: dict[str, Path]) -> str:
    """The module of which `name` is a part: `monitor.model.Batch` is of `monitor.model`."""
    while name not in known and "." in name:
        name = name.rpartition(".")[0]
    return name
