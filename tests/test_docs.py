"""The documents say what the code does."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from docs import generate
from monitor.cli import main

ROOT = Path(__file__).parent.parent
PAGES = [
    *(ROOT / "README.md", ROOT / "CONTRIBUTING.md"),
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted((ROOT / "examples").rglob("*.md")),
]


def test_generated_pages_are_current() -> None:
    """`make docs` would change nothing."""
    assert generate.stale() == []


def test_a_page_that_is_not_current_is_named(tmp_path: Path) -> None:
    """The check itself sees a missing and an edited page."""
    (tmp_path / "cli.md").write_text(generate.cli_page() + "by hand\n")
    assert generate.stale(tmp_path) == ["cli.md", "configuration.md", "python.md", "templates.md"]


def fenced(text: str) -> Iterator[str]:
    """Lines of the code blocks of a page; a line that ends with a backslash goes on."""
    for block in re.findall(r"^```[a-z]*\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        yield from block.replace("\\\n", " ").splitlines()


def calls(line: str) -> Iterator[list[str]]:
    """The arguments of each call of `embmon` in a line of shell."""
    words = shlex.shlex(line, posix=True, punctuation_chars=True)
    words.whitespace_split = True
    call: list[str] | None = None
    for word in [*words, ";"]:
        if set(word) <= set("|&;<>()"):
            if call is not None:
                yield call
            call = None
        elif call is not None:
            call.append(word)
        elif word == "embmon" or word.endswith("/embmon"):
            call = []


def resolved(arguments: list[str]) -> tuple[click.Command, list[str]]:
    """The command that the arguments name, and the rest of them; UsageError where it is none."""
    context = click.Context(main, info_name="embmon")
    command: click.Command = main
    while isinstance(command, click.Group):
        _, found, arguments = command.resolve_command(context, arguments)
        assert found
        command = found
    return command, arguments


def found_in_pages() -> Iterator[tuple[str, list[str]]]:
    """Each call in a code block of a page."""
    for page in PAGES:
        for line in fenced(page.read_text(encoding="utf-8")):
            yield from ((page.name, call) for call in calls(line))


def test_calls_are_found_in_shell() -> None:
    """Paths, chains, redirections and comments are understood."""
    line = "python3 -m venv v && v/bin/embmon demo x | head; embmon status > f  # embmon"
    assert list(calls(line)) == [["demo", "x"], ["status"]]


@pytest.mark.parametrize(("page", "arguments"), list(found_in_pages()))
def test_each_call_in_the_pages_parses(page: str, arguments: list[str]) -> None:
    """Command, arguments and options exist."""
    if arguments[:1] in ([], ["--help"], ["--version"]):
        return
    command, rest = resolved(arguments)
    assert command.make_context(str(command.name), rest), page


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_each_command_in_running_text_exists(page: Path) -> None:
    """`embmon NAME` within a sentence names a command there is, with options it has."""
    for span in re.findall(r"`embmon ([a-z][^`]*)`", page.read_text(encoding="utf-8")):
        command, rest = resolved(span.split())
        known = {name for parameter in command.params for name in parameter.opts} | {"--help"}
        assert {word for word in rest if word.startswith("-")} <= known, span


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    """Each relative link is a file of the repository."""
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), f"{page.name} links to {target}"


PROVEN = re.compile(r"\| (?:shown by|tested in) \|\n\|[-|]+\n((?:\| .*\n)+)")


@pytest.mark.parametrize("page", ["docs/reliability.md", "SECURITY.md"])
def test_each_test_that_a_page_names_exists(page: str) -> None:
    """A fault, or a guard, without its test is not in the table."""
    tables = PROVEN.findall((ROOT / page).read_text(encoding="utf-8"))
    rows = [row for table in tables for row in table.splitlines()]
    assert len(rows) > 15
    for row in rows:
        named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", row)
        assert named, row
        for file, test in named:
            assert f"def {test}(" in (ROOT / file).read_text(encoding="utf-8"), f"{file}::{test}"
