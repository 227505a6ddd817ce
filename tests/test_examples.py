"""The worked examples run as their pages say, and say what their pages quote."""

from __future__ import annotations

import json
import re
import runpy
import shlex
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from monitor.cli import main

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "examples"
TUTORIAL = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")


def blocks(page: str, language: str) -> list[str]:
    """The lines of the code blocks of a language."""
    found = re.findall(rf"^```{language}\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    return "".join(found).splitlines()


def without_numbers(line: str) -> str:
    """The words of a line: the last digits of a number differ from machine to machine."""
    return " ".join(re.sub(r"[\d.,:%-]+(e-\d+)?", "#", line).split())


def followed(name: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Does what the README of an example says in `folder`; what it quotes was printed."""
    shutil.copytree(EXAMPLES / name, folder, dirs_exist_ok=True)
    page = (folder / "README.md").read_text(encoding="utf-8")
    printed = done(page) + capsys.readouterr().out
    told = [without_numbers(line) for line in printed.splitlines()]
    for line in blocks(page, "text"):
        assert without_numbers(line) in told, line


def done(page: str) -> str:
    """What the commands of a page print, one after another; that of Python goes to stdout."""
    printed = ""
    for line in blocks(page, "sh"):
        program, *words = shlex.split(line)
        if program == "python":
            runpy.run_path(words[0])
            continue
        result = CliRunner().invoke(main, words)
        assert result.exit_code == (3 if "BREAKING" in result.output else 0), result.output
        printed += result.output
    return printed


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("EMBMON_REPORT_MAP", "pca")


def reported(folder: Path) -> dict[str, Any]:
    """The run behind the one report of a stream."""
    (path,) = folder.glob("reports/*/2*.json")
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def test_text_classification(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Cocktails are found on their first day, by their words and the classes that took them in; the
    tutorial goes on from there."""
    followed("text-classification", tmp_path, capsys)
    run = reported(tmp_path)
    assert [one["verdict"] for one in run["trend"]] == ["ok"] * 7 + ["drift"] * 7
    assert run["windows"][0]["incident"]["since"] == "2026-11-09T00:00:00Z"
    assert "vodka" in " ".join(run["windows"][0]["causes"])
    drifted = {one["segment"] for one in run["windows"][0]["segments"] if one["drifted"]}
    assert {"class=Beverages", "class=Meat mixed dishes"} <= drifted
    page = TUTORIAL[TUTORIAL.index("## A stream") :]
    printed = done(page)
    assert "embeddings drift since 2026-11-09" in printed and "per 1000 windows" in printed
    assert "bars in the diary" in (tmp_path / "first-day.html").read_text(encoding="utf-8")
    assert (tmp_path / "alerts.jsonl").stat().st_size > 1000


def test_the_tutorial_on_versions(tmp_path: Path) -> None:
    """The first half of the tutorial, in a folder with the sample data."""
    (tmp_path / "sample_data").symlink_to(ROOT / "sample_data")
    printed = done(TUTORIAL[: TUTORIAL.index("## A stream")])
    told = re.findall(r"^(OK|BREAKING) |^1\. (.*?) \(", printed, re.M)
    assert ["".join(each) for each in told] == [
        *("OK", "noise/nondeterminism", "BREAKING", "new encoder", "OK")
    ]
    assert (tmp_path / "compare.html").stat().st_size > 100_000


def test_images(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The scanner that reads askew is found on its first day, and no other is named."""
    followed("images", tmp_path, capsys)
    run = reported(tmp_path)
    assert [one["verdict"] for one in run["trend"]] == ["ok"] * 9 + ["drift"] * 5
    drifted = {one["segment"] for one in run["windows"][0]["segments"] if one["drifted"]}
    assert drifted == {"scanner=3"}


def test_recommender(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Wrong ids are told from a new training; the report is there."""
    followed("recommender", tmp_path, capsys)
    assert "ids shuffled" in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_word_vectors(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Two eras of words compare with their control, and the report has the analogies."""
    followed("word-vectors", tmp_path, capsys)
    assert "Analogies, 5 pairs" in (tmp_path / "report.html").read_text(encoding="utf-8")
