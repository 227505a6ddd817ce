"""What the page of two sources shows beside their verdict: a map, examples, columns that moved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from monitor.pipeline.companions import moved
from monitor.pipeline.documents import with_texts
from monitor.pipeline.examples import taught
from monitor.pipeline.maps import Method, traffic_map
from monitor.pipeline.workspace import Workspace
from monitor.profiles import Profile


def with_rows(
    workspace: Workspace,
    document: Mapping[str, Any],
    sides: tuple[Profile, Profile],
    map_method: Method | None = None,
) -> dict[str, Any]:
    """The run of a drift with rows of its two sides to look at; `map_method` instead of the
    configured one."""
    reference, current = sides
    drawn = traffic_map(workspace, reference, current, map_method)
    usual, own = reference.sample.kept, current.sample.kept
    clusters = with_texts(document["clusters"], current, reference)
    return {
        **document,
        "clusters": clusters,
        "columns": moved(usual, own),
        "examples": taught(usual, own, current.sample.farthest, clusters),
        "map": drawn(),
    }
