"""Exit codes say what happened."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import click
import pytest

from monitor.errors import Busy, DeliveryFailed, MonitorError, SourceError, Undecided, UsageError
from tests.cli.fake import COMPARE, DRIFT, ran


@pytest.mark.parametrize(
    ("verdict", "fail_on", "code"),
    [
        ("ok", "drift", 0),
        ("ok", "warn", 0),
        ("warn", "drift", 0),
        ("warn", "warn", 3),
        ("drift", "drift", 3),
        ("drift", "warn", 3),
        ("drift", "never", 0),
        ("calibrating", "drift", 5),
        ("insufficient", "never", 5),
    ],
)
def test_fail_on_decides_about_a_verdict(verdict: str, fail_on: str, code: int) -> None:
    """3 at or above the chosen word, 5 where nothing could be decided."""
    result, _ = ran(f"drift a b --fail-on {fail_on}", drift={**DRIFT, "verdict": verdict})
    assert result.exit_code == code


@pytest.mark.parametrize(
    ("verdict", "options", "code"),
    [
        ("breaking", "", 3),
        ("warn", "", 0),
        ("warn", "--fail-on warn", 3),
        ("breaking", "--fail-on never", 0),
        ("inconclusive", "", 5),
    ],
)
def test_compare_has_words_of_its_own(verdict: str, options: str, code: int) -> None:
    """By default only a breaking change is a failure."""
    result, _ = ran(f"compare a b {options}", compare={**COMPARE, "verdict": verdict})
    assert result.exit_code == code


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["ok", "drift", "ok"], 3),
        (["insufficient", "ok"], 0),
        (["ok", "insufficient"], 5),
        (["drift", "insufficient"], 3),
        ([], 5),
    ],
)
def test_check_looks_at_all_windows(words: list[str], code: int) -> None:
    """Any drift counts; otherwise it is the last window that must have been decided."""
    windows = [{**DRIFT, "verdict": word} for word in words]
    result, _ = ran("check s --window all", check={"windows": windows})
    assert result.exit_code == code


@pytest.mark.parametrize(
    ("answer", "options", "code"),
    [
        ({"monitors": [{"verdict": "drift"}]}, "", 0),
        ({"monitors": [{"verdict": "drift"}]}, "--fail-on drift", 3),
        ({"monitors": [{"verdict": "warn"}]}, "--fail-on drift", 0),
        ({"monitors": [], "exit_code": 4}, "", 4),
        ({"monitors": [{"verdict": "drift"}], "exit_code": 1}, "--fail-on drift", 1),
    ],
)
def test_a_job_reports_its_health(answer: dict[str, object], options: str, code: int) -> None:
    """`run` fails for drift only when asked to."""
    result, _ = ran(f"run {options}", run=answer)
    assert result.exit_code == code


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (MonitorError("m"), 1),
        (SourceError("m"), 1),
        (ValueError("m"), 1),
        (UsageError("m"), 2),
        (DeliveryFailed("m"), 4),
        (Undecided("m"), 5),
        (Busy("m"), 75),
        (click.Abort(), 130),
        (KeyboardInterrupt(), 130),
    ],
)
def test_each_error_has_its_code(error: BaseException, code: int) -> None:
    """What a command raises becomes the code of its kind."""
    result, _ = ran("status", status=error)
    assert result.exit_code == code


@pytest.mark.parametrize(
    "command", ["nonsense", "drift a", "drift a b --nonsense", "compare a b --expect x"]
)
def test_wrong_usage_is_two(command: str) -> None:
    """Unknown commands, options and words are usage errors."""
    result, _ = ran(command)
    assert result.exit_code == 2


def test_an_unknown_command_is_answered_with_the_nearest() -> None:
    """The hint names the command that was probably meant."""
    result, _ = ran("chekc s")
    assert "No such command 'chekc'. Did you mean 'check'?" in result.stderr


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_signals_end_it_in_an_orderly_way(number: signal.Signals, code: int) -> None:
    """A command that is told to stop runs its `finally` blocks and says by which signal."""
    script = (
        "import signal, time\n"
        "from monitor.cli import main\n"
        # A job in the background of a shell inherits that SIGINT is ignored.
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "class Slow:\n"
        "    def __init__(self, config, progress, **_): pass\n"
        "    def status(self, out):\n"
        "        try: print('working', flush=True); time.sleep(60)\n"
        "        finally: print('released', flush=True)\n"
        "main(['status'], obj=Slow)\n"
    )
    root = Path(__file__).parent.parent.parent
    with subprocess.Popen(
        [sys.executable, "-c", script], cwd=root, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "working\n"
        process.send_signal(number)
        assert process.stdout.read() == "released\n"
        assert process.wait(10) == code
