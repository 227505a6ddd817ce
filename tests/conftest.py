"""For all tests: one thread for linear algebra, as on the command line; a PostgreSQL to use."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.postgres import Cluster, cluster

for name in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """A cluster for this session, begun when a test first asks for it."""
    with cluster() as running:
        yield running


@pytest.fixture(scope="session")
def postgres_store(postgres: Cluster) -> str:
    """Name of a database of that cluster with an empty store, to be copied."""
    return postgres.with_tables()
