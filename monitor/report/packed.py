"""Numbers for the live charts, packed small: integers as base64 in a JSON block."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

import numpy as np
from markupsafe import Markup

from monitor.report.drawing import Floats

NO_VALUE = 255
"""The byte that stands for "none" among clusters and novelty ranks."""


def uint16(parts: Floats) -> str:
    """Values in [0, 1] as little-endian uint16 in base64.

    >>> uint16(np.array([0.0, 1.0]))
    'AAD//w=='
    """
    scaled = np.rint(np.clip(parts, 0, 1) * 65535).astype("<u2")
    return base64.b64encode(scaled.tobytes()).decode("ascii")


def uint8(values: Floats) -> str:
    """Whole numbers in [0, 254] as bytes in base64; anything else becomes 255, "none".

    >>> uint8(np.array([0.0, 7.0, np.nan, 300.0]))
    'AAf//w=='
    """
    valid = np.isfinite(values) & (values >= 0) & (values < NO_VALUE)
    packed = np.where(valid, values, NO_VALUE).astype(np.uint8)
    return base64.b64encode(packed.tobytes()).decode("ascii")


def json_block(data: Mapping[str, Any]) -> Markup:
    """`data` as JSON that cannot end its `<script>` block: < > & are escaped, NaN is refused.

    >>> json_block({"a": "</script>"})
    Markup('{"a":"\\\\u003c/script\\\\u003e"}')
    """
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for char in "<>&\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return Markup(text)  # none of its characters has a meaning in HTML
