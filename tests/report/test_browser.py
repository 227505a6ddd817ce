"""What people do with a page, done in a real browser."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from monitor.report import render
from tests.report.browsing import Visit, Visitor
from tests.report.stored import KINDS

PAGES = (*KINDS, "demo")
LIVE = ("check", "drift", "compare", "replay", "demo")
LIMIT = 3 * 1024 * 1024


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_opens_without_complaint(
    name: str, scheme: str, runs: dict[str, Any], tmp_path: Path, visitor: Visitor
) -> None:
    """No console message, no policy violation and no request, in either colour scheme."""
    path = render(runs[name], tmp_path / "page.html")
    visit = visitor.open(path, color_scheme=scheme)
    assert (visit.page.locator("canvas").count() > 0) == (name in LIVE)
    assert visit.all_complaints() == []


@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_wider_than_a_telephone(
    name: str, runs: dict[str, Any], tmp_path: Path, visitor: Visitor
) -> None:
    """At 390 pixels only tables scroll sideways, each by itself."""
    path = render(runs[name], tmp_path / "page.html")
    visit = visitor.open(path, viewport={"width": 390, "height": 844})
    assert visit.page.evaluate("document.documentElement.scrollWidth") == 390


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 844)])
def test_the_first_screen_answers_the_five_questions(
    width: int, height: int, runs: dict[str, Any], tmp_path: Path, visitor: Visitor
) -> None:
    """Did it drift, since when, which part, how sure, what next: all seen without scrolling, on a
    desk and on a telephone."""
    path = render(runs["check"], tmp_path / "page.html")
    visit = visitor.open(path, viewport={"width": width, "height": height})
    for words in ("Did it drift?", "Since when?", "Which part?", "How sure?", "Look next at"):
        box = visit.page.locator(".banner").get_by_text(words).first.bounding_box()
        assert box is not None and box["y"] + box["height"] < height, words


@pytest.mark.parametrize("name", PAGES)
def test_a_page_reads_with_scripts_off(
    name: str, runs: dict[str, Any], tmp_path: Path, visitor: Visitor
) -> None:
    """Verdict, tables and drawings are there; what needs scripts is not."""
    path = render(runs[name], tmp_path / "page.html")
    page = visitor.open(path, java_script_enabled=False).page
    assert page.locator(".verdict .word").first.is_visible()
    if name in LIVE:
        assert page.locator("svg.drawing[role=img]").first.is_visible()
    assert page.locator("main table:visible").count() > 0
    assert page.locator("main button").count() == 0
    assert page.locator(".live-map:visible").count() == 0


def test_topics_are_picked_from_the_keyboard(
    runs: dict[str, Any], tmp_path: Path, visitor: Visitor
) -> None:
    """Tab reaches the topics, Enter picks one: its row is marked and only its examples stay."""
    page = visitor.open(render(runs["check"], tmp_path / "page.html")).page
    _tab_to(page, "button.pick")
    page.keyboard.press("Enter")
    picked = page.locator("button.pick:focus")
    assert picked.get_attribute("aria-pressed") == "true"
    assert page.locator("tr.picked").count() == 1
    number = picked.get_attribute("data-cluster")
    shown = page.locator("table.examples tbody tr:visible")
    assert {shown.nth(i).get_attribute("data-cluster") for i in range(shown.count())} == {number}
    page.keyboard.press("Enter")
    assert page.locator("tr.picked").count() == 0
    assert page.locator("table.examples tbody tr:not(:visible)").count() == 0


def test_a_legend_entry_picks_its_topic_in_the_tables(
    runs: dict[str, Any], tmp_path: Path, visitor: Visitor
) -> None:
    """Coloured by topic, the legend of the map and the tables show the same pick."""
    visit = visitor.open(render(runs["check"], tmp_path / "page.html"))
    visit.page.get_by_label("topic", exact=True).check()
    entry = visit.page.locator(".live-legend button").nth(1)
    entry.click()
    pressed = visit.page.locator(".live-legend button[aria-pressed=true]")
    assert pressed.count() == 1
    assert visit.page.locator("tr.picked .pick").inner_text() == pressed.inner_text()
    assert visit.all_complaints() == []


def test_pointing_at_a_dot_shows_its_row(
    runs: dict[str, Any], tmp_path: Path, visitor: Visitor
) -> None:
    """The card beside the pointer tells text, side, topic, novelty and id."""
    visit = visitor.open(render(runs["check"], tmp_path / "page.html"))
    words = _hover(visit)
    assert any(f"\n{side}\n" in words for side in ("reference", "current"))
    assert "\nnovelty " in words and "\nid " in words
    assert visit.all_complaints() == []


def test_the_trend_is_read_window_by_window_from_the_keyboard(
    runs: dict[str, Any], tmp_path: Path, visitor: Visitor
) -> None:
    """Arrow keys move through the windows and say each one in words."""
    page = visitor.open(render(runs["check"], tmp_path / "page.html")).page
    page.locator(".chart").focus()
    assert page.locator(".readout").inner_text().startswith("1978: Drift, score 4.2")
    page.keyboard.press("ArrowLeft")
    assert page.locator(".readout").inner_text().startswith("1977: Drift")
    page.keyboard.press("Home")
    assert page.locator(".readout").inner_text().startswith("1948: OK")


def test_a_word_says_what_it_means_on_demand(
    runs: dict[str, Any], tmp_path: Path, visitor: Visitor
) -> None:
    """A question mark opens one line of help, from the keyboard and with scripts off."""
    path = render(runs["check"], tmp_path / "page.html")
    page = visitor.open(path, java_script_enabled=False).page
    mark = page.locator("summary[aria-label='What is PSI?']")
    line = page.get_by_text("Population stability index over topics")
    assert not line.is_visible()
    mark.focus()
    page.keyboard.press("Enter")
    assert line.is_visible()


def test_the_trend_rings_the_window_of_the_page(
    runs: dict[str, Any], tmp_path: Path, visitor: Visitor
) -> None:
    """A page on a window in the middle of the trend reads that window first."""
    run = runs["check"]
    run["windows"][-1]["window"] = {k: run["trend"][3][k] for k in ("start", "end")}
    page = visitor.open(render(run, tmp_path / "page.html")).page
    assert page.locator(".readout").inner_text().startswith(run["trend"][3]["start"][:4])


def test_a_link_opens_the_folded_section_it_leads_to(
    runs: dict[str, Any], tmp_path: Path, visitor: Visitor
) -> None:
    """Pages of several chapters fold sections away; following a link unfolds one."""
    page = visitor.open(render(runs["demo"], tmp_path / "page.html")).page
    fold = page.locator("#part1-examples > details")
    assert fold.get_attribute("open") is None
    page.locator("a[href='#part1-examples']").click()
    assert fold.get_attribute("open") is not None
    assert page.locator("#part1-examples table").first.is_visible()


def test_the_map_zooms_and_comes_back(
    runs: dict[str, Any], tmp_path: Path, visitor: Visitor
) -> None:
    """Zoomed in, the picture differs; reset, it is as before; the keyboard does the same."""
    page = visitor.open(render(runs["check"], tmp_path / "page.html")).page
    before = page.evaluate(_PICTURE)
    page.get_by_label("Zoom in").click()
    page.wait_for_function(f"(before) => ({_PICTURE})() !== before", arg=before)
    page.get_by_label("Show the whole map").click()
    page.wait_for_function(f"(before) => ({_PICTURE})() === before", arg=before)
    page.locator(".live-map [data-canvas]").focus()
    page.keyboard.press("+")
    page.wait_for_function(f"(before) => ({_PICTURE})() !== before", arg=before)


_PICTURE = "() => document.querySelector('.live-map canvas').toDataURL()"


def test_a_new_colour_scheme_redraws_the_charts(
    runs: dict[str, Any], tmp_path: Path, visitor: Visitor
) -> None:
    """Charts follow when the system turns dark while the page is open."""
    page = visitor.open(render(runs["check"], tmp_path / "page.html")).page
    canvas = page.locator(".chart canvas").first
    before = canvas.evaluate("(node) => node.toDataURL()")
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(
        "(before) => document.querySelector('.chart canvas').toDataURL() !== before", arg=before
    )


def test_print_shows_the_static_drawings(
    runs: dict[str, Any], tmp_path: Path, visitor: Visitor
) -> None:
    """On paper the drawn trend stands in for the live one, and what is folded is open."""
    page = visitor.open(render(runs["check"], tmp_path / "page.html")).page
    page.emulate_media(media="print")
    assert page.locator(".trend .static").is_visible()
    assert not page.locator(".chart").is_visible()
    assert not page.locator(".live-map").is_visible()
    assert page.locator("details.fold table").first.is_visible()


def test_twenty_thousand_points_fit_and_work(
    runs: dict[str, Any], tmp_path: Path, visitor: Visitor
) -> None:
    """A page with a full map of long texts stays below 3 MB and answers the pointer."""
    run = runs["check"]
    run["map"]["points"] = _many_points(20_000)
    path = render(run, tmp_path / "page.html")
    assert os.stat(path).st_size <= LIMIT
    visit = visitor.open(path)
    for choice in ("topic", "novelty", "reference or current"):
        visit.page.get_by_label(choice, exact=True).check()
    assert "\nid " in _hover(visit)
    assert visit.all_complaints() == []


def _many_points(n: int) -> dict[str, list[Any]]:
    rng = np.random.default_rng(0)
    half = n // 2
    return {
        "x": rng.normal(size=n).tolist(),
        "y": rng.normal(size=n).tolist(),
        "split": [0] * half + [1] * (n - half),
        "cluster": rng.integers(0, 14, n).tolist(),
        "novelty": rng.random(n).tolist(),
        "text": [f"row {i} " + "with a long text " * 20 for i in range(n)],
        "id": [f"item-{i:08d}" for i in range(n)],
    }


def _tab_to(page: Any, wanted: str) -> None:
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("(wanted) => document.activeElement.matches(wanted)", wanted):
            return
    raise AssertionError(f"Tab never reached {wanted}")


def _hover(visit: Visit) -> str:
    """Moves the pointer over the map until a row of which the text is kept is shown."""
    canvas = visit.page.locator(".live-map [data-canvas]")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    for step in range(400):
        across = box["width"] * (0.3 + 0.4 * (step % 20) / 20)
        down = box["height"] * (0.3 + 0.4 * (step // 20) / 20)
        visit.page.mouse.move(box["x"] + across, box["y"] + down)
        card = visit.page.locator(".hover")
        if card.is_visible() and "\nid " in card.inner_text():
            return str(card.inner_text())
    raise AssertionError("no row was found under the pointer")


def test_a_line_drawn_around_rows_keeps_only_them_in_the_tables(
    runs: dict[str, Any], tmp_path: Path, visitor: Visitor
) -> None:
    """The list, the topics and the examples hold the selected rows; one button brings all back."""
    visit = visitor.open(render(runs["check"], tmp_path / "page.html"))
    page = visit.page
    topics = page.locator("table.clusters tbody tr:not([hidden])")
    before = topics.count()
    page.get_by_role("button", name="Draw around rows").click()
    box = page.locator(".live-map [data-canvas]").bounding_box()
    assert box is not None
    _draw_around(page, box, 0.45, 0.3, 0.3)
    assert page.locator(".selection caption").inner_text().split(" ")[0].isdigit()
    assert 0 < topics.count() < before
    assert "selected on the map" in page.locator(".s-places [data-picked]").inner_text()
    page.get_by_role("button", name="Show all rows again").click()
    assert topics.count() == before
    assert not page.locator(".selection").is_visible()
    assert visit.all_complaints() == []


def test_rows_are_selected_from_the_keyboard(
    runs: dict[str, Any], tmp_path: Path, visitor: Visitor
) -> None:
    """Zoom by a key, then select what is in view: fewer rows than there are."""
    page = visitor.open(render(runs["check"], tmp_path / "page.html")).page
    page.locator(".live-map [data-canvas]").focus()
    for _ in range(4):
        page.keyboard.press("+")
    page.wait_for_timeout(100)
    page.get_by_role("button", name="Select what is in view").press("Enter")
    n = int(page.locator(".selection caption").inner_text().split(" ")[0])
    assert 0 < n < len(runs["check"]["map"]["points"]["x"])


def test_dots_are_coloured_by_time_and_by_a_column(
    runs: dict[str, Any], tmp_path: Path, visitor: Visitor
) -> None:
    """What the run tells of its rows can be chosen; the legend names the values."""
    visit = visitor.open(render(runs["check"], tmp_path / "page.html"))
    visit.page.get_by_label("kind", exact=True).check()
    assert "written" in visit.page.locator(".live-legend").inner_text()
    visit.page.get_by_label("time", exact=True).check()
    assert "1 Jan 1970" in visit.page.locator(".live-legend").inner_text()
    assert visit.all_complaints() == []


def _draw_around(page: Any, box: Any, left: float, top: float, size: float) -> None:
    corners = [(0, 0), (size, 0), (size, size), (0, size), (0, 0.02)]
    places = [
        (box["x"] + box["width"] * (left + a), box["y"] + box["height"] * (top + b))
        for a, b in corners
    ]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place, steps=4)
    page.mouse.up()


def test_the_slider_shows_one_window_at_a_time(
    runs: dict[str, Any], tmp_path: Path, visitor: Visitor
) -> None:
    """From the keyboard: each step tells its window and how many rows it has; none is all."""
    run = runs["check"]
    run["windows"][-1]["window"] = {"start": "1970-01-01T00:00Z", "end": "1970-04-11T00:00Z"}
    visit = visitor.open(render(run, tmp_path / "page.html"))
    slider, words = visit.page.locator("[data-windows] input"), "[data-windows] output"
    slider.focus()
    assert visit.page.locator(words).inner_text() == "all windows"
    before = visit.page.evaluate(_PICTURE)
    visit.page.keyboard.press("ArrowRight")
    visit.page.wait_for_function(f"(before) => ({_PICTURE})() !== before", arg=before)
    assert visit.page.locator(words).inner_text() == "1 Jan 1970 to 10 Apr 1970: 100 rows"
    assert slider.get_attribute("aria-valuetext") == "1 Jan 1970 to 10 Apr 1970: 100 rows"
    visit.page.keyboard.press("Home")
    n = len(run["map"]["points"]["x"])
    assert visit.page.locator(words).inner_text() == f"all windows: {n} rows"
    assert visit.all_complaints() == []


def test_a_row_of_two_versions_shows_its_neighbours_before_and_after(
    runs: dict[str, Any], tmp_path: Path, visitor: Visitor
) -> None:
    """Lines to the nearest rows on both maps, and their texts beside the pointer."""
    visit = visitor.open(render(runs["compare"], tmp_path / "page.html"))
    words = _hover(visit)
    assert "near it in A: " in words and "near it in B: " in words
    lines = visit.page.locator(".near path")
    assert lines.count() == 6
    assert {lines.nth(i).get_attribute("class") for i in range(6)} <= {"kept", "lost", "gained"}
    assert visit.all_complaints() == []
