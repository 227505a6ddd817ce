"""The rule: is this window drift? Pure: no clock, no files, no randomness."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from monitor.basis import Basis
from monitor.calibrate import Calibration, observed
from monitor.model import Score, Verdict, VerdictWord, Window
from monitor.profiles import Profile
from monitor.scores.effect import GATES, Effect, effect, n_effective
from monitor.scores.families import FAMILIES

WARN_FACTOR = 10
"""A p-value up to this many times the alarm level, with an effect, is a warning."""
SMALLEST = 1e-300
LOST = 0.02
"""Growth of the share of rows that cannot be measured which counts as an effect. Less is no
matter however unlikely: where no row was ever bad, the first one is infinitely unlikely."""


@dataclass(frozen=True)
class Rule:
    """budget: the user's words; n: one false alarm per this many windows; min_rows: fewer usable
    rows are insufficient."""

    budget: str
    n: int
    min_rows: int = 50


def verdict(
    basis: Basis,
    calibration: Calibration,
    reference: Profile,
    current: Profile,
    *,
    window: Window,
    rule: Rule,
) -> Verdict:
    """The verdict on one window's profile.

    `reference` is the sum of the reference windows of the same season slot. Drift needs a
    broken hard rule, or a combined p of at most 1/N together with an effect past a gate.
    """
    broken = broken_rules(current)
    seen = observed(basis, window, current)
    scores = calibration.scores(seen)
    p_values = calibration.p_values(scores)
    measured = current.n >= rule.min_rows and seen.n >= rule.min_rows / 2
    before, now = _unusable(reference), _unusable(current)
    lost = now - before >= LOST
    telling = {name: p for name, p in p_values.items() if lost or name != "quality"}
    p = calibration.combined(telling) if calibration.ready and measured else math.nan
    sizes = (n_effective(basis, reference), n_effective(basis, current))
    size = effect(basis, reference, current, sizes)
    word = _word(p, rule, broken, matters=size.passes() or lost, enough=measured)
    causes = [*broken, *_explanation(word, p, size, rule, calibration)]
    if word == "insufficient" and not broken:
        causes.append(_too_few(current.n, seen.n, rule))
    if lost and word in ("drift", "warn"):
        causes.append(f"{now:.1%} of rows cannot be measured, {before:.1%} before")
    return Verdict(
        word=word,
        p_value=p,
        score=-math.log10(max(p, SMALLEST)) if p >= 0 else math.nan,
        threshold=math.log10(rule.n),
        false_alarms=rule.budget,
        effect=size.to_dict(),
        families=_families(calibration, scores, p_values if measured else {}, rule),
        causes=tuple(causes),
        window=window,
        detail={"n_eff": sizes[1], "hard_rules": list(broken)},
    )


def _families(
    calibration: Calibration,
    scores: Mapping[str, float],
    p_values: Mapping[str, float],
    rule: Rule,
) -> tuple[Score, ...]:
    return tuple(
        Score(
            name=name,
            value=scores.get(name, math.nan),
            unbiased=scores.get(name, math.nan) - _expected(calibration, name),
            se=_spread(calibration, name),
            p_value=p_values.get(name, math.nan),
            drifted=p_values.get(name, math.nan) <= 1 / rule.n,
        )
        for name in FAMILIES
    )


def broken_rules(profile: Profile) -> tuple[str, ...]:
    """Sentences for the hard rules that a window breaks; they need no statistics."""
    counts: Mapping[str, int] = profile.quality.to_dict()
    rows = counts["rows"]
    if rows == 0:
        return ("no rows arrived in this window",)
    found = []
    if profile.n == 0 and rows >= 20:
        found.append(f"none of {rows} rows has a vector that can be measured")
    for name, words in (("nan", "hold NaN"), ("inf", "hold Inf"), ("zero", "are zero vectors")):
        if counts[name] > 0.01 * rows:
            found.append(f"{counts[name]} of {rows} rows ({counts[name] / rows:.1%}) {words}")
    bad_dim = counts["wrong_dim"]
    if bad_dim:
        found.append(f"{bad_dim} of {rows} rows have another dimension")
    repeated = profile.duplicates()
    if profile.n >= 2 and _is_constant(profile):
        found.append(f"all {profile.n} vectors are equal")
    elif repeated > 0.5 * max(profile.n, 1) and profile.n >= 20:
        found.append(
            f"{repeated} of {profile.n} rows ({repeated / profile.n:.0%}) repeat another row"
        )
    return tuple(found)


def severity(verdict: Verdict) -> str:
    """`critical` for a broken hard rule or a large effect, else `warning`."""
    size = verdict.effect
    large = (
        size["tv_clusters"] >= 0.15
        or size["mean_sd"] >= 0.25
        or size["auc"] >= 0.75
        or abs(size["residual_ratio"] - 1) >= 0.2
    )
    return "critical" if large or verdict.detail.get("hard_rules") else "warning"


def _word(
    p: float, rule: Rule, broken: tuple[str, ...], *, matters: bool, enough: bool
) -> VerdictWord:
    if broken and broken[0].startswith("no rows"):
        return "insufficient"
    if broken:
        return "drift"
    if not enough:
        return "insufficient"
    if math.isnan(p):
        return "calibrating"
    if p <= 1 / rule.n and matters:
        return "drift"
    return "warn" if p <= WARN_FACTOR / rule.n and matters else "ok"


def _unusable(profile: Profile) -> float:
    """Share of rows that cannot be measured."""
    rows = int(profile.quality.to_dict()["rows"])
    return 1 - profile.n / rows if rows else 0.0


def _too_few(usable: int, judged: float, rule: Rule) -> str:
    if usable < rule.min_rows:
        return f"{usable} usable rows; at least {rule.min_rows} are needed to judge"
    return (
        f"only {judged:.0f} of {usable} usable rows are of entities that the basis was not fitted "
        "on: the window has too few entities to judge"
    )


def _explanation(
    word: str, p: float, size: Effect, rule: Rule, calibration: Calibration
) -> tuple[str, ...]:
    """Why it did not alarm, where that is not plain."""
    if word == "calibrating":
        return (
            f"calibrating: {calibration.windows} reference windows in {calibration.weeks} weeks; "
            "20 windows and two weeks are needed",
        )
    if word == "ok" and p <= WARN_FACTOR / rule.n:
        return (
            f"unusual (p = {p:.2g}), but too small to matter: shares moved {size.tv_clusters:.1%} "
            f"(gate {GATES['tv_clusters']:.0%}), the mean {size.mean_sd:.3f} of the radius "
            f"(gate {GATES['mean_sd']:.2f})",
        )
    if word == "warn":
        return (f"close: p = {p:.2g}, an alarm needs {1 / rule.n:.2g}",)
    return ()


def _is_constant(profile: Profile) -> bool:
    variance = profile.moments.squares - profile.moments.total**2 / profile.n
    return bool(variance.max() <= 1e-12 * max(float(profile.moments.squares.max()), 1e-300))


def _expected(calibration: Calibration, name: str) -> float:
    tail = calibration.tails.get(name)
    return math.exp(tail.location) if tail else math.nan


def _spread(calibration: Calibration, name: str) -> float:
    tail = calibration.tails.get(name)
    return math.exp(tail.location) * tail.deviation if tail else math.nan
