"""Versions without a store: the comparison of two, the audit of one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from monitor.contract import differences
from monitor.model import Columns
from monitor.pipeline import pages
from monitor.pipeline.snapshots import SUFFIX, card_file, contract_of, items
from monitor.pipeline.workspace import Run, Workspace

SPECTRUM = 256
"""Leading directions whose shares a comparison's JSON holds."""


def compare(
    workspace: Workspace,
    a: str,
    b: str,
    columns: Columns,
    columns_b: Columns,
    *,
    expect: str | None = None,
    slices: Sequence[str] = (),
    queries: tuple[str, str] | None = None,
    analogies: Sequence[tuple[str, str]] = (),
    seed: int = 0,
    out: Path | None = None,
) -> dict[str, Any]:
    """Version `b` against version `a`; see `Monitor.compare`."""
    from monitor import versions

    run = Run("compare", workspace, seed=seed)
    left, right = items(workspace, a, columns, run), items(workspace, b, columns_b, run)
    asked = queries and (
        items(workspace, queries[0], columns, run),
        items(workspace, queries[1], columns_b, run),
    )
    workspace.progress("comparing", 0, None)
    found = versions.compare(
        left,
        right,
        expect=expect,
        slices=slices,
        queries=asked or None,
        analogies=analogies,
        seed=seed,
    )
    sides = {
        name: {"name": side.name, "rows": len(side), "dim": int(side.vectors.shape[1])}
        for name, side in (("a", left), ("b", right))
    }
    run.warnings += found.warnings
    histograms = {"cosine": found.cosines, "residual": found.residuals}
    shapes = {name: h and h.to_dict() for name, h in histograms.items()}
    content = {**found.to_dict(), "summary": found.summary, "histogram": shapes, **sides}
    if found.spectra is not None:
        content["spectrum"] = {
            name: np.round(shares[:SPECTRUM], 6).tolist()
            for name, shares in zip("ab", found.spectra, strict=True)
        }
    if a.endswith(SUFFIX) and b.endswith(SUFFIX):
        kept = versions.card_measures(card_file(a), card_file(b), seed)
        content["cards"] = {name: measure.to_dict() for name, measure in kept.items()}
    content["contract"] = differences(contract_of(workspace, a), contract_of(workspace, b))
    document = run.document(content)
    if out is not None:
        from monitor.pipeline.maps import versions_map

        document["map"] = versions_map(workspace, left, right)
        pages.write(workspace, document, out)
        document = {**document, "report": str(out)}
        del document["map"]
    return document


def audit(
    workspace: Workspace,
    a: str,
    columns: Columns,
    *,
    canaries: str | None = None,
    seed: int = 0,
    out: Path | None = None,
) -> dict[str, Any]:
    """What one version or source shows by itself; see `Monitor.audit`."""
    from monitor import versions

    run = Run("audit", workspace, seed=seed)
    index = items(workspace, a, columns, run)
    fresh = None if canaries is None else items(workspace, canaries, columns, run)
    workspace.progress("auditing", 0, None)
    found = versions.audit(index, canaries=fresh, seed=seed)
    side = {"name": index.name, "rows": len(index), "dim": int(index.vectors.shape[1])}
    document = run.document({**found.to_dict(), "summary": found.summary, "index": side})
    if out is None:
        return document
    from monitor.pipeline.maps import index_map

    drawn = index_map(workspace, index, found.findings)
    return {**document, "report": str(pages.write(workspace, {**document, "map": drawn}, out))}
