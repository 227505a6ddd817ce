"""What is declared of a space, what files say, and where the two differ."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import safetensors.numpy

import monitor
from monitor.config import Config
from monitor.contract import stated
from monitor.errors import SchemaError, SourceError, UsageError
from monitor.sources import Columns

SETTINGS = {
    "modules.json": [
        {"idx": 0, "path": "", "type": "sentence_transformers.models.Transformer"},
        {"idx": 1, "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
        {"idx": 2, "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"},
    ],
    "config.json": {"_name_or_path": "nreimers/MiniLM-L6-H384-uncased", "hidden_size": 384},
    "sentence_bert_config.json": {"max_seq_length": 256, "do_lower_case": False},
    "1_Pooling/config.json": {
        "word_embedding_dimension": 384,
        "pooling_mode_cls_token": False,
        "pooling_mode_mean_tokens": True,
    },
    "tokenizer_config.json": {"tokenizer_class": "BertTokenizer", "model_max_length": 512},
    "config_sentence_transformers.json": {
        "prompts": {"query": "", "document": ""},
        "default_prompt_name": None,
        "similarity_fn_name": "cosine",
    },
}
"""The settings of all-MiniLM-L6-v2, as its folder has them."""


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """That folder, without its weights."""
    for name, content in SETTINGS.items():
        path = tmp_path / "MiniLM" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content))
    return tmp_path / "MiniLM"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def opened(root: Path, **space: Any) -> monitor.Monitor:
    """A monitor whose space `meals` is declared so."""
    return monitor.open(Config.model_validate({"root": root, "spaces": {"meals": space}}))


def texts(n: int = 40) -> pa.Table:
    """Some names of meals."""
    return pa.table({"name": [f"meal {i} of {'rice' if i % 2 else 'egg'}" for i in range(n)]})


def test_what_a_sentence_transformers_folder_states(model: Path) -> None:
    """Pooling, length, tokenizer and whether vectors are normalised."""
    assert stated(model) == {
        "encoder": "nreimers/MiniLM-L6-H384-uncased",
        "tokenizer": "BertTokenizer",
        "pooling": "mean",
        "max_length": 256,
        "normalised": True,
        "dim": 384,
        "metric": "cosine",
    }


def test_a_prefix_and_a_revision(model: Path, tmp_path: Path) -> None:
    """Of a prompt that is used unless another is asked for, and of the Hugging Face cache."""
    settings = model / "config_sentence_transformers.json"
    prompts = {"query": "query: ", "passage": "passage: "}
    said = {"prompts": prompts, "default_prompt_name": "query", "similarity_fn_name": "dot"}
    settings.write_text(json.dumps(said))
    cached = model.rename(tmp_path / "snapshots") / "c9745ed"
    shutil.copytree(tmp_path / "snapshots", cached)
    found = stated(cached)
    assert (found["prefix"], found["metric"]) == ("query: ", "ip")
    assert (found["revision"], found["pooling"]) == ("c9745ed", "mean")


def test_what_files_state(here: Path) -> None:
    """Safetensors in their metadata, Parquet of `embed`; other files and objects nothing."""
    array = {"emb": np.eye(3, dtype="f4")}
    said = {"encoder": "x", "dim": "3", "normalised": "true", "loss": "0.1"}
    safetensors.numpy.save_file(array, "x.safetensors", metadata=said)
    del said["loss"]
    assert stated("x.safetensors#emb") == said
    opened(here).embed("tfidf-svd", texts(), Path("x.parquet"), text="name", dim=4)
    assert stated("x.parquet") == {"encoder": "tfidf-svd", "dim": 4, "normalised": True}
    np.save("x.npy", array["emb"])
    assert stated("x.npy") == stated("absent*.parquet") == stated(array) == {}


def test_a_damaged_folder(here: Path) -> None:
    """It names itself."""
    Path("modules.json").write_text("[{")
    with pytest.raises(SourceError) as caught:
        stated(Path())
    assert caught.value.message.startswith(". cannot be read: ")


@pytest.mark.parametrize(
    ("space", "message"),
    [
        ({"encoder": "e5"}, "x.parquet was made with encoder 'tfidf-svd', the space declares 'e5'"),
        (
            {"normalised": False},
            "x.parquet was made with normalised True, the space declares False",
        ),
        ({"dim": 8}, "x.parquet was made with dim 4, the space declares 8"),
    ],
)
def test_a_source_that_breaks_the_contract(space: dict[str, Any], message: str, here: Path) -> None:
    """It is refused, at a snapshot and at traffic alike, and nothing is stored."""
    meals = opened(here, **space)
    table = texts().append_column("ts", pa.array(["2026-11-20T09:00:00Z"] * 40))
    meals.embed("tfidf-svd", table, Path("x.parquet"), text="name", dim=4, keep=("ts",))
    for work in (
        lambda: meals.snapshot("meals", "v1", "x.parquet"),
        lambda: meals.ingest("meals", "x.parquet", Columns(at="ts"), every="1d", sample=10),
    ):
        with pytest.raises(SchemaError) as caught:
            work()
        assert caught.value.message == message
        assert caught.value.hint == (
            "vectors of another kind need a space of their own, or mend [spaces.NAME]"
        )


def test_lengths_that_break_the_contract(here: Path) -> None:
    """Vectors that should be normalised and are not are counted, in versions and windows."""
    vectors = np.random.default_rng(0).normal(size=(60, 4)).astype("f4")
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    vectors[:7] *= 2
    table = pa.table(
        {
            "id": [f"m{i}" for i in range(60)],
            "ts": ["2026-11-20T09:00:00Z"] * 60,
            "embedding": pa.FixedSizeListArray.from_arrays(vectors.ravel(), 4),
        }
    )
    meals = opened(here, normalised=True)
    said = ["7 vectors are not of unit length, as 'meals' declares them"]
    assert meals.snapshot("meals", "v1", table)["warnings"] == said
    found = meals.ingest("meals", table, Columns(at="ts"), every="1d", sample=10)
    assert found["warnings"] == said


def test_the_encoder_s_folder_is_declared_too(model: Path, here: Path) -> None:
    """Where the configuration names it; and a key of its own must agree."""
    meals = opened(here, encoder_dir=str(model))
    np.save("x.npy", np.eye(384, dtype="f4"))
    meals.snapshot("meals", "v1", "x.npy")
    assert meals.show("meals@v1")["card"]["contract"]["pooling"] == "mean"
    with pytest.raises(UsageError) as caught:
        opened(here, encoder_dir=str(model), pooling="cls").snapshot("meals", "v2", "x.npy")
    assert caught.value.message == (
        f"{model} was made with pooling 'mean', the space declares 'cls'"
    )


def test_the_metric_that_an_encoder_is_made_for(model: Path, here: Path) -> None:
    """It is that of its space unless another one is declared, which is refused."""
    (model / "config_sentence_transformers.json").write_text('{"similarity_fn_name": "dot"}')
    np.save("x.npy", np.eye(384, dtype="f4"))
    meals = opened(here, encoder_dir=str(model))
    meals.snapshot("meals", "v1", "x.npy")
    assert meals.show("meals@v1")["contract"]["metric"] == "ip"
    with pytest.raises(UsageError) as caught:
        opened(here, encoder_dir=str(model), metric="cosine").snapshot("meals", "v2", "x.npy")
    assert caught.value.message == (
        f"{model} was made with metric 'ip', the space declares 'cosine'"
    )


def test_a_worker_knows_the_contract(here: Path) -> None:
    """A file that is profiled without the configuration is held against the space, too."""
    table = texts().append_column("ts", pa.array(["2026-11-20T09:00:00Z"] * 40))
    meals = opened(here, encoder="tfidf-svd")
    for name, way in (("a", {}), ("b", {"normalise": False})):
        meals.embed(
            "tfidf-svd", table, Path(f"{name}.parquet"), text="name", dim=4, keep=("ts",), **way
        )
    columns = Columns(at="ts")
    meals.ingest("meals", "a.parquet", columns, every="1d", sample=10)
    meals.profile("meals", "a.parquet", columns, shard=(1, 1), out=Path("a.part"))
    other = opened(here, encoder="tfidf-svd", normalised=True)
    other.ingest("meals", "a.parquet", columns, every="1d", sample=10)
    with pytest.raises(SchemaError) as caught:
        other.profile("meals", "b.parquet", columns, shard=(1, 1), out=Path("b.part"))
    assert caught.value.message == (
        "b.parquet was made with normalised False, the space declares True"
    )


def test_what_changed_between_versions(here: Path) -> None:
    """The comparison names the keys, of stored versions and of files."""
    meals = opened(here)
    for name, way in (("a", {}), ("b", {"normalise": False})):
        meals.embed(
            "tfidf-svd", texts(), Path(f"{name}.parquet"), text="name", id="name", dim=4, **way
        )
        meals.snapshot(name, "v1", f"{name}.parquet")
    changed = [{"key": "normalised", "a": True, "b": False}]
    assert meals.compare("a.parquet", "b.parquet")["contract"] == changed
    assert meals.compare("a@v1", "b@v1")["contract"] == changed
    assert meals.compare("a@v1", "a.parquet")["contract"] == []
