"""A stage for tests: a clock that the test turns, a store, models that follow each statement."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from hinomi.kernel.marking import OPERATOR, Principal, Status
from hinomi.kernel.reader import Reader
from hinomi.runtime.areas import StoreGazetteer
from hinomi.runtime.catalog import default_catalog
from hinomi.runtime.drill import evacuees, rain
from hinomi.runtime.drill.conductor import Conductor
from hinomi.runtime.intake import Intake
from hinomi.runtime.models import Models
from hinomi.runtime.writer import Writer
from hinomi.stores.memory import MemoryStore

START = datetime(2026, 6, 1, 3, 0, tzinfo=UTC)
EXERCISE = frozenset({Status.EXERCISE})


class Theatre:
    """All that a drill needs, at one's own pace."""

    def __init__(self) -> None:
        self.now = START
        self.store = MemoryStore()
        self.catalog = default_catalog()
        self.writer = Writer(self.store, now=lambda: self.now)
        self.gazetteer = StoreGazetteer(self.store)
        self.models = Models(self.writer, self.catalog)
        self.real = Intake(self.writer, self.catalog, self.gazetteer)
        self.conductor = Conductor(
            self.writer, self.catalog, self.gazetteer, settle=self.models.catch_up
        )

    def go(self, minutes: float, step: float = 5.0) -> None:
        """Let time pass and the conductor play what is due."""
        end = self.now + timedelta(minutes=minutes)
        while self.now < end:
            self.now = min(end, self.now + timedelta(minutes=step))
            self.conductor.tick()

    def reader(self, who: Principal = OPERATOR, status: frozenset[Status] = EXERCISE) -> Reader:
        return Reader(self.store, self.catalog, who, status=status)

    def bodies(self, collection: str) -> dict[str, dict[str, Any]]:
        return {s.key: s.body() for s in self.reader().every(collection)}


@pytest.fixture(autouse=True, scope="module")
def _dry(request: pytest.FixtureRequest) -> Iterator[None]:
    """Let it rain only where rain is what is tested: its models cost seconds."""
    with pytest.MonkeyPatch.context() as patch:
        if not request.module.__name__.endswith("test_rain"):
            patch.setattr(rain, "possible", lambda: False)
        if not request.module.__name__.endswith("test_evacuees"):
            patch.setattr(evacuees, "possible", lambda: False)
        yield


@pytest.fixture
def theatre() -> Theatre:
    return Theatre()


@pytest.fixture
def on() -> date:
    return date(2026, 6, 1)


Make = Callable[[], Theatre]
