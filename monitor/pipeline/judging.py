"""Windows judged against the reference: verdicts, and what each says in JSON."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any, Self

import numpy as np

from monitor.basis import Basis
from monitor.calibration import Channel
from monitor.config import MonitorSettings, budget_windows, moment
from monitor.decide import verdict
from monitor.errors import Undecided, UsageError
from monitor.model import Verdict, Window
from monitor.pipeline import references
from monitor.pipeline.bundle import Bundle
from monitor.pipeline.documents import (
    cluster_examples,
    clusters_document,
    labels_of,
    profile_document,
    term_causes,
    verdict_document,
    where_causes,
)
from monitor.pipeline.past import Past
from monitor.pipeline.served import coverage
from monitor.pipeline.workspace import Workspace
from monitor.profiles import Profile
from monitor.reasons import Rule, ready_at
from monitor.scores.detectable import detectable
from monitor.scores.effect import n_effective
from monitor.scores.gauge import length_of
from monitor.scores.totals import Float64, Totals, bucket_totals, whole
from monitor.scores.where import ClusterChange, cluster_changes, share_z
from monitor.sizes import size_sentence
from monitor.store import Reference, StoredWindow
from monitor.traces import WHOLE, Observed

MOST_KEPT = 1024
"""Windows whose traces are held at once: more than the 672 that a week of 15 minutes has."""
_A_WEEK = 168
"""Hours; windows looked through at first for the latest that is on no excluded day."""


@dataclass(frozen=True)
class Judge:
    """Everything that one space's windows are judged by; first: start of the oldest of them."""

    workspace: Workspace
    space: str
    monitor: str
    reference: Reference
    basis: Basis
    bundle: Bundle
    rule: Rule
    first: datetime

    @property
    def config_digest(self) -> str:
        """Names the rule and the reference: the same window judged again by both is the same."""
        what = [self.rule.budget, self.rule.min_rows, self.reference.detail["calibration"]]
        return "sha256:" + hashlib.sha256(json.dumps(what).encode()).hexdigest()

    def as_told(self, stored: StoredWindow) -> Self:
        """The judge whose verdict on this window is stored, by the reference of that time; this
        one where none is, or where the rule has changed since. A trailing reference has moved on
        and may by now hold what was new then."""
        window = stored.window
        judged = self.workspace.store.history(
            self.space, monitor=self.monitor, start=window.start, end=window.end
        )
        told = {row.config_digest for row in judged}
        for known in reversed(self.workspace.store.references(self.space)):
            then = replace(self, reference=known)
            if known.basis_id == self.basis.id and then.config_digest in told:
                return replace(then, bundle=references.bundle(self.workspace, known))
        return self

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
            repeated=self.bundle.repeated,
        )
        if found.word == "calibrating":
            found = replace(found, causes=(*found.causes, *self._expected(stored.window)))
        self._past.note(stored.window, found.detail["alone"])
        z, fresh = self._z(stored, normal, profile), self.basis.fitted_buckets
        changes = cluster_changes(normal, profile, z, self.bundle.radii, fresh)
        if found.word not in ("drift", "warn"):
            changes = [change.cleared for change in changes]
        names = list(self.reference.detail["labels"])
        if found.word in ("drift", "warn"):
            names = self._names(profile, changes)
            # What other stretches and segments say comes after the topics: those are its detail.
            first = [cause for cause in found.causes if not cause.startswith("over ")]
            rest = [cause for cause in found.causes if cause.startswith("over ")]
            causes = (*first, *where_causes(changes, names, found.effect), *rest)
            causes = causes or (size_sentence(found.effect),)
            found = replace(found, causes=(*causes, *term_causes(profile, normal)))
        label = self.workspace.calendar(self.space).label(stored.window)
        if label is not None:
            found = replace(found, causes=(*found.causes, f"the calendar calls this day {label!r}"))
        clusters = clusters_document(changes, names, cluster_examples(profile, normal))
        document = self._document(found, clusters, normal, profile)
        return found, {**document, "level": self._level(stored)}

    def _expected(self, window: Window) -> list[str]:
        """When there will be enough reference, if nothing goes missing; nothing of one that ends
        before."""
        known, length = self.reference, window.end - window.start
        at = ready_at(max(self.first, known.start or self.first), length)
        ends = known.kind == "windows" and known.end is not None and known.end < at
        if ends or at <= window.end:
            return []
        return [f"ready on {at.day} {at:%B %Y}, if no window is missing"]

    def _recent(self, stored: StoredWindow) -> list[Observed]:
        """The windows that the rule's resolutions reach back to, the one judged last. Those that
        stood out by themselves had their alarm: what is over must not echo for a week."""
        held = [one for one in self._reached(stored) if not self._past.stood_out(one.window)]
        return [self._traces(one) for one in (*held, stored)]

    def _reached(self, stored: StoredWindow) -> list[StoredWindow]:
        """The windows before this one that lie within the longest stretch that is judged."""
        return self._past.before(stored.window, self.bundle.calibration.span)

    def _level(self, stored: StoredWindow) -> float:
        """Shift of the mean since the first reference, over the longest stretch that is judged:
        a window by itself is too noisy to show what changes slowly."""
        seen = [self._traces(one).traces for one in (*self._reached(stored), stored)]
        n, mean = _mean([one.sums[WHOLE].together for one in seen])
        _, launch = self._launch
        return length_of(self.basis, mean - launch, n) if n else math.nan

    @cached_property
    def _launch(self) -> tuple[float, Float64]:
        return _mean([whole(bucket_totals(self.bundle.launch, self.basis.fitted_buckets))])

    def _traces(self, stored: StoredWindow) -> Observed:
        key = stored.window
        if key not in self._kept:
            if len(self._kept) >= MOST_KEPT:
                del self._kept[next(iter(self._kept))]
            self._kept[key] = references.window_traces(self.workspace, stored)
        return self._kept[key]

    @cached_property
    def _past(self) -> Past:
        excluded = self.workspace.calendar(self.space).excludes
        return Past(self.workspace.store, (self.space, self.monitor, self.basis.id), excluded)

    @cached_property
    def _kept(self) -> dict[Window, Observed]:
        return {}

    def _names(self, profile: Profile, changes: Sequence[ClusterChange]) -> list[str]:
        """The clusters' names: those of the reference, but where most rows of a cluster are more
        than there were, that of the window's own rows, so that what is new has a name."""
        found: list[str] = list(self.reference.detail["labels"])
        own = [label.text for label in labels_of(profile)]
        for change in changes:
            new = change.drifted or change.reference_share == 0
            if new and change.current_share > 2 * change.reference_share:
                found[change.id] = own[change.id]
        return found

    def _document(
        self,
        found: Verdict,
        clusters: list[dict[str, Any]],
        normal: Profile,
        profile: Profile,
    ) -> dict[str, Any]:
        sizes = n_effective(self.basis, normal), n_effective(self.basis, profile)
        return {
            **verdict_document(found),
            "causes": list(found.causes),
            **profile_document(self.basis, normal, profile, found.effect),
            "n_eff": sizes[1],
            "min_detectable": detectable(*sizes, 1 / self.rule.n),
            "clusters": clusters,
            "coverage": coverage(
                profile, self.reference.detail.get("coverage"), sizes[1], 1 / self.rule.n
            ),
        }

    def _z(
        self, stored: StoredWindow, normal: Profile, profile: Profile
    ) -> np.ndarray[Any, np.dtype[np.float64]]:
        """Change of each cluster in deviations of quiet windows, else of sampling alone."""
        calibration = self.bundle.calibration
        level = calibration.levels.get(Channel(WHOLE, 1, "clusters"))
        if level is None or profile.n == 0:
            return share_z(normal, profile)
        for one in calibration.seen(self.basis, [self._traces(stored)]):
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
    (oldest,) = stored_windows(workspace, space, basis, first=1)
    rule = rule_for(oldest, settings, false_alarms)
    first = oldest.window.start
    return Judge(workspace, space, name, reference, basis, bundle, rule, first)


def stored_windows(
    workspace: Workspace, space: str, basis: Basis, first: int | None = None
) -> list[StoredWindow]:
    """The windows of a space in this basis, oldest first, all or the first so many; Undecided
    where there is none."""
    found = workspace.store.windows(space, basis.id, first=first)
    if not found:
        raise Undecided(f"space {space!r} has no windows", f"embmon ingest {space} SOURCE --at COL")
    return found


def rule_for(
    stored: StoredWindow, settings: MonitorSettings | None, false_alarms: str | None
) -> Rule:
    """The rule for windows as long as this: the budget asked for, else the monitor's own."""
    settings = settings or MonitorSettings(space="", source="", at="")
    length = stored.window.end - stored.window.start
    budget = false_alarms or settings.false_alarms
    return Rule(budget, budget_windows(budget, length), settings.min_rows)


def chosen(by: Judge, which: str, *, excluded: bool = False) -> list[StoredWindow]:
    """The windows meant by `latest`, `all`, or a time in one (UTC where it names no offset), with
    those of excluded days if asked for; UsageError where there is none."""
    store, excludes = by.workspace.store, by.workspace.calendar(by.space).excludes

    def usual(found: list[StoredWindow]) -> list[StoredWindow]:
        return [one for one in found if excluded or not excludes(one.window)]

    if which == "all":
        return usual(store.windows(by.space, by.basis.id))
    if which == "latest":
        newest = usual(store.windows(by.space, by.basis.id, last=_A_WEEK))
        return newest[-1:] or usual(store.windows(by.space, by.basis.id))[-1:]
    at = moment(which, "a window is named by `latest`, `all` or a time such as 2026-03-01")
    found = usual(store.windows_at(by.space, by.basis.id, at))
    if not found:
        raise UsageError(f"no window holds {which}", "embmon history SPACE lists them")
    return found


def worst(words: Sequence[str]) -> str:
    """The verdict that stands for several."""
    order = ("drift", "warn", "insufficient", "calibrating", "ok")
    return min(words, key=order.index) if words else "insufficient"


def _mean(groups: Sequence[Totals]) -> tuple[float, Float64]:
    """Rows of groups of one each, and the mean (p,) of their leading coordinates."""
    n = float(sum(one.n[0] for one in groups))
    return n, np.sum([one.y[0] for one in groups], axis=0) / max(n, 1)
