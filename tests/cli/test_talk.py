"""What is said, to whom, and on which stream."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from monitor.cli import main
from monitor.errors import UsageError
from tests.cli.fake import COMPARE, DRIFT, WINDOW, FakeMonitor, printed, ran


def test_json_is_one_object_without_nan() -> None:
    """--json prints the result itself; NaN, which JSON lacks, is null."""
    result, _ = ran("drift a b --json", drift=DRIFT)
    answer = printed(result)
    assert answer["effect"] == {"tv_clusters": 0.124, "mean_sd": 0.31, "auc": None}
    assert {**answer, "effect": DRIFT["effect"]} == DRIFT
    assert result.stderr == ""


def test_a_drift_reads_from_the_verdict_to_the_place() -> None:
    """The verdict in words comes first, then its size, its cause, and where it is."""
    result, _ = ran("drift a b", drift=DRIFT)
    assert result.stdout == (
        "DRIFT B differs from A"
        " (p 2.1e-05; score 4.68, alarm from 3; budget 1 per 1000 windows)\n"
        "How big:\n"
        "  12.4 % of the rows moved to other clusters\n"
        "  0.31 standard deviations that the mean moved\n"
        "Why:\n"
        "  - the mix of topics changed\n"
        "Where:\n"
        "  label    reference  current    z  radius  drifted\n"
        "  poultry  4.1 %      9.8 %    5.2  +12 %   yes\n"
        "  soup     50.0 %     50.0 %   0.1  –       no\n"
        "Rows: 5,000 (null 3)\n"
        "Independent rows, about: 812\n"
    )
    assert result.stderr == "warning: 3 rows without a vector were set aside\n"


def test_quiet_keeps_the_verdict_alone() -> None:
    """-q prints one line and no warning."""
    result, _ = ran("drift a b -q", drift=DRIFT)
    assert result.stdout.startswith("DRIFT B differs from A (p")
    assert result.stdout.count("\n") == 1
    assert result.stderr == ""


def test_too_little_data_is_never_no_drift() -> None:
    """An insufficient window says so in words."""
    result, _ = ran("drift a b", drift={"verdict": "insufficient", "p_value": None})
    assert result.stdout == (
        'INSUFFICIENT too little data to decide; this does not mean "no drift"\n'
    )


def test_check_shows_the_last_window_in_full() -> None:
    """Earlier windows follow as a table, the latest of them first."""
    windows = [
        {"verdict": "ok", "p_value": 0.4, "score": 0.4, "threshold": 3.0, "window": WINDOW},
        {**DRIFT, "window": {**WINDOW, "start": "2026-11-21T06:00:00Z"}},
    ]
    alerts = [{"state": "firing", "summary": "s: embeddings drift"}]
    result, _ = ran("check s", check={"windows": windows, "alerts": alerts})
    first, *_, title, alert, _windows, heading, row = result.stdout.splitlines()
    assert (title, alert) == ("Alerts:", "  firing: s: embeddings drift")
    assert first.startswith("DRIFT 2026-11-21T06:00:00Z to 2026-11-21T00:00:00Z: the traffic")
    assert heading.split() == ["window", "verdict", "p", "value", "score", "threshold"]
    assert row.split() == ["2026-11-20", "to", "2026-11-21", "ok", "0.4", "0.4", "3"]


def test_compare_says_why_before_how_much() -> None:
    """The diagnosis stands above the measures, and the rows come last."""
    result, _ = ran("compare a b", compare=COMPARE)
    assert result.stdout == (
        "BREAKING what was built on A will not work on B\n"
        "Items: 2,500 in both, 2,500 only in A, 0 only in B\n"
        "1. retrained (confidence 0.93, 2,500 rows)\n"
        "   evidence: overlap@10 is 0.38\n"
        "Measures:\n"
        "  measure     value   low  high  floor  chance\n"
        "  overlap@10   0.38  0.37  0.39   0.97       –\n"
        "Movers:\n"
        "  id         residual  overlap\n"
        "  usda-0001       0.7      0.1\n"
    )


def test_a_cluster_that_was_not_there_has_no_radius_to_compare() -> None:
    """Of a new one, or one that is gone, no change of its radius is told."""
    new = {"label": "pizza", "reference_share": 0.0, "current_share": 0.1, "z": 9.0}
    answer = {"verdict": "drift", "clusters": [{**new, "radius_ratio": 1.0, "drifted": True}]}
    assert (
        "  pizza  0.0 %      10.0 %   9       –  yes\n" in ran("drift a b", drift=answer)[0].stdout
    )


def test_an_error_has_a_message_and_a_hint() -> None:
    """Both go to standard error, without a traceback."""
    result, _ = ran("status", status=UsageError("no store at x.db", "embmon doctor"))
    assert result.stderr == "error: no store at x.db\nhint: embmon doctor\n"
    assert result.stdout == ""


def test_verbose_adds_the_traceback() -> None:
    """-v shows where an error came from."""
    result, _ = ran("status -v", status=ValueError("seven"))
    assert "Traceback (most recent call last)" in result.stderr
    assert result.stderr.endswith("error: unexpected ValueError: seven\n")


def test_without_verbose_an_unexpected_error_is_two_lines() -> None:
    """No traceback, and how to get one."""
    result, _ = ran("status", status=ValueError("seven"))
    assert result.stderr == (
        "error: unexpected ValueError: seven\nhint: run it again with -v for the traceback\n"
    )


def test_an_error_is_json_too() -> None:
    """A program that reads standard output gets the message there."""
    result, _ = ran("status --json", status=UsageError("no store at x.db", "embmon doctor"))
    assert printed(result)["error"] == {
        "message": "no store at x.db",
        "hint": "embmon doctor",
        "exit_code": 2,
    }


@pytest.mark.parametrize("command", ["versions s", "versions s -v", "versions s --json"])
def test_no_control_character_of_the_data_reaches_a_terminal(command: str) -> None:
    """Escape codes, line breaks and bidi overrides in labels are printed as escapes."""
    nasty = "v1\x1b[2J\u202e\r\nok\x9b31m\u2028"
    result, _ = ran(command, versions={"versions": [{nasty: nasty, "rows": 1}]})
    assert not set(result.stdout) & set("\x1b\u202e\r\x9b\u2028")
    if "--json" in command:
        assert printed(result)["versions"] == [{nasty: nasty, "rows": 1}]
    else:
        assert result.stdout.count("\n") == 3


def test_no_control_character_of_an_error_reaches_a_terminal() -> None:
    """A message that quotes a hostile name is escaped, and a password in an address is blanked."""
    error = UsageError("no file \x1b]0;x\x07 at postgresql://ann:hunter2@db/x\n", "try\x1b[A")
    result, _ = ran("status", status=error)
    assert result.stderr == (
        "error: no file \\x1b]0;x\\x07 at postgresql://ann:***@db/x\\n\nhint: try\\x1b[A\n"
    )


def test_csv_cells_are_no_formulas() -> None:
    """A cell that a spreadsheet would run is prefixed; numbers are left alone."""
    windows = [{"window": WINDOW, "score": -1.5, "label": "=HYPERLINK(1)", "note": "a,b"}]
    result, _ = ran("history s --format csv", history={"windows": windows})
    assert result.stdout == (
        'window,score,label,note\n2026-11-20 to 2026-11-21,-1.5,\'=HYPERLINK(1),"a,b"\n'
    )


def test_format_json_is_json() -> None:
    """`--format json` and --json print the same."""
    answer = {"schema": "embmon/status/1", "monitors": []}
    assert printed(ran("status --format json", status=answer)[0]) == answer
    assert printed(ran("status --json --format csv", status=answer)[0]) == answer


@pytest.mark.parametrize(
    ("command", "stdout"), [("report s", "Report: r/s.html\n"), ("report s -q", "r/s.html\n")]
)
def test_a_page_is_answered_with_its_path(command: str, stdout: str) -> None:
    """The path is the last thing printed, and with -q the only one."""
    result, _ = ran(command, report={"report": "r/s.html", "warnings": []})
    assert result.stdout == stdout


def test_colour_is_for_terminals_that_want_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Words are coloured on a terminal unless NO_COLOR is set."""
    coloured: dict[str, bool] = {}
    for no_color in ("", "1"):
        monkeypatch.setenv("NO_COLOR", no_color)
        result = CliRunner().invoke(
            main, ["drift", "a", "b"], obj=FakeMonitor({"drift": DRIFT}), color=True
        )
        coloured[no_color] = "\x1b[" in result.stdout
    assert coloured == {"": True, "1": False}


def test_the_settings_reach_the_monitor(tmp_path: Path) -> None:
    """--config names the file that is read."""
    path = tmp_path / "my.toml"
    path.write_text('[report]\ndir = "pages"\n')
    result, fake = ran(f"status --config {path}", status={})
    assert (result.exit_code, fake.config.report.dir) == (0, "pages")


def test_a_wrong_setting_is_named(tmp_path: Path) -> None:
    """An unknown key is a usage error with file, line and the nearest key."""
    path = tmp_path / "my.toml"
    path.write_text('[report]\ndirr = "pages"\n')
    result, _ = ran(f"status --config {path}", status={})
    assert result.exit_code == 2
    assert result.stderr == (
        f"error: {path}:2: report.dirr is not a known key\nhint: did you mean dir?\n"
    )


def arguments(command: str, **answers: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """What the monitor was asked by a command."""
    result, fake = ran(command, **answers)
    assert result.exit_code == 0, result.output
    ((_, positional, named),) = fake.calls
    return positional, named


def test_reference_takes_one_way_of_saying_it() -> None:
    """A stretch is two times in UTC, and it excludes the other ways."""
    _, named = arguments("reference s --from 1947-01-01 --to 1961-01-01T01:00+01:00", reference={})
    assert (named["start"].isoformat(), named["end"].isoformat()) == (
        "1947-01-01T00:00:00+00:00",
        "1961-01-01T00:00:00+00:00",
    )
    for wrong in ("", "--from 1947-01-01", "--trailing 8w --version v1"):
        result, _ = ran(f"reference s {wrong}")
        assert result.exit_code == 2
        assert result.stderr.startswith("error: a reference is one stretch of time, one trailing")


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("yesterday", "'yesterday' is not a time; write 2026-11-20 or 2026-11-20T08:00Z."),
        ("2026-11-20T08:00", "'2026-11-20T08:00' has no offset; add Z or +01:00."),
    ],
)
def test_a_time_must_be_one_and_have_an_offset(typed: str, message: str) -> None:
    """A time that could be read in two ways is refused."""
    result, _ = ran(f"run --as-of {typed}")
    assert result.exit_code == 2
    assert f"Invalid value for '--as-of': {message}" in result.stderr


def test_check_passes_a_budget_only_when_given() -> None:
    """Without the option, the settings decide."""
    answer = {"windows": [{"verdict": "ok"}]}
    assert arguments("check s", check=answer) == (("s",), {"window": "latest"})
    fake = FakeMonitor({"check": answer})
    CliRunner().invoke(main, ["check", "s", "--false-alarms", "1 per 90 days"], obj=fake)
    assert fake.calls[0][2]["false_alarms"] == "1 per 90 days"
