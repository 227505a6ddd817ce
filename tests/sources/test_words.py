"""Word vectors as gensim, fastText and GloVe write them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from monitor.errors import SourceError
from monitor.sources import open_source
from tests.sources import samples

WORDS = [f"wörd{i}" for i in range(23)]
VECTORS = np.random.default_rng(0).normal(size=(23, 5)).astype("f4")


def saved(name: str, **how: Any) -> str:
    """The words and vectors, by gensim."""
    from gensim.models import KeyedVectors

    model = KeyedVectors(5)
    model.add_vectors(WORDS, VECTORS)
    model.save_word2vec_format(name, **how)
    return name


def glove(words: list[str], name: str = "glove.txt", end: str = "") -> str:
    """Without a first line, as GloVe writes."""
    rows = zip(words, VECTORS, strict=False)
    lines = (f"{word} {' '.join(map(repr, map(float, row)))}{end}\n" for word, row in rows)
    Path(name).write_text("".join(lines), encoding="utf-8")
    return name


def refusal(what: str) -> str:
    """Why the source is refused."""
    with pytest.raises(SourceError) as caught:
        list(open_source(what).batches(7))
    return samples.said(caught.value)


@pytest.mark.parametrize("packed", ["", ".gz"])
@pytest.mark.parametrize("binary", [True, False])
def test_word2vec(binary: bool, packed: str, here: Path) -> None:
    """Text and binary, packed or not; the words are the ids."""
    source = open_source(saved(f"model.bin{packed}", binary=binary))
    assert (source.rows, source.dim) == (23, 5)
    found = samples.read(source, rows=10)
    np.testing.assert_array_equal(found["vectors"], VECTORS)
    assert found["ids"] == WORDS
    assert [len(batch) for batch in source.batches(10)] == [10, 10, 3]


def test_binary_with_line_breaks(here: Path) -> None:
    """As the C program writes them."""
    rows = zip(WORDS, VECTORS, strict=True)
    content = b"".join(w.encode() + b" " + v.tobytes() + b"\n" for w, v in rows)
    Path("c.bin").write_bytes(b"23 5\n" + content)
    found = samples.read(open_source("c.bin"))
    np.testing.assert_array_equal(found["vectors"], VECTORS)
    assert found["ids"] == WORDS


def test_glove_and_tokens_with_spaces(here: Path) -> None:
    """Numbers are counted from the end; fastText's lines end with a space."""
    words = [*WORDS[:20], ". . .", "at name@domain.com", "2010"]
    for end in ("", " "):
        found = samples.read(open_source(glove(words, end=end)), rows=10)
        np.testing.assert_array_equal(found["vectors"], VECTORS)
        assert found["ids"] == words


def test_cut_files(here: Path) -> None:
    """Fewer rows than stated, half a line, half a vector."""
    text = Path(saved("model.vec", binary=False))
    whole = text.read_bytes()
    text.write_bytes(b"".join(whole.splitlines(keepends=True)[:-3]))
    assert refusal("model.vec") == (
        "model.vec states 23 words and has 20 | it may be cut short; write it again"
    )
    text.write_bytes(whole[: whole.rindex(b" ")])
    assert refusal("model.vec") == (
        "model.vec: line 24 is not a word and 5 numbers: "
        f"{whole.splitlines()[-1].decode()[:39]}"
        " | it may be cut short or damaged; write it again"
    )
    binary = Path(saved("model.bin", binary=True))
    binary.write_bytes(binary.read_bytes()[:-1])
    assert refusal("model.bin") == (
        "model.bin is cut short: it states 23 words and has 22 | "
        "write it again; its writer may still be at it"
    )


def test_files_that_promise_too_much(here: Path) -> None:
    """Neither memory nor time is spent on a lie in the first line."""
    Path("a.bin").write_bytes(b"99999999999 300\nword \0\0\0")
    assert refusal("a.bin") == (
        "a.bin is cut short: it states 99,999,999,999 words and has 0 | "
        "write it again; its writer may still be at it"
    )
    Path("b.bin").write_bytes(b"3 99999999999\nword \0\0\0")
    assert refusal("b.bin") == (
        "b.bin holds vectors of dimension 99999999999; 1 to 65536 can be read | "
        "name another column with --vector"
    )


def test_a_matrix_in_text_is_no_word_file(here: Path) -> None:
    """Without a word, the first number is not one."""
    np.savetxt("m.txt", VECTORS)
    assert refusal("m.txt").startswith("m.txt is in no format that can be read | ")
