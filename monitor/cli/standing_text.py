"""How things stand, in words: what fires, what ran, what is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from monitor.cli.verdict_text import word
from monitor.cli.words import number, table, window

Result = Mapping[str, Any]
MOST_WINDOWS = 30
MOST_UNREAD = 5


def status_text(result: Result, verbose: int = 0) -> list[str]:
    """What fires, the last verdict of each monitor, and the outbox."""
    firing, monitors = result.get("firing") or [], result.get("monitors") or []
    outbox = result.get("outbox") or {}
    lines = [f"{number(len(firing))} firing:"] if firing else ["Nothing fires."]
    for alert in firing:
        muted = " (muted)" if alert.get("muted") else ""
        lines.append(f"  {alert.get('summary')}{muted}")
    columns = ("monitor", "space", "state", "window", "verdict", "score", "threshold", "rows")
    rows = [{**row, "window": window(row)} for row in monitors]
    lines += ["Last windows:", *table(rows, columns)] if rows else ["No window was judged yet."]
    for turn in result.get("failing") or ():
        lines.append(f"{turn.get('monitor')} failed at {turn.get('finished_at')}:")
        lines.append(f"  {turn.get('error')}")
    return lines + _outbox(outbox)


def _outbox(outbox: Result) -> list[str]:
    """What waits and why, and what was given up."""
    dead = outbox.get("dead") or []
    if not outbox.get("pending") and not dead:
        return []
    lines = [f"Outbox: {number(outbox.get('pending'))} waiting, {len(dead)} given up"]
    for sink in outbox.get("failing") or ():
        tried = f"tried {sink.get('attempts')} times, again at {sink.get('next_at')}"
        lines.append(f"  {sink.get('sink')}: {sink.get('error')} ({tried})")
    return lines + [f"  {one.get('sink')}: given up: {one.get('error')}" for one in dead]


def history_text(result: Result, verbose: int = 0) -> list[str]:
    """The latest windows with verdict and score, the oldest of them first."""
    latest = result.get("windows") or []
    if not latest:
        return ["No window was judged yet."]
    columns = ("monitor", "window", "verdict", "score", "threshold", "p_value", "rows")
    hidden = result.get("earlier") or 0
    more = [f"  … {number(hidden)} windows before these (-v shows all)"] if hidden else []
    rows = [{**row, "window": window(row)} for row in latest]
    return [*more, *table(rows, columns, len(rows))]


def run_text(result: Result, verbose: int = 0) -> list[str]:
    """A line for each monitor that ran, and what was sent."""
    lines = [line for one in result.get("monitors") or () for line in _ran(one)]
    sent = {} if result.get("dry_run") else result.get("deliveries") or {}
    told = ", ".join(f"{key} {number(value)}" for key, value in sent.items() if _some(value))
    return [*(lines or ["No monitors are configured."]), *([f"Alerts: {told}"] if told else [])]


def _some(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _ran(one: Result) -> list[str]:
    if one.get("error"):
        failed = click.style("FAILED", fg="red", bold=True)
        hint = [f"  hint: {one['hint']}"] if one.get("hint") else []
        return [f"{one.get('monitor')}: {failed} {one['error']}", *hint]
    judged = f"{number(one.get('windows'))} windows judged, {number(one.get('drifted'))} drifted"
    verdict = f"{word(one['verdict'])}, " if one.get("verdict") else ""
    rows = f"{number(one.get('rows'))} rows read"
    page = [f"  report: {one['report']}"] if one.get("report") else []
    unread = one.get("unread") or []
    left = [f"  not read: {said}" for said in unread[:MOST_UNREAD]]
    more = [f"  … and {len(unread) - MOST_UNREAD} more files"] if len(unread) > MOST_UNREAD else []
    return [f"{one.get('monitor')}: {verdict}{judged}; {rows}", *left, *more, *page]


def ingest_text(result: Result, verbose: int = 0) -> list[str]:
    """How much was read, and into which windows; -v lists them."""
    if result.get("already_ingested"):
        return ["Nothing new: this very content was ingested before."]
    windows = result.get("windows") or []
    changed = sum(bool(one.get("changed")) for one in windows)
    lines = [
        f"{number(result.get('rows'))} rows read into {number(len(windows))} windows of"
        f" {result.get('space')}; {number(changed)} windows are new or changed"
    ]
    if windows:
        lines.append(f"From {window({**windows[0], 'end': windows[-1]['end']})}")
    records = [{**one, "window": window(one)} for one in windows]
    shown_windows = table(records, ("window", "rows", "changed"), len(records))
    return lines + (shown_windows if verbose else [])


def demo_text(result: Result, verbose: int = 0) -> list[str]:
    """What was found, chapter by chapter, and which alerts went where."""
    found = result.get("found") or []
    width = max((len(str(one.get("verdict"))) for one in found), default=0)
    lines = []
    for one in found:
        fill = " " * (width - len(str(one.get("verdict"))))
        lines.append(f"  {word(one.get('verdict'))}{fill}  {one.get('chapter')}: {one.get('why')}")
    sent = number((result.get("deliveries") or {}).get("sent"))
    lines.append(f"Alerts: {sent} messages sent, to {result.get('alert_file')}")
    alerts = result.get("alerts") or ()
    return lines + [f"  {alert.get('state')}: {alert.get('summary')}" for alert in alerts]


def doctor_text(result: Result, verbose: int = 0) -> list[str]:
    """A line for each part, and how to mend what is wrong."""
    lines = []
    for check in result.get("checks") or ():
        if check.get("ok"):
            lines.append(f"{click.style('ok', fg='green')}      {check.get('what')}")
            continue
        broken = click.style("broken", fg="red")
        lines.append(f"{broken}  {check.get('what')}: {check.get('problem')}")
        lines += [f"        hint: {check['hint']}"] if check.get("hint") else []
    return lines
