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
    start = time.perf_counter()
    page.goto(path.as_uri(), wait_until="load")
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => done()))")
    opened = time.perf_counter() - start
    canvas = page.locator(".live-map [data-canvas]")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    start = time.perf_counter()
    for i in range(MOVES):
        page.mouse.move(box["x"] + box["width"] * (0.3 + 0.008 * i), box["y"] + box["height"] / 2)
    hovered = (time.perf_counter() - start) / MOVES
    start = time.perf_counter()
    page.get_by_role("button", name="Select what is in view").click()
    page.locator(".selection table").wait_for()
    selected = time.perf_counter() - start
    page.close()
    return path.stat().st_size / 1e6, built, opened, hovered * 1000, selected


def main() -> None:
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as name:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        print(f"{platform.machine()}, Python {platform.python_version()}, {browser.version}")
        print(
            f"{'points':>8} {'MB':>6} {'built s':>8} {'open s':>7} {'hover ms':>9} {'select s':>9}"
        )
        for n in SIZES:
            size, built, opened, hovered, selected = measured(browser, n, Path(name))
            print(f"{n:8,} {size:6.2f} {built:8.2f} {opened:7.2f} {hovered:9.1f} {selected:9.2f}")
        browser.close()


if __name__ == "__main__":
    main()
