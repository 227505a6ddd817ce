"""Pages of real streams and comparisons whose story is known, and whether they tell it.

    python benchmarks/real_pages.py --data DIR [--out pages] [--only headlines,dishes]

DIR holds Parquet files with `id`, `text` and `embedding` (all-MiniLM-L6-v2, 384-d): a year of
Australian news headlines (`abc_headlines_minilm`, with `ts`), dishes in two poolings
(`usda5000_minilm`, `usda5000_minilm_last4`), foods by their English and their French names
(`ciqual_en_minilm`, `ciqual_fr_minilm`). Writes one page for each, and exits with 1 where a first
screen does not say what is known to be true.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from monitor.config import Config, MonitorSettings, ReportSettings
from monitor.pipeline import Monitor
from monitor.report.page import Banner
from monitor.report.story import page_of
from monitor.report.texts import texts_of
from monitor.sources import Columns

sys.path.insert(0, str(Path(__file__).parent))
from measured import machine

REFERENCE = datetime(2003, 9, 15, tzinfo=UTC), datetime(2003, 12, 8, tzinfo=UTC)
CHRISTMAS = "2003-12-25"

Run = dict[str, Any]
Found = tuple[Run, Sequence[tuple[str, bool]]]
"""A run, and what its page should say with whether it does."""


def headlines(data: Path, page: Path) -> Found:
    """Christmas day after a calm autumn: the change begins on that day, and topics speak of it.
    (Newsrooms print the world's news then, from Baghdad to Bethlehem, and none of councils.)"""
    with tempfile.TemporaryDirectory() as folder:
        settings = MonitorSettings(space="headlines", source="", at="ts", text="text")
        config = Config(
            root=Path(folder),
            monitors={"headlines": settings},
            report=ReportSettings(map="umap", points=4000),
        )
        monitor = Monitor(config)
        columns = Columns(at="ts", text="text", id="id", timezone="UTC")
        monitor.ingest("headlines", str(data / "abc_headlines_minilm.parquet"), columns)
        start, end = REFERENCE
        monitor.reference("headlines", start=start, end=end)
        monitor.check("headlines", window="all")
        monitor.report("headlines", window=CHRISTMAS, out=page)
        run = json.loads(page.with_suffix(".json").read_text(encoding="utf-8"))
    banner = _banner(run)
    grew = [c for c in run["windows"][0]["clusters"] if c["current_share"] > c["reference_share"]]
    texts = " ".join(text for cluster in grew[:8] for text in cluster["examples"])
    before = [one["verdict"] for one in run["trend"] if one["start"] < REFERENCE[1].isoformat()]
    return run, [
        ("the verdict is drift", banner.word == "Drift"),
        ("it began on Christmas day", banner.facts[1].answer == "25 Dec 2003"),
        ("topics that grew speak of Christmas", _any(texts, "christmas")),
        ("the reference itself is calm", before[-84:].count("drift") <= 1),
    ]


def dishes(data: Path, page: Path) -> Found:
    """The same model with another pooling: breaking, by a change of the encoder, in every row."""
    return _compared(data, page, "usda5000_minilm", "usda5000_minilm_last4")


def foods(data: Path, page: Path) -> Found:
    """The same foods under names of two languages: the vectors cannot stand in for one another."""
    return _compared(data, page, "ciqual_en_minilm", "ciqual_fr_minilm")


def languages(data: Path, page: Path) -> Found:
    """French names where English ones were: drift that a linear rule sees at once."""
    columns = Columns(text="text", id="id")
    a, b = (str(data / f"ciqual_{part}_minilm.parquet") for part in ("en", "fr"))
    run = Monitor(Config()).drift(a, b, columns, out=page)
    return run, [
        ("the verdict is drift", _banner(run).word == "Drift"),
        ("nearly all rows changed topic", run["effect"]["tv_clusters"] > 0.8),
        (
            "a French word is on the first screen",
            _any(str(_banner(run)), "farine", "grillé", "cuit"),
        ),
    ]


STORIES: dict[str, Callable[[Path, Path], Found]] = {
    one.__name__: one for one in (headlines, dishes, foods, languages)
}


def _compared(data: Path, page: Path, a: str, b: str) -> Found:
    """Two versions of every row, of which the second cannot stand in for the first."""
    files = [str(data / f"{name}.parquet") for name in (a, b)]
    run = Monitor(Config()).compare(*files, out=page)
    answers = [fact.answer for fact in _banner(run).facts]
    return run, [
        ("the verdict is breaking", _banner(run).word == "Breaking"),
        ("B cannot stand in for A", answers[0] == "No"),
        ("the cause is the encoder", answers[1] == "new encoder"),
    ]


def _banner(run: Run) -> Banner:
    return page_of(run, texts_of("truncate", ())).chapters[0].banner


def _any(text: str, *words: str) -> bool:
    return any(word in text.lower() for word in words)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, metavar="DIR")
    parser.add_argument("--out", type=Path, default=Path("pages"), metavar="DIR")
    parser.add_argument("--only", default=",".join(STORIES), metavar="NAME,NAME")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    print(machine())
    wrong = 0
    for name in given.only.split(","):
        began = time.perf_counter()
        page = given.out / f"{name}.html"
        run, said = STORIES[name](given.data, page)
        print(f"{name}: {page} ({time.perf_counter() - began:.0f} s)")
        print(f"  {_banner(run).sentence}")
        for what, true in said:
            print(f"  {'yes' if true else 'NO '}  {what}")
            wrong += not true
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
