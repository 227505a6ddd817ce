"""docs/report.md names everything that a template is given."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest

from monitor import assets
from monitor.report import bodies, page
from monitor.report.drawing import Drawing, Shape

_DOCS = (Path(__file__).parents[2] / "docs" / "report.md").read_text(encoding="utf-8")
_NAMED = set(re.findall(r"`([a-z_]+)`", _DOCS))


def _models() -> list[type]:
    found = [value for room in (page, bodies) for value in vars(room).values()]
    return [*{v for v in found if isinstance(v, type) and dataclasses.is_dataclass(v)}]


@pytest.mark.parametrize(
    "model", sorted(_models(), key=lambda m: m.__name__), ids=lambda m: m.__name__
)
def test_every_field_is_documented(model: type) -> None:
    """A field that is not in the docs is not part of the promise to templates."""
    names = {field.name for field in dataclasses.fields(model)}
    assert names - _NAMED - ({"style"} if model is bodies.Swatch else set()) == set()


def test_drawings_are_documented() -> None:
    """Templates may draw too."""
    names = {field.name for model in (Drawing, Shape) for field in dataclasses.fields(model)}
    assert names <= _NAMED


def test_every_template_is_documented() -> None:
    """The files that can be replaced are all named."""
    folder = assets.templates()
    files = [*folder.glob("*.j2"), *(folder / "sections").glob("*.j2")]
    names = {path.name.removesuffix(".html.j2") for path in files}
    shared = {"tables", "index", "chapter"}
    told = _NAMED | {name.removesuffix(".html.j2") for name in re.findall(r"`([a-z.0-9]+)`", _DOCS)}
    assert names - shared <= told
