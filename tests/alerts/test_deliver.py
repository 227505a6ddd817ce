"""The outbox to the sinks: patience, order, and no channel in another's way."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from monitor.alerts.capture import Capture
from monitor.alerts.deliver import DeliveryReport, deliver, wait_s
from monitor.alerts.make import make_sinks
from monitor.alerts.sink import DeliveryError
from monitor.config import SinkSettings
from monitor.model import Delivery

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)


@dataclass
class Box:
    """An outbox in memory. Leases hold; a message that is settled without a claim is a fault."""

    rows: dict[str, Delivery] = field(default_factory=dict)
    leases: dict[str, tuple[str, datetime]] = field(default_factory=dict)

    def add(self, *deliveries):
        """Put messages in."""
        self.rows |= {each.id: each for each in deliveries}

    def claim(self, now, owner, lease_s):
        """The oldest due message nobody holds."""
        free = [
            row
            for row in self.rows.values()
            if row.state == "pending" and row.next_at <= now and not self._held(row.id, now)
        ]
        if not free:
            return None
        first = min(free, key=lambda row: (row.next_at, row.id))
        self.leases[first.id] = (owner, now + timedelta(seconds=lease_s))
        return first

    def _held(self, id, now):
        return id in self.leases and self.leases[id][1] > now

    def sent(self, id, owner, now):
        """Mark as sent."""
        self._settle(id, owner, state="sent")

    def retry(self, id, owner, error, next_at):
        """Count the try and wait."""
        attempts = self.rows[id].attempts + 1
        self._settle(id, owner, error=error, next_at=next_at, attempts=attempts)

    def dead(self, id, owner, error, now):
        """Mark as given up."""
        self._settle(id, owner, state="dead", error=error)

    def _settle(self, id, owner, **changes):
        assert self.leases.pop(id)[0] == owner
        self.rows[id] = replace(self.rows[id], **changes)


@dataclass
class Scripted:
    """A sink whose sends end in turn with each of `outcomes`, and then always with the last."""

    outcomes: list[Exception | None]
    tried: list[str] = field(default_factory=list)

    def send(self, delivery):
        """End as told."""
        outcome = self.outcomes[min(len(self.tried), len(self.outcomes) - 1)]
        self.tried.append(delivery.id)
        if outcome is not None:
            raise outcome


@dataclass
class Clock:
    """A clock that moves `step_s` each time it is read."""

    at: datetime = AT
    step_s: float = 0.0

    def __call__(self):
        """The time, a step later."""
        self.at += timedelta(seconds=self.step_s)
        return self.at


def message(id, sink="ops", **changes):
    """A pending message that is due."""
    return replace(Delivery(id, sink, {"summary": id}, 0, AT, AT), **changes)


def run(box, sinks, clock: Callable[[], datetime] | None = None, deadline_s=60.0):
    """One call of `deliver`."""
    return deliver(
        box,
        sinks,
        now=clock or Clock(),
        owner="run-1",
        random=random.Random(0),
        deadline_s=deadline_s,
    )


def test_what_is_due_is_sent_once():
    """Due messages go, oldest first; later ones stay; a second call finds nothing."""
    box, sink = Box(), Capture()
    old, new = AT - timedelta(hours=1), AT + timedelta(seconds=1)
    box.add(message("b"), message("a", next_at=old), message("c", next_at=new))
    assert run(box, {"ops": sink}) == DeliveryReport(sent=2)
    assert run(box, {"ops": sink}) == DeliveryReport()
    assert [d.id for d in sink.deliveries] == ["a", "b"]
    assert {row.id: row.state for row in box.rows.values()} == {
        "a": "sent",
        "b": "sent",
        "c": "pending",
    }


def test_a_message_held_by_another_run_is_left_alone():
    """A claim that holds elsewhere is respected, and lapses."""
    box, sink = Box(), Capture()
    box.add(message("a"))
    box.claim(AT, "run-2", 30)
    assert run(box, {"ops": sink}) == DeliveryReport()
    assert run(box, {"ops": sink}, Clock(AT + timedelta(seconds=31))) == DeliveryReport(sent=1)


def test_a_failure_is_retried_later_with_its_error():
    """The message waits 30 to 60 s the first time, and its error is kept without secrets."""
    box = Box()
    box.add(message("a"))
    report = run(box, {"ops": Scripted([DeliveryError("POST https://h/canary failed")])})
    assert report == DeliveryReport(retried=1, errors={"ops": "POST https://h/… failed"})
    assert not report.ok
    row = box.rows["a"]
    assert (row.state, row.attempts, row.error) == ("pending", 1, "POST https://h/… failed")
    assert 30 <= (row.next_at - AT).total_seconds() <= 61


def test_a_bad_channel_delays_no_other():
    """One try for the failing sink, all messages of the other."""
    box, good = Box(), Capture()
    bad = Scripted([DeliveryError("down")])
    box.add(
        *(message(f"a{i}", "bad") for i in range(5)), *(message(f"b{i}", "good") for i in range(5))
    )
    report = run(box, {"bad": bad, "good": good})
    assert report == DeliveryReport(sent=5, retried=5, errors={"bad": "down"})
    assert bad.tried == ["a0"]
    assert box.rows["a4"].error == "waits: another message to this sink failed just now"
    assert box.rows["a4"].next_at > AT + timedelta(seconds=29)


def test_retry_after_is_honoured_up_to_a_day():
    """The receiver may ask for more patience than ours, but not for ever."""
    for asked, low, high in ((7.0, 30, 61), (1800.0, 1800, 1801), (1e12, 86_400, 86_401)):
        box = Box()
        box.add(message("a"))
        run(box, {"ops": Scripted([DeliveryError("busy", retry_after_s=asked)])})
        assert low <= (box.rows["a"].next_at - AT).total_seconds() <= high


def test_a_permanent_failure_is_buried_and_the_next_message_goes():
    """A message the receiver will never take stands in no other's way, and its secrets go."""
    box = Box()
    box.add(message("a"), message("b"))
    sink = Scripted([DeliveryError("404 of https://h/canary", permanent=True), None])
    error = "404 of https://h/…"
    assert run(box, {"ops": sink}) == DeliveryReport(sent=1, dead=1, errors={"ops": error})
    assert (box.rows["a"].state, box.rows["a"].error) == ("dead", error)


def test_a_closed_receiver_is_asked_once():
    """After 410 the sink's other messages are buried unsent, with the reason."""
    box = Box()
    box.add(*(message(f"a{i}") for i in range(3)))
    sink = Scripted([DeliveryError("410 Gone", permanent=True, closed=True)])
    assert run(box, {"ops": sink}) == DeliveryReport(dead=3, errors={"ops": "410 Gone"})
    assert sink.tried == ["a0"]
    assert box.rows["a2"].error == "410 Gone"


def test_a_sink_that_is_gone_from_the_configuration_buries_its_messages():
    """They are not kept for ever for a sink nobody wants."""
    box = Box()
    box.add(message("a", "old"))
    report = run(box, {})
    assert report.dead == 1
    assert box.rows["a"].error == "there is no sink 'old' in the configuration"


def test_a_fault_in_a_sink_is_a_failure_like_any_other():
    """An exception that is no DeliveryError is told by its name alone."""
    box, good = Box(), Capture()
    box.add(message("a", "bad"), message("b", "good"))
    report = run(box, {"bad": Scripted([ZeroDivisionError("canary")]), "good": good})
    assert report == DeliveryReport(
        sent=1, retried=1, errors={"bad": "the sink failed: ZeroDivisionError"}
    )


def test_a_sink_that_cannot_be_made_keeps_its_messages(tmp_path):
    """The error of the settings is shown, and the other sink works."""
    settings = {
        "bad": SinkSettings(kind="webhook", url="env:HOOK"),
        "good": SinkSettings(kind="jsonl", path="alerts.jsonl"),
    }
    box = Box()
    box.add(message("a", "bad"), message("b", "good"))
    report = run(box, make_sinks(settings, tmp_path, {}))
    words = "the address of sink 'bad' is env:HOOK, and that variable is not set or empty"
    assert report == DeliveryReport(sent=1, retried=1, errors={"bad": words})


def test_the_deadline_ends_the_call():
    """No message is begun after the deadline; the rest stays as it was."""
    box, sink = Box(), Capture()
    box.add(*(message(f"a{i}") for i in range(9)))
    report = run(box, {"ops": sink}, Clock(step_s=1.0), deadline_s=10.0)
    assert 0 < report.sent < 9
    assert sum(row.state == "pending" for row in box.rows.values()) == 9 - report.sent


@pytest.mark.parametrize("seed", range(5))
def test_a_channel_is_given_at_least_72_hours(seed):
    """A run each five minutes against a dead channel: many tries, the last past three days."""
    box, clock = Box(), Clock()
    box.add(message("a"))
    sink, rng = Scripted([DeliveryError("down")]), random.Random(seed)
    while box.rows["a"].state == "pending":
        deliver(box, {"ops": sink}, now=clock, owner="run", random=rng, deadline_s=60)
        clock.at += timedelta(minutes=5)
    assert timedelta(hours=72) <= clock.at - AT < timedelta(hours=74)
    assert 72 <= len(sink.tried) <= 250
    assert box.rows["a"].error == f"given up after {len(sink.tried)} tries: down"


def test_a_daily_run_and_a_host_that_was_off_get_eight_tries():
    """Age alone buries nothing."""
    box, sink = Box(), Scripted([DeliveryError("down")])
    box.add(message("a"))
    for day in range(30, 60):
        run(box, {"ops": sink}, Clock(AT + timedelta(days=day)))
    assert len(sink.tried) == 8
    assert box.rows["a"].state == "dead"


def test_waits_double_up_to_an_hour():
    """Each wait is between 30 s and its ceiling, and uses all of that range."""
    rng = random.Random(1)
    for attempts, ceiling in ((0, 60), (1, 120), (3, 480), (6, 3600), (400, 3600)):
        waits = [wait_s(attempts, rng) for _ in range(500)]
        assert 30 <= min(waits) < 30 + ceiling / 20
        assert ceiling * 0.95 < max(waits) <= ceiling
