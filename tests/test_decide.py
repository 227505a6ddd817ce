"""The rule: what is drift, what is not, and what cannot be told."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pytest

from monitor import decide
from monitor.basis import Basis
from monitor.batch import ROW_NULL, ROW_WRONG_DIM, Batch
from monitor.calibrate import calibrated
from monitor.calibration import Calibration
from monitor.decide import broken_rules, verdict
from monitor.fitting import fitted
from monitor.incidents import severity
from monitor.model import Verdict
from monitor.profiles import Profile, merged, profile
from monitor.readings import Reading, Readings
from monitor.reasons import Rule
from monitor.scores.effect import Effect
from monitor.scores.families import WATCHED
from monitor.seasons import slot
from monitor.subsample import fitting_rows
from monitor.traces import WHOLE, observed
from tests.rows import Day, batch, day, days, topics

RULE = Rule("1 per 1000 windows", 1000)
WEEKS = 8


@dataclass(frozen=True, eq=False)
class Stream:
    """What eight weeks of reference leave behind: enough to judge any further window."""

    basis: Basis
    calibration: Calibration
    reference: dict[str, Profile]

    def judged(self, one: Day, rule: Rule = RULE) -> Verdict:
        """The verdict on a day."""
        return verdict(
            self.basis,
            self.calibration,
            self.reference[slot(one.window)],
            profile([one.batch], self.basis, sample=256),
            window=one.window,
            rule=rule,
        )


def learnt(history: Sequence[Day]) -> Stream:
    """A basis and a calibration from these days."""
    rows, buckets = fitting_rows(lambda: [one.batch for one in history], 8)
    basis = fitted(rows, fitted_buckets=buckets)
    profiles = [profile([one.batch], basis, sample=256) for one in history]
    seen = [observed(basis, one.window, p) for one, p in zip(history, profiles, strict=True)]
    slots = [slot(one.window) for one in history]
    reference = {
        name: merged([p for p, other in zip(profiles, slots, strict=True) if other == name])
        for name in set(slots)
    }
    return Stream(basis, calibrated(basis, seen), reference)


@pytest.fixture(scope="module")
def stream() -> Stream:
    """Learnt from eight weeks."""
    return learnt(days(7 * WEEKS, seed=0))


def test_quiet_traffic_brings_no_false_alarms() -> None:
    """Three streams of eight weeks and two more: none of 42 windows that are like the reference
    alarms at a budget of one in a thousand."""
    alarms = 0
    for seed in range(3):
        history = days(7 * WEEKS + 14, seed=100 + seed)
        own = learnt(history[: 7 * WEEKS])
        alarms += sum(own.judged(one).word == "drift" for one in history[7 * WEEKS :])
    assert alarms == 0


def test_a_grown_topic_is_drift(stream: Stream) -> None:
    """A topic of 15 % that has 41 % alarms on four of five weekdays at least, and always warns."""
    rng = np.random.default_rng(1)
    found = [stream.judged(day(i, rng, grown=4.0, rows=400)) for i in range(56, 61)]
    alarms = [one for one in found if one.word == "drift"]
    assert len(alarms) >= 4
    assert {one.word for one in found} <= {"drift", "warn"}
    for one in alarms:
        assert one.p_value <= 0.001
        assert one.score >= one.threshold == 3
        assert {f.name for f in one.families if f.drifted} & {"clusters", "mean"}
        assert 0.05 < one.effect["tv_clusters"] < 0.45
        assert severity(one) in ("warning", "critical")


def test_what_a_verdict_holds(stream: Stream) -> None:
    """The budget in the user's words, every family in order, no cause for calm."""
    one = days(57, seed=5)[56]
    found = stream.judged(one)
    assert found.word == "ok"
    assert found.false_alarms == "1 per 1000 windows"
    assert found.window == one.window
    assert [f.name for f in found.families] == list(WATCHED)
    assert found.causes == ()
    assert found.score == pytest.approx(-math.log10(found.p_value))
    assert 0 < found.detail["n_eff"] <= len(one.batch)
    assert found.detail["hard_rules"] == []


def test_a_certain_but_tiny_difference_is_no_alarm(stream: Stream) -> None:
    """Fifty thousand rows moved by a hundredth: certain, and said to be too small to matter."""
    history = days(7 * WEEKS, seed=0)
    parts = [profile([one.batch], stream.basis, sample=0) for one in history if is_weekday(one)]
    whole = merged(parts)
    one = history[0]
    same = np.vstack([d.batch.vectors for d in history if is_weekday(d)])
    many = batch(np.vstack([same + 0.012 * k / 8 for k in range(5, 12)]).astype(np.float32))
    found = verdict(
        stream.basis,
        steady(stream.calibration),
        whole,
        profile([many], stream.basis, sample=0),
        window=one.window,
        rule=RULE,
    )
    assert found.word == "ok"
    assert found.p_value <= 0.01
    size = found.effect
    assert found.causes == (
        f"unusual (p = {found.p_value:.2g}), but too small to matter: shares moved "
        f"{size['tv_clusters']:.1%} (gate 2%), the mean {size['mean_sd']:.3f} of the radius "
        "(gate 0.05)",
    )


def is_weekday(one: Day) -> bool:
    """Whether the day is in the weekday's season slot."""
    return slot(one.window) == "weekday"


def steady(calibration: Calibration) -> Calibration:
    """The calibration as if windows never differed by more than sampling."""
    levels = {
        channel: replace(
            level,
            normal=replace(
                level.normal, axes=level.normal.axes * 30, noise=level.normal.noise * 900
            ),
        )
        for channel, level in calibration.levels.items()
    }
    return replace(calibration, levels=levels)


@pytest.mark.parametrize("rows", [1, 8, 35, 49])
def test_few_rows_are_insufficient(stream: Stream, rows: int) -> None:
    """Whatever they look like: ordinary or moved far away, never drift and never ok."""
    rng = np.random.default_rng(rows)
    for shift in (0.0, 5.0):
        vectors = topics(rows, rng, d=8, spread=0.5) + np.float32(shift)
        found = stream.judged(Day(days(57, seed=6)[56].window, batch(vectors)))
        assert found.word == "insufficient"
        assert math.isnan(found.p_value)
        assert math.isnan(found.score)
        assert all(math.isnan(f.p_value) and not f.drifted for f in found.families)
        assert found.causes == (f"{rows} usable rows; at least 50 are needed to judge",)


def test_no_rows_are_insufficient(stream: Stream) -> None:
    """An empty window says so; nothing in it is a number."""
    found = stream.judged(Day(days(57, seed=6)[56].window, batch(np.empty((0, 8)))))
    assert found.word == "insufficient"
    assert found.causes == ("no rows arrived in this window",)
    assert math.isnan(found.p_value)
    assert all(math.isnan(value) for value in found.effect.values())
    assert found.detail["n_eff"] == 0


def test_all_rows_of_one_entity_are_insufficient(stream: Stream) -> None:
    """Where they fall into a bucket that the basis was fitted on, nothing is left to judge by."""
    vectors = topics(200, np.random.default_rng(1), d=8, spread=0.5)
    words = set()
    for i in range(12):
        found = stream.judged(Day(days(57, seed=6)[56].window, batch(vectors, [f"u{i}"] * 200)))
        words.add(found.word)
        if found.word == "insufficient":
            assert found.causes == (
                "only 0 of 200 usable rows are of entities that the basis was not fitted on: the "
                "window has too few entities to judge",
            )
    assert words == {"ok", "insufficient"}


def test_calibrating_until_there_is_history(stream: Stream) -> None:
    """Nineteen windows are too few for an alarm by statistics, and the verdict says what it has."""
    history = days(19, seed=7)
    own = learnt(history)
    moved = replace(history[0].batch, vectors=history[0].batch.vectors + 3)
    found = own.judged(Day(days(57, seed=6)[56].window, moved))
    assert found.word == "calibrating"
    assert math.isnan(found.p_value)
    assert found.causes == (
        "calibrating: 19 reference windows in 3 weeks; 20 windows and two weeks are needed",
    )


@pytest.mark.parametrize(
    ("windows", "word", "cause"),
    [
        (
            20,
            "calibrating",
            "calibrating: too few of 20 reference windows in 3 weeks hold the 20 rows that a score "
            "takes",
        ),
        (
            56,
            "insufficient",
            "{n} usable rows: neither this window nor a stretch that ends with it can be scored by "
            "this reference",
        ),
    ],
)
def test_windows_of_fewer_rows_than_a_score_takes(windows: int, word: str, cause: str) -> None:
    """Where `min_rows` lets them be judged: 20 of them are no reference; by the weeks of 56 a day
    that has none before it cannot be told, which is no want of reference."""
    own = learnt(days(windows, seed=0, rows=15))
    assert own.calibration.ready is (windows == 56)
    one = days(57, seed=6, rows=15)[56]
    found = own.judged(one, replace(RULE, min_rows=5))
    assert (found.word, found.causes) == (word, (cause.format(n=len(one.batch)),))


def spoilt(kind: str, n: int, rows: int = 200) -> Batch:
    """A batch of 200 rows of which n have a fault."""
    found = batch(topics(rows, np.random.default_rng(8), d=8, spread=0.5))
    vectors, status = found.vectors.copy(), found.status.copy()
    if kind in ("nan", "inf"):
        vectors[:n, 3] = float(kind)
    elif kind == "zero":
        vectors[:n] = 0
    elif kind == "equal":
        vectors[:n] = vectors[0]
    else:
        status[:n] = {"null": ROW_NULL, "wrong_dim": ROW_WRONG_DIM}[kind]
        vectors[:n] = 0
    at = np.datetime64("2026-10-19", "us") + np.arange(rows)
    return replace(found, vectors=vectors, status=status, at=at)


@pytest.mark.parametrize(
    ("kind", "n", "sentences"),
    [
        ("nan", 2, ()),
        ("nan", 3, ("3 of 200 rows (1.5%) hold NaN",)),
        ("inf", 40, ("40 of 200 rows (20.0%) hold Inf",)),
        ("zero", 3, ("3 of 200 rows (1.5%) are zero vectors",)),
        ("wrong_dim", 1, ("1 of 200 rows have another dimension",)),
        ("null", 100, ()),
        ("null", 200, ("none of 200 rows has a vector that can be measured",)),
        ("equal", 101, ()),
        ("equal", 110, ("109 of 200 rows (55%) repeat another row",)),
        ("equal", 200, ("all 200 vectors are equal",)),
    ],
)
def test_hard_rules(stream: Stream, kind: str, n: int, sentences: tuple[str, ...]) -> None:
    """They are drift without any statistics, even while calibrating, each in a sentence."""
    rows = spoilt(kind, n)
    assert broken_rules(profile([rows], stream.basis, sample=256)) == sentences
    if sentences:
        calm = replace(stream, calibration=calibrated(stream.basis, []))
        found = calm.judged(Day(days(57, seed=6)[56].window, rows))
        assert found.word == "drift"
        assert found.causes[: len(sentences)] == sentences
        assert found.detail["hard_rules"] == list(sentences)
        assert severity(found) == "critical"


def test_two_bad_rows_of_a_thin_window_are_no_share(stream: Stream) -> None:
    """Of twenty rows two are 10 %, and no fault; three are."""
    for bad, sentences in ((2, ()), (3, ("3 of 20 rows (15.0%) are zero vectors",))):
        rows = batch(topics(20, np.random.default_rng(10), d=8))
        rows.vectors[:bad] = 0
        assert broken_rules(profile([rows], stream.basis)) == sentences


def test_several_faults_are_all_named(stream: Stream) -> None:
    """In the order NaN, Inf, zero, dimension."""
    rows = spoilt("nan", 10)
    rows.vectors[10:20] = 0
    status = rows.status.copy()
    status[20:25] = ROW_WRONG_DIM
    rows.vectors[20:25] = 0
    assert broken_rules(profile([replace(rows, status=status)], stream.basis)) == (
        "10 of 200 rows (5.0%) hold NaN",
        "10 of 200 rows (5.0%) are zero vectors",
        "5 of 200 rows have another dimension",
    )


@pytest.mark.parametrize(("span", "alone"), [(1, True), (7, False)])
def test_what_stands_out_by_itself(
    stream: Stream, monkeypatch: pytest.MonkeyPatch, span: int, alone: bool
) -> None:
    """An alarm whose most unlikely reading is of this window, of any segment: one of many that
    looks odd now and then does not make it so."""
    day = days(57, seed=8)[56]
    size = Effect(0.5, 0.5, 0.9, 1.0)
    strongest = Reading(WHOLE, span, 200, 1e-9, size)
    odd = Reading("country=it", 1, 50, 0.008, size)
    read = Readings({}, {}, 1e-6, [odd, strongest])
    monkeypatch.setattr(decide, "readings", lambda *_: read)
    found = stream.judged(day)
    assert found.word == "drift"
    assert found.detail["alone"] is alone


def test_rows_that_usually_repeat_others(stream: Stream) -> None:
    """Where a fifth of the rows does, half of the others must, too: three fifths in all."""
    usual = profile([spoilt("equal", 115)], stream.basis, sample=256)
    assert broken_rules(usual, repeated=0.2) == ()
    more = profile([spoilt("equal", 130)], stream.basis, sample=256)
    assert broken_rules(more, repeated=0.2) == (
        "129 of 200 rows (64%) repeat another row, 20% usually do",
    )


def test_duplicates_past_the_sample(stream: Stream) -> None:
    """Three copies of each of 400 rows are found by the sketch too, if not to the row."""
    vectors = topics(400, np.random.default_rng(9), d=8, spread=0.5)
    found = broken_rules(profile([batch(np.tile(vectors, (3, 1)))], stream.basis, sample=64))
    assert len(found) == 1
    assert found[0].endswith("of 1200 rows (67%) repeat another row") or "(66%)" in found[0]


def test_one_bad_row_where_there_never_was_one_is_no_alarm(stream: Stream) -> None:
    """It is infinitely unlikely by the reference and still does not decide, even beside an
    effect; half of the rows gone missing does, and says so."""
    one = days(57, seed=5)[56]
    ids = np.arange(len(one.batch))
    few, many = one.batch.status.copy(), one.batch.status.copy()
    few[:1], many[ids % 2 == 0] = ROW_NULL, ROW_NULL
    at = np.datetime64("2026-10-19", "us") + ids
    a = stream.judged(replace(one, batch=replace(one.batch, status=few, at=at)))
    assert a.word == "ok"
    assert next(f for f in a.families if f.name == "quality").drifted
    b = stream.judged(replace(one, batch=replace(one.batch, status=many, at=at)))
    assert b.word == "drift"
    assert b.score == 300
    share = 1 - (many == 0).mean()
    assert b.causes == (f"{share:.1%} of rows cannot be measured, 0.0% before",)


def test_close_calls_are_warnings(stream: Stream) -> None:
    """The same window is ok, a warning or drift as the budget asks for more or less certainty."""
    one = day(56, np.random.default_rng(10), grown=2.5, rows=300)
    p = stream.judged(one).p_value
    assert 1e-9 < p < 0.02
    words = {}
    for name, n in (("strict", 20 / p), ("close", 5 / p), ("loose", 0.5 / p)):
        found = stream.judged(one, Rule("as it is", math.ceil(n)))
        words[name] = found.word
        if name == "close":
            assert found.causes == (f"close: p = {p:.2g}, an alarm needs {1 / math.ceil(n):.2g}",)
    assert words == {"strict": "ok", "close": "warn", "loose": "drift"}


@pytest.mark.parametrize(
    ("effect", "expected"),
    [
        ({"tv_clusters": 0.1, "mean_sd": 0.1, "auc": 0.6, "residual_ratio": 1.1}, "warning"),
        ({"tv_clusters": 0.15, "mean_sd": 0.1, "auc": 0.6, "residual_ratio": 1.1}, "critical"),
        ({"tv_clusters": 0.1, "mean_sd": 0.25, "auc": 0.6, "residual_ratio": 1.1}, "critical"),
        ({"tv_clusters": 0.1, "mean_sd": 0.1, "auc": 0.75, "residual_ratio": 1.1}, "critical"),
        ({"tv_clusters": 0.1, "mean_sd": 0.1, "auc": 0.6, "residual_ratio": 0.79}, "critical"),
    ],
)
def test_severity_follows_the_effect(
    stream: Stream, effect: dict[str, float], expected: str
) -> None:
    """Large in any measure is critical."""
    found = stream.judged(days(57, seed=5)[56])
    assert severity(replace(found, effect=effect)) == expected
