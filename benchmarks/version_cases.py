"""Second versions of real embeddings with a known cause, for tests and benchmarks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from benchmarks.version_data import Vectors, World, unit, world
from monitor.batch import Items

Rows = npt.NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Scene:
    """Items `a`, the same items by another encoder and by an int8 export if there is one, all
    float32 at unit length, and a source of randomness."""

    a: Items
    other: Vectors
    export: Vectors | None
    rng: np.random.Generator

    @property
    def x(self) -> Vectors:
        return self.a.vectors

    def version(self, vectors: npt.NDArray[Any]) -> Items:
        """Other vectors for the same items, as float32."""
        vectors = np.ascontiguousarray(vectors, np.float32)
        return Items(self.a.ids, vectors, metric=self.a.metric, name="b")

    def some(self, share: float) -> Rows:
        """Random rows, in order."""
        n = len(self.x)
        return np.sort(self.rng.choice(n, max(1, round(share * n)), replace=False))

    def with_rows(self, base: Vectors, rows: Rows, values: Any) -> Vectors:
        changed = base.copy()
        changed[rows] = values
        return changed

    def turn(self) -> Vectors:
        """A random rotation (d, d)."""
        d = self.x.shape[1]
        return np.linalg.qr(self.rng.normal(size=(d, d)))[0].astype(np.float32)


@dataclass(frozen=True, eq=False)
class Case:
    """A second version, its true cause, and the rows it concerns (None: all)."""

    b: Items
    cause: str
    rows: Rows | None = None
    a: Items | None = None


def scene(seed: int, n: int = 2000, known: World | None = None) -> Scene:
    """n random items of a world, by default the dishes."""
    rng = np.random.default_rng(seed)
    known = known or world()
    rows = np.sort(rng.choice(len(known.a), min(n, len(known.a)), replace=False))
    at = pa.array(rows)
    columns = {name: values.take(at) for name, values in known.a.columns.items()}
    a = Items(known.a.ids.take(at), known.a.vectors[rows], columns, name="a")
    export = known.export if known.export is None else known.export[rows]
    return Scene(a, known.other[rows], export, rng)


def _grid(x: Vectors) -> Vectors:
    step = np.abs(x).max() / 127
    return np.rint(x / step) * step


def _collapsed(s: Scene) -> Vectors:
    mean = s.x.mean(axis=0)
    axes = np.linalg.svd(s.x - mean, full_matrices=False)[2][:4]
    return mean + (s.x - mean) @ axes.T @ axes


def _noise(s: Scene, size: float) -> Vectors:
    return s.x + size * s.rng.normal(size=s.x.shape) / np.sqrt(s.x.shape[1])


def _random(s: Scene, rows: Rows) -> Vectors:
    return unit(s.rng.normal(size=(len(rows), s.x.shape[1])))


def _filled(s: Scene, cause: str, share: float, values: Callable[[Rows], Any]) -> Case:
    rows = s.some(share)
    return Case(s.version(s.with_rows(s.x, rows, values(rows))), cause, rows)


def _shuffled(s: Scene, share: float) -> Case:
    rows = s.some(share)
    return _rolled(s, rows, "ids shuffled (share)", s.rng.permutation(rows))


def _rolled(s: Scene, rows: Rows, cause: str, order: Rows) -> Case:
    order = np.asarray(order)
    return Case(s.version(s.with_rows(s.x, order, s.x[np.roll(order, 1)])), cause, np.asarray(rows))


def _stretch(s: Scene) -> Case:
    rows = np.arange(len(s.x) // 5, 2 * len(s.x) // 5)
    return _rolled(s, rows, "ids shuffled (off by one)", rows)


def _exported(s: Scene) -> Vectors:
    assert s.export is not None
    return s.export


def _lengths(s: Scene) -> Vectors:
    return s.x * 5 * np.exp(0.3 * s.rng.normal(size=(len(s.x), 1)))


def _pizza(s: Scene) -> Case:
    label = np.array(s.a.columns["label"].to_pylist())
    value = "Pizza" if "Pizza" in label else s.a.columns["label"].value_counts()[0]["values"]
    rows = np.flatnonzero(label == str(value))
    return Case(s.version(s.with_rows(s.x, rows, 0)), "zero fill", rows)


def _permuted(s: Scene) -> Case:
    order = s.rng.permutation(len(s.x))
    return Case(Items(s.a.ids.take(pa.array(order)), s.x[order], name="b"), "identical")


def _quantised_with_zeros(s: Scene, vectors: Vectors) -> Case:
    rows = s.some(0.05)
    return Case(s.version(s.with_rows(vectors, rows, 0)), "zero fill", rows)


def _turned_with_others(s: Scene) -> Case:
    rows = s.some(0.3)
    return Case(s.version(s.with_rows(s.x @ s.turn(), rows, s.other[rows])), "mixed encoders", rows)


def _new_with(s: Scene, cause: str) -> Case:
    """Another encoder, five per cent of whose rows are wrong besides."""
    rows, base = s.some(0.05), s.other @ s.turn()
    values = {
        "zero fill": np.zeros((len(rows), base.shape[1])),
        "random fill": _random(s, rows),
        "ids shuffled (share)": base[np.roll(rows, 1)],
    }
    return Case(s.version(s.with_rows(base, rows, values[cause])), cause, rows)


HALF = np.float16

CASES: dict[str, Callable[[Scene], Case]] = {
    "identical": lambda s: Case(s.version(s.x.copy()), "identical"),
    "rows permuted": _permuted,
    "fp16 round trip": lambda s: Case(s.version(s.x.astype(HALF)), "quantised (fp16)"),
    "four decimals": lambda s: Case(s.version(s.x.round(4)), "quantised (decimals)"),
    "noise 1e-7": lambda s: Case(s.version(_noise(s, 1e-7)), "noise/nondeterminism"),
    "noise 1 %": lambda s: Case(s.version(_noise(s, 0.01)), "noise/nondeterminism"),
    "int8 export": lambda s: Case(s.version(_exported(s)), "noise/nondeterminism"),
    "rotation": lambda s: Case(s.version(s.x @ s.turn()), "rotation"),
    "× 3": lambda s: Case(s.version(3 * s.x), "rescale"),
    "mean shift .5": lambda s: Case(s.version(s.x + 0.5 * s.turn()[:1]), "translation"),
    "centred": lambda s: Case(s.version(unit(s.x - s.x.mean(axis=0))), "translation"),
    "normalisation lost": lambda s: Case(s.version(_lengths(s)), "normalisation lost"),
    "normalisation gained": lambda s: Case(s.a, "normalisation gained", a=s.version(_lengths(s))),
    "int8 grid": lambda s: Case(s.version(_grid(s.x)), "quantised (int8)"),
    "int8, raw integers": lambda s: Case(
        s.version(np.rint(_grid(s.x) / np.abs(s.x).max() * 127)), "quantised (int8)"
    ),
    "one bit": lambda s: Case(s.version(np.sign(s.x)), "quantised (binary)"),
    "truncated to half": lambda s: Case(s.version(s.x[:, : s.x.shape[1] // 2]), "truncated dims"),
    "padded with zeros": lambda s: Case(s.version(np.pad(s.x, ((0, 0), (0, 64)))), "padded dims"),
    "new encoder": lambda s: Case(s.version(s.other), "new encoder"),
    "new encoder, fewer dimensions": lambda s: Case(
        s.version((s.other @ s.turn())[:, : s.x.shape[1] * 2 // 3]), "new encoder"
    ),
    "new encoder, turned": lambda s: Case(s.version(s.other @ s.turn()), "new encoder"),
    "30 % of another encoder": lambda s: _filled(
        s, "partly re-embedded", 0.3, lambda r: s.other[r]
    ),
    "5 % of another encoder": lambda s: _filled(
        s, "partly re-embedded", 0.05, lambda r: s.other[r]
    ),
    "95 % of another encoder": lambda s: _filled(
        s, "partly re-embedded", 0.95, lambda r: s.other[r]
    ),
    "turned, 30 % of another": _turned_with_others,
    "ids shuffled, all": lambda s: Case(
        s.version(s.x[s.rng.permutation(len(s.x))]), "ids shuffled (all)"
    ),
    "ids shuffled, 5 %": lambda s: _shuffled(s, 0.05),
    "ids shuffled, 1 %": lambda s: _shuffled(s, 0.01),
    "ids off by one": lambda s: Case(
        s.version(np.roll(s.x, 1, axis=0)), "ids shuffled (off by one)"
    ),
    "ids off by one, a stretch": _stretch,
    "5 % zero rows": lambda s: _filled(s, "zero fill", 0.05, lambda r: 0),
    "1 % zero rows": lambda s: _filled(s, "zero fill", 0.01, lambda r: 0),
    "zero rows of one label": _pizza,
    "1 % NaN rows": lambda s: _filled(s, "nan fill", 0.01, lambda r: np.nan),
    "5 % one constant row": lambda s: _filled(
        s, "constant fill", 0.05, lambda r: unit(s.x[:5].mean(axis=0, keepdims=True))
    ),
    "5 % random fill": lambda s: _filled(s, "random fill", 0.05, lambda r: _random(s, r)),
    "1 % random fill": lambda s: _filled(s, "random fill", 0.01, lambda r: _random(s, r)),
    "5 % duplicates": lambda s: _filled(
        s,
        "duplicates",
        0.05,
        lambda r: s.x[s.rng.choice(np.setdiff1d(np.arange(len(s.x)), r), len(r), False)],
    ),
    "collapsed to rank 4": lambda s: Case(s.version(_collapsed(s)), "collapsed"),
    "new encoder, 5 % zero rows": lambda s: _new_with(s, "zero fill"),
    "new encoder, 5 % random fill": lambda s: _new_with(s, "random fill"),
    "new encoder, 5 % ids shuffled": lambda s: _new_with(s, "ids shuffled (share)"),
    "int8 and 5 % zero rows": lambda s: _quantised_with_zeros(s, _grid(s.x)),
    "fp16 and 5 % zero rows": lambda s: _quantised_with_zeros(
        s, s.x.astype(HALF).astype(np.float32)
    ),
}
"""By name: how to make the case of a scene."""

SIGNATURES = (
    "identical",
    "fp16 round trip",
    "noise 1 %",
    "rotation",
    "× 3",
    "mean shift .5",
    "normalisation lost",
    "int8 grid",
    "one bit",
    "truncated to half",
    "new encoder",
    "30 % of another encoder",
    "ids shuffled, all",
    "ids shuffled, 5 %",
    "ids off by one",
    "5 % zero rows",
    "5 % one constant row",
    "5 % random fill",
    "collapsed to rank 4",
    "rows permuted",
    "new encoder, fewer dimensions",
    "5 % of another encoder",
    "ids shuffled, 1 %",
    "1 % zero rows",
)
"""The cases that are held to 19 of 20 seeds, and to 95 % of their rows, everywhere."""
