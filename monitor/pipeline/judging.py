"""Windows judged against the reference: verdicts, and what each says in JSON."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import numpy as np

from monitor.basis import Basis
from monitor.calibrate import Channel
from monitor.config import budget_windows
from monitor.decide import verdict
from monitor.errors import Undecided, UsageError
from monitor.model import Score, Verdict, Window
from monitor.pipeline import references
from monitor.pipeline.bundle import Bundle
from monitor.pipeline.workspace import Workspace
from monitor.profiles import Profile
from monitor.reasons import Rule, ready_at
from monitor.scores.detectable import detectable
from monitor.scores.effect import GATES, effect, n_effective
from monitor.scores.familiar import familiar
from monitor.scores.split import NEW
from monitor.scores.where import ClusterChange, cluster_changes, component_shares, share_z
from monitor.store import Reference, StoredWindow
from monitor.traces import WHOLE, Observed, observed

MOST_CLUSTERS = 128
EXAMPLES = 3
MOST_KEPT = 1024
"""Windows whose traces are held at once: more than the 672 that a week of 15 minutes has."""
FAR = 1.2
"""From this ratio on, rows far from the reference say more than the clusters they fell into."""


@dataclass(frozen=True)
class Judge:
    """Everything that one space's windows are judged by."""

    workspace: Workspace
    space: str
    monitor: str
    reference: Reference
    basis: Basis
    bundle: Bundle
    rule: Rule

    @property
    def config_digest(self) -> str:
        """Names the rule and the reference: the same window judged again by both is the same."""
        what = [self.rule.budget, self.rule.min_rows, self.reference.calibration]
        return "sha256:" + hashlib.sha256(json.dumps(what).encode()).hexdigest()

    def judged(self, stored: StoredWindow) -> tuple[Verdict, dict[str, Any]]:
        """The verdict on a stored window, and its JSON."""
        profile = references.window_profile(self.workspace, stored)
        normal = self.bundle.of(stored.window)
        found = verdict(
            self.basis,
            self.bundle.calibration,
            normal,
            profile,
            window=stored.window,
            rule=self.rule,
            recent=self._recent(stored),
        )
        if found.word == "calibrating":
            found = replace(found, causes=(*found.causes, *self._expected(stored.window)))
        (self._told.add if found.detail["alone"] else self._told.discard)(stored.window)
        changes = cluster_changes(normal, profile, self._z(found, normal, profile))
        if found.word not in ("drift", "warn"):
            changes = [replace(change, drifted=False) for change in changes]
        names = list(self.reference.detail["labels"])
        if found.word in ("drift", "warn"):
            names = self._names(profile)
            causes = (*found.causes, *where_causes(changes, names, found.effect))
            found = replace(found, causes=causes or (effect_sentence(found.effect),))
        return found, self._document(
            found,
            clusters_document(changes, names, cluster_examples(profile, normal)),
            normal,
            profile,
        )

    def _expected(self, window: Window) -> list[str]:
        """When there will be enough reference, if nothing goes missing."""
        length = window.end - window.start
        first = self.reference.start or self.windows[0].window.start
        at = ready_at(first, length)
        return [f"ready on {at.day} {at:%B %Y}, if no window is missing"] if at > window.end else []

    def _recent(self, stored: StoredWindow) -> list[Observed]:
        """The windows that the rule's resolutions reach back to, the one judged last. Those that
        stood out by themselves had their alarm: what is over must not echo for a week."""
        window = stored.window
        since = window.end - self.bundle.calibration.span * (window.end - window.start)
        found = [
            one
            for one in self.windows
            if since <= one.window.start < window.start and one.window not in self._told
        ]
        return [self._traces(one) for one in (*found, stored)]

    def _traces(self, stored: StoredWindow) -> Observed:
        key = stored.window
        if key not in self._kept:
            if len(self._kept) >= MOST_KEPT:
                del self._kept[next(iter(self._kept))]
            self._kept[key] = references.window_traces(self.workspace, stored)
        return self._kept[key]

    @cached_property
    def _told(self) -> set[Window]:
        rows = self.workspace.store.history(self.space)
        return {
            row.window for row in rows if row.monitor == self.monitor and row.detail.get("alone")
        }

    @cached_property
    def _kept(self) -> dict[Window, Observed]:
        return {}

    @cached_property
    def windows(self) -> list[StoredWindow]:
        """All stored windows, oldest first."""
        return self.workspace.store.windows(self.space, self.basis.id)

    def _names(self, profile: Profile) -> list[str]:
        """The clusters' names: those of the reference, but where it has no row of a cluster, that
        of the window's own rows, so that what is new has a name."""
        known: list[str] = self.reference.detail["labels"]
        held = set(self.bundle.whole.sample.kept["_cluster"].to_pylist())
        own = [label.text for label in references.labels_of(profile)]
        return [known[k] if k in held else own[k] for k in range(len(known))]

    def _document(
        self,
        found: Verdict,
        clusters: list[dict[str, Any]],
        normal: Profile,
        profile: Profile,
    ) -> dict[str, Any]:
        sizes = n_effective(self.basis, normal), n_effective(self.basis, profile)
        level = effect(self.basis, self.bundle.launch, profile, sizes)
        return {
            **verdict_document(found),
            "causes": list(found.causes),
            **profile_document(self.basis, normal, profile, found.effect),
            "n_eff": sizes[1],
            "min_detectable": detectable(*sizes, 1 / self.rule.n),
            "clusters": clusters,
            "level": level.mean_sd,
        }

    def _z(
        self, found: Verdict, normal: Profile, profile: Profile
    ) -> np.ndarray[Any, np.dtype[np.float64]]:
        """Change of each cluster in deviations of quiet windows, else of sampling alone."""
        calibration = self.bundle.calibration
        level = calibration.levels.get(Channel(WHOLE, 1, "clusters"))
        if level is None or profile.n == 0 or found.window is None:
            return share_z(normal, profile)
        seen = [observed(self.basis, found.window, profile)]
        for one in calibration.seen(self.basis, seen):
            if (one.segment, one.span) == (WHOLE, 1):
                return np.asarray(level.normal.z(one.residuals("clusters"))[0])
        return share_z(normal, profile)


def judge(
    workspace: Workspace, space: str, *, monitor: str | None = None, false_alarms: str | None = None
) -> Judge:
    """The judge of a space by its reference and by the settings of its monitor, if it has one."""
    name, settings = workspace.monitor_of(space)
    if monitor is not None:
        name, settings = monitor, workspace.config.monitors.get(monitor)
    reference, basis, bundle = references.current(workspace, space)
    stored = workspace.store.windows(space, basis.id)
    if not stored:
        raise Undecided(f"space {space!r} has no windows", f"embmon ingest {space} SOURCE --at COL")
    length = stored[0].window.end - stored[0].window.start
    budget = false_alarms or (settings.false_alarms if settings else "1 per 1000 windows")
    rule = Rule(budget, budget_windows(budget, length), settings.min_rows if settings else 50)
    return Judge(workspace, space, name, reference, basis, bundle, rule)


def chosen(stored: Sequence[StoredWindow], which: str) -> list[StoredWindow]:
    """The windows meant by `latest`, `all`, or a time in one; UsageError where there is none."""
    if which == "all":
        return list(stored)
    if which == "latest":
        return list(stored[-1:])
    at = datetime.fromisoformat(which)
    at = at.replace(tzinfo=UTC) if at.tzinfo is None else at
    found = [w for w in stored if w.window.start <= at < w.window.end]
    if not found:
        raise UsageError(f"no window holds {which}", "embmon history SPACE lists them")
    return found


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


def cluster_causes(changes: Sequence[ClusterChange], names: Sequence[str]) -> list[str]:
    """The clusters that changed most, in words."""
    found = [c for c in changes if c.drifted and abs(c.current_share - c.reference_share) >= 0.005]
    return [_cluster_sentence(change, names[change.id]) for change in found[:3]]


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


def _cluster_sentence(change: ClusterChange, name: str) -> str:
    now = f"{change.current_share:.1%} of rows are in cluster “{name}”"
    if change.reference_share < NEW:
        return f"{now}, a place where hardly any was before: something new"
    return f"{now}, {change.reference_share:.1%} before"


def effect_sentence(effect: Mapping[str, float]) -> str:
    """The size of a change that no single cluster explains."""
    return (
        f"{effect['tv_clusters']:.1%} of rows changed cluster, the mean moved "
        f"{effect['mean_sd']:.2f} of the radius, and a linear detector tells the sides apart with "
        f"AUC {effect['auc']:.2f}"
    )


def worst(words: Sequence[str]) -> str:
    """The verdict that stands for several."""
    order = ("drift", "warn", "insufficient", "calibrating", "ok")
    return min(words, key=order.index) if words else "insufficient"
