"""Why two versions differ: one or more causes, the most telling first."""

from __future__ import annotations

from monitor.versions.findings import Cause, Expectation, Findings
from monitor.versions.frame_causes import frame_causes
from monitor.versions.measure import Measure
from monitor.versions.row_causes import row_causes
from monitor.versions.verdict import severity

CAUSES = (
    "ids shuffled",
    "nan fill",
    "zero fill",
    "constant fill",
    "random fill",
    "partly re-embedded",
    "mixed encoders",
    "duplicates",
    "collapsed",
    "truncated dims",
    "new encoder",
    "retrained",
    "quantised",
    "rotation",
    "translation",
    "normalisation lost",
    "normalisation gained",
    "rescale",
    "padded dims",
    "noise/nondeterminism",
    "identical",
)
"""All causes; of equally bad ones the earlier explains more. `ids shuffled` is followed by
(all), (share) or (off by one), `quantised` by (fp16), (bf16), (int8), (binary) or (decimals)."""

_ACCOMPANYING = ("rescale", "normalisation")


def diagnosis(found: Findings) -> tuple[Cause, ...]:
    """The causes: the worst first, of equally bad ones that which explains more.

    Changed lengths go with many causes and lead only where they stand alone.
    """
    causes = [*row_causes(found), *frame_causes(found)]
    kept = found.measure("knn_overlap@10")
    return tuple(sorted(causes, key=lambda cause: _rank(cause, kept, found.n, found.expect)))


def _rank(
    cause: Cause, kept: Measure, n: int, expect: Expectation | None
) -> tuple[int, int, int, float]:
    known = [cause.cause.startswith(name) for name in CAUSES]
    bad = 0 if cause.cause.startswith(_ACCOMPANYING) else severity(cause, kept, n, expect)
    return cause.confidence < 0.5, -bad, known.index(True), -cause.confidence
