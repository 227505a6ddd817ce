"""HDF5, AnnData, Keras weights, SciPy's sparse matrices, and files of ANN benchmarks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anndata
import h5py
import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from monitor.errors import SourceError
from monitor.sources import Columns, open_source
from tests.sources import samples

VECTORS = samples.values()
WORDS = [f"räksmörgås {i}" for i in range(23)]


def refusal(what: str) -> str:
    """Why the source is refused."""
    with pytest.raises(SourceError) as caught:
        list(open_source(what).batches())
    return samples.said(caught.value)


def vectors(what: str) -> np.ndarray:
    """All vectors of a source."""
    return samples.read(open_source(what), rows=10)["vectors"]


@pytest.mark.parametrize("how", [{}, {"chunks": (4, 5), "compression": "gzip"}])
def test_ann_benchmarks(how: dict[str, Any], here: Path) -> None:
    """The corpus is meant, the queries are named; arrays beside it are columns."""
    with h5py.File("glove.hdf5", "w") as file:
        file.create_dataset("train", data=VECTORS, **how)
        file["test"], file["neighbors"] = VECTORS[:3], np.zeros((3, 10), "i4")
        file["ids"], file["price"] = WORDS, np.arange(23.0)
    source = open_source("glove.hdf5", Columns(keep=("*",)))
    found = samples.read(source, rows=10)
    np.testing.assert_array_equal(found["vectors"], VECTORS)
    assert found["ids"] == WORDS
    assert found["columns"] == {"price": list(np.arange(23.0))}
    np.testing.assert_array_equal(vectors("glove.hdf5#test"), VECTORS[:3])


def test_anndata(here: Path) -> None:
    """Embeddings of `obsm` with the names and columns of `obs`, categories among them."""
    kinds = pd.Categorical(["a", "b", None] * 7 + ["a", "b"], pd.Index(["a", "b"], dtype=object))
    obs = pd.DataFrame({"kind": kinds}, index=pd.Index(WORDS, dtype=object))
    genes = pd.DataFrame(index=pd.Index(["x", "y"], dtype=object))
    data = anndata.AnnData(np.zeros((23, 2), "f4"), obs=obs, var=genes, obsm={"X_pca": VECTORS})
    data.write_h5ad("cells.h5ad")
    with h5py.File(
        "cells.h5ad", "a"
    ) as file:  # as later versions write strings that may be missing
        file["obs/batch/values"], file["obs/batch/mask"] = (
            ["p", "q"] * 11 + ["p"],
            [False] * 22 + [True],
        )
    found = samples.read(open_source("cells.h5ad#obsm/X_pca", Columns(keep=("*",))))
    np.testing.assert_array_equal(found["vectors"], VECTORS)
    assert found["ids"] == WORDS
    assert found["columns"]["kind"] == ["a", "b", None] * 7 + ["a", "b"]
    assert found["columns"]["batch"] == ["p", "q"] * 11 + [None]
    np.testing.assert_array_equal(vectors("cells.h5ad"), VECTORS)


def test_keras_weights(here: Path) -> None:
    """The layout of `model.save_weights`: the embedding layer is found among the others."""
    with h5py.File("m.weights.h5", "w") as file:
        file["layers/embedding/vars/0"] = VECTORS
        file["layers/dense/vars/0"] = np.zeros((5, 1), "f4")
        file["layers/dense/vars/1"] = np.zeros(1, "f4")
        file.create_group("optimizer/vars")
    np.testing.assert_array_equal(vectors("m.weights.h5"), VECTORS)
    np.testing.assert_array_equal(vectors("m.weights.h5#*/embedding/*"), VECTORS)
    assert refusal("m.weights.h5#*/lstm/*") == (
        "m.weights.h5 has no array that '*/lstm/*' means | name one with #NAME; it has: "
        "layers/dense/vars/0 5×1 float32, layers/dense/vars/1 1 float32, "
        "layers/embedding/vars/0 23×5 float32"
    )


def test_hdf5_that_points_elsewhere(here: Path) -> None:
    """Links, virtual arrays and outside storage do not open other files."""
    Path("secret.bin").write_bytes(VECTORS.tobytes())
    with h5py.File("other.h5", "w") as file:
        file["train"] = VECTORS
    with h5py.File("link.h5", "w") as file:
        file["train"] = h5py.ExternalLink("other.h5", "train")
    with h5py.File("outside.h5", "w") as file:
        file.create_dataset("train", (23, 5), "f4", external=[("secret.bin", 0, 460)])
    with h5py.File("virtual.h5", "w") as file:
        layout = h5py.VirtualLayout((23, 5), "f4")
        layout[:] = h5py.VirtualSource("other.h5", "train", (23, 5))
        file.create_virtual_dataset("train", layout)
    assert refusal("link.h5") == (
        "link.h5 has no array of shape (n, d) | name one with #NAME; it has none"
    )
    for name in ("outside.h5", "virtual.h5"):
        assert refusal(name) == (
            f"'train' of {name} lies in another file | copy the vectors into this one"
        )


def test_hdf5_in_huge_chunks(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A chunk is unpacked whole, so one that takes gigabytes is not."""
    monkeypatch.setattr("monitor.sources.hdf5.MAX_CHUNK", 79)
    with h5py.File("x.h5", "w") as file:
        file.create_dataset("train", data=VECTORS, chunks=(4, 5), compression="gzip")
    assert refusal("x.h5") == (
        "'train' of x.h5 is packed in chunks of 80 bytes | write it in smaller chunks"
    )


def test_hdf5_that_holds_itself(here: Path) -> None:
    """A group within itself has no end; it is left where it is nested too deep."""
    with h5py.File("x.h5", "w") as file:
        file["train"] = VECTORS
        group = file.create_group("g")
        group["g"] = group
    np.testing.assert_array_equal(vectors("x.h5"), VECTORS)


def test_damaged_hdf5(here: Path) -> None:
    """A file cut short names itself."""
    with h5py.File("x.h5", "w") as file:
        file["train"] = VECTORS
    Path("x.h5").write_bytes(Path("x.h5").read_bytes()[:-100])
    assert refusal("x.h5").startswith("x.h5 cannot be read: Unable to synchronously open file")


def test_sparse_matrices(here: Path) -> None:
    """One-hot and multi-hot rows become dense ones."""
    dense = (VECTORS % 3 == 0).astype("i1")
    for pack in (True, False):
        sparse.save_npz("x.npz", sparse.csr_array(dense), compressed=pack)
        np.testing.assert_array_equal(vectors("x.npz"), dense.astype("f4"))
    sparse.save_npz("x.npz", sparse.coo_array(dense))
    assert refusal("x.npz") == (
        "x.npz is a sparse matrix of format 'coo'; csr can be read | "
        "save it with scipy.sparse.save_npz(PATH, matrix.tocsr())"
    )


@pytest.mark.parametrize(
    ("part", "wrong", "reason"),
    [
        ("indices", [9, 0], "an index points outside its columns"),
        ("indices", [-1, 0], "an index points outside its columns"),
        ("indptr", [0, 2, 1], "its rows do not fit its numbers"),
        ("indptr", [0, 1, 9], "its rows do not fit its numbers"),
        ("indptr", [0, 2], "its rows do not fit its shape"),
        ("data", ["a", "b"], "it does not hold numbers"),
    ],
)
def test_hostile_sparse_matrices(part: str, wrong: list[Any], reason: str, here: Path) -> None:
    """Indices that point outside are found before any is followed."""
    parts = {"data": [1.0, 2.0], "indices": [0, 1], "indptr": [0, 1, 2], part: wrong}
    np.savez("x.npz", format=b"csr", shape=(2, 3), **parts)
    assert refusal("x.npz") == (
        f"x.npz cannot be read: {reason} | it may be cut short or damaged; write it again"
    )


def write_vecs(name: str, array: np.ndarray) -> str:
    """A file of the kind its ending names."""
    n, d = array.shape
    if name.endswith("vecs"):
        rows = np.empty(n, [("d", "<i4"), ("v", array.dtype, (d,))])
        rows["d"], rows["v"] = d, array
        rows.tofile(name)
    else:
        Path(name).write_bytes(np.array([n, d], "<u4").tobytes() + array.tobytes())
    return name


@pytest.mark.parametrize("ending", ["fvecs", "bvecs", "fbin", "u8bin", "i8bin"])
def test_files_of_benchmarks(ending: str, here: Path) -> None:
    """The extension tells the type of the numbers; the sizes must fit."""
    kind = {"f": "<f4", "b": "u1", "u": "u1", "i": "i1"}[ending[0]]
    name = write_vecs(f"x.{ending}", VECTORS.astype(kind))
    np.testing.assert_array_equal(vectors(name), VECTORS)
    raw = Path(name).read_bytes()
    Path(name).write_bytes(raw[:-1])
    assert refusal(name).startswith(f"{name} is cut short, damaged or of another format: ")


def test_rows_of_unlike_length(here: Path) -> None:
    """Each row states its own length."""
    write_vecs("x.fvecs", VECTORS)
    raw = bytearray(Path("x.fvecs").read_bytes())
    raw[24 * 7] = 9
    Path("x.fvecs").write_bytes(raw)
    assert refusal("x.fvecs") == (
        "x.fvecs is cut short, damaged or of another format: row 7 is of length 9, not 5 | "
        "write it again"
    )
