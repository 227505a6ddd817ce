"""One index by itself: what is wrong is found and named, and sound indexes pass."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pytest

from benchmarks.version_cases import Scene, scene
from benchmarks.version_data import read
from monitor.assets import sample_data
from monitor.batch import Items
from monitor.errors import UsageError
from monitor.versions import Audit, audit


def index(s: Scene, vectors: np.ndarray, **columns: list[str]) -> Items:
    """Other vectors for the items of a scene, and further columns."""
    more = {name: pa.array(values) for name, values in columns.items()}
    return Items(s.a.ids, np.asarray(vectors, np.float32), {**s.a.columns, **more}, name="index")


def causes(found: Audit) -> list[str]:
    """Names of the findings."""
    return [finding.cause for finding in found.findings]


def named(found: Audit, s: Scene) -> np.ndarray:
    """Flags of the rows that the first finding names."""
    return np.isin(np.array(s.a.ids.to_pylist()), found.findings[0].row_ids.to_pylist())


@pytest.mark.parametrize("name", ["dishes_v1", "dishes_v2", "dishes_v3", "speeches"])
def test_sound_indexes_pass(name: str) -> None:
    """All of the sample data: no finding."""
    found = audit(read(sample_data() / f"{name}.parquet"))
    assert found.findings == ()
    assert found.verdict == "ok"


@pytest.mark.parametrize("share", [0.1, 0.3])
@pytest.mark.parametrize("unrelated", [True, False])
def test_scattered_rows_of_another_encoder(share: float, unrelated: bool) -> None:
    """Dishes, some by the last four layers, as they are or turned: all are named, no other."""
    s = scene(0, 1000)
    flags = s.rng.random(1000) < share
    other = s.other @ s.turn() if unrelated else s.other
    found = audit(index(s, np.where(flags[:, None], other, s.x)))
    assert causes(found) == ["mixed encoders"]
    assert found.findings[0].confidence == (0.97 if unrelated else 0.75)
    assert found.verdict == ("breaking" if unrelated else "warn")
    np.testing.assert_array_equal(named(found, s), flags)


def test_the_segment_is_named() -> None:
    """A backfill by another encoder: its source is where the rows stand."""
    s = scene(1, 1000)
    flags = s.rng.random(1000) < 0.1
    source = ["backfill" if flag else "stream" for flag in flags]
    found = audit(index(s, np.where(flags[:, None], s.other @ s.turn(), s.x), source=source))
    assert found.findings[0].where == "source = backfill"
    assert found.summary == (
        f"breaking: mixed encoders ({flags.sum()} of 1,000 rows, source = backfill)."
    )


def test_a_declared_encoder_needs_no_other_sign() -> None:
    """The column says that two models were used, though the vectors are one model's."""
    s = scene(2, 600)
    model = ["minilm-v2"] * 500 + ["minilm-v3"] * 100
    found = audit(index(s, s.x, embedding_model=model))
    assert causes(found) == ["mixed encoders"]
    assert found.findings[0].rows == 100
    assert found.findings[0].evidence[0] == (
        "embedding_model says: minilm-v2 (500 rows), minilm-v3 (100 rows)"
    )


def broken(what: str, s: Scene, rows: np.ndarray) -> np.ndarray:
    """The vectors of a scene with something wrong in `rows`."""
    x = s.x.copy()
    if what == "nan fill":
        x[rows] = np.nan
    elif what == "zero fill":
        x[rows] = 0
    elif what == "constant fill":
        x[rows] = s.x[0]
    elif what == "mixed lengths":
        x[rows] *= 1.7
    elif what == "mixed precision":
        x[rows] = x[rows].astype(np.float16)
    return x


@pytest.mark.parametrize(
    "cause", ["nan fill", "zero fill", "constant fill", "mixed lengths", "mixed precision"]
)
def test_rows_that_are_wrong_are_named(cause: str) -> None:
    """One per cent of the rows, each kind by its name."""
    s = scene(3, 1000)
    rows = s.some(0.01)
    found = audit(index(s, broken(cause, s, rows)))
    assert causes(found) == [cause]
    others = set(np.flatnonzero(named(found, s))) - set(rows)
    assert found.findings[0].rows >= len(rows)
    assert len(others) <= 2  # the constant row's owner; rows that are on the grid as they are


def test_copies_count_where_the_texts_differ() -> None:
    """Two rows of one text may share a vector, two dishes may not."""
    s = scene(4, 1000)
    x, texts = s.x.copy(), s.a.columns["text"].to_pylist()
    x[1:400:40] = x[:400:40]
    items = index(s, x)
    found = audit(items)
    assert causes(found) == ["duplicates"]
    assert found.findings[0].rows == 20
    texts[1:400:40] = [text.upper() + "!" for text in texts[:400:40]]
    same = Items(items.ids, x, {**items.columns, "text": pa.array(texts)})
    assert audit(same).findings == ()


def test_dimensions_and_directions_that_are_not_used() -> None:
    """Padding is told from a collapse."""
    s = scene(5, 800)
    padded = np.pad(s.x, ((0, 0), (0, 64)))
    assert causes(audit(index(s, padded))) == ["dead dimensions"]
    axes = np.linalg.svd(s.x, full_matrices=False)[2][:4]
    assert "collapsed" in causes(audit(index(s, s.x @ axes.T @ axes)))


def test_a_hub_is_found() -> None:
    """One long vector under the mean of all is everybody's neighbour."""
    s = scene(6, 800)
    x = s.x.copy()
    x[7] = x.mean(axis=0) / np.linalg.norm(x.mean(axis=0))
    found = audit(index(s, x))
    assert causes(found) == ["hubs"]
    assert found.findings[0].row_ids.to_pylist() == [s.a.ids[7].as_py()]


def test_too_few_rows_are_inconclusive_and_no_table_is_an_error() -> None:
    """Twenty rows decide nothing; an array of one dimension is none."""
    ids = pa.array([str(i) for i in range(20)])
    assert audit(Items(ids, np.eye(20))).verdict == "inconclusive"
    with pytest.raises(UsageError) as caught:
        audit(Items(ids, np.ones(20)))
    assert caught.value.message == "the vectors of the index have shape (20,)"


def test_the_json() -> None:
    """Its keys; no nan; the same seed, the same answer."""
    s = scene(7, 500)
    found = audit(index(s, s.x))
    document = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert list(document) == ["verdict", "findings", "measures", "notes"]
    assert document["measures"]["anisotropy"]["value"] == pytest.approx(0.29, abs=0.03)
    assert document["notes"][0].startswith("no evidence of a second encoder")
    assert audit(index(s, s.x)).to_dict() == found.to_dict()
    assert repr(found) == "<Audit ok: no finding; 500 rows>"
