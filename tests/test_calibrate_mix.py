"""Segments that may come in any proportions: other proportions are no drift, other rows are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest

from monitor.basis import Basis
from monitor.batch import Batch
from monitor.calibrate import calibrated
from monitor.calibration import Calibration
from monitor.fitting import fitted
from monitor.frame import Frame
from monitor.model import Window
from monitor.profiles import of_rows
from monitor.reasons import permitted_mix
from monitor.traces import Observed, segment_traces, traces

DAY = timedelta(days=1)
START = datetime(2026, 1, 5, tzinfo=UTC)
OWN = {"de": [6, 3, 1, 1], "fr": [1, 6, 3, 1], "nl": [1, 1, 3, 6]}
"""Each country's weights of four topics."""


class Countries:
    """Daily traffic of three countries, each with topics of its own."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.centres = self.rng.normal(size=(4, 8)) * 2
        rows = self._rows("de", 400), self._rows("fr", 400), self._rows("nl", 400)
        self.frame = Frame(fitted(np.vstack(rows), fitted_buckets=0), 0)

    def window(
        self, day: int, share: tuple[float, float, float] = (0.5, 0.3, 0.2), moved: float = 0.0
    ) -> Observed:
        """A day of 900 rows in these shares; moved: share of Dutch rows that become German ones."""
        counts = self.rng.multinomial(900, share)
        lost = round(moved * counts[2])
        vectors = [self._rows(name, n) for name, n in zip(OWN, counts, strict=True)]
        vectors[2][:lost] = self._rows("de", lost)
        names = np.repeat(list(OWN), counts)
        batch = Batch(
            np.vstack(vectors), np.zeros(900, np.uint8), columns={"country": pa.array(names)}
        )
        rows = self.frame.rows(batch)
        sums = traces(self.basis, of_rows(rows, self.frame))
        at = START + day * DAY
        return Observed(Window(at, at + DAY), sums + segment_traces(self.basis, rows, ("country",)))

    @property
    def basis(self) -> Basis:
        """Fitted on rows that no window holds."""
        return self.frame.basis

    def _rows(self, country: str, n: int) -> npt.NDArray[np.float32]:
        weights = np.array(OWN[country]) / sum(OWN[country])
        topic = self.rng.choice(4, n, p=weights)
        return (self.centres[topic] + self.rng.normal(size=(n, 8)) * 0.7).astype(np.float32)


@pytest.fixture(scope="module")
def countries() -> Countries:
    """The traffic after its eight weeks of reference."""
    return Countries(3)


@pytest.fixture(scope="module")
def reference(countries: Countries) -> list[Observed]:
    """Eight weeks."""
    return [countries.window(day) for day in range(56)]


@pytest.fixture(scope="module")
def either(countries: Countries, reference: list[Observed]) -> tuple[Calibration, Calibration]:
    """Learnt without a permitted mix, and with."""
    return calibrated(countries.basis, reference), calibrated(countries.basis, reference, "country")


def lowest(countries: Countries, learnt: Calibration, seen: Observed) -> float:
    """The combined p-value of a window by itself."""
    return float(learnt.p_values(countries.basis, [seen], 1)[0])


def test_another_mix_is_drift_unless_it_is_permitted(
    countries: Countries, either: tuple[Calibration, Calibration]
) -> None:
    """From a half of Germans to a fifth: every topic's share moves, no country's does."""
    plain, permitted = either
    for day in range(60, 70):
        seen = countries.window(day, (0.2, 0.3, 0.5))
        assert lowest(countries, plain, seen) < 1e-3
        assert lowest(countries, permitted, seen) > 1e-3


def test_rows_that_are_another_within_a_permitted_mix(
    countries: Countries, either: tuple[Calibration, Calibration]
) -> None:
    """Half of the Dutch ask what Germans ask: found in the usual mix, and in another."""
    _, permitted = either
    for share in ((0.5, 0.3, 0.2), (0.2, 0.3, 0.5)):
        assert lowest(countries, permitted, countries.window(71, share, moved=0.5)) < 1e-3


def test_budget_with_a_permitted_mix(
    countries: Countries, either: tuple[Calibration, Calibration]
) -> None:
    """200 quiet days in any mix whatever: p-values of at most .05 in at most a tenth."""
    _, permitted = either
    shares = np.random.default_rng(5).dirichlet([5, 3, 2], 200)
    found = [
        lowest(countries, permitted, countries.window(80 + i, tuple(share)))
        for i, share in enumerate(shares)
    ]
    assert np.mean(np.array(found) <= 0.05) <= 0.1
    assert min(found) > 1e-4


def test_what_is_permitted_is_told(
    countries: Countries, either: tuple[Calibration, Calibration]
) -> None:
    """The largest changes first; nothing of a usual mix, and nothing where none is permitted."""
    plain, permitted = either
    changed, usual = countries.window(75, (0.2, 0.3, 0.5)), countries.window(76)
    (said,) = permitted_mix(permitted, changed)
    assert said.startswith("a permitted change of mix, told apart from drift: country=")
    assert "country=de" in said
    assert "country=nl" in said
    assert "country=fr" not in said
    assert permitted_mix(permitted, usual) == permitted_mix(plain, changed) == ()


def test_a_permitted_mix_is_stored(
    countries: Countries, either: tuple[Calibration, Calibration]
) -> None:
    """Written and read again it judges the same."""
    _, permitted = either
    again = Calibration.from_bytes(permitted.to_bytes())
    seen = countries.window(77, (0.2, 0.3, 0.5))
    assert again.mix == pytest.approx(permitted.mix)
    assert lowest(countries, again, seen) == lowest(countries, permitted, seen)


def test_a_segment_too_small_to_be_judged_is_part_of_a_permitted_mix() -> None:
    """Of 27 Dutch rows a day in twenty days none can be judged, and they tell what many would be
    like: from three in a hundred to a half they are no drift, though every topic's share moves."""
    own = Countries(3)
    days = [own.window(day, (0.67, 0.3, 0.03)) for day in range(20)]
    plain, permitted = calibrated(own.basis, days), calibrated(own.basis, days, "country")
    assert permitted.segments == ["country=de", "country=fr"]
    for day in range(25, 30):
        seen = own.window(day, (0.2, 0.3, 0.5))
        assert lowest(own, plain, seen) < 1e-3 < lowest(own, permitted, seen)
