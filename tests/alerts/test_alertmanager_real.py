"""Alertmanager itself: an alert fires, does not flap between pushes, and resolves."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.alerts.make import make_sink
from monitor.config import SinkSettings
from tests.alerts.messages import LABELS, message

PROGRAM = "prometheus-alertmanager"
CONFIG = """\
global: {resolve_timeout: 1s}
route: {receiver: nobody}
receivers: [{name: nobody}]
"""


@pytest.fixture
def alertmanager(tmp_path: Path) -> Iterator[str]:
    """The address of a fresh Alertmanager that forgets alerts without `endsAt` in a second."""
    if shutil.which(PROGRAM) is None:
        pytest.fail(f"{PROGRAM} is not installed: apt-get install {PROGRAM}")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    (tmp_path / "am.yml").write_text(CONFIG)
    process = subprocess.Popen(
        [
            PROGRAM,
            f"--config.file={tmp_path}/am.yml",
            f"--storage.path={tmp_path}/data",
            f"--web.listen-address=127.0.0.1:{port}",
            "--cluster.listen-address=",
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_for(f"{url}/-/ready")
        yield url
    finally:
        process.kill()
        process.wait()


def _wait_for(url: str) -> None:
    for _ in range(200):
        try:
            urllib.request.urlopen(url, timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"{url} does not answer")


def active(url: str) -> list[dict[str, Any]]:
    """The alerts that Alertmanager holds for firing."""
    with urllib.request.urlopen(f"{url}/api/v2/alerts?active=true", timeout=5) as answer:
        found: list[dict[str, Any]] = json.load(answer)
    return found


def test_it_fires_stays_and_resolves(alertmanager: str, tmp_path: Path) -> None:
    """Longer than Alertmanager's own patience without a push, and gone once it is over."""
    settings = SinkSettings(kind="alertmanager", url=alertmanager, allow_networks=("127.0.0.0/8",))
    sink = make_sink("am", settings, tmp_path, {})
    now = datetime.now(UTC)
    times = {"at": now, "ends_at": now + timedelta(hours=2)}
    sink.send(message(**times))
    for _ in range(5):
        (alert,) = active(alertmanager)
        assert alert["labels"] == LABELS
        assert alert["annotations"]["report"] == "https://r.example/dishes/1.html"
        time.sleep(0.5)
    sink.send(message(repeat=True, **times))
    assert len(active(alertmanager)) == 1
    sink.send(message("resolved", **times))
    for _ in range(50):
        if not active(alertmanager):
            return
        time.sleep(0.1)
    pytest.fail("the alert is still active")
