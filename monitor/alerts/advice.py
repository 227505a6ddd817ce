"""What to do about an alert, in a sentence or two."""

from __future__ import annotations

from collections.abc import Mapping

_ADVICE = {
    "embedding_drift": (
        "Look at the report: which clusters grew, and since which deploy. If the change is meant,"
        " set a new reference: embmon reference {space} --trailing 8w"
    ),
    "encoder_changed": (
        "Compare encoder, revision and pooling of the service with those of the index before"
        " anything else; drift is not judged by its topics until this is over."
    ),
    "dimension_changed": (
        "Vectors of another dimension need a space of their own; check what was deployed. The"
        " alert is over when the source names no such file any more."
    ),
    "schema_changed": (
        "Mend its writer, or name the new columns in [monitors]; then bring the rows again. The"
        " alert is over when the source names no such file any more."
    ),
    "reference_changed": "Nothing, if it was meant. Drift speaks again with the next run.",
    "too_few_rows": (
        "Check that traffic arrives whole; if it is this thin, choose longer windows (every) or a"
        " smaller min_rows."
    ),
    "no_data": "Check the job that writes the traffic, and that the source still names its files.",
    "embmon_test": "Nothing: this shows what an alert looks like, with numbers that are made up.",
    "monitor_error": "embmon doctor tells what is wrong, and embmon run -v where.",
}


def advice(state: str, labels: Mapping[str, str]) -> str | None:
    """What to do next; None where nothing has to be done.

    >>> advice("firing", {"alertname": "no_data", "space": "q"})[:43]
    'Check the job that writes the traffic, and '
    """
    text = _ADVICE.get(labels.get("alertname", "")) if state == "firing" else None
    return text and text.format(space=labels.get("space", "SPACE"))
