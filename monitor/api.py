"""The library's front door: arrays or tables in, results out, no store."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from monitor.batch import Batch, Items
from monitor.config import Config, load
from monitor.errors import UsageError
from monitor.model import Columns
from monitor.pipeline import Monitor
from monitor.pipeline.drifting import drift_of
from monitor.pipeline.workspace import Workspace
from monitor.sources import Source, open_source, read_items

if TYPE_CHECKING:
    from monitor.versions import Audit, Comparison


@dataclass(frozen=True)
class Drift:
    """Drift of one set of vectors against another.

    verdict: ok, drift or insufficient; p_value: of the bucket permutation test; effect: its size by
    name; causes: sentences; `to_dict` gives everything.
    """

    document: Mapping[str, Any]

    @property
    def verdict(self) -> str:
        """ok, drift or insufficient."""
        return str(self.document["verdict"])

    @property
    def p_value(self) -> float:
        """Chance of as large a difference between two samples of one distribution; nan where there
        are too few rows to judge."""
        found = self.document["p_value"]
        return math.nan if found is None else float(found)

    @property
    def effect(self) -> Mapping[str, float]:
        """tv_clusters, mean_sd, auc, residual_ratio; see docs/statistics.md."""
        found: Mapping[str, float] = self.document["effect"]
        return found

    @property
    def causes(self) -> Sequence[str]:
        """What changed, in sentences."""
        found: Sequence[str] = self.document["causes"]
        return found

    def to_dict(self) -> dict[str, Any]:
        """The JSON of `embmon drift`."""
        return dict(self.document)

    def __repr__(self) -> str:
        return f"<Drift {self.verdict}: p = {self.p_value:.3g}; {'; '.join(self.causes)}>"

    def _repr_html_(self) -> str:
        from monitor.report import notebook_html

        return notebook_html(self.document)


def drift(
    reference: Any,
    current: Any,
    *,
    reference_entities: Sequence[Any] | None = None,
    current_entities: Sequence[Any] | None = None,
    seed: int = 0,
) -> Drift:
    """Whether `current` is distributed differently from `reference`, and where.

    Each is an (n, d) array or a table with a vector column. Entities (n,) say which rows belong
    together (a user, a document), because such rows are correlated. Raises DimensionError where
    the dimensions differ, Undecided where there is nothing to measure.
    """
    sides = (reference, reference_entities), (current, current_entities)
    sources = [_of_entities(open_source(what), entities) for what, entities in sides]
    named = None if reference_entities is None and current_entities is None else "entities"
    workspace = Workspace(Config())
    document = drift_of(workspace, (sources[0], sources[1]), (None, None), named, seed=seed)
    return Drift(document)


def compare(
    a: Any,
    b: Any,
    *,
    ids: Sequence[Any] | None = None,
    ids_b: Sequence[Any] | None = None,
    expect: str | None = None,
    seed: int = 0,
) -> Comparison:
    """What happened to the same items from version `a` to version `b`, and to which of them.

    Each is an (n, d) array or a table. Rows pair by `ids` and `ids_b` (`ids` for both where only
    that is given), else by the tables' id columns, else by row number.
    """
    from monitor import versions

    left = _items(a, ids)
    right = _items(b, ids if ids_b is None else ids_b)
    return versions.compare(left, right, expect=expect, seed=seed)


def audit(
    x: Any,
    *,
    ids: Sequence[Any] | None = None,
    columns: Mapping[str, Sequence[Any]] | None = None,
    canaries: Any = None,
    seed: int = 0,
) -> Audit:
    """Whether an index is sound by itself: one encoder, no lost rows, no dead dimensions.

    x: an (n, d) array or a table; ids (n,) and columns of n values name rows and places,
    beside those of a table; canaries: a table of ids and fresh vectors of some of the items, by
    the encoder that should have made them. Raises UsageError where their number is another.
    """
    from monitor import versions

    index = _items(x, ids)
    for name, values in (columns or {}).items():
        if len(values) != len(index):
            raise UsageError(
                f"column {name!r} has {len(values)} values for {len(index)} rows",
                "give one value for each row",
            )
    more = {name: pa.array(values) for name, values in (columns or {}).items()}
    fresh = None if canaries is None else _items(canaries, None)
    whole = replace(index, columns={**index.columns, **more})
    return versions.audit(whole, canaries=fresh, seed=seed)


def open(config: str | Path | Config | None = None) -> Monitor:
    """A monitor by a configuration file, by settings, or by `./embmon.toml`."""
    if isinstance(config, Config):
        return Monitor(config)
    return Monitor(load(None if config is None else Path(config)))


def _items(what: Any, ids: Sequence[Any] | None) -> Items:
    found = read_items(what, Columns(keep=("*",), items=True))
    if ids is None:
        return found
    return replace(found, ids=_keys(ids, len(found), "ids"))


def _keys(values: Sequence[Any], n: int, what: str) -> pa.StringArray:
    if len(values) != n:
        raise UsageError(f"{len(values)} {what} for {n} rows", f"give one of {what} for each row")
    return pa.array([str(value) for value in values], pa.string())


def _of_entities(source: Source, entities: Sequence[Any] | None) -> Source:
    if entities is None:
        return source
    return _WithEntities(source, _keys(entities, source.rows or 0, "entities"))


class _WithEntities:
    """A source whose rows belong to entities that came beside it."""

    def __init__(self, source: Source, entities: pa.StringArray) -> None:
        self._source, self._entities = source, entities
        self.name, self.dim, self.rows = source.name, source.dim, source.rows

    @property
    def warnings(self) -> list[str]:
        return self._source.warnings

    def batches(self, rows: int = 8192) -> Iterator[Batch]:
        first = 0
        for batch in self._source.batches(rows):
            yield replace(batch, entities=self._entities.slice(first, len(batch)))
            first += len(batch)

    def digest(self) -> str:
        return self._source.digest()
