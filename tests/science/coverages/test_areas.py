"""The mean over an area: one rule for holes, for rivers, dams and depths."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from hinomi.science.coverages import Packed, area_means
from hinomi.vocabulary.grids import box

BOUNDS = (130.0, 30.0, 131.0, 31.0)
T0 = datetime(2026, 9, 1, tzinfo=UTC)


def grid(*fields: np.ndarray) -> Packed:
    times = tuple(T0 + timedelta(hours=n) for n in range(len(fields)))
    return Packed(
        parameter="rain", unit="mm/h", times=times, bounds=BOUNDS,
        values=np.stack(fields).astype(np.float32),
    )  # fmt: skip


FIELD = np.arange(100.0).reshape(10, 10)


def test_cells_whose_middle_lies_inside_count() -> None:
    # Rows from the north: the south-west four cells are 80, 81, 90, 91.
    assert area_means(grid(FIELD, 2 * FIELD), box(130.0, 30.0, 130.2, 30.2)).tolist() == [
        85.5, 171.0,
    ]  # fmt: skip
    triangle = {"type": "Polygon", "coordinates": [[[130, 30], [130.2, 30], [130, 30.2],
                                                    [130, 30]]]}  # fmt: skip
    assert area_means(grid(FIELD), triangle)[0] == pytest.approx(90.0)


@pytest.mark.parametrize("wrong", [np.nan, -1.0, 301.0, np.inf])
def test_half_of_the_area_has_to_be_known_and_what_is_no_rain_is_a_hole(wrong: float) -> None:
    half, less = FIELD.copy(), FIELD.copy()
    half[8, 0] = half[9, 0] = wrong
    less[8, 0] = less[9, 0] = less[9, 1] = wrong
    found = area_means(grid(half, less), box(130.0, 30.0, 130.2, 30.2))
    assert found[0] == 86.0
    assert np.isnan(found[1])


def test_what_lies_outside_the_grid_is_a_hole_too() -> None:
    assert np.isfinite(area_means(grid(FIELD), box(129.85, 30.0, 130.2, 30.2))[0])
    assert np.isnan(area_means(grid(FIELD), box(129.7, 30.0, 130.2, 30.2))[0])
    assert np.isnan(area_means(grid(FIELD), box(120.0, 20.0, 120.2, 20.2))[0])


def test_an_area_smaller_than_a_cell_takes_the_cell_that_it_lies_in() -> None:
    assert area_means(grid(FIELD), box(130.51, 30.51, 130.53, 30.53)).tolist() == [45.0]
