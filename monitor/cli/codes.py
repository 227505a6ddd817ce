"""Which exit code a result leaves with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

DRIFTED, UNDECIDED, DELIVERY_FAILED = 3, 5, 4
_LEVELS = {"ok": 0, "warn": 1, "drift": 2, "breaking": 2}


def verdicts(result: Mapping[str, Any]) -> list[str]:
    """The verdict of each window or monitor of a result in order, or its only one."""
    for key in ("windows", "monitors"):
        if key in result:
            return [str(item["verdict"]) for item in result[key] if item.get("verdict")]
    return [str(result["verdict"])] if result.get("verdict") else []


def of_answer(result: Mapping[str, Any], fail_on: str) -> int:
    """For a question: 3 where a verdict is at or above `fail_on`, 5 where the last is none.

    >>> of_answer({"verdict": "warn"}, "drift"), of_answer({"verdict": "warn"}, "warn")
    (0, 3)
    >>> of_answer({"verdict": "insufficient"}, "never")
    5
    """
    words = verdicts(result)
    if _reached(words, fail_on):
        return DRIFTED
    return 0 if words and words[-1] in _LEVELS else UNDECIDED


def of_job(result: Mapping[str, Any], fail_on: str = "never") -> int:
    """For a job: its health, `exit_code` of the result, unless a verdict counts and it ran.

    >>> of_job({"exit_code": 4}), of_job({"exit_code": 4, "verdict": "drift"}, "drift")
    (4, 3)
    >>> of_job({"exit_code": 1, "verdict": "drift"}, "drift")
    1
    """
    health = int(result.get("exit_code", 0))
    ran = health in (0, DELIVERY_FAILED, UNDECIDED)
    return DRIFTED if ran and _reached(verdicts(result), fail_on) else health


def _reached(words: Sequence[str], fail_on: str) -> bool:
    return fail_on in _LEVELS and any(_LEVELS.get(w, -1) >= _LEVELS[fail_on] for w in words)
