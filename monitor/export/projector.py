"""Vectors and metadata as TensorFlow's Embedding Projector loads them: two TSV files."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from monitor.batch import Items


def write_projector(items: Items, folder: Path) -> int:
    """Writes `vectors.tsv` and `metadata.tsv` into the folder; how many rows they have.

    Rows that are not all finite are left out of both. Metadata begin with a line of names, `id`
    first; tabs, line breaks and control characters in values become spaces.
    """
    vectors = np.asarray(items.vectors, np.float32)
    rows = np.flatnonzero(np.isfinite(vectors).all(axis=1))
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "vectors.tsv", "w", encoding="utf-8") as stream:
        np.savetxt(stream, vectors[rows], "%.9g", "\t")
    columns = {"id": items.ids, **{k: v for k, v in items.columns.items() if k != "id"}}
    lines = ["\t".join(_cell(name) for name in columns)]
    values = [column.take(rows).to_pylist() for column in columns.values()]
    lines += ["\t".join(map(_cell, row)) for row in zip(*values, strict=True)]
    text = "\n".join(lines) + "\n"
    (folder / "metadata.tsv").write_text(text, encoding="utf-8", errors="replace")
    return len(rows)


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    return "".join(c if c.isprintable() else " " for c in text)
