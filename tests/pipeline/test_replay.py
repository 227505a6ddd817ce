"""The rule over stored history."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from monitor.cli.replay_text import replay_text
from monitor.config import Config, StoreSettings
from monitor.errors import Undecided
from monitor.pipeline import Monitor
from monitor.sources import Columns
from tests.rows import MONDAY, day

WEEKS = 8


@pytest.fixture(scope="module")
def monitor(tmp_path_factory: pytest.TempPathFactory) -> Monitor:
    """Six weeks of days; on the last Friday a topic has grown to three in four rows."""
    folder = tmp_path_factory.mktemp("replay")
    rng = np.random.default_rng(0)
    days = [day(i, rng, grown=20.0 if i == 53 else 1.0) for i in range(7 * WEEKS)]
    times = [one.window.start for one in days for _ in range(len(one.batch))]
    vectors = list(np.vstack([one.batch.vectors for one in days]))
    table = pa.table({"embedding": vectors, "at": pa.array(times, pa.timestamp("us", "UTC"))})
    pq.write_table(table, folder / "t.parquet")
    store = StoreSettings(url=f"sqlite:///{folder}/embmon.db", blobs=str(folder / "blobs"))
    found = Monitor(
        Config(root=folder, store=store), now=lambda: MONDAY + timedelta(days=7 * WEEKS)
    )
    found.ingest("q", str(folder / "t.parquet"), Columns(at="at"))
    return found


def test_the_day_that_changed_is_the_only_alarm(monitor: Monitor) -> None:
    """Of the two weeks after a reference of six; with its rate and interval."""
    found = monitor.replay("q", trailing="6w")
    assert found["schema"] == "embmon/replay/1"
    assert (found["windows"], found["alarms"], found["incidents"]) == (14, 1, 1)
    (alarm,) = found["alarmed"]
    assert alarm["start"] == "2026-10-16T00:00:00Z"
    assert (alarm["segment"], alarm["windows"]) == (None, 1)
    rate = found["per_1000"]
    assert rate["value"] == pytest.approx(71.43, abs=0.01)
    assert (rate["low"], rate["high"]) == pytest.approx((1.81, 397.98), abs=0.01)


def test_too_little_history_is_said(monitor: Monitor) -> None:
    """Nothing comes after a reference as long as the history."""
    with pytest.raises(Undecided) as caught:
        monitor.replay("q", trailing="8w")
    assert caught.value.message == (
        "space 'q' has too little history to replay: a reference of 8w and windows after it"
    )


def test_what_would_have_been_caught(monitor: Monitor) -> None:
    """Beginning with either week: half of all rows become one topic's and are told of at once; one
    row in five hundred never is. A reference of six weeks tells of stretches of one, so that no
    more than a week is looked at. History itself stays as it was."""
    found = monitor.replay("q", trailing="6w", inject=(0.5, 0.002))
    much, little = found["injected"]
    assert (much["topic"], much["runs"], much["median"]) == (0.5, 2, 1)
    assert much["within"] == {"1": 2, "7": 2}
    assert (little["runs"], little["median"], little["delays"]) == (2, None, [None, None])
    assert found["alarms"] == 1
    said = replay_text(found)[-2:]
    assert said == [
        "A topic that grows by 50.0 % of rows would have alarmed in so many of 2 runs: 2 within 1, "
        "2 within 7 windows; the median after 1 windows.",
        "A topic that grows by 0.2 % of rows would have alarmed in so many of 2 runs: 0 within 1, "
        "0 within 7 windows.",
    ]


def test_what_rules_of_other_tools_would_have_said(monitor: Monitor) -> None:
    """On the same 14 windows as ours, of 160 rows each: of one in which a topic grew, and of 13
    in which nothing did."""
    found = monitor.replay("q", trailing="6w", others=True)
    alarms = {one["rule"]: one["alarms"] for one in found["others"]}
    assert {one["windows"] for one in found["others"]} == {found["windows"]}
    assert alarms == {
        "evidently_model": 7,
        "evidently_mmd": 1,
        "evidently_ratio": 14,
        "evidently_distance": 11,
        "alibi_detect_ks": 6,
        "nannyml_reconstruction": 2,
        "psi": 5,
    }
    said = "\n".join(replay_text(found))
    assert "Default rules of other tools, as far as stored sums tell them:" in said
    assert "others" not in "\n".join(replay_text(monitor.replay("q", trailing="6w")))
