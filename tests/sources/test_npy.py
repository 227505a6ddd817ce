""".npy and .npz: hostile and odd files."""

from __future__ import annotations

import pickle
import zipfile
from pathlib import Path

import numpy as np
import pytest

from monitor.errors import SourceError
from monitor.sources import Columns, npy, open_source
from monitor.sources.nouns import File
from tests.sources import samples

VECTORS = samples.values()


def refusal(path: str, columns: Columns) -> str:
    """Why the file is refused."""
    with pytest.raises(SourceError) as caught:
        list(open_source(path, columns).batches())
    return samples.said(caught.value)


def test_a_cut_array_is_refused_on_opening(here: Path) -> None:
    """The header tells how many bytes there should be."""
    np.save("x.npy", VECTORS)
    raw = Path("x.npy").read_bytes()
    Path("x.npy").write_bytes(raw[:-1])
    assert refusal("x.npy", Columns()) == (
        "x.npy is cut short: an array of shape (23, 5) and type float32 takes 588 bytes, "
        "and there are 587 | write it again; its writer may still be at it"
    )
    Path("x.npy").write_bytes(raw[:60])
    assert refusal("x.npy", Columns()) == (
        "x.npy cannot be read: its header is damaged | "
        "it may be cut short or damaged; write it again"
    )


@pytest.mark.parametrize(
    ("array", "reason"),
    [
        (np.zeros(3), "is of shape (3,); vectors are (n, d)"),
        (np.zeros((1, 2, 3)), "is of shape (1, 2, 3); vectors are (n, d)"),
        (np.array([["a"]]), "is of type <U1, which vectors cannot be"),
        (np.array([[1j]]), "is of type complex128, which vectors cannot be"),
        (np.array([[True]]), "is of type bool, which vectors cannot be"),
        (
            np.zeros((1, 1), "f4,i4"),
            "is of type [('f0', '<f4'), ('f1', '<i4')], which vectors cannot be",
        ),
    ],
    ids=range(6),
)
def test_arrays_that_are_no_vectors(array: np.ndarray, reason: str, here: Path) -> None:
    """On disk and in memory alike."""
    np.save("x.npy", array)
    hint = "save vectors as float32 or float16 of shape (n, d)"
    assert refusal("x.npy", Columns()) == f"x.npy {reason} | {hint}"
    with pytest.raises(SourceError) as caught:
        open_source(array)
    assert samples.said(caught.value) == f"in-memory ndarray {reason} | {hint}"


@pytest.mark.parametrize("d", [0, 65_537])
def test_dimensions_out_of_bounds(d: int) -> None:
    """Vectors of no element, and such that a batch of them would take gigabytes."""
    with pytest.raises(SourceError) as caught:
        open_source(np.zeros((2, d), "i1"))
    assert samples.said(caught.value) == (
        f"in-memory ndarray holds vectors of dimension {d}; 1 to 65536 can be read | "
        "name another column with --vector"
    )


def test_python_objects_are_never_unpickled(here: Path) -> None:
    """Neither as vectors nor as ids; an array that is not asked for does no harm."""

    class Armed:
        def __reduce__(self) -> tuple[object, ...]:
            return Path("harm").touch, ()

    armed = np.array([Armed()] * samples.N, object)
    np.save("x.npy", armed.reshape(-1, 1), allow_pickle=True)
    hint = "save vectors as float32 or float16 of shape (n, d), and ids with ids.astype(str)"
    what = "holds Python objects, and reading them can run any program: it was not opened"
    assert refusal("x.npy", Columns()) == f"x.npy {what} | {hint}"
    np.savez("x.npz", embeddings=VECTORS, ids=armed)
    assert refusal("x.npz", Columns()) == f"'ids' of x.npz {what} | {hint}"
    np.savez("x.npz", embeddings=VECTORS, extra=armed)
    assert refusal("x.npz", Columns(text="extra")) == f"'extra' of x.npz {what} | {hint}"
    found = samples.read(open_source("x.npz", Columns(keep=("*",))))
    assert (len(found["status"]), found["columns"]) == (samples.N, {})
    with zipfile.ZipFile("x.npz") as archive:
        member = npy._member(File(Path("x.npz"), "x.npz"), archive, "ids", archive.infolist()[-1])
        with pytest.raises(ValueError, match="Object arrays cannot be loaded"):
            npy._values(archive, member)  # should what stands before it ever be lost
    assert not Path("harm").exists()


@pytest.mark.parametrize("name", ["x.pkl", "x.pt", "x.joblib", "x.npy", "x.zip", "x"])
def test_pickles_are_refused_unopened(name: str, here: Path) -> None:
    """By name, by content, and inside the zip archives that PyTorch writes."""
    if name == "x.zip":
        with zipfile.ZipFile(name, "w") as archive:
            archive.writestr("model/data.pkl", pickle.dumps(1))
    else:
        Path(name).write_bytes(pickle.dumps([1.0]))
    assert refusal(name, Columns()) == (
        f"{name} is a pickle, and reading one can run any program: it was not opened | "
        "where it was made, save the vectors with numpy.save(PATH, array) or "
        "DataFrame.to_parquet(PATH)"
    )


def test_which_array_is_the_vectors(here: Path) -> None:
    """The only matrix, the one with a usual name, or the one that is asked for."""
    np.savez("x.npz", a=VECTORS, b=VECTORS[:4] * 2, ids=np.arange(4))
    assert refusal("x.npz", Columns()) == (
        "x.npz has no array that is clearly the vectors | name it with --vector NAME; "
        "it has: a (23, 5) float32, b (4, 5) float32, ids (4,) int64"
    )
    assert refusal("x.npz", Columns(vector="c")) == (
        "x.npz has no array 'c' | name it with --vector NAME; "
        "it has: a (23, 5) float32, b (4, 5) float32, ids (4,) int64"
    )
    found = samples.read(open_source("x.npz", Columns(vector="b")))
    assert (found["vectors"].tolist(), found["ids"]) == ((VECTORS[:4] * 2).tolist(), list("0123"))
    assert samples.read(open_source("x.npz", Columns(vector="b", id="ids"))) is not None
    np.savez("x.npz", Embeddings=VECTORS, centroids=VECTORS[:4])
    assert open_source("x.npz").rows == samples.N


def test_columns_of_npz(here: Path) -> None:
    """Arrays of a value a row, of every type that has a meaning; the rest is left."""
    days = np.array(["2026-01-01", "NaT"], "M8[D]")
    np.savez(
        "x.npz",
        embedding=VECTORS[:2],
        n=np.array([1, 2], ">i4"),
        b=np.array([b"x", b"\xff"]),
        day=days,
        z=np.array([1j, 2j]),
        short=np.zeros(1),
    )
    source = open_source("x.npz", Columns(at="day", timezone="UTC", keep=("*",)))
    found = samples.read(source)
    assert found["at"] == days.astype("M8[us]").tolist()
    assert {k: v for k, v in found["columns"].items() if k != "day"} == {
        "n": [1, 2],
        "b": ["x", "\ufffd"],
    }


@pytest.mark.usefixtures("small_bombs")
def test_bombs_are_refused_on_opening(here: Path) -> None:
    """The zip directory tells the size before anything is unpacked."""
    np.savez_compressed("x.npz", embeddings=np.zeros((100_000, 20), "f4"))
    with zipfile.ZipFile("x.npz") as archive:
        size = samples.size(archive.infolist()[0].compress_size)
    assert refusal("x.npz", Columns()) == (
        f"'embeddings' of x.npz promises 7.6 MiB from {size}: it looks like a "
        "decompression bomb and was not unpacked | "
        "if it is sound, write it anew uncompressed or without dictionaries"
    )


def test_archives_that_numpy_never_writes(here: Path) -> None:
    """Another packing, and a damaged member."""
    with zipfile.ZipFile("x.npz", "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("a.npy", b"x")
    assert refusal("x.npz", Columns()) == (
        "'a' of x.npz is encrypted or packed as NumPy never does | "
        "save it with numpy.savez or numpy.savez_compressed"
    )
    np.savez_compressed("x.npz", embeddings=np.random.default_rng(0).random((50, 5)))
    raw = bytearray(Path("x.npz").read_bytes())
    raw[700:710] = b"\0" * 10
    Path("x.npz").write_bytes(raw)
    assert refusal("x.npz", Columns()).startswith("x.npz cannot be read: ")


def test_arrays_on_disk_are_mapped(here: Path) -> None:
    """.npy, and .npz that is not compressed, are read where they lie."""
    np.save("x.npy", VECTORS)
    np.savez("x.npz", embeddings=VECTORS)
    for name in ("x.npy", "x.npz"):
        array = open_source(name).array
        assert isinstance(array, np.memmap)
        np.testing.assert_array_equal(array, VECTORS)
    np.save("x.npy", VECTORS[:0])
    assert (open_source("x.npy").dim, list(open_source("x.npy").batches())) == (5, [])
