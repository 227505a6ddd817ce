"""Reports in a bucket."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from monitor.bucket import Bucket
from monitor.config import Config, MonitorSettings, ReportSettings
from monitor.errors import UsageError
from monitor.pipeline import Monitor
from monitor.pipeline.shelf import shelf
from tests.pipeline.conftest import FIRST_DAY, traffic
from tests.s3 import Server

BUCKET = "s3://embmon-reports"
REPORTS = f"{BUCKET}/team"


def test_reports_in_a_bucket(
    s3_writer: Server,
    tmp_path: Path,
    saved: Callable[[pa.Table, str], str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Two hosts read new objects, and leave pages as objects; the second one, without a page of its
    own, lists all."""
    s3_writer.make_bucket("embmon-reports")
    settings = MonitorSettings(
        space="q",
        source=f"{BUCKET}/in/*.parquet",
        at="at",
        min_rows=20,
        reference="21d",
        sample=200,
    )
    reports = ReportSettings(dir=REPORTS, map="none")
    config = Config(root=tmp_path, monitors={"m": settings}, report=reports)
    rows, days = traffic(24, rows=60), [FIRST_DAY + timedelta(days=day) for day in (22, 23)]
    new = [rows.slice(0, 23 * 60), rows.slice(23 * 60)]
    for host, (day, table) in enumerate(zip(days, new, strict=True)):
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / f"host-{host}"))
        Bucket(BUCKET, "").put_file(Path(saved(table, "new.parquet")), f"in/{host}.parquet")
        end = day + timedelta(days=1)
        (turn,) = Monitor(config, now=lambda end=end: end).run()["monitors"]  # type: ignore[misc]
        assert turn["rows"] == table.num_rows
        assert turn["report"] == f"{REPORTS}/q/{day:%Y-%m-%d}T0000.html"
    found = shelf(config)
    pages = [f"{day:%Y-%m-%d}T0000.html" for day in days]
    assert found.pages("q") == [*pages, "index.html"]
    assert not (found.folder / "q" / pages[0]).exists()
    listed = found.read("q/index.html") or b""
    assert all(page.encode() in listed for page in pages)
    assert pages[0].encode() in (found.read(f"q/{pages[1]}") or b"")  # the page before
    assert found.read("q/nowhere.html") is None
    kinds = dict.fromkeys(("index.html", "status.html", f"q/{pages[0]}"), "text/html")
    kinds[f"q/{pages[0]}".replace("html", "json")] = "application/json"
    for name, kind in kinds.items():
        assert found.bucket is not None
        assert found.bucket._fs.info(found.address(name))["ContentType"] == kind
    later = Monitor(config, now=lambda: days[1] + timedelta(days=9))
    (done,) = later.purge("q", older_than="1d")["purges"]
    assert done["removed"]["pages"] == 2
    assert found.pages("q") == ["index.html"]


def test_other_places_are_refused(tmp_path: Path) -> None:
    """As for blobs."""
    for where in ("http://h/x", "simplecache::s3://b/x", "s3://b/../x"):
        with pytest.raises(UsageError) as caught:
            shelf(Config(root=tmp_path, report=ReportSettings(dir=where)))
        assert caught.value.message == "[report] dir is neither a folder nor s3://BUCKET/PREFIX"
