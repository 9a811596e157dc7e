"""One PostgreSQL for all tests of the session, an empty town for each test, by template."""

from collections.abc import Callable, Iterator

import psycopg
import pytest

from hinomi.stores.postgres import PostgresStore
from tests.stores.postgres.server import Cluster

TEMPLATE = "empty"


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    cluster = Cluster()
    try:
        with psycopg.connect(cluster.url(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {TEMPLATE}")
        PostgresStore(cluster.url(TEMPLATE)).close()
        yield cluster
    finally:
        cluster.remove()


@pytest.fixture(scope="session")
def new_town(cluster: Cluster) -> Callable[[], str]:
    """Return what makes an empty store of the newest layout and gives its address."""
    count = 0

    def make() -> str:
        nonlocal count
        count += 1
        name = f"town_{count}"
        with psycopg.connect(cluster.url(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} STRATEGY file_copy")
        return cluster.url(name)

    return make


@pytest.fixture
def town(new_town: Callable[[], str]) -> str:
    return new_town()


@pytest.fixture
def store(town: str) -> Iterator[PostgresStore]:
    store = PostgresStore(town)
    yield store
    assert store.check() == []
    store.close()
