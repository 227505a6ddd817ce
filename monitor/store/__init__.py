"""What the monitor remembers. Only this room knows SQL; docs/store.md tells what is kept where."""

from monitor.store.copying import copied, planned
from monitor.store.rehearsal import rehearsal
from monitor.store.rows import (
    AlertRow,
    ChangedWindows,
    CopyReport,
    GcReport,
    InputRow,
    Lease,
    Mark,
    Part,
    PartRef,
    Purge,
    Reference,
    Rewritten,
    RunRow,
    SpaceRow,
    StoredWindow,
    TurnRow,
    VerdictRow,
)
from monitor.store.store import Place, Store, migrated, open_store

__all__ = [
    "AlertRow",
    "ChangedWindows",
    "CopyReport",
    "GcReport",
    "InputRow",
    "Lease",
    "Mark",
    "Part",
    "PartRef",
    "Place",
    "Purge",
    "Reference",
    "Rewritten",
    "RunRow",
    "SpaceRow",
    "Store",
    "StoredWindow",
    "TurnRow",
    "VerdictRow",
    "copied",
    "migrated",
    "open_store",
    "planned",
    "rehearsal",
]
