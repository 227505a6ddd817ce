"""A bucket behind a server that refuses, dawdles and hangs up."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.bucket import Bucket, cache_folder
from monitor.errors import Busy, MonitorError, UsageError
from monitor.pipeline.workspace import user
from tests.s3 import Faulty, Server, faulty

URL = "s3://embmon-faults"


TRIES = 2


@pytest.fixture
def faults(s3_writer: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Faulty]:
    """What the server does wrong; at first nothing. Two tries, as pauses grow up to 20 s."""
    monkeypatch.setattr("monitor.bucket.TRIES", TRIES)
    s3_writer.make_bucket("embmon-faults")
    with faulty(s3_writer) as found:
        monkeypatch.setenv("AWS_ENDPOINT_URL", found.url)
        yield found


@pytest.fixture
def bucket(faults: Faulty, request: pytest.FixtureRequest) -> Bucket:
    """A part of its own."""
    return Bucket(f"{URL}/{request.node.name}", "[store] blobs")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Something to store."""
    (tmp_path / "file").write_bytes(b"content" * 1000)
    return tmp_path / "file"


def test_an_account_without_a_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As containers have them: copies go where XDG_CACHE_HOME says, and it may not be missing."""

    def unknown(uid: int) -> None:
        raise KeyError(uid)

    monkeypatch.setattr("pwd.getpwuid", unknown)
    for name in ("HOME", "LOGNAME", "USER", "LNAME", "USERNAME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    assert user() == f"uid {os.getuid()}"
    with pytest.raises(UsageError) as caught:
        cache_folder()
    assert caught.value.message == "this account has no home to keep copies of objects in"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "embmon"


def test_an_object_and_its_kind(bucket: Bucket, file: Path) -> None:
    """Written, listed, fetched, deleted, and deleted again."""
    bucket.put_file(file, "a/x.html", "text/html")
    assert list(bucket.listed()) == list(bucket.listed("a")) == ["a/x.html"]
    assert bucket._fs.info(bucket.place("a/x.html"))["ContentType"] == "text/html"
    bucket.fetch("a/x.html", file)
    assert file.read_bytes() == bucket.get("a/x.html") == b"content" * 1000
    for _ in range(2):
        bucket.remove(["a/x.html"])
        assert not bucket.has("a/x.html")


def test_a_busy_server_is_asked_again(bucket: Bucket, faults: Faulty, file: Path) -> None:
    """An answer of 503 does no harm."""
    faults.refuse = 1
    bucket.put_file(file, "x")
    assert bucket.has("x")


def test_a_server_that_stays_busy(bucket: Bucket, faults: Faulty, file: Path) -> None:
    """So many tries, then code 75 with the bucket and what was tried."""
    faults.refuse = 100
    with pytest.raises(Busy) as caught:
        bucket.put_file(file, "x")
    assert faults.asked == TRIES
    assert caught.value.message.startswith(f"cannot write to {bucket.url} now: ")
    assert caught.value.hint == "nothing was stored; run again"
    faults.refuse = 0
    assert not bucket.has("x")


def test_a_slow_server(faults: Faulty, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each try ends by its own limit, whatever the server does."""
    monkeypatch.setattr("monitor.bucket.ANSWER_S", 0.2)
    bucket = Bucket(f"{URL}/slow", "[store] blobs")
    faults.delay_s = 2.0
    began = time.monotonic()
    with pytest.raises(Busy) as caught:
        bucket.get("x")
    assert time.monotonic() - began < 15
    assert caught.value.message.startswith(f"cannot read from {URL}/slow now: ")


def test_an_upload_that_is_cut_off(bucket: Bucket, faults: Faulty, file: Path) -> None:
    """No object, not half a one."""
    faults.cut = True
    with pytest.raises(Busy):
        bucket.put_file(file, "x")
    faults.cut = False
    assert not bucket.has("x")


@pytest.mark.parametrize(("key", "secret"), [("nobody", "wrong"), ("reader", None)])
def test_keys_that_may_not_write(
    s3_writer: Server,
    file: Path,
    faults: Faulty,
    monkeypatch: pytest.MonkeyPatch,
    key: str,
    secret: str | None,
) -> None:
    """Told after one try, with the bucket and what was tried."""
    for name, value in s3_writer.environment(key, secret).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_ENDPOINT_URL", faults.url)
    with pytest.raises(MonitorError) as caught:
        Bucket(URL, "[report] dir").put_file(file, "x")
    assert faults.asked == 1
    assert caught.value.message.startswith(f"may not write to {URL}: ")
