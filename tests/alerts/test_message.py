"""What an alert says, and the ids that stay the same."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np

from monitor.alerts.message import (
    Notice,
    encoded,
    fingerprint,
    line,
    message_id,
    payload,
    printable,
)

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
LABELS = {"space": "dishes", "monitor": "search", "alertname": "no_data", "severity": "page"}
WHERE = {"label": "soup", "before": 0.04, "now": 0.09, "rows": ["q1"], "texts": ["leek soup"]}
NOTICE = Notice(
    "firing",
    LABELS,
    "dishes drifted: soup 4 % -> 9 %",
    AT,
    body={
        "since": AT - timedelta(days=2),
        "window": {"start": "2026-11-19T12:00:00Z", "end": "2026-11-20T12:00:00Z"},
        "score": np.float32(5.5),
        "p_value": float("nan"),
        "effect": {"tv_clusters": np.float64(0.125), "auc": float("inf")},
        "causes": ("share of cluster soup",),
        "where": [WHERE],
        "examples": ["a text of a customer"],
    },
    report="https://reports.example/1.html",
    ends_at=AT + timedelta(hours=2),
)


def test_the_body_has_every_key_and_nothing_else():
    """The whole payload: numbers plain, NaN as null, example texts left out."""
    assert payload(NOTICE) == {
        "schema": "embmon/alert/1",
        "type": "embmon.alert",
        "fingerprint": fingerprint(LABELS),
        "state": "firing",
        "repeat": False,
        "severity": "page",
        "summary": "dishes drifted: soup 4 % -> 9 %",
        "next": "Check the job that writes the traffic, and that the source still names its files.",
        "labels": LABELS,
        "at": "2026-11-20T12:00:00Z",
        "since": "2026-11-18T12:00:00Z",
        "ends_at": "2026-11-20T14:00:00Z",
        "window": {"start": "2026-11-19T12:00:00Z", "end": "2026-11-20T12:00:00Z"},
        "report": "https://reports.example/1.html",
        "picture": None,
        "verdict": None,
        "p_value": None,
        "score": 5.5,
        "threshold": None,
        "false_alarms": None,
        "effect": {"tv_clusters": 0.125, "auc": None},
        "causes": ["share of cluster soup"],
        "where": [{**WHERE, "texts": []}],
        "size": "12.5% of rows moved to other topics",
        "segments": [],
        "segments_total": 0,
        "caught_up": None,
    }


def test_texts_of_rows_are_sent_where_asked_for():
    """And only there; a body that was stored without them has none."""
    assert payload(NOTICE, texts=True)["where"] == [WHERE]
    bare = {key: value for key, value in WHERE.items() if key != "texts"}
    old = replace(NOTICE, body={"where": [bare]})
    assert payload(old, texts=True)["where"] == [{**bare, "texts": []}]


def test_the_body_is_one_line_of_strict_json(delivery):
    """Any text and any number of an alert ends in ASCII JSON with the id before it."""
    odd = Notice("notice", LABELS, "a\u2028b\ud800\x00\u202e", AT, body={"score": np.arange(2)})
    line_ = encoded(replace(delivery, payload=payload(odd)))
    assert line_.startswith(b'{"id":"msg_1","schema":"embmon/alert/1"')
    assert b"\n" not in line_ and line_.isascii()
    told = json.loads(line_)
    assert (told["window"], told["score"], told["since"]) == (None, [0, 1], "2026-11-20T12:00:00Z")


def test_fingerprints_do_not_depend_on_the_order_of_labels():
    """The same labels name the same alert, other labels another."""
    assert fingerprint(dict(reversed(LABELS.items()))) == fingerprint(LABELS)
    assert fingerprint({**LABELS, "segment": "de"}) != fingerprint(LABELS)
    assert fingerprint({"a": "b=c"}) != fingerprint({"a=b": "c"})


def test_a_notice_found_again_has_the_same_id():
    """The time a run was repeated, the summary and the body do not matter; the rest does."""
    again = replace(NOTICE, at=AT + timedelta(hours=3), summary="other", body={})
    assert message_id(again, "ops", [AT]) == message_id(NOTICE, "ops", [AT])
    others = [
        replace(NOTICE, state="resolved"),
        replace(NOTICE, repeat=True),
        replace(NOTICE, labels={**LABELS, "segment": "de"}),
    ]
    ids = {message_id(other, "ops", [AT]) for other in others}
    ids |= {message_id(NOTICE, sink, [AT]) for sink in ("ops", "chat")}
    assert len(ids | {message_id(NOTICE, "ops", [AT, AT])}) == 6


def test_the_line_for_people_cannot_steer_a_terminal(delivery):
    """Escape, direction and line characters are gone; a missing summary gives the id."""
    told = {"state": "firing", "summary": "a\x1b[2J\u202eb\r\nc\u2028d", "report": "https://r/1"}
    assert line(replace(delivery, payload=told)) == "[firing] a[2Jb c d https://r/1"
    assert line(replace(delivery, payload={})) == "[?] msg_1"
    assert printable("x" * 600, 10) == "xxxxxxxxx…"
