"""What cron runs."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from monitor.config import Config, MonitorSettings, ReportSettings, SinkSettings
from monitor.errors import Busy, UsageError
from monitor.pipeline import Monitor

from .conftest import FIRST_DAY, traffic

Save = Callable[[pa.Table, str], str]


def _configured(root: Path, **changes: object) -> Monitor:
    settings = MonitorSettings(
        space="queries",
        source="in/*.parquet",
        at="at",
        entity="user",
        text="text",
        columns=("country",),
        **changes,  # type: ignore[arg-type]
    )
    config = Config(
        root=root,
        monitors={"dish-search": settings},
        sinks={"book": SinkSettings(kind="jsonl", path="alerts.jsonl")},
        report=ReportSettings(map="pca"),
    )
    return Monitor(config)


def test_a_run_ingests_judges_alerts_and_reports(tmp_path: Path, saved: Save) -> None:
    """Ten weeks with a surge: one message, a report, and nothing more on the next run."""
    saved(traffic(70, surge=range(64, 70)), "in/a.parquet")
    monitor = _configured(tmp_path)
    answer = monitor.run(as_of=FIRST_DAY + timedelta(days=70))
    (one,) = answer["monitors"]
    assert one.get("error") is None
    assert one["windows"] == 14
    assert one["drifted"] == 6
    assert answer["deliveries"]["sent"] == 1
    assert answer["exit_code"] == 0
    page = Path(one["report"]).read_text(encoding="utf-8")
    assert "pizza" in page
    assert Path(one["report"]).with_suffix(".png").read_bytes().startswith(b"\x89PNG")
    assert Path(one["report"]).with_suffix(".json").exists()
    reports = tmp_path / "reports"
    assert (reports / "queries" / "index.html").exists()
    assert 'href="status.html"' in (reports / "index.html").read_text(encoding="utf-8")
    standing = (reports / "status.html").read_text(encoding="utf-8")
    assert "1 alert fires, of dish-search" in standing
    assert 'href="queries/index.html"' in standing
    again = monitor.run(as_of=FIRST_DAY + timedelta(days=70))
    assert again["monitors"][0]["windows"] == 0
    assert again["deliveries"]["sent"] == 0
    assert monitor.status()["firing"][0]["monitor"] == "dish-search"


def test_texts_of_rows_go_to_the_sink_that_asks_for_them(tmp_path: Path, saved: Save) -> None:
    """As the report shows them, blanked where it blanks; the other sink gets ids alone."""
    saved(traffic(58, surge=range(57, 58)), "in/a.parquet")
    config = _configured(tmp_path).workspace.config
    sinks = {
        "book": SinkSettings(kind="jsonl", path="alerts.jsonl"),
        "team": SinkSettings(kind="jsonl", path="texts.jsonl", texts=True),
    }
    report = ReportSettings(map="none", redact=("zz",))
    monitor = Monitor(config.model_copy(update={"sinks": sinks, "report": report}))
    monitor.run(as_of=FIRST_DAY + timedelta(days=58))
    found = {}
    for name in ("alerts", "texts"):
        (line,) = (tmp_path / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
        found[name] = json.loads(line)["where"][0]
    assert len(found["alerts"]["rows"]) == len(found["texts"]["texts"]) == 3
    assert found["alerts"]["texts"] == []
    assert set(found["texts"]["texts"]) == {"pi▮▮▮a"}


def test_a_window_still_open_is_not_judged(tmp_path: Path, saved: Save) -> None:
    """The day that is not over yet waits for the next run."""
    saved(traffic(60), "in/a.parquet")
    monitor = _configured(tmp_path)
    noon = FIRST_DAY + timedelta(days=59, hours=12)
    assert monitor.run(as_of=noon)["monitors"][0]["windows"] == 3
    assert monitor.run(as_of=FIRST_DAY + timedelta(days=60))["monitors"][0]["windows"] == 1


def test_one_failing_monitor_is_named_and_the_code_says_so(tmp_path: Path) -> None:
    """A source that is not there is an error of that monitor, not a traceback."""
    answer = _configured(tmp_path).run()
    assert answer["exit_code"] == 1
    assert "in/*.parquet" in answer["monitors"][0]["error"]


def test_an_unknown_monitor_is_a_usage_error(tmp_path: Path) -> None:
    """A misspelt name runs nothing."""
    with pytest.raises(UsageError) as caught:
        _configured(tmp_path).run(["dish"])
    assert caught.value.message == "there is no monitor 'dish' in the configuration"
    assert caught.value.hint == "known: dish-search"


def test_a_second_run_waits_its_turn(tmp_path: Path) -> None:
    """While one run holds the lock another leaves with Busy."""
    monitor = _configured(tmp_path)
    workspace = monitor.workspace
    with workspace.store.lock("run", "other", 60, workspace.now()), pytest.raises(Busy):
        monitor.run()


def test_a_dry_run_finds_what_the_run_finds_and_leaves_nothing(tmp_path: Path, saved: Save) -> None:
    """The same verdicts, pages and messages as the run after it, and no file of them."""
    saved(traffic(58, surge=range(57, 58)), "in/a.parquet")
    monitor, at = _configured(tmp_path), FIRST_DAY + timedelta(days=58)
    with monitor.rehearsal() as dry:
        before = dry.run(as_of=at)
    assert [path.name for path in tmp_path.iterdir()] == ["in"]
    after = monitor.run(as_of=at)
    kept = ("windows", "drifted", "verdict", "report", "rows")
    assert [before["monitors"][0][key] for key in kept] == [
        after["monitors"][0][key] for key in kept
    ]
    (told,) = before["messages"]
    sent = json.loads((tmp_path / "alerts.jsonl").read_text(encoding="utf-8"))
    assert (told["sink"], told["summary"]) == ("book", sent["summary"])
    assert (before["dry_run"], after.get("dry_run")) == (True, None)


def test_a_dry_run_upon_a_store_leaves_it_as_it_was(tmp_path: Path, saved: Save) -> None:
    """A later day would be judged and alerted, and status knows nothing of it."""
    saved(traffic(60, surge=range(58, 60)), "in/a.parquet")
    monitor = _configured(tmp_path)
    monitor.run(as_of=FIRST_DAY + timedelta(days=58))
    before = monitor.history("queries")["windows"]
    blobs = sorted((tmp_path / "embmon-blobs").rglob("*"))
    with monitor.rehearsal() as dry:
        found = dry.run(as_of=FIRST_DAY + timedelta(days=60))
        assert dry.status()["firing"]
    assert (found["monitors"][0]["drifted"], len(found["messages"])) == (2, 1)
    assert monitor.history("queries")["windows"] == before
    assert sorted((tmp_path / "embmon-blobs").rglob("*")) == blobs
    assert monitor.store_check()["problems"] == []


def test_a_reference_may_be_named_by_dates(tmp_path: Path, saved: Save) -> None:
    """Dates without an offset are days in UTC, and the windows after them are judged."""
    saved(traffic(58), "in/a.parquet")
    monitor = _configured(tmp_path, reference="2026-08-24/2026-10-19")
    (one,) = monitor.run(as_of=FIRST_DAY + timedelta(days=58))["monitors"]
    assert one.get("error") is None
    assert one["windows"] == 2


def test_a_reference_that_is_no_stretch_of_time_is_named(tmp_path: Path, saved: Save) -> None:
    """The monitor's own error says which part is wrong."""
    saved(traffic(2), "in/a.parquet")
    monitor = _configured(tmp_path, reference="2026-08-24/soon")
    (one,) = monitor.run(as_of=FIRST_DAY + timedelta(days=2))["monitors"]
    assert one["error"] == "'soon' is not a time"
    assert one["hint"] == "write FROM/TO as 2026-01-01/2026-03-01"
    (one,) = _configured(tmp_path, reference="8 weeks").run()["monitors"]
    assert one["error"] == "'8 weeks' is no reference"
    assert one["hint"] == (
        "write a length such as 8w, version:LABEL, or FROM/TO as 2026-01-01/2026-03-01"
    )


def test_a_fault_in_one_monitor_stays_in_it(
    tmp_path: Path, saved: Save, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What nobody foresaw is an error of that monitor, and the code says so."""
    saved(traffic(3), "in/a.parquet")

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr("monitor.pipeline.arrivals.ingest", broken)
    answer = _configured(tmp_path).run()
    assert answer["exit_code"] == 1
    error = answer["monitors"][0]["error"]
    assert error.startswith("unexpected ZeroDivisionError at test_jobs.py:")
    assert error.endswith(": by zero")


def test_a_file_that_is_still_being_written_holds_up_no_other(tmp_path: Path, saved: Save) -> None:
    """The good file is ingested, the cut one is named, and read when it is whole."""
    saved(traffic(3), "in/a.parquet")
    whole = Path(saved(traffic(5).slice(480), "in/b.parquet"))
    content = whole.read_bytes()
    whole.write_bytes(content[: len(content) // 2])
    monitor = _configured(tmp_path)
    (first,) = monitor.run(as_of=FIRST_DAY + timedelta(days=5))["monitors"]
    assert first["rows"] == 480
    assert "b.parquet" in first["unread"][0]
    whole.write_bytes(content)
    (second,) = monitor.run(as_of=FIRST_DAY + timedelta(days=5))["monitors"]
    assert second["rows"] == 320
    assert second["unread"] == []


def test_windows_of_the_past_are_judged_by_their_mode(tmp_path: Path, saved: Save) -> None:
    """none leaves what was judged alone, completed judges all; neither tells anybody."""
    saved(traffic(60, surge=range(57, 58)), "in/a.parquet")
    monitor = _configured(tmp_path)
    monitor.run(as_of=FIRST_DAY + timedelta(days=58))
    span = {"start": FIRST_DAY + timedelta(days=56), "end": FIRST_DAY + timedelta(days=60)}
    with monitor.rehearsal() as dry:
        assert dry.backfill("dish-search", **span)["chosen"] == 2
    first = monitor.backfill("dish-search", **span)
    assert [one["verdict"] for one in first["windows"]] == ["ok", "ok"]
    assert monitor.backfill("dish-search", **span, mode="failed")["chosen"] == 0
    assert monitor.backfill("dish-search", **span, mode="completed")["chosen"] == 4
    assert monitor.workspace.store.pending_count() == 0


def test_after_the_deadline_no_further_monitor_begins(tmp_path: Path, saved: Save) -> None:
    """It is named, the code says so, and the next run begins with it."""
    saved(traffic(3), "in/a.parquet")
    monitor = _configured(tmp_path)
    one = monitor.workspace.config.monitors["dish-search"]
    both = {"dish-search": one, "second": one}
    config = monitor.workspace.config.model_copy(update={"monitors": both})
    times = iter([0.0, 0.0, 1e6])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("monitor.pipeline.jobs.monotonic", lambda: next(times))
        answer = Monitor(config).run()
    assert answer["exit_code"] == 1
    assert [row["monitor"] for row in answer["monitors"]] == ["dish-search", "second"]
    assert answer["monitors"][1]["error"].startswith("the deadline of the run passed")
    again = Monitor(config).run()
    assert [row["monitor"] for row in again["monitors"]] == ["second", "dish-search"]
