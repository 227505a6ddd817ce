"""What a person reads, by our own words or by a template of the user's."""

from __future__ import annotations

from dataclasses import replace

import pytest

from monitor.alerts.sink import DeliveryError
from monitor.alerts.words import LONGEST, speech_of, words
from monitor.config import SinkSettings
from monitor.errors import UsageError
from tests.alerts.messages import LABELS, message


def said(tmp_path, template, delivery=None):
    """The words that a template makes of a message."""
    (tmp_path / "alert.j2").write_text(template)
    settings = SinkSettings(kind="slack", template="alert.j2")
    return speech_of("chat", settings, tmp_path)(delivery or message())


def test_the_words_say_what_is_needed():
    """What, since when, where, how big, what next; segments are counted."""
    segments = [{"segment": f"country=c{n}", "since": None, "summary": ""} for n in range(12)]
    found = words(message(segments=segments, repeat=True))
    assert found.title.startswith("[FIRING (again)] search: embeddings drift")
    assert "Segments: country=c0, country=c1" in found.text
    assert "country=c9 and 2 more" in found.text
    assert found.text.splitlines()[0] == "Monitor search, space dishes, since 2026-11-20 10:00 UTC"
    assert "How big: 12.5% of rows moved to other topics" in found.text
    assert found.link == "https://r.example/dishes/1.html"


def test_the_end_says_when_it_began():
    """And what it was about, without numbers that are no more."""
    segments = [{"segment": "country=it", "since": None, "summary": ""}]
    assert words(message("resolved", segments=segments)).text.splitlines() == [
        "Monitor search, space dishes, began 2026-11-20 10:00 UTC",
        "Segments: country=it",
    ]


def test_texts_of_rows_stand_beside_their_cluster():
    """Where the message has some, and nothing of a cluster without."""
    place = {"label": "soup, hot", "before": 0.0, "now": 0.1, "rows": [], "texts": ["leek", "ox\n"]}
    body = {**message().payload, "where": [place, {**place, "label": "tea", "texts": []}]}
    found = words(replace(message(), payload=body)).text.splitlines()
    assert "- in soup, hot: “leek”; “ox”" in found
    assert not any("tea" in line for line in found)


def test_text_of_data_cannot_steer_anything():
    """Control and direction characters are gone from every line."""
    nasty = "a\x1b[2J\u202e\nb"
    body = {**message().payload, "causes": [nasty], "summary": nasty, "labels": LABELS}
    found = words(replace(message(), payload=body))
    assert "\x1b" not in found.title + found.text
    assert "- a[2J b" in found.text


def test_a_template_makes_title_and_text(tmp_path):
    """The first line is the title, and every key of the JSON is there."""
    template = (
        "{{ labels.space }} {{ state }}\n{% for c in causes %}* {{ c }}\n{% endfor %}{{ id }}"
    )
    found = said(tmp_path, template)
    assert found.title == "dishes firing"
    assert found.text == "* 12 % of rows are in cluster “<pizza>”\nmsg_1"


@pytest.mark.parametrize(
    ("template", "error"),
    [
        ("{{ nothing }}", "the template failed: UndefinedError: 'nothing' is undefined"),
        ("{{ ''.__class__.__mro__ }}", "the template failed: SecurityError: "),
        ("{{ causes.append('x') }}", "the template failed: SecurityError: "),
        ("{{ 1 / 0 }}", "the template failed: ZeroDivisionError: "),
        ("{% for i in range(10000000) %}x{% endfor %}", "the template failed: OverflowError: "),
    ],
)
def test_a_template_stays_in_its_sandbox(tmp_path, template, error):
    """It can reach no internals and change nothing; the message waits until it is mended."""
    with pytest.raises(DeliveryError) as caught:
        said(tmp_path, template)
    assert caught.value.message.startswith(error)
    assert not caught.value.permanent


def test_a_template_has_a_length(tmp_path):
    """What it says beyond the limit is cut, and not even made."""
    endless = "{% for i in range(99999) %}" * 2 + "0123456789" + "{% endfor %}" * 2
    found = said(tmp_path, f"t\n{endless}")  # the whole of it would take hours
    assert len(found.text) <= LONGEST


def test_a_template_that_is_none(tmp_path):
    """Its file, line and fault are named when the sink is made."""
    with pytest.raises(UsageError) as caught:
        said(tmp_path, "a\n{% if %}")
    expected = f"the template of sink 'chat': {tmp_path}/alert.j2:2: Expected an expression, "
    assert caught.value.message.startswith(expected)
