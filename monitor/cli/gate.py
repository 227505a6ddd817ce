"""A verdict for a pull request: as Markdown for its summary, as JUnit XML for its checks."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import click

from monitor.cli import codes
from monitor.cli.clean import cleaned
from monitor.cli.compare_text import MAIN
from monitor.cli.options import options
from monitor.cli.talk import Talk, Text
from monitor.cli.words import number, shown
from monitor.errors import UsageError

Result = Mapping[str, Any]

_SIGNS = {"ok": "✅", "warn": "⚠️", "drift": "❌", "breaking": "❌"}

gate_options = options(
    click.option(
        "--format", "shape", type=click.Choice(["text", "markdown"]), default="text",
        show_default=True, help="Markdown is for the summary of a CI job.",
    ),
    click.option(
        "--junit", type=click.Path(path_type=Path, dir_okay=False),
        help="File that gets the verdict as JUnit XML.",
    ),
)  # fmt: skip
"""How a verdict is told to a CI system."""


def answer(
    talk: Talk, result: Result, text: Text, *, title: str, code: int, shape: str, junit: Path | None
) -> int:
    """Prints the result in the shape asked for, writes JUnit XML where asked, returns `code`."""
    if junit is not None:
        _write(junit, junit_xml(title, cleaned(result), text, code))
    if shape == "markdown" and not talk.as_json:
        talk.say("\n".join(markdown(title, cleaned(result))))
    else:
        talk.answer(result, text, headline=True)
    return code


def markdown(title: str, result: Result) -> list[str]:
    """A heading with the verdict, its causes, and the numbers in a table."""
    verdict = str(result.get("verdict"))
    lines = [f"### {_SIGNS.get(verdict, '❔')} {_escaped(title)}: {verdict}", ""]
    lines += [f"- {_escaped(cause)}" for cause in _causes(result)]
    rows = _numbers(result)
    if rows:
        lines += ["", "| measure | value |", "|---|---|"]
        lines += [f"| {_escaped(name)} | {_escaped(value)} |" for name, value in rows]
    if result.get("report"):
        lines += ["", f"Report: `{result['report']}`"]
    return lines


def junit_xml(title: str, result: Result, text: Text, code: int) -> bytes:
    """One test case: failed where the verdict fails the job, in error where there is none."""
    failed, undecided = code == codes.DRIFTED, code == codes.UNDECIDED
    counts = {"tests": "1", "failures": str(int(failed)), "errors": str(int(undecided))}
    suites = ElementTree.Element("testsuites", counts)
    suite = ElementTree.SubElement(suites, "testsuite", {"name": "embmon", **counts})
    seconds = str(result.get("duration_s") or 0)
    about = {"classname": "embmon", "name": title, "time": seconds}
    case = ElementTree.SubElement(suite, "testcase", about)
    lines = "\n".join(click.unstyle(line) for line in text(result, 0))
    if failed or undecided:
        what = {"message": f"{title}: {result.get('verdict')}", "type": str(result.get("verdict"))}
        ElementTree.SubElement(case, "failure" if failed else "error", what).text = lines
    else:
        ElementTree.SubElement(case, "system-out").text = lines
    written: bytes = ElementTree.tostring(suites, encoding="utf-8", xml_declaration=True)
    return written


def _causes(result: Result) -> list[str]:
    diagnosis: Sequence[Mapping[str, Any]] = result.get("diagnosis") or ()
    named = [
        f"{one.get('cause')} (confidence {number(one.get('confidence'))},"
        f" {number(one.get('rows'))} rows): {shown(one.get('evidence'))}"
        for one in diagnosis
    ]
    return named + [str(cause) for cause in result.get("causes") or ()]


def _numbers(result: Result) -> list[tuple[str, str]]:
    measures: Mapping[str, Any] = result.get("measures") or {}
    sizes: Mapping[str, Any] = result.get("effect") or {}
    found = [(name, number(measures[name])) for name in MAIN if name in measures]
    found += [(name, number(value)) for name, value in sizes.items()]
    if result.get("p_value") is not None:
        found.insert(0, ("p", number(result["p_value"])))
    return found


def _escaped(text: str) -> str:
    """`text` as plain text of Markdown: no links, tables, tags or mentions."""
    plain = re.sub(r"([\\`*_\[\]()<>|#])", r"\\\1", text)
    return plain.replace("@", "@\u200b")


def _write(path: Path, content: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}") from error
