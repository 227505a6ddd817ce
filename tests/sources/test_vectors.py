"""Arrow columns of vectors against what Arrow itself says the rows are."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.batch import ROW_NULL, ROW_OK, ROW_WRONG_DIM
from monitor.sources.vectors import (
    fixed_dim,
    is_vector,
    lengths,
    vectors_of_columns,
    vectors_of_lists,
)
from tests.sources import samples

DIM = 3


def expected(rows: list[Any], dim: int) -> tuple[np.ndarray, np.ndarray]:
    """What the rows should become, by a plain loop."""
    vectors, status = np.zeros((len(rows), dim), np.float32), np.zeros(len(rows), np.uint8)
    for i, row in enumerate(rows):
        if row is None:
            status[i] = ROW_NULL
        elif len(row) != dim:
            status[i] = ROW_WRONG_DIM
        else:
            vectors[i] = [np.nan if x is None else x for x in row]
    return vectors, status


@st.composite
def columns(draw: st.DrawFn) -> pa.Array:
    """A column of lists: any shape and type, nulls, ragged rows, cut, joined and reordered."""
    shape = draw(st.sampled_from([s for s in samples.SHAPES if s != "wide"]))
    kind = draw(st.sampled_from(samples.NUMBERS))
    element = st.one_of(st.none(), st.integers(0, 120))
    sizes = st.just(DIM) if shape == "fixed" else st.sampled_from([DIM, DIM, DIM, 0, 1, 4])
    row = sizes.flatmap(lambda n: st.lists(element, min_size=n, max_size=n))
    rows = draw(st.lists(st.one_of(st.none(), row, row, row), max_size=12))
    array = samples.lists(rows, kind, shape, DIM)
    if draw(st.booleans()):
        array = pa.concat_arrays([array, array.slice(len(array) // 2)])
    if draw(st.booleans()) and shape in ("fixed", "list", "large_list"):
        array = array.take(pa.array(draw(st.permutations(range(len(array)))), pa.int64()))
    start = draw(st.integers(0, len(array)))
    return array.slice(start, draw(st.integers(0, len(array) - start)))


@settings(max_examples=150, deadline=None)
@given(columns())
def test_rows_are_those_of_to_pylist(array: pa.Array) -> None:
    """Whatever the layout and slice, row i out is row i of the column."""
    rows = array.to_pylist()
    vectors, status = vectors_of_lists(array, DIM)
    right, states = expected(rows, DIM)
    np.testing.assert_array_equal(vectors, right)
    np.testing.assert_array_equal(status, states)
    assert (vectors.dtype, vectors.flags.c_contiguous) == (np.float32, True)
    assert lengths(array).tolist() == [len(row) for row in rows if row is not None]


def test_null_slots_with_values_behind_them() -> None:
    """A null row may hide numbers in the memory; those of other rows stay where they are."""
    mask = pa.array([False, True, False])
    flat = pa.array(np.arange(9, dtype="f4"))
    fixed = pa.FixedSizeListArray.from_arrays(flat, 3, mask=mask)
    offsets = pa.array([0, 3, 6, 9], pa.int32())
    ragged = pa.ListArray.from_arrays(offsets, flat, mask=mask)
    for array in (fixed, ragged):
        vectors, status = vectors_of_lists(array, 3)
        assert vectors.tolist() == [[0, 1, 2], [0, 0, 0], [6, 7, 8]]
        assert status.tolist() == [ROW_OK, ROW_NULL, ROW_OK]


def test_views_that_share_values() -> None:
    """List views may overlap and run backwards."""
    flat = pa.array([1.0, 2.0, 3.0, 4.0], pa.float32())
    array = pa.ListViewArray.from_arrays(pa.array([2, 0, 1, 1]), pa.array([2, 2, 2, 3]), flat)
    vectors, status = vectors_of_lists(array, 2)
    assert vectors.tolist() == [[3, 4], [1, 2], [2, 3], [0, 0]]
    assert status.tolist() == [ROW_OK, ROW_OK, ROW_OK, ROW_WRONG_DIM]


def test_a_plain_column_is_not_copied() -> None:
    """float32 lists without nulls are a view, also in a slice."""
    flat = np.arange(12, dtype=np.float32)
    array = pa.FixedSizeListArray.from_arrays(pa.array(flat), 3).slice(1, 2)
    vectors, _ = vectors_of_lists(array, 3)
    assert np.shares_memory(vectors, flat)
    assert vectors.tolist() == [[3, 4, 5], [6, 7, 8]]


def test_numbers_past_float32() -> None:
    """Doubles too large become infinite, without a warning."""
    vectors, status = vectors_of_lists(pa.array([[1e300, -1e300]]), 2)
    assert vectors.tolist() == [[np.inf, -np.inf]]
    assert status.tolist() == [ROW_OK]


def test_tensors_and_nulls() -> None:
    """Fixed-shape tensors are vectors, and a column of type null holds none."""
    tensors = pa.ExtensionArray.from_storage(
        pa.fixed_shape_tensor(pa.float32(), [2]),
        pa.array([[1, 2], [3, 4]], pa.list_(pa.float32(), 2)),
    )
    assert (is_vector(tensors.type), fixed_dim(tensors.type)) == (True, 2)
    assert vectors_of_lists(tensors, 2)[0].tolist() == [[1, 2], [3, 4]]
    assert vectors_of_lists(pa.nulls(2), 2)[1].tolist() == [ROW_NULL, ROW_NULL]


def test_one_column_per_dimension() -> None:
    """A row is null where all its columns are, else a null is a NaN."""
    columns = [pa.array([1, None, None, 4], pa.int8()), pa.array([0.5, 2, None, None])]
    vectors, status = vectors_of_columns(columns)
    np.testing.assert_array_equal(vectors, [[1, 0.5], [np.nan, 2], [0, 0], [4, np.nan]])
    assert status.tolist() == [ROW_OK, ROW_OK, ROW_NULL, ROW_OK]
    assert vectors_of_columns([pa.nulls(2), pa.nulls(2)])[1].tolist() == [ROW_NULL, ROW_NULL]


@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        (pa.list_(pa.float16(), 3), True),
        (pa.list_(pa.int64()), True),
        (pa.list_(pa.string()), False),
        (pa.list_(pa.bool_()), False),
        (pa.list_(pa.list_(pa.float32())), False),
        (pa.float32(), False),
        (pa.binary(16), False),
    ],
    ids=str,
)
def test_what_is_a_vector(kind: pa.DataType, answer: bool) -> None:
    """Lists of numbers are; lists of anything else are not."""
    assert is_vector(kind) is answer
