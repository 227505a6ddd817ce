"""Names for clusters: their words where rows have text, else a column's value, else a row."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from monitor.batch import Float64, Int64

_WORD = re.compile(r"[^\W\d_]{2,40}")
_TEXT_READ = 4000
_COMMON_SHARE, _COMMON_CLUSTERS = 0.05, 0.5
_LEAST_MODAL_SHARE = 0.5
_MOST_EXTRA_TERMS = 3

# Words that say nothing about a topic. Whatever else is everywhere is found by counting.
_STOP_WORDS = (
    "about after all also an and any are as at be been before between but by can could did do does "
    "done each for from had has have having he her his how if in into is it its just may me more "
    "most my no nor not of off on only or other our out over she should so some such than that the "
    "their them then there these they this those through to under until up upon us very was we "
    "were what when where which while who whom whose why will with without would you your"
)
_STOP = frozenset(_STOP_WORDS.split())


@dataclass(frozen=True)
class Label:
    """A cluster's name. `terms` are its parts, the most telling first; `text` joins them.

    source: whether it is made of words of the texts, of a column's value, of the id of the
    cluster's medoid, or (no rows, or rows without any of these) of the cluster's number.
    """

    text: str
    terms: tuple[str, ...]
    source: Literal["text", "column", "medoid", "number"]


def cluster_labels(
    texts: Sequence[str | None],
    clusters: npt.NDArray[np.integer],
    n_clusters: int,
    *,
    columns: Mapping[str, Sequence[str | None]] | None = None,
    ids: Sequence[str] | None = None,
    distances: Float64 | None = None,
    terms: int = 3,
) -> list[Label]:
    """The label of each of the `n_clusters` clusters; row i is in cluster `clusters[i]`.

    Words are ranked by c-TF-IDF (see `term_weights`). A cluster without words has the value
    that at least half of its rows share in one of the `columns`, else the id of its medoid:
    the row at the least of `distances` from the centre (the first, where none are given).
    Labels are told apart by further words where two would be the same.

    >>> texts = ["pizza with cheese", "pizza, thin", "tomato soup", "fish soup"]
    >>> [label.text for label in cluster_labels(texts, np.array([0, 0, 1, 1]), 2, terms=1)]
    ['pizza', 'soup']
    """
    members = [np.flatnonzero(clusters == k) for k in range(n_clusters)]
    ranked = _ranked_words(texts, members, terms + _MOST_EXTRA_TERMS)
    labels: list[Label] = []
    taken: set[str] = set()
    for k, rows in enumerate(members):
        label = (
            _of_words(ranked[k], terms, taken)
            or _of_column(columns or {}, rows)
            or _of_medoid(ids, rows, distances)
            or Label(_numbered(k), (), "number")
        )
        labels.append(label)
        taken.add(label.text)
    return labels


def kept_names(names: Sequence[str], before: Sequence[str]) -> list[str]:
    """`names` of clusters, but that of `before` where a cluster had one already, so that a topic
    keeps its name while it exists. A new name that is taken gets its cluster's number.

    >>> kept_names(["pizza", "soup", "tea"], ["pizza, crust", "cluster 1", "soup"])
    ['pizza, crust', 'soup (1)', 'soup']
    """
    known = {k: name for k, name in enumerate(before) if name != _numbered(k)}
    taken = set(known.values())
    new = [f"{name} ({k})" if name in taken else name for k, name in enumerate(names)]
    return [known.get(k, name) for k, name in enumerate(new)]


def _numbered(k: int) -> str:
    """What a cluster is called of which nothing is known but its place."""
    return f"cluster {k}"


def words(text: str | None) -> set[str]:
    """The distinct words of `text` that may name a topic: letters, lower case, no stop words.

    >>> sorted(words("The 2 best Crème-brûlées of all"))
    ['best', 'brûlées', 'crème']
    """
    return set(_WORD.findall((text or "")[:_TEXT_READ].lower())) - _STOP


def term_weights(counts: Int64) -> Float64:
    """Class-based TF-IDF of `counts` (clusters, terms), same shape, not negative.

    A term's share of its cluster's words, times log(1 + A / f): A the mean number of words a
    cluster, f the term's number over all clusters (Grootendorst 2022, arXiv 2203.05794, eq. 2).

    >>> term_weights(np.array([[2, 0], [1, 1]])).round(3).tolist()
    [[0.511, 0.0], [0.255, 0.549]]
    """
    per_cluster, per_term = counts.sum(1, keepdims=True), counts.sum(0)
    share = counts / np.maximum(per_cluster, 1)
    rarity = np.log1p(per_cluster.mean() / np.maximum(per_term, 1))
    return np.asarray(share * rarity, np.float64)


def _ranked_words(
    texts: Sequence[str | None], members: list[npt.NDArray[np.intp]], most: int
) -> list[list[str]]:
    """The telling words of each cluster, the best first.

    A word counts once a text, so that one long text cannot name a cluster, and must stand in
    two of a cluster's texts where there are two.
    """
    found = _singular([[w for i in rows if (w := words(texts[i]))] for rows in members])
    tally = [Counter(word for each in part for word in each) for part in found]
    vocabulary = sorted(set().union(*tally))
    if not vocabulary:
        return [[] for _ in members]
    counts = np.array([[each[word] for word in vocabulary] for each in tally], np.int64)
    n_texts = np.array([len(part) for part in found])
    weights = term_weights(counts)
    weights[counts < np.minimum(2, n_texts)[:, None]] = 0
    weights[:, _is_common(counts, n_texts)] = 0
    best = np.argsort(-weights, axis=1, kind="stable")
    return [
        [vocabulary[j] for j in order[:most] if row[j] > 0]
        for order, row in zip(best, weights, strict=True)
    ]


def _is_common(counts: Int64, n_texts: Int64) -> npt.NDArray[np.bool_]:
    """(terms,) whether a term stands in many texts of most clusters. Few clusters show none."""
    if len(counts) < 4:
        return np.zeros(counts.shape[1], bool)
    often = counts >= np.maximum(1, _COMMON_SHARE * n_texts)[:, None]
    return np.asarray(often.mean(0) > _COMMON_CLUSTERS)


def _singular(found: list[list[set[str]]]) -> list[list[set[str]]]:
    """`found` with words that are another word and an s counted as that word."""
    known = {word for part in found for each in part for word in each}
    plural = {word: word[:-1] for word in known if word.endswith("s") and word[:-1] in known}
    return [[{plural.get(word, word) for word in each} for each in part] for part in found]


def _of_words(ranked: list[str], terms: int, taken: set[str]) -> Label | None:
    """The first `terms` words, or more where that label is taken; the first where all are."""
    lengths = range(min(terms, len(ranked)), len(ranked) + 1)
    labels = [Label(", ".join(ranked[:n]), tuple(ranked[:n]), "text") for n in lengths if n]
    return next((label for label in labels if label.text not in taken), next(iter(labels), None))


def _of_column(
    columns: Mapping[str, Sequence[str | None]], rows: npt.NDArray[np.intp]
) -> Label | None:
    """The value most rows share, of the column where they share most."""
    best, best_count = "", 0
    for values in columns.values():
        tally = Counter(value for i in rows if (value := values[i]))
        for value, count in tally.most_common(1):
            if count > best_count:
                best, best_count = value, count
    if not best or best_count < _LEAST_MODAL_SHARE * len(rows):
        return None
    return Label(best, (best,), "column")


def _of_medoid(
    ids: Sequence[str] | None, rows: npt.NDArray[np.intp], distances: Float64 | None
) -> Label | None:
    if ids is None or len(rows) == 0:
        return None
    nearest = 0 if distances is None else int(np.argmin(distances[rows]))
    name = str(ids[rows[nearest]])
    return Label(name, (name,), "medoid")
