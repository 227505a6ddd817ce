"""Texts as the mean of their words' vectors."""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt

from monitor.embedders.embedded import Embedded, Recipe, ids_of, kept, normalised
from monitor.errors import UsageError
from monitor.sources import open_source

_WORD = re.compile(r"\w+(?:['’-]\w+)*")


def words(recipe: Recipe) -> Embedded:
    """The mean vector of the words of each text that the source `weights` knows.

    A word is looked up as it is written, else in lower case. A text without a known word has no
    vector (NaN). The table of words is streamed: only the words of the texts are held.
    """
    if recipe.weights is None:
        raise UsageError("words needs vectors of words", "--weights glove.6B.100d.txt")
    rows = recipe.rows()
    column = rows[recipe.text].combine_chunks()
    texts = [_WORD.findall(text or "") for text in column.to_pylist()]
    wanted = {form for text in texts for word in text for form in (word, word.lower())}
    known, dim = _known(recipe.weights, wanted)
    vectors = np.full((len(texts), dim), np.nan, np.float32)
    for row, text in enumerate(texts):
        spelled = (word if word in known else word.lower() for word in text)
        found = [known[word] for word in spelled if word in known]
        if found:
            vectors[row] = np.stack(found).mean(axis=0)
    lost = int(np.isnan(vectors[:, 0]).sum())
    vectors = normalised(vectors) if recipe.normalise else vectors
    contract = {"encoder": "words", "dim": dim, "pooling": "mean", "normalised": recipe.normalise}
    notes = (f"{lost:,} texts hold no known word",) if lost else ()
    return Embedded(
        vectors, ids_of(rows, recipe), contract, column.nbytes, kept(rows, recipe), notes=notes
    )


def _known(weights: str, wanted: set[str]) -> tuple[dict[str, npt.NDArray[np.float32]], int]:
    source = open_source(weights)
    known: dict[str, npt.NDArray[np.float32]] = {}
    for batch in source.batches():
        if batch.ids is None:
            raise UsageError(f"{source.name} has no words", "its id column names the words")
        for row, word in enumerate(batch.ids.to_pylist()):
            if word in wanted and word not in known:
                known[word] = batch.vectors[row].copy()
    return known, source.dim
