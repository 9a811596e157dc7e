"""Coverages: what is kept is what came, within the stated error, where it belongs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
import xarray
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Proj
from zarr.storage import ZipStore

from hinomi.kernel.errors import InputError
from hinomi.science.coverages import (
    Packed,
    Plane,
    classes_of,
    over_time,
    pack,
    to_degrees,
    unpack,
    window,
)

T0 = datetime(2026, 9, 1, tzinfo=UTC)
JAPAN = (130.0, 30.0, 140.0, 40.0)
METRES = np.pi * 6_378_137 / 180


def grid(values: Any, bounds: tuple[float, float, float, float] = JAPAN) -> Packed:
    array = np.asarray(values, np.float32)
    times = tuple(T0 + timedelta(minutes=5 * i) for i in range(len(array)))
    return Packed(parameter="rain_mm_per_h", unit="mm/h", times=times, bounds=bounds, values=array)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.floats(0, 400, width=32) | st.just(float("nan")), min_size=6, max_size=6))
def test_what_is_kept_is_within_half_a_step(values: list[float]) -> None:
    given_ = grid(np.reshape(np.array(values, np.float32), (1, 2, 3)))
    back = unpack(pack(given_, 0.1))
    assert (back.times, back.bounds, back.unit) == (given_.times, JAPAN, "mm/h")
    np.testing.assert_array_equal(np.isnan(back.values), np.isnan(given_.values))
    np.testing.assert_allclose(back.values, given_.values, atol=0.0501, rtol=1e-6)


def test_the_same_grid_is_the_same_bytes_and_xarray_reads_it_alone(tmp_path: Any) -> None:
    made = grid([[[1.0, np.nan], [0.0, 7.25]]])
    assert pack(made, 0.1) == pack(made, 0.1)
    path = tmp_path / "grid.zarr.zip"
    path.write_bytes(pack(made, 0.1))
    opened = xarray.open_zarr(ZipStore(path, mode="r"), consolidated=False)
    there = opened["rain_mm_per_h"].sel(time="2026-09-01T00:00", lat=32.5, lon=137.5)
    assert float(there) == pytest.approx(7.25, abs=0.051)
    assert bool(opened["rain_mm_per_h"].isnull().any())


@pytest.mark.parametrize("wrong", [[[[-0.1]]], [[[7000.0]]]])
def test_what_does_not_fit_is_refused_not_clipped(wrong: list[Any]) -> None:
    with pytest.raises(InputError, match="expected 0 to"):
        pack(grid(wrong), 0.1)


def test_other_bytes_are_no_grid() -> None:
    with pytest.raises(InputError, match="zip"):
        unpack(b"nothing of the kind")


def test_a_plane_lies_where_its_corners_say() -> None:
    # Lambert's azimuthal projection around Tokyo, 400 x 400 km: its middle is Tokyo.
    plane = Plane(
        "+proj=laea +lat_0=35.68 +lon_0=139.77 +R=6371000", (137.63, 33.85), (142.04, 37.45)
    )
    values = np.zeros((200, 200), np.float32)
    values[95:105, 95:105] = 5
    out, (west, south, east, north) = to_degrees(values, plane)
    row, column = np.argwhere(out == 5).mean(axis=0)
    assert west + (column + 0.5) * (east - west) / out.shape[1] == pytest.approx(139.77, abs=0.06)
    assert north - (row + 0.5) * (north - south) / out.shape[0] == pytest.approx(35.68, abs=0.06)
    assert np.isnan(out).any()


@pytest.mark.parametrize(
    ("projection", "corner"), [("+proj=nonsense", (142.0, 37.0)), ("EPSG:6677", (130.0, 30.0))]
)
def test_a_plane_that_is_none_is_told(projection: str, corner: tuple[float, float]) -> None:
    with pytest.raises(InputError):
        to_degrees(np.zeros((4, 4), np.float32), Plane(projection, (137.0, 33.0), corner))


def test_a_grid_of_degrees_keeps_its_rows_and_bounds() -> None:
    values = np.arange(3600, dtype=np.float32).reshape(60, 60)
    plane = Plane("+proj=longlat +ellps=WGS84", (130.0, 30.0), (140.0, 40.0))
    out, bounds = to_degrees(values, plane)
    assert out.shape[0] == 60
    assert bounds[1] == pytest.approx(30.0)
    assert np.isfinite(out[:, :-1]).all()


def test_a_plane_about_a_pole_reaches_it_on_all_sides() -> None:
    """On the polar stereographic plane the pole is the middle; rain there was left out."""
    values = np.zeros((60, 60), np.float32)
    values[28:32, 28:32] = 5.0
    projection = "+proj=stere +lat_0=90 +lon_0=10 +lat_ts=60 +ellps=WGS84"
    forth = Proj(projection)
    corners = [forth(x, x, inverse=True) for x in (-3e6, 3e6)]
    out, (west, _, east, north) = to_degrees(values, Plane(projection, *corners))
    assert (west, north) == (-180.0, 90.0)
    assert east >= 180.0
    # 100 km a cell: the four in the middle reach a degree and more on every side of the pole.
    assert (out[0, : int(out.shape[1] * 360 / (east - west))] == 5.0).all()


def test_a_window_shows_each_cell_at_its_place() -> None:
    values = np.arange(100, dtype=np.float32).reshape(10, 10)
    seen = window(values, JAPAN, (129 * METRES, 0.0, 141 * METRES, 60 * METRES), (12, 600))
    assert np.isnan(seen[:, 0]).all()
    assert np.isnan(seen[:, -1]).all()
    column = seen[:, 1]
    known = column[np.isfinite(column)]
    # From the north: the rows in order, the northern ones taller in Mercator.
    assert list(dict.fromkeys(known)) == [10.0 * row for row in range(10)]
    counts = [int((known == 10.0 * row).sum()) for row in range(10)]
    assert counts[0] > counts[-1]


def test_one_place_over_time_and_outside() -> None:
    values = np.arange(8, dtype=np.float32).reshape(2, 2, 2)
    assert over_time(values, JAPAN, 131.0, 39.0).tolist() == [0.0, 4.0]
    assert over_time(values, JAPAN, 139.0, 31.0).tolist() == [3.0, 7.0]
    assert np.isnan(over_time(values, JAPAN, 141.0, 31.0)).all()


def test_classes_begin_at_their_steps() -> None:
    found = classes_of(np.array([np.nan, 0.0, 0.1, 0.99, 1.0, 80.0], np.float32), (0.1, 1.0, 80.0))
    assert found.tolist() == [0, 0, 1, 1, 2, 3]
