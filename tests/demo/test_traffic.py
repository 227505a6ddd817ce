"""The traffic of the demo: real vectors, known shares, the same every time."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from monitor.assets import sample_data
from monitor.demo import TrafficStory, write_traffic
from monitor.demo.menu import SURGING_SHARE, WEEKEND, embeddings
from monitor.demo.visitors import MOST_QUERIES
from monitor.errors import UsageError

V1, V2 = sample_data() / "dishes_v1.parquet", sample_data() / "dishes_v2.parquet"
Traffic = tuple[TrafficStory, pa.Table]


def read(folder: Path) -> pa.Table:
    """All weeks, in their order."""
    return pa.concat_tables([pq.read_table(path) for path in sorted(folder.glob("*.parquet"))])


@pytest.fixture(scope="module")
def traffic(tmp_path_factory: pytest.TempPathFactory) -> Traffic:
    """The default traffic and its truth."""
    story = write_traffic(V1, V2, tmp_path_factory.mktemp("demo") / "queries")
    return story, read(story.folder)


def days(table: pa.Table) -> np.ndarray:
    """The UTC day of each query."""
    return table["at"].to_numpy().astype("datetime64[D]")


def between(table: pa.Table, first: date, last: date) -> pa.Table:
    """The queries from the first to the last of these days."""
    at = days(table)
    return table.filter(pa.array((at >= np.datetime64(first)) & (at <= np.datetime64(last))))


def share(table: pa.Table, column: str, value: str) -> float:
    """The share of queries with this value."""
    return float(np.mean(table[column].to_numpy() == value))


def test_the_story_of_the_default_is_this(traffic: Traffic) -> None:
    """Twelve weeks, a surge that begins on a Wednesday, a wrong client from a Thursday on."""
    story, table = traffic
    at = days(table)
    assert story == TrafficStory(
        folder=story.folder,
        first_day=date(2026, 8, 24),
        last_day=date(2026, 11, 15),
        rows=len(table),
        surge_start=date(2026, 10, 28),
        surge_end=date(2026, 11, 1),
        surge_over=date(2026, 11, 3),
        surge_category="Pizza",
        surge_share=0.25,
        surge_country="it",
        surge_device="mobile",
        surge_rows=between(table, date(2026, 10, 28), date(2026, 11, 3))["category"]
        .to_pylist()
        .count("Pizza"),
        wrong_start=date(2026, 11, 12),
        wrong_share=0.2,
        wrong_client="4.3",
        wrong_rows=table["client"].to_pylist().count("4.3"),
    )
    assert (story.surge_start.strftime("%a"), story.wrong_start.strftime("%a")) == ("Wed", "Thu")
    assert str(at.min()) == "2026-08-24" and str(at.max()) == "2026-11-15"


def test_one_file_a_week_named_by_its_monday(traffic: Traffic) -> None:
    """A file holds the seven days from the Monday in its name, in the order of their times."""
    paths = sorted(traffic[0].folder.iterdir())
    assert len(paths) == 12 and paths[0].name == "2026-08-24.parquet"
    for path in paths:
        monday, at = date.fromisoformat(path.stem), pq.read_table(path)["at"].to_numpy()
        week = [str(monday + timedelta(days=i)) for i in range(7)]
        assert monday.weekday() == 0 and (np.diff(at) >= np.timedelta64(0)).all()
        assert np.unique(at.astype("datetime64[D]")).astype(str).tolist() == week


def test_columns_and_types(traffic: Traffic) -> None:
    """Times carry their zone, vectors are halves as in the sample data, nothing is null."""
    table = traffic[1]
    text = dict.fromkeys(("user", "text", "category", "country", "device", "client"), pa.string())
    assert {field.name: field.type for field in table.schema} == {
        "id": pa.string(),
        "at": pa.timestamp("us", "UTC"),
        **text,
        "embedding": pa.list_(pa.field("element", pa.float16()), 384),
    }
    assert sum(column.null_count for column in table.columns) == 0
    assert len(set(table["id"].to_pylist())) == len(table)


def test_every_vector_is_its_dishs_own_in_v1_or_else_in_v2(traffic: Traffic) -> None:
    """Bit for bit, by the name of the dish; the wrong client sends those of v2, all others v1's."""
    v1, v2 = pq.read_table(V1), pq.read_table(V2)
    name = dict(zip(v1["id"].to_pylist(), v1["text"].to_pylist(), strict=True))
    first = {t: row.tobytes() for t, row in zip(name.values(), embeddings(v1), strict=True)}
    second = {
        name[i]: row.tobytes() for i, row in zip(v2["id"].to_pylist(), embeddings(v2), strict=True)
    }
    label = dict(zip(v1["text"].to_pylist(), v1["label"].to_pylist(), strict=True))
    table = traffic[1]
    wrong = table["client"].to_numpy() == traffic[0].wrong_client
    texts = table["text"].to_pylist()
    for text, other, row in zip(texts, wrong, embeddings(table), strict=True):
        assert row.tobytes() == (second if other else first)[text]
    assert table["category"].to_pylist() == [label[text] for text in texts]


def test_the_surge_has_its_share_country_and_device(traffic: Traffic) -> None:
    """Pizza is a quarter of the queries on five days, mostly from phones in Italy; else 3 %."""
    story, table = traffic
    before = between(table, story.first_day, story.surge_start - timedelta(days=1))
    strong = between(table, story.surge_start, story.surge_end)
    after = between(table, story.surge_over + timedelta(days=1), story.last_day)
    assert share(strong, "category", "Pizza") == pytest.approx(story.surge_share, abs=0.02)
    for calm in (before, after):
        assert share(calm, "category", "Pizza") == pytest.approx(SURGING_SHARE, abs=0.01)
    pizza = strong.filter(pa.array(strong["category"].to_numpy() == "Pizza"))
    assert share(pizza, "country", "it") > 0.6 > 4 * share(before, "country", "it") - 0.1
    assert share(pizza, "device", "mobile") > 0.8 > share(before, "device", "mobile")
    assert len(set(pizza["text"].to_pylist())) > 30


def test_the_surge_fades(traffic: Traffic) -> None:
    """After the fifth day the share falls day by day to the usual one."""
    story, table = traffic
    ends = [story.surge_end + timedelta(days=i) for i in range(4)]
    shares = [share(between(table, day, day), "category", "Pizza") for day in ends]
    assert shares[0] > shares[1] > shares[2] > shares[3]


def test_the_wrong_client_has_its_share_and_its_days(traffic: Traffic) -> None:
    """A fifth of the queries from its first day on, none before, and nobody comes back from it."""
    story, table = traffic
    before = between(table, story.first_day, story.wrong_start - timedelta(days=1))
    since = between(table, story.wrong_start, story.last_day)
    assert share(before, "client", story.wrong_client) == 0
    assert share(since, "client", story.wrong_client) == pytest.approx(story.wrong_share, abs=0.03)
    clients = since.group_by("user").aggregate([("client", "count_distinct")])
    assert set(clients["client_count_distinct"].to_pylist()) == {1}


def test_weekdays_and_weekends_differ(traffic: Traffic) -> None:
    """About 500 queries a weekday and 700 on a weekend day, when treats are searched for more."""
    story, table = traffic
    quiet = between(table, story.first_day, story.surge_start - timedelta(days=1))
    day, counts = np.unique(days(quiet), return_counts=True)
    late = (day.astype(int) + 3) % 7 >= 5
    assert counts[~late].mean() == pytest.approx(500, rel=0.03)
    assert counts[late].mean() == pytest.approx(700, rel=0.03)
    # Poisson: the variance is the mean.
    assert 0.4 < counts[~late].var() / counts[~late].mean() < 2.5
    treats = np.isin(quiet["category"].to_numpy(), WEEKEND)
    weekend = (days(quiet).astype(int) + 3) % 7 >= 5
    assert treats[weekend].mean() > 1.5 * treats[~weekend].mean()


def test_evenings_are_busy(traffic: Traffic) -> None:
    """Queries have a peak in the evening, a smaller one at noon, and a quiet night."""
    seconds = traffic[1]["at"].to_numpy().astype("datetime64[s]").astype(np.int64) % 86400
    hours = np.bincount(seconds // 3600, minlength=24)
    evening = hours[18:21].sum()
    assert evening > 1.3 * hours[12:15].sum() > 2.6 * hours[6:9].sum() > 10 * hours[0:3].sum()


def test_users_repeat_and_have_tastes(traffic: Traffic) -> None:
    """A visit is at most eight queries, users come back, and two queries of one user's day are of
    one category more often than two of different users."""
    story, table = traffic
    quiet = between(table, story.first_day, story.surge_start - timedelta(days=1))
    users, day = quiet["user"].to_numpy(), days(quiet).astype(str)
    visit, sizes = np.unique(np.char.add(users.astype(str), day), return_counts=True)
    assert sizes.max() == MOST_QUERIES and 2 < sizes.mean() < 3.5
    assert len(visit) > 10 * len(set(users))
    category = quiet["category"].to_numpy()
    order = np.argsort(users, kind="stable")
    same = users[order][1:] == users[order][:-1]
    alike = category[order][1:] == category[order][:-1]
    other = category[np.random.default_rng(0).permutation(len(category))] == category
    assert alike[same].mean() > 1.1 * other.mean()


def test_the_seed_alone_decides(traffic: Traffic, tmp_path: Path) -> None:
    """The same seed writes the same bytes; another seed, other queries."""
    again = write_traffic(V1, V2, tmp_path / "again")
    for path in sorted(traffic[0].folder.iterdir()):
        assert (again.folder / path.name).read_bytes() == path.read_bytes()
    other = write_traffic(V1, V2, tmp_path / "other", seed=2)
    assert not read(other.folder)["text"].equals(traffic[1]["text"])


def test_the_end_moves_the_story(tmp_path: Path) -> None:
    """With another Sunday every date moves, and nothing else."""
    story = write_traffic(V1, V2, tmp_path, end=date(2026, 11, 22))
    assert (story.first_day, story.surge_start) == (date(2026, 8, 31), date(2026, 11, 4))
    first = pq.read_table(tmp_path / "2026-08-31.parquet")["at"][0].as_py()
    assert first.date() == date(2026, 8, 31) and first >= datetime(2026, 8, 31, tzinfo=UTC)


def test_weeks_are_whole(tmp_path: Path) -> None:
    """An end that is no Sunday is refused before anything is written."""
    with pytest.raises(UsageError) as refused:
        write_traffic(V1, V2, tmp_path / "queries", end=date(2026, 11, 14))
    assert refused.value.message == "the traffic cannot end on 2026-11-14, a Saturday"
    assert refused.value.hint == "give a Sunday"
    assert not (tmp_path / "queries").exists()
