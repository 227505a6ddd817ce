"""Every command has its help, an example and the common options."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

import click
import pytest

from monitor.cli import main


def commands() -> Iterator[tuple[str, click.Command]]:
    """Each command by its full name."""
    ctx = click.Context(main)
    for name in main.list_commands(ctx):
        command = main.get_command(ctx, name)
        assert command, name
        if isinstance(command, click.Group):
            for inner in command.commands.values():
                yield f"{name} {inner.name}", inner
        else:
            yield name, command


ALL = dict(commands())


@pytest.mark.parametrize("name", ALL)
def test_each_command_has_the_common_options(name: str) -> None:
    """--json, -q, -v, --config and --help are everywhere."""
    given = {option for parameter in ALL[name].params for option in parameter.opts}
    assert {"--json", "-q", "--quiet", "-v", "--verbose", "--config"} <= given


def test_commands_that_change_something_have_a_dry_run() -> None:
    """Those that keep or send; what only writes the file it is told to has none."""
    dry = {name for name in ALL if any("--dry-run" in p.opts for p in ALL[name].params)}
    assert dry == {
        *("init", "snapshot", "ingest", "merge", "reference", "check", "run", "backfill", "mark"),
        *("alerts ack", "alerts silence", "alerts test", "alerts flush", "gc", "purge"),
        *("store upgrade", "store backup", "store restore", "store copy"),
    }


@pytest.mark.parametrize("name", ALL)
def test_each_help_begins_with_a_line_that_fits(name: str) -> None:
    """The list of commands shows the first sentence whole."""
    text = (ALL[name].help or "").split("\n\n")[0]
    assert text.endswith(".")
    assert ALL[name].get_short_help_str(72).rstrip(".") == text.rstrip(".")


@pytest.mark.parametrize("name", ALL)
def test_the_examples_of_the_help_parse(name: str) -> None:
    """Each example calls this command, with arguments and options that it has."""
    lines = [line.strip() for line in (ALL[name].help or "").splitlines()]
    examples = [line for line in lines if line.startswith(f"embmon {name}")]
    assert examples
    for example in examples:
        words = shlex.split(example.split(" > ")[0])
        ALL[name].make_context(name, words[1 + len(name.split()) :])


@pytest.mark.parametrize("name", ALL)
def test_every_option_says_what_it_is_for(name: str) -> None:
    """No option is without help."""
    options = [p for p in ALL[name].params if isinstance(p, click.Option)]
    assert all(option.help for option in options)
