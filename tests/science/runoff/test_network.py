"""The D8 network of a DEM, and waves down it."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pytest

from hinomi.kernel.errors import InputError
from hinomi.science.runoff.network import Network, network
from hinomi.science.runoff.waves import Channels, channels_of, lateral, route

ROWS, COLUMNS, CELL_M = 60, 50, 100.0


def valley() -> np.ndarray:
    y, x = np.mgrid[0:ROWS, 0:COLUMNS]
    return np.asarray(200 - 1.5 * y + 0.05 * (x - 25.0) ** 2, float)


@pytest.fixture(scope="module")
def net() -> Network:
    rough = np.random.default_rng(0).normal(0, 0.4, (ROWS, COLUMNS))
    return network(valley() + rough, CELL_M)


def test_every_cell_comes_after_all_that_flow_into_it_and_all_area_leaves(net: Network) -> None:
    place = np.empty(net.downstream.size, int)
    place[net.order] = np.arange(net.order.size)
    assert (place[net.order] <= place[net.downstream[net.order]]).all()
    outlets = [c for c in net.order if net.downstream[c] == c]
    assert net.upstream_m2.ravel()[outlets].sum() == ROWS * COLUMNS * CELL_M**2


def test_a_basin_is_what_drains_through_and_a_gauge_is_snapped_to_its_river(net: Network) -> None:
    row, column = net.snap(ROWS - 3, 23)
    assert net.upstream_m2[row, column] == np.nanmax(net.upstream_m2[ROWS - 6 :, 20:27])
    basin = net.basin(row, column)
    assert basin.sum() * CELL_M**2 == net.upstream_m2[row, column]
    length, slope = net.main_stem(row, column)
    assert (ROWS - 10) * CELL_M < length < 2 * ROWS * CELL_M
    assert 0.01 < slope < 0.05
    with pytest.raises(InputError):
        net.snap(ROWS, 0)


def test_voids_spikes_and_pits_are_mended_and_told() -> None:
    ground = valley()
    clean = network(ground, CELL_M)
    ground[20, 30] += 800  # A spike,
    ground[40, 10] -= 700  # a well,
    ground[30:33, 24:27] = np.nan  # a hole in the river,
    ground[44:48, 38:42] -= 45  # and a quarry.
    told = network(ground, CELL_M)
    faults = {f.code: f for f in told.faults}
    assert set(faults) == {"dem.spike", "dem.void-closed", "dem.deep-fill"}
    assert {(20, 30), (40, 10)} == set(faults["dem.spike"].where)
    assert faults["dem.void-closed"].cells == 9
    assert np.abs(told.filled_m - clean.filled_m)[:20].max() < 1e-3
    assert np.nanmax(told.upstream_m2) > 0.5 * np.nanmax(clean.upstream_m2)


def test_a_large_hole_stays_one_and_is_told() -> None:
    ground = valley()
    ground[10:35, 10:35] = np.nan
    found = network(ground, CELL_M)
    assert {f.code: f.cells for f in found.faults} == {"dem.void": 625}
    assert (found.downstream.reshape(ROWS, COLUMNS)[10:35, 10:35] == -1).all()
    with pytest.raises(InputError):
        network(np.full((3, 3), np.nan), CELL_M)


@pytest.mark.parametrize("scheme", ["muskingum-cunge", "kinematic"])
def test_no_water_is_lost_and_steady_rain_flows_off_as_area_times_rain(
    net: Network, scheme: Literal["muskingum-cunge", "kinematic"]
) -> None:
    channels, cells, to = channels_of(net, 2e5, 0.03)
    side = lateral(np.full(net.downstream.size, 20.0), net, to, cells.size)
    rain = np.zeros((500, cells.size))
    rain[:300] = side
    found = route(channels, rain, 300.0, scheme=scheme)
    came = float(rain.sum() * 300.0)
    assert abs(found.error_m3) < 1e-12 * came
    assert found.outflow_m3_s.min() >= 0
    assert found.stored_m3.min() >= 0
    steady = net.upstream_m2.ravel()[cells] * 20.0 / 3.6e6
    inside = (net.basin(*divmod(int(cells[steady.argmax()]), COLUMNS))).ravel()[cells]
    assert found.outflow_m3_s[299][inside] == pytest.approx(steady[inside], rel=1e-3)


def test_rain_on_a_plane_runs_off_as_the_kinematic_wave_does() -> None:
    # Henderson & Wooding 1964: q = alpha (r t)^(5/3) until the wave from the top arrives.
    count, rain, slope, manning = 400, 50 / 3.6e6, 0.01, 0.05
    plane = Channels(
        down=np.append(np.arange(1, count), -1), length_m=np.full(count, 100 / count),
        width_m=np.ones(1), slope=np.full(1, slope), manning=np.full(1, manning),
    )  # fmt: skip
    t = (np.arange(600) + 1) * 3.0
    found = route(plane, np.full((600, count), rain * 100 / count), 3.0, scheme="kinematic")
    alpha = np.sqrt(slope) / manning
    arrival = (100 * rain ** (-2 / 3) / alpha) ** 0.6
    exact = np.where(t < arrival, alpha * (rain * t) ** (5 / 3), rain * 100)
    assert np.abs(found.outflow_m3_s[:, -1] - exact).max() < 0.04 * rain * 100


def test_channels_and_flows_that_make_no_sense_are_refused() -> None:
    one = np.ones(2)
    with pytest.raises(InputError):
        Channels(down=np.array([1, 0]), length_m=one, width_m=one, slope=one, manning=one)
    with pytest.raises(InputError):
        Channels(down=np.array([1, -1]), length_m=0 * one, width_m=one, slope=one, manning=one)
    good = Channels(down=np.array([1, -1]), length_m=one, width_m=one, slope=one, manning=one)
    for side in (np.full((2, 2), np.nan), np.full((2, 2), -1.0), np.ones((2, 3))):
        with pytest.raises(InputError):
            route(good, side, 60.0)
