"""Maps: repeatable, honest about new rows, and still for rows that did not move."""

from __future__ import annotations

import subprocess
import sys
from functools import partial

import numpy as np
import pytest

from monitor.projection import (
    aligned,
    joint_rows,
    nearest_rows,
    paired_rows,
    principal_map,
    umap_map,
)


def blobs(seed, *centres, n=40, p=6):
    """n rows around each centre, the centre being a multiple of its own axis."""
    rng = np.random.default_rng(seed)
    parts = []
    for axis, far in enumerate(centres):
        part = rng.normal(size=(n, p))
        part[:, axis] += far
        parts.append(part)
    return np.concatenate(parts).astype(np.float32)


@pytest.fixture(scope="module")
def two_blobs():
    """A reference of one blob, a current sample of that blob and a new one, and their map."""
    reference, current = blobs(0, 0), blobs(1, 0, 30)
    return reference, current, umap_map(joint_rows(reference, current), 7)


def test_the_same_rows_and_seed_give_the_same_map(two_blobs):
    """Bit for bit; another seed gives another map."""
    reference, current, found = two_blobs
    assert found.shape == (120, 2) and found.dtype == np.float32
    np.testing.assert_array_equal(umap_map(joint_rows(reference, current), 7), found)
    assert not np.array_equal(umap_map(joint_rows(reference, current), 8), found)


def test_a_new_kind_of_row_is_an_island_of_its_own(two_blobs):
    """The new blob lies apart from the old, which both samples share."""
    _, _, found = two_blobs
    old, shared, new = found[:40], found[40:80], found[80:]
    apart = np.linalg.norm(new[:, None] - found[None, :80], axis=2).min()
    assert apart > 2 * np.linalg.norm(shared[:, None] - old[None], axis=2).min(1).max()


def test_pca_is_the_singular_value_decomposition_up_to_sign():
    """Scores of numpy's SVD, each component with its largest loading positive."""
    rows = blobs(2, 5, 9)
    u, s, vt = np.linalg.svd(rows - rows.mean(0), full_matrices=False)
    found = principal_map(joint_rows(rows[:50], rows[50:]))
    np.testing.assert_allclose(np.abs(found), np.abs(u[:, :2] * s[:2]), atol=2e-5)
    signs = np.sign(vt[:2][[0, 1], np.abs(vt[:2]).argmax(1)])
    np.testing.assert_allclose(found, u[:, :2] * s[:2] * signs, atol=2e-5)


def test_too_few_rows_are_mapped_by_pca():
    """19 rows: the same as PCA. None at all: an empty map. One column: a line."""
    rows = blobs(3, 4)[:19]
    found = umap_map(rows, 0)
    np.testing.assert_array_equal(found, principal_map(rows))
    assert umap_map(rows[:0], 0).shape == (0, 2)
    assert not principal_map(rows[:, :1])[:, 1].any()


def test_rows_that_are_all_alike_have_a_map():
    """One point is mapped to one point, and rows on a line to a line."""
    same = np.ones((15, 3), np.float32)
    assert not umap_map(joint_rows(same, same), 0).any()
    line = np.arange(30, dtype=np.float32)[:, None]
    found = umap_map(joint_rows(line, line), 0)
    np.testing.assert_allclose(found[:30], np.hstack([line - 14.5, line * 0]), atol=1e-5)


def test_rows_that_are_not_finite_are_refused():
    """The caller sets such rows aside first."""
    rows = blobs(4, 0)
    rows[3, 1] = np.nan
    with pytest.raises(ValueError, match=r"^only finite rows can be mapped$"):
        joint_rows(rows, rows)


@pytest.mark.parametrize("draw", [partial(umap_map, seed=0), principal_map])
def test_items_that_did_not_move_stay_and_those_that_did_move(draw):
    """Version b turned, scaled and shifted as a whole, with four items swapped between blobs."""
    a = blobs(5, 20, 30, p=5)
    turn = np.linalg.qr(np.random.default_rng(6).normal(size=(5, 5)))[0]
    b = a.copy()
    b[[0, 1, 40, 41]] = a[[40, 41, 0, 1]]
    before, after = np.split(draw(paired_rows(a, (3 * b @ turn + 7).astype(np.float32))), 2)
    moved = np.linalg.norm(after - before, axis=1)
    swapped = np.isin(np.arange(80), [0, 1, 40, 41])
    assert before.shape == after.shape == (80, 2)
    assert moved[swapped].min() > 3 * moved[~swapped].max()


def test_versions_of_other_width_are_laid_onto_each_other():
    """A version that dropped an idle dimension has not moved."""
    a = blobs(8, 4, 9, p=4)
    a[:, 3] = 0.5
    before, after = np.split(principal_map(paired_rows(a, a[:, :3])), 2)
    np.testing.assert_allclose(before, after, atol=1e-4)
    assert principal_map(paired_rows(a[:0], a[:0])).shape == (0, 2)


def test_alignment_of_constant_rows_is_the_origin():
    """Rows without spread cannot be scaled."""
    assert not aligned(np.ones((4, 3), np.float32), blobs(9, 1, n=4, p=3)).any()


def test_neighbours_are_exact_over_several_blocks():
    """As by brute force in double precision, each row its own first neighbour."""
    rows = np.random.default_rng(10).normal(size=(1500, 4)).astype(np.float32)
    rows[700] = rows[3]
    at, distance = nearest_rows(rows, 5)
    part = np.r_[0:30, 695:705, 1490:1500]
    far = np.linalg.norm(rows[part, None].astype(float) - rows[None], axis=2)
    np.testing.assert_allclose(distance[part], np.sort(far, 1)[:, :5], atol=2e-3)
    np.testing.assert_array_equal(at[:, 0], np.arange(1500))
    assert at[3, 1] == 700 and at[700, 1] == 3


def test_a_machine_that_may_write_nowhere_has_maps_all_the_same(tmp_path):
    """Where Numba finds no place for its cache it gets one for the process, and it is removed."""
    stand_in = tmp_path / "modules"
    stand_in.mkdir()
    (stand_in / "umap.py").write_text(
        "import numba\n"
        "if not numba.config.CACHE_DIR: raise RuntimeError('no locator available')\n"
        "where = numba.config.CACHE_DIR\n"
    )
    code = "from monitor.projection import _umap; print(_umap().where)"
    path = ":".join([str(stand_in), *sys.path])
    ended = subprocess.run(
        [sys.executable, "-c", code],
        env={"PATH": "/usr/bin", "TMPDIR": str(tmp_path), "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ended.stdout.startswith(str(tmp_path / "embmon-numba-"))
    assert list(tmp_path.iterdir()) == [stand_in]
