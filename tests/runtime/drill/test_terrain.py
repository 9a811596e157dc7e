"""The drill's ground and what the river's warning starts on it: exercise, once an event."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import msgspec
import numpy as np
import pytest

from hinomi.domains.hazards.collections.floods import FLOODS, Flood
from hinomi.domains.hazards.collections.inundation_forecasts import (
    INUNDATION_FORECASTS,
    InundationForecast,
)
from hinomi.domains.hazards.collections.scenarios import SCENARIO_CASES, Changes, ScenarioCase
from hinomi.domains.hazards.workbench.changing import prepared
from hinomi.domains.hazards.workbench.grounds import unpack
from hinomi.domains.hazards.workbench.running import Forecast, Foretold, Task
from hinomi.kernel.marking import ANONYMOUS, OPEN, OPERATOR, Marking, Status
from hinomi.kernel.reader import Reader
from hinomi.kernel.records import Interval, Record
from hinomi.runtime.catalog import default_catalog
from hinomi.runtime.drill import terrain
from hinomi.runtime.drill.prefecture import RIVERS
from hinomi.runtime.workbench.job import Workbench
from hinomi.runtime.writer import Writer
from hinomi.stores.memory import MemoryStore

T0 = datetime(2026, 9, 1, tzinfo=UTC)
EXERCISE = Marking(Status.EXERCISE)
RIVER = next(iter(RIVERS))


def flood(level: int, marking: Marking, at: datetime) -> Record:
    body = Flood(
        river_name="火の見川", river_code=RIVER, kind="k", kind_code="41", level=level,
        in_force=level > 1, phase="issued", condition="", title="", headline="", office="",
        telegram="", event_id=RIVER, serial="1", info_type="発表",
    )  # fmt: skip
    return Record(
        collection=FLOODS.id, key=RIVER, said_at=at, body=body, source="jma",
        when=Interval(at, at + timedelta(days=1)), marking=marking,
    )  # fmt: skip


class Town:
    """A workbench whose model says at once that all is dry."""

    def __init__(self) -> None:
        self.store, self.catalog, self.now = MemoryStore(), default_catalog(), T0
        self.writer = Writer(self.store, now=self.clock)
        self.bench = Workbench(self.writer, self.catalog)
        self.bench.forecasts = self.foretold
        self.asked: list[Forecast] = []
        record, ground = terrain.case()
        self.store.put_blob(ground)
        self.writer.put([record])

    def clock(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now

    def foretold(self, task: Task, forecast: Forecast, stopped: Callable[[], bool]) -> Foretold:
        del stopped
        self.asked.append(forecast)
        body = InundationForecast(run=forecast.run, part="run", title=task.case.title)
        # As from another process: bodies are plain maps.
        record = Record(
            collection=INUNDATION_FORECASTS.id, key=f"{forecast.run}/run",
            said_at=forecast.issued_at, body=msgspec.to_builtins(body), source="hinomi",
            when=Interval(forecast.issued_at, forecast.issued_at + timedelta(hours=4)),
            marking=forecast.marking,
        )  # fmt: skip
        return Foretold([record], [b"grid"])

    def seen(self, status: Status) -> list[str]:
        reader = Reader(self.store, self.catalog, ANONYMOUS, status=frozenset({status}))
        return [item.key for item in reader.every(INUNDATION_FORECASTS.id)]


def test_a_warning_of_level_4_starts_the_case_once_in_the_exercise_alone() -> None:
    town = Town()
    town.writer.put([flood(3, EXERCISE, town.clock())])
    assert town.bench.foretell() == 0
    town.writer.put([flood(4, EXERCISE, town.clock())])
    assert town.bench.foretell() == 1
    town.writer.put([flood(5, EXERCISE, town.clock())])
    assert town.bench.foretell() == 0
    assert [one.marking for one in town.asked] == [EXERCISE]
    assert len(town.seen(Status.EXERCISE)) == 1
    assert town.seen(Status.ACTUAL) == []
    town.now += timedelta(hours=5)
    assert town.bench.foretell() == 1, "its time is over, and the warning is not"
    reader = Reader(town.store, town.catalog, OPERATOR, status=frozenset({Status.EXERCISE}))
    (first, *_) = reader.every(INUNDATION_FORECASTS.id)
    inputs = reader.trace(first.id).origins[0][0].inputs
    assert {reader.record(i).collection for i in inputs} == {SCENARIO_CASES.id, FLOODS.id}


@pytest.mark.parametrize("status", [Status.ACTUAL, Status.TEST])
def test_a_real_warning_never_starts_the_drills_case(status: Status) -> None:
    town = Town()
    town.writer.put([flood(5, msgspec.structs.replace(OPEN, status=status), town.clock())])
    assert town.bench.foretell() == 0
    assert town.asked == []


def test_the_same_seed_gives_the_same_ground_and_another_seed_another() -> None:
    (one, ground), (again, same), (other, _) = terrain.case(), terrain.case(), terrain.case(7)
    assert (one.identity(), ground) == (again.identity(), same)
    assert one.body.grid_digest != other.body.grid_digest
    assert one.marking == EXERCISE


def test_the_river_runs_down_between_its_levees_and_people_live_beside_it() -> None:
    record, packed = terrain.case()
    case: ScenarioCase = record.body
    ground, exposure = unpack(packed, case)
    plan, work = prepared(case, Changes(), ground)
    middle = terrain._middle(np.arange(terrain.ROWS)).round().astype(int)
    bed = [float(ground.height_m[row, column]) for row, column in enumerate(middle)]
    assert bed == sorted(bed, reverse=True)
    crest = [float(ground.height_m[row].max()) for row in range(terrain.ROWS)]
    assert all(high - low > terrain.BED_M for high, low in zip(crest, bed, strict=True))
    assert exposure is not None
    assert exposure.people.sum() > 1_000
    assert len(work.sources) == 3
    assert plan.river == RIVER
