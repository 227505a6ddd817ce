"""Other shapes of a page: Markdown, a picture, a fragment, a notebook's frame."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from PIL import Image

from monitor.errors import MonitorError
from monitor.report import notebook_html, png, render
from tests.report.browsing import Visitor
from tests.report.nasty import STRINGS, filled_with
from tests.report.stored import KINDS, thinned

_HERE = Path(__file__).parent


def test_markdown_says_what_the_first_screen_says(runs: dict[str, Any], tmp_path: Path) -> None:
    """Verdict, sentence, causes, facts and the topics that changed, as tables."""
    text = render(runs["check"], tmp_path / "page.md").read_text(encoding="utf-8")
    assert text.startswith("## 🔶 Drift: ")
    assert "| Since when? |" in text.replace("\\", "")
    assert "| topic | reference | current | change |" in text


def test_markdown_keeps_texts_from_meaning_anything(runs: dict[str, Any], tmp_path: Path) -> None:
    """No hostile text is a link, an image, HTML or a mention."""
    run = runs["check"]
    run["windows"][-1]["causes"] = [
        "[x](javascript:alert(1)) ![y](http://evil) <img src=x> @all",
        *STRINGS[:5],
    ]
    text = render(run, tmp_path / "page.md").read_text(encoding="utf-8")
    bare = re.sub(r"\\.", "", text)
    assert not re.search(r"[\[\]<>@]|://", bare)


@pytest.mark.parametrize("name", ["check", "drift", "compare"])
def test_a_picture_is_sound_svg(name: str, runs: dict[str, Any], tmp_path: Path) -> None:
    """Well-formed, with the verdict in words and nothing that runs or loads."""
    path = render(runs[name], tmp_path / "page.svg")
    root = ElementTree.fromstring(path.read_text(encoding="utf-8"))
    tags = {node.tag.rpartition("}")[2] for node in root.iter()}
    assert tags <= {"svg", "style", "rect", "text", "tspan", "path", "circle"}
    assert root.get("aria-label", "").split(":")[0] in ("Drift", "Breaking", "OK", "Warning")


@pytest.mark.parametrize("name", KINDS)
def test_a_picture_for_mail_is_png(name: str, runs: dict[str, Any], tmp_path: Path) -> None:
    """The same bytes from Python and by the name of the file; the verdict stands there in its
    colour, so the style's colours and the font were found."""
    made = png(runs[name])
    assert render(runs[name], tmp_path / "page.png").read_bytes() == made
    image = Image.open(BytesIO(made)).convert("RGB")
    word = image.crop((0, 0, 150, 60))
    seen = {colour for _, colour in word.getcolors(9000)}
    assert image.width == 1560 and seen & {(168, 50, 12), (125, 82, 0)}


def test_a_picture_takes_any_text(runs: dict[str, Any]) -> None:
    """No string of rows, labels and marks keeps the picture from being drawn."""
    for some in (STRINGS[:20], STRINGS[20:]):
        assert png(filled_with(thinned(runs["check"]), some)).startswith(b"\x89PNG")


def test_a_faulty_template_of_a_picture_is_named(runs: dict[str, Any], tmp_path: Path) -> None:
    """A template of the user's that makes no SVG is told, not drawn as nothing."""
    (tmp_path / "picture.svg.j2").write_text("no picture")
    with pytest.raises(MonitorError) as told:
        png(runs["check"], templates=tmp_path)
    assert str(told.value).startswith("the template picture.svg.j2 cannot be rendered: ")


def test_a_fragment_keeps_its_style_to_itself(
    runs: dict[str, Any], tmp_path: Path, visitor: Visitor
) -> None:
    """Inside another page it shows its verdict, in its own colours, and runs nothing."""
    part = render(runs["check"], tmp_path / "part.html", fragment=True)
    text = part.read_text(encoding="utf-8")
    assert "<script" not in text
    host = tmp_path / "host.html"
    host.write_text(f"<!doctype html><meta charset=utf-8><p class=card>Ours</p>{text}")
    visit = visitor.open(host)
    assert visit.page.locator(".verdict .word").first.is_visible()
    ground = "(node) => getComputedStyle(node).backgroundColor"
    assert visit.page.locator("p.card", has_text="Ours").evaluate(ground) == "rgba(0, 0, 0, 0)"
    assert visit.page.locator(".banner").first.evaluate(ground) == "rgb(255, 255, 255)"
    assert visit.all_complaints() == []


def test_a_notebook_gets_a_frame_of_its_own(
    runs: dict[str, Any], tmp_path: Path, visitor: Visitor
) -> None:
    """The whole page in a sandboxed frame, without scripts."""
    text = notebook_html(runs["drift"])
    assert "&lt;script" not in text
    host = tmp_path / "notebook.html"
    host.write_text(f"<!doctype html><meta charset=utf-8>{text}", encoding="utf-8")
    frame = visitor.open(host).page.frame_locator("iframe")
    frame.locator(".verdict .word").first.wait_for()
