"""Standard input as a file."""

from __future__ import annotations

import shutil
import sys
import tempfile
import weakref
from pathlib import Path

from monitor.errors import SourceError
from monitor.sources.nouns import File


def stdin_file() -> File:
    """All of standard input in a file that goes with the process: most formats are read twice."""
    if sys.stdin is None or sys.stdin.isatty():
        raise SourceError("nothing is piped into standard input", "embmon … - < FILE")
    folder = tempfile.TemporaryDirectory(prefix="embmon-stdin-")
    path = Path(folder.name) / "stdin"
    with open(path, "wb") as stream:
        shutil.copyfileobj(sys.stdin.buffer, stream, 1 << 20)
    file = File(path, "standard input")
    weakref.finalize(file, folder.cleanup)
    return file
