"""Column types of the store: the one place where values are made fit for a database.

NumPy scalars become Python's, `nan` becomes NULL, times become UTC text of one width (which
sorts by time in every database), strings lose what a database refuses.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from monitor.errors import MonitorError, UsageError
from monitor.model import iso

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


def plain(value: object) -> Any:
    """`value` as JSON can hold it: NaN and the infinities are null, times ISO text.

    >>> import numpy as np
    >>> plain({"n": np.int64(3), "p": np.float64("nan"), "share": np.array([0.5, np.inf])})
    {'n': 3, 'p': None, 'share': [0.5, None]}
    """
    match value:
        case None | bool():
            return value
        case str():
            return cleaned(value)
        case datetime():
            return iso(_aware(value))
        case Mapping():
            return {cleaned(str(key)): plain(inner) for key, inner in value.items()}
        case list() | tuple():
            return [plain(inner) for inner in value]
        case int():
            return int(value)
        case float():
            return float(value) if math.isfinite(value) else None
        case object(tolist=as_list):  # Of NumPy, which a store does without.
            return plain(as_list())
    raise MonitorError(f"a value of type {type(value).__name__} has no place in the store")


def cleaned(text: str) -> str:
    """`text` without what databases refuse: NUL becomes U+FFFD, lone surrogates `?`.

    >>> cleaned("dish\\x00")
    'dish\ufffd'
    """
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8")


def checked_digest(digest: str) -> str:
    """`digest` itself if it reads `sha256:` and 64 hexadecimal digits, else UsageError."""
    if not _DIGEST.fullmatch(digest):
        raise UsageError(f"{digest!r} is not the digest of a blob", "it begins with sha256:")
    return digest


class Words(sa.types.TypeDecorator[str]):
    """Text, which every database compares by its bytes, so that all sort alike."""

    impl = sa.Text
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> sa.types.TypeEngine[Any]:
        """The type of the column."""
        collation = "C" if dialect.name == "postgresql" else None
        return dialect.type_descriptor(sa.Text(collation=collation))

    def process_bind_param(self, value: str | None, dialect: sa.Dialect) -> str | None:
        """What is stored for `value`."""
        return None if value is None else cleaned(str(value))


class Digest(sa.types.TypeDecorator[str]):
    """The digest of a blob. Every column of this type keeps the blobs it names from `gc`."""

    impl = sa.String(71)
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: sa.Dialect) -> str | None:
        """What is stored for `value`."""
        return None if value is None else checked_digest(value)


class Instant(sa.types.TypeDecorator[datetime]):
    """A time with a zone, kept as `2026-11-20T00:00:00.000000Z`. Naive times are refused."""

    impl = sa.String(27)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> str | None:
        """What is stored for `value`."""
        if value is None:
            return None
        utc = _aware(value).astimezone(UTC).replace(tzinfo=None)
        return utc.isoformat(timespec="microseconds") + "Z"

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> datetime | None:
        """The time that was stored, in UTC."""
        return None if value is None else datetime.fromisoformat(value)


class Count(sa.types.TypeDecorator[int]):
    """A whole number of up to 64 bits."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: int | None, dialect: sa.Dialect) -> int | None:
        """What is stored for `value`; a fraction is refused, not cut."""
        whole = plain(value)
        if whole is None or int(whole) == whole:
            return None if whole is None else int(whole)
        raise MonitorError(f"{value!r} is not a whole number, and a count must be one")


class Real(sa.types.TypeDecorator[float]):
    """A float; `nan` is NULL in the database and `nan` again when it is read."""

    impl = sa.Double
    cache_ok = True

    def process_bind_param(self, value: float | None, dialect: sa.Dialect) -> float | None:
        """What is stored for `value`. Infinities stay: a score of -log10(0) must not be lost."""
        return None if value is None or math.isnan(value) else float(value)

    def process_result_value(self, value: float | None, dialect: sa.Dialect) -> float:
        """The number that was stored."""
        return math.nan if value is None else value


class Document(sa.types.TypeDecorator[Any]):
    """A JSON document, made `plain` before it is stored."""

    impl = sa.JSON(none_as_null=True)
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: sa.Dialect) -> Any:
        """What is stored for `value`."""
        return plain(value)


def _aware(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise UsageError(f"the time {at.isoformat()} has no time zone", "state one, e.g. UTC")
    return at
