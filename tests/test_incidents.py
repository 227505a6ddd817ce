"""When an alert begins, lasts and is over, and who is told: tables of what must happen."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest

from monitor.incidents import Patience, Standing, Told, breach, saying
from monitor.model import Silence, Window

NOW = datetime(2026, 11, 20, tzinfo=UTC)
HOUR = timedelta(hours=1)


def hour(n: int) -> Window:
    """The n-th hour after NOW."""
    return Window(NOW + n * HOUR, NOW + (n + 1) * HOUR)


def standings(judged: Iterable[tuple[Window, bool | None]], patience: Patience) -> list[Standing]:
    """The standing after each of these windows, oldest first."""
    found, standing = [], Standing()
    for window, breached in judged:
        standing = standing.after(window, breached, patience)
        found.append(standing)
    return found


@pytest.mark.parametrize(
    ("seen", "patience", "states"),
    [
        ("b", Patience(), "f"),
        ("qqb", Patience(), "oof"),
        ("bqqqqqq", Patience(1, 6), "ffffffr"),
        ("bqqbqq", Patience(1, 3), "ffffff"),
        ("bqqq", Patience(1, 3), "fffr"),
        ("bqqqb", Patience(1, 3), "fffrf"),
        ("bbb", Patience(3, 1), "ppf"),
        ("bbqbbb", Patience(3, 1), "ppoppf"),
        ("b?b", Patience(2, 1), "ppf"),
        ("bq?q", Patience(1, 2), "fffr"),
        ("???", Patience(), "ooo"),
        ("bbq", Patience(2, 1), "pfr"),
    ],
)
def test_the_states_after_windows(seen: str, patience: Patience, states: str) -> None:
    """b breaches, q is quiet, ? decides nothing: ok, pending, firing, resolved after each."""
    marks = {"b": True, "q": False, "?": None}
    judged = [(hour(n), marks[sign]) for n, sign in enumerate(seen)]
    assert "".join(s.state[0] for s in standings(judged, patience)) == states


def test_an_incident_is_since_its_first_breach() -> None:
    """With patience, too: the windows that were waited for belong to it."""
    found = standings([(hour(n), True) for n in range(3)], Patience(3))
    assert [standing.since for standing in found] == [NOW] * 3


def test_a_window_that_is_not_later_changes_nothing() -> None:
    """Judged again, or late: the standing stays, whatever it says now."""
    standing = Standing().after(hour(5), True, Patience())
    assert standing.after(hour(5), False, Patience(1, 1)) is standing
    assert standing.after(hour(4), False, Patience(1, 1)) is standing


def test_which_verdicts_are_breaches() -> None:
    """A warning is quiet; what could not be judged is neither."""
    words = ("drift", "warn", "ok", "calibrating", "insufficient")
    assert [breach(word) for word in words] == [True, False, False, None, None]


OLD, FRESH = NOW - timedelta(days=2), NOW - HOUR


@pytest.mark.parametrize(
    ("group", "said"),
    [
        ([], None),
        ([Told(firing=False, told=False)], None),
        ([Told(firing=True, told=False)], "firing"),
        ([Told(firing=True, told=False, muted=True)], None),
        ([Told(firing=True, told=False, acked=True)], "firing"),
        ([Told(firing=True, told=True, at=FRESH)], None),
        ([Told(firing=True, told=True, at=OLD)], "repeat"),
        ([Told(firing=True, told=True, at=OLD, acked=True)], None),
        ([Told(firing=True, told=True, at=OLD, muted=True)], None),
        ([Told(firing=False, told=True, at=OLD)], "resolved"),
        ([Told(firing=False, told=True, muted=True)], "resolved"),
        ([Told(firing=False, told=True), Told(firing=True, told=True, at=FRESH)], None),
        ([Told(firing=True, told=True, at=FRESH), Told(firing=True, told=False)], "firing"),
        ([Told(firing=False, told=True), Told(firing=True, told=False, muted=True)], None),
        ([Told(firing=False, told=True), Told(firing=False, told=False)], "resolved"),
    ],
)
def test_what_is_said_of_a_group(group: list[Told], said: str | None) -> None:
    """Once when it fires, again after a day unless someone is on it, once when all is over."""
    assert saying(group, NOW, timedelta(days=1)) == said


def test_without_an_interval_nothing_is_repeated() -> None:
    """However long it fires."""
    assert saying([Told(firing=True, told=True, at=OLD)], NOW, None) is None


@pytest.mark.parametrize(
    ("matchers", "after_hours", "muted"),
    [
        ({"monitor": "q"}, 1, True),
        ({"monitor": "q*", "severity": "warning"}, 1, True),
        ({"monitor": "q", "segment": "de"}, 1, False),
        ({"monitor": "q", "segment": ""}, 1, True),
        ({"monitor": "q"}, -1, False),
        ({"monitor": "q"}, 2, False),
    ],
)
def test_a_silence(matchers: dict[str, str], after_hours: int, muted: bool) -> None:
    """Every matcher has to match, from its start until before its end."""
    silence = Silence("s", matchers, NOW, NOW + 2 * HOUR, "ada", "roll-out")
    labels = {"monitor": "queries" if "*" in matchers["monitor"] else "q", "severity": "warning"}
    assert silence.mutes(labels, NOW + after_hours * HOUR) is muted
