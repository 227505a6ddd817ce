"""Standard input as a file."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from monitor.errors import SourceError
from monitor.sources.kinds import kind
from monitor.sources.nouns import File


def stdin_files(top: Path) -> tuple[str, list[File], list[str]]:
    """What `files` gives, of standard input, which is kept in the folder `top`."""
    if sys.stdin is None or sys.stdin.isatty():
        raise SourceError("nothing is piped into standard input", "embmon … - < FILE")
    file = File(top / "stdin", "standard input")
    with open(file.path, "wb") as stream:
        shutil.copyfileobj(sys.stdin.buffer, stream, 1 << 20)
    return kind(file), [file], []
