"""What is purged is nowhere: not in samples, versions, documents, messages, pages or free pages."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa

from monitor.config import Config, MonitorSettings, ReportSettings, SinkSettings, StoreSettings
from monitor.errors import UsageError
from monitor.model import Columns
from monitor.pipeline import Monitor
from monitor.pipeline.bundle import Bundle
from monitor.profiles import Profile
from monitor.store import Store
from monitor.store.tables import metadata, parts, reference_log, runs, versions
from tests.pipeline.conftest import FIRST_DAY, traffic

DAYS = 28
NOW = FIRST_DAY + timedelta(days=DAYS)
ANN = "ann-4711"
WORD = "quuxly"


def rows() -> pa.Table:
    """Four weeks of traffic; ten rows of every day are Ann's, and her texts are her own."""
    table = traffic(DAYS, surge=range(DAYS - 2, DAYS), rows=80)
    n = table.num_rows
    hers = np.arange(n) % 8 == 0
    users = [ANN if h else user for h, user in zip(hers, table["user"].to_pylist(), strict=True)]
    known = enumerate(zip(table["id"].to_pylist(), table["text"].to_pylist(), strict=True))
    named = [(f"{ANN}-{i}", f"{WORD}{_letters(i)}") if hers[i] else own for i, own in known]
    ids, texts = zip(*named, strict=True)
    for name, values in (("user", users), ("id", ids), ("text", texts)):
        table = table.set_column(table.schema.get_field_index(name), name, pa.array(values))
    return table


def _letters(i: int) -> str:
    """A word of its own for each row, which no topic is called by."""
    return "".join(chr(97 + i // 26**place % 26) for place in range(3))


@pytest.fixture(params=["sqlite", "postgresql"])
def monitor(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Monitor]:
    """A monitor that has judged all of it, alerted and rendered, and holds a version."""
    pq.write_table(rows(), tmp_path / "t.parquet")
    settings = MonitorSettings(
        space="q", source="t.parquet", at="at", id="id", entity="user", text="text",
        min_rows=20, reference="21d",
    )  # fmt: skip
    config = Config(
        root=tmp_path,
        store=StoreSettings(blobs=str(tmp_path / "blobs")),
        monitors={"q": settings},
        sinks={"ops": SinkSettings(kind="jsonl", path="alerts.jsonl", texts=True)},
        report=ReportSettings(map="none"),
    )
    if request.param == "postgresql":
        postgres = request.getfixturevalue("postgres")
        with postgres.database(request.getfixturevalue("postgres_store")) as url:
            store = config.store.model_copy(update={"url": url})
            yield _filled(Monitor(config.model_copy(update={"store": store}), now=lambda: NOW))
    else:
        yield _filled(Monitor(config, now=lambda: NOW))


def _filled(found: Monitor) -> Monitor:
    assert found.run()["monitors"][0]["verdict"] == "drift"
    day = (FIRST_DAY + timedelta(days=22)).isoformat()
    found.report("q", window=day)
    columns = Columns(id="id", keep=("user", "text"))
    found.snapshot("q", "v1", str(found.workspace.config.path("t.parquet")), columns)
    return found


def told(store: Store, raw: Sequence[sa.Column[str]] = (versions.c.blob, runs.c.document)) -> str:
    """All that the store holds, spelled out: rows, samples, and of blobs as they are those of
    versions and documents."""
    found = []
    with store.database.read() as connection:
        for table in metadata.sorted_tables:
            found += [repr(tuple(row)) for row in connection.execute(sa.select(table))]
        for digest in connection.scalars(sa.select(parts.c.profile)):
            found.append(_sample(Profile.from_bytes(store.blobs.get(digest))))
        for digest in connection.scalars(sa.select(reference_log.c.calibration)):
            bundle = Bundle.from_bytes(store.blobs.get(digest))
            found += [_sample(one) for one in (*bundle.slots.values(), bundle.launch)]
        for column in raw:
            for digest in connection.scalars(sa.select(column).where(column.is_not(None))):
                found.append(store.blobs.get(digest).decode("latin-1"))
    return "\n".join(sorted(found))


def _sample(profile: Profile) -> str:
    kept, farthest = profile.sample.kept, profile.sample.farthest
    return str([side.drop(["_y"]).to_pylist() for side in (kept, farthest)])


def pages(monitor: Monitor) -> dict[str, str]:
    """Every file of the folder of reports."""
    folder = monitor.workspace.shelf.folder
    return {p.name: p.read_text("latin-1") for p in folder.rglob("*") if p.is_file()}


def test_a_subject_is_forgotten_everywhere(monitor: Monitor, tmp_path: Path) -> None:
    """Sums, verdicts and all others' rows stay; the trail holds her name's hash alone."""
    store = monitor.workspace.store
    before, judged = told(store), monitor.history("q")["windows"]
    assert ANN in before and WORD in before and any(ANN in page for page in pages(monitor).values())
    n = len(store.windows("q", store.basis("q")[0]))  # type: ignore[index]
    with monitor.rehearsal() as dry:
        (planned,) = dry.purge(subject=ANN)["purges"]
    assert told(store) == before
    (done,) = monitor.purge(subject=ANN)["purges"]
    assert done["removed"] == planned["removed"]
    assert done["removed"]["rows of versions"] == DAYS * 10
    assert done["removed"]["samples"] > n
    after = told(store)
    assert ANN not in after and WORD not in after
    assert not any(ANN in page or WORD in page for page in pages(monitor).values())
    assert "u7" in after and "index.html" in pages(monitor)
    assert monitor.history("q")["windows"] == judged
    assert [d for d, _ in store.blobs.files() if d in _digests(before) - _digests(after)] == []
    assert list(store.problems()) == []
    for file in tmp_path.glob("embmon.db*"):
        if file.is_file():
            assert ANN.encode() not in file.read_bytes()
    (trail,) = monitor.purges()["purges"]
    assert trail == {**done, "at": trail["at"]}
    assert monitor.run()["monitors"][0]["windows"] == 0  # nothing is judged anew
    assert ANN not in json.dumps(monitor.check("q"))


def _digests(text: str) -> set[str]:
    return {f"sha256:{piece[:64]}" for piece in text.split("sha256:")[1:]}


def test_old_windows_go_with_what_was_said_of_them(monitor: Monitor) -> None:
    """Windows, verdicts, messages and pages; the rows of the reference as well, its sums not."""
    store = monitor.workspace.store
    (done,) = monitor.purge("q", older_than="5d")["purges"]
    cutoff = NOW - timedelta(days=5)
    left = store.windows("q", store.basis("q")[0])  # type: ignore[index]
    assert [one.window.end for one in left] == [cutoff + timedelta(days=n) for n in range(1, 6)]
    assert all(row.window.end > cutoff for row in store.history("q"))
    assert done["removed"]["windows"] == DAYS - 5
    assert done["removed"]["pages"] == 2  # the one of an old window, and one with its rows
    assert f"{ANN}-0'" not in told(store, [runs.c.document])  # versions have no age
    assert list(store.problems()) == []
    assert monitor.check("q")["verdict"] == "drift"
    assert monitor.run()["monitors"][0]["rows"] == 0  # what was purged is not read again


def test_what_purge_needs(tmp_path: Path) -> None:
    """One of a subject and an age."""
    quiet = Monitor(Config(root=tmp_path), now=lambda: datetime(2026, 11, 20, tzinfo=UTC))
    for what in ({}, {"subject": "ann", "older_than": "90d"}):
        with pytest.raises(UsageError) as caught:
            quiet.purge(**what)  # type: ignore[arg-type]
        assert caught.value.message == "purge needs to know what"
