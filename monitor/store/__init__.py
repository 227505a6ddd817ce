"""What the monitor remembers. Only this room knows SQL; docs/store.md tells what is kept where."""

from monitor.store.rows import (
    AlertRow,
    ChangedWindows,
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
    "open_store",
]
