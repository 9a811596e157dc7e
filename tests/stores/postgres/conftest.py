"""One PostgreSQL for all tests of the session, an empty town for each test, by template."""

from collections.abc import Callable, Iterator

import psycopg
import pytest

from hinomi.stores.postgres import PostgresStore
from tests.stores.postgres.emptying import empty
from tests.stores.postgres.server import Cluster

TEMPLATE = "empty"


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    # Nothing is read after a crash of this one: it need not wait for the disk.
    cluster = Cluster(durable=False)
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
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
        return cluster.url(name)

    return make


@pytest.fixture(scope="session")
def shared_town(new_town: Callable[[], str]) -> str:
    return new_town()


@pytest.fixture
def town(shared_town: str) -> str:
    """An empty town; tests that change its layout make one of their own."""
    empty(shared_town)
    return shared_town


@pytest.fixture
def store(town: str) -> Iterator[PostgresStore]:
    store = PostgresStore(town)
    yield store
    store.close()
