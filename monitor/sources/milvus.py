"""Milvus Lite: a collection in the folder that `MilvusClient("items.db")` wrote."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import PurePosixPath
from typing import Any

from monitor.model import Columns
from monitor.sources.embedded import Copy, chosen_collection
from monitor.sources.extras import library
from monitor.sources.faults import reading
from monitor.sources.limits import refuse_bomb
from monitor.sources.nouns import File, Table
from monitor.sources.parquet_footer import promises
from monitor.sources.queries import rows_table

PAGE = 2000
"""Rows that are read at a time; the dynamic fields of the first ones are columns."""


def milvus_table(file: File, columns: Columns) -> Table:
    """The table of a collection: its fields, the primary key as `id`, and its dynamic fields.

    Raises SourceError, MissingExtra.
    """
    library("milvus_lite", "milvus")  # before anything is copied
    # Vectors are read from the segments: an index of them is not needed, and not trusted.
    copy = Copy(file, leave=("indexes",))
    _refuse_hostile(file, copy)

    @contextmanager
    def run() -> Iterator[tuple[Sequence[str], Iterator[Sequence[Any]]]]:
        with _opened(file, copy) as database:
            name = chosen_collection(file, database.list_collections())
            found = database.get_collection(name)
            if found.list_indexes():
                found.drop_index()
            pages = _pages(found)
            first = next(pages, [])
            fields = _fields(found.schema, first)
            names = [_name(field, found.pk_field, fields, columns) for field in fields]
            rows = chain(first, chain.from_iterable(pages))
            yield names, (tuple(map(row.get, fields)) for row in rows)

    return rows_table(file.name, run, columns)


def _fields(schema: Any, first: list[dict[str, Any]]) -> list[str]:
    """The fields of the schema, but for sparse vectors, and the dynamic ones of the first rows."""
    stated = {field.name: field.dtype.value for field in schema.fields}
    dynamic = sorted({name for row in first for name in row} - set(stated))
    return [*(name for name, kind in stated.items() if "sparse" not in kind), *dynamic]


def _name(field: str, key: str, fields: Sequence[str], columns: Columns) -> str:
    """The primary key is the id, unless it is asked for by its name or another field is `id`."""
    return "id" if field == key and "id" not in fields and columns.id != key else field


def _pages(collection: Any) -> Iterator[list[dict[str, Any]]]:
    """All rows that are not deleted, each as it was last written."""
    keys = [row[collection.pk_field] for row in collection.query(output_fields=[])]
    for start in range(0, len(keys), PAGE):
        yield collection.get(keys[start : start + PAGE], output_fields=["*"])


def _refuse_hostile(file: File, copy: Copy) -> None:
    """Raise SourceError for segments that would unpack to absurdly much, or that lie elsewhere."""
    with reading(file.name):
        for segment in copy.path.rglob("*.parquet"):
            refuse_bomb(file.name, sum(promises(segment).values()), segment.stat().st_size)
        for manifest in copy.path.rglob("manifest.json*"):
            for partition, held in json.loads(manifest.read_bytes())["partitions"].items():
                for name in (partition, *held["data_files"], *held["delta_files"]):
                    path = PurePosixPath(name.replace("\\", "/"))
                    if path.is_absolute() or ".." in path.parts:
                        raise ValueError(f"it names the file {name!r}")


@contextmanager
def _opened(file: File, copy: Copy) -> Iterator[Any]:
    milvus = library("milvus_lite", "milvus")
    with reading(file.name):
        try:
            with milvus.MilvusLite(str(copy.path)) as database:
                yield database
        except milvus.MilvusLiteError as error:
            raise ValueError(str(error)) from error
