"""`embed`: a method's vectors into a file, and what they cost."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from monitor.contract import FILE_KEY
from monitor.embedders import METHODS, Embedded, Recipe
from monitor.embedders.cost import cost
from monitor.errors import UsageError
from monitor.pipeline.workspace import Run, Workspace


def embed(
    workspace: Workspace, method: str, recipe: Recipe, out: Path, outputs: int
) -> dict[str, Any]:
    """Embeds a source and writes the vectors; see `Monitor.embed`."""
    run = Run("embed", workspace, seed=recipe.seed)
    if method not in METHODS:
        raise UsageError(f"there is no method {method!r}", f"one of {', '.join(METHODS)}")
    sparse = method == "one-hot"
    wanted = ".npz" if sparse else ".parquet"
    if out.suffix != wanted:
        raise UsageError(f"{method} writes {wanted} files, not {out.name}", f"-o NAME{wanted}")
    workspace.progress(f"embedding by {method}", 0, None)
    found = METHODS[method](recipe)
    beside = out.with_name(f".{out.name}.part")
    (_write_sparse if sparse else _write)(found, beside)
    os.replace(beside, out)
    run.warnings += found.notes
    return run.document(
        {
            "method": method,
            "out": str(out),
            "contract": dict(found.contract),
            "cost": cost(found, outputs, recipe.seed),
        }
    )


def _write(found: Embedded, path: Path) -> None:
    import pyarrow.parquet as pq

    vectors = np.ascontiguousarray(found.vectors, np.float32)
    lost = np.isnan(vectors[:, 0])
    lists = pa.FixedSizeListArray.from_arrays(
        pa.array(vectors.ravel()), vectors.shape[1], mask=pa.array(lost) if lost.any() else None
    )
    columns = {k: v for k, v in found.columns.items() if k not in ("id", "embedding")}
    table = pa.table({"id": found.ids, **columns, "embedding": lists})
    contract = json.dumps(dict(found.contract)).encode()
    pq.write_table(table.replace_schema_metadata({FILE_KEY: contract}), path)


def _write_sparse(found: Embedded, path: Path) -> None:
    """As scipy.sparse.save_npz does, with the ids beside."""
    matrix = found.vectors
    with open(path, "wb") as stream:
        np.savez_compressed(
            stream,
            format=np.array(b"csr"),
            shape=np.array(matrix.shape),
            data=matrix.data,
            indices=matrix.indices,
            indptr=matrix.indptr,
            ids=np.array(found.ids.to_pylist(), dtype=str),
        )
