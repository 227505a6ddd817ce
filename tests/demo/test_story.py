"""The words of the demo agree with what is written."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from monitor.assets import sample_data
from monitor.demo import Story, chapters, write_traffic


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    """The words around traffic that ends on another day than the default."""
    v1, v2 = (sample_data() / f"dishes_{name}.parquet" for name in ("v1", "v2"))
    folder: Path = tmp_path_factory.mktemp("queries")
    return chapters(write_traffic(v1, v2, folder, end=date(2026, 11, 22)))


def test_chapters_are_short_and_in_order(story: Story) -> None:
    """Versions, then traffic, then speeches; a title and a few sentences each."""
    assert [chapter.title for chapter in story.chapters] == [
        "Versions: a smaller model, harmless",
        "Versions: a new pooling, breaking",
        "Versions: only some rows changed",
        "Traffic: everybody wants pizza",
        "Traffic: an app with the wrong setting",
        "Speeches: the sixties",
        "Speeches: half a century later",
    ]
    for told in (story, *story.chapters):
        assert told.text.endswith((".", "?")) and 100 < len(told.text) < 400


def test_the_surge_is_told_with_its_day_and_shares(story: Story) -> None:
    """The whole text, with the dates of this traffic."""
    assert story.chapters[3].text == (
        "Searches go up and down with the days, and weekends are for pancakes and cake. The "
        "monitor learnt that from eight weeks, and stayed calm. On Wednesday, 4 November, pizza "
        "grew from 3 % to 25 % of all searches, mostly on phones in Italy. This is the day after."
    )


def test_the_wrong_encoder_is_told_with_its_day_and_client(story: Story) -> None:
    """The whole text, with the dates of this traffic."""
    assert story.chapters[4].text == (
        "On Thursday, 19 November, version 4.3 of the app reached 20 % of the searches. It encodes "
        "them with the new pooling, while the dishes still have the old one. People look for the "
        "same things as before: only the vectors are others. This is the strongest day since."
    )
