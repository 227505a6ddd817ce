"""Whatever a program hands over comes back as a database can hold it."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.errors import MonitorError, UsageError
from monitor.store import Store
from monitor.store.columns import plain
from tests.store.world import NOW, run, verdict

_scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(),
    st.text(max_size=5),
    st.integers(-(2**31), 2**31 - 1).map(np.int32),
    st.floats(width=32).map(np.float32),
    st.floats().map(np.float64),
    st.lists(st.floats(), max_size=3).map(np.array),
)
_values = _scalars | st.lists(_scalars, max_size=3) | st.dictionaries(st.text(), _scalars)
_documents = st.dictionaries(st.text(st.characters(), max_size=5), _values, max_size=4)


@given(_documents)
@settings(deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
def test_any_document_becomes_strict_json(document: dict[str, object]) -> None:
    """Every mix of Python's and NumPy's values can be written as JSON and read back the same."""
    made = plain(document)
    text = json.dumps(made, allow_nan=False, ensure_ascii=False)
    assert "\0" not in text
    text.encode("utf-8")
    assert json.loads(text) == made


def test_lone_surrogates_and_nul_are_replaced() -> None:
    """Text that databases refuse is stored in a form that they take."""
    assert plain({"a\0": "x\ud800y"}) == {"a\ufffd": "x?y"}


def test_values_without_a_place_are_refused() -> None:
    """Bytes in a document are a mistake, not a text."""
    with pytest.raises(MonitorError) as caught:
        plain({"vectors": b"\1"})
    assert caught.value.message == "a value of type bytes has no place in the store"


def test_numpy_scalars_and_nan_in_columns(store: Store) -> None:
    """NumPy numbers are stored as numbers, nan as NULL; infinities are kept."""
    row = verdict(
        0,
        p_value=np.float64("nan"),
        score=np.inf,
        threshold=np.float32(0.5),
        rows=np.int64(7),
        detail={"n": np.int64(3), "share": np.float64("nan"), "at": NOW},
    )
    store.record_check(run("r1"), [row])
    (kept,) = store.history("dishes")
    assert math.isnan(kept.p_value)
    assert (kept.score, kept.threshold, kept.rows) == (math.inf, 0.5, 7)
    assert kept.detail == {"n": 3, "share": None, "at": "2026-11-20T12:00:00Z"}
    with store.database.read() as connection:
        types = "SELECT typeof(p_value), typeof(score), typeof(rows), detail FROM verdicts"
        (found,) = connection.exec_driver_sql(types)
    assert tuple(found)[:3] == ("null", "real", "integer")
    assert found[3] == '{"n": 3, "share": null, "at": "2026-11-20T12:00:00Z"}'


@pytest.mark.usefixtures("either")
def test_what_databases_refuse_is_made_fit(store: Store) -> None:
    """NUL, lone surrogates, NaN, NumPy's numbers: kept on SQLite and PostgreSQL alike."""
    detail = {
        "nul\0": "a\0b",
        "surrogate": "x\ud800y",
        "bidi": "\u202eevil",
        "share": np.float32(0.5),
        "n": np.int64(2**62),
        "none": [math.nan, math.inf, np.float64("nan")],
    }
    row = verdict(0, p_value=math.nan, score=math.inf, threshold=np.float32(0.5), detail=detail)
    store.record_check(run("r1"), [row])
    store.add_mark("dishes", "new\0menu \ud800", NOW, NOW)
    (kept,) = store.history("dishes")
    assert math.isnan(kept.p_value) and (kept.score, kept.threshold) == (math.inf, 0.5)
    assert kept.detail == {
        "nul\ufffd": "a\ufffdb",
        "surrogate": "x?y",
        "bidi": "\u202eevil",
        "share": 0.5,
        "n": 2**62,
        "none": [None, None, None],
    }
    assert [mark.text for mark in store.marks("dishes")] == ["new\ufffdmenu ?"]


def test_a_fraction_is_no_count(store: Store) -> None:
    """Half a row is refused in our own words, not in the database's."""
    with pytest.raises(MonitorError) as caught:
        store.record_check(run("r1"), [verdict(0, rows=2.5)])
    assert caught.value.message == "2.5 is not a whole number, and a count must be one"
    assert store.runs("dishes") == []


def test_times_keep_their_instant_and_naive_ones_are_refused(store: Store) -> None:
    """A time from any zone comes back as the same instant in UTC."""
    berlin = datetime(2026, 3, 29, 3, 30, 0, 5, timezone(timedelta(hours=2)))
    store.add_mark("dishes", "deploy", berlin, NOW)
    (mark,) = store.marks("dishes")
    assert mark.at == datetime(2026, 3, 29, 1, 30, 0, 5, UTC)
    assert mark.at.tzinfo is UTC
    with pytest.raises(UsageError) as caught:
        store.add_mark("dishes", "deploy", datetime(2026, 3, 29, 3, 30), NOW)
    assert caught.value.message == "the time 2026-03-29T03:30:00 has no time zone"
    assert caught.value.hint == "state one, e.g. UTC"
