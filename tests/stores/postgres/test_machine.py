"""The PostgreSQL store answers everything as the memory store does."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from hinomi.kernel.store import Store
from hinomi.stores.postgres import PostgresStore
from hinomi.testing.machine import StoreMachine
from tests.stores.postgres.emptying import empty


@pytest.mark.slow
def test_the_store_answers_as_the_memory_store_does(new_town: Callable[[], str]) -> None:
    town = new_town()

    class PostgresMachine(StoreMachine):
        def make(self) -> Store:
            empty(town)
            return PostgresStore(town)

    run_state_machine_as_test(
        PostgresMachine,
        settings=settings(
            max_examples=25,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=(Phase.explicit, Phase.reuse, Phase.generate),
            print_blob=True,
        ),
    )
