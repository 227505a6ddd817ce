"""Paths, folders and globs."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import numpy as np
import pytest

from monitor.errors import SourceError
from monitor.sources import Columns, open_source
from tests.sources import samples


def refusal(what: str, columns: Columns) -> str:
    """Why a path is refused."""
    with pytest.raises(SourceError) as caught:
        open_source(what, columns)
    return samples.said(caught.value)


def parts(folder: Path, n: int = 3) -> list[Path]:
    """`n` files of 5 rows in the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    table = samples.table()
    return [
        samples.write_parquet(table.slice(5 * i, 5), folder / f"part-{i}.parquet") for i in range(n)
    ]


def test_a_folder_is_read_in_order(here: Path) -> None:
    """Marks, hidden files and what is no data are left out, the last with a warning."""
    parts(here / "items" / "deep", 2)
    samples.write_parquet(samples.table().slice(10, 5), here / "items" / "last.parquet")
    for name in ("_SUCCESS", ".part.crc", "deep/_metadata", "README.md", "model.pkl", "done"):
        (here / "items" / name).write_bytes(b"" if name == "done" else b"a, b")
    source = open_source("items")
    assert samples.read(source)["ids"] == [f"row-{i:03}" for i in range(15)]
    assert (source.name, source.rows) == ("items", 15)
    assert source.warnings == [
        "items: 3 files left out: items/README.md is in no format that can be read; "
        "items/done is empty (0 bytes); items/model.pkl is a pickle, and reading one can run any "
        "program: it was not opened"
    ]


def test_globs(here: Path) -> None:
    """A pattern of files, of folders, or of any depth; a file with the pattern's name."""
    parts(here / "a=1"), parts(here / "a=2")
    for pattern in ("*/*.parquet", "a=*", "a=*/", "**/*.parquet", "**"):
        assert open_source(pattern).rows == 30
    os.rename(here / "a=1" / "part-0.parquet", here / "part[0].parquet")
    assert open_source("part[0].parquet").rows == 5


def test_partitions_are_columns(here: Path) -> None:
    """Folders named `key=value` give a time, a segment, a null."""
    parts(here / "t" / "day=2026-03-30" / "kind=a%2Fb", 1)
    parts(here / "t" / "day=2026-03-31" / "kind=__HIVE_DEFAULT_PARTITION__", 2)
    source = open_source("t", Columns(at="day", timezone="UTC", keep=("kind", "who")))
    found = samples.read(source, rows=4)
    days = np.array(["2026-03-30"] * 5 + ["2026-03-31"] * 10, "M8[us]")
    assert found["at"] == days.tolist()
    assert found["columns"]["kind"] == ["a/b"] * 5 + [None] * 10
    inside = open_source("t/day=2026-03-30", Columns(entity="day"))
    assert samples.read(inside)["entities"] == ["2026-03-30"] * 5


@pytest.mark.parametrize(
    ("what", "message"),
    [
        ("nope.parquet", "there is no file nope.parquet | check the path"),
        ("*.nope", "no file matches *.nope | check the path and the pattern"),
        ("", "there is no file  | check the path"),
        ("a\x00\x1b2J", "there is no file a\\x00\\x1b2J | check the path"),
        ("pipe", "pipe is not a regular file | write it to a file first"),
        ("link", "link is a link to nothing | check the path"),
        (
            "empty",
            "the folder empty holds no file that can be read | "
            "Parquet, Arrow, CSV, JSON lines, NumPy and what docs/sources.md lists can be read",
        ),
        (
            "mixed",
            "mixed holds files of several formats: 1 npy, 1 parquet | "
            "name those of one format, such as 'FOLDER/*.parquet'",
        ),
        (
            "odd.txt",
            "odd.txt is in no format that can be read | "
            "Parquet, Arrow, CSV, JSON lines, NumPy and what docs/sources.md lists can be read",
        ),
        (
            "odd.parquet",
            "odd.parquet does not begin as a .parquet file does | "
            "it may be cut short or damaged; write it again",
        ),
        (
            "lake://me:secret@bucket/x",
            "nothing here reads lake:// addresses | "
            "give a path, folder or glob of local files, or install a plug-in that reads them",
        ),
    ],
    ids=lambda x: "",
)
def test_refusals(what: str, message: str, here: Path) -> None:
    """Each says what was looked for; none blocks, none sends escapes to a terminal."""
    os.mkfifo("pipe")
    os.symlink("nowhere", "link")
    Path("empty").mkdir()
    parts(here / "mixed", 1)
    np.save("mixed/x.npy", samples.values())
    Path("odd.txt").write_text("hello")
    Path("odd.parquet").write_text("hello, world")
    assert refusal(what, Columns()) == message


def test_content_tells_the_format(here: Path) -> None:
    """Whatever the name; text without a telling name is told by its first line."""
    table = samples.table()
    samples.write_parquet(table, here / "a.csv")
    samples.write_arrow(table, here / "b.parquet")
    samples.write_csv(table, here / "c")
    samples.write_jsonl(table, here / "d.txt")
    np.savez(here / "e.bin", embeddings=samples.values())
    os.rename("e.bin.npz", "e.bin")
    for name in ("a.csv", "b.parquet", "c", "d.txt", "e.bin"):
        assert len(samples.read(open_source(name))["status"]) == samples.N


def test_digests_of_files(here: Path) -> None:
    """One file: its sha256. Several: names do not count, order, content and partitions do."""
    (one,) = parts(here / "a", 1)
    assert open_source(one).digest() == f"sha256:{hashlib.sha256(one.read_bytes()).hexdigest()}"
    parts(here / "b"), parts(here / "c")
    for path in sorted((here / "c").iterdir()):
        path.rename(path.with_name("x" + path.name))
    same = {open_source(what).digest() for what in ("b", "b/*.parquet", "c")}
    assert len(same) == 1
    parts(here / "day=1"), parts(here / "day=2")
    (here / "c" / "xpart-0.parquet").rename(here / "c" / "z.parquet")
    assert len(same | {open_source(what).digest() for what in ("day=1", "day=2", "c")}) == 4
