"""The JSON-lines sink on a real disk."""

from __future__ import annotations

import fcntl
import json
import os
import resource
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from monitor.alerts import jsonl
from monitor.alerts.jsonl import JsonLines
from monitor.alerts.make import make_sink
from monitor.alerts.message import encoded
from monitor.alerts.sink import DeliveryError
from monitor.config import SinkSettings
from monitor.errors import UsageError


def failure(sink, delivery):
    """The message of the DeliveryError, which is never permanent."""
    with pytest.raises(DeliveryError) as caught:
        sink.send(delivery)
    assert not caught.value.permanent
    return caught.value.message


def test_each_message_is_a_line(delivery, tmp_path):
    """Two messages, two lines, in a folder that is made where it is missing."""
    settings = SinkSettings(kind="jsonl", path="logs/alerts.jsonl")
    sink = make_sink("book", settings, tmp_path, {})
    sink.send(delivery)
    sink.send(replace(delivery, id="msg_2"))
    lines = (tmp_path / "logs/alerts.jsonl").read_text().splitlines()
    assert [json.loads(line)["id"] for line in lines] == ["msg_1", "msg_2"]


@pytest.mark.parametrize("umask", [0o000, 0o077])
def test_a_new_file_has_mode_0640_whatever_the_umask(delivery, tmp_path, umask):
    """An old file keeps the mode its owner gave it."""
    path = tmp_path / "alerts.jsonl"
    before = os.umask(umask)
    try:
        JsonLines(path).send(delivery)
    finally:
        os.umask(before)
    assert path.stat().st_mode & 0o777 == 0o640
    path.chmod(0o600)
    JsonLines(path).send(delivery)
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_line_cut_short_by_a_crash_swallows_no_other(delivery, tmp_path):
    """A torn last line is ended first."""
    path = tmp_path / "alerts.jsonl"
    path.write_text('{"id":"msg_0","sta')
    JsonLines(path).send(delivery)
    torn, whole = path.read_text().splitlines()
    assert torn == '{"id":"msg_0","sta'
    assert json.loads(whole)["id"] == "msg_1"


def test_a_full_disk_leaves_no_half_line(delivery, tmp_path):
    """The error names the file; what was there is as it was."""
    path = tmp_path / "alerts.jsonl"
    path.write_text('{"id":"msg_0"}\n')
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (20, limits[1]))
        message = failure(JsonLines(path), delivery)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)
    assert message == f"cannot append to {path}: File too large"
    assert path.read_text() == '{"id":"msg_0"}\n'


def test_many_writers_do_not_mix_their_lines(delivery, tmp_path):
    """Eight threads write long lines at once."""
    path = tmp_path / "alerts.jsonl"
    long = replace(delivery, payload={"summary": "x" * 100_000})
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: JsonLines(path).send(long), range(32)))
    assert path.read_bytes() == (encoded(long) + b"\n") * 32


def test_a_frozen_writer_holds_nobody_for_long(delivery, tmp_path, monkeypatch):
    """Where the lock is not let go the message waits for the next run."""
    monkeypatch.setattr(jsonl, "_PAUSE_S", 0.001)
    path = tmp_path / "alerts.jsonl"
    with path.open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        message = failure(JsonLines(path), delivery)
    assert message == f"cannot append to {path}: another process holds its lock"


def test_a_pipe_and_a_folder_are_refused_at_once(delivery, tmp_path):
    """Neither blocks, and the message says what is wrong."""
    os.mkfifo(tmp_path / "pipe")
    assert failure(JsonLines(tmp_path / "pipe"), delivery) == (
        f"cannot append to {tmp_path / 'pipe'}: it is not a regular file"
    )
    assert failure(JsonLines(tmp_path), delivery) == f"cannot append to {tmp_path}: Is a directory"


def test_the_line_is_on_disk_when_send_returns(delivery, tmp_path):
    """Killed right after `send`, a process has left its line behind."""
    path = tmp_path / "alerts.jsonl"
    code = (
        "import os, sys; from datetime import datetime, UTC; from pathlib import Path\n"
        "from monitor.alerts.jsonl import JsonLines; from monitor.model import Delivery\n"
        "at = datetime(2026, 1, 1, tzinfo=UTC)\n"
        "JsonLines(Path(sys.argv[1])).send(Delivery('msg_9', 'book', {}, 0, at, at))\n"
        "os.kill(os.getpid(), 9)\n"
    )
    ended = subprocess.run([sys.executable, "-c", code, str(path)], check=False)
    assert ended.returncode == -9
    assert path.read_text() == '{"id":"msg_9"}\n'


def test_a_sink_without_a_file_is_refused(tmp_path):
    """A missing path is a fault of the configuration."""
    with pytest.raises(UsageError) as caught:
        make_sink("book", SinkSettings(kind="jsonl"), tmp_path, {})
    assert caught.value.message == "sink 'book' names no file"
    assert caught.value.hint == 'write path = "alerts.jsonl"'
