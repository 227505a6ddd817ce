"""What verdicts and profiles say, in JSON and in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from monitor.arrowed import numpy_numbers
from monitor.basis import Basis
from monitor.labels import Label, cluster_labels
from monitor.model import Score, Verdict
from monitor.profiles import Profile
from monitor.scores.familiar import familiar
from monitor.scores.split import NEW
from monitor.scores.where import ClusterChange, component_shares
from monitor.sizes import GATES
from monitor.stats.sample import COLUMN
from monitor.terms import grown_terms

if TYPE_CHECKING:
    from monitor.report.texts import Texts

MOST_CLUSTERS = 128
EXAMPLES = 3
FAR = 1.2
"""From this ratio on, rows far from the reference say more than the clusters they fell into."""
_NONE = 0.0005
"""A smaller share would read 0.0%."""


def verdict_document(found: Verdict) -> dict[str, Any]:
    """The keys of a verdict in JSON."""
    return {
        "window": found.window and found.window.to_dict(),
        "verdict": found.word,
        "p_value": found.p_value,
        "score": found.score,
        "threshold": found.threshold,
        "false_alarms": found.false_alarms,
        "effect": dict(found.effect),
        "families": [family_document(family) for family in found.families],
        "resolutions": found.detail.get("resolutions", []),
        "segments": found.detail.get("segments", []),
    }


def family_document(family: Score) -> dict[str, Any]:
    """One family's score in JSON."""
    return dict(vars(family))


def profile_document(
    basis: Basis, normal: Profile, profile: Profile, size: Mapping[str, float]
) -> dict[str, Any]:
    """What two profiles say without a decision: familiar numbers, quality, components; `size` is
    the effect between them."""
    shares = component_shares(basis, normal, profile) if min(normal.n, profile.n) else np.empty(0)
    order = np.argsort(-shares)[:10]
    metrics = {**familiar(basis, normal, profile), "auc": size["auc"]}
    return {
        "metrics": metrics,
        "quality": {**profile.quality.to_dict(), "duplicate": profile.duplicates()},
        "components": [{"component": int(i), "share": float(shares[i])} for i in order],
    }


def clusters_document(
    changes: Sequence[ClusterChange], names: Sequence[str], examples: Mapping[int, list[str]]
) -> list[dict[str, Any]]:
    """The clusters in JSON, most changed first."""
    return [
        {**vars(change), "label": names[change.id], "examples": examples.get(change.id, [])}
        for change in changes[:MOST_CLUSTERS]
    ]


def labels_of(whole: Profile) -> list[Label]:
    """A name for each cluster, from the texts or columns of the sampled rows."""
    table = whole.sample.kept
    columns = {
        name.removeprefix(COLUMN): [v if v is None else str(v) for v in table[name].to_pylist()]
        for name in table.column_names
        if name.startswith(COLUMN)
    }
    texts = table["_text"].to_pylist()
    clusters = whole.clusters.counts.shape[1]
    named = table["_id"].null_count == 0
    ids = table["_id"].to_pylist() if named else None
    assigned = numpy_numbers(table["_cluster"])
    distances = numpy_numbers(table["_novelty"])
    return cluster_labels(texts, assigned, clusters, columns=columns, ids=ids, distances=distances)


def cluster_examples(profile: Profile, normal: Profile) -> dict[int, list[str]]:
    """Ids of sampled rows of each cluster, of the current side where it has some there."""
    found: dict[int, list[str]] = {}
    for side in (normal, profile):
        table = side.sample.kept
        own: dict[int, list[str]] = {}
        for cluster, id in zip(
            table["_cluster"].to_pylist(), table["_id"].to_pylist(), strict=True
        ):
            if id is not None and len(own.setdefault(cluster, [])) < EXAMPLES:
                own[cluster].append(id)
        found |= own
    return found


def with_texts(
    clusters: Sequence[Mapping[str, Any]], profile: Profile, normal: Profile
) -> list[dict[str, Any]]:
    """The clusters with texts in the place of the ids of their examples, where there are texts."""
    texts: dict[str, str] = {}
    for side in (normal, profile):
        table = side.sample.kept
        texts |= dict(zip(table["_id"].to_pylist(), table["_text"].to_pylist(), strict=True))
    return [
        {**one, "examples": list(dict.fromkeys(texts.get(id) or id for id in one["examples"]))}
        for one in clusters
    ]


def shown(document: Mapping[str, Any], texts: Texts) -> dict[str, Any]:
    """A run's document with the texts of rows as pages show them: what lies beside a page must not
    tell what the page was told to keep."""
    found = dict(document)
    for key in ("examples", "map"):
        found[key] = _texts_shown(found.get(key), texts)
    found["windows"] = [
        {**one, "clusters": [_topic_shown(topic, texts) for topic in one["clusters"]]}
        for one in found["windows"]
    ]
    return found


def _topic_shown(topic: Mapping[str, Any], texts: Texts) -> dict[str, Any]:
    return {**topic, "examples": [t for e in topic["examples"] if (t := texts.row(e)) is not None]}


def _texts_shown(value: Any, texts: Texts, named: bool = False) -> Any:
    """`value` with every text below a key `text` as `texts` has it."""
    if isinstance(value, Mapping):
        return {k: _texts_shown(v, texts, k == "text") for k, v in value.items()}
    if isinstance(value, list):
        return [_texts_shown(one, texts, named) for one in value]
    return texts.row(value) if named else value


def term_causes(profile: Profile, normal: Profile) -> list[str]:
    """Words that came up most among the sampled texts, in one sentence."""
    old, new = (side.sample.kept["_text"].to_pylist() for side in (normal, profile))
    found = [f"“{t.word}” {t.now:.1%} ({t.before:.1%})" for t in grown_terms(old, new)[:5]]
    return [f"words in more of the sampled texts than before: {', '.join(found)}"] if found else []


def cluster_causes(changes: Sequence[ClusterChange], names: Sequence[str]) -> list[str]:
    """The clusters that changed most, in words: those whose share did, then those whose rows lie
    elsewhere in them."""
    moved = [c for c in changes if c.drifted and abs(c.current_share - c.reference_share) >= 0.005]
    found = [_cluster_sentence(change, names[change.id]) for change in moved[:3]]
    gate = GATES["residual_ratio"]
    within = [c for c in changes if c.radius_drifted and abs(c.radius_ratio - 1) >= gate]
    within.sort(key=lambda c: -abs(c.radius_z))
    return found + [_radius_sentence(change, names[change.id]) for change in within[:1]]


def where_causes(
    changes: Sequence[ClusterChange], names: Sequence[str], effect: Mapping[str, float]
) -> list[str]:
    """Clusters that changed and how far out rows lie, in words; the latter first if it is far."""
    far = effect["residual_ratio"] >= FAR
    clusters, spread = cluster_causes(changes, names), spread_causes(effect)
    return [*spread, *clusters] if far else [*clusters, *spread]


def spread_causes(effect: Mapping[str, float]) -> list[str]:
    """Whether rows lie farther out, or closer in, than before, in words."""
    ratio = effect["residual_ratio"]
    if ratio >= 1 + GATES["residual_ratio"]:
        return [
            f"rows lie {ratio - 1:.0%} farther from what the reference spans: new topics, or "
            "vectors of another encoder"
        ]
    if ratio <= 1 - GATES["residual_ratio"]:
        return [f"rows lie {1 - ratio:.0%} closer to the centres of clusters: fewer kinds of rows"]
    return []


def _radius_sentence(change: ClusterChange, name: str) -> str:
    by = abs(change.radius_ratio - 1)
    word = "farther from" if change.radius_ratio > 1 else "closer to"
    return f"rows in cluster “{name}” lie {by:.0%} {word} its centre than before"


def _cluster_sentence(change: ClusterChange, name: str) -> str:
    if change.current_share < _NONE:
        rows = "hardly any row is" if change.current_share else "no row is"
        return f"{rows} in cluster “{name}”, {change.reference_share:.1%} before"
    now = f"{change.current_share:.1%} of rows are in cluster “{name}”"
    if change.reference_share < NEW:
        return f"{now}, a place where hardly any was before: something new"
    return f"{now}, {change.reference_share:.1%} before"
