"""The rule from causes and neighbours to a verdict."""

from __future__ import annotations

import math

import pytest

from monitor.errors import UsageError
from monitor.versions.findings import Cause
from monitor.versions.measure import Measure
from monitor.versions.verdict import expectation, verdict


def judged(
    cause: str, kept: float, expect: str | None = None, rows: int = 1000, **more: object
) -> str:
    """Verdict on 1000 pairs with one cause."""
    confidence = float(str(more.pop("confidence", 0.95)))
    found = Cause(cause, confidence, (), rows, mild=bool(more.pop("mild", False)))
    floor = float(str(more.pop("floor", math.nan)))
    return verdict((found,), Measure(kept, floor=floor), 1000, expectation(expect))


@pytest.mark.parametrize(
    ("kept", "words"),
    [
        (0.995, ("ok", "ok", "ok", "ok")),
        (0.95, ("ok", "warn", "ok", "ok")),
        (0.8, ("warn", "breaking", "ok", "ok")),
        (0.6, ("breaking", "breaking", "warn", "ok")),
        (0.35, ("breaking", "breaking", "breaking", "ok")),
        (0.2, ("breaking", "breaking", "breaking", "warn")),
        (0.1, ("breaking", "breaking", "breaking", "breaking")),
    ],
)
def test_neighbours_decide_by_expectation(kept: float, words: tuple[str, ...]) -> None:
    """Without one, and under same-encoder, retrain and upgrade."""
    expectations = (None, "same-encoder", "retrain", "upgrade")
    assert tuple(judged("noise/nondeterminism", kept, e) for e in expectations) == words


def test_the_noise_floor_lowers_the_bar_of_the_same_encoder() -> None:
    """A space whose neighbours change by rounding alone cannot keep 99 %."""
    assert judged("noise/nondeterminism", 0.96, "same-encoder") == "warn"
    assert judged("noise/nondeterminism", 0.96, "same-encoder", floor=0.962) == "ok"


@pytest.mark.parametrize("expect", [None, "same-encoder", "retrain", "upgrade"])
@pytest.mark.parametrize(
    "cause",
    [
        "zero fill",
        "nan fill",
        "constant fill",
        "random fill",
        "ids shuffled (share)",
        "duplicates",
        "partly re-embedded",
        "mixed encoders",
    ],
)
def test_wrong_rows_are_wrong_under_any_expectation(cause: str, expect: str | None) -> None:
    """From one per cent on they break; fewer warn."""
    assert judged(cause, 0.999, expect, rows=10) == "breaking"
    assert judged(cause, 0.999, expect, rows=9) == "warn"


def test_a_mild_change_of_some_rows_warns() -> None:
    """Rows of a new export that moved next to nothing."""
    assert judged("partly re-embedded", 0.99, rows=300, mild=True) == "warn"


@pytest.mark.parametrize("cause", ["rotation", "translation", "truncated dims", "padded dims"])
def test_another_frame_never_passes_as_fine(cause: str) -> None:
    """Whole neighbours, yet old and new must not mix; fine where all is replaced."""
    assert judged(cause, 1.0) == "warn"
    assert judged(cause, 1.0, "same-encoder") == "breaking"
    assert judged(cause, 1.0, "upgrade") == "ok"


@pytest.mark.parametrize("cause", ["rescale", "normalisation lost", "normalisation gained"])
def test_other_lengths_are_no_disaster(cause: str) -> None:
    """Three times as long is never critical."""
    assert judged(cause, 1.0) == "warn"
    assert judged(cause, 1.0, "same-encoder") == "warn"
    assert judged(cause, 1.0, "retrain") == "ok"


def test_a_new_encoder() -> None:
    """At least a warning where nobody expects it."""
    assert judged("new encoder", 0.95) == "warn"
    assert judged("new encoder", 0.5) == "breaking"
    assert judged("new encoder", 0.95, "same-encoder") == "breaking"
    assert judged("new encoder", 0.5, "upgrade") == "ok"


def test_collapse_breaks_where_it_is_sure() -> None:
    """A mild loss of directions warns."""
    assert judged("collapsed", 0.95, "upgrade") == "breaking"
    assert judged("collapsed", 0.95, confidence=0.6) == "warn"


def test_nothing_new_where_something_was_expected() -> None:
    """An upgrade that left all as it was did not happen."""
    assert judged("identical", 1.0) == "ok"
    assert judged("identical", 1.0, "upgrade") == "warn"


def test_doubtful_causes_do_not_count() -> None:
    """Below a confidence of .3 a cause is only told."""
    assert judged("mixed encoders", 1.0, confidence=0.2) == "ok"


def test_nothing_known_decides_nothing() -> None:
    """Neither causes nor neighbours: inconclusive."""
    assert verdict((), Measure(math.nan), 100, None) == "inconclusive"


def test_an_unknown_expectation() -> None:
    """The error names those there are."""
    with pytest.raises(UsageError) as caught:
        expectation("better")
    assert caught.value.message == "'better' is no expectation"
    assert caught.value.hint == "use one of same-encoder, retrain, upgrade"
