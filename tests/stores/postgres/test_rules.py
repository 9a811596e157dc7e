"""The PostgreSQL store keeps the rules that all stores share."""

from collections.abc import Iterator

import pytest

from hinomi.stores.postgres import PostgresStore
from hinomi.testing.suite import StoreSuite


class TestPostgresStore(StoreSuite):
    @pytest.fixture
    def store(self, store: PostgresStore) -> Iterator[PostgresStore]:
        yield store
        assert store.check() == []
