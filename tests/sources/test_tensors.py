"""safetensors and PyTorch checkpoints, written by their own libraries."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy
import safetensors.torch
import torch

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
    """In both kinds of file, without a loss."""
    tensor = torch.tensor(VECTORS).bfloat16()
    safetensors.torch.save_file({"emb": tensor}, "x.safetensors")
    torch.save({"emb": tensor}, "x.pt")
    for name in ("x.safetensors", "x.pt"):
        np.testing.assert_array_equal(vectors(name), tensor.float().numpy())


def save(name: str, weights: dict[str, torch.Tensor]) -> None:
    """As a file of the kind its ending names."""
    if name.endswith(".pt"):
        torch.save({"epoch": 3, "model": dict(weights)}, name)
    else:
        safetensors.torch.save_file(weights, name)


@pytest.mark.parametrize(("name", "prefix"), [("x.pt", "model."), ("x.safetensors", "")])
def test_an_embedding_layer_of_a_model(name: str, prefix: str, here: Path) -> None:
    """By its name, by a pattern, or by itself; the row of padding is no item."""
    torch.manual_seed(0)
    model = torch.nn.ModuleDict(
        {
            "item": torch.nn.EmbeddingBag(23, 5, padding_idx=0),
            "user": torch.nn.Embedding(7, 5),
            "out": torch.nn.Linear(5, 1),
        }
    )
    save(name, model.state_dict())
    expected = model["item"].weight.detach().numpy()
    np.testing.assert_array_equal(vectors(f"{name}#*item.weight"), expected)
    np.testing.assert_array_equal(vectors(f"{name}#{prefix}item.weight"), expected)
    found = samples.read(open_source(f"{name}?padding=0#*item.weight"))
    assert found["status"] == [1] + [0] * 22
    np.testing.assert_array_equal(found["vectors"][1:], expected[1:])
    size = "float32" if prefix else "F32"
    assert refusal(name).endswith(
        f"it has: {prefix}item.weight 23×5 {size}, {prefix}user.weight 7×5 {size}, "
        f"{prefix}out.weight 1×5 {size}, {prefix}out.bias 1 {size}"
        if prefix
        else "user.weight 7×5 F32"
    )
    assert refusal(f"{name}?padding=23#*item.weight") == (
        f"{name} has no row '23' that could be padding | padding= takes a row number from 0 to 22"
    )


def test_two_epochs_of_one_model_are_compared(here: Path) -> None:
    """A checkpoint against a later one, row by row."""
    import monitor

    rng = np.random.default_rng(0)
    weight = rng.normal(size=(300, 8)).astype("f4")
    for epoch in (3, 9):
        torch.save({"emb.weight": torch.tensor(weight + epoch * 1e-5)}, f"epoch{epoch}.pt")
    found = monitor.compare("epoch3.pt", "epoch9.pt").to_dict()
    assert found["ids"]["both"] == 300
    assert found["verdict"] == "ok"


class Evil:
    """What a hostile checkpoint would run on being unpickled."""

    def __reduce__(self) -> Any:
        return os.system, ("touch pwned",)


@pytest.mark.parametrize("new", [True, False])
def test_programs_in_a_checkpoint_do_not_run(new: bool, here: Path) -> None:
    """Neither in today's format nor in that of old."""
    torch.save({"w": torch.ones(2, 2), "x": Evil()}, "x.pt", _use_new_zipfile_serialization=new)
    assert refusal("x.pt") == (
        (
            "x.pt holds more than tensors, and reading that can run any program: it was not read "
            "| save the weights alone: torch.save(model.state_dict(), PATH), or better "
            "safetensors.torch.save_file"
        )
        if new
        else (
            "x.pt is a pickle, and reading one can run any program: it was not opened | where it "
            "was made, save the vectors with numpy.save(PATH, array) or DataFrame.to_parquet(PATH)"
        )
    )
    assert not Path("pwned").exists()


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


def test_a_cut_checkpoint(here: Path) -> None:
    """A zip archive without its end."""
    torch.save({"emb": torch.ones(9, 9)}, "x.pt")
    Path("x.pt").write_bytes(Path("x.pt").read_bytes()[:-9])
    assert refusal("x.pt") == (
        "x.pt cannot be read: File is not a zip file | "
        "it may be cut short or damaged; write it again"
    )
