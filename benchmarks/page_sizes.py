"""How large a page is and how long it takes to make, open, hover and select, by points on its map.

    python benchmarks/page_sizes.py

Needs chromium on the PATH. The map is random: what is measured is the page, not the projection.
"""

from __future__ import annotations

import platform
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import sync_playwright

from monitor.report import render

SIZES = (2_000, 20_000, 200_000)
MOVES = 50
PAINTED = """() => new Promise((done) => requestAnimationFrame(() => {
  const after = new MessageChannel();
  after.port1.onmessage = () => done();
  after.port2.postMessage(0);
}))"""
"""A message posted before a frame is drawn arrives once it was."""
WATCH = """
window.waits = { pointermove: [], click: [], pointerup: [] };
for (const kind in window.waits) addEventListener(kind, (event) => requestAnimationFrame(() => {
  const after = new MessageChannel();
  after.port1.onmessage = () => window.waits[kind].push(performance.now() - event.timeStamp);
  after.port2.postMessage(0);
}), true);
"""


def run_of(n: int) -> dict[str, Any]:
    rng = np.random.default_rng(0)
    points = {
        "x": rng.normal(size=n).round(4).tolist(),
        "y": rng.normal(size=n).round(4).tolist(),
        "split": (np.arange(n) >= n // 2).astype(int).tolist(),
        "cluster": rng.integers(0, 14, n).tolist(),
        "novelty": rng.random(n).round(4).tolist(),
        "at": np.linspace(0, 1e6, n).tolist(),
        "text": [f"row {i}, with a text of the length that searches have" for i in range(n)],
        "id": [f"item-{i:08d}" for i in range(n)],
    }
    shares = {"reference_share": 0.07, "current_share": 0.08, "z": 1.0, "drifted": False}
    clusters = [{"id": i, "label": f"topic {i}", **shares} for i in range(14)]
    window = {"verdict": "ok", "score": 1.0, "threshold": 3.0, "clusters": clusters}
    chart = {"method": "pca", "dimensions": 384, "points": points}
    return {"schema": "embmon/check/1", "space": "made", "windows": [window], "map": chart}


def measured(browser: Any, n: int, folder: Path) -> tuple[float, ...]:
    run = run_of(n)
    start = time.perf_counter()
    path = render(run, folder / f"{n}.html")
    built = time.perf_counter() - start
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.add_init_script(WATCH)
    start = time.perf_counter()
    page.goto(path.as_uri(), wait_until="load")
    page.evaluate(PAINTED)
    opened = time.perf_counter() - start
    canvas = page.locator(".live-map [data-canvas]")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    for i in range(MOVES):
        page.mouse.move(box["x"] + box["width"] * (0.3 + 0.008 * i), box["y"] + box["height"] / 2)
    hovered = sorted(waits(page, "pointermove"))
    page.get_by_role("button", name="Select what is in view").click()
    (selected,) = waits(page, "click")
    page.get_by_role("button", name="Show all rows again").click()
    page.get_by_role("button", name="Draw around rows").click()
    corners = ((0.4, 0.4), (0.6, 0.4), (0.6, 0.6), (0.4, 0.6))
    places = [(box["x"] + box["width"] * x, box["y"] + box["height"] * y) for x, y in corners]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place, steps=5)
    waits(page, "pointerup")
    page.mouse.up()
    (drawn,) = waits(page, "pointerup")
    page.close()
    worst, half = hovered[-1], hovered[len(hovered) // 2]
    return path.stat().st_size / 1e6, built, opened, half, worst, selected, drawn


def waits(page: Any, kind: str) -> list[float]:
    """Milliseconds from each event of a kind until what it changed was painted; taken once."""
    page.evaluate(PAINTED)
    found: list[float] = page.evaluate("(kind) => window.waits[kind].splice(0)", kind)
    return found


def main() -> None:
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as name:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        print(f"{platform.machine()}, Python {platform.python_version()}, {browser.version}")
        print("  points     MB  built s  open s  hover ms  worst  select ms  draw around ms")
        for n in SIZES:
            size, built, opened, half, worst, selected, drawn = measured(browser, n, Path(name))
            print(
                f"{n:8,} {size:6.2f} {built:8.2f} {opened:7.2f} {half:9.0f} {worst:6.0f} "
                f"{selected:10.0f} {drawn:15.0f}"
            )
        browser.close()


if __name__ == "__main__":
    main()
