"""Reports in a bucket."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from monitor.config import Config, ReportSettings
from monitor.errors import UsageError
from monitor.pipeline import Monitor
from monitor.pipeline.shelf import shelf
from tests.pipeline.conftest import FIRST_DAY, traffic
from tests.s3 import Server

REPORTS = "s3://embmon-reports/team"


def test_reports_in_a_bucket(
    s3_writer: Server,
    tmp_path: Path,
    saved: Callable[[pa.Table, str], str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Pages, their JSON and the lists are objects; a host without a page of its own lists all."""
    from monitor.model import Columns

    s3_writer.make_bucket("embmon-reports")
    config = Config(root=tmp_path, report=ReportSettings(dir=REPORTS, map="none"))
    days = [FIRST_DAY + timedelta(days=day) for day in (22, 23)]
    monitor = Monitor(config)
    monitor.ingest("q", saved(traffic(24, rows=60), "a.parquet"), Columns(at="at"), sample=200)
    monitor.reference("q", start=FIRST_DAY, end=days[0])
    monitor.check("q", window="all")
    for host, day in enumerate(days):
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / f"host-{host}"))
        made = Monitor(config).report("q", window=day.isoformat())["report"]
        assert made == f"{REPORTS}/q/{day:%Y-%m-%d}T0000.html"
    found = shelf(config)
    pages = [f"{day:%Y-%m-%d}T0000.html" for day in days]
    assert found.pages("q") == [*pages, "index.html"]
    assert not (found.folder / "q" / pages[0]).exists()
    listed = found.read("q/index.html") or b""
    assert all(page.encode() in listed for page in pages)
    assert pages[0].encode() in (found.read(f"q/{pages[1]}") or b"")  # the page before
    assert found.read("q/nowhere.html") is None
    kinds = {"index.html": "text/html", f"q/{pages[0]}": "text/html"}
    kinds[f"q/{pages[0]}".replace("html", "json")] = "application/json"
    for name, kind in kinds.items():
        assert found.bucket is not None
        assert found.bucket._fs.info(found.address(name))["ContentType"] == kind
    (done,) = Monitor(config).purge("q", older_than="1d")["purges"]
    assert done["removed"]["pages"] == 2
    assert found.pages("q") == ["index.html"]


def test_other_places_are_refused(tmp_path: Path) -> None:
    """As for blobs."""
    for where in ("http://h/x", "simplecache::s3://b/x", "s3://b/../x"):
        with pytest.raises(UsageError) as caught:
            shelf(Config(root=tmp_path, report=ReportSettings(dir=where)))
        assert caught.value.message == "[report] dir is neither a folder nor s3://BUCKET/PREFIX"
