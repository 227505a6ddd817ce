"""The page of the Python interface, made from signatures and docstrings."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any

import monitor
from monitor.pipeline import Monitor
from monitor.versions import Audit, Comparison

FUNCTIONS = ("drift", "compare", "audit", "profile", "open")
RESULTS = (monitor.Drift, Comparison, Audit, monitor.Profile, monitor.Basis)
WIDTH = 96

API = """# Python

`import monitor` costs nothing until something is used. Vectors are (n, d) arrays, tables that
speak Arrow (pandas, polars, pyarrow, DuckDB: no accessor is needed), or what
[sources](sources.md) names. Errors are `monitor.errors.MonitorError` with a `message` and a
`hint`.

```python
import monitor

found = monitor.drift("last-month.parquet", "today.parquet")
compared = monitor.compare("items_v1.parquet", "items_v2.parquet", expect="retrain")
monitor.open("embmon.toml").run()
```
"""
MONITOR = """## Monitor

What `monitor.open` returns. Its methods are the commands; each returns the JSON that the command
prints, as a dict.
"""


def api_page() -> list[str]:
    """Functions, what they return, and the methods of a Monitor."""
    lines = [API, "## Functions\n"]
    for name in FUNCTIONS:
        lines += entry(f"monitor.{name}", getattr(monitor, name))
    lines.append("## What they return\n")
    for kind in RESULTS:
        lines += [f"### {kind.__name__}\n", *words(kind), *members(kind)]
    lines.append(MONITOR)
    for name, method in vars(Monitor).items():
        if not name.startswith("_") and inspect.isfunction(method):
            lines += entry(name, method)
    return lines


def entry(name: str, function: Callable[..., Any]) -> Iterator[str]:
    """A function's heading, signature and docstring."""
    yield f"### {name}\n"
    yield f"```python\n{signature(name, function)}\n```\n"
    yield from words(function)


def signature(name: str, function: Callable[..., Any]) -> str:
    """The call on one line, or on a line for each parameter where it is long."""
    found = inspect.signature(function)
    shown = [p for p in found.parameters.values() if p.name != "self"]
    parts = list(parameters(shown))
    result = found.return_annotation
    end = f") -> {result}" if isinstance(result, str) else ")"
    line = f"{name}({', '.join(parts)}{end}"
    if len(line) <= WIDTH:
        return line
    return "\n".join([f"{name}(", *(f"    {part}," for part in parts), end])


def parameters(shown: list[inspect.Parameter]) -> Iterator[str]:
    """Each parameter with its type and a default that is short."""
    starred = False
    for each in shown:
        if each.kind is each.KEYWORD_ONLY and not starred:
            starred = True
            yield "*"
        text = f"{each.name}: {each.annotation}"
        if each.default is each.empty:
            yield text
        else:
            value = repr(each.default)
            yield f"{text} = {value if len(value) < 30 else '…'}"


def members(kind: type) -> Iterator[str]:
    """The public methods and properties of a class that say what they are."""
    rows = [
        (name, inspect.getdoc(member) or "")
        for name, member in vars(kind).items()
        if not name.startswith("_")
        and (isinstance(member, property) or inspect.isroutine(member))
        and inspect.getdoc(member)
    ]
    if rows:
        yield "| | |\n|---|---|"
        yield "\n".join(f"| `{name}` | {first(text)} |" for name, text in rows) + "\n"


def first(text: str) -> str:
    """The first paragraph on one line."""
    return " ".join(text.split("\n\n")[0].split()).replace("|", "\\|")


def words(thing: Any) -> Iterator[str]:
    """The docstring; its example as code."""
    text, example, rest = (inspect.getdoc(thing) or "").partition(">>>")
    yield text.strip() + "\n"
    if example:
        yield f"```pycon\n>>>{rest.rstrip()}\n```\n"
