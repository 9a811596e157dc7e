"""The SQLite store answers everything as the memory store does."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings

from hinomi.kernel.store import Store
from hinomi.stores.sqlite import SqliteStore
from hinomi.testing.machine import StoreMachine


class SqliteMachine(StoreMachine):
    def make(self) -> Store:
        self._room = tempfile.TemporaryDirectory()
        return SqliteStore(Path(self._room.name))

    def teardown(self) -> None:
        super().teardown()
        self._room.cleanup()


SqliteMachine.TestCase.settings = settings(
    max_examples=40,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    print_blob=True,
)
TestSqliteMachine = pytest.mark.slow(SqliteMachine.TestCase)
