"""The workbench's runs: each change does what it says, costs are bounded, nothing is public."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import numpy as np
import pytest

from hinomi.domains.hazards.collections.scenarios import (
    BreachAt,
    Changes,
    Curve,
    DemEdit,
    GateAt,
    PumpAt,
    ScenarioCase,
    Trace,
)
from hinomi.domains.hazards.predict_inundation import At, FloodCase, Ground, Post
from hinomi.domains.hazards.predict_inundation import Curve as Steady
from hinomi.domains.hazards.workbench.grounds import case_record, exposure_of, place_of
from hinomi.domains.hazards.workbench.records import closed
from hinomi.domains.hazards.workbench.running import Outcome, Task, score_of, simulate
from hinomi.kernel.errors import InputError
from hinomi.kernel.marking import ANONYMOUS, OPEN, Disclosure, Marking, Status
from hinomi.science.coverages import unpack_all
from hinomi.science.inundation.gates import StoppedError

T0 = datetime(2026, 9, 1, tzinfo=UTC)
CRS = "EPSG:6677"
ROWS, COLUMNS, CELL = 20, 40, 10.0
RAIN_M = 0.06
"""60 mm in the hour."""


def at(row: float, column: float) -> tuple[float, float]:
    """Longitude, latitude of a cell's middle."""
    return place_of(CRS, (CELL * (column + 0.5), CELL * (ROWS - row - 0.5)))


def made(**plan: Any) -> tuple[ScenarioCase, bytes]:
    """A flat basin with a levee of 3 m across its middle, people on both sides."""
    bed = np.zeros((ROWS, COLUMNS))
    bed[:, 20] = 3.0
    given: dict[str, Any] = {
        "title": "t", "dem": "-", "hours": 1.0, "crs": CRS,
        "rain_mm_h": Steady((60.0,)), **plan,
    }  # fmt: skip
    case = FloodCase(**given)
    ground = Ground(bed, CELL, 0.0, ROWS * CELL, "0" * 64)
    csv = "x,y,people,buildings\n45,105,30,10\n305,105,70,20\n9999,0,5,5\n"
    record, packed = case_record(
        "case", case, ground, exposure_of(csv.encode(), ground), OPEN, said_at=T0
    )
    return record.body, packed


def run(changes: Changes | None = None, **plan: Any) -> Outcome:
    case, packed = made(**plan)
    task = Task(case=case, changes=changes or Changes(), ground=packed, starts_at=T0)
    return simulate(task, lambda _share: None)


def depths(outcome: Outcome) -> np.ndarray:
    (found,) = unpack_all(outcome.extremes, "max_depth_m")
    return found.values[0]


def half(outcome: Outcome, side: str) -> float:
    """The greatest depth in the middle of a side of the levee."""
    seen = depths(outcome)
    columns = seen.shape[1]
    part = seen[:, : columns // 3] if side == "west" else seen[:, -columns // 3 :]
    return float(np.nanmax(part))


def test_rain_fills_a_closed_basin_to_what_fell_and_its_factor_scales_it() -> None:
    area = ROWS * COLUMNS * CELL**2
    once, twice = run(), run(Changes(rain_factor=2.0))
    assert once.figures.volume_m3 == pytest.approx(RAIN_M * area, rel=1e-4)
    assert twice.figures.volume_m3 == pytest.approx(2 * RAIN_M * area, rel=1e-4)
    assert once.figures.area_m2 == sum(once.figures.area_by_rank_m2)
    curve = Changes(rain_mm_h=Curve((0.0, 60.0), (0.0, 120.0)))
    assert run(curve).figures.volume_m3 == pytest.approx(RAIN_M * area, rel=1e-3)


def test_a_breach_lets_water_through_and_a_higher_ground_keeps_it_out() -> None:
    inflow = {"rain_mm_h": None, "inflow": (At((20.0,), at=((5.0, 100.0),)),)}
    dry = run(Changes(breach=()), **inflow)
    assert half(dry, "west") > 0.5
    assert half(dry, "east") == 0
    assert (dry.figures.people, dry.figures.buildings) == (30, 10)
    wet = run(Changes(breach=(BreachAt(place=at(10, 20), width_m=40, start_min=5),)), **inflow)
    assert half(wet, "east") > 0.1
    assert wet.figures.people == 100
    saved = run(
        Changes(
            breach=(BreachAt(place=at(10, 20), width_m=40, start_min=5),),
            dem=(DemEdit(line=(at(0, 23), at(19, 23)), by_m=3.0),),
        ),
        **inflow,
    )
    assert half(saved, "east") == 0


def test_a_gate_holds_water_while_it_is_closed() -> None:
    inflow = {"rain_mm_h": None, "inflow": (At((20.0,), at=((5.0, 100.0),)),)}
    gap = (DemEdit(line=(at(10, 20), at(11, 20)), by_m=-3.0),)

    def gated(*closed_min: tuple[float, float]) -> Outcome:
        gate = GateAt(place=at(10.5, 20), width_m=40, crest_m=3.5, closed_min=closed_min)
        return run(Changes(dem=gap, gate=(gate,)), **inflow)

    assert half(gated((0.0, 600.0)), "east") == 0
    assert half(gated((0.0, 30.0)), "east") > 0.05
    assert gated((0.0, 30.0)).figures.balance_error < 1e-5


def test_a_pump_takes_water_away() -> None:
    pump = PumpAt(place=at(10, 10), capacity_m3_s=0.2, on_m=0.01, off_m=0.005)
    assert run(Changes(pump=(pump,))).figures.volume_m3 < 0.95 * run().figures.volume_m3


def test_a_run_that_costs_too_much_is_refused_and_says_what_to_do() -> None:
    case, packed = made()
    small = Task(
        case=case, changes=Changes(), ground=packed, starts_at=T0,
        most_cell_steps=100 * ROWS * COLUMNS,
    )  # fmt: skip
    with pytest.raises(InputError, match="cell_m"):
        simulate(small, lambda _share: None)
    with pytest.raises(InputError, match="at least"):
        simulate(msgspec.structs.replace(small, most_cell_steps=1e4), lambda _share: None)
    with pytest.raises(StoppedError):
        simulate(
            msgspec.structs.replace(small, most_cell_steps=1e9), lambda _share: None, lambda: True
        )


def test_progress_is_told_and_ends_at_the_whole() -> None:
    case, packed = made()
    told: list[float] = []
    simulate(Task(case=case, changes=Changes(), ground=packed, starts_at=T0), told.append)
    assert told == sorted(told)
    assert told[-1] == 1


@pytest.mark.parametrize(
    "changes",
    [
        Changes(rain_factor=11),
        Changes(hours=0.0),
        Changes(manning=0.0),
        Changes(dem=(DemEdit(line=(at(1, 1),), by_m=1),)),
        Changes(pump=(PumpAt(place=(0.0, 0.0), capacity_m3_s=1),)),
        Changes(breach=(BreachAt(place=at(1, 1)),) * 21),
        Changes(gate=(GateAt(place=at(1, 1), crest_m=1, closed_min=((5, 5),)),)),
    ],
)
def test_changes_that_make_no_sense_are_refused(changes: Changes) -> None:
    with pytest.raises(InputError):
        run(changes)


def test_a_gauges_trace_is_scored_against_what_was_measured() -> None:
    post = Post("橋", (105.0, 105.0), (0.0, 30.0, 60.0), (0.0, 0.03, 0.06))
    outcome = run(gauge=(post,))
    (score,) = outcome.scores
    assert score.nse == pytest.approx(1, abs=0.01)
    assert score.peak_error_m == pytest.approx(0, abs=0.002)
    assert outcome.traces[0].minutes[0] == 0


def test_only_times_that_a_run_reaches_are_scored() -> None:
    said, came = Trace("a", (0, 10), (0, 1)), Trace("a", (0, 5, 10, 20), (0, 0.5, 1, 9))
    assert score_of(said, came, "observed").nse == 1


@pytest.mark.parametrize("status", list(Status))
def test_a_run_is_never_public_and_keeps_its_status(status: Status) -> None:
    case = Marking(status)
    found = closed(case, Marking(status, Disclosure.CLEAR, ("town",)))
    assert found == Marking(status, Disclosure.AMBER, ("town",))
    assert not ANONYMOUS.may_see(found)
    strict = closed(Marking(status, Disclosure.RED, ("x", "town")), found)
    assert (strict.disclosure, strict.audience) == (Disclosure.RED, ("town",))


def test_maps_lie_where_the_ground_lies() -> None:
    """Water poured into one corner is deepest there on the map, too."""
    pour = At((5.0,), at=((15.0, 185.0),))
    outcome = run(rain_mm_h=None, inflow=(pour,), manning=0.5)
    seen = depths(outcome)
    row, column = np.unravel_index(np.nanargmax(seen), seen.shape)
    west, south, east, north = outcome.bounds
    lon = west + (column + 0.5) * (east - west) / seen.shape[1]
    lat = north - (row + 0.5) * (north - south) / seen.shape[0]
    expected = at(1, 1)
    assert (lon, lat) == pytest.approx(expected, abs=1.2e-4)


def test_the_same_scenario_gives_the_same_numbers() -> None:
    first, again = run(Changes(rain_factor=1.3)), run(Changes(rain_factor=1.3))
    assert (first.figures, first.extremes) == (again.figures, again.extremes)
