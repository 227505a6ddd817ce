"""The vendored files are those their README describes, and run under a strict policy."""

from __future__ import annotations

import hashlib
import re

import pytest

from monitor import assets

_FOLDER = assets.templates() / "vendor"


@pytest.mark.parametrize("name", ["echarts-6.1.0.min.js", "DejaVuSans.ttf"])
def test_a_file_is_the_one_described(name: str) -> None:
    """Its digest stands in the README."""
    readme = (_FOLDER / "README.md").read_text(encoding="utf-8")
    assert hashlib.sha256((_FOLDER / name).read_bytes()).hexdigest() in readme


def test_the_bundle_compiles_no_code_and_ends_no_block() -> None:
    """Neither eval nor Function from text, and nothing that would end its script block."""
    text = (_FOLDER / "echarts-6.1.0.min.js").read_text(encoding="utf-8")
    assert not re.search(r"\beval\(|new Function|</script|<!--", text, re.IGNORECASE)


def test_every_licence_is_there() -> None:
    """Bundle and font travel with the licences of all that is in them."""
    names = {path.name for path in _FOLDER.glob("*.txt")}
    parts = ("echarts", "zrender", "tslib", "d3", "dejavu")
    assert names >= {*(f"LICENSE-{part}.txt" for part in parts), "NOTICE-echarts.txt"}
