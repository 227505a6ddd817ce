"""One works, the others hear who it is; after a crash the next one takes over."""

from __future__ import annotations

import signal
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.errors import Busy, UsageError
from monitor.store import Store
from tests.store import processes
from tests.store.world import NOW, as_another_host, opened, run

pytestmark = pytest.mark.usefixtures("either")


def test_a_lock_is_held_by_one(store: Store, tmp_path: Path) -> None:
    """The other hears who holds it since when; other names are free; later it is free again."""
    later = NOW + timedelta(seconds=30)
    with opened(tmp_path) as other:
        with store.lock("m", "host-1:1", 60, NOW) as lease:
            assert (lease.owner, lease.fence, lease.since) == ("host-1:1", 1, NOW)
            assert lease.expires_at == NOW + timedelta(seconds=60)
            with pytest.raises(Busy) as caught, other.lock("m", "host-1:2", 60, later):
                pass
            with other.lock("n", "host-1:2", 60, later):
                pass
        with other.lock("m", "host-1:2", 60, later) as lease:
            assert lease.fence == 2
    assert caught.value.message == "lock 'm' is held by host-1:1 since 2026-11-20T12:00:00Z"
    hint = "try again later; after a crash it is free at 2026-11-20T12:01:00Z"
    assert caught.value.hint == hint


def test_an_exception_gives_the_lock_back(store: Store) -> None:
    """However the block ends, the next one need not wait."""
    with pytest.raises(ZeroDivisionError), store.lock("m", "host-1:1", 60, NOW):
        raise ZeroDivisionError
    with store.lock("m", "host-1:2", 60, NOW) as lease:
        assert lease.fence == 2


def test_a_dead_holder_is_followed(either: str, store: Store, tmp_path: Path) -> None:
    """At once where the kernel of the one host knows that it is dead, else after expiry."""
    killed = processes.started(processes.hold_lock_then_die, tmp_path)
    assert processes.exit_codes(killed) == [-signal.SIGKILL]
    early, late = NOW + timedelta(seconds=59), NOW + timedelta(seconds=60)
    if either == "postgresql":
        with pytest.raises(Busy) as caught, store.lock("m", "host-1:8", 60, early):
            pass
        assert caught.value.message == "lock 'm' is held by host-1:7 since 2026-11-20T12:00:00Z"
    free = late if either == "postgresql" else early
    with store.lock("m", "host-1:8", 60, free) as lease:
        assert (lease.fence, lease.since) == (2, free)


def test_a_living_holder_and_expiry(either: str, store: Store, tmp_path: Path) -> None:
    """The kernel of one host knows that it lives; users of PostgreSQL may be on several."""
    late = NOW + timedelta(days=1)
    with opened(tmp_path) as other, store.lock("m", "host-1:1", 60, NOW):
        if either == "postgresql":
            with other.lock("m", "host-1:2", 60, late) as lease:
                assert lease.fence == 2
        else:
            with pytest.raises(Busy), other.lock("m", "host-1:2", 60, late):
                pass


def test_a_holder_that_comes_back_late_frees_nothing(store: Store) -> None:
    """Releasing a lease that went to another leaves it to that other."""
    late = NOW + timedelta(seconds=60)
    first = store.lock("m", "host-1:1", 60, NOW)
    first.__enter__()
    as_another_host(store, "m")
    with store.lock("m", "host-2:2", 60, late) as lease:
        first.__exit__(None, None, None)
        assert store.record_check(run("r1"), lease=lease)
        with pytest.raises(Busy) as caught, store.lock("m", "host-3:3", 60, late):
            pass
    assert caught.value.message == "lock 'm' is held by host-2:2 since 2026-11-20T12:01:00Z"


def test_a_name_is_checked(store: Store) -> None:
    """The name becomes a file."""
    with pytest.raises(UsageError) as caught, store.lock("../m", "host-1:1", 60, NOW):
        pass
    assert caught.value.message == "'../m' cannot name a lock"


def test_two_processes_take_turns(store: Store, tmp_path: Path) -> None:
    """What a lock guards is never seen half done."""
    (tmp_path / "count").write_text("0")
    workers = [processes.started(processes.count_under_lock, tmp_path, n, 20) for n in ("p", "q")]
    assert processes.exit_codes(*workers) == [0, 0]
    assert (tmp_path / "count").read_text() == "40"
