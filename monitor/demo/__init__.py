"""What `embmon demo` tells: made-up traffic and versions out of real embeddings."""

from monitor.demo.story import Chapter, Story, chapters
from monitor.demo.traffic import TrafficStory, write_traffic
from monitor.demo.versions import ReembeddedStory, write_reembedded

__all__ = [
    "Chapter",
    "ReembeddedStory",
    "Story",
    "TrafficStory",
    "chapters",
    "write_reembedded",
    "write_traffic",
]
