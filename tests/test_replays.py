"""The rule over a history: what must not matter to how often it alarms."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from monitor.basis import Basis
from monitor.batch import Batch
from monitor.calibrate import calibrated
from monitor.calibration import Calibration, Seen
from monitor.fitting import fitted
from monitor.model import Window
from monitor.normals import Float64
from monitor.profiles import profile
from monitor.reasons import Rule
from monitor.replays import Replayed, replayed
from monitor.replays import judged as judged_in_turn
from monitor.traces import Observed, observed
from tests.rows import Day, day, days, topics

TRAILING = timedelta(weeks=6)
OFTEN = Rule("1 per 20 windows", 20, min_rows=20)
"""So small a budget that alarms can be counted in a short test."""

Parts = Callable[[Batch], Sequence[Batch]]


def basis() -> Basis:
    """Of rows that no window has."""
    return fitted(topics(2000, np.random.default_rng(7), d=8, spread=0.5), fitted_buckets=0)


def history(frame: Basis, stream: Sequence[Day], parts: Parts) -> list[Observed]:
    """Windows whose rows arrive as `parts` makes them."""
    return [
        observed(frame, one.window, profile(parts(one.batch), frame, sample=0)) for one in stream
    ]


def whole(batch: Batch) -> list[Batch]:
    """As it came."""
    return [batch]


def shuffled(batch: Batch) -> list[Batch]:
    """In another order."""
    return [batch.take(np.random.default_rng(1).permutation(len(batch)))]


def chunked(batch: Batch) -> list[Batch]:
    """Fifty rows at a time."""
    return [batch.take(np.arange(i, min(i + 50, len(batch)))) for i in range(0, len(batch), 50)]


def halved(batch: Batch) -> list[Batch]:
    """Every other row."""
    return [batch.take(np.arange(0, len(batch), 2))]


def doubled(batch: Batch) -> list[Batch]:
    """Every row twice."""
    return [batch, batch]


@pytest.fixture(scope="module")
def frame() -> Basis:
    """One basis for all tests."""
    return basis()


@pytest.fixture(scope="module")
def stream() -> list[Day]:
    """Fourteen weeks in which nothing drifts."""
    return days(7 * 14, seed=20)


def judged(frame: Basis, seen: Sequence[Observed], rule: Rule = OFTEN) -> list[Replayed]:
    """The weeks after the first six."""
    return replayed(frame, seen, rule, TRAILING)


@pytest.fixture(scope="module")
def usual(frame: Basis, stream: list[Day]) -> list[Replayed]:
    """The stream as it came, judged."""
    return judged(frame, history(frame, stream, whole))


@pytest.mark.parametrize("parts", [shuffled, chunked])
def test_order_and_chunks_change_nothing(
    frame: Basis, stream: list[Day], usual: list[Replayed], parts: Parts
) -> None:
    """The same p-values and alarms, but for the last digits of float sums."""
    found = judged(frame, history(frame, stream, parts))
    assert [one.alarm for one in found] == [one.alarm for one in usual]
    assert [one.p_value for one in found] == pytest.approx([o.p_value for o in usual], rel=1e-4)


@pytest.mark.parametrize("parts", [halved, doubled])
def test_alarm_rate_holds(
    frame: Basis, stream: list[Day], usual: list[Replayed], parts: Parts
) -> None:
    """With all rows, with half of them and with each of them twice: of 56 days at a budget of one
    in twenty at most eight alarm (more has a chance of 0.4 %)."""
    for found in (usual, judged(frame, history(frame, stream, parts))):
        assert len(found) == 56
        assert sum(one.alarm for one in found) <= 8


def test_missing_windows_are_no_change(frame: Basis, stream: list[Day]) -> None:
    """A tenth of the days at random and a whole week lost: those that came are judged, and alarm
    no more often."""
    rng = np.random.default_rng(2)
    kept = [one for i, one in enumerate(stream) if not 70 <= i < 77 and rng.random() > 0.1]
    found = judged(frame, history(frame, kept, whole))
    expected = [one.window for one in kept if one.window.start >= stream[42].window.start]
    assert [one.window for one in found] == expected
    assert sum(one.alarm for one in found) <= 7


def test_an_irregular_cadence_is_judged(frame: Basis, stream: list[Day]) -> None:
    """Days that come on Mondays, Tuesdays, Thursdays and Saturdays only."""
    kept = [one for i, one in enumerate(stream) if i % 7 in (0, 1, 3, 5)]
    found = judged(frame, history(frame, kept, whole))
    assert len(found) == 32
    assert sum(one.alarm for one in found) <= 5
    grown = day(97, np.random.default_rng(3), grown=20.0)
    last = history(frame, [*kept, replace(grown, window=stream[97].window)], whole)
    assert judged(frame, last, Rule("1 per 1000 windows", 1000))[-1].alarm


def test_what_stood_out_by_itself_does_not_echo(frame: Basis, stream: list[Day]) -> None:
    """The day of the change is the only alarm, although the next six days' weeks hold it."""
    changed = [*stream]
    changed[80] = day(80, np.random.default_rng(4), grown=20.0)
    found = judged(frame, history(frame, changed, whole), Rule("1 per 1000 windows", 1000))
    assert [one.window for one in found if one.alarm] == [stream[80].window]
    assert [one.alone for one in found if one.alarm] == [True]


class Quick(Calibration):
    """One that looks at a window by itself alone, and has no calm to tell of many at once."""

    def p_values(self, basis: Basis, windows: Sequence[Observed], due: int) -> Float64:
        """Each as unlikely as can be."""
        return np.zeros(due)

    def seen(self, basis: Basis, windows: Sequence[Observed], due: int = 1) -> Iterator[Seen]:
        """The last of them without the others."""
        return super().seen(basis, windows[-1:], due)


def test_a_break_that_lasts_is_judged_to_its_end(frame: Basis, stream: list[Day]) -> None:
    """Three and a half days of five-minute windows, each of which alarms by itself."""
    learnt = Quick(**vars(calibrated(frame, history(frame, stream[:56], whole))))
    broken = day(80, np.random.default_rng(4), grown=20.0)
    (seen,) = history(frame, [broken], whole)
    short = timedelta(minutes=5)
    starts = [broken.window.start + i * short for i in range(1000)]
    due = [replace(seen, window=Window(start, start + short)) for start in starts]
    found = judged_in_turn(frame, learnt, Rule("1 per 1000 windows", 1000), [], due)
    assert [one.window for one in found if one.alone] == [one.window for one in due]
