"""One index, without an earlier version: is it sound?"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from monitor.batch import Items
from monitor.errors import UsageError
from monitor.versions.audited import Audit, AuditWord, Index, Reading, reading
from monitor.versions.canary import Replay
from monitor.versions.canary import replay as replayed
from monitor.versions.corrupt import Facts, corrupt, dead_dimensions
from monitor.versions.dimension import two_nn
from monitor.versions.findings import Cause
from monitor.versions.hubness import antihubs, hub_skew, occurrences
from monitor.versions.mixed import declared, mixed
from monitor.versions.neighbours import Pool, nearest, unit
from monitor.versions.pairing import float32
from monitor.versions.spectrum import spectrum

FEWEST_ROWS = 30
SAMPLE = 4000
_HUB = 0.2
_COLLAPSED = 0.05
_MANY = 0.01
_SURE = 0.8
_COPY = 1e-3


def audit(items: Items, *, canaries: Items | None = None, seed: int = 0) -> Audit:
    """What is wrong with an index by itself: mixed encoders, corrupt rows, dead dimensions, hubs.

    canaries: fresh vectors of some of its texts, under their ids, see `canary.replay`. The same
    seed gives the same answer. Fewer than 30 usable rows: `inconclusive`. Raises
    UsageError for vectors that are not a table, and for canaries that do not fit.
    """
    if items.vectors.ndim != 2 or items.vectors.shape[1] == 0:
        raise UsageError(
            f"the vectors of {items.name or 'the index'} have shape {items.vectors.shape}",
            "give an array of shape (rows, dimension)",
        )
    facts, rng = Facts(items), np.random.default_rng(seed)
    index = _index(items, facts)
    found = [*corrupt(index, facts), *declared(index)]
    if len(index.rows) < FEWEST_ROWS:
        return _audit("inconclusive", index, found, {})
    proof = Replay((), (), breaking=False) if canaries is None else replayed(index, canaries)
    found += [*proof.findings, *dead_dimensions(facts), *mixed(index)]
    readings, more = _readings(index, facts, rng)
    found += more
    word = "breaking" if proof.breaking else _verdict(found, len(items))
    told = _audit(word, index, found, readings)
    return replace(told, notes=(*told.notes, *proof.notes))


def _index(items: Items, facts: Facts) -> Index:
    rows = np.asarray(np.flatnonzero(facts.sound), np.int64)
    sampled = rows[:: max(1, -(-len(rows) // SAMPLE))]
    return Index(items, rows, sampled, unit(float32(items.vectors[sampled])))


def _readings(
    index: Index, facts: Facts, rng: np.random.Generator
) -> tuple[dict[str, Reading], list[Cause]]:
    """Numbers about the whole, and findings where one of them is far off."""
    n = len(index.sample)
    pool = Pool(index.sample, np.arange(n), "cosine")
    near = nearest(pool, index.sample, np.arange(n), min(10, n - 1))
    lists, size = near.positions, spectrum(index.sample)
    apart = np.sqrt(np.clip(2 - 2 * near.similarity.astype(np.float64), 0, None))
    apart[apart < _COPY] = np.inf
    apart.sort(axis=1)
    most = occurrences(lists, n) / n
    copies = np.unique(facts.hash[index.rows], return_counts=True)[1]
    values = {
        "anisotropy": float((index.sample.mean(axis=0, dtype=np.float64) ** 2).sum()),
        "rankme": size.rankme.value,
        "rankme_share": size.rankme.value / min(index.sample.shape),
        "participation": size.participation.value,
        "top1_share": float(size.eigenvalues[0] / size.eigenvalues.sum())
        if size.eigenvalues.sum() > 0
        else math.nan,
        "bimodality": _bimodality(index),
        "intrinsic_dimension": two_nn(apart[:, 0], apart[:, 1]).value,
        "hub_skew": hub_skew(lists, n, rng).value,
        "largest_hub": float(most.max()),
        "antihubs": antihubs(lists, n).value,
        "duplicate_rows": float(copies[copies > 1].sum() / max(1, len(index.rows))),
        "dead_dimensions": float((~facts.moving).sum()),
        "norm_spread": _spread(facts.norm[index.rows]),
    }
    found = []
    if values["rankme_share"] < _COLLAPSED:
        text = f"{values['rankme']:.3g} directions are in use, of {index.sample.shape[1]} (RankMe)"
        found.append(Cause("collapsed", 0.9, (text,), len(index.rows)))
    if values["largest_hub"] > _HUB:
        found.append(_hubs(index, most))
    return {name: reading(name, value) for name, value in values.items()}, found


def _hubs(index: Index, most: np.typing.NDArray[np.float64]) -> Cause:
    flags = np.zeros(len(index.items), bool)
    flags[index.sampled[most > _HUB]] = True
    text = (
        f"{int(flags.sum()):,} rows stand among the 10 nearest of more than {_HUB:.0%} of the "
        f"others (the greatest of {most.max():.0%}), in a sample of {len(most):,}"
    )
    return index.named("hubs", 0.9, [text], flags)


def _bimodality(index: Index) -> float:
    """Sarle's coefficient of the first component: 1/3 for a bell, 5/9 for a flat one, 1 at most,
    for two points."""
    centred = (index.sample - index.sample.mean(axis=0)).astype(np.float64)
    along = centred @ np.linalg.eigh(centred.T @ centred)[1][:, -1]
    spread = float((along**2).mean())
    if spread <= 0:
        return math.nan
    skew, kurtosis = float((along**3).mean()) / spread**1.5, float((along**4).mean()) / spread**2
    return float((skew**2 + 1) / kurtosis)


def _spread(norms: np.typing.NDArray[np.float64]) -> float:
    low, middle, high = np.quantile(norms, [0.05, 0.5, 0.95])
    return float((high - low) / 3.29 / middle)


def _verdict(found: list[Cause], n: int) -> AuditWord:
    """breaking: sure, and a hundredth of the rows or more; warn: any finding; else ok."""
    grave = ("zero fill", "nan fill", "constant fill", "mixed encoders", "collapsed")
    bad = [f for f in found if f.confidence >= _SURE and f.rows >= _MANY * n and f.cause in grave]
    return "breaking" if bad else "warn" if found else "ok"


def _audit(
    word: AuditWord, index: Index, found: list[Cause], readings: dict[str, Reading]
) -> Audit:
    order = sorted(found, key=lambda f: (-f.confidence, -f.rows))
    n = len(index.items)
    said = ", ".join(_said(f, n) for f in order[:3]) or "nothing found"
    if word == "inconclusive":
        said = f"{len(index.rows):,} usable rows; {FEWEST_ROWS} are needed"
    notes = []
    if not any(f.cause == "mixed encoders" for f in found) and word != "inconclusive":
        notes.append(
            "no evidence of a second encoder in any column, stretch of rows or group: "
            "two encoders of the same mean and directions would not show"
        )
    columns = ", ".join(k for k in readings if not readings[k].usual)
    if columns:
        notes.append(f"outside of what sound indexes measure: {columns}")
    return Audit(
        word,
        f"{word}: {said}.",
        n,
        int(index.items.vectors.shape[1]),
        tuple(order),
        readings,
        tuple(notes),
    )


def _said(found: Cause, n: int) -> str:
    where = f", {found.where}" if found.where else ""
    return f"{found.cause} ({found.rows:,} of {n:,} rows{where})"
