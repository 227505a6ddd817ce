"""What an alert says, and the ids that stay the same."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np

from monitor.alerts.message import delivery_id, encoded, fingerprint, line, payload, printable
from monitor.model import Flip, Window

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
LABELS = {"space": "dishes", "monitor": "search", "alertname": "drift", "severity": "page"}
FLIP = Flip(
    LABELS,
    "ok",
    "firing",
    AT,
    Window(AT - timedelta(days=1), AT),
    "dishes drifted: soup 4 % -> 9 %",
    {
        "since": AT - timedelta(days=2),
        "score": np.float32(5.5),
        "p_value": float("nan"),
        "effect": {"tv_clusters": np.float64(0.125), "auc": float("inf")},
        "causes": ("share of cluster soup",),
        "examples": ["a text of a customer"],
    },
)


def test_the_body_has_every_key_and_nothing_else():
    """The whole payload: numbers plain, NaN as null, example texts left out."""
    assert payload(FLIP, report_url="https://reports.example/1.html") == {
        "schema": "embmon/alert/1",
        "type": "embmon.alert",
        "fingerprint": fingerprint(LABELS),
        "state": "firing",
        "before": "ok",
        "severity": "page",
        "summary": "dishes drifted: soup 4 % -> 9 %",
        "labels": LABELS,
        "at": "2026-11-20T12:00:00Z",
        "since": "2026-11-18T12:00:00Z",
        "window": {"start": "2026-11-19T12:00:00Z", "end": "2026-11-20T12:00:00Z"},
        "report": "https://reports.example/1.html",
        "verdict": None,
        "p_value": None,
        "score": 5.5,
        "threshold": None,
        "false_alarms": None,
        "effect": {"tv_clusters": 0.125, "auc": None},
        "causes": ["share of cluster soup"],
        "segments": None,
    }


def test_the_body_is_one_line_of_strict_json(delivery):
    """Any text and any number of a flip ends in ASCII JSON with the id before it."""
    odd = replace(
        FLIP, summary="a\u2028b\ud800\x00\u202e", window=None, body={"score": np.arange(2)}
    )
    line_ = encoded(replace(delivery, payload=payload(odd, report_url=None)))
    assert line_.startswith(b'{"id":"msg_1","schema":"embmon/alert/1"')
    assert b"\n" not in line_ and line_.isascii()
    told = json.loads(line_)
    assert (told["window"], told["score"], told["since"]) == (None, [0, 1], "2026-11-20T12:00:00Z")


def test_fingerprints_do_not_depend_on_the_order_of_labels():
    """The same labels name the same alert, other labels another."""
    assert fingerprint(dict(reversed(LABELS.items()))) == fingerprint(LABELS)
    assert fingerprint({**LABELS, "segment": "de"}) != fingerprint(LABELS)
    assert fingerprint({"a": "b=c"}) != fingerprint({"a=b": "c"})


def test_a_flip_found_again_has_the_same_id():
    """The time a run was repeated, the summary and the body do not matter; the rest does."""
    again = replace(FLIP, at=AT + timedelta(hours=3), summary="other", body={})
    assert delivery_id(again, "ops") == delivery_id(FLIP, "ops")
    others = [
        replace(FLIP, after="resolved"),
        replace(FLIP, labels={**LABELS, "segment": "de"}),
        replace(FLIP, window=Window(AT, AT + timedelta(days=1))),
        replace(FLIP, window=None),
        replace(FLIP, window=None, at=AT + timedelta(hours=3)),
    ]
    ids = {delivery_id(FLIP, "ops"), delivery_id(FLIP, "chat")}
    assert len(ids | {delivery_id(other, "ops") for other in others}) == 7


def test_the_line_for_people_cannot_steer_a_terminal(delivery):
    """Escape, direction and line characters are gone; a missing summary gives the id."""
    told = {"state": "firing", "summary": "a\x1b[2J\u202eb\r\nc\u2028d", "report": "https://r/1"}
    assert line(replace(delivery, payload=told)) == "[firing] a[2Jb c d https://r/1"
    assert line(replace(delivery, payload={})) == "[?] msg_1"
    assert printable("x" * 600, 10) == "xxxxxxxxx…"
