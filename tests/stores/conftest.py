"""A SQLite store in a folder of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hinomi.stores.sqlite import SqliteStore


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    store = SqliteStore(tmp_path / "data")
    yield store
    store.close()
