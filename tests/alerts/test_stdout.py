"""The standard-output sink."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest

from monitor.alerts.make import make_sink
from monitor.alerts.sink import DeliveryError
from monitor.alerts.stdout import Stdout
from monitor.config import SinkSettings


def test_one_line_a_message(delivery, tmp_path, capsys):
    """State and summary, on whatever standard output is then."""
    make_sink("terminal", SinkSettings(kind="stdout"), tmp_path, {}).send(delivery)
    assert capsys.readouterr().out == "[firing] soup doubled\n"


def test_a_narrow_encoding_shows_question_marks(delivery):
    """Text a terminal cannot show is no reason to fail."""
    raw = io.BytesIO()
    told = {"state": "firing", "summary": "crème 饺子"}
    stream = io.TextIOWrapper(raw, "ascii")
    Stdout(stream).send(replace(delivery, payload=told))
    assert raw.getvalue() == b"[firing] cr?me ??\n"


def test_nobody_reading_is_an_error(delivery):
    """A closed stream keeps the message in the outbox."""
    stream = io.StringIO()
    stream.close()
    with pytest.raises(DeliveryError) as caught:
        Stdout(stream).send(delivery)
    assert caught.value.message == "cannot print the alert: I/O operation on closed file"
