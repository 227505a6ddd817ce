"""Arrow IPC files (Feather 2) and streams, memory-mapped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from monitor.errors import SourceError
from monitor.model import Columns
from monitor.sources.arrow_message import promise
from monitor.sources.faults import reading
from monitor.sources.limits import refuse_bomb
from monitor.sources.nouns import File, Table
from monitor.sources.texts import is_text

_MAGIC = b"ARROW1"


def arrow_file_table(file: File, columns: Columns) -> Table:
    """The table of an Arrow IPC file. Raises SourceError where it is cut short."""
    with reading(file.name), pa.memory_map(str(file.path)) as stream:
        stream.seek(max(0, stream.size() - len(_MAGIC)))
        if stream.read() != _MAGIC:
            raise _cut(file)
    return _table(file, 8)


def arrow_stream_table(file: File, columns: Columns) -> Table:
    """The table of an Arrow IPC stream. Raises SourceError where it is cut short."""
    return _table(file, 0)


def _table(file: File, start: int) -> Table:
    """The table of the messages that begin at `start`.

    In a file, too, they lie one after the other, ahead of the footer.
    """
    with reading(file.name), pa.memory_map(str(file.path)) as stream:
        stream.seek(start)
        rows = _checked_rows(file, stream)
        stream.seek(start)
        schema = pa.ipc.open_stream(stream).schema

    def read(names: Sequence[str], n: int) -> Iterator[pa.RecordBatch]:
        chosen = [schema.get_field_index(name) for name in names]
        options = pa.ipc.IpcReadOptions(included_fields=sorted(set(chosen)))
        with reading(file.name), pa.memory_map(str(file.path)) as stream:
            stream.seek(start)
            for batch in pa.ipc.open_stream(stream, options=options):
                found = batch.select(list(names))
                for column in found.columns:
                    _validate(column)
                yield found

    return Table(file.name, schema.remove_metadata(), rows, read)


def _checked_rows(file: File, stream: Any) -> int:
    """Rows of all batches; refuses a file of which one message unpacks to absurdly much."""
    rows, size = 0, stream.size()
    for message in pa.ipc.MessageReader.open_stream(stream):
        n, promised = promise(message)
        refuse_bomb(file.name, promised, size)
        rows += n
    return rows


def _validate(array: pa.Array) -> None:
    """Raise ArrowInvalid where offsets point outside the data: kernels would follow them.

    UTF-8 is not checked here, bad bytes in a text are replaced later.
    """
    if isinstance(array, pa.DictionaryArray):
        array.indices.validate(full=True)
        _validate(array.dictionary)
        ends = pc.min_max(array.indices).as_py()
        if ends["max"] is not None and not 0 <= ends["min"] <= ends["max"] < len(array.dictionary):
            raise ValueError("an index points outside its dictionary")
    elif is_text(array.type) and not pa.types.is_string_view(array.type):
        large = pa.types.is_large_string(array.type) or pa.types.is_large_binary(array.type)
        array.view(pa.large_binary() if large else pa.binary()).validate(full=True)
    else:
        array.validate(full=True)


def _cut(file: File) -> SourceError:
    return SourceError(
        f"{file.name} is cut short: it does not end as an Arrow file does",
        "write it again; its writer may still be at it",
    )
