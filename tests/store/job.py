"""A small pipeline as a program: everything that a run of the monitor stores.

python -m tests.store.job FOLDER
"""

from __future__ import annotations

import sys
from pathlib import Path

from tests.store.world import NOW, alert, delivery, flip, ingest, opened, run, verdict


def job(folder: Path) -> None:
    """Takes the lease, ingests two sources, judges two windows and puts two messages out."""
    with opened(folder) as store, store.lock("m", "host-1:1", 60, NOW):
        store.ensure_space("dishes", {"encoder": "e5"}, 384, NOW)
        store.add_basis("dishes", "basis-1", store.blobs.put(b"basis"), NOW)
        ingest(store, "day=1", "s1", {0: "a", 1: "b"})
        ingest(store, "late", "s2", {0: "a", 1: "c"})
        document = store.blobs.put(b"{}")
        messages, states = [delivery("d1"), delivery("d2")], {"f1": alert()}
        made = run("r1", document=document)
        store.record_check(made, [verdict(0), verdict(1)], [flip()], messages, states)


if __name__ == "__main__":
    job(Path(sys.argv[1]))
