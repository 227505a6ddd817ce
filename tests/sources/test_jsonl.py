"""JSON lines: hostile and odd files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from monitor.errors import SourceError
from monitor.sources import Columns, open_source
from tests.sources import samples

ALL = Columns(keep=("*",))


def opened(content: str | bytes, columns: Columns = ALL) -> dict:
    """What `x.jsonl` of this content is read as; `warnings` beside."""
    Path("x.jsonl").write_bytes(content.encode() if isinstance(content, str) else content)
    source = open_source("x.jsonl", columns)
    return {**samples.read(source), "warnings": source.warnings}


@pytest.mark.usefixtures("here")
def test_what_the_parser_of_arrow_refuses() -> None:
    """Mixed types, infinite numbers, keys given twice and half a surrogate pair cost no row."""
    found = opened(
        '{"id":1,"v":[1,2],"n":1}\n'
        '{"id":"a","v":[1e999,-Infinity],"n":2.5}\n\n'
        '{"id":null,"v":[NaN,null],"id":"twice"}\n'
        '{"id":"\\ud800","v":{"a":1},"tags":["x"]}\r\n'
        '{"v":["x"]}'
    )
    assert found["ids"] == ["1", "a", "twice", "\ufffd\ufffd\ufffd", None]
    assert [[str(x) for x in row] for row in found["vectors"].tolist()] == [
        ["1.0", "2.0"],
        ["inf", "-inf"],
        ["nan", "nan"],
        ["0.0", "0.0"],
        ["0.0", "0.0"],
    ]
    assert found["status"] == [0, 0, 0, 1, 1]
    assert found["columns"] == {"n": [1.0, 2.5, None, None, None]}


def test_blocks_do_not_show(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether a block is read at once or line by line, and wherever it ends, rows are the same."""
    lines = [{"id": str(i), "v": [i, 0.5], "n": i} for i in range(120)]
    content = "".join(json.dumps(line) + "\n" for line in lines)
    mixed = content.replace('"id": "77"', '"id": 77')
    whole = opened(content)
    for block in (16, 100, 1000):
        monkeypatch.setattr("monitor.sources.jsonl.BLOCK", block)
        for text in (content, mixed):
            found = opened(text)
            assert found.pop("vectors").tolist() == whole["vectors"].tolist()
            assert found == {key: whole[key] for key in found}


def test_types_of_later_lines(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A kept column has one type; what does not fit it is missing, and counted."""
    monkeypatch.setattr("monitor.sources.jsonl.BLOCK", 64)
    lines = ['{"v":[1,2],"n":7}'] * 1000 + ['{"v":[1,2],"n":"many"}', '{"v":[1,2],"n":8}']
    found = opened("\n".join(lines))
    assert found["columns"]["n"][999:] == [7, None, 8]
    assert found["warnings"] == ["x.jsonl: 'n': 1 value not of type int64; they count as missing"]


@pytest.mark.usefixtures("here")
def test_nested_values_are_not_carried() -> None:
    """Objects and lists of text are left; an id that is one is refused."""
    line = '{"id":{"a":1},"tags":["x"],"v":[1,2],"ok":true}\n'
    assert opened(line, Columns(id="ok", keep=("*",)))["columns"] == {}
    with pytest.raises(SourceError) as caught:
        opened(line, Columns(id="tags"))
    assert samples.said(caught.value) == (
        "'tags' of x.jsonl is of type struct<>, not of single values | "
        "only the vector column may hold lists"
    )


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            '{"v":[1,2]}\n{"v":[1,',
            "x.jsonl, line 2 is not JSON: Expecting value | "
            "write one object a line; the last may have been cut short",
        ),
        (
            '{"v":[1,2]}\n{"x":' + "[" * 100_000 + "\n",
            "x.jsonl, line 2 is not JSON: too deep or too long a number | "
            "write one object a line; the last may have been cut short",
        ),
        (
            '[{"v":[1,2]}]',
            "x.jsonl, line 1 is not a JSON object | "
            "write one object a line, such as by: jq -c '.[]'",
        ),
        ("\n\n", "x.jsonl holds no rows | check how it was written"),
        (
            '{"a":1,"b":{}}\n',
            "x.jsonl has no column of vectors | "
            "name it with --vector NAME; its columns: a (int64), b (struct<>)",
        ),
        (
            '{"v":[1,2],"w":[1]}\n',
            "x.jsonl has several columns that may be vectors | name it with --vector NAME; "
            "its columns: v (list<item: double>), w (list<item: double>)",
        ),
    ],
    ids=range(6),
)
def test_refusals(content: str, message: str) -> None:
    """Damaged and useless files name the line or the columns."""
    with pytest.raises(SourceError) as caught:
        opened(content)
    assert samples.said(caught.value) == message


def test_a_line_without_end(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory is bounded by the longest line allowed."""
    monkeypatch.setattr("monitor.sources.jsonl.BLOCK", 64)
    monkeypatch.setattr("monitor.sources.jsonl.MAX_LINE", 1000)
    with pytest.raises(SourceError) as caught:
        opened('{"v":[' + "1," * 5000)
    assert samples.said(caught.value) == (
        "x.jsonl has a line longer than 0 MiB | write one object a line"
    )
