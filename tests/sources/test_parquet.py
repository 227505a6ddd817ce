"""Parquet: hostile and odd files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from monitor.errors import SourceError
from monitor.sources import Columns, open_source, parquet
from monitor.sources.nouns import File
from tests.sources import samples

CUT = (
    "items.parquet is cut short: it does not end as a Parquet file does | "
    "write it again; its writer may still be at it"
)


def test_a_cut_file_is_refused_on_opening(here: Path) -> None:
    """The footer is missing: of a file that lacks a byte, half of them, all but one, or all."""
    path = samples.write_parquet(samples.table(), here / "items.parquet")
    whole, said = path.read_bytes(), []
    for size in (len(whole) - 1, len(whole) // 2, 4, 1, 0):
        path.write_bytes(whole[:size])
        with pytest.raises(SourceError) as caught:
            open_source(path)
        said.append(samples.said(caught.value))
    headless = (
        "items.parquet does not begin as a .parquet file does | "
        "it may be cut short or damaged; write it again"
    )
    empty = "items.parquet is empty (0 bytes) | check how it was written"
    assert said == [CUT, CUT, CUT, headless, empty]


def test_a_damaged_footer_is_refused_on_opening(here: Path) -> None:
    """Its ends are in place, but what it says makes no sense."""
    path = samples.write_parquet(samples.table(), here / "items.parquet")
    raw = bytearray(path.read_bytes())
    raw[-300:-8] = b"\xff" * 292
    path.write_bytes(raw)
    with pytest.raises(SourceError, match=r"^items\.parquet cannot be read: its footer is damaged"):
        open_source(path)


def test_a_footer_nested_without_end_is_refused(here: Path) -> None:
    """Structs within structs exhaust the parser, not the program."""
    footer = b"\x1c" * 100_000
    ends = len(footer).to_bytes(4, "little") + b"PAR1"
    Path("items.parquet").write_bytes(b"PAR1" + footer + ends)
    with pytest.raises(SourceError, match=r"^items\.parquet cannot be read: its footer is damaged"):
        open_source("items.parquet")


def test_flipped_bits_are_found(here: Path) -> None:
    """Where pages carry checksums, damage raises instead of giving other numbers."""
    path = here / "items.parquet"
    table = samples.table().select(["embedding"])
    plain = {"use_dictionary": False, "compression": "none"}
    pq.write_table(table, path, write_page_checksum=True, **plain)
    raw = bytearray(path.read_bytes())
    at = raw.index(samples.values()[3].tobytes())
    raw[at] ^= 1
    path.write_bytes(raw)
    source = open_source(path, dim=5)
    with pytest.raises(SourceError) as caught:
        list(source.batches())
    assert samples.said(caught.value) == (
        "items.parquet cannot be read: could not verify page integrity, CRC checksum verification "
        "failed for page_ordinal 0 | it may be cut short or damaged; write it again"
    )


def test_the_bad_file_of_a_glob_is_named(here: Path) -> None:
    """No row of the good one is given out."""
    samples.write_parquet(samples.table(), here / "a.parquet")
    (here / "items.parquet").write_bytes(b"PAR1" + b"\0" * 50)
    with pytest.raises(SourceError) as caught:
        open_source("*.parquet")
    assert samples.said(caught.value) == CUT


@pytest.mark.usefixtures("small_bombs")
def test_bombs_are_refused(here: Path) -> None:
    """Millions of numbers that take hundreds of bytes are not unpacked."""
    flat = pa.array(np.zeros(1_600_000, "f4"))
    many = pa.FixedSizeListArray.from_arrays(flat, 4)
    one = pa.ListArray.from_arrays(pa.array([0, len(flat)], pa.int32()), flat)
    for column in (many, one):
        pq.write_table(pa.table({"embedding": column}), here / "items.parquet", compression="zstd")
        size = samples.size((here / "items.parquet").stat().st_size)
        with pytest.raises(SourceError) as caught:
            list(open_source("items.parquet").batches())
        assert samples.said(caught.value) == (
            f"items.parquet promises 6.1 MiB from {size}: it looks like a decompression "
            "bomb and was not unpacked | "
            "if it is sound, write it anew uncompressed or without dictionaries"
        )


def test_a_long_text_in_each_row_is_read_in_small_pieces(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A megabyte in 8192 rows would be 8 GB read at once; the file holds it once."""
    monkeypatch.setattr(parquet, "PIECE", 1 << 16)
    path = write_texts(here / "items.parquet", "x" * 100_000, n=10)
    pieces = parquet.parquet_table(File(path, "items.parquet"), Columns())
    assert [len(piece) for piece in pieces.read(["t"], 10)] == [2] * 5
    source = open_source(path, Columns(text="t"))
    (batch,) = source.batches()
    assert [len(text.as_py()) for text in batch.columns["t"]] == [10_000] * 10
    assert source.warnings == [
        "items.parquet: 't': 10 values longer than 10,000 characters and cut"
    ]


def test_a_huge_text_in_a_small_file_is_refused(here: Path) -> None:
    """100 MB from some KB; where the column is not read, it does no harm."""
    path = write_texts(here / "items.parquet", "x" * 100_000_000, n=3)
    assert len(list(open_source(path).batches())) == 1
    with pytest.raises(SourceError) as caught:
        list(open_source(path, Columns(text="t")).batches())
    assert samples.said(caught.value) == (
        f"items.parquet promises 95.4 MiB from {samples.size(path.stat().st_size)}: it looks like "
        "a decompression bomb and was not unpacked | "
        "if it is sound, write it anew uncompressed or without dictionaries"
    )


def write_texts(path: Path, text: str, n: int) -> Path:
    """`n` rows with this text in each, held once in the file's dictionary."""
    texts = pa.DictionaryArray.from_arrays(pa.array(np.zeros(n, "i4")), [text])
    table = pa.table({"embedding": samples.lists([[1, 2]] * n, pa.float32(), "list"), "t": texts})
    pq.write_table(table, path, store_schema=False, compression="zstd")
    return path


def test_what_pandas_writes(here: Path) -> None:
    """Arrays in a column of objects, categories, an index that is the id."""
    frame = pd.DataFrame(
        {
            "vec": [np.float32([1, 2]), None, np.float32([3, 4, 5])],
            "lang": pd.Categorical(["de", "en", "de"]),
            "n": [1.0, None, 2.0],
        },
        index=pd.Index(["x", "y", "z"], name="id"),
    )
    frame.to_parquet(here / "items.parquet")
    for what in ("items.parquet", frame):
        found = samples.read(open_source(what, Columns(keep=("*",))))
        assert found["vectors"].tolist() == [[1, 2], [0, 0], [0, 0]]
        assert (found["status"], found["ids"]) == ([0, 1, 2], ["x", "y", "z"])
        assert found["columns"] == {"lang": ["de", "en", "de"], "n": [1.0, None, 2.0]}


def test_names_with_dots_and_nested_columns(here: Path) -> None:
    """A column `a.b` is not the field b of a column `a`."""
    table = pa.table(
        {
            "a": [{"b": [9.0]}],
            "a.b": pa.array([[1.0, 2.0]]),
            "id": ["x"],
        }
    )
    samples.write_parquet(table, here / "items.parquet")
    found = samples.read(open_source("items.parquet", Columns(keep=("*",))))
    assert (found["vectors"].tolist(), found["ids"], found["columns"]) == ([[1, 2]], ["x"], {})


def test_rows_are_known_without_reading(here: Path) -> None:
    """From the footers of all files."""
    for name in "ab":
        samples.write_parquet(samples.table(), here / f"{name}.parquet")
    assert open_source("*.parquet").rows == 2 * samples.N
