"""The contract of an embedding space: what is declared, what files say, and where they differ."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from monitor.batch import Float32
from monitor.errors import DimensionError, SchemaError
from monitor.sources.address import address
from monitor.sources.faults import reading
from monitor.sources.nouns import File
from monitor.sources.safetensors import metadata

Contract = Mapping[str, Any]
"""Values by key; a key that nobody declared or stated is absent."""

KEYS = (
    *("provider", "encoder", "revision", "tokenizer", "prefix", "pooling", "layer", "max_length"),
    *("truncation", "normalised", "quantisation", "dim", "metric"),
)
"""What a contract is about, in the order in which it is shown."""

FILE_KEY = b"embmon.contract"
"""Under it, the metadata of a Parquet file hold its contract as JSON."""

MAX_FILE = 16 << 20
UNIT = 1e-2
"""Vectors of float16 and int8 are of unit length to about this."""

_POOLING = {
    "pooling_mode_cls_token": "cls",
    "pooling_mode_mean_tokens": "mean",
    "pooling_mode_lasttoken": "last",
    "pooling_mode_max_tokens": "max",
}

_METRICS = {"cosine": "cosine", "dot": "ip", "dot_product": "ip", "euclidean": "l2"}


def stated(what: Any) -> dict[str, Any]:
    """The contract that a source states of itself; empty where it states none.

    Parquet of `embmon embed` and safetensors state it in their metadata, a folder of a
    sentence-transformers model in its settings. Raises SourceError where these are damaged.
    """
    if not isinstance(what, str | Path):
        return {}
    path = Path(address(str(what)).path)
    file = File(path, str(path))
    if (path / "modules.json").is_file():
        with reading(file.name):
            return _of_model(path)
    if not path.is_file():
        return {}
    with open(path, "rb") as stream:
        head = stream.read(10)
    if head.startswith(b"PAR1"):
        with reading(file.name):
            return _known(json.loads(_parquet_metadata(path).get(FILE_KEY, b"{}")))
    if head[8:10] == b'{"':
        return _known(metadata(file))
    return {}


def agreed(declared: Contract, said: Contract, name: str) -> dict[str, Any]:
    """What is declared of a space and said by a source, together.

    Raises SchemaError where they differ, naming the key and both values.
    """
    for key, value in said.items():
        if key in declared and not _same(declared[key], value):
            kind = DimensionError if key == "dim" else SchemaError
            raise kind(
                f"{name} was made with {key} {value!r}, the space declares {declared[key]!r}",
                "vectors of another kind need a space of their own, or mend [spaces.NAME]",
            )
    return {**said, **declared}


def differences(a: Contract, b: Contract) -> list[dict[str, Any]]:
    """Keys of which both sides say something else, as `{"key", "a", "b"}`; absent is no value.

    >>> differences({"pooling": "mean", "dim": 384}, {"pooling": "cls", "layer": "0"})
    [{'key': 'pooling', 'a': 'mean', 'b': 'cls'}]
    """
    both = [key for key in KEYS if key in a and key in b]
    return [{"key": key, "a": a[key], "b": b[key]} for key in both if not _same(a[key], b[key])]


def breaches(contract: Contract, vectors: Float32) -> int:
    """How many of the vectors (n, d) break what the contract says of their length.

    >>> breaches({"normalised": True}, np.array([[1, 0], [3, 4]], np.float32))
    1
    """
    if not contract.get("normalised"):
        return 0
    lengths = np.linalg.norm(vectors, axis=1)
    return int((np.abs(lengths - 1) > UNIT).sum())


def _same(a: Any, b: Any) -> bool:
    """Metadata of safetensors are all text: "384" is 384 and "true" is True."""
    return str(a).lower() == str(b).lower()


def _known(found: Mapping[str, Any]) -> dict[str, Any]:
    plain = (str, int, float, bool)
    return {key: found[key] for key in KEYS if isinstance(found.get(key), plain)}


def _of_model(folder: Path) -> dict[str, Any]:
    config, pooling = _json(folder / "config.json"), _json(folder / "1_Pooling" / "config.json")
    tokenizer = _json(folder / "tokenizer_config.json")
    length = _json(folder / "sentence_bert_config.json").get("max_seq_length")
    use = _json(folder / "config_sentence_transformers.json")
    prefixes, usual = use.get("prompts"), use.get("default_prompt_name")
    kinds = [str(module.get("type")) for module in json.loads(_text(folder / "modules.json"))]
    found = {
        "encoder": config.get("_name_or_path") or config.get("name_or_path") or folder.name,
        # The Hugging Face cache keeps a model under snapshots/REVISION.
        "revision": folder.name if folder.parent.name == "snapshots" else None,
        "prefix": prefixes.get(usual) if isinstance(prefixes, dict) else None,
        "metric": _METRICS.get(str(use.get("similarity_fn_name"))),
        "tokenizer": tokenizer.get("tokenizer_class"),
        "truncation": tokenizer.get("truncation_side"),
        "pooling": "+".join(name for key, name in _POOLING.items() if pooling.get(key))
        or pooling.get("pooling_mode"),
        "max_length": length or tokenizer.get("model_max_length"),
        "dim": pooling.get("word_embedding_dimension") or config.get("hidden_size"),
        "normalised": any(kind.endswith("Normalize") for kind in kinds),
    }
    return _known({key: value for key, value in found.items() if value not in (None, "")})


def _json(path: Path) -> dict[str, Any]:
    found = json.loads(_text(path)) if path.is_file() else {}
    return found if isinstance(found, dict) else {}


def _text(path: Path) -> bytes:
    with open(path, "rb") as stream:
        return stream.read(MAX_FILE)


def _parquet_metadata(path: Path) -> Mapping[bytes, bytes]:
    from pyarrow.parquet import read_schema

    return read_schema(path).metadata or {}
