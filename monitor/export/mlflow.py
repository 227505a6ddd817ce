"""The answer of a command in MLflow: its numbers as metrics, its JSON and page as artifacts."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from monitor.errors import MissingExtra, MonitorError

EXPERIMENT = "embmon"
"""Where runs go that belong to no version of a model."""
_SINGLE, _GROUPS = ("score", "threshold", "p_value"), ("effect", "ids")


def log_run(run: Mapping[str, Any], page: Path, uri: str, model: tuple[str, str] | None) -> str:
    """Logs the answer of `compare`, `drift`, `check` or `audit` and its HTML page; MLflow's run id.

    uri: of the tracking server or its database. model: name and version of a registered model: all
    goes to the run that made this version, or to a new one, and the verdict becomes its tag.
    Raises MissingExtra, and MonitorError where MLflow does not take it.
    """
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    try:
        from mlflow import MlflowClient
        from mlflow.entities import Metric, RunTag
        from mlflow.exceptions import MlflowException
    except ModuleNotFoundError:
        raise MissingExtra("mlflow", "mlflow") from None
    at = int(datetime.fromisoformat(run["started_at"]).timestamp() * 1000)
    try:
        client = MlflowClient(tracking_uri=uri, registry_uri=uri)
        version = None if model is None else client.get_model_version(*model)
        target = str((version and version.run_id) or _new_run(client, at))
        metrics = [Metric(name, value, at, 0) for name, value in numbers(run).items()]
        tags = [RunTag(name, value) for name, value in words(run).items()]
        client.log_batch(target, metrics=metrics, tags=tags)
        client.log_text(target, json.dumps(run), "embmon/run.json")
        client.log_artifact(target, str(page), "embmon")
        if version is not None:
            for name, value in {**words(run), "embmon.run": target}.items():
                client.set_model_version_tag(version.name, version.version, name, value)
    except MlflowException as error:
        raise MonitorError(f"MLflow at {uri} says: {error}") from error
    return target


def numbers(run: Mapping[str, Any]) -> dict[str, float]:
    """The numbers of an answer by MLflow's rules for names; what is not known is left out.

    >>> numbers({"measures": {"knn_overlap@10": {"value": 0.9}, "cka": {"value": None}}})
    {'embmon/knn_overlap_10': 0.9}
    """
    told = (run.get("windows") or [run])[-1]
    found = {name: told.get(name) for name in _SINGLE}
    for group in _GROUPS:
        found |= told.get(group) or {}
    found |= {name: one["value"] for name, one in (told.get("measures") or {}).items()}
    return {
        f"embmon/{re.sub(r'[^a-zA-Z0-9_.-]', '_', name)}": float(value)
        for name, value in found.items()
        if value is not None
    }


def words(run: Mapping[str, Any]) -> dict[str, str]:
    """The verdict and its first cause.

    >>> words({"verdict": "warn", "diagnosis": [{"cause": "rotation"}]})
    {'embmon.verdict': 'warn', 'embmon.cause': 'rotation'}
    """
    told = (run.get("windows") or [run])[-1]
    named = [one["cause"] for one in told.get("diagnosis") or told.get("findings") or []]
    causes = [*named, *(told.get("causes") or []), ""]
    return {"embmon.verdict": str(told["verdict"]), "embmon.cause": str(causes[0])}


def _new_run(client: Any, at: int) -> str:
    experiment = client.get_experiment_by_name(EXPERIMENT)
    number = experiment.experiment_id if experiment else client.create_experiment(EXPERIMENT)
    run = client.create_run(number, start_time=at)
    client.set_terminated(run.info.run_id, end_time=at)
    return str(run.info.run_id)
