"""Version against version over the same items: how they pair, what changed, why, which rows."""

from monitor.versions.audit import audit
from monitor.versions.audited import Audit
from monitor.versions.card import Card, card, card_from, card_measures
from monitor.versions.compare import compare
from monitor.versions.comparison import Comparison
from monitor.versions.coverage import Corpus, Coverage, corpus_of, coverage
from monitor.versions.lookup import neighbors, neighbors_against
from monitor.versions.origin import Origin, origin
from monitor.versions.texts import text_column

__all__ = [
    "Audit",
    "Card",
    "Comparison",
    "Corpus",
    "Coverage",
    "Origin",
    "audit",
    "card",
    "card_from",
    "card_measures",
    "compare",
    "corpus_of",
    "coverage",
    "neighbors",
    "neighbors_against",
    "origin",
    "text_column",
]
