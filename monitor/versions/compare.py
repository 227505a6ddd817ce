"""Version against version: the one way in."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from monitor.batch import Float64, Items
from monitor.errors import UsageError
from monitor.versions.adapters import upgrade
from monitor.versions.comparison import Comparison, Ids, histogram
from monitor.versions.confusion import confusion
from monitor.versions.diagnosis import diagnosis
from monitor.versions.directions import directions
from monitor.versions.faults import faults
from monitor.versions.findings import Cause, Expectation, Findings
from monitor.versions.frames import framed
from monitor.versions.groups import groups
from monitor.versions.identity import RowFacts, row_facts
from monitor.versions.location import columns_of
from monitor.versions.measures import measured
from monitor.versions.movers import movers
from monitor.versions.neighbourhood import K, Neighbourhood, neighbourhood
from monitor.versions.norms import norms
from monitor.versions.outliers import outliers
from monitor.versions.pairing import Pairs, pairing
from monitor.versions.queries import queries_hurt
from monitor.versions.score_map import score_map
from monitor.versions.slices import slices as slices_of
from monitor.versions.spectrum import Spectrum
from monitor.versions.verdict import Word, expectation, verdict

FEWEST_PAIRS = 30
"""Fewer pairs decide nothing."""


def compare(
    a: Items,
    b: Items,
    *,
    expect: str | None = None,
    slices: Sequence[str] = (),
    queries: tuple[Items, Items] | None = None,
    analogies: Sequence[tuple[str, str]] = (),
    seed: int = 0,
) -> Comparison:
    """How version `b` of some items differs from version `a`: why, which rows, what breaks.

    Rows pair by id, whatever their order; dimensions may differ; the metric is a's. expect:
    `same-encoder`, `retrain` or `upgrade`, see `verdict.verdict` for the rule. slices: columns of a
    to slice by, all of them if none is named. queries: the same queries embedded for a and for
    b. analogies: pairs of ids one step apart, such as man and woman, king and queen. The same
    seed gives the same answer. Reads no clock and writes nothing. Raises UsageError for an
    unknown `expect`, column or id and for vectors that are not a table. Fewer than 30 pairs:
    `inconclusive`.
    """
    wanted = expectation(expect)
    for side in (a, b):
        if side.vectors.ndim != 2 or side.vectors.shape[1] == 0:
            raise UsageError(
                f"the vectors of {side.name or 'a version'} have shape {side.vectors.shape}",
                "give an array of shape (rows, dimension)",
            )
    for name in slices:
        if name not in a.columns:
            known = ", ".join(a.columns) or "none"
            raise UsageError(f"{a.name or 'a'} has no column {name!r}", f"its columns are: {known}")
    pairs, rng = Pairs(a, b, pairing(a.ids, b.ids)), np.random.default_rng(seed)
    if len(pairs) < FEWEST_PAIRS:
        return _inconclusive(pairs, _too_few(pairs))
    found = _compared(pairs, wanted, slices, rng)
    if queries is not None:
        found = replace(found, queries=queries_hurt((a, b), queries, rng))
    return replace(found, directions=directions(a, b, analogies, rng)) if analogies else found


def _compared(
    pairs: Pairs, expect: Expectation | None, by: Sequence[str], rng: np.random.Generator
) -> Comparison:
    facts = row_facts(pairs)
    near = neighbourhood(pairs, facts, rng)
    found = _findings(pairs, facts, near, expect, rng)
    causes = diagnosis(found)
    kept = found.measure("knn_overlap@10")
    word = verdict(causes, kept, found.n, expect)
    if word == "inconclusive":
        return _inconclusive(pairs, "no vectors are usable on both sides")
    residual = np.zeros(0, np.float32) if found.framed is None else found.framed.residual
    queries = near.members[near.queries]
    wanted = {name: v for name, v in pairs.a.columns.items() if not by or name in by}
    columns = columns_of(wanted, pairs.pairing.rows_a[queries])
    around = columns_of(wanted, pairs.pairing.rows_a[near.members])
    return Comparison(
        verdict=word,
        summary=_summary(word, causes, found),
        ids=_ids(pairs),
        diagnosis=causes,
        measures=found.measured.measures,
        movers=movers(pairs, near, found.sound, residual) if len(residual) else (),
        slices=slices_of(near.shares(), columns),
        confusion=confusion((near.near_a[:, :K], near.near_b[:, :K]), near.queries, around),
        upgrade=upgrade(pairs, found.sound, rng),
        score_map=score_map(pairs, near, rng),
        cosines=histogram(facts.cosine),
        residuals=histogram(residual),
        spectra=(_shares(found.measured.spectrum_a), _shares(found.measured.spectrum_b)),
        warnings=_warnings(pairs, facts),
        frame=None if found.framed is None else found.framed.frame.kind,
    )


def _shares(of: Spectrum) -> Float64:
    return np.asarray(of.eigenvalues / (of.eigenvalues.sum() or 1.0))


def _findings(
    pairs: Pairs,
    facts: RowFacts,
    near: Neighbourhood,
    expect: Expectation | None,
    rng: np.random.Generator,
) -> Findings:
    bad = faults(facts)
    sound = np.flatnonzero(facts.usable & ~bad.any)
    enough = len(sound) >= FEWEST_PAIRS
    frame = framed(pairs, facts, sound, rng) if enough else None
    gone = None if frame is None else outliers(pairs, facts, bad, frame, rng)
    strange = frame is not None and not frame.exact
    parts = groups(pairs, near, frame.frame, sound, rng) if frame and strange else None
    inside = sound if frame is None or not frame.exact else sound[~frame.split.outside]
    lengths = norms(facts.norm_a[inside], facts.norm_b[inside])
    return Findings(
        pairs=pairs,
        facts=facts,
        bad=bad,
        framed=frame,
        outliers=gone,
        groups=parts,
        lengths=lengths,
        measured=measured(pairs, facts, lengths, near, rng),
        expect=expect,
    )


def _summary(word: Word, causes: tuple[Cause, ...], found: Findings) -> str:
    said = ", ".join(_said(cause, found.n) for cause in causes[:3]) or "no cause found"
    kept = found.measure("knn_overlap@10")
    if not math.isfinite(kept.value):
        return f"{word}: {said}."
    return (
        f"{word}: {said}. Of 10 nearest neighbours {kept.value:.1%} stay the same "
        f"(95 % interval {kept.low:.1%} to {kept.high:.1%})."
    )


def _said(cause: Cause, n: int) -> str:
    if cause.rows >= n:
        return cause.cause
    where = f", {cause.where}" if cause.where else ""
    return f"{cause.cause} ({cause.rows:,} of {n:,} rows{where})"


def _ids(pairs: Pairs) -> Ids:
    joined = pairs.pairing
    return Ids(len(joined), len(joined.only_a), len(joined.only_b))


def _inconclusive(pairs: Pairs, reason: str) -> Comparison:
    return Comparison(
        verdict="inconclusive",
        summary=f"inconclusive: {reason}.",
        ids=_ids(pairs),
        warnings=_warnings(pairs, None),
        reason=reason,
    )


def _too_few(pairs: Pairs) -> str:
    ids = _ids(pairs)
    if ids.both == 0:
        return (
            f"no id is in both versions ({ids.only_a:,} in a, {ids.only_b:,} in b); "
            "compare them as drift, or give the right id column"
        )
    return f"only {ids.both} ids are in both versions; {FEWEST_PAIRS} are needed"


def _warnings(pairs: Pairs, facts: RowFacts | None) -> tuple[str, ...]:
    joined, said = pairs.pairing, []
    for side, doubled, nameless in (
        ("a", joined.duplicates_a, joined.nameless_a),
        ("b", joined.duplicates_b, joined.nameless_b),
    ):
        if doubled:
            said.append(f"{doubled:,} rows of {side} repeat an id; the first of each is compared")
        if nameless:
            said.append(f"{nameless:,} rows of {side} have no id and are left out")
    ids = _ids(pairs)
    if ids.both and (ids.only_a or ids.only_b):
        said.append(f"{ids.only_a:,} ids are in a alone and {ids.only_b:,} in b alone")
    if pairs.a.metric != pairs.b.metric:
        said.append(f"a is compared by {pairs.a.metric}, b by {pairs.b.metric}; a's was used")
    if facts is not None:
        mended = int(((facts.norm_a == 0) | ~facts.finite_a).sum())
        if mended:
            said.append(f"{mended:,} of the paired vectors of a were zero or not finite already")
    return tuple(said)
