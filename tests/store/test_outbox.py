"""Messages leave at least once, and no two processes hold the same one."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from monitor.alerts.deliver import deliver
from monitor.alerts.sink import DeliveryError
from monitor.model import Delivery
from monitor.store import Store
from tests.store import processes
from tests.store.world import NOW, delivery, names, run

pytestmark = pytest.mark.usefixtures("either")


@pytest.fixture
def outbox(store: Store) -> Store:
    """A store with three messages: two due now, one in a minute."""
    waiting = [delivery("later", 60), delivery("b"), delivery("a", -1)]
    store.record_check(run("r1"), deliveries=waiting)
    return store


def test_claims_go_by_turn(outbox: Store) -> None:
    """The one that waited longest first; what is not due stays."""
    assert outbox.claim(NOW, "me", 60) == delivery("a", -1)
    assert outbox.claim(NOW, "me", 60) == delivery("b")
    assert outbox.claim(NOW, "me", 60) is None
    assert outbox.pending_count() == 3


def test_a_claim_can_be_taken_again_once_it_has_expired(outbox: Store) -> None:
    """A dead sender's message goes to the next one, and the attempt counts."""
    assert outbox.claim(NOW, "dead", 60) == delivery("a", -1)
    outbox.claim(NOW, "dead", 600)
    assert outbox.claim(NOW + timedelta(seconds=59), "me", 60) is None
    again = outbox.claim(NOW + timedelta(seconds=60), "me", 60)
    assert again == replace(delivery("a", -1), attempts=1)


def test_sent(outbox: Store) -> None:
    """A message that left is not pending, even if its claim had gone to another."""
    outbox.claim(NOW, "slow", 60)
    outbox.claim(NOW + timedelta(seconds=60), "next", 60)
    outbox.sent("a", "slow", NOW)
    outbox.retry("a", "next", "refused", NOW)
    (gone,) = outbox.deliveries("sent")
    assert (gone.id, gone.attempts, gone.error) == ("a", 2, "")
    assert outbox.pending_count() == 2


def test_retry(outbox: Store) -> None:
    """A message given back waits for its time and keeps the error; then it counts anew."""
    outbox.claim(NOW, "me", 60)
    outbox.retry("a", "me", "503", NOW + timedelta(minutes=5))
    assert outbox.claim(NOW, "me", 60) == delivery("b")
    (kept,) = [row for row in outbox.deliveries("pending") if row.id == "a"]
    assert (kept.attempts, kept.error) == (1, "503")
    outbox.sent("b", "me", NOW)
    later = NOW + timedelta(minutes=5)
    due = [outbox.claim(later, "you", 60), outbox.claim(later, "you", 60)]
    assert due == [delivery("later", 60), kept]


def test_dead(outbox: Store) -> None:
    """A message given up is visible with its error and never claimed again."""
    outbox.claim(NOW, "me", 60)
    outbox.dead("a", "me", "410\0 gone " + "x" * 5000, NOW)
    (letter,) = outbox.deliveries("dead")
    assert letter.id == "a"
    assert letter.error.startswith("410\ufffd gone x")
    assert len(letter.error) == 2000
    assert outbox.claim(NOW, "me", 60) == delivery("b")
    assert outbox.pending_count() == 2


def test_only_the_holder_may_give_back_or_give_up(outbox: Store) -> None:
    """A sender whose claim expired and went to another changes nothing."""
    outbox.claim(NOW, "slow", 60)
    later = NOW + timedelta(seconds=60)
    outbox.claim(later, "next", 60)
    before = outbox.deliveries()
    outbox.retry("a", "slow", "late", later)
    outbox.dead("a", "slow", "late", later)
    assert outbox.deliveries() == before


def test_the_same_message_twice(outbox: Store) -> None:
    """An id that is in the outbox already stays as it is, sent or not."""
    outbox.claim(NOW, "me", 60)
    outbox.sent("a", "me", NOW)
    outbox.record_check(run("r2"), deliveries=[delivery("a"), delivery("c")])
    assert names(outbox.deliveries("sent"), "id") == ["a"]
    assert outbox.pending_count() == 3


def test_the_newest_messages(outbox: Store) -> None:
    """Newest first, as many as asked for."""
    newer = replace(delivery("new"), created_at=NOW + timedelta(hours=1))
    outbox.record_check(run("r2"), deliveries=[newer])
    assert names(outbox.deliveries(limit=2), "id") == ["new", "a"]


def test_two_processes_claim_200_messages(store: Store, tmp_path: Path) -> None:
    """Each message goes to exactly one of them."""
    ids = [f"d{n:03}" for n in range(200)]
    store.record_check(run("r1"), deliveries=[delivery(name) for name in ids])
    claimers = [processes.started(processes.claim_all, tmp_path, name) for name in ("p", "q")]
    assert processes.exit_codes(*claimers) == [0, 0]
    got = [(tmp_path / name).read_text().split() for name in ("p", "q")]
    assert sorted(got[0] + got[1]) == ids
    assert store.pending_count() == 0
    assert {row.attempts for row in store.deliveries("sent")} == {1}


def test_the_alerts_room_drains_it(outbox: Store) -> None:
    """The store is the outbox that delivery expects: a failing message stays, the others leave."""
    how = {"now": lambda: NOW, "owner": "me", "random": Random(0), "deadline_s": 5.0}
    report = deliver(outbox, {"ops": _Moody()}, **how)
    assert (report.sent, report.retried) == (1, 1)
    assert names(outbox.deliveries("sent"), "id") == ["a"]
    assert {row.error for row in outbox.deliveries("pending")} == {"", "b is refused"}


class _Moody:
    """A sink that refuses one message."""

    def send(self, delivery: Delivery) -> None:
        """Takes every message but b."""
        if delivery.id == "b":
            raise DeliveryError("b is refused")
