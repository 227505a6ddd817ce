"""How things stand as a plugin of Nagios and its kin says it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_WORDS = ("OK", "WARNING", "CRITICAL", "UNKNOWN")
_LONGEST = 400


def nagios(result: Mapping[str, Any]) -> tuple[int, str]:
    """Exit code and line: what is worst first, then numbers after a bar.

    Whatever could not be judged is UNKNOWN, unless something worse is known.

    >>> nagios({"firing": [], "monitors": [], "outbox": {"pending": 0}})
    (0, 'EMBMON OK - 0 monitors, nothing fires | firing=0 pending=0 dead=0')
    """
    firing = [one for one in result.get("firing") or () if not one.get("muted")]
    outbox = result.get("outbox") or {}
    dead, pending = len(outbox.get("dead") or ()), outbox.get("pending") or 0
    code = _code(result, firing, dead)
    told = [str(one.get("summary")) for one in firing] + _faults(result, dead)
    text = "; ".join(told) or f"{len(result.get('monitors') or ())} monitors, nothing fires"
    # A bar would begin the numbers, and a line feed the long output.
    text = text.replace("|", "/")[:_LONGEST]
    numbers = f"firing={len(firing)} pending={pending} dead={dead}"
    return code, f"EMBMON {_WORDS[code]} - {text} | {numbers}"


def _code(result: Mapping[str, Any], firing: list[Any], dead: int) -> int:
    severities = {one.get("severity") for one in firing}
    unknown = {one.get("alert") for one in firing} & {"no_data", "too_few_rows", "monitor_error"}
    if "critical" in severities:
        return 2
    if unknown or result.get("failing") or result.get("unjudged"):
        return 3
    return 1 if "warning" in severities or dead else 0


def _faults(result: Mapping[str, Any], dead: int) -> list[str]:
    found = [f"{one.get('monitor')}: {one.get('error')}" for one in result.get("failing") or ()]
    found += [f"{name}: not judged yet" for name in result.get("unjudged") or ()]
    return found + ([f"{dead} alerts were given up"] if dead else [])
