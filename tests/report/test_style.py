"""The style sheet: contrast in both schemes, and nothing that would be fetched."""

from __future__ import annotations

import re

import pytest

from monitor import assets

_STYLE = (assets.templates() / "assets" / "page.css").read_text(encoding="utf-8")
_LIGHT, _DARK = re.findall(r":root \{(.*?)\}", _STYLE, re.DOTALL)[:2]
_TONES = ("ok", "warn", "drift", "calibrating", "insufficient")
_TEXT = [
    *((word, ground) for word in ("ink", "muted", "link") for ground in ("card", "bg", "soft")),
    *((tone, "card") for tone in _TONES),
    *(("ink", f"{tone}-bg") for tone in _TONES),
    *(("on-tone", tone) for tone in _TONES),
]
_GRAPHICS = ["ref", "cur", "more", "less", *(f"c{i}" for i in range(1, 9)), "v7", "v6", "v5"]


def _colours(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{6});", block))


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(a: str, b: str) -> float:
    low, high = sorted((_luminance(a), _luminance(b)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", [_LIGHT, _DARK], ids=["light", "dark"])
def test_text_has_contrast_aa(scheme: str) -> None:
    """WCAG 1.4.3: text at 4.5 to 1 on each ground it stands on."""
    colours = _colours(scheme)
    poor = [pair for pair in _TEXT if _contrast(*(colours[name] for name in pair)) < 4.5]
    assert poor == []


@pytest.mark.parametrize("scheme", [_LIGHT, _DARK], ids=["light", "dark"])
def test_graphics_have_contrast_aa(scheme: str) -> None:
    """WCAG 1.4.11: what carries meaning at 3 to 1 on its card."""
    colours = _colours(scheme)
    assert [n for n in _GRAPHICS if _contrast(colours[n], colours["card"]) < 3] == []


def test_the_style_fetches_nothing() -> None:
    """No url(), no import, no font to load."""
    assert not re.search(r"url\(|@import|@font-face", _STYLE)
