"""Writes the store of the newest schema beside this file, with a row in every table."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from monitor.store.migrations import STEPS
from tests.store.world import fill, opened


def main() -> None:
    """Makes the file; exits where it is there already."""
    target = Path(__file__).with_name(f"schema-{len(STEPS) + 1}.sqlite")
    if target.exists():
        sys.exit(f"{target} is frozen; a changed schema needs a new step in migrations.py")
    with tempfile.TemporaryDirectory() as folder:
        with opened(Path(folder)) as store:
            fill(store)
        shutil.copyfile(Path(folder) / "embmon.db", target)


if __name__ == "__main__":
    main()
