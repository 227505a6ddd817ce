"""Tells when embeddings drift, why, and which rows.

`drift`, `compare`, `audit`, `profile` and `open` are what most programs need; they are imported
when they are first used, so that `import monitor` costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from monitor.api import Drift, audit, compare, drift, open
    from monitor.basis import Basis
    from monitor.pipeline import Monitor
    from monitor.profiles import Profile, profile

__all__ = ["Basis", "Drift", "Monitor", "Profile", "audit", "compare", "drift", "open", "profile"]

_HOMES = {
    "Basis": "monitor.basis",
    "Monitor": "monitor.pipeline",
    "Profile": "monitor.profiles",
    "profile": "monitor.profiles",
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'monitor' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES.get(name, "monitor.api")), name)
