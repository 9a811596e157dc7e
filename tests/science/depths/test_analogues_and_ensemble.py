"""Tiers 2 and 3: runs that are like what happens, and runs that are pulled towards it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from hinomi.kernel.errors import InputError
from hinomi.science.depths.analogues import blend, weigh
from hinomi.science.depths.ensemble import Ensemble
from hinomi.science.inundation.run import Case, Run
from hinomi.science.inundation.sources import Rain, steady
from verify.depths import said


def test_what_says_as_the_sensors_counts_most_and_one_liar_does_not_rule_it_out() -> None:
    depths = np.linspace(0, 0.5, 6)[:, None] * np.linspace(0.1, 1.0, 60)
    low, high = said(depths[3])
    found = weigh(depths, low, high)
    assert int(np.argmax(found.weights)) == 3
    assert found.weights.sum() == pytest.approx(1)
    low[5], high[5] = 0.0, 0.1
    lied = weigh(depths, low, high)
    assert int(np.argmax(lied.weights)) == 3
    assert not lied.beyond


def test_an_event_that_no_run_is_like_is_told() -> None:
    library = np.zeros((3, 10)) + np.array([[0.0], [0.02], [0.05]])
    found = weigh(library, np.full(10, 0.9), np.full(10, 1.0))
    assert found.beyond


def test_a_blend_is_between_its_runs_and_tells_how_they_differ() -> None:
    fields = [np.array([[0.0, 1.0]]), np.array([[0.0, 2.0]]), np.array([[9.0, 9.0]])]
    made = blend(fields, [0.5, 0.5, 0.0])
    assert made.mean_m.tolist() == [[0.0, 1.5]]
    assert made.sd_m.tolist() == [[0.0, 0.5]]
    assert made.chance.tolist() == [[0.0, 1.0]]


@pytest.mark.parametrize(
    ("library", "low"), [([[0.0, np.nan]], [0.1, 0.1]), ([], [0.1, 0.1]), ([[0, 0]], [np.nan] * 2)]
)
def test_a_library_that_cannot_be_weighed_is_refused(library: Any, low: Any) -> None:
    with pytest.raises(InputError):
        weigh(np.reshape(library, (-1, 2)), low, [0.2, 0.2])


def _case(rain_mm_h: float) -> Case:
    y, x = np.mgrid[0:16, 0:16]
    bed = 0.03 * np.hypot(x - 8, y - 8)
    bed[[0, -1]] = bed[:, [0, -1]] = 5.0
    return Case(bed_m=bed, dx_m=20.0, end_s=3600.0, sources=(Rain(steady(rain_mm_h)),), threads=1)


def test_an_ensemble_of_too_little_rain_comes_nearer_by_what_sensors_say() -> None:
    real = Run(_case(120.0))
    row, column = np.array([8, 8, 5, 11, 3, 13]), np.array([8, 5, 8, 10, 3, 12])
    told, free = (Ensemble([_case(r) for r in (20.0, 40.0, 60.0)], row, column) for _ in range(2))
    for now in (1200.0, 1800.0, 2400.0):
        for one in (real, told, free):
            one.advance(now)
        told.assimilate(*said(real.basin.depth_m[row, column]))
    truth = real.basin.depth_m
    assert np.abs(told.mean_m() - truth).mean() < 0.7 * np.abs(free.mean_m() - truth).mean()
    assert int(np.argmax(told.weights)) == 2, "the rainiest is nearest"
    assert (told.nudged_m3 > 0).all()
    assert told.time_s == 2400.0
    assert told.sd_m().shape == truth.shape


def test_sensors_that_say_nothing_change_nothing() -> None:
    one = Ensemble([_case(20.0), _case(40.0)], [8], [8])
    one.advance(600.0)
    before = one.mean_m()
    assert one.assimilate([np.nan], [np.nan]) is None
    np.testing.assert_array_equal(one.mean_m(), before)


def test_members_of_different_ground_are_refused() -> None:
    with pytest.raises(InputError):
        Ensemble([_case(20.0)], [1], [1])
    other = Case(bed_m=np.zeros((16, 16)), dx_m=20.0, end_s=1.0)
    with pytest.raises(InputError):
        Ensemble([_case(20.0), other], [1], [1])
