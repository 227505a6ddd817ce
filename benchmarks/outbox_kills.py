"""Pending alerts drained by several senders that are killed at random: is any lost or altered?

python benchmarks/outbox_kills.py                        # 2000 messages, 4 senders, SQLite
python benchmarks/outbox_kills.py --store postgresql://… # the same on an empty PostgreSQL database

A receiver on loopback notes the id and the body of each POST. While messages wait, a random sender
is killed (kill -9) every so often, and another started in its place. A message that was claimed by
a dead sender is free when its claim ends: the last sender's clock is 11 minutes ahead (on
PostgreSQL, whose own clock counts, the claims of the dead are ended by hand).
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import platform
import random
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from monitor.alerts.deliver import LEASE_S, deliver
from monitor.alerts.make import make_sinks
from monitor.config import SinkSettings
from monitor.model import Delivery
from monitor.store import RunRow, Store, open_store
from monitor.store.tables import outbox

SPAWN = multiprocessing.get_context("forkserver")
SPAWN.set_forkserver_preload(["monitor.alerts.make", "monitor.store"])


@contextmanager
def receiver() -> Iterator[tuple[int, list[bytes]]]:
    """The port of a server that takes everything, and the bodies it got."""
    bodies: list[bytes] = []

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["content-length"])
            body = self.rfile.read(length)
            if len(body) < length:  # its sender was killed while it sent
                return
            bodies.append(body)
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port, bodies
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def send(url: str, blobs: Path, port: int, ahead_s: float) -> None:
    """One sender: delivers until nothing is due."""
    store = open_store(url, blobs)
    networks = ("127.0.0.0/8",)
    hook = SinkSettings(kind="webhook", url=f"http://127.0.0.1:{port}/", allow_networks=networks)
    owner = multiprocessing.current_process().name
    deliver(
        store,
        make_sinks({"ops": hook}, blobs),
        now=lambda: datetime.now(UTC) + timedelta(seconds=ahead_s),
        owner=owner,
        random=random.Random(owner),
        deadline_s=600,
    )
    store.close()


def fill(store: Store, messages: int) -> None:
    """Puts the messages into the outbox."""
    now = datetime.now(UTC)
    store.ensure_space("s", {}, 4, now)
    waiting = [
        Delivery(f"msg_{n:05}", "ops", {"n": n, "state": "firing"}, 0, now, now)
        for n in range(messages)
    ]
    store.record_check(RunRow("r", "check", "s", "m", now, now, None), deliveries=waiting)


def storm(store: Store, arguments: tuple[Any, ...], senders: int, seed: int) -> int:
    """Kills and replaces senders until what waits is claimed by the dead; how many were killed."""
    rng, killed, number = random.Random(seed), 0, 0

    def started() -> Any:
        nonlocal number
        number += 1
        process = SPAWN.Process(target=send, args=arguments, name=f"sender-{number}")
        process.start()
        return process

    alive = [started() for _ in range(senders)]
    while any(process.is_alive() for process in alive):
        time.sleep(rng.uniform(0.1, 0.5))
        at = rng.randrange(senders)
        if alive[at].is_alive():
            alive[at].kill()
            killed += 1
        alive[at].join()
        if _free(store):
            alive[at] = started()
    return killed


def _free(store: Store) -> int:
    """How many messages wait that nobody holds."""
    which = sa.select(sa.func.count()).where(outbox.c.state == "pending", outbox.c.owner.is_(None))
    with store.database.read() as connection:
        return connection.scalar(which) or 0


def drained(
    url: str, folder: Path, messages: int, senders: int, seed: int
) -> tuple[Counter[str], set[bytes], int]:
    """How often each id came, the distinct bodies, and how many senders were killed."""
    store = open_store(url, folder / "blobs")
    fill(store, messages)
    with receiver() as (port, bodies):
        killed = storm(store, (url, folder / "blobs", port, 0.0), senders, seed)
        if not url.startswith("sqlite"):
            with store.database.write() as connection:
                connection.execute(outbox.update().values(claimed_until=datetime.now(UTC)))
        last = SPAWN.Process(target=send, args=(url, folder / "blobs", port, LEASE_S + 60))
        last.start()
        last.join()
    store.close()
    return Counter(json.loads(body)["id"] for body in bodies), set(bodies), killed


def main() -> None:
    """Prints what came."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=2000)
    parser.add_argument("--senders", type=int, default=4)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--store", help="URL of an empty PostgreSQL database")
    given = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        url = given.store or f"sqlite:///{folder}/embmon.db"
        ids, bodies, killed = drained(url, Path(folder), given.messages, given.senders, given.seed)
    print(f"Python {platform.python_version()}, SQLAlchemy {sa.__version__}, {url.split(':')[0]}")
    print(f"messages {given.messages}, senders {given.senders}, killed {killed}")
    print(f"received {len(ids)} of {given.messages}, twice or more {sum(ids.values()) - len(ids)},")
    print(f"altered {len(bodies) - len(ids)}, {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
