"""Depth from sensors, tier 1: exact where it can be, bounded where it cannot, redone in part."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hinomi.kernel.errors import InputError
from hinomi.science.depths.ground import Ground, filled, spikes
from hinomi.science.depths.posts import Settings
from hinomi.science.depths.surface import Surface
from verify.depths import bowl, speed

WIDE = Settings(reach_m=3_000.0)
SWITCHES = np.array([[0.0, 0.1], [0.1, 0.2], [0.2, 0.3], [0.3, np.inf], [np.nan, np.nan]])


def valley(crest: float, rows: int = 21, columns: int = 41) -> np.ndarray:
    """Return two basins with a ridge between, walled all around."""
    z = np.full((rows, columns), 9.0, np.float32)
    z[1:-1, 1:-1] = 1.0
    z[1:-1, columns // 2] = crest
    return z


def test_a_level_lake_is_exact_and_its_shore_too() -> None:
    bed, level, row, column = bowl()
    made = Surface(Ground(bed, 10.0, 10.0), row, column, WIDE)
    depth = np.maximum(level - bed.astype(float), 0)
    made.observe(depth[row, column], depth[row, column])
    assert (depth[row, column] == 0).sum() >= 2, "some sensors stand dry on the island"
    assert np.abs(made.depth_m - depth).max() < 1e-6
    assert made.findings == ()


def test_water_does_not_pass_a_ridge_that_is_higher_nor_a_corner() -> None:
    made = Surface(Ground(valley(crest=2.0), 10.0, 10.0), [10], [10], WIDE)
    made.observe([0.5], [0.5])
    assert (made.depth_m[1:-1, 1:20] == 0.5).all()
    assert not (made.depth_m[:, 20:] > 0).any()
    made.observe([1.5], [1.5])
    assert (made.depth_m[1:-1, 21:-1] == 1.5).all(), "over the crest it goes on"
    corner = np.full((9, 9), 1.0, np.float32)
    np.fill_diagonal(corner, 5.0)
    made = Surface(Ground(np.pad(corner, 1, constant_values=9), 10.0, 10.0), [3], [7], WIDE)
    made.observe([0.5], [0.5])
    assert not (np.tril(made.depth_m[1:-1, 1:-1]) > 0).any()


def test_a_dry_sensor_holds_the_water_down_and_what_lies_behind_is_left_out() -> None:
    z = valley(crest=1.25)
    made = Surface(Ground(z, 10.0, 10.0), [10, 10], [5, 20], WIDE)
    made.observe([0.4, 0.0], [0.4, 0.1])
    assert made.depth_m[10, 20] == 0.0
    assert made.depth_m[10, 5] == pytest.approx(0.4, abs=1e-6)
    assert (np.diff(made.depth_m[10, 5:20]) <= 0).all(), "it slopes down to the dry one"
    alone = Surface(Ground(z, 10.0, 10.0), [10], [5], WIDE)
    alone.observe([0.4], [0.4])
    assert alone.depth_m[10, 30] > 0.3


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), count=st.integers(1, 40))
def test_a_dry_sensor_never_ends_wet_and_no_level_leaves_what_is_said(
    seed: int, count: int
) -> None:
    dice = np.random.default_rng(seed)
    z = np.cumsum(dice.normal(0, 0.15, (40, 50)), axis=1).astype(np.float32)
    z[dice.random(z.shape) < 0.01] = np.nan
    row, column = dice.integers(0, 40, count), dice.integers(0, 50, count)
    said = SWITCHES[dice.integers(0, 5, count)]
    made = Surface(Ground(z, 10.0, 8.0), row, column, Settings(reach_m=150.0))
    made.observe(said[:, 0], said[:, 1])
    dry = (said[:, 0] == 0) & np.isfinite(z[row, column])
    assert (made.depth_m[row[dry], column[dry]] == 0).all()
    assert np.isnan(made.depth_m[np.isnan(z)]).all()
    wet = made.depth_m > 0
    levels = (z[row, column] + said.clip(max=0.3)[:, 1])[said[:, 0] > 0]
    highest = np.max(levels[np.isfinite(levels)], initial=-99)
    assert not wet.any() or float((made.depth_m + z)[wet].max()) <= highest + 1e-4
    assert np.isfinite(made.error_m[wet]).all()
    assert np.isnan(made.error_m[~wet]).all()


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_an_update_gives_bit_for_bit_what_all_anew_gives(seed: int) -> None:
    dice = np.random.default_rng(seed)
    z = (dice.normal(0, 0.1, (120, 160)).cumsum(axis=0) * 0.2).astype(np.float32)
    row, column = dice.integers(0, 120, 60), dice.integers(0, 160, 60)
    said = SWITCHES[dice.integers(0, 5, 60)]
    kept = Surface(Ground(z, 5.0, 5.0), row, column, Settings(reach_m=60.0))
    kept.observe(said[:, 0], said[:, 1])
    assert kept.observe(said[:, 0], said[:, 1]) is None, "nothing new, nothing redone"
    for _ in range(5):
        said[dice.integers(0, 60)] = SWITCHES[dice.integers(0, 5)]
        kept.observe(said[:, 0], said[:, 1])
    anew = Surface(kept.ground, row, column, kept.settings)
    anew.observe(said[:, 0], said[:, 1])
    np.testing.assert_array_equal(kept.depth_m, anew.depth_m)
    np.testing.assert_array_equal(kept.error_m, anew.error_m)
    assert kept.findings == anew.findings


def test_an_update_redoes_no_more_than_the_changed_sensor_can_reach() -> None:
    z = np.full((400, 400), 1.0, np.float32)
    made = Surface(Ground(z, 10.0, 10.0), [200, 50], [200, 50], Settings(reach_m=200.0))
    made.observe([0.1, 0.1], [0.2, 0.2])
    assert made.observe([0.2, 0.1], [0.3, 0.2]) == (179, 179, 221, 221)


def test_water_does_not_stand_on_a_slope_but_stands_in_a_hole_of_it() -> None:
    z = np.tile(20 - 0.5 * np.arange(60, dtype=np.float32), (30, 1))
    z[12:18, 20:26] = 6.0
    made = Surface(Ground(z, 10.0, 10.0), [15], [2], WIDE)
    made.observe([0.15], [0.15])
    assert np.nanmax(made.depth_m) < 0.7, "no lake of ten metres at the foot of the slope"
    underpass = Surface(Ground(z, 10.0, 10.0), [15], [22], WIDE)
    underpass.observe([1.0], [1.0])
    assert (underpass.depth_m[12:18, 20:26] == 1.0).all()


def test_deeper_than_the_highest_switch_others_tell_how_deep() -> None:
    z = valley(crest=1.0)
    z[10, 30] = 1.9
    low, high = [0.3, 0.1], [np.inf, 0.2]
    made = Surface(Ground(z, 10.0, 10.0), [10, 10], [5, 30], WIDE)
    made.observe(low, high)
    assert made.depth_m[10, 5] == pytest.approx(1.05, abs=1e-6)
    assert made.findings == ()
    alone = Surface(made.ground, [10], [5], WIDE)
    alone.observe([0.3], [np.inf])
    assert alone.depth_m[10, 5] == pytest.approx(0.3, abs=1e-6)
    assert [f.fault for f in alone.findings] == ["saturated"]
    assert alone.error_m[10, 5] > made.error_m[10, 5]


def test_what_cannot_be_is_told_and_bounded() -> None:
    z = valley(crest=1.0)
    z[5, 5] = np.nan
    row, column = [10, 5, 99, 10, 10, 3], [10, 5, 3, 10, 12, 3]
    made = Surface(Ground(z, 10.0, 10.0), row, column, WIDE)
    made.observe([0.1, 0.1, 0.1, 0.0, 0.5, -1.0], [0.2, 0.2, 0.2, 0.1, 0.2, 0.2])
    assert {(f.post, f.fault) for f in made.findings} == {
        (1, "void"), (2, "outside"), (0, "same-cell"), (4, "nonsense"), (5, "nonsense"),
    }  # fmt: skip
    assert made.depth_m[10, 10] == 0.0
    assert np.isnan(made.depth_m[5, 5])


def test_one_stuck_under_water_among_dry_ones_lower_down_is_outvoted() -> None:
    z = valley(crest=1.0)
    z[10, 10] = 2.5
    z[9:12, 9:12] = np.where(z[9:12, 9:12] < 2, 2.4, z[9:12, 9:12])
    place = [10, 10, 10, 10], [10, 15, 20, 25]
    made = Surface(Ground(z, 10.0, 10.0), *place, Settings(reach_m=3_000))
    made.observe([0.3, 0, 0, 0], [0.3, 0.1, 0.1, 0.1])
    (found,) = made.findings
    assert (found.post, found.fault, set(found.others)) == (0, "outvoted", {1, 2, 3})
    assert not (made.depth_m > 0).any()
    made.observe([0.3, 0, np.nan, np.nan], [0.3, 0.1, np.nan, np.nan])
    (found,) = made.findings
    assert (found.fault, found.others) == ("contradicts", (1,)), "one against one: both stand"
    assert made.depth_m[10, 10] > 0
    assert made.depth_m[10, 15] == 0


def test_beyond_the_reach_nothing_is_known() -> None:
    made = Surface(Ground(np.ones((5, 99), np.float32), 10, 10), [2], [2], Settings(reach_m=100))
    made.observe([0.1], [0.2])
    assert np.isnan(made.depth_m[2, 13:]).all()
    made.observe([np.nan], [np.nan])
    assert np.isnan(made.depth_m).all()


@pytest.mark.parametrize(
    "wrong",
    [np.full((3, 3), np.nan), np.zeros((1, 5)), np.zeros(5), np.full((3, 3), 99_999.0)],
)
def test_a_ground_that_is_none_is_refused(wrong: Any) -> None:
    with pytest.raises(InputError):
        Ground(wrong, 10.0, 10.0)


def test_depressions_fill_to_their_spill_as_an_independent_way_finds() -> None:
    z = np.random.default_rng(3).random((30, 40)).astype(np.float32)
    want = np.where(np.pad(np.zeros((28, 38)), 1, constant_values=1) > 0, z, np.inf)
    while True:  # The lowest highest point on any way out, by relaxation.
        out = np.pad(want, 1, constant_values=np.inf)
        least = np.minimum.reduce([out[:-2, 1:-1], out[2:, 1:-1], out[1:-1, :-2], out[1:-1, 2:]])
        new = np.minimum(want, np.maximum(z, least))
        if (new == want).all():
            break
        want = new
    assert np.abs(filled(z) - want).max() <= 0.01


def test_spikes_are_found_and_ground_is_not() -> None:
    z = np.random.default_rng(4).random((20, 20)) * 30
    z[5, 5], z[7, 7], z[0, 0] = 400.0, -300.0, np.nan
    assert np.argwhere(spikes(z)).tolist() == [[5, 5], [7, 7]]


@pytest.mark.alone
def test_a_thousand_sensors_on_four_million_cells() -> None:
    whole_s, update_s = speed()
    assert whole_s < 1.0
    assert update_s < 0.1
