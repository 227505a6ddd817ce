"""Versions are immutable."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.errors import MonitorError, UsageError
from monitor.model import Version
from monitor.store import Store
from tests.store.world import NOW

pytestmark = pytest.mark.usefixtures("either")

V1 = Version("dishes", "v1", "digest-1", 5, 384, NOW, None, {"note": "first", "norm": 1.0})


def test_a_version_comes_back_as_it_was(store: Store) -> None:
    """Everything of it, its blob, and the versions of a space oldest first."""
    blob = store.blobs.put(b"v1")
    v2 = replace(V1, label="v2", created_at=NOW + timedelta(days=1), parent="v1")
    assert store.add_version(v2, blob, NOW)
    assert store.add_version(V1, blob, NOW)
    assert store.version("dishes", "v1") == V1
    assert store.version_blob("dishes", "v1") == blob
    assert store.versions("dishes") == [V1, v2]


def test_the_same_version_twice(store: Store) -> None:
    """The same content under the same label changes nothing, whatever blob it is in."""
    first, second = store.blobs.put(b"v1"), store.blobs.put(b"v1, packed anew")
    store.add_version(V1, first, NOW)
    again = replace(V1, created_at=NOW + timedelta(days=1))
    assert store.add_version(again, second, NOW) is False
    assert (store.version("dishes", "v1"), store.version_blob("dishes", "v1")) == (V1, first)


def test_another_content_under_the_same_label(store: Store) -> None:
    """A label never changes its meaning."""
    blob = store.blobs.put(b"v1")
    store.add_version(V1, blob, NOW)
    with pytest.raises(UsageError) as caught:
        store.add_version(replace(V1, digest="digest-2"), blob, NOW)
    assert caught.value.message == (
        "version dishes@v1 is stored with digest digest-1, and digest-2 was given: "
        "versions are immutable"
    )
    assert caught.value.hint == "choose another label"


def test_a_version_without_its_blob(store: Store) -> None:
    """No row ever points at a blob that is not there."""
    digest = "sha256:" + "0" * 64
    with pytest.raises(MonitorError) as caught:
        store.add_version(V1, digest, NOW)
    assert caught.value.message == f"blob {digest} is missing in {store.blobs.root}"
    assert store.versions("dishes") == []


def test_an_unknown_version(store: Store) -> None:
    """The nearest label is the hint; an unknown space is told first."""
    with pytest.raises(UsageError) as caught:
        store.version("dishes", "v1")
    assert (caught.value.message, caught.value.hint) == (
        "there is no version dishes@v1",
        "there is no version yet",
    )
    store.add_version(V1, store.blobs.put(b"v1"), NOW)
    with pytest.raises(UsageError) as caught:
        store.version_blob("dishes", "v11")
    assert caught.value.hint == "did you mean 'v1'?"
    with pytest.raises(UsageError) as caught:
        store.version("dish", "v1")
    assert caught.value.message == "there is no space 'dish'"


def test_a_label_is_checked(store: Store) -> None:
    """Labels become names of files and links."""
    with pytest.raises(UsageError) as caught:
        store.add_version(replace(V1, label="v1/../v2"), store.blobs.put(b"v1"), NOW)
    assert caught.value.message == "'v1/../v2' cannot name a version"
