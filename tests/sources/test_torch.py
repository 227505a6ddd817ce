"""Checkpoints that PyTorch wrote (`checkpoints/make.py`), read without it."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest

import monitor
from monitor.errors import SourceError
from monitor.sources import open_source
from monitor.sources.torch_contents import tensors
from tests.sources import samples

WRITTEN = Path(__file__).parent / "checkpoints"
ROWS = np.arange(24, dtype=np.float32).reshape(6, 4) - 10


def vectors(name: str) -> np.ndarray:
    """All vectors of a source."""
    return samples.read(open_source(f"{WRITTEN / name}"), rows=10)["vectors"]


def refusal(what: Path | str) -> str:
    """Why the source is refused, its folder left out."""
    with pytest.raises(SourceError) as caught:
        list(open_source(str(what)).batches())
    return samples.said(caught.value).replace(f"{Path(what).parent}/", "")


def changed(to: Path, contents: bytes | None = None, compression: int = zipfile.ZIP_STORED) -> Path:
    """`views.pt` with another list of contents, or packed."""
    with zipfile.ZipFile(WRITTEN / "views.pt") as old, zipfile.ZipFile(to, "w", compression) as new:
        for name in old.namelist():
            ours = contents is not None and name.endswith("data.pkl")
            new.writestr(name, contents if ours and contents is not None else old.read(name))
    return to


@pytest.mark.parametrize("name", ["bfloat16.pt", "float16.pt", "int8.pt"])
def test_every_type_is_read_as_it_is(name: str) -> None:
    """In a dict, in a list, and by itself."""
    np.testing.assert_array_equal(vectors(name), ROWS)


def test_an_embedding_layer_of_a_training() -> None:
    """By its name, by a pattern; the row of padding is no item."""
    expected = np.load(WRITTEN / "expected.npz")["item.weight"]
    for asked in ("*item.weight", "model.item.weight"):
        np.testing.assert_array_equal(vectors(f"model.pt#{asked}"), expected)
    assert isinstance(open_source(f"{WRITTEN / 'model.pt'}#*item.weight").array, np.memmap)
    found = samples.read(open_source(f"{WRITTEN / 'model.pt'}?padding=0#*item.weight"))
    assert found["status"] == [1] + [0] * 22
    np.testing.assert_array_equal(found["vectors"][1:], expected[1:])
    assert refusal(WRITTEN / "model.pt") == (
        "model.pt has 3 arrays of shape (n, d) | name one with #NAME; it has: "
        "model.item.weight 23×5 float32, model.user.weight 7×5 float32, "
        "model.out.weight 1×5 float32, model.out.bias 1 float32"
    )


def test_views_are_read_through_their_strides() -> None:
    """A transposed matrix and a part of one share the storage."""
    np.testing.assert_array_equal(vectors("views.pt#turned"), ROWS.T)
    np.testing.assert_array_equal(vectors("views.pt#emb"), ROWS[1:5, 1:3])
    assert list(open_source(f"{WRITTEN / 'views.pt'}#empty").batches()) == []


def test_programs_in_a_checkpoint_do_not_run() -> None:
    """The tensors beside one are read; the format of old is a bare pickle, and refused."""
    before = set(Path.cwd().iterdir())
    np.testing.assert_array_equal(vectors("evil.pt"), np.ones((2, 2)))
    assert set(Path.cwd().iterdir()) == before
    assert refusal(WRITTEN / "whole_module.pt") == (
        "whole_module.pt has no array of shape (n, d) | name one with #NAME; it has none"
    )
    assert refusal(WRITTEN / "old.pt") == (
        "old.pt is a pickle, and reading one can run any program: it was not opened | where it "
        "was made, save the vectors with numpy.save(PATH, array) or DataFrame.to_parquet(PATH)"
    )


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        (b"K\x05K\x04K\x02\x86", b"K\xf0K\x04K\x02\x86", "a tensor reaches beyond its storage"),
        (b".", b"", "pickle exhausted before seeing STOP"),
        (b"}q\x00", b"0q\x00", "its data.pkl is damaged"),
        (b"}q\x00", b"\x82\x01", "its data.pkl holds the opcode EXT1"),
    ],
)
def test_damaged_contents_are_refused(old: bytes, new: bytes, why: str, tmp_path: Path) -> None:
    """A place outside of the file, an end too soon, and opcodes that no checkpoint has."""
    with zipfile.ZipFile(WRITTEN / "views.pt") as archive:
        contents = archive.read("views/data.pkl")
    assert old in contents
    damaged = new.join(contents.rsplit(old, 1)) if old == b"." else contents.replace(old, new, 1)
    assert why in refusal(f"{changed(tmp_path / 'x.pt', damaged)}#emb")


def test_a_list_of_contents_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """What would take too much memory to look through is not unpacked."""
    monkeypatch.setattr("monitor.sources.torch.MAX_CONTENTS", 100)
    found = refusal(WRITTEN / "views.pt")
    assert found.startswith("views.pt cannot be read: its list of contents takes ")


def test_packed_and_cut_files_are_refused(tmp_path: Path) -> None:
    """PyTorch packs nothing, so that tensors can be mapped."""
    packed = changed(tmp_path / "x.pt", compression=zipfile.ZIP_DEFLATED)
    assert "its tensors are compressed, as PyTorch never writes them" in refusal(f"{packed}#emb")
    shutil.copy(WRITTEN / "views.pt", tmp_path / "y.pt")
    whole = (tmp_path / "y.pt").read_bytes()
    for length in (len(whole) - 1, len(whole) // 2):
        (tmp_path / "y.pt").write_bytes(whole[:length])
        assert refusal(tmp_path / "y.pt").startswith("y.pt ")


def test_contents_that_hold_themselves_end() -> None:
    """A list in itself, and a million ways to one tensor, are walked once."""
    assert tensors(b"\x80\x02]q\x00h\x00a.") == {}
    nested = b"\x80\x02]q\x00" + b"".join(
        b"]q" + bytes([i]) + b"(" + b"h" + bytes([i - 1]) + b"h" + bytes([i - 1]) + b"e"
        for i in range(1, 60)
    )
    assert tensors(nested + b".") == {}


def test_two_epochs_of_one_training_are_compared() -> None:
    """Between epoch 3 and 9 vectors grow and neighbours move, in the same coordinates."""
    a, b = (f"{WRITTEN / f'epoch{n}.pt'}?padding=0#*0.weight" for n in (3, 9))
    found = monitor.compare(a, b, expect="retrain").to_dict()
    assert found["ids"] == {"both": 427, "only_a": 0, "only_b": 0}
    assert [case["cause"] for case in found["diagnosis"]] == ["retrained", "rescale"]
    measures = {name: measure["value"] for name, measure in found["measures"].items()}
    assert 0.35 < measures["knn_overlap@10"] < 0.5
    assert measures["cosine_median"] > 0.9
    assert measures["norm_ratio"] > 1.3
    assert measures["zero_rows_a"] == 0
    assert found["verdict"] == "breaking"
    same = monitor.compare(a, a, expect="same-encoder").to_dict()
    assert (same["verdict"], same["diagnosis"][0]["cause"]) == ("ok", "identical")
