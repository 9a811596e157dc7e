"""Depth an hour ahead: runs of the kernel go on from the map under forecast rain, with sensors."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hinomi.domains.hazards import predict_depths_ahead
from hinomi.domains.hazards.collections.depths import DEPTH_FORECASTS
from hinomi.domains.hazards.collections.rain import RAIN, RAIN_NOWCASTS, RainGrid, RainNowcast
from hinomi.domains.response.collections.exercises import EXERCISES, ClockPart, Exercise
from hinomi.kernel.marking import Marking, Status
from hinomi.kernel.records import Interval, Record
from hinomi.science.coverages import Packed, pack, unpack
from hinomi.vocabulary.grids import box
from tests.domains.hazards.test_depths import EAST, T0, WEST, Town

WIDE = (138.9, 34.9, 139.1, 35.1)
MINUTE = timedelta(minutes=1)
W2 = ("W2", 139.0020, 35.0035)


def put_rain(town: Town, collection: Any, minutes: list[float], rate: float, **more: Any) -> None:
    """Put even rain at these minutes, said at the first of them less its step."""
    times = tuple(T0 + m * MINUTE for m in minutes)
    values = np.full((len(times), 20, 20), rate, np.float32)
    grid = pack(
        Packed(parameter="rain_mm_per_h", unit="mm/h", times=times, bounds=WIDE, values=values), 0.1
    )
    town.store.put_blob(grid)
    common = {
        "parameter": "rain_mm_per_h", "unit": "mm/h", "bounds": WIDE, "rows": 20, "columns": 20,
        "moments": times, "grid_digest": sha256(grid).hexdigest(), "network": "test",
    }  # fmt: skip
    body = RainGrid(**common) if collection is RAIN else RainNowcast(**common, frames=3)
    said = T0 + more.get("said", minutes[0]) * MINUTE
    record = Record(
        collection=collection.id, key=f"{collection.id}/{said}", said_at=said, body=body,
        source="radar", when=Interval(times[0] - 5 * MINUTE, times[-1]), place=box(*WIDE),
        marking=Marking(more.get("status", Status.ACTUAL)),
    )  # fmt: skip
    town.store.put([record], at=said)


def forecasts(town: Town, status: Status = Status.ACTUAL) -> list[Any]:
    found = town.reader(status).every(DEPTH_FORECASTS.id)
    return sorted(found, key=lambda item: item.said_at)


def values(town: Town, item: Any) -> np.ndarray:
    found: np.ndarray = unpack(town.reader().blob(item, item.body()["grid_digest"])).values
    return found


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Town:
    """Return the two basins, computed on cells of 35 m: a tenth of the steps."""
    monkeypatch.setattr(predict_depths_ahead, "MOST_CELLS", 300)
    return Town(tmp_path)


def test_water_rises_under_the_rain_that_is_forecast(town: Town) -> None:
    put_rain(town, RAIN_NOWCASTS, [10, 20, 30, 40, 50, 60], 60.0, said=0)
    town.say((*WEST, "wet20"), (*EAST, "dry"))
    (made,) = forecasts(town)
    body = made.body()
    assert len(body["moments"]) == 6
    assert body["moments"][-1].startswith((T0 + 60 * MINUTE).isoformat()[:16])
    assert body["rain_mm"] == pytest.approx(60.0)
    assert body["weighed"] is False
    assert {m["weight"] for m in body["members"]} == {round(1 / 6, 3)}
    assert "公式の情報ではありません" in body["limits"]
    depth = values(town, made)
    first, last = (np.nanmedian(depth[n][3:-3, 2:8]) for n in (0, -1))
    # 50 more minutes of 60 mm/h, 1.07 times that in the mean of the members, and the walls' water.
    assert 0.045 < last - first < 0.1
    assert first == pytest.approx(0.25 + 0.011, abs=0.012)
    inputs = town.reader().trace(made.id).origins[0][0].inputs
    assert town.maps()[0].id in inputs


def test_sensors_tell_which_rain_was_right(town: Town) -> None:
    town.say((*WEST, "wet10"), (*W2, "wet10"), (*EAST, "wet10"))
    for minute in range(10, 40, 10):
        put_rain(town, RAIN, [minute], 200.0)
    put_rain(town, RAIN_NOWCASTS, [40, 50], 100.0, said=30)
    town.say((*WEST, "wet30"), (*W2, "wet30"), (*EAST, "wet30"), minute=30)
    (made,) = forecasts(town)
    body = made.body()
    assert body["weighed"] is True
    by_rain = {(m["rain"], m["manning"]): m["weight"] for m in body["members"]}
    # From 15 cm half an hour of 200 mm/h comes to 25: over 30 only with more rain than was seen.
    assert by_rain[2.0, 0.05] > 2 * by_rain[0.5, 0.05]
    assert sum(by_rain.values()) == pytest.approx(1, abs=0.01)
    assert body["spread_m"] > 0


def test_without_a_nowcast_or_within_ten_minutes_none_is_made(town: Town) -> None:
    town.say((*WEST, "wet20"), (*EAST, "dry"))
    assert forecasts(town) == []
    put_rain(town, RAIN_NOWCASTS, [10, 20, 30, 40, 50, 60], 10.0, said=0)
    town.models.catch_up()
    assert len(forecasts(town)) == 1
    town.say((*WEST, "wet30"), minute=5)
    assert len(forecasts(town)) == 1
    put_rain(town, RAIN_NOWCASTS, [25, 35, 45, 55, 65, 75], 10.0, said=15)
    town.say((*WEST, "wet20"), minute=15)
    assert len(forecasts(town)) == 2


def test_rain_with_gaps_or_below_zero_makes_no_forecast(town: Town) -> None:
    put_rain(town, RAIN_NOWCASTS, [10, 20, 30, 40, 50, 60], float("nan"), said=0)
    town.say((*WEST, "wet20"), (*EAST, "dry"))
    assert forecasts(town) == []


def test_an_exercise_makes_exercise_forecasts_only(town: Town) -> None:
    put_rain(town, RAIN_NOWCASTS, [10, 20, 30], 10.0, said=0, status=Status.EXERCISE)
    town.say((*WEST, "wet20"), (*EAST, "dry"), marking=Marking(Status.EXERCISE))
    town.say((*WEST, "wet20"), (*EAST, "dry"))
    assert forecasts(town) == []
    assert len(forecasts(town, Status.EXERCISE)) == 1


def test_an_exercise_that_is_played_fast_has_its_next_hour_in_a_minute(town: Town) -> None:
    drilling = Marking(Status.EXERCISE)
    body = Exercise(
        title="訓練", scenario="typhoon", state="running", words_ja="", words_en="",
        speed=60.0, length_s=9e4, started_at=T0, clock=(ClockPart(T0, 0.0, 60.0),),
    )  # fmt: skip
    record = Record(
        collection=EXERCISES.id, key="run", said_at=T0, body=body, source="drill", marking=drilling
    )
    town.store.put([record], at=T0)
    tenths = [n / 6 for n in range(1, 7)]
    put_rain(town, RAIN_NOWCASTS, tenths, 60.0, said=0, status=Status.EXERCISE)
    town.say((*WEST, "wet20"), (*EAST, "dry"), marking=drilling)
    (made,) = forecasts(town, Status.EXERCISE)
    told = made.body()
    assert told["moments"][0].startswith((T0 + MINUTE / 6).isoformat()[:19])
    assert told["moments"][-1].startswith((T0 + MINUTE).isoformat()[:19])
    # An hour of the story's rain, not a minute's.
    assert told["rain_mm"] == pytest.approx(60.0)
    assert "60倍" in told["limits"]
    grid = unpack(town.reader(Status.EXERCISE).blob(made, told["grid_digest"])).values
    first, last = (np.nanmedian(grid[n][3:-3, 2:8]) for n in (0, -1))
    assert 0.045 < last - first < 0.1
    # By the story it would be time already; the machine has other work as well.
    town.say((*WEST, "wet30"), (*EAST, "dry"), minute=0.7, marking=drilling)
    assert [item.id for item in forecasts(town, Status.EXERCISE)] == [made.id]
    later = [1 + tenth for tenth in tenths]
    put_rain(town, RAIN_NOWCASTS, later, 60.0, said=1, status=Status.EXERCISE)
    town.say((*WEST, "wet20"), (*EAST, "dry"), minute=1.1, marking=drilling)
    second = forecasts(town, Status.EXERCISE)[-1].body()
    assert second["issued_at"].startswith((T0 + 1.1 * MINUTE).isoformat()[:19])
    # The members began with the map of an hour ago, and the sensors told which of them was right.
    assert second["weighed"] is True
