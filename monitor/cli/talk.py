"""One conversation with a person or a program: what a command says, and where."""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from monitor import __version__
from monitor.cli.clean import clean, cleaned, finite, without_passwords
from monitor.cli.progress import progress
from monitor.errors import MonitorError

if TYPE_CHECKING:
    from monitor.config import Config

Result = Mapping[str, Any]
Text = Callable[[Result, int], list[str]]
"""Lines for a person, from a result and how much detail is wanted; the first says the most."""


@dataclass(frozen=True)
class Talk:
    """What the options common to all commands ask for."""

    as_json: bool = False
    quiet: bool = False
    verbose: int = 0
    config_path: Path | None = None
    opened: Callable[..., Any] | None = None
    log_format: str = "text"
    dry_run: bool = False

    def config(self) -> Config:
        """The settings."""
        from monitor.config import load

        return load(self.config_path)

    @contextmanager
    def monitor(self) -> Iterator[Any]:
        """The pipeline with the settings, reporting progress while it is used."""
        config, opened = self.config(), self.opened or _pipeline()
        stdout = sys.stderr if self.as_json else None  # the object is alone on standard output
        with progress(not self.quiet) as report, ExitStack() as stack:
            found = opened(config, progress=report, log=self.event, stdout=stdout)
            yield stack.enter_context(found.rehearsal()) if self.dry_run else found

    def answer(self, result: Result, text: Text, *, headline: bool = False) -> None:
        """Prints a result: as JSON, or as text, of which -q keeps a `headline`, if it has one."""
        if self.as_json:
            click.echo(json.dumps(finite(result), allow_nan=False))
            return
        for warning in result.get("warnings", ()):
            self.note(f"warning: {clean(str(warning))}")
        shown = cleaned(result)
        lines = text(shown, self.verbose) + rehearsed_text(shown)
        self.say("\n".join(lines[:1] if self.quiet and headline else lines))

    def page(self, result: Result, text: Text | None = None) -> None:
        """Prints where a report was written; the rest of the result before it, for a person."""
        path = clean(str(result["report"]))

        def lines(shown: Result, verbose: int) -> list[str]:
            rest = {key: value for key, value in shown.items() if key != "report"}
            before = text(rest, verbose) if text and not self.quiet else []
            return [*before, path if self.quiet else f"Report: {path}"]

        self.answer(result, lines)

    def event(self, event: str, details: Result) -> None:
        """Records what a run did, on standard error: a line of JSON, or of text with -v."""
        if self.log_format == "json":
            at = datetime.now(UTC).isoformat().replace("+00:00", "Z")
            level = "error" if details.get("error") else "info"
            record = {"at": at, "level": level, "event": event, **cleaned(finite(details))}
            click.echo(json.dumps(record, default=str), err=True)
        elif self.verbose:
            told = " ".join(f"{key}={value}" for key, value in details.items() if value)
            self.note(clean(f"{event}: {told}"))

    def with_log(self, log_format: str) -> Talk:
        """This talk, with events in `log_format`."""
        return replace(self, log_format=log_format)

    def with_json(self, wanted: bool) -> Talk:
        """This talk, in JSON if `wanted`."""
        return replace(self, as_json=self.as_json or wanted)

    def say(self, text: str) -> None:
        """Prints on standard output, in colour only on a terminal that wants it."""
        click.echo(text, color=_colour())

    def note(self, text: str) -> None:
        """Tells a person something aside, on standard error."""
        if not self.quiet:
            click.echo(text, err=True)

    def failed(self, error: Exception) -> int:
        """Says what went wrong, and returns the exit code."""
        if self.verbose:
            click.echo(traceback.format_exc(), err=True)
        known = error if isinstance(error, MonitorError) else _unexpected(error, self.verbose)
        message, hint = (clean(without_passwords(t)) for t in (known.message, known.hint))
        if self.as_json:
            said = {"message": message, "hint": hint, "exit_code": known.exit_code}
            click.echo(json.dumps({**envelope("error"), "error": said}))
        click.echo(click.style("error:", fg="red") + f" {message}", err=True, color=_colour())
        if hint:
            click.echo(f"hint: {hint}", err=True)
        return known.exit_code


def rehearsed_text(result: Result) -> list[str]:
    """What a dry run would have sent, and that it did not."""
    sent = [f"Would send to {one['sink']}: {_told(one)}" for one in result.get("messages") or ()]
    return [*sent, "Dry run: nothing was changed or sent."] if result.get("dry_run") else sent


def _told(message: Result) -> str:
    again = " again" if message.get("repeat") else ""
    return f"[{message.get('state')}{again}] {message.get('summary')}"


def envelope(kind: str) -> dict[str, Any]:
    """The keys that results made by the command line itself begin with."""
    return {"schema": f"embmon/{kind}/1", "tool_version": __version__}


def _unexpected(error: Exception, verbose: int) -> MonitorError:
    hint = "" if verbose else "run it again with -v for the traceback"
    return MonitorError(f"unexpected {type(error).__name__}: {error}", hint)


def _pipeline() -> Callable[..., Any]:
    from monitor.pipeline import Monitor

    return Monitor


def _colour() -> bool | None:
    """False where colour is unwanted, else None: click then asks whether it is a terminal."""
    return False if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb" else None
