"""What the demo says before each of its chapters."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from monitor.demo.menu import SURGING_SHARE
from monitor.demo.traffic import TrafficStory


@dataclass(frozen=True)
class Chapter:
    """A title, and a few plain sentences."""

    title: str
    text: str


@dataclass(frozen=True)
class Story:
    """The words of the whole demo; chapters: in the order in which they are told."""

    title: str
    text: str
    chapters: tuple[Chapter, ...]


INT8: Final = Chapter(
    "Versions: a smaller model, harmless",
    "The same model was exported with 8-bit weights, to be smaller and faster. "
    "Every vector moved a little. Do searches still find the same dishes?",
)
POOLING: Final = Chapter(
    "Versions: a new pooling, breaking",
    "The same model again, but vectors are now the mean of its last four layers. They have the "
    "same length and look sound, yet old and new ones must not meet in one index.",
)
REEMBEDDED: Final = Chapter(
    "Versions: only some rows changed",
    "A job with the new pooling was cut short. It reached one of the two surveys that the dishes "
    "come from, and no other row. Nothing failed and nothing is missing. Which rows are wrong?",
)
SPEECHES: Final = (
    Chapter(
        "Speeches: the sixties",
        "Nothing is made up here. These are paragraphs of the annual messages of US presidents, "
        "those of 1960 to 1969 against those of 1947 to 1959: real change, on no single day.",
    ),
    Chapter(
        "Speeches: half a century later",
        "The years 1947 to 1959 again, now against 2010 to 2019. Fifty years on, the change is "
        "more than twice as large.",
    ),
)


def chapters(story: TrafficStory) -> Story:
    """The words around this traffic: int8, pooling, partly re-embedded, surge, wrong encoder, and
    two decades of speeches."""
    return Story(
        "A search for dishes, watched for twelve weeks",
        "A small language model turned the names of 5,000 dishes into vectors, and 7,071 "
        "paragraphs of speeches. The vectors are real. The searches are drawn from the dishes, so "
        "that what happens in them is known, and you can see whether it is found.",
        (INT8, POOLING, REEMBEDDED, _surge(story), _wrong_encoder(story), *SPEECHES),
    )


def _surge(story: TrafficStory) -> Chapter:
    dish = story.surge_category.lower()
    return Chapter(
        f"Traffic: everybody wants {dish}",
        "Searches go up and down with the days, and weekends are for pancakes and cake. The "
        f"monitor learnt that from eight weeks, and stayed calm. On {_spoken(story.surge_start)} "
        f"{dish} grew from {_percent(SURGING_SHARE)} to {_percent(story.surge_share)} of all "
        "searches, mostly on phones in Italy. This is the day after.",
    )


def _wrong_encoder(story: TrafficStory) -> Chapter:
    return Chapter(
        "Traffic: an app with the wrong setting",
        f"On {_spoken(story.wrong_start)} version {story.wrong_client} of the app reached "
        f"{_percent(story.wrong_share)} of the searches. It encodes them with the new pooling, "
        "while the dishes still have the old one. People look for the same things as before: only "
        "the vectors are others. This is the strongest day since.",
    )


def _spoken(day: date) -> str:
    """A day as it is said.

    >>> _spoken(date(2026, 11, 4))
    'Wednesday, 4 November,'
    """
    return f"{day:%A}, {day.day} {day:%B},"


def _percent(share: float) -> str:
    """A share of one as a percentage.

    >>> _percent(0.25)
    '25 %'
    """
    return f"{share * 100:.0f} %"
