"""Strings that have broken pages, and runs with one of them in every text."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

STRINGS = (
    "<script>hit()</script>",
    "</script><script>hit()</script>",
    "</SCRIPT ><ScRiPt>hit()</sCrIpT>",
    "<!--<script>hit()//-->",
    "--><script>hit()</script>",
    "]]><script>hit()</script>",
    "</style><script>hit()</script>",
    "</title><script>hit()</script>",
    "</svg><script>hit()</script>",
    "</noscript><img src=x onerror=hit()>",
    "<img src=https://example.invalid/x.png onerror=hit()>",
    "<svg/onload=hit()>",
    '"><img src=x onerror=hit()>',
    "'><img src=x onerror=hit()>",
    '" onmouseover="hit()" x="',
    "' onfocus='hit()' autofocus='",
    "` onload=`hit()",
    "javascript:hit()",
    "data:text/html,<script>hit()</script>",
    "<a href=javascript:hit()>click</a>",
    "<iframe srcdoc='<script>parent.hit()</script>'>",
    "<base href=https://example.invalid/>",
    "<meta http-equiv=refresh content='0;url=https://example.invalid/'>",
    "<link rel=stylesheet href=https://example.invalid/x.css>",
    "<form action=https://example.invalid/><button>x",
    "<object data=x></object><embed src=x>",
    "<math><mtext><table><mglyph><style><img src=x onerror=hit()>",
    "{{ 7 * 7 }}{% for x in y %}{{ ''.__class__.__mro__ }}",
    "${hit()} #{hit()} <%= hit() %>",
    "\\u003cscript\\u003ehit()\\u003c/script\\u003e",
    "&lt;script&gt;hit()&lt;/script&gt; &#60;b&#62;",
    "\u202eright to left\u202c \u2066isolate\u2069 \u200f\u061c",
    "null\x00bell\x07escape\x1b[31mred\x1b]0;title\x07\x9b",
    "\ud800 lone surrogate \udfff",
    "\u2028line\u2029paragraph\ufeff\ufffe\uffff",
    "Z" + "\u0301\u0327\u0310" * 60,
    "w" * 5000,
    "word " * 2000,
    "𝕬𝖑𝖑 👩‍👩‍👧‍👦 नमस्ते العربية 日本語",
    "url('https://example.invalid/a.png'); } * { display: none } /*",
    '=HYPERLINK("https://example.invalid","x")',
    "../../etc/passwd%00.html",
)

_STRUCTURE = {"schema", "method", "verdict", "start", "end", "at", "since", "started_at"}
_STRUCTURE |= {"from", "to", "confidence"}
_KEYED = {"provenance", "labels", "measures", "reference", "current", "adapter"}


def filled_with(run: dict[str, Any], text: str) -> dict[str, Any]:
    """The run with `text` as every text, and as every name that comes from data."""
    return dict(_replaced(run, lambda key: key not in _STRUCTURE, text, ""))


def broken_everywhere(run: dict[str, Any], text: str) -> dict[str, Any]:
    """The run with `text` even where a verdict, a method or a time should stand."""
    return dict(_replaced(run, lambda key: key != "schema", text, ""))


def harmful(text: str) -> list[str]:
    """Characters of a page's text that should have been stripped."""
    return re.findall(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200e\u200f]", text)


def _replaced(value: Any, wanted: Callable[[str], bool], text: str, key: str) -> Any:
    if isinstance(value, dict):
        named = {k: _replaced(v, wanted, text, k) for k, v in value.items()}
        if key in _KEYED and named:
            named[text] = next(iter(named.values()))
        return named
    if isinstance(value, list):
        return [_replaced(item, wanted, text, key) for item in value]
    return text if isinstance(value, str) and wanted(key) else value
