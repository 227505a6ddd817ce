"""A tolerant view of run JSON: a key that is absent, null or of another type is `None`."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from monitor.report.formats import moment


@dataclass(frozen=True)
class Record:
    """One JSON object, read key by key.

    >>> r = Record({"n": 3, "p": float("nan"), "s": None, "rows": [{"a": 1}, 7]})
    >>> r.num("n"), r.num("p"), r.num("s"), len(r.recs("rows")), r.rec("none").num("x")
    (3.0, None, None, 1, None)
    """

    raw: Mapping[str, Any]

    def __bool__(self) -> bool:
        return bool(self.raw)

    def get(self, key: str) -> Any:
        """The raw value, `None` where absent."""
        return self.raw.get(key)

    def num(self, key: str) -> float | None:
        """A finite number."""
        return finite(self.raw.get(key))

    def numbers(self, keys: Iterable[str]) -> dict[str, float | None]:
        """Finite numbers by their keys."""
        return {key: self.num(key) for key in keys}

    def whole(self, key: str) -> int | None:
        """An integer, e.g. a cluster's id."""
        value = self.num(key)
        return None if value is None or value != int(value) else int(value)

    def text(self, key: str) -> str | None:
        """A string that is not empty."""
        value = self.raw.get(key)
        return value if isinstance(value, str) and value else None

    def flag(self, key: str) -> bool:
        """Whether the value is true."""
        value = self.raw.get(key)
        return bool(value) if type(value).__name__ in ("bool", "bool_") else False

    def at(self, key: str) -> datetime | None:
        """A time in UTC."""
        return moment(self.raw.get(key))

    def rec(self, key: str) -> Record:
        """The object below `key`, an empty one where there is none."""
        value = self.raw.get(key)
        return Record(value) if isinstance(value, Mapping) else Record({})

    def recs(self, key: str) -> list[Record]:
        """The objects of the list below `key`; entries that are no objects are left out."""
        return [Record(value) for value in self.items(key) if isinstance(value, Mapping)]

    def items(self, key: str) -> list[Any]:
        """The list below `key`, empty where there is none."""
        return listed(self.raw.get(key))

    def nums(self, key: str) -> list[float | None]:
        """The list below `key` as finite numbers or `None`."""
        return [finite(value) for value in self.items(key)]

    def pairs(self) -> Iterator[tuple[str, Any]]:
        """All keys and values in their order."""
        return iter((str(key), value) for key, value in self.raw.items())


def finite(value: object) -> float | None:
    """A finite number as float; `None` for anything else, booleans too.

    >>> finite(2), finite(float("inf")), finite(True), finite("3")
    (2.0, None, None, None)
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        return _numpy_scalar(value)
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def listed(value: object) -> list[Any]:
    """`value` as a list if it is a sequence other than text, else empty."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return list(value)
    return []


def _numpy_scalar(value: object) -> float | None:
    if isinstance(value, str | bytes | bool) or not hasattr(value, "item"):
        return None
    try:
        return finite(value.item())
    except (TypeError, ValueError):
        return None
