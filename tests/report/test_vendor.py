"""The vendored chart library is the file its README says, and runs under a strict policy."""

from __future__ import annotations

import hashlib
import re

from monitor import assets

_FOLDER = assets.templates() / "vendor"


def test_the_bundle_is_the_one_described() -> None:
    """The digest in the README is that of the bundle."""
    bundle = (_FOLDER / "echarts-6.1.0.min.js").read_bytes()
    readme = (_FOLDER / "README.md").read_text(encoding="utf-8")
    assert hashlib.sha256(bundle).hexdigest() in readme


def test_the_bundle_compiles_no_code_and_ends_no_block() -> None:
    """Neither eval nor Function from text, and nothing that would end its script block."""
    text = (_FOLDER / "echarts-6.1.0.min.js").read_text(encoding="utf-8")
    assert not re.search(r"\beval\(|new Function|</script|<!--", text, re.IGNORECASE)


def test_every_licence_is_there() -> None:
    """The bundle travels with the licences of all that is in it."""
    names = {path.name for path in _FOLDER.glob("*.txt")}
    parts = ("echarts", "zrender", "tslib", "d3")
    assert names >= {*(f"LICENSE-{part}.txt" for part in parts), "NOTICE-echarts.txt"}
