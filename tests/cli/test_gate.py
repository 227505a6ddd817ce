"""A verdict as Markdown and as JUnit XML."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from tests.cli.fake import COMPARE, DRIFT, ran


def test_markdown_has_the_verdict_its_causes_and_numbers() -> None:
    """What a summary of a job needs, with the exit code of the question."""
    result, _ = ran("compare a b --format markdown", compare=COMPARE)
    assert result.exit_code == 3
    assert result.stdout == (
        "### ❌ compare a with b: breaking\n"
        "\n"
        "- retrained \\(confidence 0.93, 2,500 rows\\): overlap@\u200b10 is 0.38\n"
    )
    drift, _ = ran("drift a b --format markdown", drift=DRIFT)
    assert "| p | 2.1e-05 |\n| tv\\_clusters | 0.124 |" in drift.stdout


def test_text_of_data_cannot_link_mention_or_break_the_table() -> None:
    """Nothing from the data is Markdown."""
    nasty = {**DRIFT, "causes": ["[x](https://evil) @all <img> `a` | b\x1b[2J"]}
    result, _ = ran("drift a b --format markdown", drift=nasty)
    line = next(one for one in result.stdout.splitlines() if "evil" in one)
    assert line == (
        r"- \[x\]\(https://evil\) @" + "\u200b" + r"all \<img\> \`a\` \| b\\x1b\[2J"
    )  # fmt: skip


@pytest.mark.parametrize(
    ("verdict", "inner", "counts"),
    [
        ("drift", "failure", ("1", "0")),
        ("insufficient", "error", ("0", "1")),
        ("ok", "system-out", ("0", "0")),
    ],
)
def test_junit(tmp_path: Path, verdict: str, inner: str, counts: tuple[str, str]) -> None:
    """Failed, in error, or passed, with the words that a person would read."""
    path = tmp_path / "out" / "embmon.xml"
    answer: dict[str, Any] = {**DRIFT, "verdict": verdict, "causes": ["a\x00b ]]> <c>"]}
    ran(f"drift a b --junit {path}", drift=answer)
    suites = ElementTree.fromstring(path.read_bytes())
    (case,) = suites.iter("testcase")
    assert case.get("name") == "drift of b against a"
    assert (suites.get("failures"), suites.get("errors")) == counts
    (found,) = case
    assert found.tag == inner
    assert found.text and verdict.upper() in found.text
