"""Commands about traffic: windows, what they are judged against, and the judging."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import click

from monitor.cli import codes
from monitor.cli.gate import answer, gate_options
from monitor.cli.listing import listing
from monitor.cli.moments import moment, window_choice
from monitor.cli.options import (
    column_pair,
    columns,
    columns_b_options,
    columns_options,
    common,
    dry_run_option,
    fail_on,
    out_option,
    seed_option,
    window_options,
)
from monitor.cli.replay_text import replay_text
from monitor.cli.standing_text import ingest_text
from monitor.cli.talk import Talk
from monitor.cli.verdict_text import check_text, drift_text
from monitor.errors import UsageError


@click.command("ingest")
@click.argument("space")
@click.argument("source")
@columns_options
@window_options
@dry_run_option
@common
def ingest_command(
    talk: Talk,
    space: str,
    source: str,
    every: str,
    sample: int,
    segment: tuple[str, ...],
    **rest: Any,
) -> None:
    """Split traffic into windows and add their profiles to SPACE.

    --at names the column of times. The same file again changes nothing; late rows are merged into
    their window.

    \b
    Example:
      embmon ingest speeches sample_data/speeches.parquet --at ts --every 365d --timezone UTC
    """
    with talk.monitor() as monitor:
        how = {"every": every, "sample": sample, "segments": segment}
        result = monitor.ingest(space, source, columns(rest), **how)
    talk.answer(result, ingest_text)


@click.command("reference")
@click.argument("space")
@click.option("--from", "start", type=moment, metavar="T", help="First moment of the reference.")
@click.option("--to", "end", type=moment, metavar="T", help="First moment after it.")
@click.option("--trailing", metavar="LENGTH", help="Always the last 8w, 30d, ... before a window.")
@click.option("--version", metavar="VERSION", help="A stored version.")
@dry_run_option
@common
def reference_command(
    talk: Talk,
    space: str,
    start: datetime | None,
    end: datetime | None,
    trailing: str | None,
    version: str | None,
) -> None:
    """Set what windows of SPACE are judged against.

    Give --from with --to, or --trailing, or --version. The thresholds are calibrated on it; until
    there is enough of it, verdicts are `calibrating`.

    \b
    Example:
      embmon reference speeches --from 1947-01-01 --to 1961-01-01
      embmon reference queries --trailing 8w
    """
    ways = [start is not None or end is not None, trailing is not None, version is not None]
    if sum(ways) != 1 or (start is None) != (end is None):
        raise UsageError(
            "a reference is one stretch of time, one trailing length or one version",
            "give --from T with --to T, or --trailing 8w, or --version V",
        )
    with talk.monitor() as monitor:
        result = monitor.reference(space, start=start, end=end, trailing=trailing, version=version)
    talk.answer(result, listing)


@click.command("check")
@click.argument("space")
@click.option(
    "--window",
    type=window_choice,
    metavar="latest|all|T",
    default="latest",
    show_default=True,
    help="Which windows: the last one, every one, or the one at time T.",
)
@click.option("--false-alarms", metavar="BUDGET", help='Such as "1 per 1000 windows".')
@fail_on("drift")
@dry_run_option
@common
def check_command(
    talk: Talk, space: str, window: str, false_alarms: str | None, fail_on: str
) -> int:
    """Judge windows of SPACE against its reference.

    \b
    Example:
      embmon check speeches --window all
      embmon check queries --fail-on warn -q
    """
    budget = {"false_alarms": false_alarms} if false_alarms else {}
    with talk.monitor() as monitor:
        result = monitor.check(space, window=window, **budget)
    talk.answer(result, check_text, headline=True)
    return codes.of_answer(result, fail_on)


@click.command("replay")
@click.argument("space")
@click.option(
    "--trailing",
    default="8w",
    show_default=True,
    metavar="LENGTH",
    help="How much before a window is its reference.",
)
@click.option("--false-alarms", metavar="BUDGET", help='Such as "1 per 1000 windows".')
@click.option(
    "--inject",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    multiple=True,
    metavar="SHARE",
    help="Tell how soon it is found that so many rows become those of one topic: 0.05.",
)
@click.option(
    "--others", is_flag=True, help="Tell how often default rules of other tools would have alarmed."
)
@out_option("the page")
@common
def replay_command(talk: Talk, space: str, out: Path | None, **how: Any) -> None:
    """Tell how often SPACE would have alarmed over its stored history.

    Every window is judged by the weeks before it, with a reference that moves on weekly and
    leaves out what alarmed. Nothing is kept or sent. With --inject a topic grows in copies of the
    history, beginning in up to twelve weeks of it.

    \b
    Example:
      embmon replay queries --trailing 4w
      embmon replay queries --inject 0.02 --inject 0.05
      embmon replay queries --others
      embmon replay queries -o replay.html
    """
    with talk.monitor() as monitor:
        result = monitor.replay(space, out=out, **how)
    if out is None:
        talk.answer(result, replay_text)
    else:
        talk.page(result, replay_text)


@click.command("drift")
@click.argument("a")
@click.argument("b")
@columns_options
@columns_b_options
@seed_option
@out_option("the page")
@gate_options
@fail_on("drift")
@common
def drift_command(
    talk: Talk, a: str, b: str, shape: str, junit: Path | None, fail_on: str, **rest: Any
) -> int:
    """Tell whether source B has drifted from source A.

    Nothing is stored.

    \b
    Example:
      embmon drift march.parquet april.parquet --entity user_id
      embmon drift a.npy b.npy --json
      embmon drift march.parquet april.parquet --text title -o drift.html
      embmon drift live.parquet canary.parquet --format markdown --junit embmon.xml
    """
    pair = column_pair(rest)
    with talk.monitor() as monitor:
        result = monitor.drift(a, b, *pair, **rest)
    code, title = codes.of_answer(result, fail_on), f"drift of {b} against {a}"
    return answer(talk, result, drift_text, title=title, code=code, shape=shape, junit=junit)
