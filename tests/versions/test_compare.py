"""One way in: odd sides, odd rows, and the shapes of the answer."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pytest

from benchmarks.version_cases import scene
from benchmarks.version_data import read
from monitor.assets import sample_data
from monitor.batch import Items
from monitor.errors import UsageError
from monitor.versions import Comparison, compare

V1, V2, V3 = (read(sample_data() / f"dishes_v{i}.parquet") for i in (1, 2, 3))


def items(vectors: np.ndarray, metric: str = "cosine", first: int = 0) -> Items:
    """Rows with the ids `first`, first + 1, …"""
    ids = pa.array([str(i) for i in range(first, first + len(vectors))], pa.string())
    return Items(ids, vectors, metric=metric)


def causes(found: Comparison) -> list[str]:
    """Names of the causes, the first first."""
    return [cause.cause for cause in found.diagnosis]


@pytest.fixture(scope="module")
def last4() -> Comparison:
    """Dishes v1 against v2, as stored."""
    return compare(V1, V2)


def test_the_int8_export_is_harmless() -> None:
    """As stored: nearly all neighbours stay, noise beyond float16, verdict ok."""
    found = compare(V1, V3)
    assert found.verdict == "ok"
    assert causes(found) == ["noise/nondeterminism"]
    assert found.measures["knn_overlap@10"].value > 0.96
    assert found.measures["cosine_median"].value == pytest.approx(0.9996, abs=2e-4)
    assert compare(V1, V3, expect="same-encoder").verdict == "warn"


def test_other_layers_are_another_encoder(last4: Comparison) -> None:
    """The mean of the last four layers breaks what was built on the last one."""
    found = last4
    assert found.verdict == "breaking"
    assert causes(found) == ["new encoder"]
    assert found.ids.only_a == 2500
    assert any("relative of the old encoder" in text for text in found.diagnosis[0].evidence)
    assert found.warnings == ("2,500 ids are in a alone and 0 in b alone",)
    assert found.measures["knn_overlap@10_full"].value < found.measures["knn_overlap@10"].value


def test_movers_show_what_they_gained_and_lost(last4: Comparison) -> None:
    """Ids and texts of items whose neighbours changed, the farthest first."""
    found = last4
    residuals = [mover.residual for mover in found.movers]
    assert residuals == sorted(residuals, reverse=True)
    assert len(found.movers) == 20
    mover = found.movers[0]
    assert mover.text == V1.columns["text"][V1.ids.to_pylist().index(mover.id)].as_py()
    assert mover.overlap < 0.7
    assert mover.lost
    assert not {near.id for near in mover.gained} & {near.id for near in mover.lost}


def test_the_json_is_as_promised(last4: Comparison) -> None:
    """Its keys and types; no nan; at most 10,000 ids."""
    document = json.loads(json.dumps(last4.to_dict(), allow_nan=False))
    assert list(document) == [
        *("verdict", "ids", "diagnosis", "measures", "movers", "slices"),
        *("confusion", "adapter", "queries", "analogies", "score_map"),
    ]
    assert document["ids"] == {"both": 2500, "only_a": 2500, "only_b": 0}
    cause = document["diagnosis"][0]
    assert list(cause) == ["cause", "confidence", "evidence", "rows", "row_ids", "where"]
    assert set(document["measures"]["cka"]) == {"value", "low", "high", "floor", "chance"}
    assert document["measures"]["knn_overlap@10"]["chance"] == pytest.approx(10 / 2498, rel=0.01)
    assert document["measures"]["rank95_a"]["low"] is None
    assert {"id", "residual", "overlap", "text", "gained", "lost"} == set(document["movers"][0])
    assert document["slices"][0]["column"] in ("label", "kind")


def test_ids_beyond_ten_thousand_are_kept_but_not_listed() -> None:
    """All rows of a cause stay in `row_ids`; the JSON lists the first ones."""
    x = np.random.default_rng(0).normal(size=(12_000, 4)).astype(np.float32)
    y = x.copy()
    y[:11_000] = 0
    cause = compare(items(x), items(y)).diagnosis[0]
    assert (cause.cause, cause.rows, len(cause.row_ids)) == ("zero fill", 11_000, 11_000)
    assert len(cause.to_dict()["row_ids"]) == 10_000
    assert cause.where == "rows 0-10999"


def test_the_same_seed_gives_the_same_answer() -> None:
    """Twice the same JSON; another seed may sample other rows."""
    s = scene(7, 400)
    first, again = (compare(s.a, s.version(s.other), seed=3).to_dict() for _ in range(2))
    assert first == again


def test_twenty_copies_in_another_order_are_identical() -> None:
    """Exact copies tie; permuted rows change nothing."""
    rng = np.random.default_rng(0)
    x = np.repeat(V1.vectors[:100], 20, axis=0)
    order = rng.permutation(len(x))
    a = items(x)
    found = compare(a, Items(a.ids.take(pa.array(order)), x[order]))
    assert (found.verdict, causes(found)) == ("ok", ["identical"])
    assert found.measures["knn_overlap@10"].value == 1.0
    shuffled = compare(a, items(x[np.arange(2000) // 20 * 20 + rng.integers(20, size=2000)]))
    assert causes(shuffled) == ["identical"]


@pytest.mark.parametrize("metric", ["cosine", "ip", "l2"])
def test_each_metric_finds_its_own_neighbours(metric: str) -> None:
    """Lengths lost: cosine neighbours stay, those of ip and l2 do not."""
    s = scene(0, 600)
    lengths = np.exp(0.5 * s.rng.normal(size=(600, 1)))
    a = Items(s.a.ids, s.x, metric=metric)
    found = compare(a, s.version(s.x * lengths))
    kept = found.measures["knn_overlap@10"].value
    assert kept == 1.0 if metric == "cosine" else kept < 0.7
    assert "normalisation lost" in causes(found)
    assert found.measures["ip_overlap@10_b"].value < 0.7
    expected = (
        () if metric == "cosine" else (f"a is compared by {metric}, b by cosine; a's was used",)
    )
    assert found.warnings == expected


def test_unlike_dimensions_are_compared() -> None:
    """384 against 96 of another kind, and both ways of a cut."""
    s = scene(1, 600)
    found = compare(s.a, s.version(s.other @ s.turn()[:, :96]))
    assert causes(found)[0] == "new encoder"
    assert "cosine_median" not in found.measures
    assert "translation" not in found.measures
    wide, narrow = s.a, s.version(s.x[:, :192])
    assert causes(compare(wide, narrow))[0] == "truncated dims"
    assert causes(compare(narrow, wide))[0] == "padded dims"
    half = s.x.copy()
    half[:, 192:] = 0
    assert causes(compare(s.a, s.version(half)))[0] == "truncated dims"


def test_ids_that_repeat_or_are_missing_are_told() -> None:
    """The first row of an id counts; rows without one are left out."""
    s = scene(2, 300)
    ids = s.a.ids.to_pylist()
    b = Items(pa.array([*ids, ids[0], None]), np.vstack([s.x, s.x[5:7]]))
    found = compare(s.a, b)
    assert causes(found) == ["identical"]
    assert found.warnings == (
        "1 rows of b repeat an id; the first of each is compared",
        "1 rows of b have no id and are left out",
    )


def test_too_few_pairs_decide_nothing() -> None:
    """Strangers, 29 pairs, and empty sides: inconclusive, with the reason."""
    x = np.random.default_rng(0).normal(size=(40, 8)).astype(np.float32)
    found = compare(items(x), items(x, first=100))
    assert found.verdict == "inconclusive"
    assert found.reason == (
        "no id is in both versions (40 in a, 40 in b); compare them as drift, or give the right "
        "id column"
    )
    assert compare(items(x), items(x, first=11)).reason == (
        "only 29 ids are in both versions; 30 are needed"
    )
    assert compare(items(x[:0]), items(x)).verdict == "inconclusive"
    document = found.to_dict()
    assert (document["diagnosis"], document["measures"], document["movers"]) == ([], {}, [])
    assert compare(items(x), items(x[10:], first=10)).verdict == "ok"


def test_nothing_usable_in_a_is_inconclusive() -> None:
    """All of a is NaN: b cannot be judged by it."""
    x = np.random.default_rng(0).normal(size=(40, 8)).astype(np.float32)
    found = compare(items(np.full_like(x, np.nan)), items(x))
    assert (found.verdict, found.reason) == (
        "inconclusive",
        "no vectors are usable on both sides",
    )


@pytest.mark.parametrize(
    ("value", "cause"), [(0.0, "zero fill"), (np.nan, "nan fill"), (1.0, "constant fill")]
)
def test_a_version_that_is_nothing_but_a_fault(value: float, cause: str) -> None:
    """All rows zero, NaN or one vector."""
    s = scene(3, 200)
    found = compare(s.a, s.version(np.full_like(s.x, value)))
    assert (found.verdict, causes(found)[0]) == ("breaking", cause)
    json.dumps(found.to_dict(), allow_nan=False)


def test_what_was_faulty_before_is_no_news() -> None:
    """Zero and NaN rows on both sides are no cause; they are told as a warning."""
    s = scene(4, 300)
    bad = s.with_rows(s.with_rows(s.x, np.arange(10), 0), np.arange(10, 20), np.nan)
    a = s.version(bad)
    assert causes(compare(a, s.version(bad.copy()))) == ["identical"]
    found = compare(a, s.version(s.x))
    assert found.verdict == "ok"
    assert found.warnings == ("20 of the paired vectors of a were zero or not finite already",)


def test_values_near_the_edges_of_floats() -> None:
    """Huge and tiny vectors, float64 and float16, read alike."""
    s = scene(5, 200)
    wide = s.x.astype(np.float64)
    for factor in (1e300, 1e12, 1e-30):
        assert causes(compare(Items(s.a.ids, wide * factor), Items(s.a.ids, wide * factor))) == [
            "identical"
        ]
    found = compare(s.a, s.version(s.with_rows(s.x, np.arange(9), 1e30)))
    assert [(cause.cause, cause.rows) for cause in found.diagnosis] == [("nan fill", 9)]
    half = Items(s.a.ids, s.x.astype(np.float16))
    same = compare(half, Items(s.a.ids, half.vectors.astype(np.float64)))
    assert causes(same) == ["identical"]
    assert same.diagnosis[0].evidence[1] == "they are stored as float16 in a and as float64 in b"


def test_a_table_is_needed() -> None:
    """Vectors of another shape are an error that names it."""
    with pytest.raises(UsageError) as caught:
        compare(items(np.zeros(3)), items(np.zeros(3)))
    assert caught.value.message == "the vectors of a version have shape (3,)"
    assert caught.value.hint == "give an array of shape (rows, dimension)"


def test_the_page_of_a_notebook_is_escaped() -> None:
    """Hostile ids and labels stay text."""
    s = scene(6, 100)
    evil = "<script>alert(1)</script>"
    labels = pa.array([evil if i < 40 else f"label {i % 3}" for i in range(100)])
    a = Items(s.a.ids, s.x, {"label": labels})
    found = compare(a, s.version(s.with_rows(s.x, np.arange(40), 0)))
    assert found.diagnosis[0].where == f"label = {evil}"
    page = found._repr_html_()
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert repr(found) == "<Comparison breaking: zero fill; 100 pairs>"
