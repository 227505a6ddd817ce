"""Categories as one-hot rows, and as rows of an embedding table: the same up to a product."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from monitor.embedders.embedded import Embedded, Recipe, ids_of, kept
from monitor.errors import UsageError
from monitor.model import Columns
from monitor.sources import read_items

Codes = npt.NDArray[np.int64]


def one_hot(recipe: Recipe) -> Embedded:
    """A sparse row for each value of the text column, a 1 at its category; null gives zeros.

    Categories stand in the order of their spelling, so that the same set gives the same columns.
    """
    from scipy import sparse

    rows = recipe.rows()
    values = rows[recipe.text].combine_chunks()
    words = pc.unique(values.drop_null()).sort()
    codes = _codes(values, words)
    known = np.flatnonzero(codes >= 0)
    matrix = sparse.csr_array(
        (np.ones(len(known), np.float32), (known, codes[known])), shape=(len(rows), len(words))
    )
    contract = {"encoder": "one-hot", "dim": len(words), "normalised": True}
    return Embedded(
        matrix, ids_of(rows, recipe), contract, values.nbytes, kept(rows, recipe), len(words)
    )


def lookup(recipe: Recipe) -> Embedded:
    """Each category's row of the table `weights`: by its id there, or by its row number.

    It is the one-hot row times the table, without the one-hot row. A category that the table
    lacks has no vector (NaN), and is counted in a note.
    """
    if recipe.weights is None:
        raise UsageError("lookup needs a table of vectors", "--weights SOURCE, with an id column")
    rows = recipe.rows()
    values = rows[recipe.text].combine_chunks()
    table = read_items(recipe.weights, Columns())
    codes = _codes(values, table.ids)
    weights = np.asarray(table.vectors, np.float32)
    vectors = weights[np.maximum(codes, 0)]
    vectors[codes < 0] = np.nan
    lost = int((codes < 0).sum())
    notes = (f"{lost:,} rows are of a category that {table.name} lacks",) if lost else ()
    contract = {"encoder": "lookup", "dim": int(weights.shape[1])}
    return Embedded(
        vectors,
        ids_of(rows, recipe),
        contract,
        values.nbytes,
        kept(rows, recipe),
        len(table),
        notes,
    )


def _codes(values: pa.Array, words: pa.Array) -> Codes:
    """(n,) positions among the words, −1 where there is none."""
    found = pc.fill_null(pc.index_in(values, pa.array(words, pa.string())), -1)
    codes: Codes = found.to_numpy(zero_copy_only=False).astype(np.int64)
    return codes
