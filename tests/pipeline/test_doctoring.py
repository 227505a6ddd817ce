"""What `doctor` finds before a run does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa

from monitor.config import Config, MonitorSettings, SinkSettings, SpaceSettings
from monitor.pipeline import Monitor

from .conftest import traffic

Save = Callable[[pa.Table, str], str]


def found(root: Path, *, dim: int = 16, sinks: Any = None, **settings: Any) -> dict[str, str]:
    """What is wrong with which part of a monitor of these settings, its hint behind a bar."""
    whole = {"space": "s", "source": "a.parquet", "at": "at", **settings}
    checks = Monitor(
        Config(
            root=root,
            spaces={"s": SpaceSettings(dim=dim)},
            monitors={"m": MonitorSettings(**whole)},
            sinks=sinks or {},
        )
    ).doctor()["checks"]
    return {one["what"]: f"{one['problem']} | {one['hint']}" for one in checks if not one["ok"]}


def test_what_a_run_would_refuse_is_found(tmp_path: Path, saved: Save) -> None:
    """Segments, dimension, reference and days are looked at, not only the file."""
    path = saved(traffic(1), "a.parquet")
    days = {"excluded_days": ["2026-12-24/2026-12-26"], "labelled_days": ["2026-11-27 Sale"]}
    assert found(tmp_path, segments=["country"], reference="8w", **days) == {}
    (wrong,) = found(tmp_path, segments=["contry"]).values()
    assert wrong.startswith(f"{path} has no column 'contry' | did you mean 'country'? ")
    assert found(tmp_path, dim=17) == {
        "source of m": f"{path} holds vectors of dimension 16, space 's' has 17 | "
        "vectors of another dimension need a space of their own; was the encoder changed?"
    }
    assert found(tmp_path, reference="8 weeks") == {
        "reference of m": "'8 weeks' is no reference | "
        "write a length such as 8w, version:LABEL, or FROM/TO as 2026-01-01/2026-03-01"
    }
    assert found(tmp_path, reference="version:v9") == {
        "reference of m": "there is no space 's' | there is no space yet"
    }
    assert found(tmp_path, excluded_days=["24.12.2026"]) == {
        "days of m": "'24.12.2026' is no day | write 2026-12-24 or 2026-12-24/2026-12-26"
    }


def test_a_sink_at_an_address_that_is_refused_is_found(tmp_path: Path, saved: Save) -> None:
    """The address is looked up and held against the rules; nothing is sent there."""
    saved(traffic(1), "a.parquet")
    hook = {"kind": "webhook", "url": "https://127.0.0.1:9/x"}
    assert found(tmp_path, sinks={"ops": SinkSettings(**hook)}) == {
        "sink ops": "https://127.0.0.1:9 is at 127.0.0.1, which is not public and not in "
        "allow_networks | "
    }
    allowed = SinkSettings(**hook, allow_networks=("127.0.0.0/8",))
    assert found(tmp_path, sinks={"ops": allowed}) == {}
