"""The command line: parse, call the pipeline, print, leave with a code.

Commands are imported when they are asked for, and what computes only when they run.
"""

from __future__ import annotations

import difflib
import importlib
import os
import sys
from collections.abc import Sequence
from typing import Any, NoReturn, cast

import click

from monitor import __version__
from monitor.cli.signals import terminable

SECTIONS: dict[str, dict[str, str]] = {
    "Start": {"demo": "start", "init": "start", "doctor": "start", "config": "config"},
    "Versions": {
        "snapshot": "versions",
        "versions": "versions",
        "show": "versions",
        "compare": "versions",
        "embed": "embed",
        "audit": "versions",
        "coverage": "versions",
        "origin": "versions",
        "neighbors": "versions",
    },
    "Traffic": {
        "ingest": "traffic",
        "profile": "shards",
        "merge": "shards",
        "reference": "traffic",
        "check": "traffic",
        "replay": "traffic",
        "drift": "traffic",
    },
    "Jobs": {
        "run": "jobs",
        "backfill": "jobs",
        "schedule": "schedule",
        "status": "jobs",
        "history": "jobs",
        "alerts": "alerts",
        "mark": "jobs",
        "report": "pages",
        "render": "pages",
        "export": "export",
        "gc": "jobs",
        "purge": "purge",
        "store": "store",
    },
}
"""Every command by section of the help, with the module of `monitor.cli` that holds it."""

for _name in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    # Most products here are small, and on busy cores threads that spin while they wait for each
    # other cost several times the processor time they save. Whoever sets a number keeps it.
    os.environ.setdefault(_name, "1")
# Arrow's memory pool keeps the pages of one batch for the next: else the system takes them back
# and clears them again, which is a fifth of what reading costs.
os.environ.setdefault("MIMALLOC_PURGE_DELAY", "-1")

MODULES = {name: module for section in SECTIONS.values() for name, module in section.items()}


class Commands(click.Group):
    """A group whose members are imported late, and whose errors become exit codes."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of all commands, in the order of the help."""
        return list(MODULES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, or None where there is none of this name."""
        if cmd_name not in MODULES:
            return None
        module = importlib.import_module(f"monitor.cli.{MODULES[cmd_name]}")
        return cast("click.Command", getattr(module, f"{cmd_name}_command"))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command named first in `args`; an unknown one is answered with the nearest."""
        if args and args[0] not in MODULES and not args[0].startswith("-"):
            near = difflib.get_close_matches(args[0], MODULES, 1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            ctx.fail(f"No such command {args[0]!r}.{hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The commands below their sections."""
        for section, members in SECTIONS.items():
            found = [(name, self.get_command(ctx, name)) for name in members]
            with formatter.section(section):
                formatter.write_dl([(n, c.get_short_help_str(72)) for n, c in found if c])

    def main(  # type: ignore[override]
        self, args: Sequence[str] | None = None, prog_name: str | None = None, **extra: Any
    ) -> NoReturn:
        """Runs a command and leaves the process with its exit code."""
        extra.pop("standalone_mode", None)
        sys.exit(self._code(args, prog_name or "embmon", extra))

    def _code(self, args: Sequence[str] | None, prog_name: str, extra: dict[str, Any]) -> int:
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="backslashreplace")
        try:
            with terminable():
                code = super().main(args, prog_name, standalone_mode=False, **extra)
        except click.ClickException as error:
            error.show()
            return error.exit_code
        except click.Abort:
            return 130
        return int(code or 0)


@click.group(
    cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(__version__, prog_name="embmon")
def main() -> None:
    """Tells when embeddings drift, why, and which rows.

    \b
    Begin with:
      embmon demo
      embmon drift before.parquet after.parquet
    """


__all__ = ["MODULES", "SECTIONS", "Commands", "main"]
