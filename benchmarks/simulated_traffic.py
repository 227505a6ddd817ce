"""Simulated hourly traffic with a known truth, for benchmarks of monitoring and for its tests.

Rows are drawn from 20 topics of a space of 16 dimensions. The topics' log weights have a daily and
a weekly season, a part of their own in each segment, and vary from window to window as the kind of
traffic says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from monitor.basis import Basis
from monitor.batch import Batch
from monitor.fitting import fitted
from monitor.frame import Frame
from monitor.model import Window
from monitor.profiles import Profile, of_rows
from monitor.traces import Observed, segment_traces, traces

START = datetime(2026, 1, 5, tzinfo=UTC)
HOUR = timedelta(hours=1)
TOPICS, D = 20, 16


@dataclass(frozen=True)
class Kind:
    """What quiet traffic is like.

    correlation: of neighbouring windows; jitter: deviation of the topics' log weights from window
    to window; slow: size of a component with a period of 180 days; rows: of an average window;
    night: rows of the quietest hour over those of the busiest; burst: share of windows with ten
    times the rows; missing: share of windows that never come, and every fourth weekend with
    them; entity: rows of one user, all of one topic.
    """

    correlation: float = 0.0
    jitter: float = 0.1
    slow: float = 0.0
    rows: int = 400
    night: float = 0.2
    burst: float = 0.0
    missing: float = 0.0
    entity: int = 1


KINDS = {
    "independent": Kind(),
    "AR .8": Kind(correlation=0.8),
    "AR .95": Kind(correlation=0.95),
    "slow": Kind(correlation=0.8, slow=0.3),
    "nights": Kind(correlation=0.8, night=0.05),
    "bursts": Kind(correlation=0.8, burst=0.01),
    "missing": Kind(correlation=0.8, missing=0.05),
    "small": Kind(correlation=0.8, rows=60),
    "users": Kind(correlation=0.8, entity=5),
    "jitter .2": Kind(jitter=0.2),
}
"""Kinds of quiet traffic by name."""


@dataclass(frozen=True)
class Change:
    """What happens to traffic. grown: factor of the weight of topic `topic`, in the first segment;
    moved: share of the second topic's weight that goes to the first, in the first `segments`
    segments; foreign: share of rows by another encoder; new: share of rows of a new topic."""

    grown: float = 1.0
    topic: int = 0
    moved: float = 0.0
    segments: int = 1
    foreign: float = 0.0
    new: float = 0.0


class Traffic:
    """One stream, window by window."""

    def __init__(self, kind: Kind, segments: int, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.kind, self.segments = kind, segments
        self.centres = self.rng.normal(size=(TOPICS + 1, D))
        self.base = self.rng.normal(0, 0.5, TOPICS)
        self.season = self.rng.normal(0, 0.2, (2, TOPICS))
        self.own = self.rng.normal(0, 0.3, (max(segments, 1), TOPICS))
        self.state = self.rng.normal(0, 1, TOPICS)
        self.turn = np.linalg.qr(self.rng.normal(size=(D, D)))[0]
        self.phase = self.rng.uniform(0, 2 * np.pi, TOPICS)

    def basis(self, rows: int = 6000) -> Basis:
        """A basis of so many rows of the first two days, which are not drawn again."""
        first = np.vstack([self.batch(hour).vectors for hour in range(48)])
        return fitted(first[self.rng.permutation(len(first))[:rows]], fitted_buckets=0)

    def windows(
        self,
        frame: Frame,
        hours: range,
        change: Change | None = None,
        note: Callable[[Profile], None] = lambda _: None,
    ) -> list[Observed]:
        """The windows of these hours as the rule sees them, but for those that are missing; `note`
        is shown the profile of each."""
        return list(self._windows(frame, hours, change or Change(), note))

    def batch(self, hour: int, change: Change | None = None) -> Batch:
        """The rows of an hour."""
        change, kind = change or Change(), self.kind
        n = self._size(hour)
        users = -(-n // kind.entity)
        segment = self.rng.integers(0, max(self.segments, 1), users)
        topic = self._topics(self._weights(hour, change), segment)
        topic[self.rng.random(users) < change.new] = TOPICS
        user = np.repeat(np.arange(users), kind.entity)[:n]
        rows = self.centres[topic[user]] + 0.7 * self.rng.normal(size=(n, D))
        other = self.rng.random(n) < change.foreign
        rows[other] = rows[other] @ self.turn
        names = pa.array([f"s{i}" for i in segment[user]])
        named = pa.array([f"{hour}-{i}" for i in user]) if kind.entity > 1 else None
        status = np.zeros(n, np.uint8)
        return Batch(rows.astype(np.float32), status, entities=named, columns={"segment": names})

    def shares(self) -> npt.NDArray[np.float64]:
        """What each topic's share of the first segment is, on average (20,)."""
        weights = np.exp(self.base + self.own[0])
        return np.asarray(weights / weights.sum())

    def _windows(
        self, frame: Frame, hours: range, change: Change, note: Callable[[Profile], None]
    ) -> Iterator[Observed]:
        for hour in hours:
            rows = frame.rows(self.batch(hour, change))
            lost = self.kind.missing and (hour // 24 % 28 >= 26 or self._rare(self.kind.missing))
            if rows.n == 0 or lost:
                continue
            profile = of_rows(rows, frame)
            note(profile)
            found = traces(frame.basis, profile)
            if self.segments:
                found = found + segment_traces(frame.basis, rows, ("segment",))
            yield Observed(Window(START + hour * HOUR, START + (hour + 1) * HOUR), found)

    def _size(self, hour: int) -> int:
        """How many rows come: a wave over the day, and bursts."""
        night = self.kind.night
        wave = (1 + night - (1 - night) * np.cos(2 * np.pi * hour / 24)) / (1 + night)
        return int(
            self.rng.poisson(self.kind.rows * wave * (10 if self._rare(self.kind.burst) else 1))
        )

    def _rare(self, chance: float) -> bool:
        return bool(self.rng.random() < chance)

    def _weights(self, hour: int, change: Change) -> npt.NDArray[np.float64]:
        """Weights of the topics in each segment (s, 20)."""
        rho = self.kind.correlation
        self.state = rho * self.state + np.sqrt(1 - rho**2) * self.rng.normal(0, 1, TOPICS)
        daily = np.sin(2 * np.pi * hour / 24) * self.season[0]
        weekly = (hour // 24 % 7 >= 5) * self.season[1]
        drifting = self.kind.slow * np.sin(2 * np.pi * hour / (24 * 180) + self.phase)
        weights = np.exp(
            self.base + daily + weekly + drifting + self.kind.jitter * self.state + self.own
        )
        weights[0, change.topic] *= change.grown
        gone = change.moved * weights[: change.segments, 1]
        weights[: change.segments, 0] += gone
        weights[: change.segments, 1] -= gone
        return np.asarray(weights)

    def _topics(
        self, weights: npt.NDArray[np.float64], segment: npt.NDArray[np.int64]
    ) -> npt.NDArray[np.int64]:
        """A topic for each user, by the weights of the user's segment."""
        edges = np.cumsum(weights / weights.sum(axis=1, keepdims=True), axis=1)
        drawn = self.rng.random(len(segment))[:, None] > edges[segment]
        return np.asarray(drawn.sum(axis=1).clip(max=TOPICS - 1))
