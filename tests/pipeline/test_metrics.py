"""What machines are told: metrics, and that the job ran."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from monitor.config import Config, MetricsSettings
from monitor.model import Window
from monitor.pipeline import Monitor
from monitor.pipeline.metrics import GAUGES, beat, publish
from monitor.store import RunRow, TurnRow, VerdictRow
from tests.pipeline.test_notices import alert, keep

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
EXAMPLES = Path(__file__).parents[2] / "examples" / "prometheus"
LOOPBACK = ("127.0.0.0/8",)


@pytest.fixture
def server() -> Iterator[tuple[str, list[tuple[str, bytes]]]]:
    """An HTTP server's address, and the paths and bodies it was sent; /refuse is a 400."""
    heard: list[tuple[str, bytes]] = []

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            heard.append((self.path, body))
            self.send_response(400 if "refuse" in self.path else 200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Says nothing."""

    http = HTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=http.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{http.server_port}", heard
    http.shutdown()
    thread.join()
    http.server_close()


def opened(root: Path, **metrics: Any) -> Monitor:
    """A monitor with one verdict, one alert, and one turn that went well."""
    config = Config(root=root, metrics=MetricsSettings(allow_networks=LOOPBACK, **metrics))
    monitor = Monitor(config, now=lambda: NOW)
    store = monitor.workspace.store
    store.ensure_space("dishes", {}, 4, NOW)
    window = Window(NOW - timedelta(hours=1), NOW)
    verdict = VerdictRow("dishes", "m", window, "c", "drift", 1e-5, 4.5, 3.0, 512)
    store.record_check(RunRow("r", "check", "dishes", "m", NOW, NOW, None), verdicts=[verdict])
    store.record_turn(TurnRow("m", "dishes", "r", NOW, NOW, ""))
    store.record_turn(TurnRow("m", "dishes", "r2", NOW, NOW + timedelta(hours=1), "no file"))
    keep(monitor, alert())
    return monitor


def test_the_textfile_is_exact(tmp_path: Path) -> None:
    """Stable names and labels; a turn that failed leaves the time of the last good one."""
    monitor = opened(tmp_path, textfile="out/embmon.prom")
    assert publish(monitor.workspace) == []
    lines = (tmp_path / "out" / "embmon.prom").read_text().splitlines()
    assert [line for line in lines if not line.startswith("#")] == [
        'embmon_drift_score{monitor="m",space="dishes"} 4.5',
        'embmon_drift_threshold{monitor="m",space="dishes"} 3.0',
        'embmon_rows{monitor="m",space="dishes"} 512.0',
        'embmon_window_end_timestamp_seconds{monitor="m",space="dishes"} 1.795176e+09',
        'embmon_firing{alertname="embedding_drift",monitor="m",severity="warning",'
        'space="dishes"} 1.0',
        'embmon_last_success_timestamp_seconds{monitor="m",space="dishes"} 1.795176e+09',
        "embmon_outbox_pending 0.0",
        "embmon_outbox_dead 0.0",
    ]


def test_prometheus_takes_the_textfile(tmp_path: Path) -> None:
    """Its own checker has nothing to say."""
    monitor = opened(tmp_path, textfile="embmon.prom")
    publish(monitor.workspace)
    text = (tmp_path / "embmon.prom").read_text()
    checked = promtool("check", "metrics", given=text)
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")


@pytest.mark.parametrize("words", ["check rules rules.yml", "test rules rules_test.yml"])
def test_the_rules_of_the_examples_are_prometheus_rules(words: str) -> None:
    """They parse, and speak when they should."""
    assert "SUCCESS" in promtool(*words.split()).stdout


def test_the_examples_name_metrics_that_exist() -> None:
    """The rules and the dashboard ask for what is written, and for all of it."""
    text = "".join((EXAMPLES / name).read_text() for name in ("rules.yml", "dashboard.json"))
    json.loads((EXAMPLES / "dashboard.json").read_text())
    named = set(re.findall(r"embmon_[a-z_]+", text))
    assert named <= set(GAUGES)
    assert set(GAUGES) - named == {"embmon_window_end_timestamp_seconds"}


def test_the_heartbeat(tmp_path: Path, server: tuple[str, list[tuple[str, bytes]]]) -> None:
    """Begun, well, and not well are three addresses; a refusal is a warning."""
    url, heard = server
    monitor = opened(tmp_path, heartbeat=f"{url}/ping/canary")
    for signal in ("/start", "", "/fail"):
        assert beat(monitor.workspace, signal) == []
    assert [path for path, _ in heard] == [
        "/ping/canary/start",
        "/ping/canary",
        "/ping/canary/fail",
    ]
    refused = opened(tmp_path, heartbeat=f"{url}/refuse")
    assert beat(refused.workspace, "") == [f"heartbeat: {url} answered 400 Bad Request"]


def test_a_collector_gets_them_by_otlp(
    tmp_path: Path, server: tuple[str, list[tuple[str, bytes]]]
) -> None:
    """One push of protobuf with the same names; a refusal is a warning."""
    url, heard = server
    assert publish(opened(tmp_path, otlp=f"{url}/v1/metrics").workspace) == []
    ((path, body),) = heard
    assert path == "/v1/metrics"
    assert b"embmon_drift_score" in body and b"dishes" in body
    warnings = publish(opened(tmp_path, otlp=f"{url}/refuse").workspace)
    assert warnings == [f"otlp: {url} answered 400 Bad Request"]


def test_a_textfile_that_cannot_be_written_is_a_warning(tmp_path: Path) -> None:
    """The verdicts are stored; the run goes on."""
    (tmp_path / "file").write_text("")
    monitor = opened(tmp_path, textfile="file/embmon.prom")
    assert publish(monitor.workspace) == ["textfile: File exists"]


def promtool(*words: str, given: str = "") -> subprocess.CompletedProcess[str]:
    """What Prometheus' checker says in the folder of the examples."""
    if shutil.which("promtool") is None:
        pytest.fail("promtool is not installed: apt-get install prometheus")
    return subprocess.run(
        ["promtool", *words], cwd=EXAMPLES, input=given, capture_output=True, text=True, timeout=60
    )
