"""For all tests: one thread for linear algebra, as on the command line; servers to use."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests import s3
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


@pytest.fixture(scope="session")
def s3_server() -> Iterator[s3.Server]:
    """A server of S3's protocol for this session, begun when a test first asks for it."""
    with s3.server() as running:
        yield running


@pytest.fixture
def s3_writer(s3_server: s3.Server, monkeypatch: pytest.MonkeyPatch) -> s3.Server:
    """That server, with a writer's keys in the environment."""
    for name, value in s3_server.environment().items():
        monkeypatch.setenv(name, value)
    return s3_server
