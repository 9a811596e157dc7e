"""Every store keeps the shared rules."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hinomi.kernel.store import Store
from hinomi.stores.memory import MemoryStore
from hinomi.stores.sqlite import SqliteStore
from hinomi.testing.suite import StoreSuite


class TestMemoryStore(StoreSuite):
    @pytest.fixture
    def store(self) -> Store:
        return MemoryStore()


class TestSqliteStore(StoreSuite):
    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[Store]:
        store = SqliteStore(tmp_path / "data")
        yield store
        assert store.check() == []
        store.close()
