"""Bases and references are appended to; the last one counts."""

from __future__ import annotations

from datetime import timedelta

import pytest

from monitor.errors import MonitorError, UsageError
from monitor.store import Reference, Store
from tests.store.world import NOW, hour

pytestmark = pytest.mark.usefixtures("either")


def test_the_last_basis_is_current(store: Store) -> None:
    """A new basis stands beside the old; one that is known changes nothing."""
    first, second = store.blobs.put(b"basis"), store.blobs.put(b"basis 2")
    assert store.basis("dishes") == ("basis-1", first)
    assert store.add_basis("dishes", "basis-2", second, NOW) is True
    assert store.add_basis("dishes", "basis-1", first, NOW) is False
    assert store.basis("dishes") == ("basis-2", second)
    assert store.basis("dishes", "basis-1") == ("basis-1", first)
    assert store.basis("dishes", "basis-3") is None


def test_a_space_without_basis_or_reference(empty: Store) -> None:
    """None is an answer, and no error."""
    empty.ensure_space("dishes", {}, 384, NOW)
    assert empty.basis("dishes") is None
    assert empty.reference("dishes") is None
    assert empty.references("dishes") == []


def test_references_are_a_log(store: Store) -> None:
    """Each comes back as it was set; the last is the one that counts."""
    blob = store.blobs.put(b"calibration")
    span = (hour(0).start, hour(9).end)
    store.set_reference(
        "dishes", "windows", *span, "basis-1", blob, "ready", {"n": 10, "x": float("nan")}, NOW
    )
    later = NOW + timedelta(days=1)
    store.set_reference(
        "dishes", "version", None, None, "basis-1", None, "calibrating", {"version": "v1"}, later
    )
    first = Reference(
        "dishes", "windows", *span, "basis-1", blob, "ready", {"n": 10, "x": None}, NOW
    )
    last = Reference(
        "dishes", "version", None, None, "basis-1", None, "calibrating", {"version": "v1"}, later
    )
    assert store.references("dishes") == [first, last]
    assert store.reference("dishes") == last


def test_a_reference_needs_its_basis_and_its_blob(store: Store) -> None:
    """Neither a basis nor a calibration that is not there can be named."""
    rest = ("ready", {}, NOW)
    with pytest.raises(UsageError) as caught:
        store.set_reference("dishes", "trailing", None, None, "basis-9", None, *rest)
    assert caught.value.message == "space 'dishes' has no basis basis-9"
    assert caught.value.hint == "set one with: embmon reference dishes"
    digest = "sha256:" + "0" * 64
    with pytest.raises(MonitorError) as missing:
        store.set_reference("dishes", "trailing", None, None, "basis-1", digest, *rest)
    assert missing.value.message == f"blob {digest} is missing in {store.blobs.root}"
    assert store.reference("dishes") is None
