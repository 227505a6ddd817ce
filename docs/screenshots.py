"""Pictures of every kind of page, taken from the demo: `python docs/screenshots.py`, at the top.

Needs chromium on the PATH. Writes docs/pictures/*.png.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from monitor import open as opened
from monitor.config import Config
from monitor.report import render

PICTURES = Path(__file__).parent / "pictures"
SIZES = {"desktop": (1280, 800), "phone": (390, 844)}
SHOTS = {
    "report": ("desktop-light", "desktop-dark", "phone-light", "desktop-print"),
    "compare": ("desktop-light", "phone-dark"),
    "drift": ("desktop-dark", "phone-light"),
    "audit": ("desktop-light", "phone-dark"),
    "index": ("desktop-light", "phone-dark"),
    "spaces": ("desktop-dark",),
    "demo": ("desktop-light", "phone-dark"),
}


def pages(folder: Path) -> dict[str, Path]:
    """One page of each kind, made from the demo in `folder`."""
    monitor = opened(Config())
    monitor.demo(folder)
    found = {"demo": folder / "reports" / "demo.html"}
    parts = json.loads(found["demo"].with_suffix(".json").read_text())["parts"]
    runs = {part["run"]["schema"].split("/")[1]: part["run"] for part in reversed(parts)}
    runs["report"] = runs.pop("check")
    for name, run in runs.items():
        found[name] = render(run, folder / f"{name}.html")
    monitor.audit("sample_data/dishes_v1.parquet", out=folder / "audit.html")
    found["audit"] = folder / "audit.html"
    found["spaces"] = folder / "reports" / "index.html"
    found["index"] = next((folder / "reports").glob("*/index.html"))
    return found


def shoot(browser: Browser, path: Path, name: str, mode: str) -> None:
    size, scheme = mode.split("-")
    width, height = SIZES[size]
    options: dict[str, Any] = {"color_scheme": "dark" if scheme == "dark" else "light"}
    page = browser.new_page(viewport={"width": width, "height": height}, **options)
    page.goto(path.as_uri(), wait_until="load")
    if scheme == "print":
        page.emulate_media(media="print")
    page.wait_for_timeout(300)
    page.screenshot(path=PICTURES / f"{name}-{mode}.png")
    page.close()


def main() -> None:
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        sys.exit("found no chromium on the PATH: apt-get install chromium")
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        found = pages(Path(name))
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        for kind, modes in SHOTS.items():
            for mode in modes:
                shoot(browser, found[kind], kind, mode)
        browser.close()


if __name__ == "__main__":
    main()
