"""Progress on standard error: bars on a terminal, nothing elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from monitor.cli.clean import clean

Progress = Callable[[str, int, int | None], None]
"""Called with what is being done, how much of it is done, and of how much if that is known."""


@contextmanager
def progress(wanted: bool) -> Iterator[Progress | None]:
    """What to report progress to; None where nobody watches."""
    if not wanted or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

    tasks: dict[str, TaskID] = {}
    with Bars(console=Console(stderr=True), transient=True) as bars:

        def report(what: str, done: int, total: int | None) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(escape(clean(what)), total=total)
            bars.update(tasks[what], completed=done, total=total)

        yield report
