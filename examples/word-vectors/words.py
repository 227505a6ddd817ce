"""Writes word vectors of two eras as word2vec does: then.txt and now.txt; and a control.

The texts are paragraphs of the annual messages of US presidents (sample_data/speeches.parquet): of
1946 to 1984, and from 1985 on; half_a.txt and half_b.txt are of two random halves of the first. A
word's vector is a truncated SVD of the words within five words of it, as positive pointwise mutual
information (Levy, Goldberg and Dagan, 2015).
"""

import re
from collections import Counter
from itertools import chain

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq
from scipy import sparse
from sklearn.decomposition import TruncatedSVD

from monitor.assets import sample_data

WINDOW, FEWEST, DIM = 5, 20, 64
WORD = re.compile(r"[a-z]{2,}")


def vectors(texts: list[str]) -> tuple[list[str], np.ndarray]:
    """The words that occur often enough, the most frequent first, and a vector (DIM,) of each."""
    texts = [WORD.findall(text.lower()) for text in texts]
    words = [word for word, n in Counter(chain(*texts)).most_common() if n >= FEWEST]
    number = {word: i for i, word in enumerate(words)}
    # One line of numbers; between two texts a gap that no window reaches over.
    line = np.array([number.get(w, -1) for t in texts for w in [*t, *[""] * WINDOW]])
    pairs = np.hstack([np.stack([line[:-step], line[step:]]) for step in range(1, WINDOW + 1)])
    a, b = pairs[:, (pairs >= 0).all(axis=0)]
    counts = sparse.csr_array((np.ones(len(a)), (a, b)), shape=(len(words),) * 2)
    counts = (counts + counts.T).tocoo()
    total = counts.sum(axis=0)
    context = total**0.75 / (total**0.75).sum()
    information = np.log(counts.data / total[counts.row] / context[counts.col])
    counts.data = np.maximum(information, 0)
    svd = TruncatedSVD(DIM, random_state=0)
    return words, svd.fit_transform(counts.tocsr()) / np.sqrt(svd.singular_values_)


speeches = pq.read_table(sample_data() / "speeches.parquet", columns=["ts", "text"])
texts = speeches["text"].to_numpy()
early = pc.less(pc.year(speeches["ts"]), 1985).to_numpy()
half = np.random.default_rng(0).random(len(texts)) < 0.5
parts = {"then": early, "now": ~early, "half_a": early & half, "half_b": early & ~half}
for name, rows in parts.items():
    words, found = vectors(texts[rows].tolist())
    lines = (
        f"{word} {' '.join(f'{x:.5f}' for x in row)}"
        for word, row in zip(words, found, strict=True)
    )
    with open(f"{name}.txt", "w", encoding="utf-8") as file:
        file.write("\n".join([f"{len(words)} {DIM}", *lines]) + "\n")
    print(f"{name}.txt: {rows.sum():,} paragraphs, {len(words):,} words")
