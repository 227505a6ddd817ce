"""Blobs are whole, private and what their names say, or not there."""

from __future__ import annotations

import hashlib
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from monitor.errors import MonitorError, UsageError
from monitor.store.blobs import Blobs


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    """A folder of blobs that does not exist yet."""
    return Blobs(tmp_path / "a" / "blobs")


def _files(blobs: Blobs) -> list[str]:
    return sorted(p.name for p in blobs.root.rglob("*") if p.is_file() and p.name != "lock")


def test_put_and_get(blobs: Blobs, tmp_path: Path) -> None:
    """The digest is the sha256 of the bytes, from memory and from a file alike."""
    content = random.Random(0).randbytes(3_000_000)
    (tmp_path / "source").write_bytes(content)
    digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
    assert blobs.put(content) == digest
    assert blobs.put_file(tmp_path / "source") == digest
    assert blobs.get(digest) == blobs.path(digest).read_bytes() == content
    assert _files(blobs) == [digest.removeprefix("sha256:")[2:]]
    assert blobs.get(blobs.put(b"")) == b""


def test_files_are_private_whatever_the_umask(blobs: Blobs) -> None:
    """Blobs may hold users' texts: others cannot read them, the group can."""
    for mask in (0, 0o077):
        before = os.umask(mask)
        try:
            digest = blobs.put(str(mask).encode())
        finally:
            os.umask(before)
        assert blobs.path(digest).stat().st_mode & 0o777 == 0o640


def test_flipped_bits_are_found_at_reading(blobs: Blobs) -> None:
    """Each of 200 flips of a bit, and a lost tail, is told and not handed out."""
    digest, rng = blobs.put(random.Random(0).randbytes(1000)), random.Random(1)
    path = blobs.path(digest)
    whole = path.read_bytes()
    for bit in [*rng.sample(range(8 * len(whole)), 200), None]:
        content = bytearray(whole)
        if bit is None:
            content.pop()
        else:
            content[bit // 8] ^= 1 << bit % 8
        path.write_bytes(content)
        found = hashlib.sha256(content).hexdigest()
        for read in (blobs.get, blobs.verify):
            with pytest.raises(MonitorError) as caught:
                read(digest)
            said = f"blob {digest} is damaged: {path} now holds sha256:{found}"
            assert caught.value.message == said
            hint = "restore that file from a backup, or bring its source in again"
            assert caught.value.hint == hint


def test_putting_the_bytes_again_mends_a_damaged_blob(blobs: Blobs) -> None:
    """To bring a source in again really is a remedy."""
    digest = blobs.put(b"profile")
    blobs.path(digest).write_bytes(b"profilf")
    blobs.put(b"profile")
    assert blobs.get(digest) == b"profile"


def test_a_mapped_blob_survives_being_put_again(blobs: Blobs) -> None:
    """Whoever has the file open goes on reading the same bytes."""
    with blobs.path(blobs.put(b"vectors")).open("rb") as file:
        blobs.put(b"vectors")
        assert file.read() == b"vectors"


def test_a_missing_blob_is_named(blobs: Blobs) -> None:
    """The error says which blob, where it should be and what to do."""
    digest = "sha256:" + "0" * 64
    with pytest.raises(MonitorError) as caught:
        blobs.get(digest)
    assert caught.value.message == f"blob {digest} is missing in {blobs.root}"
    hint = "restore it from a backup, or bring its source in again"
    assert caught.value.hint == hint


@pytest.mark.parametrize("digest", ["sha256:../../etc", "sha256:" + "A" * 64, "", "0" * 64])
def test_a_digest_is_no_path(blobs: Blobs, digest: str) -> None:
    """Nothing but a digest ever becomes a file name."""
    with pytest.raises(UsageError) as caught:
        blobs.path(digest)
    assert caught.value.message == f"{digest!r} is not the digest of a blob"


def test_a_disk_that_takes_no_more(tmp_path: Path) -> None:
    """A write that fails names the folder and the bytes needed and leaves nothing behind."""
    program = f"""
import resource
from pathlib import Path
from monitor.errors import MonitorError
from monitor.store.blobs import Blobs
blobs = Blobs(Path({str(tmp_path)!r}))
kept = blobs.put(b"small")
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    blobs.put(bytes(5000))
except MonitorError as error:
    print(error.message)
print(blobs.get(kept), sorted(p.name for p in (blobs.root / "unfinished").iterdir()))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.splitlines() == [
        f"cannot write a blob of 5000 bytes to {tmp_path}: File too large",
        "b'small' []",
    ], done.stderr


def test_a_failed_fsync_is_never_a_success(blobs: Blobs, monkeypatch: pytest.MonkeyPatch) -> None:
    """What may not be on the disk is not there at all."""

    def broken(_descriptor: int) -> None:
        raise OSError(5, "Input/output error")

    blobs.put(b"first")
    before = _files(blobs)
    monkeypatch.setattr(os, "fsync", broken)
    with pytest.raises(MonitorError) as caught:
        blobs.put(b"second")
    reason = f"cannot write a blob of 6 bytes to {blobs.root}: Input/output error"
    assert caught.value.message == reason
    assert _files(blobs) == before
