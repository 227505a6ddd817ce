"""Points in time as they are typed."""

from __future__ import annotations

from datetime import UTC, datetime

import click


def moment(text: str) -> datetime:
    """A date, or a time with its offset, as a time in UTC; a date begins at 0:00 UTC.

    >>> moment("2026-11-20T08:00+01:00").isoformat()
    '2026-11-20T07:00:00+00:00'
    """
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(
            f"{text!r} is not a time; write 2026-11-20 or 2026-11-20T08:00Z."
        ) from None
    if at.tzinfo is None and len(text) > len("2026-11-20"):
        raise click.BadParameter(f"{text!r} has no offset; add Z or +01:00.")
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def window_choice(text: str) -> str:
    """`latest`, `all`, or a time as ISO 8601 in UTC.

    >>> window_choice("all"), window_choice("2026-11-20")
    ('all', '2026-11-20T00:00:00Z')
    """
    if text in ("latest", "all"):
        return text
    return moment(text).isoformat().replace("+00:00", "Z")
