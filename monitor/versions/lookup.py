"""The items nearest to one of them, which is named by its id or by its text."""

from __future__ import annotations

import difflib
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from monitor.batch import Int64, Items
from monitor.errors import UsageError
from monitor.versions.neighbours import Pool, nearest
from monitor.versions.pairing import blocks, float32
from monitor.versions.texts import text_column

_NEAR_IDS = 50_000
_OTHERS = 5


def neighbors(items: Items, query: str, k: int = 10) -> dict[str, Any]:
    """The k items nearest to `query`: an id, else a text, else part of a text in any case.

    Keys: `id` and `text` of the item found; `found_by`: `id`, `text` or `part of text`;
    `also`: further ids that fit, up to five, and `matches`, how many fit; `neighbors`: records
    of `id`, `similarity` (cosine, inner product, or minus half the squared distance) and
    `text`, nearest first. Rows that are not finite are no neighbours. Raises UsageError where
    nothing fits, or where the item has no usable vector.

    >>> x = np.array([[1, 0], [1, 0.1], [0, 1]])
    >>> found = neighbors(Items(pa.array(["a", "b", "c"]), x), "a", 1)
    >>> found["neighbors"][0]["id"]
    'b'
    """
    texts = text_column(items)
    rows, found_by = _rows(items, query, texts)
    row = int(rows[0])
    pool = Pool(items.vectors, usable(items), items.metric)
    own = np.flatnonzero(pool.rows == row)
    if not len(own):
        raise UsageError(
            f"the vector of {items.ids[row].as_py()} is zero or not finite, so nothing is near it",
            "embed the item again",
        )
    found = nearest(pool, pool.points(own), own, min(k, max(1, len(pool) - 1)))
    near = zip(pool.rows[found.positions[0]], found.similarity[0], strict=True)
    return {
        "id": _id(items, row),
        "text": _text(items, texts, row),
        "found_by": found_by,
        "matches": len(rows),
        "also": [_id(items, int(other)) for other in rows[1 : 1 + _OTHERS]],
        "neighbors": [
            {
                "id": _id(items, at),
                "similarity": round(float(s), 6),
                "text": _text(items, texts, at),
            }
            for at, s in near
            if np.isfinite(s)
        ],
    }


def neighbors_against(a: Items, b: Items, query: str, k: int = 10) -> dict[str, Any]:
    """The k items nearest to `query` in version `a`, and what became of them in `b`.

    The keys of `neighbors` for a; `kept`: how many are among the k nearest in b too; `gained` and
    `lost`: records of those that are in b or in a alone, nearest first, `gone` telling whether
    the item itself is in one version only. The item is found in a and looked up in b by its id;
    UsageError where b does not have it.

    >>> x, y = np.array([[1, 0], [1, 0.1], [0, 1]]), np.array([[1, 0], [0, 1], [1, 0.1]])
    >>> ids = pa.array(["a", "b", "c"])
    >>> found = neighbors_against(Items(ids, x), Items(ids, y), "a", 1)
    >>> found["lost"][0]["id"], found["gained"][0]["id"]
    ('b', 'c')
    """
    found = neighbors(a, query, k)
    if not pc.any(pc.equal(b.ids, found["id"])).as_py():
        raise UsageError(
            f"{found['id']} is not in {b.name or 'the other version'}",
            "choose an item that both versions have",
        )
    other = neighbors(b, found["id"], k)["neighbors"]
    before = {record["id"] for record in found["neighbors"]}
    after = {record["id"] for record in other}
    gained = [record for record in other if record["id"] not in before]
    lost = [record for record in found["neighbors"] if record["id"] not in after]
    return {
        **found,
        "kept": len(before & after),
        "gained": _with_gone(gained, a),
        "lost": _with_gone(lost, b),
    }


def _with_gone(records: list[dict[str, Any]], other: Items) -> list[dict[str, Any]]:
    """The records, and whether the other version lacks each item."""
    ids = pa.array([record["id"] for record in records], pa.string())
    known = pc.is_in(ids, value_set=other.ids.cast(pa.string())).to_pylist()
    return [{**record, "gone": not has} for record, has in zip(records, known, strict=True)]


def _rows(items: Items, query: str, texts: str | None) -> tuple[np.ndarray[Any, Any], str]:
    """Rows that fit and how they were found; the shortest fitting text first."""
    by_id = np.flatnonzero(pc.equal(items.ids, query).fill_null(False))
    if len(by_id):
        return by_id, "id"
    if texts is not None and query.strip():
        said = items.columns[texts]
        by_text = np.flatnonzero(pc.equal(said, query).fill_null(False))
        if len(by_text):
            return by_text, "text"
        inside = pc.match_substring(said, query, ignore_case=True).fill_null(False)
        by_part = np.flatnonzero(inside)
        if len(by_part):
            length = np.asarray(pc.utf8_length(said.take(pa.array(by_part))))
            return by_part[np.argsort(length, kind="stable")], "part of text"
    raise UsageError(_missing(items, query, texts), _hint(items, query))


def _missing(items: Items, query: str, texts: str | None) -> str:
    where = f"no id is {query!r}"
    return f"{where} and no {texts} holds it" if texts is not None else where


def _hint(items: Items, query: str) -> str:
    ids = items.ids.slice(0, _NEAR_IDS).drop_null().to_pylist()
    near = difflib.get_close_matches(query, ids, 3)
    if near:
        return f"did you mean {' or '.join(near)}?"
    return f"ids look like {ids[0]}" if ids else "there are no items"


def usable(items: Items) -> Int64:
    """Rows (m,) that are finite and not zero."""
    good = []
    for block in blocks(np.arange(len(items)), items.vectors.shape[1]):
        rows = float32(items.vectors[block])
        good.append(block[np.isfinite(rows).all(axis=1) & rows.any(axis=1)])
    return np.concatenate(good) if good else np.zeros(0, np.int64)


def _id(items: Items, row: int) -> str:
    return str(items.ids[row].as_py())


def _text(items: Items, texts: str | None, row: int) -> str | None:
    said = None if texts is None else items.columns[texts][row].as_py()
    return None if said is None else str(said)
