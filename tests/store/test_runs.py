"""A check is kept whole or not at all, and a verdict on a window is one row."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.errors import Busy, MonitorError, UsageError
from monitor.store import Store
from tests.store.world import (
    LABELS,
    NOW,
    alert,
    as_another_host,
    delivery,
    flip,
    hour,
    names,
    run,
    verdict,
)

pytestmark = pytest.mark.usefixtures("either")


def test_a_check_is_kept_whole(store: Store) -> None:
    """Run, verdicts, flips, states and messages are there after one call."""
    document = store.blobs.put(b"{}")
    made = run("r1", document=document)
    states = {"f1": alert()}
    assert store.record_check(made, [verdict(1), verdict(0)], [flip()], [delivery("d1")], states)
    assert store.run("r1") == made
    assert store.runs("dishes") == [made]
    stamp = {"run_id": "r1", "revision": 1, "decided_at": NOW}
    assert store.history("dishes") == [replace(verdict(n), **stamp) for n in (0, 1)]
    assert store.flips("dishes") == [flip()]
    assert store.alert_states("dishes") == [alert()]
    assert store.deliveries() == [delivery("d1")]


def test_the_same_run_twice(store: Store) -> None:
    """A caller who does not know whether the commit arrived may simply ask again."""
    store.record_check(run("r1"), [verdict(0)], [flip()], [delivery("d1")])
    again = store.record_check(run("r1"), [verdict(0, "drift")], [flip()], [delivery("d2")])
    assert again is False
    assert names(store.history("dishes"), "word") == ["ok"]
    assert store.judged("dishes") == 1
    assert (len(store.flips("dishes")), store.pending_count()) == (1, 1)


def test_a_failing_check_leaves_nothing(store: Store) -> None:
    """One value that cannot be stored takes everything with it."""
    broken = replace(delivery("d1"), payload={"vectors": b"\1"})
    with pytest.raises(MonitorError) as caught:
        store.record_check(run("r1"), [verdict(0)], [flip()], [broken], {"f1": alert()})
    assert caught.value.message == "a value of type bytes has no place in the store"
    assert store.runs("dishes") == store.history("dishes") == store.flips("dishes") == []
    assert (store.alert_states(), store.pending_count()) == ([], 0)


def test_a_recheck_supersedes(store: Store) -> None:
    """One row counts; the earlier ones stay, each with the run that replaced it."""
    for i, word in enumerate(("ok", "warn", "drift")):
        store.record_check(run(f"r{i}", i), [verdict(0, word)])
    (row,) = store.history("dishes")
    assert (row.word, row.revision, row.run_id) == ("drift", 3, "r2")
    trail = store.superseded("dishes", "m", hour(0))
    assert [(old.word, old.revision, old.run_id, old.superseded_by) for old in trail] == [
        ("ok", 1, "r0", "r1"),
        ("warn", 2, "r1", "r2"),
    ]


def test_an_equal_recheck_leaves_no_trail(store: Store) -> None:
    """A second cron and a retry converge on the row that is there, nan or not."""
    row = verdict(0, p_value=float("nan"), detail={"shares": (0.1, float("nan"))})
    store.record_check(run("r1"), [row])
    store.record_check(run("r2", 5), [row])
    (kept,) = store.history("dishes")
    assert (kept.revision, kept.run_id) == (1, "r2")
    assert kept.decided_at == NOW + timedelta(minutes=5)
    assert store.superseded("dishes", "m", hour(0)) == []
    assert names(store.runs("dishes"), "id") == ["r1", "r2"]
    assert names(store.runs("dishes", 1), "id") == ["r2"]


def test_another_configuration_is_another_row(store: Store) -> None:
    """History shows what was decided last; going back finds the old row unchanged."""
    store.record_check(run("r1"), [verdict(0, "ok")])
    store.record_check(run("r2", 1), [verdict(0, "drift", config_digest="config-2")])
    assert names(store.history("dishes"), "word") == ["drift"]
    store.record_check(run("r3", 2), [verdict(0, "ok")])
    (row,) = store.history("dishes")
    assert (row.word, row.config_digest, row.revision) == ("ok", "config-1", 1)


def test_the_last_windows(store: Store) -> None:
    """`limit` counts from the end; the order is that of time."""
    store.record_check(run("r1"), [verdict(n) for n in (3, 0, 2, 1)])
    assert names(store.history("dishes", 2), "window") == [hour(2), hour(3)]


def test_a_part_of_the_history(store: Store) -> None:
    """Of one monitor, and on windows that lie wholly in a period."""
    store.record_check(run("r1"), [*map(verdict, range(4)), verdict(1, monitor="other")])
    found = store.history("dishes", monitor="m", start=hour(1).start, end=hour(2).end)
    assert names(found, "window") == [hour(1), hour(2)]
    assert names(store.history("dishes", monitor="other"), "window") == [hour(1)]


def test_the_latest_verdict_of_each_monitor(store: Store) -> None:
    """One row a monitor, of its last window and not of its last run."""
    store.ensure_space("speeches", {}, 384, NOW)
    store.record_check(run("r1"), [verdict(4, "warn"), verdict(0, monitor="other")])
    store.record_check(run("r2", 1), [verdict(2), verdict(1, space="speeches")])
    found = [(row.space, row.monitor, row.window) for row in store.latest_verdicts()]
    expected = [("dishes", "m", 4), ("dishes", "other", 0), ("speeches", "m", 1)]
    assert found == [(space, monitor, hour(n)) for space, monitor, n in expected]


def test_a_replaced_holder_cannot_commit(store: Store) -> None:
    """Who was frozen past its lease, and replaced, stores nothing; mere lateness does no harm."""
    with store.lock("m", "host-1:1", 60, NOW) as old:
        assert store.record_check(run("r1"), lease=old)
        # As if the second one ran on another host, which shares no file lock with the first.
        as_another_host(store, "m")
        with store.lock("m", "host-2:2", 60, NOW + timedelta(seconds=60)) as new:
            with pytest.raises(Busy) as caught:
                store.record_check(run("r2"), [verdict(0)], lease=old)
            assert store.record_check(run("r3"), lease=new)
    assert caught.value.message == "lock 'm' went from host-1:1 to host-2:2"
    assert caught.value.hint == "nothing was stored; run again"
    assert names(store.runs("dishes"), "id") == ["r1", "r3"]


def test_what_a_check_needs(store: Store) -> None:
    """A known space and a stored document."""
    with pytest.raises(UsageError) as caught:
        store.record_check(replace(run("r1"), space="dish"))
    assert caught.value.message == "there is no space 'dish'"
    digest = "sha256:" + "0" * 64
    with pytest.raises(MonitorError) as missing:
        store.record_check(run("r1", document=digest))
    assert missing.value.message == f"blob {digest} is missing in {store.blobs.root}"


def test_an_unknown_run(store: Store) -> None:
    """The nearest known id is the hint."""
    store.record_check(run("run-1"))
    with pytest.raises(UsageError) as caught:
        store.run("run-2")
    assert (caught.value.message, caught.value.hint) == (
        "there is no run 'run-2'",
        "did you mean 'run-1'?",
    )


def test_an_acknowledgement_is_not_overwritten(store: Store) -> None:
    """Given while a check was running, it stays while the alert does; a new incident is free."""
    store.record_check(run("r1"), states={"f1": alert()})
    store.ack("f1", "ada", NOW)
    store.record_check(run("r2", 1), states={"f1": alert(quiet=1)})
    (kept,) = store.alert_states()
    assert (kept.quiet, kept.acked_by, kept.acked_at) == (1, "ada", NOW)
    again = alert(since=NOW + timedelta(days=1))
    store.record_check(run("r3", 2), states={"f1": again})
    assert store.alert_states() == [again]


def test_alerts_of_a_space(store: Store) -> None:
    """All, or those of one space; those that changed last come first."""
    store.ensure_space("speeches", {}, 384, NOW)
    other = alert(
        "ok",
        fingerprint="f2",
        labels={**LABELS, "space": "speeches"},
        since=NOW + timedelta(hours=1),
        last_window=None,
        last_sent_at=NOW,
    )
    store.record_check(run("r1"), states={"f1": alert(), "f2": other})
    assert store.alert_states() == [other, alert()]
    assert store.alert_states("speeches") == [other]


def test_acknowledging_an_unknown_alert(store: Store) -> None:
    """The nearest known one is the hint."""
    with pytest.raises(UsageError) as caught:
        store.ack("f1", "ada", NOW)
    assert (caught.value.message, caught.value.hint) == (
        "there is no alert 'f1'",
        "there is no alert yet",
    )
