"""Every method of `embmon embed`, from a file to a file that is read back."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import safetensors.numpy
from scipy import sparse

import monitor
from monitor.cli import main
from monitor.config import Config
from monitor.embedders import METHODS
from monitor.embedders.categories import lookup, one_hot
from monitor.embedders.embedded import Recipe
from monitor.embedders.encoder import layer_of, pooled
from monitor.errors import MissingExtra, SourceError, UsageError
from monitor.sources import Columns, open_source, read_items

DISHES = str(Path(__file__).parents[2] / "sample_data" / "dishes_v1.parquet")
WORDS = ["pear", "apple", "fig", "apple", None, "kiwi"]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def embed(method: str, source: Any, out: str, **how: Any) -> dict[str, Any]:
    """The answer of `embed`."""
    return monitor.open(Config()).embed(method, source, Path(out), **how)


def rows(**columns: list[Any]) -> pa.Table:
    """A table in memory."""
    return pa.table(columns)


def refusal(error: type[UsageError] | type[SourceError], *args: Any, **how: Any) -> str:
    """Why something is not embedded."""
    with pytest.raises(error) as caught:
        embed(*args, **how)
    return f"{caught.value.message} | {caught.value.hint}"


def test_lookup_equals_one_hot_times_the_table(here: Path) -> None:
    """What saves the one-hot rows changes no number."""
    rng = np.random.default_rng(0)
    categories = sorted(f"c{i}" for i in range(300))
    weights = rng.normal(size=(300, 12)).astype(np.float32)
    table = pa.table(
        {"id": categories, "v": pa.FixedSizeListArray.from_arrays(weights.ravel(), 12)}
    )
    pq.write_table(table, "w.parquet")
    seen = [*categories, *rng.choice(categories, 2000).tolist()]
    recipe = Recipe(rows(word=seen), text="word", weights="w.parquet")
    hot = one_hot(recipe).vectors
    assert hot.shape == (2300, 300)
    np.testing.assert_allclose(hot @ weights, lookup(recipe).vectors, rtol=1e-6)


def test_one_hot_file(here: Path) -> None:
    """A sparse file with ids; a null is a row of zeros."""
    source = rows(word=WORDS, name=list("abcdef"))
    found = embed("one-hot", source, "x.npz", text="word", id="name", outputs=10)
    assert found["cost"]["weights"] == {"outputs": 10, "one_hot": 40}
    items = read_items("x.npz")
    expected = np.zeros((6, 4))
    expected[[0, 1, 2, 3, 5], [3, 0, 1, 0, 2]] = 1
    np.testing.assert_array_equal(items.vectors, expected)
    assert items.ids.to_pylist() == list("abcdef")


def test_lookup_of_what_the_table_lacks(here: Path) -> None:
    """It has no vector, and is counted."""
    np.save("w.npy", np.eye(3, dtype=np.float32))
    found = embed("lookup", rows(row=["2", "0", "7"]), "x.parquet", text="row", weights="w.npy")
    assert found["warnings"] == ["1 rows are of a category that w.npy lacks"]
    (batch,) = open_source("x.parquet").batches()
    assert batch.status.tolist() == [0, 0, 1]
    np.testing.assert_array_equal(batch.vectors[:2], np.eye(3)[[2, 0]])


@pytest.mark.parametrize("method", ["pca", "svd"])
def test_fewer_dimensions(method: str, here: Path) -> None:
    """As scikit-learn has them; a row without a vector stays without."""
    rng = np.random.default_rng(0)
    flat = rng.normal(size=(200, 3)) @ rng.normal(size=(3, 10))
    flat[7] = np.nan
    np.save("x.npy", flat.astype(np.float32))
    found = embed(method, "x.npy", "y.parquet", dim=3)
    assert found["warnings"] == ["100.0 % of the variance kept"]
    assert found["cost"]["carried"]["d99"] <= 3
    vectors = np.asarray(read_items("y.parquet").vectors)
    assert np.isnan(vectors[7]).all()
    sound = np.delete(np.arange(200), 7)
    centre = flat[sound].mean(axis=0) if method == "pca" else 0
    np.testing.assert_allclose(
        vectors[sound] @ vectors[sound].T,
        (flat[sound] - centre) @ (flat[sound] - centre).T,
        atol=1e-2,
    )
    assert refusal(UsageError, method, "x.npy", "y.parquet", dim=11) == (
        "11 dimensions are more than the 10 there are | --dim N"
    )


def test_tfidf_of_dishes(here: Path) -> None:
    """Neighbours share words, on the catalogue that comes along; the command says the cost."""
    with pytest.raises(SystemExit) as left:
        main(
            [
                *("embed", "tfidf-svd", DISHES, "--text", "text", "--id", "id", "--dim", "32"),
                *("--column", "label", "-o", "x.parquet", "-q"),
            ]
        )
    assert left.value.code == 0
    stored = pq.read_schema("x.parquet").metadata[b"embmon.contract"]
    assert json.loads(stored) == {"encoder": "tfidf-svd", "dim": 32, "normalised": True}
    items = read_items("x.parquet", Columns(keep=("text", "label")))
    text = [name.lower() for name in items.columns["text"].to_pylist()]
    vectors = np.asarray(items.vectors, np.float64)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    nearest = (vectors @ vectors.T - 2 * np.eye(len(vectors))).argmax(axis=1)
    spoken = [set(re.findall(r"\w+", name)) for name in text]
    shared = [bool(spoken[i] & spoken[j]) for i, j in enumerate(nearest)]
    assert np.mean(shared) > 0.95


def test_a_table_of_300_000_categories(here: Path) -> None:
    """One-hot and lookup by the command line, a version of the table, and its audit."""
    rng = np.random.default_rng(0)
    weights = rng.normal(size=(300_000, 12)).astype(np.float32)
    safetensors.numpy.save_file({"emb.weight": weights}, "w.safetensors")
    seen = rng.integers(0, 300_000, 5000)
    pq.write_table(pa.table({"product": seen}), "orders.parquet")
    for method, how, out in (
        ("one-hot", [], "hot.npz"),
        ("lookup", ["--weights", "w.safetensors#emb.weight"], "found.parquet"),
    ):
        with pytest.raises(SystemExit) as left:
            main(["embed", method, "orders.parquet", "--text", "product", *how, "-o", out, "-q"])
        assert left.value.code == 0
    hot, known = sparse.load_npz("hot.npz"), np.array(sorted(set(map(str, seen))), int)
    expected = hot @ weights[known]
    np.testing.assert_allclose(read_items("found.parquet").vectors, expected, rtol=1e-6)
    items = monitor.open(Config(root=here))
    assert items.snapshot("table", "v1", "w.safetensors#emb.weight")["rows"] == 300_000
    assert items.audit("found.parquet")["verdict"] == "ok"


def test_two_encoders_of_unlike_dimension_are_compared(here: Path) -> None:
    """384 dimensions of one pooling against 64 components of another, over the same dishes."""
    embed("pca", DISHES.replace("v1", "v2"), "x.parquet", dim=64)
    found = monitor.compare(DISHES, "x.parquet", expect="upgrade").to_dict()
    assert found["ids"] == {"both": 2500, "only_a": 2500, "only_b": 0}
    causes = [case["cause"] for case in found["diagnosis"]]
    assert causes == ["new encoder", "normalisation lost"]  # components are not of unit length
    overlap = found["measures"]["knn_overlap@10"]
    assert 50 * overlap["chance"] < overlap["value"] < 0.7
    assert found["verdict"] == "ok"


def test_factors_of_ratings(here: Path) -> None:
    """Items that the same users like lie together."""
    rng = np.random.default_rng(0)
    users = np.repeat(np.arange(200), 12)
    items = rng.integers(0, 20, len(users)) * 2 + users % 2
    table = rows(user=users.tolist(), item=[f"i{n}" for n in items], rating=[1.0] * len(users))
    embed("als", table, "x.parquet", dim=8, seed=1)
    found = read_items("x.parquet")
    parity = np.array([int(name[1:]) % 2 for name in found.ids.to_pylist()])
    unit = found.vectors / np.linalg.norm(found.vectors, axis=1, keepdims=True)
    close = unit @ unit.T
    same = parity[:, None] == parity
    assert close[same].mean() > close[~same].mean() + 0.3
    wrong = rows(user=["a"], item=["b"], rating=["many"])
    assert refusal(SourceError, "als", wrong, "x.parquet").startswith("'rating' holds what is no")


def test_means_of_word_vectors(here: Path) -> None:
    """Known words in any case, and no vector for a text without one."""
    Path("w.vec").write_text("3 2\nfried 1 0\negg 0 1\nIce 4 4\n")
    table = rows(name=["Fried egg!", "ice, Ice", "tofu"])
    found = embed("words", table, "x.parquet", text="name", weights="w.vec", normalise=False)
    assert found["warnings"] == ["1 texts hold no known word"]
    vectors = read_items("x.parquet").vectors
    np.testing.assert_array_equal(vectors, [[0.5, 0.5], [4, 4], [np.nan, np.nan]])


def test_an_encoder_without_its_libraries(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is to be installed is said before anything is read."""
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(MissingExtra) as caught:
        embed("encoder", "absent.csv", "x.parquet", text="t", model="./model")
    assert caught.value.message == "transformers is needed for this and is not installed"
    assert caught.value.hint == "pip install 'embedding-monitor[encoders]'"


@pytest.mark.parametrize(
    ("layer", "expected"), [("0", 0), ("-1", 6), ("6", 6), ("last4", 4.5), ("last1", 6)]
)
def test_layers(layer: str, expected: float) -> None:
    """One of them, or the mean of the last."""
    states = [np.full((1, 1, 1), float(i)) for i in range(7)]
    assert layer_of(states, layer).item() == expected


@pytest.mark.parametrize("layer", ["7", "-8", "last7", "last0", "last-1", "first", ""])
def test_layers_that_are_not(layer: str) -> None:
    """They are named, with those there are."""
    with pytest.raises(UsageError) as caught:
        layer_of([np.zeros((1, 1, 1))] * 7, layer)
    assert caught.value.message == f"the model has no layer {layer!r}"
    assert caught.value.hint == "0 to 6, −1 for the last, or last4"


@pytest.mark.parametrize("side", ["left", "right"])
def test_padding_counts_for_nothing(side: str) -> None:
    """On either side; what stands there changes no vector."""
    rng = np.random.default_rng(0)
    tokens, mask = rng.normal(size=(2, 5, 3)), np.ones((2, 5), np.int64)
    hidden = slice(0, 2) if side == "left" else slice(3, 5)
    mask[1, hidden] = 0
    shown = tokens[1][mask[1] == 1]
    for pooling, expected in (("mean", shown.mean(axis=0)), ("last", shown[-1])):
        found = pooled(tokens, mask, pooling)
        np.testing.assert_allclose(found[1], expected, rtol=1e-6)
    assert pooled(tokens, mask, "cls").shape == (2, 3)


def test_what_is_missing_is_said(here: Path) -> None:
    """Columns, tables, models and endings."""
    table = rows(name=["x"])
    assert refusal(UsageError, "one-hot", table, "x.npz") == (
        "nothing says what to embed | name the column: --text COL"
    )
    assert refusal(UsageError, "one-hot", table, "x.parquet", text="name") == (
        "one-hot writes .npz files, not x.parquet | -o NAME.npz"
    )
    assert refusal(SourceError, "tfidf-svd", table, "x.parquet", text="nam") == (
        "in-memory Table has no column 'nam' | did you mean 'name'? its columns: name (string)"
    )
    assert refusal(UsageError, "words", table, "x.parquet", text="name") == (
        "words needs vectors of words | --weights glove.6B.100d.txt"
    )
    assert refusal(UsageError, "nmf", table, "x.parquet") == (
        f"there is no method 'nmf' | one of {', '.join(METHODS)}"
    )
    assert not list(here.iterdir())


def test_the_command_knows_every_method() -> None:
    """Its choices, kept apart so that help is quick, are the table's."""
    from monitor.cli.embed import METHODS as choices

    assert choices == tuple(METHODS)
