"""Every known cause is named first on real embeddings, with its rows."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.version_cases import CASES, SIGNATURES, Case, Scene, scene
from monitor.versions import Comparison, compare

VERDICTS = {
    "identical": "ok",
    "rows permuted": "ok",
    "fp16 round trip": "ok",
    "four decimals": "ok",
    "noise 1e-7": "ok",
    "noise 1 %": "ok",
    "int8 export": "ok",
    "int8 grid": "ok",
    "int8, raw integers": "warn",
    "rotation": "warn",
    "× 3": "warn",
    "mean shift .5": "warn",
    "centred": "warn",
    "normalisation lost": "warn",
    "normalisation gained": "warn",
    "truncated to half": "warn",
    "padded with zeros": "warn",
    "zero rows of one label": "warn",
}
"""All others break."""


def told(name: str, seed: int, n: int) -> tuple[Scene, Case, Comparison]:
    """The case of this name, compared."""
    s = scene(seed, n)
    case = CASES[name](s)
    return s, case, compare(case.a or s.a, case.b, seed=seed)


def check(name: str, s: Scene, case: Case, found: Comparison) -> None:
    """The true cause is first; at least 95 % of its rows are named, and hardly others."""
    first = found.diagnosis[0]
    assert first.cause == case.cause, found.summary
    assert first.confidence >= 0.8
    assert first.evidence
    if case.rows is not None:
        wanted = set(np.array(s.a.ids.to_pylist())[case.rows])
        named = set(first.row_ids.to_pylist())
        assert len(wanted & named) >= 0.95 * len(wanted)
        assert len(named - wanted) <= 0.01 * len(s.x)
        assert first.rows == len(named)


@pytest.mark.parametrize(("seed", "n"), [(0, 2000), (1, 600)])
@pytest.mark.parametrize("name", SIGNATURES)
def test_the_signature_table(name: str, seed: int, n: int) -> None:
    """Dishes: the right cause first, the right rows, the right verdict."""
    s, case, found = told(name, seed, n)
    check(name, s, case, found)
    assert found.verdict == VERDICTS.get(name, "breaking")


@pytest.mark.parametrize("name", sorted(CASES.keys() - set(SIGNATURES)))
def test_further_and_combined_cases(name: str) -> None:
    """800 dishes: small shares, other encodings, two causes at once."""
    s, case, found = told(name, 2, 800)
    check(name, s, case, found)
    assert found.verdict == VERDICTS.get(name, "breaking")


@pytest.mark.parametrize("name", ["identical", "rows permuted"])
def test_equal_data_have_no_other_cause(name: str) -> None:
    """Nothing beside `identical`, in any row order."""
    _, _, found = told(name, 3, 600)
    assert [cause.cause for cause in found.diagnosis] == ["identical"]
    assert found.movers == ()


@pytest.mark.parametrize(
    ("name", "also"),
    [
        ("int8 and 5 % zero rows", "quantised (int8)"),
        ("fp16 and 5 % zero rows", "quantised (fp16)"),
        ("turned, 30 % of another", "rotation"),
        ("int8, raw integers", "rescale"),
        ("new encoder, 5 % ids shuffled", "new encoder"),
    ],
)
def test_the_second_cause_is_named_too(name: str, also: str) -> None:
    """Of combined causes both are told."""
    _, _, found = told(name, 4, 600)
    assert also in [cause.cause for cause in found.diagnosis]


def test_rows_beside_the_changed_ones_are_told_to_be_equal() -> None:
    """Partly re-embedded: the evidence says that the rest is the same to the bit."""
    _, _, found = told("30 % of another encoder", 5, 1000)
    assert "the other 700 rows are equal bit for bit" in found.diagnosis[0].evidence
    assert len(found.diagnosis) == 1


def test_the_place_is_told() -> None:
    """Zero rows of one label, and a stretch off by one."""
    _, _, found = told("zero rows of one label", 0, 1000)
    assert found.diagnosis[0].where == "label = Pizza"
    _, _, found = told("ids off by one, a stretch", 0, 1000)
    assert found.diagnosis[0].where == "rows 200-399"


def test_two_encoders_neither_of_them_the_old_one() -> None:
    """b of two foreign encoders: strangers to each other, and the smaller group is named."""
    s = scene(6, 1000)
    rows = s.some(0.3)
    foreign = np.sign(s.x @ s.turn()) + 0.5  # another geometry, another mean
    b = s.version(s.with_rows(s.other @ s.turn(), rows, foreign[rows] / 20))
    found = compare(s.a, b)
    assert found.diagnosis[0].cause == "mixed encoders"
    wanted = set(np.array(s.a.ids.to_pylist())[rows])
    assert set(found.diagnosis[0].row_ids.to_pylist()) == wanted
    assert found.verdict == "breaking"


def test_some_rows_rounded() -> None:
    """Thirty per cent stored as float16: those rows are named."""
    s = scene(7, 1000)
    rows = s.some(0.3)
    found = compare(s.a, s.version(s.with_rows(s.x, rows, s.x[rows].astype(np.float16))))
    assert [cause.cause for cause in found.diagnosis] == ["quantised (fp16)"]
    assert found.diagnosis[0].rows >= 0.99 * len(rows)
    assert found.verdict == "ok"


def test_some_rows_of_a_new_export() -> None:
    """Re-embedded by the int8 export: named, and no more than a warning."""
    s = scene(8, 1000)
    rows = s.some(0.3)
    found = compare(s.a, s.version(s.with_rows(s.x, rows, s.export[rows])))
    assert [cause.cause for cause in found.diagnosis] == ["partly re-embedded"]
    assert found.diagnosis[0].rows == len(rows)
    assert found.verdict == "warn"


def test_float16_on_both_sides_is_no_news() -> None:
    """What a lay on already is not told of b; a turned version of rounded rows is not rounded."""
    s = scene(9, 1000)
    halves = s.x.astype(np.float16)
    a = s.version(halves)
    found = compare(a, s.version(halves.astype(np.float32) @ s.turn()))
    assert [cause.cause for cause in found.diagnosis] == ["rotation"]
    found = compare(a, s.version(s.x))
    assert [cause.cause for cause in found.diagnosis] == ["quantised (fp16)"]
    assert found.diagnosis[0].evidence == (
        "a lies on the fp16 grid and b does not: a is the rounded one",
    )


def test_a_retraining_is_called_one_where_it_is_expected() -> None:
    """The same change is `new encoder`, or `retrained` under that expectation."""
    s = scene(10, 1000)
    b = s.version(s.other)
    found = {e: compare(s.a, b, expect=e) for e in ("same-encoder", "retrain", "upgrade")}
    assert found["retrain"].diagnosis[0].cause == "retrained"
    assert found["upgrade"].diagnosis[0].cause == "new encoder"
    verdicts = {expected: one.verdict for expected, one in found.items()}
    assert verdicts == {"same-encoder": "breaking", "retrain": "warn", "upgrade": "ok"}


def test_few_rows_in_many_dimensions() -> None:
    """Forty rows of 384 dimensions: a fitted rotation means nothing, a true one is seen."""
    s = scene(11, 40)
    noise = s.rng.normal(size=s.x.shape)
    found = {
        "rotation": s.x @ s.turn(),
        "new encoder": s.other @ s.turn(),
        "random fill": noise / np.linalg.norm(noise, axis=1, keepdims=True),
        "ids shuffled (all)": s.x[np.roll(s.rng.permutation(40), 1)],
    }
    for cause, vectors in found.items():
        assert compare(s.a, s.version(vectors)).diagnosis[0].cause == cause
