"""Writes the checkpoints of this folder. Run with PyTorch 2 installed: python make.py"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import torch

HERE = Path(__file__).parent


class Evil:
    """What a hostile checkpoint would run on being unpickled."""

    def __reduce__(self) -> Any:
        return os.system, ("touch pwned",)


def save(name: str, what: Any) -> None:
    """A file of this folder, as today's PyTorch writes it."""
    torch.save(what, HERE / name)


def model() -> torch.nn.ModuleDict:
    """Two tables of embeddings, one with a row of padding, and a layer."""
    torch.manual_seed(0)
    return torch.nn.ModuleDict(
        {
            "item": torch.nn.EmbeddingBag(23, 5, padding_idx=0),
            "user": torch.nn.Embedding(7, 5),
            "out": torch.nn.Linear(5, 1),
        }
    )


layers = model()
optimizer = torch.optim.SGD(layers.parameters(), lr=0.1)
save("model.pt", {"epoch": 3, "model": layers.state_dict(), "optimizer": optimizer.state_dict()})
save("whole_module.pt", layers)
rows = torch.arange(24, dtype=torch.float32).reshape(6, 4) - 10
save("bfloat16.pt", {"emb": rows.bfloat16()})
save("float16.pt", [rows.half()])
save("int8.pt", rows.to(torch.int8))
save("views.pt", {"turned": rows.T, "emb": rows[1:5, 1:3], "empty": rows[:0]})
save("evil.pt", {"w": torch.ones(2, 2), "x": Evil()})
torch.save({"w": torch.ones(2, 2)}, HERE / "old.pt", _use_new_zipfile_serialization=False)
np.savez(HERE / "expected.npz", **{k: v.detach().numpy() for k, v in layers.state_dict().items()})
