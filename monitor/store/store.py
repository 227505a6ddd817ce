"""The store: everything the monitor remembers, in one database and one folder of blobs."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from monitor.store.alerts import Alerts
from monitor.store.blobs import Blobs
from monitor.store.connect import connected
from monitor.store.gc import Sweeping
from monitor.store.leases import Leases
from monitor.store.migrations import NEWEST, bring_up_to_date, schema_of
from monitor.store.outbox import Outbox
from monitor.store.purging import Purging
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
    Purging,
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


@dataclass(frozen=True)
class Place:
    """Where a store is, or will be: its SQLAlchemy URL, and a folder or an `s3://` URL of blobs."""

    url: str
    blobs: Path | str

    @property
    def name(self) -> str:
        """What messages call it: nothing secret of the URL."""
        return connected(self.url).name

    def opened(self) -> Store:
        """The store, made if need be; see `open_store`."""
        return open_store(self.url, self.blobs)


def migrated(place: Place, *, dry_run: bool = False) -> tuple[int, int]:
    """Makes or migrates the tables of a store, or only looks: the schema before (0: none) and the
    one that this release needs. Raises as `open_store` does."""
    with closing(connected(place.url)) as database:
        if not dry_run:
            return bring_up_to_date(database, upgrade=True), NEWEST
        if not database.exists():
            return 0, NEWEST
        with database.read() as connection:
            return schema_of(connection, database), NEWEST


def open_store(url: str, blobs: Path | str) -> Store:
    """The store at the SQLAlchemy URL `url` and the folder or `s3://` URL `blobs`, made if need be.

    A store of an older release on PostgreSQL is only `migrated` when asked for: other hosts may use
    it. Raises UsageError for a URL that cannot be used, MonitorError for a store of another
    release, Busy where another process is just migrating it, or nothing answers.
    """
    database = connected(url)
    bring_up_to_date(database)
    return Store(database, opened_blobs(blobs))


def opened_blobs(where: Path | str) -> Blobs:
    """The blobs in a folder, or at an `s3://` URL."""
    if isinstance(where, str) and "://" in where:
        from monitor.bucket import cache_folder
        from monitor.store.s3 import S3Blobs

        return S3Blobs(where, cache_folder())
    return Blobs(Path(where))
