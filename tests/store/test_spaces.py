"""A space keeps its contract, and says so to whoever breaks it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from monitor.errors import UsageError
from monitor.store import Mark, Store
from tests.store.world import NOW, names

pytestmark = pytest.mark.usefixtures("either")


def test_a_space_is_made_once(store: Store) -> None:
    """Asking again changes nothing, nor does leaving keys open; they may be declared later."""
    first = store.space("dishes")
    assert (first.dim, first.contract, first.created_at) == (384, {"encoder": "e5"}, NOW)
    later = NOW + timedelta(days=1)
    assert store.ensure_space("dishes", {}, 384, later) == first
    told = store.ensure_space("dishes", {"metric": "cosine"}, 384, later)
    assert told.contract == {"encoder": "e5", "metric": "cosine"}
    assert store.spaces() == [store.space("dishes")] == [told]


@pytest.mark.parametrize(
    ("contract", "dim", "message", "hint"),
    [
        (
            {},
            768,
            "space 'dishes' has dimension 384, and 768 was given",
            "vectors of another dimension need a space of their own",
        ),
        (
            {"encoder": "bge"},
            384,
            "space 'dishes' was declared with encoder 'e5', and 'bge' was given",
            "vectors of another kind need a space of their own",
        ),
    ],
)
def test_a_contract_is_kept(
    store: Store, contract: dict[str, str], dim: int, message: str, hint: str
) -> None:
    """Another dimension or another encoder is refused, naming both."""
    before = store.space("dishes")
    with pytest.raises(UsageError) as caught:
        store.ensure_space("dishes", contract, dim, NOW)
    assert (caught.value.message, caught.value.hint) == (message, hint)
    assert store.space("dishes") == before


@pytest.mark.parametrize(
    ("name", "hint"), [("dihes", "did you mean 'dishes'?"), ("x", "known: dishes")]
)
def test_an_unknown_space(store: Store, name: str, hint: str) -> None:
    """Every question about a space that is not there says so, with the nearest name."""
    for ask in (store.space, store.versions, store.history, store.runs, store.marks, store.basis):
        with pytest.raises(UsageError) as caught:
            ask(name)
        assert (caught.value.message, caught.value.hint) == (f"there is no space {name!r}", hint)


def test_no_space_at_all(empty: Store) -> None:
    """An empty store has nothing to suggest."""
    with pytest.raises(UsageError) as caught:
        empty.space("dishes")
    assert caught.value.hint == "there is no space yet"


def test_a_name_is_checked(empty: Store) -> None:
    """A name that could leave its folder is refused."""
    with pytest.raises(UsageError) as caught:
        empty.ensure_space("../etc", {}, 3, NOW)
    assert caught.value.message == "'../etc' cannot name a space"


def test_marks(store: Store) -> None:
    """Marks come back in the order of their times; the same mark twice is one."""
    early = NOW - timedelta(days=1)
    assert store.add_mark("dishes", "deploy 2", NOW, NOW)
    assert store.add_mark("dishes", "deploy 1", early, NOW)
    assert not store.add_mark("dishes", "deploy 2", NOW, NOW + timedelta(days=1))
    found = store.marks("dishes")
    assert found == [Mark("dishes", "deploy 1", early), Mark("dishes", "deploy 2", NOW)]
    assert names(found, "space") == ["dishes", "dishes"]
