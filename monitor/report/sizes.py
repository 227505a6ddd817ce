"""How large a change is, in words."""

from __future__ import annotations

from monitor.report.formats import number, share
from monitor.report.record import Record

_LEAST = {"tv_clusters": 0.02, "residual_ratio": 0.05, "mean_sd": 0.05, "auc": 0.05}
"""From what distance to "no change" on a measure is told."""


def size_words(effect: Record) -> dict[str, str]:
    """Each measure of an `effect` that is large enough to matter, in words, the largest first; the
    AUC, which says the least to most people, only where it is alone.

    >>> list(size_words(Record({"tv_clusters": 0.06, "mean_sd": 0.01, "residual_ratio": 1.5})))
    ['residual_ratio', 'tv_clusters']
    """
    moved, shift, ratio, auc = (
        effect.num(key) for key in ("tv_clusters", "mean_sd", "residual_ratio", "auc")
    )
    sizes = {
        "tv_clusters": moved or 0.0,
        "residual_ratio": abs((1.0 if ratio is None else ratio) - 1),
        "mean_sd": shift or 0.0,
        "auc": (auc or 0.5) - 0.5,
    }
    side = "farther from" if (ratio or 0.0) > 1 else "closer to"
    words = {
        "tv_clusters": f"{share(moved)} of rows moved to other topics",
        "residual_ratio": f"rows lie {share(sizes['residual_ratio'])} {side} known topics",
        "mean_sd": f"the average vector moved by {number(shift, 2)} of the reference's radius",
        "auc": f"a linear rule tells current from reference rows with AUC {number(auc, 2)}",
    }
    told = [name for name in sizes if sizes[name] >= _LEAST[name]]
    told.sort(key=lambda name: -sizes[name] / _LEAST[name])
    plain = [name for name in told if name != "auc"]
    return {name: words[name] for name in plain or told}
