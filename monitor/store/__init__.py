"""What the monitor remembers. Only this room knows SQL; docs/store.md tells what is kept where."""

from monitor.store.copying import copied
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
    Reference,
    RunRow,
    SpaceRow,
    StoredWindow,
    TurnRow,
    VerdictRow,
)
from monitor.store.store import Store, open_store

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
    "Reference",
    "RunRow",
    "SpaceRow",
    "Store",
    "StoredWindow",
    "TurnRow",
    "VerdictRow",
    "copied",
    "open_store",
    "rehearsal",
]
