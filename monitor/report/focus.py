"""What a page on a window is about: the window, and what stands out in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from monitor.report.formats import share
from monitor.report.record import Record
from monitor.report.texts import Texts
from monitor.report.topics import Topic

_FAR = 1.2
"""From this distance ratio on, rows far out say more than topics that are not flagged."""
_GREW = 0.05
"""A value of a column is named where its share grew by so much."""
_BAD_ROWS = ("null", "nan", "inf", "zero", "wrong_dim")


@dataclass(frozen=True)
class Grown:
    """A value of a column whose share of the rows grew: `name` reads `column = value`."""

    column: str
    name: str
    before: float
    after: float

    def shares(self, word: str = "→") -> str:
        """Its share before and now."""
        return f"{share(self.before)} {word} {share(self.after)}"


@dataclass(frozen=True)
class Focus:
    """The window a page is about, with what was read from it already."""

    run: Record
    window: Record
    topics: Sequence[Topic]
    texts: Texts

    @property
    def verdict(self) -> str:
        """The verdict's word in run JSON."""
        return self.window.text("verdict") or self.run.text("verdict") or ""

    @property
    def two_samples(self) -> bool:
        """Whether this is a drift of B against A, without history."""
        return (self.run.text("schema") or "").startswith("embmon/drift/")

    @property
    def moved(self) -> Topic | None:
        """The topic whose share changed most, if any is flagged or has changed at all."""
        return next((t for t in self.topics if t.drifted or abs(t.change or 0) >= 0.005), None)

    @property
    def flagged(self) -> Topic | None:
        """The topic that surely changed, and most of those."""
        return next((t for t in self.topics if t.drifted), None)

    @property
    def reshaped(self) -> Topic | None:
        """The topic whose rows surely lie elsewhere in it, and most of those."""
        found = [t for t in self.topics if t.radius_drifted]
        return max(found, key=lambda t: abs((t.radius_ratio or 1) - 1), default=None)

    @property
    def far(self) -> bool:
        """Whether rows lie so far out that this says more than the topics they fell into."""
        ratio = self.window.rec("effect").num("residual_ratio")
        return self.flagged is None and ratio is not None and ratio >= _FAR

    @property
    def grown(self) -> Grown | None:
        """The value that grew most of the columns that changed."""
        found = max((g for c in self.run.recs("columns") if (g := _grown(c))), default=None)
        if found is None or found[0] < _GREW:
            return None
        _, column, value, before, after = found
        name = f"{self.texts.words(column, 40)} = {self.texts.words(value, 60)}"
        return Grown(column, name, before, after)


def bad_rows(window: Record) -> float:
    """Share of rows without a usable vector, 0 where nothing is known."""
    quality = window.rec("quality")
    rows = quality.num("rows") or 0.0
    bad = sum(quality.num(key) or 0.0 for key in _BAD_ROWS)
    return min(bad / rows, 1.0) if rows > 0 else 0.0


def _grown(column: Record) -> tuple[float, str, str, float, float] | None:
    """Growth, column, value, share before and now, of the value that grew most."""
    if not column.flag("drifted"):
        return None
    before, after = column.rec("reference"), column.rec("current")
    name = column.text("name") or "column"
    grown = [
        (now - (before.num(value) or 0.0), name, value, before.num(value) or 0.0, now)
        for value, _ in after.pairs()
        if (now := after.num(value)) is not None
    ]
    return max(grown, default=None)
