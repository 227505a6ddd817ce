"""The page of what templates are given, made from the dataclasses of `monitor.report`."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from types import ModuleType

from monitor.report import bodies, drawing, page

MODEL = f"""# What a template is given

For [own templates](report.md#own-templates). A template of a page gets `page` and `meanings`,
which maps words to a line of help; one of a section gets `section` with its `body`. All values
are text or these classes of text: numbers are formatted already. `page.model` is the version of
these names, now {page.MODEL}: it grows when a name goes or changes its meaning.

`section.body` is `Trend` of `trend`, `Segments` of `segments`, `Places` of `places`, `Map` of
`map`, groups (`ExampleGroup`) of `examples`, `Diagnosis` of `diagnosis`, `Measures` of
`measures`, rows (`Mover`) of `movers`, pairs of a word and its meaning of `guide`, and tables
(`Table`) of all others. `page.kind` is `check`, `drift`, `compare`, `audit`, `replay`, `status`
or `demo`.
"""


def model_page() -> list[str]:
    """Every class with what its docstring says, and its fields."""
    return [MODEL, *(part for room in (page, bodies, drawing) for part in classes(room))]


def classes(room: ModuleType) -> Iterator[str]:
    """The dataclasses that a module defines."""
    for kind in vars(room).values():
        if not (isinstance(kind, type) and dataclasses.is_dataclass(kind)):
            continue
        if kind.__module__ != room.__name__:
            continue
        yield f"## {kind.__name__}\n\n{(kind.__doc__ or '').strip()}\n".replace("\n    ", "\n")
        rows = (
            f"| `{f.name}` | {str(f.type).replace('|', chr(92) + '|')} |"
            for f in dataclasses.fields(kind)
        )
        yield "| field | type |\n|---|---|\n" + "\n".join(rows) + "\n"
