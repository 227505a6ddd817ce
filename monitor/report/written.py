"""Pages on disk: old or new, never half."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from monitor.errors import MonitorError

_MODE = 0o640


def write_page(out: Path, page: str | bytes) -> None:
    """Writes `page` beside `out`, syncs it and renames it over `out` (mode 0640, any umask).

    Raises MonitorError naming the path where that fails; `out` is then as it was.
    """
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(
            dir=out.parent, prefix=f".{out.name[:100]}.", suffix=".part"
        )
    except OSError as error:
        raise _unwritten(out, error) from error
    try:
        with os.fdopen(handle, "wb") as file:
            os.fchmod(file.fileno(), _MODE)
            file.write(page if isinstance(page, bytes) else page.encode("utf-8"))
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, out)
        _sync_folder(out.parent)
    except OSError as error:
        raise _unwritten(out, error) from error
    finally:
        with suppress(OSError):
            os.unlink(name)


def _sync_folder(folder: Path) -> None:
    """The rename itself is on disk only once its folder is."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _unwritten(out: Path, error: OSError) -> MonitorError:
    return MonitorError(
        f"cannot write the report {out}: {error.strerror or error}",
        "check that its folder is writable and has room; a page already there is untouched",
    )
