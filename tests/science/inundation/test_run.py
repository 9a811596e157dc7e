"""Runs: sources, edges, the balance, restart, files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest

from hinomi.kernel.errors import InputError
from hinomi.science.coverages import from_zarr, zarr_bytes
from hinomi.science.inundation.basin import Basin
from hinomi.science.inundation.channels import Channels
from hinomi.science.inundation.grids import (
    Georeference,
    dataset,
    maps_of,
    read,
    write,
)
from hinomi.science.inundation.ranks import RANKS, rank_of
from hinomi.science.inundation.run import Case, EdgeSeries, Maps, run
from hinomi.science.inundation.sources import (
    Breach,
    Drain,
    GreenAmpt,
    Hydrograph,
    Inflow,
    Pump,
    Rain,
    Source,
    Sources,
    steady,
)

KERNELS = pytest.mark.parametrize("kernel", ["inertial", "finite-volume"])
PLACE = Georeference(west_m=100.0, north_m=900.0, cell_m=10.0, crs="EPSG:6677")


def town(kernel: str = "inertial", **changes: object) -> Case:
    """Return a town behind a levee, with a river before it."""
    y, x = np.mgrid[0:30, 0:40]
    bed = 5 - 0.02 * x + 0.3 * np.sin(x / 7) * np.cos(y / 5)
    bed[:, 20] = 6.5
    case = Case(
        bed, 10.0, 1200.0, kernel=kernel, precision="float64", threads=1,  # type: ignore[arg-type]
        save_every_s=600.0, sources=(Inflow(((15, 2), (16, 2)), steady(15.0)),),
    )  # fmt: skip
    return replace(case, **changes)  # type: ignore[arg-type]


@KERNELS
def test_every_cubic_metre_is_accounted_for(kernel: str) -> None:
    sources = (
        Rain(Hydrograph((0, 900), (60, 0))),
        Inflow(((15, 2), (16, 2)), steady(15.0)),
        Breach(((15, 20), (16, 20)), 4.2, 300, 120),
        Pump((15, 30), 2.0, 0.05, 0.01),
        Drain(20.0),
        GreenAmpt(2e-6, 0.1, 0.3),
    )
    maps = run(town(kernel, sources=sources, edges=(EdgeSeries("east", "free"),)))
    assert abs(maps.balance_error) < 1e-9
    assert all(maps.totals_m3[name] > 0 for name in ("rain", "inflow", "drained", "soaked"))


@KERNELS
def test_the_levee_holds_until_it_breaks(kernel: str) -> None:
    held = run(town(kernel))
    broken = run(
        town(kernel, sources=(*town().sources, Breach(((15, 20), (16, 20)), 4.0, 600, 60)))
    )
    assert held.max_depth_m[:, 21:].max() < 0.01
    assert broken.max_depth_m[:, 21:].max() > 0.1
    assert np.nanmin(broken.arrival_s[:, 21:]) > 600


def everything() -> tuple[Source, ...]:
    """Return a source of each kind; at ten minutes the pump runs below the depth that starts it."""
    return (
        Rain(Hydrograph((0, 900), (60, 0))),
        Inflow(((15, 2), (16, 2)), steady(15.0)),
        Breach(((15, 20), (16, 20)), 4.2, 300, 600),
        Breach(((16, 20), (17, 20)), 4.6, 200, 100),
        Pump((25, 33), 0.04, 0.5, 0.1, outlet=(2, 38)),
        Pump((5, 5), 1.0, 9.0, 0.01),
        Drain(20.0, np.indices((30, 40))[1] > 25),
        GreenAmpt(2e-6, 0.1, 0.3),
        GreenAmpt(1e-6, 0.05, 0.2),
    )


def brook() -> Channels:
    """Return a channel narrower than a cell that leaves the map in the east."""
    width = np.zeros((30, 40))
    width[8, 22:] = 3.0
    return Channels(width, town().bed_m - 0.8, 0.035)


@KERNELS
@pytest.mark.parametrize(
    ("precision", "name"), [("float32", "half.nc"), ("float64", "half.zarr.zip")]
)
def test_a_run_that_stops_and_goes_on_is_bit_by_bit_the_run_that_did_not_stop(
    kernel: str, precision: str, name: str, tmp_path: Path
) -> None:
    case = town(
        kernel, precision=precision, sources=everything(), channels=brook(), save_every_s=300.0,
        edges=(EdgeSeries("east", "free"), EdgeSeries("north", "stage", steady(5.1), 10, 14),
               EdgeSeries("west", "flow", steady(0.02), 3, 6)),
    )  # fmt: skip
    pit, pool = case.bed_m.copy(), np.zeros((30, 40))
    pit[25, 33] -= 1.0
    pool[25, 33] = 0.5
    case = replace(case, bed_m=pit, depth_m=pool)
    whole = run(case)
    half = run(replace(case, end_s=600.0))
    write(dataset(half, PLACE), tmp_path / name)
    again = run(case, since=maps_of(read(tmp_path / name)))
    assert half.state["pumps"].tolist() == [[25, 33, 1], [5, 5, 0]]
    assert half.depth_m[25, 33] < 0.5, "started anew the pump would not run"
    for part in fields(Maps):
        ours, theirs = getattr(again, part.name), getattr(whole, part.name)
        if isinstance(theirs, dict):
            assert ours.keys() == theirs.keys()
            assert all(np.array_equal(ours[key], theirs[key]) for key in theirs), part.name
        else:
            assert np.array_equal(ours, theirs, equal_nan=True), part.name
    assert abs(again.balance_error) < (1e-9 if precision == "float64" else 1e-5)


def test_a_restart_that_does_not_know_whether_a_pump_runs_is_refused() -> None:
    pumped = town(sources=(*town().sources, Pump((15, 30), 2.0, 0.05, 0.01)))
    for first, then in ((town(), pumped), (pumped, town())):
        half = run(replace(first, end_s=300.0))
        with pytest.raises(InputError, match="pumps"):
            run(then, since=half)
    half = run(town(end_s=300.0))
    with pytest.raises(InputError, match="before runs kept"):
        run(town(), since=replace(half, state={}))


def test_cells_in_two_breaches_are_as_low_as_the_lower_of_them() -> None:
    """The one that began later held the other's cells up until then."""
    basin = Basin(np.full((4, 8), 6.0), 10.0, precision=np.float64, threads=1)
    both = (Breach(((1, 1),), 4.0, 0, 100), Breach(((1, 1), (1, 2)), 5.0, 200, 100))
    sources = Sources(both, basin)
    for time_s, wanted in ((50.0, (5.0, 6.0)), (150.0, (4.0, 6.0)), (300.0, (4.0, 5.0))):
        basin.time_s = time_s
        sources.rate_m_s(basin, 1.0)
        assert tuple(basin.bed_m[1, 1:3]) == wanted


def test_the_same_maps_are_the_same_bytes() -> None:
    maps = run(town(end_s=300.0))
    assert zarr_bytes(dataset(maps, PLACE)) == zarr_bytes(dataset(maps, PLACE))
    opened = from_zarr(zarr_bytes(dataset(maps, PLACE, {"limits": "not JMA's"})))
    assert opened.attrs["limits"] == "not JMA's"
    assert float(opened.y[0]) == 895.0


def test_a_restart_of_another_grid_is_refused() -> None:
    half = run(town(end_s=300.0))
    with pytest.raises(InputError, match="another"):
        run(town("finite-volume"), since=half)


def test_a_stage_at_the_edge_fills_a_basin_to_that_stage() -> None:
    for kernel in ("inertial", "finite-volume"):
        case = Case(
            np.zeros((4, 20)), 10.0, 20_000.0, kernel=kernel, precision="float64", threads=1,  # type: ignore[arg-type]
            manning=0.05, edges=(EdgeSeries("west", "stage", steady(0.8)),), save_every_s=20_000,
        )  # fmt: skip
        maps = run(case)
        assert np.abs(maps.depth_m - 0.8).max() < 0.02, kernel
        assert abs(maps.balance_error) < 1e-9


def test_a_pump_runs_between_its_two_levels_and_moves_water() -> None:
    basin = Basin(np.zeros((4, 8)), 10.0, precision=np.float64, threads=1)
    pump = Pump((1, 1), 5.0, on_m=0.5, off_m=0.1, outlet=(2, 6))
    sources = Sources((pump,), basin)
    basin.depth_m[1, 1] = 0.4
    assert not sources.rate_m_s(basin, 1.0).any()
    basin.depth_m[1, 1] = 0.6
    rate = sources.rate_m_s(basin, 1.0)
    assert rate[1, 1] == pytest.approx(-0.05)
    assert rate[2, 6] == pytest.approx(0.05)
    basin.depth_m[1, 1] = 0.2
    assert sources.rate_m_s(basin, 1.0).any(), "still above its off level"
    basin.depth_m[1, 1] = 0.05
    assert not sources.rate_m_s(basin, 1.0).any()


def test_infiltration_follows_green_and_ampt() -> None:
    soil = GreenAmpt(conductivity_m_s=3e-6, suction_m=0.11, deficit=0.3)
    basin = Basin(np.zeros((2, 2)), 10.0, precision=np.float64, threads=1)
    plenty = np.full((2, 2), 10.0)
    for _ in range(360):
        soil.rate_m_s(basin, plenty, 10.0)
    soaked, p = soil.soaked_m[0, 0], 0.11 * 0.3
    assert soaked - p * np.log1p(soaked / p) == pytest.approx(3e-6 * 3600, rel=1e-6)


def test_what_is_no_case_is_refused() -> None:
    for changes, match in (
        ({"end_s": 0.0}, "end_s"),
        ({"depth_m": np.full((30, 40), -1.0)}, "below 0"),
        ({"sources": (Inflow(((99, 0),), steady(1.0)),)}, "outside"),
    ):
        with pytest.raises(InputError, match=match):
            run(town(**changes))
    with pytest.raises(InputError, match="rising"):
        Hydrograph((0.0, 0.0), (1.0, 2.0))
    with pytest.raises(InputError, match="gap"):
        Hydrograph((0.0, 1.0), (1.0, float("nan")))


@pytest.mark.parametrize(
    ("made", "what"),
    [
        (lambda: Rain(steady(-5.0)), "rain"),
        (lambda: Rain(steady(5.0), np.array([[1.0, np.nan]])), "rain"),
        (lambda: Inflow(((1, 1),), steady(-1.0)), "inflow"),
        (lambda: Inflow((), steady(1.0)), "inflow"),
        (lambda: Pump((1, 1), -1.0, 0.5, 0.1), "pump"),
        (lambda: Pump((1, 1), 1.0, 0.1, 0.5), "pump"),
        (lambda: Drain(-50.0), "drain"),
        (lambda: GreenAmpt(np.nan, 0.1, 0.3), "infiltration"),
        (lambda: GreenAmpt(1e-6, 0.1, 30.0), "infiltration"),
        (lambda: Breach(((1, 1),), np.nan, 0.0), "breach"),
    ],
    ids=[
        "rain-below-0", "rain-hole", "inflow-below-0", "inflow-nowhere", "pump-below-0",
        "pump-levels", "drain-below-0", "soil-nan", "soil-percent", "breach-nan",
    ],
)  # fmt: skip
def test_water_that_cannot_be_is_refused_before_it_runs(
    made: Callable[[], object], what: str
) -> None:
    """A rate below 0 dug holes of metres; a hole in rain's pattern spread over the whole map."""
    with pytest.raises(InputError, match=what):
        made()


def test_a_pattern_of_another_grid_is_refused() -> None:
    with pytest.raises(InputError, match="pattern"):
        run(town(sources=(Rain(steady(5.0), np.ones((3, 3))),)))


@KERNELS
def test_an_edge_takes_no_more_water_than_there_is(kernel: str) -> None:
    """1 m2/s for ten minutes out of a pool of 0.1 m and 100 m long: it is empty, not in debt."""
    pool = Case(
        np.zeros((4, 10)), 10.0, 600.0, kernel=kernel, precision="float64", threads=1,  # type: ignore[arg-type]
        depth_m=np.full((4, 10), 0.1), edges=(EdgeSeries("west", "flow", steady(-1.0)),),
    )  # fmt: skip
    left = run(pool)
    assert left.depth_m.min() >= 0
    assert left.volume_m3 < 0.5 * 400.0
    assert left.totals_m3["edges"] == pytest.approx(left.volume_m3 - 400.0, abs=1e-6)


def test_no_cell_of_an_inflow_shoots_up_from_dry() -> None:
    maps: list[Maps] = []
    run(town(end_s=300.0), saved=maps.append)
    assert maps[0].max_depth_m.max() < 3.0


def test_depth_classes_are_the_handbooks() -> None:
    assert rank_of(np.array([0.04, 0.05, 0.49, 0.5, 3, 5, 10, 20])).tolist() == [
        0, 1, 1, 2, 3, 4, 5, 6,
    ]  # fmt: skip
    # RGB 247,245,169 and 220,122,220 in MLIT's 水害ハザードマップ作成の手引き.
    assert (RANKS[0].colour, RANKS[-1].colour) == ("#f7f5a9", "#dc7adc")


@KERNELS
def test_a_breach_leaves_the_case_as_it_was(kernel: str) -> None:
    case = town(kernel, end_s=600.0, sources=(Breach(((15, 20),), 4.0, 60, 60),))
    before = case.bed_m.copy()
    run(case)
    assert np.array_equal(case.bed_m, before)


def test_soil_that_is_wet_stays_wet_over_a_restart_and_dry_for_another_run(tmp_path: Path) -> None:
    soil = GreenAmpt(2e-5, 0.1, 0.3)
    case = town(sources=(Rain(steady(60.0)), soil))
    whole = run(case)
    assert soil.soaked_m.size == 0, "a run leaves the case as it was"
    half = run(replace(case, end_s=600.0))
    write(dataset(half, PLACE), tmp_path / "half.nc")
    again = run(case, since=maps_of(read(tmp_path / "half.nc")))
    assert again.soaked_m is not None
    assert whole.soaked_m is not None
    assert again.soaked_m == pytest.approx(whole.soaked_m, rel=1e-9)
    assert again.depth_m == pytest.approx(whole.depth_m, abs=1e-10)
