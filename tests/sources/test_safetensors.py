"""safetensors, written by their own library."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy

from monitor.errors import SourceError
from monitor.sources import open_source
from tests.sources import samples

VECTORS = samples.values()


def vectors(what: str) -> np.ndarray:
    """All vectors of a source."""
    return samples.read(open_source(what), rows=10)["vectors"]


def refusal(what: str) -> str:
    """Why the source is refused."""
    with pytest.raises(SourceError) as caught:
        list(open_source(what).batches())
    return samples.said(caught.value)


@pytest.mark.parametrize("kind", ["f8", "f4", "f2", "i8", "i4", "i2", "i1", "u1"])
def test_safetensors_of_every_type(kind: str, here: Path) -> None:
    """The one matrix of a file is found by itself, and is mapped rather than read."""
    array = VECTORS.astype(kind)
    safetensors.numpy.save_file({"emb": array, "bias": array[0]}, "x.safetensors")
    np.testing.assert_array_equal(vectors("x.safetensors"), array.astype("f4"))
    assert isinstance(open_source("x.safetensors").array, np.memmap)


def test_bfloat16_is_widened(here: Path) -> None:
    """Without a loss: it is the upper half of a float32."""
    whole = np.round(VECTORS).astype("<f4")
    halves = (whole.view("<u4") >> 16).astype("<u2").tobytes()
    place = {"dtype": "BF16", "shape": whole.shape, "data_offsets": [0, len(halves)]}
    header = json.dumps({"emb": place}).encode()
    Path("x.safetensors").write_bytes(len(header).to_bytes(8, "little") + header + halves)
    np.testing.assert_array_equal(vectors("x.safetensors"), whole)


def test_an_embedding_layer_of_a_model(here: Path) -> None:
    """By its name, by a pattern, or by itself; the row of padding is no item."""
    rng = np.random.default_rng(0)
    layers = {"item": (23, 5), "user": (7, 5), "out": (1, 5)}
    weights = {f"{k}.weight": rng.normal(size=shape).astype("f4") for k, shape in layers.items()}
    safetensors.numpy.save_file(weights, "x.safetensors")
    expected = weights["item.weight"]
    for asked in ("*item.weight", "item.weight"):
        np.testing.assert_array_equal(vectors(f"x.safetensors#{asked}"), expected)
    found = samples.read(open_source("x.safetensors?padding=0#*item.weight"))
    assert found["status"] == [1] + [0] * 22
    np.testing.assert_array_equal(found["vectors"][1:], expected[1:])
    assert refusal("x.safetensors").endswith("user.weight 7×5 F32")
    assert refusal("x.safetensors?padding=23#*item.weight") == (
        "x.safetensors has no row '23' that could be padding | "
        "padding= takes a row number from 0 to 22"
    )


def test_safetensors_that_are_cut_or_damaged(here: Path) -> None:
    """The header is checked against the file before an array is mapped."""
    safetensors.numpy.save_file({"emb": VECTORS}, "x.safetensors")
    raw = Path("x.safetensors").read_bytes()
    write = Path("x.safetensors").write_bytes
    write(raw[:-1])
    assert refusal("x.safetensors") == (
        "x.safetensors is cut short: 'emb' ends at byte 460 of the data, and there are 459 | "
        "write it again; its writer may still be at it"
    )
    write(raw[:40])
    assert refusal("x.safetensors").startswith("x.safetensors is cut short or damaged: its header")
    write(raw.replace(b"[23,5]", b"[99,5]"))
    assert refusal("x.safetensors") == (
        "x.safetensors cannot be read: 'emb' of shape (99, 5) does not fill its place | "
        "it may be cut short or damaged; write it again"
    )
    write(raw.replace(b'"F32"', b'"F99"'))
    assert refusal("x.safetensors") == (
        "'emb' of x.safetensors is of type F99, which vectors cannot be | save it as F32"
    )


def test_a_header_without_end(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that is as long as it says, and longer than any real one, is not read."""
    monkeypatch.setattr("monitor.sources.safetensors.MAX_HEADER", 10)
    safetensors.numpy.save_file({"emb": VECTORS}, "x.safetensors")
    assert refusal("x.safetensors").startswith("x.safetensors is cut short or damaged: its header")


def test_a_header_nested_without_end(here: Path) -> None:
    """Brackets in brackets exhaust the parser, not the program."""
    head = b'{"emb":' + b"[" * 100_000
    Path("x.safetensors").write_bytes(len(head).to_bytes(8, "little") + head)
    assert refusal("x.safetensors").startswith("x.safetensors cannot be read: ")
