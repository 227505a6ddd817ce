"""Any result as text: its single values, then its lists as tables."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

from monitor.cli.clean import cell
from monitor.cli.words import shown, spaced, table

Result = Mapping[str, Any]

_ENVELOPE = (
    *("schema", "tool_version", "run_id", "started_at", "duration_s", "inputs", "seed"),
    *("warnings", "exit_code", "dry_run", "messages"),
)


def listing(result: Result, verbose: int = 0) -> list[str]:
    """Lines `key: value`, then a table for each list of records; -v shows whole tables."""
    items = {key: value for key, value in result.items() if key not in _ENVELOPE}
    tables = {key: value for key, value in items.items() if _records(value)}
    lines = [
        line
        for key, value in items.items()
        if key not in tables and value not in (None, [], {}, ())
        for line in _lines(key, value)
    ]
    for key, value in tables.items():
        lines += [f"{spaced(key).capitalize()}:", *table(value, most=1000 if verbose else 20)]
    return lines or ["Nothing."]


def csv_text(records: Sequence[Result]) -> str:
    """The records as CSV with a heading; cells that a spreadsheet would run are quoted."""
    names = list(dict.fromkeys(key for record in records for key in record))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([cell(name) for name in names])
    writer.writerows([_flat(record.get(name)) for name in names] for record in records)
    return out.getvalue().rstrip("\n")


def _flat(value: Any) -> str:
    return cell(shown(value) if isinstance(value, Mapping | list | tuple) else value)


def _records(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(v, Mapping) for v in value)


def _lines(key: str, value: Any) -> list[str]:
    if isinstance(value, Mapping) and set(value) != {"start", "end"}:
        filled = [(name, item) for name, item in value.items() if item not in (None, [], {}, "")]
        inside = [f"  {spaced(name)}: {shown(item)}" for name, item in filled]
        return [f"{spaced(key).capitalize()}:", *inside]
    return [f"{spaced(key).capitalize()}: {shown(value)}"]
