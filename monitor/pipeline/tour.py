"""`demo`: the main job, start to end, on the sample data."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from monitor.assets import sample_data
from monitor.config import load
from monitor.demo.story import chapters
from monitor.demo.traffic import TrafficStory, write_traffic
from monitor.demo.versions import write_reembedded
from monitor.model import Columns
from monitor.pipeline import alertdesk, drifting, jobs, pages, pairs, reporting, snapshots
from monitor.pipeline.drift_pages import with_rows
from monitor.pipeline.judging import judge
from monitor.pipeline.maps import versions_map
from monitor.pipeline.workspace import Run, Workspace
from monitor.sources import open_source

SETTINGS = """\
# What `embmon demo` ran. In this folder, try: embmon status

[spaces.dishes]
encoder = "all-MiniLM-L6-v2"
pooling = "mean"
normalised = true

[spaces.searches]
encoder = "all-MiniLM-L6-v2"
pooling = "mean"
normalised = true

[monitors.dish-search]
space = "searches"
source = "searches/*.parquet"
at = "at"
id = "id"
entity = "user"
text = "text"
columns = ["category", "country", "device", "client"]
segments = ["country"]
every = "1d"
reference = "8w"
false_alarms = "1 per 1000 windows"

[report]
points = 2000

[sinks.book]
kind = "jsonl"
path = "alerts.jsonl"
"""

REFERENCE_WEEKS = 8
VERSIONS = ("v3", "v2", "v4")
"""Compared with v1 in this order: harmless, breaking, mixed."""
FIRST_YEARS = (1947, 1960)
SHOWN_DECADES = (1960, 2010)


def demo(workspace: Workspace, folder: Path) -> dict[str, Any]:
    """Tells the whole story in `folder`; see `Monitor.demo`."""
    folder.mkdir(parents=True, exist_ok=True)
    settings = folder / "embmon.toml"
    settings.write_text(SETTINGS, encoding="utf-8")
    inside = replace(workspace, config=load(settings))
    run = Run("demo", inside)
    _ = inside.umap  # it compiles while the versions are compared
    parts = _versions(inside, folder)
    story = write_traffic(_sample("dishes_v1"), _sample("dishes_v2"), folder / "arrivals")
    ran = _run_over(inside, story, folder / "searches")
    parts += _traffic(inside, story, Path(ran["monitors"][0]["report"]))
    parts += _speeches(inside)
    told = chapters(story)
    document = run.document(
        {
            "title": told.title,
            "text": told.text,
            "parts": [
                {**vars(chapter), "run": part}
                for chapter, part in zip(told.chapters, parts, strict=True)
            ],
        }
    )
    page = folder / "reports" / "demo.html"
    workspace.progress("rendering", 0, None)
    pages.write(inside, document, page)
    page.with_suffix(".json").write_text(json.dumps(document, allow_nan=False), encoding="utf-8")
    return {
        **{key: document[key] for key in ("schema", "tool_version", "run_id", "duration_s")},
        "found": [
            {"chapter": chapter.title, "verdict": part["verdict"], "why": _why(part)}
            for chapter, part in zip(told.chapters, parts, strict=True)
        ],
        "alerts": [
            {"state": alert["state"], "summary": alert["summary"]}
            for alert in alertdesk.alerts_list(inside)["alerts"]
        ],
        "deliveries": ran["deliveries"],
        "alert_file": str(folder / "alerts.jsonl"),
        "report": str(page),
    }


def _run_over(workspace: Workspace, story: TrafficStory, source: Path) -> dict[str, Any]:
    """Runs when the first eight weeks have come, at the end of the surge's week, after it, and when
    all have come: the frame is fitted on what a monitor would have seen by then, and on nothing
    later, and every message leaves as it would have."""
    source.mkdir(exist_ok=True)
    weeks = sorted(story.folder.glob("*.parquet"))
    ran: dict[str, Any] = {}
    sent = 0
    surge = (story.surge_start - story.first_day).days // 7 + 1
    for n in (REFERENCE_WEEKS, surge, len(weeks) - 1, len(weeks)):
        for week in weeks[:n]:
            (source / week.name).write_bytes(week.read_bytes())
        end = datetime.combine(story.first_day, time(), UTC) + timedelta(weeks=n)
        inside = workspace if n == len(weeks) else _without_map(workspace)
        ran = jobs.run(inside, (), as_of=end)
        sent += ran["deliveries"]["sent"]
    return {**ran, "deliveries": {**ran["deliveries"], "sent": sent}}


def _without_map(workspace: Workspace) -> Workspace:
    """The same, with reports that nobody will look at made quickly."""
    config = workspace.config
    report = config.report.model_copy(update={"map": "none"})
    return replace(workspace, config=config.model_copy(update={"report": report}))


def _why(part: dict[str, Any]) -> str:
    """The first cause of a comparison, or of a window."""
    if part.get("diagnosis"):
        return str(part["diagnosis"][0]["cause"])
    causes = part["windows"][-1]["causes"] if part.get("windows") else part.get("causes", [])
    return str(causes[0]) if causes else ""


def _sample(name: str) -> Path:
    return sample_data() / f"{name}.parquet"


def _versions(workspace: Workspace, folder: Path) -> list[dict[str, Any]]:
    """The dishes' versions stored, and each compared with the first."""
    mixed = folder / "dishes_v4.parquet"
    write_reembedded(_sample("dishes_v1"), _sample("dishes_v2"), mixed)
    sources = {name: _sample(f"dishes_{name}") for name in ("v1", "v2", "v3")} | {"v4": mixed}
    for name, source in sources.items():
        workspace.progress(f"storing dishes@{name}", 0, None)
        parent = None if name == "v1" else "v1"
        snapshots.snapshot(workspace, "dishes", name, source, Columns(), parent=parent)
    return [_compared(workspace, name) for name in VERSIONS]


def _compared(workspace: Workspace, name: str) -> dict[str, Any]:
    a, b = "dishes@v1", f"dishes@{name}"
    workspace.progress(f"comparing {a} with {b}", 0, None)
    columns = Columns()
    document = pairs.compare(workspace, a, b, columns, columns)
    run = Run("compare", workspace)
    left, right = (snapshots.items(workspace, one, columns, run) for one in (a, b))
    # The cheap map here: it is the traffic's that a reader wants to walk about in.
    document["map"] = versions_map(workspace, left, right, method="pca")
    return document


def _traffic(workspace: Workspace, story: TrafficStory, page: Path) -> list[dict[str, Any]]:
    """The report on the second day of the surge, and the one that the run made, which is on the
    strongest day of the incident that is open."""
    by = judge(workspace, "searches")
    day = story.surge_start + timedelta(days=1)
    stored = workspace.store.windows("searches", by.basis.id)
    (surge,) = (one for one in stored if one.window.start.date() == day)
    newest = json.loads(page.with_suffix(".json").read_text(encoding="utf-8"))
    # One UMAP is enough to walk about in; a surge of one topic shows on any map.
    return [reporting.report_document(by, surge, "pca"), newest]


def _speeches(workspace: Workspace) -> list[dict[str, Any]]:
    """Paragraphs of two decades against those of 1947 to 1959."""
    table = pq.read_table(_sample("speeches"))
    year = pc.year(table["ts"])
    columns = Columns(text="text", id="id")
    found = []
    for decade in SHOWN_DECADES:
        spans = FIRST_YEARS, (decade, decade + 10)
        before, after = (_between(table, year, *span) for span in spans)
        sources = open_source(before, columns), open_source(after, columns)
        seen = drifting.measured(workspace, sources, ("text", "text"), "", 0)
        document = with_rows(workspace, seen.document, seen.sides, "pca")
        for told, (first, end) in zip(document["inputs"], spans, strict=True):
            told["source"] = f"speeches of {first} to {end - 1}"
        found.append(document)
    return found


def _between(table: pa.Table, year: pa.ChunkedArray, start: int, end: int) -> pa.Table:
    return table.filter(pc.and_(pc.greater_equal(year, start), pc.less(year, end)))
