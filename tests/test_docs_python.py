"""The Python examples of the documents run as they stand."""

from __future__ import annotations

import re
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

DOCS = Path(__file__).parent.parent / "docs"
CONFIGURATION = """
[monitors.queries]
space = "queries"
source = "traffic/*.parquet"
at = "at"
text = "text"
"""


def block(page: str, which: str) -> str:
    """The one Python block of a page that has `which` in it."""
    text = (DOCS / page).read_text(encoding="utf-8")
    (found,) = (
        one for one in re.findall(r"^```python\n(.*?)^```", text, re.M | re.S) if which in one
    )
    return str(found)


def test_reading_a_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Batches of a folder, with times and a column."""
    monkeypatch.chdir(tmp_path)
    rows = {
        "ts": ["2026-11-20T10:00:00"] * 3,
        "lang": ["de", "en", "fr"],
        "embedding": [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]],
    }
    Path("logs").mkdir()
    pq.write_table(pa.table(rows), "logs/a.parquet")
    exec(block("sources.md", "open_source"), {})  # our own page
    assert capsys.readouterr().out.startswith("(3, 2) 2026-11-20T10:00:00.000000 de\n")


def test_logging_from_a_service(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Rows of a request lie where the monitor reads them."""
    monkeypatch.chdir(tmp_path)
    Path("embmon.toml").write_text(CONFIGURATION, encoding="utf-8")
    exec(block("sources.md", "monitors.log("), {})  # our own page
    assert capsys.readouterr().out == "8 rows written\n"
    (path,) = Path("traffic").glob("*.parquet")
    assert pq.read_table(path)["text"].to_pylist() == [f"query {n}" for n in range(8)]
