"""The command line with the pipeline behind it, on real embeddings."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from monitor.assets import sample_data
from monitor.cli import main

ENVELOPE = {"schema", "tool_version", "run_id", "started_at", "duration_s", "inputs", "seed"}


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Store and reports land in a fresh folder, whatever the environment says."""
    monkeypatch.chdir(tmp_path)
    for name in ("EMBMON_CONFIG", "EMBMON_STORE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("EMBMON_REPORT_MAP", "pca")


def embmon(*words: str) -> Result:
    """The outcome of a command line."""
    return CliRunner().invoke(main, list(words))


def answer(*words: str, code: int = 0) -> dict[str, Any]:
    """The JSON that a command line printed."""
    result = embmon(*words, "--json")
    assert result.exit_code == code, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    assert found.keys() >= {*ENVELOPE, "warnings"}
    return found


def dishes(version: int) -> pa.Table:
    """The items that all three versions have."""
    ids = pq.read_table(sample_data() / "dishes_v3.parquet", columns=["id"])["id"]
    table = pq.read_table(sample_data() / f"dishes_v{version}.parquet")
    return table.filter(pc.is_in(table["id"], ids.combine_chunks()))


def written(table: pa.Table, name: str) -> str:
    """The table as a file in the current folder."""
    pq.write_table(table, name)
    return name


def test_drift_of_two_files() -> None:
    """Two halves of one traffic agree; breakfast against drinks do not."""
    table = dishes(1)
    even = pa.array([i % 2 == 0 for i in range(table.num_rows)])
    a = written(table.filter(even).slice(0, 800), "a.parquet")
    b = written(table.filter(pc.invert(even)).slice(0, 800), "b.parquet")
    same = answer("drift", a, b)
    assert same["schema"] == "embmon/drift/1"
    assert same["verdict"] == "ok"
    drinks = pc.match_substring_regex(table["label"], "(?i)drink|juice|coffee|tea|beer|wine|milk")
    c = written(table.filter(drinks), "c.parquet")
    other = embmon("drift", a, c, "--text", "text")
    assert other.exit_code == 3
    assert other.stdout.startswith("DRIFT B differs from A (p ")


def test_versions_are_stored_compared_and_searched() -> None:
    """A harmless export passes, a change that reorders neighbours breaks, and both say why."""
    for version in (1, 2, 3):
        name = written(dishes(version).slice(0, 1000), f"v{version}.parquet")
        assert answer("snapshot", "dishes", f"v{version}", name)["rows"] == 1000
    again = answer("snapshot", "dishes", "v1", "v1.parquet")
    assert again["added"] is False
    listed = answer("versions", "dishes")["versions"]
    assert [version["version"] for version in listed] == ["v1", "v2", "v3"]
    harmless = answer("compare", "dishes@v1", "dishes@v3")
    assert (harmless["verdict"], harmless["ids"]["both"]) == ("ok", 1000)
    breaking = embmon("compare", "dishes@v1", "dishes@v2", "-q")
    assert (breaking.exit_code, breaking.stdout.split()[0]) == (3, "BREAKING")
    near = answer("neighbors", "dishes@v1", dishes(1)["id"][0].as_py(), "-k", "3")
    assert len(near["neighbors"]) == 3


def test_another_content_under_a_label_is_refused() -> None:
    """The first content stays."""
    written(dishes(1).slice(0, 100), "a.parquet")
    written(dishes(3).slice(0, 100), "b.parquet")
    first = answer("snapshot", "dishes", "v1", "a.parquet")
    refused = embmon("snapshot", "dishes", "v1", "b.parquet")
    assert refused.exit_code != 0
    assert "versions are immutable" in refused.stderr
    assert answer("show", "dishes@v1")["digest"] == first["digest"]


def test_traffic_is_judged_window_by_window() -> None:
    """Speeches since 1947 in yearly windows: read once, calibrated, judged, listed, shown."""
    source = str(sample_data() / "speeches.parquet")
    options = ["--at", "ts", "--timezone", "UTC", "--every", "365d", "--text", "text"]
    first = answer("ingest", "speeches", source, *options)
    assert first["rows"] == 7071
    assert answer("ingest", "speeches", source, *options)["already_ingested"] is True
    state = answer("reference", "speeches", "--from", "1946-01-01", "--to", "1990-01-01")["state"]
    checked = embmon("check", "speeches", "--false-alarms", "1 per 100 windows", "--json")
    assert checked.exit_code == (5 if state == "calibrating" else 3)
    (window,) = json.loads(checked.stdout)["windows"]
    assert window["window"]["end"] > "2026-01-01"
    assert len(answer("history", "speeches")["windows"]) == 1
    report = answer("report", "speeches", "-o", "page.html")["report"]
    assert Path(report).read_text(encoding="utf-8").startswith("<!doctype html>")


def test_a_store_is_not_needed_to_ask_for_its_health() -> None:
    """Doctor on an empty folder finds nothing wrong."""
    assert answer("doctor")["checks"][0]["what"] == "store"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["drift", "none.parquet", "none.parquet"], "none.parquet"),
        (["show", "dishes"], "'dishes' names no version"),
        (["check", "nowhere"], "nowhere"),
        (["compare", "dishes@v1", "dishes@v2"], "dishes"),
    ],
)
def test_what_is_not_there_is_named(words: list[str], message: str) -> None:
    """A missing file, version or space is an error in one sentence, without a traceback."""
    result = embmon(*words)
    assert result.exit_code in (1, 2)
    assert message in result.stderr
    assert "Traceback" not in result.stderr
    assert "unexpected" not in result.stderr
