"""Columns that moved are named, those that did not are not, and nothing is sent anywhere."""

from __future__ import annotations

import subprocess
import sys
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest

from monitor.columns import discoveries, moved_columns

N = 2048


def sample(seed, n=N, *, price=0.0, soup=0.2):
    """Rows of a shop: a price, a kind, a language, a free text; `price` and `soup` can move."""
    rng = np.random.default_rng(seed)
    kinds = rng.choice(["soup", "pizza", "fish"], n, p=[soup, 0.5, 0.5 - soup])
    return {
        "price": pa.array(rng.normal(10 + price, 2, n)),
        "kind": pa.array(kinds).dictionary_encode(),
        "language": pa.array(rng.choice(["de", "en"], n)),
        "shelf": pa.array([f"shelf {i}" for i in rng.integers(180, size=n)]),
        "note": pa.array(["x" * int(k) + str(i) for i, k in enumerate(rng.integers(5, 60, n))]),
    }


def by_name(reference, current):
    """What is said about each column, by its name."""
    return {row["name"]: row for row in moved_columns(reference, current)}


@pytest.mark.parametrize("n", [300, N])
def test_the_moved_columns_are_named_and_no_others(n):
    """Below and above the size where evidently goes over from tests to distances."""
    found = by_name(sample(0, n), sample(1, n, price=1.5, soup=0.4))
    assert [name for name, row in found.items() if row["drifted"]] == ["price", "kind"]
    assert list(found) == ["price", "kind", "language", "shelf", "length of note"]


def test_each_row_says_which_test_and_by_how_much():
    """evidently's choice, its statistic and threshold, our p-value, and shares of like values."""
    found = by_name(sample(0), sample(1, price=1.5, soup=0.4))
    price, kind = found["price"], found["kind"]
    assert (price["test"], price["threshold"]) == ("Wasserstein distance (normed)", 0.1)
    assert price["statistic"] == pytest.approx(0.75, abs=0.1)
    assert price["p_value"] < 1e-50
    assert len(price["reference"]) == 7 and list(price["reference"]) == list(price["current"])
    assert sum(price["current"].values()) == pytest.approx(1)
    assert next(iter(price["reference"])).startswith("≤ ")
    assert (kind["test"], kind["threshold"]) == ("Jensen-Shannon distance", 0.1)
    assert kind["reference"]["soup"] == pytest.approx(0.2, abs=0.03)
    assert kind["current"]["soup"] == pytest.approx(0.4, abs=0.03)


def test_many_values_alike_on_both_sides_have_not_moved():
    """180 values of equal share: past evidently's threshold by noise alone, and not drifted."""
    for seed in range(3):
        shelf = by_name({"shelf": sample(seed)["shelf"]}, {"shelf": sample(seed + 9)["shelf"]})
        assert shelf["shelf"]["statistic"] > shelf["shelf"]["threshold"]
        assert not shelf["shelf"]["drifted"]
        assert len(shelf["shelf"]["reference"]) == 8


def test_a_longer_text_has_moved():
    """Of a text with more values than can be counted the length is compared."""
    longer = pa.array(["word " * (3 + i % 20) + str(i) for i in range(N)])
    row = by_name({"note": sample(0)["note"]}, {"note": longer})["length of note"]
    assert row["drifted"] and row["current"] != row["reference"]


def test_columns_that_cannot_be_compared_are_left_out():
    """One value, no value, lists, times, a column of one side, and no rows at all."""
    odd = {
        "constant": pa.array(["x"] * 50),
        "zero": pa.array([0.0] * 50),
        "null": pa.nulls(50),
        "empty": pa.array([None] * 50, pa.string()),
        "not finite": pa.array([np.nan, np.inf] * 25),
        "list": pa.array([[1]] * 50),
        "time": pa.array(range(50), pa.timestamp("s")),
    }
    assert moved_columns(odd, odd) == []
    assert moved_columns({"a": odd["zero"]}, {"b": odd["zero"]}) == []
    some, none = pa.array([1.0, 2.0]), pa.array([], pa.float64())
    assert moved_columns({"a": some}, {"a": none}) == []
    assert moved_columns({}, {}) == []


def test_a_column_that_lost_its_values_has_moved():
    """Nulls are a value of strings; numbers that are missing on one side are compared as such."""
    rng = np.random.default_rng(3)
    reference = {
        "number": pa.array(rng.normal(size=400)),
        "word": pa.array(rng.choice(["a", "b"], 400)),
        "half": pa.array(rng.normal(size=400)),
    }
    current = {
        "number": pa.nulls(400),
        "word": pa.array([None] * 400, pa.string()),
        "half": pa.array([None if i % 2 else float(i % 7) for i in range(400)]),
    }
    found = by_name(reference, current)
    assert found["number"]["current"] == {"(null)": 1.0, "(value)": 0.0}
    assert found["word"]["current"]["(null)"] == 1.0
    assert found["half"]["current"]["(null)"] == 0.5
    assert all(row["drifted"] for row in found.values())


def test_every_plain_type_is_compared():
    """Booleans, integers, decimals, large strings, chunked arrays; other types on either side."""
    n = 200
    flags = [i % 2 == 0 for i in range(n)]
    columns = {
        "flag": pa.array(flags),
        "count": pa.array([i % 5 for i in range(n)]),
        "money": pa.array([Decimal(i % 7) for i in range(n)], pa.decimal128(9, 2)),
        "large": pa.array([str(i % 3) for i in range(n)], pa.large_string()),
        "chunks": pa.chunked_array([[1.0] * 100, [2.0] * 100]),
        "retyped": pa.array([i % 3 for i in range(n)]),
    }
    found = by_name(columns, {**columns, "retyped": columns["large"]})
    assert list(found) == list(columns)
    assert not any(row["drifted"] for row in found.values())
    assert found["flag"]["reference"] == {"False": 0.5, "True": 0.5}
    assert found["count"]["reference"] == dict.fromkeys("01234", 0.2)


def test_too_few_rows_are_never_drift():
    """Three rows a side have no p-value that could confirm anything."""
    a, b = {"kind": pa.array(["x", "x", "y"])}, {"kind": pa.array(["z", "z", "z"])}
    row = by_name(a, b)["kind"]
    assert row["p_value"] is None and row["drifted"] is False


def test_hostile_names_and_values_pass_through():
    """Names and values are data: any characters, any length."""
    name = "{0} <script>'\"\n,=;"
    reference = {name: pa.array(["<b>", "x" * 5000, "\x00\u202e"] * 100)}
    (row,) = moved_columns(reference, {name: pa.array(["<b>", "y"] * 150)})
    assert row["name"] == name
    assert max(map(len, row["reference"])) == 81


def test_discoveries_ignore_what_is_not_known():
    """NaN is no evidence and does not count as a test."""
    p = np.array([np.nan, 0.03, 0.2, np.nan])
    assert discoveries(p, 0.06).tolist() == [False, True, False, False]
    assert discoveries(np.array([np.nan]), 0.5).tolist() == [False]
    assert discoveries(np.array([]), 0.5).tolist() == []


@pytest.mark.parametrize("home", [True, False])
def test_nothing_is_sent_anywhere_and_nothing_is_left_behind(tmp_path, home):
    """No socket connects, no name is looked up, and a home stays empty if there is one."""
    code = """
import pwd, socket, sys
def unknown(uid):
    raise KeyError(uid)
pwd.getpwuid = unknown
tried = []
def refuse(*args, **kwargs):
    tried.append(args)
    raise OSError("no network in this test")
for name in ("connect", "connect_ex", "sendto", "sendmsg"):
    setattr(socket.socket, name, refuse)
socket.getaddrinfo = socket.create_connection = refuse
import pyarrow as pa
from monitor.columns import moved_columns
a, b = {"k": pa.array(["x", "y"] * 50)}, {"k": pa.array(["x", "x", "x", "y"] * 25)}
assert moved_columns({}, {}) == [] and "evidently" not in sys.modules
assert [row["name"] for row in moved_columns(a, b)] == ["k"] and "evidently" in sys.modules
import threading; assert threading.active_count() == 1, threading.enumerate()
assert not tried, tried
"""
    env = {"PATH": "/usr/bin", "PYTHONPATH": ":".join(sys.path), "TMPDIR": str(tmp_path)}
    env |= {"HOME": str(tmp_path)} if home else {}
    ended = subprocess.run(
        [sys.executable, "-c", code],
        env=env,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert list(tmp_path.rglob("*evidently*")) == []
