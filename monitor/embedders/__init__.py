"""Embedders: from categories, texts, ratings or vectors to vectors, each by a named method."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from monitor.embedders.categories import lookup, one_hot
from monitor.embedders.embedded import Embedded, Recipe
from monitor.embedders.encoder import encoder
from monitor.embedders.factors import als
from monitor.embedders.linear import pca, svd, tfidf_svd
from monitor.embedders.words import words

__all__ = ["METHODS", "Embedded", "Recipe"]

METHODS: Mapping[str, Callable[[Recipe], Embedded]] = {
    "one-hot": one_hot,
    "lookup": lookup,
    "pca": pca,
    "svd": svd,
    "tfidf-svd": tfidf_svd,
    "als": als,
    "words": words,
    "encoder": encoder,
}
"""What `embmon embed METHOD` does."""
