"""Fewer dimensions by PCA and truncated SVD, of vectors or of texts' TF-IDF."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from monitor.embedders.embedded import Embedded, Recipe, ids_of, kept, normalised
from monitor.errors import UsageError
from monitor.model import Columns
from monitor.sources import read_items


def pca(recipe: Recipe) -> Embedded:
    """The first `dim` principal components of the source's vectors; rows of NaN stay so."""
    from sklearn.decomposition import PCA

    return _projected(recipe, PCA, "pca")


def svd(recipe: Recipe) -> Embedded:
    """The first `dim` singular directions, uncentred, so that zeros of sparse rows stay zeros."""
    from sklearn.decomposition import TruncatedSVD

    return _projected(recipe, TruncatedSVD, "svd")


def tfidf_svd(recipe: Recipe) -> Embedded:
    """Latent semantic analysis: TF-IDF of the words, then truncated SVD (Deerwester, 1990)."""
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer

    rows = recipe.rows()
    texts = rows[recipe.text].combine_chunks()
    counted = TfidfVectorizer(sublinear_tf=True, dtype=np.float32).fit_transform(
        [text or "" for text in texts.to_pylist()]
    )
    _refuse_wide(recipe.dim, min(counted.shape) - 1)
    model = TruncatedSVD(recipe.dim, random_state=recipe.seed)
    vectors = model.fit_transform(counted).astype(np.float32)
    vectors = normalised(vectors) if recipe.normalise else vectors
    contract = {"encoder": "tfidf-svd", "dim": recipe.dim, "normalised": recipe.normalise}
    return Embedded(
        vectors,
        ids_of(rows, recipe),
        contract,
        texts.nbytes,
        kept(rows, recipe),
        notes=(f"{counted.shape[1]:,} words, {_share(model)} of their variance kept",),
    )


def _projected(recipe: Recipe, kind: Any, name: str) -> Embedded:
    items = read_items(recipe.source, Columns(id=recipe.id, keep=recipe.keep or ("*",), items=True))
    whole = np.asarray(items.vectors, np.float32)
    sound = np.isfinite(whole).all(axis=1)
    _refuse_wide(recipe.dim, min(int(sound.sum()), whole.shape[1]))
    model = kind(recipe.dim, random_state=recipe.seed)
    vectors: npt.NDArray[np.float32] = np.full((len(whole), recipe.dim), np.nan, np.float32)
    vectors[sound] = model.fit_transform(whole[sound])
    contract = {"encoder": name, "dim": recipe.dim}
    note = f"{_share(model)} of the variance kept"
    return Embedded(vectors, items.ids, contract, whole.nbytes, dict(items.columns), notes=(note,))


def _share(model: Any) -> str:
    return f"{100 * float(model.explained_variance_ratio_.sum()):.1f} %"


def _refuse_wide(dim: int, most: int) -> None:
    if dim > most:
        raise UsageError(f"{dim} dimensions are more than the {most} there are", "--dim N")
