"""Chroma: a collection in the folder of a persistent client."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain
from typing import Any

from monitor.model import Columns
from monitor.sources.embedded import Copy, chosen_collection
from monitor.sources.extras import library
from monitor.sources.faults import panicked, reading
from monitor.sources.nouns import File, Table
from monitor.sources.queries import rows_table

OWN = ("id", "embedding", "document")
"""What every row has; a key of the metadata of the same name is `metadata.NAME`."""

Row = tuple[str, Any, str | None, Mapping[str, Any]]
"""The id, the vector, the document and the metadata."""

PAGE = 2000
"""Rows that are read at a time; the keys of the first ones are the columns."""


def chroma_table(file: File, columns: Columns) -> Table:
    """The table of a collection: `id`, `embedding`, `document`, and the keys of its metadata.

    Raises SourceError, MissingExtra.
    """
    library("chromadb", "chroma")  # before anything is copied
    copy = Copy(file)

    @contextmanager
    def run() -> Iterator[tuple[Sequence[str], Iterator[Sequence[Any]]]]:
        with _opened(file, copy) as client:
            known = sorted(found.name for found in client.list_collections())
            # None: an embedding function that the folder names is not made.
            found = client.get_collection(chosen_collection(file, known), embedding_function=None)
            pages = _pages(found)
            first = next(pages, [])
            # Sorted: Chroma gives them in another order each time.
            keys = sorted({key for *_, extra in first for key in extra})
            names = [*OWN, *(f"metadata.{key}" if key in OWN else key for key in keys)]
            yield names, _rows(first, pages, keys)

    return rows_table(file.name, run, columns)


def _pages(collection: Any) -> Iterator[list[Row]]:
    """All rows, in the order in which they were added."""
    rows = collection.count()
    for start in range(0, rows, PAGE):
        include = ["embeddings", "documents", "metadatas"]
        page = collection.get(limit=PAGE, offset=start, include=include)
        if len(page["ids"]) != min(PAGE, rows - start):
            raise ValueError(f"it counts {rows:,} rows and gives fewer")
        extra = [metadata or {} for metadata in page["metadatas"]]
        yield list(zip(page["ids"], page["embeddings"], page["documents"], extra, strict=True))


def _rows(
    first: list[Row], others: Iterator[list[Row]], keys: Sequence[str]
) -> Iterator[Sequence[Any]]:
    for *own, extra in chain(first, chain.from_iterable(others)):
        yield (*own, *map(extra.get, keys))


@contextmanager
def _opened(file: File, copy: Copy) -> Iterator[Any]:
    """A client of the copy, which sends nothing to anyone."""
    chromadb = library("chromadb", "chroma")
    with reading(file.name):
        try:
            settings = chromadb.Settings(anonymized_telemetry=False)
            with chromadb.PersistentClient(copy.path, settings) as client:
                yield client
        except BaseException as error:
            if isinstance(error, chromadb.errors.ChromaError) or panicked(error):
                raise ValueError(str(error)) from error
            raise
