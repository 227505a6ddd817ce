"""Stored run JSON, whole or cut down."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

KINDS = ("check", "drift", "compare", "audit", "replay", "status")
"""The runs that are stored, one of each kind that a page is made of."""

_RUNS = Path(__file__).parent / "runs"


def stored_run(name: str) -> dict[str, Any]:
    """The run JSON of that name, fresh."""
    return dict(json.loads((_RUNS / f"{name}.json").read_text(encoding="utf-8")))


def thinned(run: dict[str, Any], points: int = 12) -> dict[str, Any]:
    """The run with so few points on its map and rows in its lists that pages are small."""
    small = dict(run)
    for key in ("map", "movers", "trend", "clusters", "examples", "windows"):
        if key in small:
            small[key] = _cut(small[key], points)
    return small


def _cut(value: Any, most: int) -> Any:
    if isinstance(value, dict):
        return {key: _cut(item, most) for key, item in value.items()}
    if isinstance(value, list):
        # Both ends, so that reference and current points are kept.
        kept = value if len(value) <= most else value[: most // 2] + value[-(most // 2) :]
        return [_cut(item, most) for item in kept]
    return value
