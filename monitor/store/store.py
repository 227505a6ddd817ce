"""The store: everything the monitor remembers, in one database and one folder of blobs."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType

from monitor.store.alerts import Alerts
from monitor.store.blobs import Blobs
from monitor.store.database import Database
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

    def backup(self, target: Path) -> None:
        """Writes a copy of the database to `target` while others may go on working.

        The blobs are plain files: copy their folder after this, never before, and the copy is
        whole. Raises MonitorError where it cannot be written.
        """
        self.database.backup(target)

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


def open_store(url: str, blobs: Path) -> Store:
    """The store at the SQLAlchemy URL `url` and the folder `blobs`, made or migrated if need be.

    Raises UsageError for a URL that cannot be used, MonitorError for a store of a newer release,
    Busy where another process is just migrating it.
    """
    database = Database(url)
    bring_up_to_date(database)
    return Store(database, Blobs(blobs))
