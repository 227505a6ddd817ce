"""CSV: hostile and odd files."""

from __future__ import annotations

import bz2
import gzip
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from monitor.errors import SourceError
from monitor.sources import Columns, limits, open_source
from tests.sources import samples

ALL, FOUND = Columns(keep=("*",)), Columns()


def opened(content: str | bytes, columns: Columns = ALL) -> dict:
    """What `x.csv` of this content is read as; `warnings` beside."""
    Path("x.csv").write_bytes(content.encode() if isinstance(content, str) else content)
    source = open_source("x.csv", columns)
    return {**samples.read(source), "warnings": source.warnings}


def refusal(content: str | bytes, columns: Columns = FOUND) -> str:
    """Why `x.csv` of this content is refused."""
    with pytest.raises(SourceError) as caught:
        opened(content, columns)
    return samples.said(caught.value)


@pytest.mark.usefixtures("here")
def test_all_but_the_vector_is_text() -> None:
    """Ids keep their zeros, empty cells are null, no word is taken for a null."""
    found = opened("id,n,tag,e0,e1\n007,1,NA,1,2.5\n,1.50,null,-1e3,\n8,,,,\n")
    assert found["ids"] == ["007", None, "8"]
    assert found["columns"] == {"n": ["1", "1.50", None], "tag": ["NA", "null", None]}
    np.testing.assert_array_equal(found["vectors"], [[1, 2.5], [-1000, np.nan], [0, 0]])
    assert (found["status"], found["warnings"]) == ([0, 0, 1], [])


@pytest.mark.usefixtures("here")
def test_vectors_as_text() -> None:
    """A column named embedding that holds JSON lists is found; one of another name is asked for."""
    content = 'id,Embedding\na,"[1, 2]"\nb,\nc,"[1]"\nd,oops\n'
    found = opened(content)
    assert (found["vectors"].tolist(), found["status"]) == (
        [[1, 2], [0, 0], [0, 0], [0, 0]],
        [0, 1, 2, 1],
    )
    assert found["warnings"] == [
        "x.csv: 'Embedding': 1 text not a list of numbers; they count as null vectors"
    ]
    assert opened(content.replace("Embedding", "x"), Columns(vector="x"))["status"] == [0, 1, 2, 1]
    assert refusal("id,embedding\n1,x\n2,[y]\n") == (
        "'embedding' of x.csv holds no list of numbers | "
        "write vectors as lists, in text as JSON such as [0.1, -0.2]"
    )


@pytest.mark.usefixtures("here")
def test_other_marks_and_ends() -> None:
    """Tabs, semicolons, a byte order mark, and Windows lines."""
    for content in (
        "id\te0\te1\na\t1\t2\n",
        "id;e0;e1\na;1;2\n",
        "\ufeffid,e0,e1\r\na,1,2\r\n",
    ):
        found = opened(content)
        assert (found["ids"], found["vectors"].tolist()) == (["a"], [[1, 2]])


def test_packed_files(here: Path) -> None:
    """gzip, bzip2 and Zstandard are told by content; one cut short is refused."""
    content = b"id,e0,e1\n" + b"a,1,2\n" * 50_000
    packs = {"gz": gzip.compress(content), "bz2": bz2.compress(content)}
    packs["zst"] = pa.compress(content, "zstd", asbytes=True)
    for ending, raw in packs.items():
        (here / f"x.csv.{ending}").write_bytes(raw)
        assert len(samples.read(open_source(f"x.csv.{ending}"))["ids"]) == 50_000
    (here / "x.csv.gz").write_bytes(packs["gz"][:-20])
    with pytest.raises(SourceError) as caught:
        list(open_source("x.csv.gz").batches())
    assert samples.said(caught.value) == (
        "x.csv.gz cannot be read: Truncated compressed stream | "
        "it may be cut short or damaged; write it again"
    )


@pytest.mark.usefixtures("here")
def test_files_cut_short() -> None:
    """In a row: refused. In the last value, which looks whole: a warning."""
    assert refusal("id,e0,e1\na,1,2\nb,3\n") == (
        "x.csv cannot be read: CSV parse error: Row #3: Expected 3 columns, got 2: b,3 | "
        "it may be cut short or damaged; write it again"
    )
    assert refusal("") == "x.csv is empty (0 bytes) | check how it was written"
    assert refusal("id,e0,e1\n") == "x.csv holds no rows | check how it was written"
    assert opened("e0,e1\n1,2.125\n3,4.1")["warnings"] == [
        "x.csv: the last line has no end; if the file is cut short, its value is wrong"
    ]


@pytest.mark.usefixtures("here")
def test_bad_bytes_and_control_characters() -> None:
    """Bytes that are no UTF-8 are replaced; NUL is kept; UTF-16 is told."""
    found = opened(b"id,e0,e1\n\xff,1,2\na\x00\x1b[2J,3,4\n")
    assert found["ids"] == ["\ufffd", "a\x00\x1b[2J"]
    assert found["warnings"] == [
        "x.csv: 'id': 1 value not valid UTF-8; bytes were replaced by U+FFFD"
    ]
    utf16 = "id,e0,e1\na,1,2\n".encode("utf-16")
    assert refusal(utf16) == "x.csv is text in UTF-16 | write it in UTF-8"


def test_values_that_are_no_numbers(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the first block the column is none of the vector's; later it is an error."""
    assert refusal("id,e0,e1\na,1,2\nb,x,3\n") == (
        "x.csv has no column of vectors | "
        "name it with --vector NAME; its columns: id (string), e0 (string), e1 (string)"
    )
    monkeypatch.setattr("monitor.sources.csv.BLOCK", 1 << 12)
    assert refusal("id,e0,e1\n" + "a,1,2\n" * 10_000 + "b,x,3\n") == (
        "x.csv cannot be read: In CSV column #1: Row #10002: CSV conversion error to float: "
        "invalid value 'x' | columns of a vector hold numbers alone; leave missing ones empty"
    )
    assert refusal('id,e0,e1\na,1,2\n"' + "a,1,2\n" * 10_000) == (
        "x.csv has a row longer than 0 MiB | "
        "a quote that is not closed may run to the end of the file"
    )
    assert limits.BLOCK == 4 << 20
