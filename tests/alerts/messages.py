"""Messages with every key, as the outbox holds them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from monitor.alerts.message import Notice, payload
from monitor.model import Delivery

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
LABELS = {
    "alertname": "embedding_drift",
    "monitor": "search",
    "severity": "critical",
    "space": "dishes",
}
FINGERPRINT = "00bb3750147265ae26bde9e5677031f0"


def message(state: Any = "firing", **changes: Any) -> Delivery:
    """The message that `search` drifts since two hours, to sink ops."""
    body = {
        "since": AT - timedelta(hours=2),
        "score": 5.5,
        "threshold": 3.0,
        "effect": {"tv_clusters": 0.125, "auc": float("nan")},
        "causes": ["12 % of rows are in cluster “<pizza>”"],
    }
    given: dict[str, Any] = {
        "labels": LABELS,
        "summary": "search: embeddings drift <!channel> [x](https://evil.example)",
        "at": AT,
        "body": body,
        "report": "https://r.example/dishes/1.html",
        "picture": {"file": "dishes/1.png", "url": "https://r.example/dishes/1.png"},
        "ends_at": AT + timedelta(hours=2),
    }
    notice = Notice(state, **{**given, **changes})
    return Delivery("msg_1", "ops", payload(notice), 0, AT, AT)
