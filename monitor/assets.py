"""Where the files beside the code are: inside an installed package, or in a checkout."""

from __future__ import annotations

from pathlib import Path

from monitor.errors import MonitorError

_PACKAGE = Path(__file__).parent


def templates() -> Path:
    """The folder of the Jinja templates."""
    return folder("templates")


def sample_data() -> Path:
    """The folder of the sample embeddings."""
    return folder("sample_data")


def folder(name: str, package: Path = _PACKAGE) -> Path:
    """The folder `name` inside `package`, else beside it. Raises MonitorError where neither is.

    >>> folder("stats").name
    'stats'
    """
    places = (package / name, package.parent / name)
    for place in places:
        if place.is_dir():
            return place
    raise MonitorError(
        f"the folder {name} is neither at {places[0]} nor at {places[1]}",
        "install embedding-monitor again",
    )
