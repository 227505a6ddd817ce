"""Arrow IPC: hostile and odd files."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from monitor.errors import SourceError
from monitor.sources import Columns, open_source
from monitor.sources.arrow_message import promise
from tests.sources import samples


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("part", [0.002, 0.5, 0.999])
def test_a_cut_file_is_refused_on_opening(part: float, stream: bool, here: Path) -> None:
    """At its head, in a batch, or a byte before its end."""
    path = samples.write_arrow(samples.table(), here / "items.arrow", stream=stream)
    path.write_bytes(path.read_bytes()[: int(part * path.stat().st_size)])
    with pytest.raises(SourceError) as caught:
        open_source(path)
    if not stream:
        assert samples.said(caught.value) == (
            "items.arrow is cut short: it does not end as an Arrow file does | "
            "write it again; its writer may still be at it"
        )
    assert caught.value.message.startswith("items.arrow ")


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("compression", [None, "zstd", "lz4"])
def test_promises(compression: str | None, stream: bool, here: Path) -> None:
    """Rows and bytes of each batch are told without unpacking it."""
    table = samples.table()
    path = here / "items.arrow"
    samples.write_arrow(table, path, stream=stream, compression=compression)
    with pa.memory_map(str(path)) as file:
        file.seek(0 if stream else 8)
        found = [promise(m) for m in pa.ipc.MessageReader.open_stream(file)]
    batches = table.to_batches(max_chunksize=7)
    assert [rows for rows, _ in found] == [0] + [batch.num_rows for batch in batches]
    for (_, promised), batch in zip(found[1:], batches, strict=True):
        used = sum(len(b) for c in batch.columns for b in c.buffers() if b)
        assert 0.5 * batch.nbytes < promised <= used + 64 * 20
    assert open_source(path).rows == samples.N


@pytest.mark.usefixtures("small_bombs")
def test_bombs_are_refused_on_opening(here: Path) -> None:
    """A buffer's own word on its length is read before its bytes are unpacked."""
    flat = pa.array(np.zeros(1_600_000, "f4"))
    zeros = pa.FixedSizeListArray.from_arrays(flat, 1_600_000)
    labels = pa.DictionaryArray.from_arrays(pa.array([0], pa.int8()), ["x" * 2_000_000])
    for column, size in ((zeros, "6.1 MiB"), (labels, "1.9 MiB")):
        table = pa.table({"embedding": column})
        path = samples.write_arrow(table, here / "items.arrow", compression="zstd")
        with pytest.raises(SourceError) as caught:
            open_source(path)
        assert samples.said(caught.value) == (
            f"items.arrow promises {size} from {samples.size(path.stat().st_size)}: it looks like "
            "a decompression bomb and was not unpacked | "
            "if it is sound, write it anew uncompressed or without dictionaries"
        )


def test_a_type_of_its_own_is_not_loaded(here: Path) -> None:
    """Arrow's files may name types of other programs, once as pickles; what they store is read."""

    class Armed:
        def __reduce__(self) -> tuple[object, ...]:
            return Path("harm").touch, ()

    table = samples.table()
    kind = {
        "ARROW:extension:name": "arrow.py_extension_type",
        "ARROW:extension:metadata": pickle.dumps(Armed()),
    }
    fields = [f.with_metadata(kind) if f.name == "embedding" else f for f in table.schema]
    samples.write_arrow(table.cast(pa.schema(fields)), here / "items.arrow")
    assert len(samples.read(open_source("items.arrow"))["vectors"]) == samples.N
    assert not Path("harm").exists()


def test_offsets_that_point_outside_are_refused(here: Path) -> None:
    """They are found before any kernel follows them."""
    path = samples.write_arrow(samples.table(shape="list"), here / "items.arrow")
    raw = bytearray(path.read_bytes())
    for what in (np.arange(0, 8 * 5, 5, dtype="i4"), np.arange(0, 8 * 7, 7, dtype="i4")):
        at = raw.index(what.tobytes())  # of the vectors, and of the ids, each 7 bytes long
        raw[at + 12 : at + 16] = np.int32(2**30).tobytes()
        (here / "bad.arrow").write_bytes(raw)
        raw[at + 12 : at + 16] = what[3:4].tobytes()
        with pytest.raises(SourceError, match=r"^bad\.arrow cannot be read: .*[Oo]ffset"):
            list(open_source("bad.arrow", dim=5).batches())


def test_texts_and_dictionaries(here: Path) -> None:
    """Bad bytes in a text are mended, not refused; dictionaries are read as their values."""
    bad = pa.array([b"a\xff", b"b"]).view(pa.string())
    table = pa.table(
        {
            "id": bad,
            "tag": pa.array(["x", "y"]).dictionary_encode(),
            "embedding": pa.array([[1.0], [2.0]]),
        }
    )
    source = open_source(samples.write_arrow(table, here / "f.arrow"), Columns(keep=("tag",)))
    found = samples.read(source)
    assert (found["ids"], found["columns"]) == (["a\ufffd", "b"], {"tag": ["x", "y"]})
    assert source.warnings == [
        "f.arrow: 'id': 1 value not valid UTF-8; bytes were replaced by U+FFFD"
    ]
