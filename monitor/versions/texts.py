"""The column that says in words what an item is."""

from __future__ import annotations

import pyarrow as pa

from monitor.batch import Items

_NAMES = ("text", "title", "name", "content", "body", "document", "sentence", "query", "question")


def text_column(items: Items) -> str | None:
    """Name of the text column: by its name, else the first column of mostly different strings.

    >>> import numpy as np, pyarrow as pa
    >>> ids = pa.array(["1", "2"])
    >>> text_column(Items(ids, np.eye(2), {"label": pa.array(["a", "a"]), "Title": ids}))
    'Title'
    """
    strings = [
        name
        for name, values in items.columns.items()
        if pa.types.is_string(values.type) or pa.types.is_large_string(values.type)
    ]
    lowered = {name.lower(): name for name in reversed(strings)}
    for name in _NAMES:
        if name in lowered:
            return lowered[name]
    for name in strings:
        if len(items.columns[name].unique()) > max(1, len(items) / 2):
            return name
    return None
