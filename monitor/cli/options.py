"""Options that several commands share."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from monitor.cli.talk import Talk

if TYPE_CHECKING:
    from monitor.model import Columns

Command = TypeVar("Command", bound=Callable[..., Any])


def common(function: Callable[..., int | None]) -> Callable[..., int]:
    """Adds --json, -q, -v and --config; the command gets a Talk first, its errors become codes."""

    @functools.wraps(function)
    def command(**given: Any) -> int:
        talk = Talk(
            as_json=given.pop("as_json"),
            quiet=given.pop("quiet"),
            verbose=given.pop("verbose"),
            config_path=given.pop("config"),
            opened=click.get_current_context().obj,
            dry_run=given.pop("rehearse", False),
        )
        try:
            return function(talk, **given) or 0
        except (click.ClickException, click.Abort):
            raise
        except Exception as error:
            return talk.failed(error)

    return _common_options(command)


def options(*each: Callable[[Command], Command]) -> Callable[[Command], Command]:
    """Several options as one decorator, in the order in which help shows them."""

    def decorated(function: Command) -> Command:
        for option in reversed(each):
            function = option(function)
        return function

    return decorated


_common_options = options(
    click.option("--json", "as_json", is_flag=True, help="Print one JSON object."),
    click.option("-q", "--quiet", is_flag=True, help="Print the answer and nothing else."),
    click.option("-v", "--verbose", count=True, help="Print more; tracebacks of errors too."),
    click.option("--config", type=click.Path(path_type=Path), help="Settings [embmon.toml]."),
)

dry_run_option = click.option(
    "--dry-run", "rehearse", is_flag=True, help="Do it on a copy: keep nothing, send nothing."
)
"""For commands that change the store, or send."""

COLUMN_NAMES = ("vector", "id", "at", "entity", "text", "timezone", "column")

columns_options = options(
    click.option("--vector", metavar="COL", help="Column of the vectors [found by itself]."),
    click.option("--id", metavar="COL", help="Column of the ids."),
    click.option("--at", metavar="COL", help="Column of the times."),
    click.option("--timezone", metavar="ZONE", help="Zone of times without one: Europe/Berlin."),
    click.option("--entity", metavar="COL", help="Column of the user or document of a row."),
    click.option("--text", metavar="COL", help="Column of the texts."),
    click.option("--column", metavar="COL", multiple=True, help="A further column to keep."),
)
"""Which columns of a source are what."""

columns_b_options = options(
    click.option("--vector-b", metavar="COL", help="Column of B's vectors [as in A]."),
    click.option("--id-b", metavar="COL", help="Column of B's ids [as in A]."),
)
"""What is called otherwise on the second side."""

seed_option = click.option("--seed", default=0, show_default=True, help="Seed of all sampling.")


def columns(given: dict[str, Any]) -> Columns:
    """The columns named by the options, which are taken out of `given`."""
    from monitor.model import Columns

    named = {name: given.pop(name) for name in COLUMN_NAMES}
    return Columns(keep=tuple(named.pop("column")), **named)


def column_pair(given: dict[str, Any]) -> tuple[Columns, Columns]:
    """The columns of side A and of side B, which are taken out of `given`."""
    from dataclasses import replace

    a = columns(given)
    vector, row_id = given.pop("vector_b"), given.pop("id_b")
    return a, replace(a, vector=vector or a.vector, id=row_id or a.id)


def fail_on(default: str, highest: str = "drift") -> Callable[[Command], Command]:
    """--fail-on with the words of this command."""
    return click.option(
        "--fail-on",
        type=click.Choice(["never", "warn", highest]),
        default=default,
        show_default=True,
        help="Leave with code 3 at this verdict or a worse one.",
    )


def out_option(what: str, *, required: bool = False) -> Callable[[Command], Command]:
    """-o for the file that gets `what`."""
    return click.option(
        "-o", "--out", required=required, type=click.Path(path_type=Path, dir_okay=False),
        help=f"File of {what}.",
    )  # fmt: skip


def window_options(function: Command) -> Command:
    """How traffic is split into windows, and what is kept of each."""
    return options(
        click.option(
            "--every", default="1d", show_default=True, help="Length of a window: 15m, 1h, 7d."
        ),
        click.option(
            "--sample", default=2048, show_default=True, type=click.IntRange(0, 100_000),
            help="Rows kept of each window; 0 keeps none.",
        ),
        click.option(
            "--segment", metavar="COL", multiple=True,
            help="A column whose every value is judged, too.",
        ),
    )(function)  # fmt: skip


def format_option(*formats: str) -> Callable[[Command], Command]:
    """--format of a listing."""
    return click.option(
        "--format", "shape", type=click.Choice(formats), default="table", show_default=True,
        help="How the list is printed.",
    )  # fmt: skip
