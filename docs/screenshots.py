"""Pictures of every kind of page, taken from the demo: `python docs/screenshots.py`, at the top.

`python docs/screenshots.py DEMO` takes them of a demo that was made already; `--examples` takes
those of the worked examples instead. Needs chromium on the PATH. Writes docs/pictures/*.png, or
examples/NAME/report.png, with few colours so that they stay small.
"""

from __future__ import annotations

import io
import json
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from itertools import product
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from monitor import open as opened
from monitor.config import Config
from monitor.report import render

PICTURES = Path(__file__).parent / "pictures"
EXAMPLES = Path(__file__).parent.parent / "examples"
SIZES = {"desktop": (1280, 1100), "phone": (390, 1100)}
PAGES = (
    *("report", "drift", "compare", "audit", "replay", "status"),
    *("demo", "index", "spaces", "segments", "map", "versions"),
)
MODES = ("light", "dark")
PRINTED = "report"
FROM = {"segments": ("report", "#run-places + .section"), "map": ("report", ".live-map")}
FROM |= {"versions": ("compare", "#run-map")}
"""Pictures that begin at a place further down a page."""
COLOURS = 192


def pages(folder: Path) -> dict[str, Path]:
    """One page of each kind, made from the demo in `folder`."""
    if not (folder / "embmon.toml").is_file():
        opened(Config()).demo(folder)
    reports, made = folder / "reports", folder / "pictured"
    demo = json.loads((reports / "demo.json").read_text(encoding="utf-8"))
    parts = [part["run"] for part in demo["parts"]]
    runs = {part["schema"].split("/")[1]: part for part in parts}
    # The second comparison changed every row, so that its maps have something to show.
    runs["compare"] = parts[1]
    runs["report"] = runs.pop("check")
    found = {name: render(run, made / f"{name}.html") for name, run in runs.items()}
    found["demo"] = render(demo, made / "demo.html")
    monitor = opened(folder / "embmon.toml")
    for name, make in (
        ("audit", lambda out: monitor.audit(str(folder / "dishes_v4.parquet"), out=out)),
        ("replay", lambda out: monitor.replay("searches", out=out)),
        ("status", lambda out: monitor.status(out=out)),
    ):
        make(made / f"{name}.html")
        found[name] = made / f"{name}.html"
    found["spaces"] = reports / "index.html"
    found["index"] = reports / "searches" / "index.html"
    return found


def example(folder: Path, work: Path) -> Path:
    """The report that the commands of an example's README make."""
    shutil.copytree(folder, work)
    for block in re.findall(r"^```sh\n(.*?)^```", (folder / "README.md").read_text(), re.M | re.S):
        for line in block.splitlines():
            program, *words = shlex.split(line)
            start = ["-m", "monitor"] if program == "embmon" else []
            done = subprocess.run([sys.executable, *start, *words], cwd=work, check=False)
            assert done.returncode in (0, 3), line
    return next(iter([*work.glob("report.html"), *work.glob("reports/*/2*.html")]))


def shoot(browser: Browser, found: dict[str, Path], name: str, mode: str) -> None:
    """Takes one picture; `mode` is such as `desktop-light` or `desktop-print`."""
    path, place = FROM.get(name, (name, ""))
    picture(browser, found[path], mode, place, PICTURES / f"{name}-{mode}.png")


def picture(browser: Browser, path: Path, mode: str, place: str, out: Path) -> None:
    """A picture of a page, from the element `place` on, or from its top."""
    size, scheme = mode.split("-")
    width, height = SIZES[size]
    page = browser.new_page(
        viewport={"width": width, "height": height},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    page.set_default_timeout(120_000)
    page.goto(path.as_uri(), wait_until="load")
    if scheme == "print":
        page.emulate_media(media="print")
    if place:
        page.locator(place).first.evaluate("(node) => node.scrollIntoView({behavior: 'instant'})")
    page.wait_for_timeout(300)
    taken = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    taken.quantize(COLOURS, dither=Image.Dither.NONE).save(out, optimize=True)
    page.close()


def main() -> None:
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        sys.exit("found no chromium on the PATH: apt-get install chromium")
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        if "--examples" in sys.argv:
            for readme in sorted(EXAMPLES.glob("*/README.md")):
                report = example(readme.parent, Path(name) / readme.parent.name)
                picture(browser, report, "desktop-light", "", readme.parent / "report.png")
            return
        found = pages(Path(sys.argv[1] if len(sys.argv) > 1 else name))
        modes = [f"{size}-{scheme}" for size, scheme in product(SIZES, MODES)]
        for kind, mode in [*product(PAGES, modes), (PRINTED, "desktop-print")]:
            shoot(browser, found, kind, mode)
        browser.close()


if __name__ == "__main__":
    main()
