"""The Content-Security-Policy of a page: its own style and script by hash, and nothing else."""

from __future__ import annotations

import base64
import hashlib


def policy(style: str, script: str) -> str:
    """The policy that allows this style and this script; no script at all where it is "".

    >>> policy("", "").split("; ")[0]
    "default-src 'none'"
    """
    parts = ["default-src 'none'", f"style-src '{digest(style)}'"]
    if script:
        parts.insert(1, f"script-src '{digest(script)}'")
    return "; ".join([*parts, "base-uri 'none'", "form-action 'none'"])


def digest(text: str) -> str:
    """The hash by which a policy names an inline block.

    >>> digest("")
    'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='
    """
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
