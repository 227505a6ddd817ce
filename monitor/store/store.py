"""The store: everything the monitor remembers, in one database and one folder of blobs."""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType

from monitor.store.alerts import Alerts
from monitor.store.blobs import Blobs
from monitor.store.connect import connected
from monitor.store.gc import Sweeping
from monitor.store.leases import Leases
from monitor.store.migrations import bring_up_to_date
from monitor.store.outbox import Outbox
from monitor.store.references import References
from monitor.store.runs import Runs
from monitor.store.silences import Silences
from monitor.store.spaces import Spaces
from monitor.store.turns import Turns
from monitor.store.verdicts import Verdicts
from monitor.store.versions import Versions
from monitor.store.windows import Windows


class Store(
    Spaces,
    Versions,
    References,
    Windows,
    Runs,
    Verdicts,
    Alerts,
    Silences,
    Turns,
    Outbox,
    Leases,
    Sweeping,
):
    """What the monitor remembers; each class named above promises its part.

    Every method is one transaction. They raise Busy where another process holds the database for
    longer than 10 s, and MonitorError where it is damaged, full or not to be written. `blobs` is
    the folder of large things. One Store may be used by several threads, not across a fork.
    """

    def close(self) -> None:
        """Closes the connections; the store may be used again afterwards."""
        self.database.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def open_store(url: str, blobs: Path | str, *, upgrade: bool = False) -> Store:
    """The store at the SQLAlchemy URL `url` and the folder or `s3://` URL `blobs`, made if need be.

    A store of an older release on PostgreSQL is migrated only with `upgrade`: other hosts may use
    it. Raises UsageError for a URL that cannot be used, MonitorError for a store of another
    release, Busy where another process is just migrating it, or nothing answers.
    """
    database = connected(url)
    bring_up_to_date(database, upgrade=upgrade)
    return Store(database, opened_blobs(blobs))


def opened_blobs(where: Path | str) -> Blobs:
    """The blobs in a folder, or at an `s3://` URL."""
    if isinstance(where, str) and "://" in where:
        from monitor.store.s3 import S3Blobs

        return S3Blobs(
            where, Path(os.environ.get("XDG_CACHE_HOME", "~/.cache"), "embmon").expanduser()
        )
    return Blobs(Path(where))
