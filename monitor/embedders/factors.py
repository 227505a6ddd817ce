"""Collaborative filtering: items as factors of who rated what (Hu, Koren and Volinsky, 2008)."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from monitor.embedders.embedded import Embedded, Recipe
from monitor.errors import SourceError
from monitor.sources import read_columns
from monitor.sources.extras import library


def als(recipe: Recipe) -> Embedded:
    """A vector for each item by alternating least squares on ratings, one a row.

    The vectors of two trainings lie in two bases, whatever the data: `compare` aligns them.
    """
    from scipy import sparse

    implicit = library("implicit.als", "factors")
    names = (recipe.user, recipe.item, recipe.rating)
    rows = read_columns(recipe.source, names)
    users, items = (rows[name].combine_chunks().dictionary_encode() for name in names[:2])
    try:
        ratings = pc.cast(rows[recipe.rating].combine_chunks(), pa.float32())
    except pa.ArrowInvalid as error:
        raise SourceError(
            f"{recipe.rating!r} holds what is no number: {error}", "name another: --rating COL"
        ) from error
    whole = pc.and_(pc.and_(users.is_valid(), items.is_valid()), ratings.is_valid())
    sound = whole.to_numpy(zero_copy_only=False)
    at = [pc.fill_null(a.indices, 0).to_numpy()[sound] for a in (users, items)]
    values = pc.fill_null(ratings, 0).to_numpy()[sound]
    shape = (len(users.dictionary), len(items.dictionary))
    matrix = sparse.csr_matrix((values, at), shape=shape)
    model = implicit.AlternatingLeastSquares(
        recipe.dim, random_state=recipe.seed, num_threads=1, use_gpu=False
    )
    model.fit(matrix, show_progress=False)
    contract = {"encoder": "als", "dim": recipe.dim, "metric": "ip"}
    return Embedded(
        np.asarray(model.item_factors, np.float32),
        items.dictionary.cast(pa.string()),
        contract,
        rows.nbytes,
        categories=shape[1],
    )
