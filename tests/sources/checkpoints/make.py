"""Writes the checkpoints of this folder. Run with PyTorch 2 installed: python make.py

Tests read the files and do without PyTorch, as the tool does.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

HERE = Path(__file__).parent
DISHES = HERE.parents[2] / "sample_data" / "dishes_v1.parquet"
COMMON = 8
"""Words that so many dishes have are learnt."""


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
    train()


def train() -> None:
    """A classifier of dishes by their words, saved after epochs 3 and 9; row 0 is padding."""
    import torch

    rows, labels, words = dishes()
    torch.manual_seed(0)
    embedding = torch.nn.EmbeddingBag(words + 1, 12, mode="mean", padding_idx=0)
    model = torch.nn.Sequential(embedding, torch.nn.Linear(12, int(labels.max()) + 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    for epoch in range(1, 10):
        for batch in torch.randperm(len(rows)).split(128):
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(model(rows[batch]), labels[batch]).backward()
            optimizer.step()
        right = (model(rows).argmax(dim=1) == labels).float().mean()
        print(f"epoch {epoch}: {right:.3f} of {len(rows)} dishes in the right category")
        if epoch in (3, 9):
            torch.save({"epoch": epoch, "model": model.state_dict()}, HERE / f"epoch{epoch}.pt")


def dishes() -> tuple[Any, Any, int]:
    """The words of each dish as numbers from 1, its category, and how many words there are."""
    import torch

    table = pq.read_table(DISHES, columns=["text", "label"])
    spoken = [re.findall(r"[a-z]{2,}", text.lower()) for text in table["text"].to_pylist()]
    counts = Counter(word for words in spoken for word in set(words))
    common = sorted(word for word, n in counts.items() if n >= COMMON)
    numbers = {word: at for at, word in enumerate(common, 1)}
    rows = torch.zeros(len(spoken), max(map(len, spoken)), dtype=torch.long)
    for row, words in zip(rows, spoken, strict=True):
        known = [numbers[word] for word in words if word in numbers]
        row[: len(known)] = torch.tensor(known, dtype=torch.long)
    labels = torch.tensor(np.unique(table["label"].to_pylist(), return_inverse=True)[1])
    return rows, labels, len(common)


if __name__ == "__main__":
    main()
