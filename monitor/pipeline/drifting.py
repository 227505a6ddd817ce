"""Two sources without a store: `drift`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from monitor.basis import Basis
from monitor.batch import Batch
from monitor.decide import broken_rules
from monitor.errors import DimensionError
from monitor.fitting import fitted
from monitor.frame import Frame
from monitor.model import Columns
from monitor.parallel import mapped
from monitor.pipeline import pages
from monitor.pipeline.documents import (
    cluster_examples,
    clusters_document,
    family_document,
    labels_of,
    profile_document,
    where_causes,
)
from monitor.pipeline.workspace import Run, Workspace
from monitor.profiles import Profile, alike_parts, parted, products_kept
from monitor.scores.dead import dead_dimensions
from monitor.scores.detectable import detectable
from monitor.scores.effect import effect, n_effective
from monitor.scores.radii import Radii
from monitor.scores.repeats import repeated_share
from monitor.scores.split import Split, split
from monitor.scores.two_sample import TwoSample, two_sample
from monitor.scores.where import cluster_changes, share_z
from monitor.sizes import GATES, size_sentence
from monitor.sources import Source, open_source
from monitor.subsample import hash_sample

LEVEL = 0.05
MIN_ROWS = 50


def drift(
    workspace: Workspace,
    a: Any,
    b: Any,
    columns: Columns,
    columns_b: Columns,
    *,
    seed: int = 0,
    out: Path | None = None,
) -> dict[str, Any]:
    """Drift of source `b` against source `a`; see `Monitor.drift`."""
    sources = open_source(a, columns), open_source(b, columns_b)
    texts = columns.text, columns_b.text
    found = measured(workspace, sources, texts, columns.entity or "", seed)
    if out is None:
        return found.document
    from monitor.pipeline.drift_pages import with_rows

    pages.write(workspace, with_rows(workspace, found.document, found.sides), out)
    return {**found.document, "report": str(out)}


def drift_of(
    workspace: Workspace,
    sources: tuple[Source, Source],
    texts: tuple[str | None, str | None],
    entity: str | None = None,
    *,
    seed: int = 0,
) -> dict[str, Any]:
    """Drift of the second source against the first; `texts` are their text columns."""
    return measured(workspace, sources, texts, entity or "", seed).document


@dataclass(frozen=True)
class Measured:
    """The run of a drift, and the profiles of its two sides."""

    document: dict[str, Any]
    sides: tuple[Profile, Profile]


def measured(
    workspace: Workspace,
    sources: tuple[Source, Source],
    texts: tuple[str | None, str | None],
    entity: str,
    seed: int,
) -> Measured:
    """Both sides in a frame fitted on both, and the test of the one against the other."""
    run = Run("drift", workspace, seed=seed)
    if sources[0].dim != sources[1].dim:
        raise DimensionError(
            f"{sources[0].name} has {sources[0].dim} dimensions, "
            f"{sources[1].name} has {sources[1].dim}",
            "versions of another dimension are compared item by item: embmon compare",
        )
    basis, rows = _pooled_basis(sources, entity, seed)
    parts = alike_parts(*rows)
    crossed = products_kept(basis, parts)
    (first, reference), (second, current) = (
        _profiles(workspace, source, Frame(basis, 1024, text, crossed), n)
        for source, text, n in zip(sources, texts, parts, strict=True)
    )
    digests = mapped(lambda source: source.digest(), sources)
    for source, n, digest in zip(sources, rows, digests, strict=True):
        run.read(source, n, digest)
    tested = two_sample(basis, first, second, level=LEVEL, seed=seed)
    document = run.document(_judged(basis, reference, current, tested))
    return Measured(document, (reference, current))


def _pooled_basis(
    sources: tuple[Source, Source], entity: str, seed: int
) -> tuple[Basis, tuple[int, int]]:
    """Fitted on both sides together, and how many rows each has.

    The same share of the rows of either side is in the fit: what was fitted lies closer to the
    basis than fresh rows do, so that unlike shares would by themselves be a difference.
    """
    seen = [0, 0]

    def counted(side: int) -> Iterator[Batch]:
        seen[side] = 0
        for batch in sources[side].batches():
            seen[side] += len(batch)
            yield batch

    known = [source.rows for source in sources]
    expected = None if None in known else sum(n for n in known if n)
    streams = [lambda: counted(0), lambda: counted(1)]
    pooled = hash_sample(streams, sources[0].dim, expected)
    return fitted(pooled, seed=seed, entity=entity, fine=True), (seen[0], seen[1])


def _profiles(
    workspace: Workspace, source: Source, frame: Frame, parts: int
) -> tuple[list[Profile], Profile]:
    """Profiles of random parts of a source for the test, and of all of it."""
    rows = 0

    def counted() -> Iterator[Batch]:
        nonlocal rows
        for batch in source.batches():
            rows += len(batch)
            workspace.progress(f"reading {source.name}", rows, source.rows)
            yield batch

    return parted(counted(), frame, parts)


def _judged(
    basis: Basis, reference: Profile, current: Profile, tested: TwoSample
) -> dict[str, Any]:
    sizes = n_effective(basis, reference), n_effective(basis, current)
    size = effect(basis, reference, current, sizes)
    fewest = min(reference.n, current.n)
    broken = list(broken_rules(current, reference.duplicates() / max(reference.n, 1)))
    if fewest >= MIN_ROWS:
        broken += _repeats(basis, reference, current)
    z, radii = share_z(reference, current), Radii.of(reference)
    changes = cluster_changes(reference, current, z, radii)
    names = [label.text for label in labels_of(reference + current)]
    parts = split(reference, current, changes, size.tv_clusters, seed=basis.seed)
    significant = tested.p_value <= LEVEL
    dead = dead_dimensions(reference, current)
    if broken and current.quality.to_dict()["rows"]:
        verdict = "drift"
    elif fewest < MIN_ROWS:
        verdict = "insufficient"
    else:
        verdict = "drift" if significant and (size.passes() or len(dead)) else "ok"
    if verdict != "drift":
        changes = [change.cleared for change in changes]
    causes = list(broken)
    if verdict == "drift":
        causes += _dead(dead.tolist())
        causes += where_causes(changes, names, size.to_dict())
        causes = causes or [size_sentence(size.to_dict())]
        causes += _kind(parts) if significant else []
    elif verdict == "insufficient":
        few = "the second source holds" if current.n == fewest else "the first source holds"
        causes = [f"{few} {fewest} usable rows; {MIN_ROWS} are needed to judge"]
    elif significant:
        causes.append(f"a difference is certain (p = {tested.p_value:.3f}) but too small to matter")
    judged = verdict != "insufficient"
    return {
        "verdict": verdict,
        "p_value": tested.p_value if judged else None,
        "score": tested.score if judged else None,
        "threshold": tested.threshold if judged else None,
        "false_alarms": "5 per 100 comparisons",
        "effect": size.to_dict() if judged else dict.fromkeys(size.to_dict()),
        "mix": {"share": parts.mix if judged else None},
        "content": _content(parts, changed=judged and significant and parts.content_changed),
        "families": [family_document(family) for family in tested.families],
        **profile_document(basis, reference, current, size.to_dict()),
        "n_eff": sizes[1],
        "min_detectable": detectable(*sizes, LEVEL),
        "clusters": clusters_document(changes, names, cluster_examples(current, reference)),
        "segments": [],
        "causes": causes,
    }


def _repeats(basis: Basis, reference: Profile, current: Profile) -> list[str]:
    """One vector that fills more of the rows than before, in words. Where entities are named,
    one of them may fill a bucket, which is no change of what it looks like."""
    share = 0.0 if basis.entity else repeated_share(reference, current)
    return [f"one vector, repeated, makes up {share:.1%} more of the rows than before"] * (
        share > 0
    )


def _dead(dimensions: list[int]) -> list[str]:
    """The dimensions that stopped varying, in words."""
    if not dimensions:
        return []
    names = ", ".join(str(i) for i in dimensions[:5])
    more = f" and {len(dimensions) - 5} more" if len(dimensions) > 5 else ""
    subject = (
        f"dimensions {names}{more} hold" if len(dimensions) > 1 else f"dimension {names} holds"
    )
    return [f"{subject} one value in every row, and did not before"]


def _content(parts: Split, *, changed: bool) -> dict[str, Any]:
    return {
        "changed": changed,
        "new_share": parts.new_share,
        "radius_ratio": parts.radius_ratio,
        "p_value": parts.radius_p,
    }


def _kind(parts: Split) -> list[str]:
    """Whether the proportions of known topics changed, or what they hold, in words."""
    if parts.content_changed:
        if parts.new_share > 0:
            return [f"{parts.new_share:.1%} of rows are where the first source has none"]
        word = "farther from" if parts.radius_ratio > 1 else "closer to"
        by = abs(parts.radius_ratio - 1)
        return [f"what the clusters hold changed: rows lie {by:.1%} {word} their centres"]
    if parts.mix >= GATES["tv_clusters"]:
        return [
            f"the mix changed ({parts.mix:.1%} of rows), not the content: known clusters in other "
            "proportions"
        ]
    return []
