"""Writes the pages that are made from the code: commands, settings, Python, what templates get.

python docs/generate.py           # write them
python docs/generate.py --check   # leave with 1 where one is not current
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from pathlib import Path

import click

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from docs.api_page import api_page  # noqa: E402
from docs.model_page import model_page  # noqa: E402
from monitor.cli import SECTIONS, main  # noqa: E402
from monitor.cli.settings import NAMES, Key, sections, toml_value  # noqa: E402

NOTE = "<!-- Made by docs/generate.py from the code; edit that instead, then run `make docs`. -->"
COMMON = ("--json", "-q", "-v", "--config")

CLI = """# Command line

Every command takes `--help`, which ends with an example, and:

| option | |
|---|---|
{common}

Results go to standard output, messages and progress bars to standard error; bars and colour only
appear on a terminal, and colour not where `NO_COLOR` is set. Text from data is printed with control
characters escaped.

## Exit codes

| code | |
|---|---|
| 0 | done |
| 1 | unexpected or run-time error |
| 2 | wrong usage or configuration |
| 3 | a verdict at or above `--fail-on` |
| 4 | the verdict is stored, but an alert could not be delivered yet; it will be tried again |
| 5 | could not decide: missing or too little data |
| 75 | another run holds the lock |
| 130, 143 | ended by ctrl-C, by SIGTERM |

`check`, `drift` and `compare` answer a question, so drift, or a breaking change, is a failure of
theirs unless `--fail-on` says otherwise. `run` is a job: its code is the job's health.
"""

CONFIGURATION = """# Configuration

`embmon.toml` in the current folder, or the file named by `--config` or `EMBMON_CONFIG`. All keys
are optional unless marked; relative paths are relative to the file. An unknown key is an error
that names the nearest known one.

Precedence: option of a command, environment, file, default. `EMBMON_STORE_URL`, `EMBMON_REPORT_DIR`
and their like override the keys of `[store]` and `[report]`.

Secrets are never written into the file: `env:NAME` refers to an environment variable, and
`secret_file` to a file that only its owner can read. `embmon config show` hides what could be one.

`embmon init` writes this page as a commented file; `embmon config schema` prints a JSON Schema.
"""


def cli_page() -> str:
    """Every command with its usage, words, options and example."""
    context = click.Context(main, info_name="embmon")
    first = next(command for _, command in commands("drift", context))
    shared = [p for p in first.params if isinstance(p, click.Option) and p.opts[0] in COMMON]
    lines = [CLI.format(common="\n".join(map(option_row, shared)))]
    for section, names in SECTIONS.items():
        lines.append(f"## {section}\n")
        lines += [part for n in names for f, c in commands(n, context) for part in entry(f, c)]
    return page(lines)


def commands(name: str, parent: click.Context) -> Iterator[tuple[str, click.Command]]:
    """The command, or the members of the group, each with its full name."""
    command = main.get_command(parent, name)
    assert command
    if isinstance(command, click.Group):
        yield from ((f"{name} {inner}", member) for inner, member in command.commands.items())
    else:
        yield name, command


def entry(name: str, command: click.Command) -> Iterator[str]:
    words, _, example = inspect.cleandoc(command.help or "").partition("\b\nExample:\n")
    yield f"### embmon {name}\n\n{words.strip()}\n"
    yield "```\n" + "\n".join(line.strip() for line in example.strip().splitlines()) + "\n```\n"
    yield f"Usage: `{' '.join(['embmon', name, *arguments(command), '[OPTIONS]'])}`\n"
    own = [p for p in command.params if isinstance(p, click.Option) and p.opts[0] not in COMMON]
    if own:
        yield "| option | | default |\n|---|---|---|"
        yield "\n".join(f"{option_row(option)} {default(option)} |" for option in own) + "\n"


def arguments(command: click.Command) -> Iterator[str]:
    for argument in command.params:
        if isinstance(argument, click.Argument):
            name = argument.metavar or str(argument.name).upper()
            yield f"[{name}…]" if argument.nargs == -1 else name


def option_row(option: click.Option) -> str:
    names = ", ".join(f"`{name}`" for name in option.opts)
    value = "" if option.is_flag or option.count else f" {kind(option)}"
    return f"| {names}{value} | {(option.help or '').replace('|', chr(92) + '|')} |"


def kind(option: click.Option) -> str:
    if isinstance(option.type, click.Choice):
        return " \\| ".join(f"`{choice}`" for choice in option.type.choices)
    plain = {"integer": "N", "integer range": "N", "path": "PATH", "file": "FILE"}
    return (option.metavar or plain.get(option.type.name, "TEXT")).replace("|", "\\|")


def default(option: click.Option) -> str:
    return f"`{option.default}`" if option.show_default else ""


def configuration_page() -> str:
    """Every section with its keys, their types and defaults."""
    lines = [CONFIGURATION]
    for section in sections():
        lines.append(f"## {section.heading}\n\n{section.about}\n")
        if section.name in NAMES:
            lines.append(
                f"NAME is yours to choose, as in `[{section.name}.{NAMES[section.name]}]`.\n"
            )
        lines.append("| key | | type | default |\n|---|---|---|---|")
        lines.append("\n".join(key_row(key) for key in section.keys) + "\n")
    return page(lines)


def key_row(key: Key) -> str:
    value = "" if key.default is None else f"`{toml_value(key.default)}`"
    kind = key.kind.replace("|", "\\|")
    return f"| `{key.name}` | {key.about} | {kind} | {'**required**' if key.required else value} |"


def page(lines: list[str]) -> str:
    return NOTE + "\n\n" + "\n".join(lines).rstrip() + "\n"


PAGES = {
    "cli.md": cli_page,
    "configuration.md": configuration_page,
    "python.md": lambda: page(api_page()),
    "templates.md": lambda: page(model_page()),
}


def stale(folder: Path = HERE) -> list[str]:
    """Names of pages that do not say what the code says."""
    found = []
    for name, made in PAGES.items():
        path = folder / name
        if not path.exists() or path.read_text(encoding="utf-8") != made():
            found.append(name)
    return found


if __name__ == "__main__":
    if sys.argv[1:] == ["--check"]:
        old = stale()
        print(f"not current: {', '.join(old)}; run `make docs`" if old else "docs are current")
        sys.exit(bool(old))
    for page_name, made_page in PAGES.items():
        (HERE / page_name).write_text(made_page(), encoding="utf-8")
