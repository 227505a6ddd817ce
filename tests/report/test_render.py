"""Pages as files: whole or not at all, the same bytes each time, own templates, private texts."""

from __future__ import annotations

import copy
import os
import re
from pathlib import Path
from typing import Any

import pytest

from monitor.errors import MonitorError, UsageError
from monitor.report import render, written


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def test_the_same_run_gives_the_same_bytes(runs: dict[str, Any], tmp_path: Path) -> None:
    """A page is a pure function of its run, which rendering leaves as it was."""
    before = copy.deepcopy(runs["demo"])
    first = render(runs["demo"], tmp_path / "a.html").read_bytes()
    assert render(runs["demo"], tmp_path / "b.html").read_bytes() == first
    assert runs["demo"] == before


def test_a_page_is_readable_by_its_group_whatever_the_umask(
    runs: dict[str, Any], tmp_path: Path
) -> None:
    """Mode 0640, and nothing left beside it."""
    old = os.umask(0o077)
    try:
        out = render(runs["check"], tmp_path / "new" / "page.html")
    finally:
        os.umask(old)
    assert out.stat().st_mode & 0o777 == 0o640
    assert [path.name for path in out.parent.iterdir()] == ["page.html"]


def test_a_failed_write_leaves_the_page_before(
    runs: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk is told with the path; the old page and the folder stay as they were."""
    out = tmp_path / "page.html"
    out.write_text("old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(written.os, "fsync", full)
    with pytest.raises(MonitorError) as caught:
        render(runs["check"], out)
    assert caught.value.message == f"cannot write the report {out}: No space left on device"
    assert _text(out) == "old"
    assert list(tmp_path.iterdir()) == [out]


def test_an_unwritable_place_is_named(runs: dict[str, Any], tmp_path: Path) -> None:
    """A file where the folder should be is told as such."""
    (tmp_path / "file").write_text("")
    out = tmp_path / "file" / "page.html"
    with pytest.raises(MonitorError) as caught:
        render(runs["check"], out)
    assert caught.value.message == f"cannot write the report {out}: File exists"


def test_the_policy_names_the_one_style_and_the_one_script(
    runs: dict[str, Any], tmp_path: Path
) -> None:
    """Nothing is allowed but these two, by hash; no attribute holds style or code."""
    text = _text(render(runs["check"], tmp_path / "page.html"))
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', text)
    assert policy is not None
    shape = re.sub(r"sha256-[^&]+", "HASH", policy[1])
    assert shape == (
        "default-src &#39;none&#39;; script-src &#39;HASH&#39;; style-src &#39;HASH&#39;; "
        "base-uri &#39;none&#39;; form-action &#39;none&#39;"
    )
    body = re.sub(r"<script.*?</script>|<style>.*?</style>", "", text, flags=re.DOTALL)
    assert not re.search(r"<[^>]+\s(style|on\w+)=", body)
    assert not re.search(r"<[^>]+\s(src|href)=\"(?!#)", body)


def test_a_page_without_charts_carries_no_script(tmp_path: Path) -> None:
    """A run with neither trend nor map needs no code."""
    text = _text(render({"schema": "embmon/compare/1"}, tmp_path / "page.html"))
    assert "<script" not in text and "script-src" not in text


def test_own_templates_stand_in_for_built_in_ones(runs: dict[str, Any], tmp_path: Path) -> None:
    """A file of the same name replaces a section; `embmon/` reaches the original to extend."""
    own = tmp_path / "own"
    (own / "sections").mkdir(parents=True)
    (own / "sections" / "guide.html.j2").write_text("<p>Ask team {{ chapter.title }}.</p>")
    (own / "page.html.j2").write_text(
        '{% extends "embmon/page.html.j2" %}{% block foot %}<footer>Ours</footer>{% endblock %}'
    )
    text = _text(render(runs["check"], tmp_path / "page.html", templates=own))
    assert "<p>Ask team annual-messages.</p>" in text
    assert "<footer>Ours</footer>" in text and "This file holds everything" not in text
    assert "Detectors, which decide together" in text


@pytest.mark.parametrize(
    ("template", "problem"),
    [
        ("{{ chapter.nothing }}", "'monitor.report.page.Chapter object' has no attribute"),
        ("{% for x in %}", "Expected an expression, got 'end of statement block'"),
        ("{{ ''.__class__.__mro__ }}", "access to attribute '__class__'"),
        ("{{ chapter.data.clear() }}", "access to attribute 'clear'"),
        ("{{ 1 / 0 }}", "division by zero"),
        ("{% include 'nothing.j2' %}", "nothing.j2"),
    ],
)
def test_a_faulty_template_is_named(
    template: str, problem: str, runs: dict[str, Any], tmp_path: Path
) -> None:
    """The message says which template, where there is one which line, and what is wrong."""
    own = tmp_path / "own"
    (own / "sections").mkdir(parents=True)
    (own / "sections" / "guide.html.j2").write_text("\n" + template)
    with pytest.raises(MonitorError) as caught:
        render(runs["check"], tmp_path / "page.html", templates=own)
    assert "the template " in caught.value.message and problem in caught.value.message
    assert "guide.html.j2, line 2" in caught.value.message
    assert not (tmp_path / "page.html").exists()


def test_a_missing_template_folder_is_named(runs: dict[str, Any], tmp_path: Path) -> None:
    """The message names the folder."""
    with pytest.raises(UsageError) as caught:
        render(runs["check"], tmp_path / "page.html", templates=tmp_path / "none")
    assert caught.value.message == f"the template folder {tmp_path / 'none'} does not exist"


def _secret_run(runs: dict[str, Any]) -> dict[str, Any]:
    """A demo in which each row's text holds a number that nobody should see."""
    run = runs["demo"]
    for part in run["parts"]:
        for text in _row_texts(part["run"]):
            text["text"] = "order of XCARDX 4929-123456"
    for part in (run["parts"][0], run["parts"][2]):
        points = part["run"]["map"]["points"]
        points["text"] = ["paid with XCARDX 4929-123456"] * len(points["x"])
    return dict(run)


def _row_texts(run: dict[str, Any]) -> list[dict[str, Any]]:
    groups = run.get("examples", {}).values()
    rows = [row for group in groups for row in group]
    movers = run.get("movers", [])
    near = [r for m in movers for side in ("gained", "lost") for r in m[side]]
    return [*rows, *(row["nearest"] for row in rows if row["nearest"]), *movers, *near]


@pytest.mark.parametrize("examples", ["none", "hash"])
def test_texts_stay_home_when_asked(examples: str, runs: dict[str, Any], tmp_path: Path) -> None:
    """Neither mode lets a row's text into the file, not even into its data."""
    text = _text(render(_secret_run(runs), tmp_path / "page.html", examples=examples))
    assert "XCARDX" not in text


def test_patterns_are_blanked_everywhere(runs: dict[str, Any], tmp_path: Path) -> None:
    """Card numbers go from texts, labels, causes, provenance and sources alike."""
    run = _secret_run(runs)
    check = run["parts"][0]["run"]
    check["windows"][0]["causes"] = ["card 4929-777777 was seen"]
    check["windows"][0]["clusters"][0]["label"] = "card 4929-888888"
    check["provenance"]["token"] = "4929-999999"
    check["inputs"][0]["source"] = "postgresql://user:4929-111111@host/db"
    out = render(run, tmp_path / "page.html", examples="full", redact=[r"4929-\d{6}"])
    assert not re.search(r"4929-\d{6}", _text(out)) and "▮▮▮" in _text(out)


def test_unknown_modes_and_patterns_are_refused(runs: dict[str, Any], tmp_path: Path) -> None:
    """Each message names the setting and its value."""
    with pytest.raises(UsageError) as mode:
        render(runs["check"], tmp_path / "a.html", examples="some")
    assert mode.value.message == "examples = 'some' is not known"
    with pytest.raises(UsageError) as pattern:
        render(runs["check"], tmp_path / "a.html", redact=["("])
    assert pattern.value.message.startswith("redact = '(' is not a regular expression:")


def test_the_report_before_is_linked_only_by_a_plain_name(
    runs: dict[str, Any], tmp_path: Path
) -> None:
    """Anything but a file name of the same folder is no link."""
    linked = {**runs["check"], "report_before": "2026-11-19.html"}
    assert 'href="2026-11-19.html"' in _text(render(linked, tmp_path / "a.html"))
    evil = {**runs["check"], "report_before": "javascript:hit()//.html"}
    assert "javascript:" not in _text(render(evil, tmp_path / "b.html")).split("</style>")[1]
