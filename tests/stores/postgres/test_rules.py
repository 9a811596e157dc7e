"""The PostgreSQL store keeps the rules that all stores share."""

import pytest

from hinomi.stores.postgres import PostgresStore
from hinomi.testing.suite import StoreSuite


class TestPostgresStore(StoreSuite):
    @pytest.fixture
    def store(self, store: PostgresStore) -> PostgresStore:
        return store
