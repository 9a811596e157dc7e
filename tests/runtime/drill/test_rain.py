"""The drill's typhoon rains: pictures, nowcasts, indices by level; all exercise, nothing actual."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from hinomi.domains.hazards.collections.rain import (
    NOWCAST_SCORES,
    RAIN,
    RAIN_CHANCES,
    RAIN_FORECASTS,
    RAIN_NOWCASTS,
)
from hinomi.domains.hazards.collections.rain_indices import RAIN_INDICES, RAIN_RISKS, RAIN_TANKS
from hinomi.domains.response.collections.exercises import Direction
from hinomi.kernel.marking import Status
from hinomi.runtime.drill import rain
from hinomi.runtime.drill.prefecture import make_prefecture
from hinomi.science.coverages import unpack
from hinomi.standards import grib2, jma_criteria
from tests.runtime.drill.conftest import START, Theatre

ALL = (RAIN, RAIN_CHANCES, RAIN_FORECASTS, RAIN_INDICES, RAIN_NOWCASTS, RAIN_RISKS, RAIN_TANKS)


def direct(theatre: Theatre, **words: Any) -> None:
    theatre.conductor.direct(Direction(**words))


@pytest.fixture(scope="module")
def stormy() -> Theatre:
    """The drill in its first hour, then four hours in."""
    theatre = Theatre()
    theatre.conductor.start("typhoon", speed=1)
    theatre.go(62, step=31)
    direct(theatre, command="jump", phase="4:00")
    theatre.go(1)
    return theatre


def test_rain_nowcasts_and_indices_by_level_are_there(stormy: Theatre) -> None:
    for collection in ALL:
        assert stormy.bodies(collection.id), collection.id
    reader = stormy.reader()
    levels = [i for i in reader.every(RAIN_INDICES.id) if i.body()["parameter"] == "rain_level"]
    newest = max(levels, key=lambda i: i.said_at)
    grid = unpack(reader.blob(newest, str(newest.body()["grid_digest"])))
    assert grid.times[-1] - grid.times[0] == timedelta(hours=6)
    assert {2.0, 4.0} <= set(grid.values[grid.values > 0].tolist())
    risks = stormy.bodies(RAIN_RISKS.id)
    assert len(risks) == 12
    assert {b["area_name"] for b in risks.values()} >= {"望楼市", "川守市"}
    assert max(b["level_ahead"] for b in risks.values()) >= 4


def test_no_rain_of_the_drill_is_actual(stormy: Theatre) -> None:
    for status in (Status.ACTUAL, Status.TEST):
        reader = stormy.reader(status=frozenset({status}))
        for collection in ALL:
            assert list(reader.every(collection.id)) == []


def test_the_next_run_begins_without_the_last_ones_rain(stormy: Theatre) -> None:
    direct(stormy, command="stop")
    stormy.conductor.start("typhoon", speed=1)
    assert all(not stormy.bodies(c.id) for c in (RAIN_INDICES, RAIN_TANKS, RAIN_RISKS))


def test_a_drill_that_is_played_fast_has_its_own_next_hour_and_scores() -> None:
    theatre = Theatre()
    theatre.conductor.start("typhoon", speed=60)
    theatre.go(81 / 60, step=1 / 6)
    (score,) = theatre.bodies(NOWCAST_SCORES.id).values()
    assert [one["lead_min"] for one in score["scores"]] == [30]
    nowcasts = sorted(theatre.reader().every(RAIN_NOWCASTS.id), key=lambda item: item.said_at)
    assert len(nowcasts) == 5
    newest = nowcasts[-1]
    ends = [newest.said_at + timedelta(seconds=10 * (i + 1)) for i in range(6)]
    assert [datetime.fromisoformat(at) for at in newest.body()["moments"]] == ends
    assert newest.body()["speed_km_h"] < 200
    assert "60倍" in newest.body()["limits"]


def test_the_file_is_one_of_jmas_layout() -> None:
    fixes = [rain.Fix(timedelta(hours=h), 138 + 0.4 * h, 29.5 + 0.6 * h, 960, 40) for h in range(4)]
    found = grib2.decode(rain.picture(fixes, timedelta(hours=3), START)).fields
    assert [f.parameter for f in found] == [200] * 7 + [206] * 3
    total, one, two = (grib2.values(f) for f in found[-3:])
    assert (total >= one + two - 0.11).all()
    assert grib2.values(found[0]).max() > 1
    table = jma_criteria.decode(rain.criteria(make_prefecture().grounds, 4))
    assert (table.table, len(set(table.areas))) == ("2-2", 12)
