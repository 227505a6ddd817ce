"""Writes the checkpoints of this folder. Run with PyTorch 2 installed: python make.py

Tests read the files and do without PyTorch, as the tool does.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).parent


class Evil:
    """What a hostile checkpoint would run on being unpickled."""

    def __reduce__(self) -> Any:
        return os.system, ("touch pwned",)


def main() -> None:
    """Tables of a model, one matrix in several types, views, and hostile files."""
    import torch

    torch.manual_seed(0)
    layers = torch.nn.ModuleDict(
        {
            "item": torch.nn.EmbeddingBag(23, 5, padding_idx=0),
            "user": torch.nn.Embedding(7, 5),
            "out": torch.nn.Linear(5, 1),
        }
    )
    state = layers.state_dict()
    optimizer = torch.optim.SGD(layers.parameters(), lr=0.1).state_dict()
    rows = torch.arange(24, dtype=torch.float32).reshape(6, 4) - 10
    for name, what in {
        "model": {"epoch": 3, "model": state, "optimizer": optimizer},
        "whole_module": layers,
        "bfloat16": {"emb": rows.bfloat16()},
        "float16": [rows.half()],
        "int8": rows.to(torch.int8),
        "views": {"turned": rows.T, "emb": rows[1:5, 1:3], "empty": rows[:0]},
        "evil": {"w": torch.ones(2, 2), "x": Evil()},
    }.items():
        torch.save(what, HERE / f"{name}.pt")
    torch.save({"w": rows}, HERE / "old.pt", _use_new_zipfile_serialization=False)
    np.savez(HERE / "expected.npz", **{key: value.numpy() for key, value in state.items()})


if __name__ == "__main__":
    main()
