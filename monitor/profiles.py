"""The bundle of statistics of some rows in one frame: what is kept instead of the rows."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from operator import add
from typing import Any, Self, TypeVar

import numpy as np
import pyarrow as pa

from monitor.basis import LEADING, Basis
from monitor.batch import Batch
from monitor.errors import FrameError
from monitor.frame import CHUNK, Frame
from monitor.packed import packed, unpacked
from monitor.parallel import mapped
from monitor.stats import STATISTICS, Statistic
from monitor.stats.base import Rows
from monitor.stats.clusters import Clusters
from monitor.stats.components import Components
from monitor.stats.content import Content
from monitor.stats.distinct import RELATIVE_ERROR, Distinct, cardinality
from monitor.stats.features import Features
from monitor.stats.histograms import Histograms
from monitor.stats.moments import Moments
from monitor.stats.quality import Quality
from monitor.stats.sample import Sample
from monitor.stats.scalars import Scalars
from monitor.stats.span import Span

_KIND = "profile/1"
MOST_PARTS = 32
_S = TypeVar("_S", bound=Statistic)


@dataclass(frozen=True, eq=False)
class Profile:
    """A commutative monoid under `+`: the profile of two sets of rows is the sum of theirs.

    Rows are spread over 32 buckets by the hash of their entity key, because rows of one user
    are correlated and only whole users may be shuffled when noise is measured.
    """

    basis_id: str
    statistics: Mapping[str, Statistic]

    def __add__(self, other: Self) -> Self:
        if self.basis_id != other.basis_id:
            raise FrameError(
                f"profiles of basis {self.basis_id} and of basis {other.basis_id} have no sum",
                "profile both sides again with one basis",
            )
        mine, theirs = self.statistics, other.statistics
        return type(self)(self.basis_id, {name: mine[name] + theirs[name] for name in mine})

    @property
    def n(self) -> int:
        """Usable rows."""
        return int(self.components.n.sum())

    @property
    def quality(self) -> Quality:
        """Rows counted by what is wrong with them."""
        return self._get(Quality)

    @property
    def span(self) -> Span:
        """First and last time."""
        return self._get(Span)

    @property
    def moments(self) -> Moments:
        """Moments of every dimension."""
        return self._get(Moments)

    @property
    def components(self) -> Components:
        """Sums and products of the principal coordinates."""
        return self._get(Components)

    @property
    def features(self) -> Features:
        """Sums of the random Fourier features."""
        return self._get(Features)

    @property
    def clusters(self) -> Clusters:
        """Rows per cluster."""
        return self._get(Clusters)

    @property
    def scalars(self) -> Scalars:
        """Moments of the per-row scalars."""
        return self._get(Scalars)

    @property
    def histograms(self) -> Histograms:
        """Counts on fixed grids."""
        return self._get(Histograms)

    @property
    def content(self) -> Content:
        """What rows these are, whatever their order."""
        return self._get(Content)

    @property
    def distinct(self) -> Distinct:
        """Sketch of how many rows and entities differ."""
        return self._get(Distinct)

    @property
    def sample(self) -> Sample:
        """Rows kept by hash."""
        return self._get(Sample)

    def _get(self, kind: type[_S]) -> _S:
        found = self.statistics[kind.__name__.lower()]
        assert isinstance(found, kind)
        return found

    def duplicates(self) -> int:
        """Usable rows whose vector repeats another row's exactly: counted while the sample holds
        every row, else estimated by the sketch of distinct rows, 0 within its error."""
        if self.sample.rows() == self.n:
            return self.n - self.sample.distinct()
        found = round(self.n - cardinality(self.distinct.rows))
        return found if found > 3 * RELATIVE_ERROR * self.n else 0

    def without(self, gone: Callable[[pa.Table], pa.Array]) -> Self:
        """The profile without the sampled rows that `gone` is true of; its sums stay."""
        sample = self.sample.without(gone)
        return type(self)(self.basis_id, {**self.statistics, "sample": sample})

    def digest(self) -> str:
        """sha256 that is equal for the same rows in any order, and hardly for any others."""
        state = [*self.content.arrays().values(), self.quality.counts.sum(axis=0)]
        return "sha256:" + hashlib.sha256(b"".join(a.tobytes() for a in state)).hexdigest()

    def to_bytes(self) -> bytes:
        """The profile for the store: versioned, compressed, without Python objects."""
        arrays = {
            f"{name}.{key}": value
            for name, statistic in self.statistics.items()
            for key, value in statistic.arrays().items()
        }
        return packed(arrays, {"kind": _KIND, "basis": self.basis_id})

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """The profile whose `to_bytes` this is; FrameError where it is not."""
        arrays, header = unpacked(data)
        if header.get("kind") != _KIND:
            raise FrameError(f"{header.get('kind')!r} is no profile this release can read")
        return cls(header["basis"], {name: _restored(name, arrays) for name in STATISTICS})


def folded(batch: Batch, frame: Frame) -> Profile:
    """The profile of one batch of any length."""
    return reduce(add, (of_rows(rows, frame) for rows in chunks(batch, frame)))


def chunks(batch: Batch, frame: Frame) -> Iterator[Rows]:
    """A batch of any length as its frame sees it, a chunk at a time, one at least."""
    for start in range(0, max(len(batch), 1), CHUNK):
        yield frame.rows(batch.take(np.arange(start, min(start + CHUNK, len(batch)))))


def of_rows(rows: Rows, frame: Frame) -> Profile:
    """The profile of one chunk."""
    return Profile(frame.basis.id, {name: kind.fold(rows) for name, kind in STATISTICS.items()})


def folds(jobs: Iterable[tuple[int, Batch]], frame: Frame) -> Iterator[tuple[int, Profile]]:
    """The profile of each numbered batch, in their order, by all processors; the batches are read
    meanwhile. Added up in this order, they are the same to the last bit on any machine's cores."""
    return mapped(lambda job: (job[0], folded(job[1], frame)), jobs)


def profile(
    batches: Iterable[Batch], basis: Basis, *, sample: int = 2048, text: str | None = None
) -> Profile:
    """The profile of a stream of batches, in one pass; of none, the empty profile.

    `sample` rows are kept by hash; `text` names the column that tells people what a row is.
    """
    frame = Frame(basis, sample, text)
    return reduce(add, mapped(lambda batch: folded(batch, frame), batches), _empty(frame))


def parted(batches: Iterable[Batch], frame: Frame, parts: int) -> tuple[list[Profile], Profile]:
    """Profiles of random parts of a stream, whole entities each, and the profile of all of it.

    Each holds about one in `parts` of the rows; at most the first 32 of them come apart, because
    a side 32 times as large as the other is as good as known exactly.
    """
    found = [_empty(frame)] * (min(parts, MOST_PARTS) + 1)

    def jobs() -> Iterator[tuple[int, Batch]]:
        for batch in batches:
            part = np.minimum(frame.parts(batch, parts), MOST_PARTS)
            for i in np.unique(part).tolist():
                yield i, batch.take(np.flatnonzero(part == i))

    for i, fold in folds(jobs(), frame):
        found[i] = found[i] + fold
    return found[: min(parts, MOST_PARTS)], merged(found)


def alike_parts(n: int, m: int) -> tuple[int, int]:
    """Into how many parts to divide sides of n and of m rows, so that all parts are about alike.

    >>> alike_parts(2000, 200), alike_parts(1000, 1500), alike_parts(500, 520)
    ((10, 1), (2, 3), (1, 1))
    """
    if n < m:
        return alike_parts(m, n)[::-1]
    ratio = Fraction(n, max(m, 1))
    found = ratio.limit_denominator(4) if ratio < 4 else Fraction(round(ratio))
    return max(found.numerator, 1), found.denominator


def products_kept(basis: Basis, parts: tuple[int, int]) -> int:
    """Of how many leading components a comparison keeps the products in each bucket: of all, 8 MB
    a part, where the sides are in few parts, else of 64."""
    return basis.components.shape[1] if max(parts) <= 4 else LEADING


def merged(profiles: Iterable[Profile]) -> Profile:
    """The sum of at least one profile, by a balanced tree so that rounding does not pile up; of
    many that come one by one, few are held at a time."""
    sums: list[tuple[int, Profile]] = []
    for found in profiles:
        many = 1
        while sums and sums[-1][0] == many:
            found, many = sums.pop()[1] + found, 2 * many
        sums.append((many, found))
    return reduce(lambda after, before: before + after, (s for _, s in reversed(sums)))


def _empty(frame: Frame) -> Profile:
    return folded(Batch(np.empty((0, frame.shape.d), np.float32), np.empty(0, np.uint8)), frame)


def _restored(name: str, arrays: Mapping[str, Any]) -> Statistic:
    prefix = name + "."
    own = {key.removeprefix(prefix): v for key, v in arrays.items() if key.startswith(prefix)}
    return STATISTICS[name].from_arrays(own)
