"""Secrets are in no output, no file, no row and no page, whatever fails."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from monitor.alerts.message import fingerprint
from monitor.cli import main
from monitor.store import AlertRow, RunRow, open_store

from .test_failures import NOW, closed_port

CANARY = "canary5d1f"
SIGNING = base64.b64encode(CANARY.encode() * 3).decode()
SETTINGS = """
[monitors.m]
space = "s"
source = "postgresql://me:canary5d1f@127.0.0.1:1/db?sslpassword=canary5d1f&query=SELECT 1"
at = "ts"
[metrics]
heartbeat = "env:PLACE"
otlp = "env:PLACE"
allow_networks = ["127.0.0.0/8"]
[sinks.command]
kind = "command"
argv = ["sh", "-c", "echo cannot reach $HOME; exit 1"]
[sinks.smtp]
kind = "smtp"
host = "127.0.0.1"
port = 1
security = "tls"
user = "me"
secret = "env:PASSWORD"
sender = "a@b.example"
to = ["c@d.example"]
allow_networks = ["127.0.0.0/8"]
"""
POSTED = """
[sinks.{kind}]
kind = "{kind}"
url = "env:PLACE"
allow_networks = ["127.0.0.0/8"]
timeout_s = 2
"""
SECRETS = {"webhook": 'secret_file = "sign.secret"\n', "pagerduty": 'secret = "env:PASSWORD"\n'}


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Settings that name secrets in every field that takes one; nothing answers anywhere."""
    place = f"http://me:{CANARY}@127.0.0.1:{closed_port()}/{CANARY}?token={CANARY}"
    given = {"PLACE": place, "PASSWORD": CANARY, "HOME": f"https://h.example/{CANARY}"}
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    path, kinds = tmp_path / "embmon.toml", ("webhook", "slack", "teams", "pagerduty")
    posted = (POSTED.format(kind=kind) + SECRETS.get(kind, "") for kind in kinds)
    path.write_text(SETTINGS + "".join(posted))
    (tmp_path / "sign.secret").write_text(f"whsec_{SIGNING}")
    (tmp_path / "sign.secret").chmod(0o600)
    labels = {"alertname": "embedding_drift", "monitor": "m", "space": "s", "severity": "warning"}
    row = AlertRow(
        fingerprint(labels), labels, "firing", NOW, None, 0, "warning", None, None, "m", None
    )
    with open_store(f"sqlite:///{tmp_path}/embmon.db", tmp_path / "embmon-blobs") as store:
        store.ensure_space("s", {}, 4, NOW)
        run = RunRow("r", "check", "s", "m", NOW, NOW, None)
        store.record_check(run, states={row.fingerprint: row})
    return path


def test_no_secret_is_found_anywhere(settings: Path) -> None:
    """Neither what commands print, with tracebacks and logs, nor what they leave behind."""
    said: dict[str, Any] = {}
    for line in (
        "run -v --log-format json", "run --json", "doctor", "status --json",
        "status -o status.html", "alerts list --json", "alerts test webhook -v",
        "alerts test smtp -v", "alerts flush --again -v", "config show",
    ):  # fmt: skip
        result = CliRunner().invoke(main, [*line.split(), "--config", str(settings)])
        said[line] = result.output
        assert result.exit_code in (0, 1, 4), result.output
    *_, ended = map(json.loads, re.findall(r"(?m)^{.*}$", said["run -v --log-format json"]))
    assert len(ended["errors"]) == 6
    assert "cannot reach https://h.example/…" in ended["errors"]["command"]
    failing = json.loads(said["status --json"])["outbox"]["failing"]
    assert {one["sink"]: one["error"] for one in failing} == ended["errors"]  # none just "waits"
    assert [line for line, output in said.items() if CANARY in output or SIGNING in output] == []
    files = [p for p in settings.parent.rglob("*") if p.is_file()]
    own = {settings, settings.with_name("sign.secret")}
    assert [p for p in files if CANARY.encode() in p.read_bytes() and p not in own] == []
    assert settings.with_name("embmon.db") in files
