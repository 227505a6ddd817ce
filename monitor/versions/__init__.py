"""Version against version over the same items: how they pair, what changed, why, which rows."""

from monitor.versions.audit import audit
from monitor.versions.audited import Audit
from monitor.versions.compare import compare
from monitor.versions.comparison import Comparison
from monitor.versions.coverage import Coverage, coverage
from monitor.versions.lookup import neighbors, neighbors_against
from monitor.versions.texts import text_column

__all__ = [
    "Audit",
    "Comparison",
    "Coverage",
    "audit",
    "compare",
    "coverage",
    "neighbors",
    "neighbors_against",
    "text_column",
]
