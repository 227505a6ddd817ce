"""What fires, what ran and what is wrong, in words."""

from __future__ import annotations

from typing import Any

from tests.cli.fake import WINDOW, ran

ROW: dict[str, Any] = {
    **WINDOW,
    "monitor": "queries",
    "space": "q",
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
        "firing": [{"summary": "queries: embeddings drift", "since": "2026-11-20T08:00:00.5Z"}],
        "outbox": {"pending": 2, "dead": [{"sink": "ops", "error": "410 Gone"}]},
    }
    result, _ = ran("status", status=answer)
    assert result.stdout == (
        "1 firing:\n"
        "  queries: embeddings drift\n"
        "Last windows:\n"
        "  monitor  space  window                    verdict  score  threshold   rows\n"
        "  queries  q      2026-11-20 to 2026-11-21  ok         0.3          3  2,000\n"
        "Outbox: 2 waiting, 1 given up\n"
        "  ops: 410 Gone\n"
    )


def test_status_of_nothing() -> None:
    """An empty store is quiet, and says that nothing was judged."""
    empty: dict[str, Any] = {"monitors": [], "firing": [], "outbox": {"pending": 0, "dead": []}}
    result, _ = ran("status", status=empty)
    assert result.stdout == "Nothing fires.\nNo window was judged yet.\n"


def test_history_shows_the_latest_windows() -> None:
    """Older ones are counted; -v shows them."""
    answer = {"windows": [{**ROW, "rows": i} for i in range(40)]}
    short, _ = ran("history q", history=answer)
    first, _heading, *rows = short.stdout.splitlines()
    assert first == "  … 10 windows before these (-v shows all)"
    assert [row.split()[-1] for row in rows] == [str(i) for i in range(10, 40)]
    assert len(ran("history q -v", history=answer)[0].stdout.splitlines()) == 41


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


def test_a_dry_run_says_what_it_would_run() -> None:
    """Names of the monitors, nothing else."""
    result, _ = ran("run --dry-run", run={"dry_run": True, "monitors": [{"monitor": "queries"}]})
    assert result.stdout == "Would run:\n  queries\n"


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
