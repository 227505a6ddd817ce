"""What can go wrong, in words a person can act on, each with its exit code."""

from __future__ import annotations


class MonitorError(Exception):
    """What happened, to which value and where (`message`); what to do about it (`hint`).

    The command line prints both without a traceback and leaves with `exit_code`.
    """

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(MonitorError):
    """A name, option or setting that cannot be used as given."""

    exit_code = 2


class SourceError(MonitorError):
    """A file or query that cannot be read, or does not hold what was asked for."""

    exit_code = 1


class SchemaError(SourceError):
    """A file that can be read, with other columns, types or statements about itself than asked."""


class DimensionError(SchemaError):
    """Vectors of another dimension than the space, the basis or the other side has."""


class FrameError(MonitorError):
    """Two statistics or profiles of unlike frames; they have no meaningful sum."""


class DeliveryFailed(MonitorError):
    """A verdict is stored, but at least one alert could not be delivered yet."""

    exit_code = 4


class Undecided(MonitorError):
    """Too little or no data to decide. Never read it as "no drift"."""

    exit_code = 5


class Busy(MonitorError):
    """Another run holds the lock, or the store did not answer in time."""

    exit_code = 75


class MissingExtra(MonitorError):
    """A library that is an extra and is not installed here."""

    exit_code = 2

    def __init__(self, library: str, extra: str) -> None:
        super().__init__(
            f"{library} is needed for this and is not installed",
            f"pip install 'embedding-monitor[{extra}]'",
        )
