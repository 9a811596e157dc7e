"""The finite-volume kernel: what must hold of any flood, slow or fast."""

from __future__ import annotations

import numpy as np
import pytest

from hinomi.kernel.errors import InputError
from hinomi.science.inundation.finite import FiniteVolumeBasin
from verify.finite import canal_error_m, dam_break_error_m, lake_speed_m_s


def splash(rows: int = 40, columns: int = 60, **options: object) -> FiniteVolumeBasin:
    """Return a basin some steps after a column of water fell into it."""
    y, x = np.mgrid[0:rows, 0:columns]
    noise = np.random.default_rng(1).random((rows, columns))
    basin = FiniteVolumeBasin(0.5 * np.sin(x / 9) + 0.1 * noise + 0.01 * y, 5.0, **options)  # type: ignore[arg-type]
    basin.depth_m[10:20, 10:30] = 2.0
    for _ in range(60):
        basin.step(basin.longest_step_s())
    return basin


def test_halving_the_cells_nearly_halves_the_error_at_a_dam_break() -> None:
    assert dam_break_error_m(400, 0.1) < 0.65 * dam_break_error_m(200, 0.1)


def test_smooth_water_converges_faster_than_first_order() -> None:
    assert canal_error_m(200) < 0.45 * canal_error_m(100)


def test_a_lake_at_rest_stays_so_in_single_precision_too() -> None:
    assert lake_speed_m_s(np.float32) < 1e-5


def test_bands_beside_each_other_give_the_same_numbers() -> None:
    alone, many = splash(threads=1), splash(threads=3)
    assert np.abs(alone.depth_m - many.depth_m).max() < 1e-12


def test_a_mirrored_basin_gives_a_mirrored_flood() -> None:
    bed = np.random.default_rng(2).random((24, 24))
    floods = []
    for given in (bed, bed.T):
        basin = FiniteVolumeBasin(given, 5.0, threads=1)
        basin.depth_m[3:9, 3:9] = 1.5
        for _ in range(40):
            basin.step(basin.longest_step_s())
        floods.append(basin.depth_m.copy())
    assert np.abs(floods[0] - floods[1].T).max() < 1e-12


def test_no_cell_goes_below_dry_and_no_water_is_lost() -> None:
    basin = splash(threads=1)
    assert basin.depth_m.min() >= 0
    assert basin.volume_m3() == pytest.approx(200 * 2.0 * 25.0, rel=1e-12)


def test_what_passes_the_edges_is_counted() -> None:
    basin = FiniteVolumeBasin(np.zeros((4, 50)), 2.0, threads=1)
    basin.edges.set("west", "flow", 0.6)
    basin.edges.set("east", "free")
    for _ in range(800):
        basin.step(min(basin.longest_step_s(), 1.0))
    came = 0.6 * 4 * 2.0 * basin.time_s
    assert 0 < basin.volume_m3() < came, "else nothing has left"
    assert basin.volume_m3() == pytest.approx(basin.passed_m3, rel=1e-12)


def test_a_step_that_is_not_stable_is_refused() -> None:
    basin = splash(threads=1)
    with pytest.raises(InputError, match="not stable"):
        basin.step(1.5 * basin.longest_step_s())


def test_water_that_is_no_number_is_refused() -> None:
    basin = splash(threads=1)
    basin.depth_m[3, 3] = np.inf
    with pytest.raises(InputError, match="no number"):
        basin.longest_step_s()
