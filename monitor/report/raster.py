"""SVG -> PNG, in the light colours of the style and with a font that travels with the tool."""

from __future__ import annotations

import re

from monitor import assets

_FONT = "vendor/DejaVuSans.ttf"
_VALUE = re.compile(r"--([\w-]+):\s*([^;{}]+)")
_USE = re.compile(r"var\(--([\w-]+)\)")
_ZOOM = 1.5


def rastered(svg: str, tone: str) -> bytes:
    """The picture as PNG, 1.5 pixels a unit; `tone` is the verdict's colour.

    Letters that the font lacks are drawn with the machine's fonts where it has any.
    Raises ValueError where it is not SVG.
    """
    import resvg_py

    values: dict[str, str] = {}
    for name, value in _VALUE.findall(svg):
        values.setdefault(name, value)  # what comes later is for the dark
    values["tone"] = values.get(tone, "#000")
    plain = _USE.sub(lambda use: values.get(use[1], use[0]), svg)
    return resvg_py.svg_to_bytes(
        svg_string=plain,
        zoom=_ZOOM,
        font_files=[str(assets.templates() / _FONT)],
    )
