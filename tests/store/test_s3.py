"""Blobs in a bucket, on a real server."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor.errors import Busy, MonitorError, UsageError
from monitor.model import Version
from monitor.store import Store, copied, open_store
from monitor.store.s3 import S3Blobs
from tests.s3 import Server
from tests.store.world import NOW, fill, opened

BUCKET = "s3://embmon-test"


@pytest.fixture
def s3(s3_writer: Server) -> Server:
    """The server, with a bucket."""
    s3_writer.make_bucket("embmon-test")
    return s3_writer


@pytest.fixture
def blobs(s3: Server, tmp_path: Path, request: pytest.FixtureRequest) -> S3Blobs:
    """A prefix of its own in that bucket."""
    return S3Blobs(f"{BUCKET}/{request.node.name}", tmp_path / "cache")


def _store(blobs: S3Blobs, folder: Path) -> Store:
    store = opened(folder)
    store.blobs = blobs
    return store


def test_put_and_get(blobs: S3Blobs, tmp_path: Path) -> None:
    """The same bytes once only; files as well; a local copy for mapping."""
    digest = blobs.put(b"content")
    (tmp_path / "file").write_bytes(b"content")
    assert blobs.put_file(tmp_path / "file") == digest
    assert blobs.get(digest) == b"content"
    assert blobs.path(digest).read_bytes() == b"content"
    assert [found for found, _ in blobs.files()] == [digest]
    blobs.verify(digest)


def test_what_is_missing_or_damaged_is_told(blobs: S3Blobs) -> None:
    """An object whose bytes are not those of its name is an error, never a number."""
    digest = blobs.put(b"content")
    blobs.bucket._fs.pipe_file(blobs._key(digest), b"CONTENT")
    for read in (blobs.get, blobs.path, blobs.verify):
        with pytest.raises(MonitorError) as caught:
            read(digest)
        assert caught.value.message.startswith(f"blob {digest} is damaged: {BUCKET}/")
    blobs.remove([digest], [])
    for read in (blobs.get, blobs.path, blobs.require):
        with pytest.raises(MonitorError) as caught:
            read(digest)
        assert caught.value.message == f"blob {digest} is missing in {blobs.name}"


def test_a_whole_store(blobs: S3Blobs, tmp_path: Path) -> None:
    """Filled, checked, swept and copied back to a folder."""
    with _store(blobs, tmp_path) as store, opened(tmp_path / "local") as local:
        fill(store)
        orphan = store.blobs.put(b"orphan")
        assert list(store.problems()) == []
        soon = datetime.now(UTC) + timedelta(hours=2)
        assert store.gc(soon, timedelta(hours=1)).blobs == (orphan,)
        assert list(store.problems()) == []
        assert copied(store, local).blobs == 6
        assert list(local.problems()) == []


def test_one_of_sixteen_writers_wins(blobs: S3Blobs, tmp_path: Path) -> None:
    """Each brings other rows under the same label: one is stored, the others hear of it."""
    with _store(blobs, tmp_path) as store:
        store.ensure_space("dishes", {}, 384, NOW)

        def add(n: int) -> bool:
            version = Version("dishes", "v1", f"digest-{n}", 5, 384, NOW, None, {})
            try:
                return store.add_version(version, store.blobs.put(b"rows of %d" % n), NOW)
            except UsageError:
                return False

        with ThreadPoolExecutor(16) as writers:
            won = list(writers.map(add, range(16)))
        assert won.count(True) == 1
        kept = store.blobs.get(store.version_blob("dishes", "v1"))
        assert kept == b"rows of %d" % won.index(True)


@pytest.mark.parametrize(
    ("key", "secret"), [("nobody", "wrong"), ("writer", "wrong"), ("reader", None)]
)
def test_keys_that_may_not_write(
    s3: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str, secret: str | None
) -> None:
    """Told at once, with the bucket, what was tried and what to do; no secret is shown."""
    for name, value in s3.environment(key, secret).items():
        monkeypatch.setenv(name, value)
    with pytest.raises(MonitorError) as caught:
        S3Blobs(f"{BUCKET}/x", tmp_path).put(b"content")
    assert caught.value.message.startswith(f"may not write to {BUCKET}/x: ")
    assert "secret-of" not in str(caught.value) and "wrong" not in str(caught.value)
    assert caught.value.hint.startswith("check the keys")


def test_a_reader_can_read(
    s3: Server, blobs: S3Blobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which is all that status, history and reports need."""
    digest = blobs.put(b"content")
    for name, value in s3.environment("reader").items():
        monkeypatch.setenv(name, value)
    assert S3Blobs(blobs.name, tmp_path / "other").get(digest) == b"content"


def test_a_server_that_is_away(s3: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leaves with 75 after a few tries."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    with pytest.raises(Busy) as caught:
        S3Blobs(f"{BUCKET}/x", tmp_path).put(b"content")
    assert caught.value.message.startswith(f"cannot write to {BUCKET}/x now: ")


@pytest.mark.parametrize("where", ["http://h/x", "simplecache::s3://b/x", "s3://", "s3://b/../x"])
def test_other_protocols_are_refused(tmp_path: Path, where: str) -> None:
    """Chains and schemes that nobody vouched for never reach the library."""
    with pytest.raises(UsageError) as caught:
        open_store(f"sqlite:///{tmp_path / 'a.db'}", where)
    assert caught.value.message == "[store] blobs is neither a folder nor s3://BUCKET/PREFIX"
