"""Strings that have broken pages, and runs with one of them in every text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import cycle
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

_WAYS_OUT = ("", "</script>", '">', "'>", "-->", "</textarea>", "</template>", "\\u003c/script>")
_PAYLOADS = (
    "<script>hit()</script>",
    "<script src=https://example.invalid/x.js></script>",
    "<img src=x onerror=hit()>",
    "<svg><script>hit()</script></svg>",
    "<svg><animate onbegin=hit() attributeName=x dur=1s>",
    "<svg><use href=https://example.invalid/x.svg#a></svg>",
    "<body onload=hit()>",
    "<video autoplay onloadstart=hit() src=x>",
    "<details open ontoggle=hit()>",
    "<input autofocus onfocus=hit()>",
    "<marquee onstart=hit()>",
    "<style>@import url(https://example.invalid/x.css);</style>",
    "<template shadowrootmode=open><img src=x onerror=hit()></template>",
    "<a href=javascript:hit() id=click autofocus>",
    "<iframe src=javascript:parent.hit()></iframe>",
    "<form action=javascript:hit()><input type=submit>",
    "<math href=javascript:hit()>click",
    "<div style=background:url(https://example.invalid/x)>",
    "<link rel=prefetch href=https://example.invalid/>",
    "<noscript><p title='</noscript><img src=x onerror=hit()>'>",
)
INJECTIONS = tuple(out + payload for payload in _PAYLOADS for out in _WAYS_OUT)
"""Every way out of the place where a text stands, with every payload."""

_STRUCTURE = {"schema", "method", "verdict", "start", "end", "at", "since", "started_at"}
_STRUCTURE |= {"from", "to", "confidence"}
_KEYED = {"provenance", "labels", "measures", "reference", "current", "adapter"}


def filled_with(run: dict[str, Any], texts: Sequence[str]) -> dict[str, Any]:
    """The run with `texts` in turn as its texts, and as names that come from data."""
    return dict(_replaced(run, lambda key: key not in _STRUCTURE, cycle(texts), ""))


def broken_everywhere(run: dict[str, Any], text: str) -> dict[str, Any]:
    """The run with `text` even where a verdict, a method or a time should stand."""
    return dict(_replaced(run, lambda key: key != "schema", cycle([text]), ""))


def harmful(text: str) -> list[str]:
    """Characters of a page's text that should have been stripped."""
    return re.findall(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200e\u200f]", text)


def _replaced(value: Any, wanted: Callable[[str], bool], texts: Iterator[str], key: str) -> Any:
    if isinstance(value, dict):
        named = {k: _replaced(v, wanted, texts, k) for k, v in value.items()}
        if key in _KEYED and named:
            named[next(texts)] = next(iter(named.values()))
        return named
    if isinstance(value, list):
        return [_replaced(item, wanted, texts, key) for item in value]
    return next(texts) if isinstance(value, str) and wanted(key) else value
