"""Dams from forecast rain: the rain over the catchment becomes inflows, and those become advice."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256
from typing import Any

import numpy as np
import pytest

from hinomi.domains.hazards.collections.dams import DAM_ADVICE, DAM_INFLOWS
from hinomi.domains.hazards.collections.rain import (
    RAIN,
    RAIN_FORECASTS,
    RainForecast,
    RainGrid,
)
from hinomi.kernel.marking import Marking, Status
from hinomi.kernel.records import Interval, Record
from hinomi.science.coverages import Packed, pack
from hinomi.science.dams.inflows import Catchment, inflows_of
from hinomi.vocabulary.grids import box
from tests.domains.hazards.test_dams import FLOODS, HOUR, T0, Hub, inflows, number, sheet, state

BOUNDS = (134.8, 34.8, 135.2, 35.2)
OUTLINE = box(134.95, 34.95, 135.05, 35.05)


def catchment(**changes: Any) -> dict[str, Any]:
    told = {"area_km2": 90, "runoff": 0.7, "k": 12, "p": 0.6, "lag_h": 1, "base_m3_s": 8}
    return {"outline": OUTLINE, **{k: number(v) for k, v in {**told, **changes}.items()}}


def rain(hub: Hub, forecast: list[Any], *, fell: float | None = 2.0, **more: Any) -> None:
    """Put a day of observed rain and a forecast, hour by hour; the catchment alone is rained on."""
    status = more.get("status", Status.ACTUAL)
    at = T0 + more.get("later", timedelta(0))

    def field(value: float) -> np.ndarray:
        made = np.zeros((40, 40), np.float32)
        made[15:25, 15:25] = value
        return made

    def put(collection: str, key: str, times: list[Any], values: list[float], body: Any) -> None:
        grid = pack(
            Packed(
                parameter="rain_mm_per_h", unit="mm/h", times=tuple(times), bounds=BOUNDS,
                values=np.stack([field(v) for v in values]),
            ),
            0.1,
        )  # fmt: skip
        hub.store.put_blob(grid)
        common = {
            "parameter": "rain_mm_per_h", "unit": "mm/h", "bounds": BOUNDS, "rows": 40,
            "columns": 40, "moments": tuple(times), "grid_digest": sha256(grid).hexdigest(),
            "network": "test",
        }  # fmt: skip
        record = Record(
            collection=collection, key=key, said_at=at, source="radar", body=body(common),
            when=Interval(times[0] - HOUR, times[-1]), place=box(*BOUNDS), marking=Marking(status),
        )  # fmt: skip
        hub.writer.put([record])

    missing = more.get("missing", ())
    for hour in range(24) if fell is not None else ():
        if hour not in missing:
            time = at - (23 - hour) * HOUR
            put(RAIN.id, f"{status.value}/{hour}", [time], [fell], lambda c: RainGrid(**c))
    times = [at + (n + 1) * HOUR for n in range(len(forecast))]
    put(RAIN_FORECASTS.id, f"f/{status.value}/{at}", times, forecast,
        lambda c: RainForecast(**c, issued_at=at))  # fmt: skip


@pytest.fixture
def hub() -> Hub:
    found = Hub()
    found.file(dams=[sheet(catchment=catchment())], states=[state(inflow_m3_s=30)])
    return found


def test_forecast_rain_over_the_catchment_becomes_inflows_and_advice(hub: Hub) -> None:
    rain(hub, [5, 15, 30, 40, 20, 5])
    hub.models.catch_up()
    (made,) = hub.found(DAM_INFLOWS.id)
    flows = np.array(made["inflow_m3_s"])
    assert flows.shape == (27, 24)
    assert made["rain_past_mm"] == 48.0
    assert made["rain_ahead_mm"] == 115.0
    assert "独自計算" in made["made_by"]
    assert "27 members" in made["uncertainty_en"]
    # What flows in is about what runs off: 115 mm and what was stored, over 90 km2.
    volume = flows.mean(axis=0).sum() * 3600
    assert 0.6 * 115e-3 * 0.7 * 90e6 < volume - 24 * 8 * 3600 < 1.5 * 115e-3 * 0.7 * 90e6
    assert flows[:, 0].mean() == pytest.approx(30, rel=0.35), "it begins at what is observed"
    (advice,) = hub.found(DAM_ADVICE.id)
    assert advice["forecast_by"] == made["made_by"]
    assert advice["members"] == 27
    assert [way["way"] for way in advice["ways"]] == ["rule", "prior", "optimum"]


def test_more_rain_gives_more_inflow_and_a_new_forecast_replaces_the_old(hub: Hub) -> None:
    rain(hub, [5, 5, 5, 5, 5, 5])
    hub.models.catch_up()
    before = hub.found(DAM_INFLOWS.id)[0]["greatest_m3_s"]
    rain(hub, [20, 40, 40, 20, 5, 5], later=HOUR)
    hub.models.catch_up()
    (made,) = hub.found(DAM_INFLOWS.id)
    assert made["greatest_m3_s"] > 3 * before
    assert made["first_at"].startswith((T0 + HOUR).isoformat()[:16])


def test_an_operators_own_forecast_stands_above_ours(hub: Hub) -> None:
    hub.file(inflows=[inflows()])
    rain(hub, [20, 40, 40, 20, 5, 5], later=HOUR)
    hub.models.catch_up()
    (made,) = hub.found(DAM_INFLOWS.id)
    assert made["made_by"] == "例: 貯留関数法"
    assert len(made["members"]) == len(FLOODS)


def test_missing_radar_hours_are_counted_and_too_many_give_no_number(hub: Hub) -> None:
    rain(hub, [5, 5, 5, 5, 5, 5], missing=(3, 4, 5))
    hub.models.catch_up()
    (made,) = hub.found(DAM_INFLOWS.id)
    assert "past gaps=3/24" in made["parameters"]
    other = Hub()
    other.file(dams=[sheet(catchment=catchment())], states=[state()])
    rain(other, [5, 5, 5, 5, 5, 5], missing=tuple(range(1, 20)))
    other.models.catch_up()
    assert other.found(DAM_INFLOWS.id) == []
    alarms = {a["code"] for a in other.found("operations.alarms")}
    assert "dam-inflows.none" in alarms


@pytest.mark.parametrize("bad", [float("nan")])
def test_a_gap_in_the_forecast_gives_no_number(hub: Hub, bad: float) -> None:
    rain(hub, [5, bad, 5])
    hub.models.catch_up()
    assert hub.found(DAM_INFLOWS.id) == []
    assert "dam-inflows.none" in {a["code"] for a in hub.found("operations.alarms")}


def test_an_exercises_rain_fills_no_actual_dam(hub: Hub) -> None:
    rain(hub, [20, 40, 40], status=Status.EXERCISE)
    hub.models.catch_up()
    assert hub.found(DAM_INFLOWS.id) == hub.found(DAM_INFLOWS.id, Status.TEST) == []
    assert len(hub.found(DAM_INFLOWS.id, Status.EXERCISE)) == 1


def test_a_catchment_that_makes_no_sense_is_refused_whole() -> None:
    other = Hub()
    told = other.file(dams=[sheet(catchment=catchment(runoff=1.4))])
    assert [p.code for p in told.problems] == ["dams.entry"]
    assert "runoff" in told.problems[0].text.en
    line = {**catchment(), "outline": {"type": "Point", "coordinates": [135, 35]}}
    assert other.file(dams=[sheet(catchment=line)]).problems


def test_the_optimum_keeps_the_emergency_band_free_where_it_can_and_says_so(hub: Hub) -> None:
    mild = {"0": [20, 20, 60, 130, 130, 130, 60, 20, 20, 20, 20, 20]}
    hub.file(states=[state(level_m=74)], inflows=[inflows(members=mild)])
    hub.models.catch_up()
    (one,) = hub.found(DAM_ADVICE.id)
    best = one["ways"][-1]
    assert (best["way"], best["emergency_share"]) == ("optimum", 0)
    assert best["highest_90_m"] <= 80.01
    assert "異常洪水時防災操作の水位から上の容量を使いません" in one["advice"]
    assert "does not use the storage above the emergency level" in one["advice_en"]


def test_where_the_band_cannot_be_kept_free_that_is_said(hub: Hub) -> None:
    huge = {"0": [20, 400, 1500, 2500, 2500, 1500, 400, 20, 20, 20, 20, 20]}
    hub.file(states=[state(level_m=79)], inflows=[inflows(members=huge)])
    hub.models.catch_up()
    (one,) = hub.found(DAM_ADVICE.id)
    assert one["ways"][-1]["emergency_share"] == 1
    assert "避けられません" in one["advice"]
    assert "cannot stay below the emergency level" in one["advice_en"]


def test_a_steady_rain_comes_to_its_closed_form() -> None:
    """In the steady state what falls flows off: Q = f r A / 3.6 + base, in the mean member."""
    of = Catchment(
        area_km2=36.0, runoff=0.5, k=5.0, p=0.6, lag_h=2.0, base_m3_s=3.0, rain_error=0.0
    )
    made = inflows_of(of, np.full(200, 10.0), np.full(6, 10.0), 1.0)
    assert made == pytest.approx(np.full((27, 6), 53.0), abs=1e-3)


def test_the_members_rain_has_the_forecast_as_its_mean() -> None:
    of = Catchment(area_km2=3.6, runoff=1.0, k=1e-6, p=1.0, rain_error=0.4)
    made = inflows_of(of, np.zeros(2), np.full(3, 10.0), 1.0, rains=99)
    assert made[:, 1:].mean() == pytest.approx(10.0, rel=0.02)
