"""What fires, what ran and what is wrong, in words."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest

from tests.cli.fake import WINDOW, ran

ROW: dict[str, Any] = {
    **WINDOW,
    "monitor": "queries",
    "space": "q",
    "state": "ok",
    "verdict": "ok",
    "p_value": 0.5,
    "score": 0.3,
    "threshold": 3.0,
    "rows": 2000,
}


def test_status_begins_with_what_fires() -> None:
    """Alerts come first, with their summary and since when; then windows; then the outbox."""
    answer = {
        "monitors": [ROW],
        "firing": [{"summary": "queries: embeddings drift", "muted": True}],
        "failing": [{"monitor": "titles", "finished_at": "08:00", "error": "no such file"}],
        "outbox": {
            "pending": 2,
            "failing": [{"sink": "chat", "error": "503", "attempts": 2, "next_at": "09:00"}],
            "dead": [{"sink": "ops", "error": "410 Gone"}],
        },
    }
    result, _ = ran("status", status=answer)
    assert result.stdout == (
        "1 firing:\n"
        "  queries: embeddings drift (muted)\n"
        "Last windows:\n"
        "  monitor  space  state  window                    verdict  score  threshold   rows\n"
        "  queries  q      ok     2026-11-20 to 2026-11-21  ok         0.3          3  2,000\n"
        "titles failed at 08:00:\n"
        "  no such file\n"
        "Outbox: 2 waiting, 1 given up\n"
        "  chat: 503 (tried 2 times, again at 09:00)\n"
        "  ops: given up: 410 Gone\n"
    )


def test_status_of_nothing() -> None:
    """An empty store is quiet, and says that nothing was judged."""
    empty: dict[str, Any] = {"monitors": [], "firing": [], "outbox": {"pending": 0, "dead": []}}
    result, _ = ran("status", status=empty)
    assert result.stdout == "Nothing fires.\nNo window was judged yet.\n"


def test_history_shows_the_latest_windows() -> None:
    """Older ones are counted; -v and JSON ask for all, --last for so many."""
    answer = {"windows": [{**ROW, "rows": i} for i in range(10, 40)], "earlier": 10}
    short, fake = ran("history q", history=answer)
    first, _heading, *rows = short.stdout.splitlines()
    assert first == "  … 10 windows before these (-v shows all)"
    assert [row.split()[-1] for row in rows] == [str(i) for i in range(10, 40)]
    assert fake.calls[-1] == ("history", ("q", 30), {})
    for asked, last in (("-v", None), ("--json", None), ("--format csv", None), ("--last 7", 7)):
        _, fake = ran(f"history q {asked}", history=answer)
        assert fake.calls[-1] == ("history", ("q", last), {})


def test_run_has_a_line_for_each_monitor() -> None:
    """A monitor that failed says why, and does not hide the others."""
    answer = {
        "monitors": [
            {
                **{"monitor": "queries", "rows": 10, "windows": 3, "verdict": "drift"},
                **{"drifted": 1, "report": "reports/q/1.html"},
            },
            {"monitor": "titles", "error": "cannot read t.parquet", "hint": "is it there?"},
        ],
        "deliveries": {"sent": 1, "retried": 0, "ok": True},
        "exit_code": 1,
    }
    result, _ = ran("run", run=answer)
    assert result.exit_code == 1
    assert result.stdout == (
        "queries: DRIFT, 3 windows judged, 1 drifted; 10 rows read\n"
        "  report: reports/q/1.html\n"
        "titles: FAILED cannot read t.parquet\n"
        "  hint: is it there?\n"
        "Alerts: sent 1\n"
    )


def test_a_dry_run_says_what_it_would_send() -> None:
    """Also with -q: whoever asks for it wants to read it."""
    monitor = {"monitor": "queries", "verdict": "drift", "windows": 3, "drifted": 1, "rows": 10}
    message = {"sink": "ops", "state": "firing", "repeat": False, "summary": "queries: drift"}
    answer = {"dry_run": True, "monitors": [monitor], "messages": [message]}
    result, fake = ran("run -q --dry-run", run={**answer, "deliveries": {"sent": 1}})
    assert fake.rehearsed
    assert result.stdout == (
        "queries: DRIFT, 3 windows judged, 1 drifted; 10 rows read\n"
        "Would send to ops: [firing] queries: drift\n"
        "Dry run: nothing was changed or sent.\n"
    )


def test_ingest_counts_rows_and_windows() -> None:
    """Windows are listed with -v only; the same content again is said to be nothing new."""
    later = {"start": "2026-11-22T00:00:00Z", "end": "2026-11-23T00:00:00Z"}
    windows = [{**WINDOW, "rows": 4, "changed": False}, {**later, "rows": 6, "changed": True}]
    answer = {"space": "q", "rows": 10, "windows": windows, "already_ingested": False}
    result, _ = ran("ingest q a.parquet --at ts", ingest=answer)
    assert result.stdout == (
        "10 rows read into 2 windows of q; 1 windows are new or changed\n"
        "From 2026-11-20 to 2026-11-23\n"
    )
    verbose, _ = ran("ingest q a.parquet --at ts -v", ingest=answer)
    assert verbose.stdout.splitlines()[-1].split() == ["2026-11-22", "to", "2026-11-23", "6", "yes"]
    again, _ = ran("ingest q a.parquet --at ts", ingest={**answer, "already_ingested": True})
    assert again.stdout == "Nothing new: this very content was ingested before.\n"


def test_the_demo_ends_with_its_report() -> None:
    """Each chapter has its verdict and cause; -q leaves the path alone."""
    answer = {
        "found": [
            {"chapter": "Versions: an export", "verdict": "ok", "why": "noise"},
            {"chapter": "Traffic: pizza", "verdict": "drift", "why": "more pizza"},
        ],
        "deliveries": {"sent": 3},
        "alert_file": "d/alerts.jsonl",
        "alerts": [{"state": "firing", "summary": "dish-search: drift"}],
        "report": "d/demo.html",
    }
    result, _ = ran("demo d", demo=answer)
    assert result.stdout == (
        "  OK     Versions: an export: noise\n"
        "  DRIFT  Traffic: pizza: more pizza\n"
        "Alerts: 3 messages sent, to d/alerts.jsonl\n"
        "  firing: dish-search: drift\n"
        "Report: d/demo.html\n"
    )
    assert ran("demo d -q", demo=answer)[0].stdout == "d/demo.html\n"


def test_doctor_says_how_to_mend_it() -> None:
    """Healthy parts have a line, broken ones a hint too."""
    answer = {
        "checks": [
            {"what": "store", "ok": True},
            {"what": "sink ops", "ok": False, "problem": "no secret", "hint": "set HOOK"},
        ],
        "exit_code": 1,
    }
    result, _ = ran("doctor", doctor=answer)
    assert result.exit_code == 1
    assert result.stdout == ("ok      store\nbroken  sink ops: no secret\n        hint: set HOOK\n")


def test_run_q_says_nothing_when_all_is_well() -> None:
    """Cron sends no mail; a job that is not well says so."""
    well = {"monitors": [{"monitor": "q", "windows": 1}], "exit_code": 0}
    result, _ = ran("run -q", run=well)
    assert (result.stdout, result.stderr, result.exit_code) == ("", "", 0)
    ill = {"monitors": [{"monitor": "q", "error": "no file", "hint": "x"}], "exit_code": 1}
    assert "FAILED no file" in ran("run -q", run=ill)[0].stdout


def test_with_json_the_stdout_sink_prints_elsewhere() -> None:
    """The object is alone on standard output; without --json the sink keeps its name."""
    _, fake = ran("run --json", run={"monitors": [], "exit_code": 0})
    assert fake.stdout is not None
    assert ran("run", run={"monitors": [], "exit_code": 0})[1].stdout is None


def test_events_of_a_run_are_lines_of_json(capsys: pytest.CaptureFixture[str]) -> None:
    """Each has its time, level, event and run id, and no control characters."""
    _, fake = ran("run --log-format json", run={"monitors": [], "exit_code": 0})
    fake.log("monitor finished", {"run_id": "r1", "error": "a\x1b[2Jb", "p": float("nan")})
    record = json.loads(capsys.readouterr().err)
    assert datetime.fromisoformat(record.pop("at")).tzinfo is not None
    assert record == {
        "level": "error",
        "event": "monitor finished",
        "run_id": "r1",
        "error": "a\\x1b[2Jb",
        "p": None,
    }


@pytest.mark.parametrize(
    ("code", "word", "changes"),
    [
        (0, "OK", {}),
        (0, "OK", {"firing": [{"severity": "critical", "summary": "m", "muted": True}]}),
        (1, "WARNING", {"firing": [{"severity": "warning", "summary": "drift|x"}]}),
        (1, "WARNING", {"outbox": {"pending": 0, "dead": [{"sink": "ops"}]}}),
        (2, "CRITICAL", {"firing": [{"severity": "critical", "summary": "drift"}]}),
        (3, "UNKNOWN", {"firing": [{"severity": "warning", "alert": "no_data", "summary": "n"}]}),
        (3, "UNKNOWN", {"failing": [{"monitor": "q", "error": "no file"}]}),
        (3, "UNKNOWN", {"unjudged": ["q"]}),
    ],
)
def test_status_is_a_nagios_plugin(code: int, word: str, changes: dict[str, Any]) -> None:
    """One line with a word and numbers after its only bar, and the code that belongs to it."""
    empty: dict[str, Any] = {"monitors": [], "firing": [], "outbox": {"pending": 0, "dead": []}}
    result, _ = ran("status --format nagios", status={**empty, **changes})
    assert result.exit_code == code
    assert result.stdout.startswith(f"EMBMON {word} - ")
    assert result.stdout.count("\n") == result.stdout.count("|") == 1


def test_a_silence_needs_labels_and_patterns() -> None:
    """LABEL=PATTERN arguments become matchers; anything else is refused."""
    _, fake = ran("alerts silence monitor=q segment=a=b --for 1d", alerts_silence={"id": "1"})
    (call,) = fake.calls
    assert call[1] == ({"monitor": "q", "segment": "a=b"},)
    assert call[2] == {"start": None, "length": "1d", "comment": "", "author": None}
    wrong, _ = ran("alerts silence monitor", alerts_silence={})
    assert wrong.exit_code == 2
    assert "'monitor' is not LABEL=PATTERN" in wrong.stderr
    assert ran("alerts silence --end 1", alerts_unsilence={"id": "1"})[1].calls[0][1] == ("1",)
