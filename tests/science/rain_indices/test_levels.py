"""Levels of meshes and areas, and the meshes' codes."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hinomi.science.rain_indices import (
    UNKNOWN,
    area_levels,
    composite_levels,
    index_levels,
    mesh_centre,
    mesh_code,
    soil_levels,
)


@given(st.floats(122, 154), st.floats(20, 46))
def test_a_position_lies_in_the_mesh_that_its_code_names(lon: float, lat: float) -> None:
    x, y = mesh_centre(mesh_code(lon, lat))
    assert abs(float(x) - lon) <= 1 / 160 + 1e-9
    assert abs(float(y) - lat) <= 1 / 240 + 1e-9
    assert mesh_code(x, y) == mesh_code(lon, lat)


def test_a_level_holds_from_its_criterion_on() -> None:
    index = np.array([11.9, 12, 20, 28, 28, 99, np.nan])
    criteria = {level: np.full(7, at) for level, at in ((2, 12), (3, 20), (4, 28), (5, -1))}
    judged = np.array([True, True, True, True, False, True, True])
    found = index_levels(index, criteria, judged_at_4=judged)
    assert found.tolist() == [0, 2, 3, 4, 3, 4, UNKNOWN]


def test_a_composite_criterion_needs_both_indices() -> None:
    runoff, surface = np.array([24.0, 24, 23, np.nan]), np.array([10.0, 9, 10, 10])
    both = {3: (np.full(4, 24), np.full(4, 10))}
    assert composite_levels(runoff, surface, both).tolist() == [3, 0, 0, UNKNOWN]


def test_more_rain_needs_less_water_in_the_soil() -> None:
    curve = np.tile(np.arange(200, 49, -1), (5, 1))
    curve[4] = -1
    index = np.array([150.0, 150, 150, np.nan, 999])
    hour = np.array([49.9, 50, np.nan, 10, 500])
    assert soil_levels(index, hour, curve, 4).tolist() == [0, 4, UNKNOWN, UNKNOWN, 0]


def test_an_area_has_its_highest_mesh_and_says_how_many_are_not_known() -> None:
    found = area_levels(["a", "a", "a", "b"], np.array([2, 2, -1, -1], np.int8))
    assert found["a"] == (2, (0, 0, 2, 0, 0, 0), 1)
    assert found["b"].level == UNKNOWN
