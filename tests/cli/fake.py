"""A Monitor that computes nothing: it remembers what it was asked, and answers as told."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from click.testing import CliRunner, Result

from monitor.cli import main

WINDOW = {"start": "2026-11-20T00:00:00Z", "end": "2026-11-21T00:00:00Z"}
DRIFT: dict[str, Any] = {
    "schema": "embmon/drift/1",
    "verdict": "drift",
    "p_value": 2.1e-5,
    "score": 4.68,
    "threshold": 3.0,
    "false_alarms": "1 per 1000 windows",
    "effect": {"tv_clusters": 0.124, "mean_sd": 0.31, "auc": float("nan")},
    "causes": ["the mix of topics changed"],
    "clusters": [
        {"id": 0, "label": "soup", "reference_share": 0.5, "current_share": 0.5, "z": 0.1},
        {
            "id": 7,
            "radius_ratio": 1.12,
            "label": "poultry",
            "reference_share": 0.041,
            "current_share": 0.098,
            "z": 5.2,
            "drifted": True,
        },
    ],
    "quality": {"rows": 5000, "null": 3, "nan": 0},
    "n_eff": 812,
    "warnings": ["3 rows without a vector were set aside"],
}
COMPARE: dict[str, Any] = {
    "schema": "embmon/compare/1",
    "verdict": "breaking",
    "ids": {"both": 2500, "only_a": 2500, "only_b": 0},
    "diagnosis": [
        {"cause": "retrained", "confidence": 0.93, "rows": 2500, "evidence": "overlap@10 is 0.38"}
    ],
    "measures": {"overlap@10": {"value": 0.38, "low": 0.37, "high": 0.39, "floor": 0.97}},
    "movers": [{"id": "usda-0001", "residual": 0.7, "overlap": 0.1}],
}


class FakeMonitor:
    """Answers every method with `answers[name]`, which may be an exception to raise."""

    def __init__(self, answers: dict[str, Any]) -> None:
        self.answers = answers
        self.calls: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = []
        self.config: Any = None
        self.rehearsed = False

    def __call__(
        self, config: Any, *, progress: Any = None, log: Any = None, stdout: Any = None
    ) -> FakeMonitor:
        """Stands in for the class: opening it gives it the settings."""
        self.config, self.log, self.stdout = config, log, stdout
        return self

    @contextmanager
    def rehearsal(self) -> Iterator[FakeMonitor]:
        """Itself, which remembers that it was asked for a dry run."""
        self.rehearsed = True
        yield self

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """The method of this name, which remembers its arguments."""

        def method(*arguments: Any, **named: Any) -> Any:
            self.calls.append((name, arguments, named))
            answer = self.answers[name]
            if isinstance(answer, BaseException):
                raise answer
            return answer

        return method


def ran(command: str, **answers: Any) -> tuple[Result, FakeMonitor]:
    """The outcome of `embmon command` with a monitor that answers so."""
    fake = FakeMonitor(answers)
    return CliRunner().invoke(main, command.split(), obj=fake, prog_name="embmon"), fake


def printed(result: Result) -> dict[str, Any]:
    """The one JSON object on standard output."""
    found = json.loads(result.stdout)
    assert isinstance(found, dict)
    return found
