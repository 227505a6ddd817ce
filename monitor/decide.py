"""The rule: is this window drift? Pure: no clock, no files, no randomness."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from monitor.basis import Basis
from monitor.calibration import Calibration, Channel
from monitor.model import Score, Verdict, VerdictWord, Window
from monitor.profiles import Profile
from monitor.readings import Readings, readings
from monitor.reasons import (
    WARN_FACTOR,
    Rule,
    elsewhere,
    explanation,
    large,
    permitted_mix,
    segments,
)
from monitor.scores.effect import effect, n_effective
from monitor.scores.families import WATCHED
from monitor.traces import WHOLE, Observed, observed

SMALLEST = 1e-300
LOST = 0.02
"""Growth of the share of rows that cannot be measured which counts as an effect. Less is no
matter however unlikely: where no row was ever bad, the first one is infinitely unlikely."""
FEW_BAD = 2
"""So many rows are no share: in a window of twenty, one is 5 %."""


def verdict(
    basis: Basis,
    calibration: Calibration,
    reference: Profile,
    current: Profile,
    *,
    window: Window,
    rule: Rule,
    recent: Sequence[Observed] = (),
    repeated: float = 0.0,
) -> Verdict:
    """The verdict on one window's profile.

    `reference` is the sum of the reference windows of the same season slot; `recent` holds the
    windows that coarser resolutions reach back to, oldest first and this one last, with their
    segments; `repeated` is the share of a window's rows that usually repeat another. Drift needs a
    broken hard rule, or a combined p of at most 1/N together with an effect past a gate.
    """
    broken = broken_rules(current, repeated)
    seen = recent or [observed(basis, window, current)]
    read = readings(basis, calibration, seen)
    measured = current.n >= rule.min_rows and seen[-1].n >= rule.min_rows / 2
    before, now = _unusable(reference), _unusable(current)
    lost = now - before >= LOST
    p = _p_value(read, lost=lost) if calibration.ready and measured else math.nan
    sizes = (n_effective(basis, reference), n_effective(basis, current))
    size = effect(basis, reference, current, sizes)
    matters = size.passes() or lost or large(read, rule)
    enough = measured and not (calibration.ready and math.isnan(p))
    word = _word(p, rule, broken, matters=matters, enough=enough)
    causes = [*broken, *explanation(word, p, size, rule, calibration)]
    if measured:
        causes += permitted_mix(calibration, seen[-1])
    if word == "insufficient" and not broken:
        causes.append(_too_few(current.n, seen[-1].n, rule))
    if lost and word in ("drift", "warn"):
        causes.append(f"{now:.1%} of rows cannot be measured, {before:.1%} before")
    if word in ("drift", "warn"):
        causes += elsewhere(read, rule, window.end - window.start)
    return Verdict(
        word=word,
        p_value=p,
        score=-math.log10(max(p, SMALLEST)) if p >= 0 else math.nan,
        threshold=math.log10(rule.n),
        false_alarms=rule.budget,
        effect=size.to_dict(),
        families=_families(calibration, read, rule, measured=measured),
        causes=tuple(causes),
        window=window,
        detail={
            "n_eff": sizes[1],
            "hard_rules": list(broken),
            "alone": word == "drift" and (bool(broken) or read.strongest.span == 1),
            "resolutions": _resolutions(read) if measured else [],
            "segments": segments(read, word, window.end - window.start) if measured else [],
        },
    )


def _p_value(read: Readings, *, lost: bool) -> float:
    """The combined p-value; rows lost count as one more test."""
    p = read.p_value
    quality = read.p_values.get(Channel(WHOLE, 1, "quality"), math.nan)
    return min(1.0, 2 * min(p, quality)) if lost else p


def _resolutions(read: Readings) -> list[dict[str, Any]]:
    return [
        {"windows": one.span, "rows": one.rows, "p_value": one.p_value, **one.size.to_dict()}
        for one in read.every
        if one.segment == WHOLE
    ]


def _families(
    calibration: Calibration, read: Readings, rule: Rule, *, measured: bool
) -> tuple[Score, ...]:
    found = []
    for name in WATCHED:
        channel = Channel(WHOLE, 1, name)
        score = read.scores.get(channel, math.nan)
        p = read.p_values.get(channel, math.nan) if measured else math.nan
        level = calibration.levels.get(channel)
        typical = math.exp(level.tail.location) if level else math.nan
        spread = typical * level.tail.deviation if level else math.nan
        found.append(Score(name, score, score - typical, spread, p, p <= 1 / rule.n))
    return tuple(found)


def broken_rules(profile: Profile, repeated: float = 0.0) -> tuple[str, ...]:
    """Sentences for the hard rules that a window breaks; they need no statistics.

    repeated: the share of rows that usually repeat another, as popular queries do. Half of the
    others must repeat one, too, before that breaks a rule.
    """
    counts: Mapping[str, int] = profile.quality.to_dict()
    rows = counts["rows"]
    if rows == 0:
        return ("no rows arrived in this window",)
    found = []
    if profile.n == 0 and rows >= 20:
        found.append(f"none of {rows} rows has a vector that can be measured")
    for name, words in (("nan", "hold NaN"), ("inf", "hold Inf"), ("zero", "are zero vectors")):
        if counts[name] > max(0.01 * rows, FEW_BAD):
            found.append(f"{counts[name]} of {rows} rows ({counts[name] / rows:.1%}) {words}")
    bad_dim = counts["wrong_dim"]
    if bad_dim:
        found.append(f"{bad_dim} of {rows} rows have another dimension")
    copies = profile.duplicates()
    if profile.n >= 2 and _is_constant(profile):
        found.append(f"all {profile.n} vectors are equal")
    elif copies > (1 + repeated) / 2 * profile.n and profile.n >= 20:
        usual = f", {repeated:.0%} usually do" if repeated else ""
        found.append(
            f"{copies} of {profile.n} rows ({copies / profile.n:.0%}) repeat another row{usual}"
        )
    return tuple(found)


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
    if judged < rule.min_rows / 2:
        return (
            f"only {judged:.0f} of {usable} usable rows are of entities that the basis was not "
            "fitted on: the window has too few entities to judge"
        )
    return (
        f"{usable} usable rows: neither this window nor a stretch that ends with it can be scored "
        "by this reference"
    )


def _is_constant(profile: Profile) -> bool:
    variance = profile.moments.squares - profile.moments.total**2 / profile.n
    return bool(variance.max() <= 1e-12 * max(float(profile.moments.squares.max()), 1e-300))
