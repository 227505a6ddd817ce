"""JSON lines: one object a line, vectors as lists of numbers, parsed a block at a time."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

import pyarrow as pa

from monitor.errors import SourceError
from monitor.model import Columns
from monitor.sources.faults import printable, reading
from monitor.sources.kinds import unpacked
from monitor.sources.limits import BLOCK, MAX_LINE
from monitor.sources.nouns import File, Table
from monitor.sources.vector_text import KIND

_LOOKED_AT = 1000
_NESTED = pa.struct([])


@dataclass(frozen=True)
class _Block:
    """Whole lines of a file, and the number of the first."""

    content: bytes
    line: int


def jsonl_table(file: File, columns: Columns) -> Table:
    """The table of a file of JSON objects. Raises SourceError.

    Its columns, and their types, are those of the first 1000 lines. Where a later line has a
    value of another type, that block's column is text.
    """
    with reading(file.name):
        first = next(_blocks(file), None)
        schema = _schema(_objects(file, first, _LOOKED_AT)) if first else pa.schema([])

    def read(names: Sequence[str], n: int) -> Iterator[pa.RecordBatch]:
        chosen = pa.schema([schema.field(name) for name in names])
        with reading(file.name):
            for block in _blocks(file):
                batch = _at_once(block, chosen)
                yield _line_by_line(file, block, chosen) if batch is None else batch

    return Table(file.name, schema, None if first else 0, read)


def _blocks(file: File) -> Iterator[_Block]:
    with unpacked(file.path) as stream:
        line = 1
        while content := stream.read(BLOCK):
            content += _rest_of_line(file, stream, content)
            if content.strip():
                yield _Block(content, line)
            line += content.count(b"\n")


def _rest_of_line(file: File, stream: BinaryIO, content: bytes) -> bytes:
    if content.endswith(b"\n"):
        return b""
    rest = stream.readline(MAX_LINE)
    if len(rest) == MAX_LINE and not rest.endswith(b"\n"):
        raise SourceError(
            f"{file.name} has a line longer than {MAX_LINE >> 20} MiB", "write one object a line"
        )
    return rest


def _at_once(block: _Block, chosen: pa.Schema) -> pa.RecordBatch | None:
    """The block by Arrow's parser; None where a line is damaged or of another type."""
    from pyarrow import json as arrow_json

    parse = arrow_json.ParseOptions(explicit_schema=chosen, unexpected_field_behavior="ignore")
    whole = arrow_json.ReadOptions(use_threads=False, block_size=len(block.content) + 1)
    try:
        table = arrow_json.read_json(pa.BufferReader(block.content), whole, parse)
    except pa.ArrowInvalid:
        return None
    return table.select(chosen.names).combine_chunks().to_batches()[0]


def _line_by_line(file: File, block: _Block, chosen: pa.Schema) -> pa.RecordBatch:
    objects = _objects(file, block)
    columns = [_column([o.get(field.name) for o in objects], field.type) for field in chosen]
    return pa.record_batch(columns, names=chosen.names)


def _objects(file: File, block: _Block, n: int | None = None) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for number, line in enumerate(block.content.split(b"\n"), block.line):
        if len(found) == n:
            break
        if line.strip():
            found.append(_object(file, line, number))
    return found


def _object(file: File, line: bytes, number: int) -> dict[str, Any]:
    try:
        found = json.loads(line.decode("utf-8", "surrogateescape").lstrip("\ufeff"))
    except (ValueError, RecursionError) as error:
        reason = printable(getattr(error, "msg", "too deep or too long a number"))
        raise SourceError(
            f"{file.name}, line {number} is not JSON: {reason}",
            "write one object a line; the last may have been cut short",
        ) from error
    if not isinstance(found, dict):
        raise SourceError(
            f"{file.name}, line {number} is not a JSON object",
            "write one object a line, such as by: jq -c '.[]'",
        )
    return found


def _schema(objects: list[dict[str, Any]]) -> pa.Schema:
    names = dict.fromkeys(name for o in objects for name in o)
    kinds = {_raw(n).decode("utf-8", "replace"): _kind([o.get(n) for o in objects]) for n in names}
    return pa.schema(list(kinds.items()))


def _kind(values: list[Any]) -> pa.DataType:
    """What most values are where that is lists; of single values, what holds all of them."""
    counts = Counter(_kind_of(value) for value in values if value is not None)
    if not counts:
        return pa.string()
    usual = counts.most_common(1)[0][0]
    if usual in (KIND, _NESTED) or len(counts) == 1:
        return usual
    return pa.float64() if set(counts) == {pa.int64(), pa.float64()} else pa.string()


def _kind_of(value: Any) -> pa.DataType:
    if isinstance(value, bool):
        return pa.bool_()
    if isinstance(value, int):
        return pa.int64() if -(2**63) <= value < 2**63 else pa.string()
    if isinstance(value, float):
        return pa.float64()
    if isinstance(value, list) and all(_is_element(x) for x in value):
        return KIND
    return _NESTED if isinstance(value, list | dict) else pa.string()


def _is_element(value: Any) -> bool:
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool))


def _column(values: list[Any], kind: pa.DataType) -> pa.Array:
    """Values in the type the file began with, else as text; what is no vector is null."""
    if kind == KIND:
        return pa.array([_vector(value) for value in values], KIND)
    fitting = (kind, pa.int64()) if kind == pa.float64() else (kind,)
    if kind != pa.string() and all(v is None or _kind_of(v) in fitting for v in values):
        return pa.array(values, kind)
    raw = [None if v is None else _raw(v if isinstance(v, str) else json.dumps(v)) for v in values]
    # Still unchecked, as what Arrow's parser gives.
    return pa.array(raw, pa.binary()).view(pa.string())


def _vector(value: Any) -> list[float | None] | None:
    if not isinstance(value, list) or _kind_of(value) != KIND:
        return None
    try:
        return [None if x is None else float(x) for x in value]
    except OverflowError:
        return None


def _raw(text: str) -> bytes:
    """The bytes a text was decoded from; half a surrogate pair gives bytes that are not UTF-8."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")
