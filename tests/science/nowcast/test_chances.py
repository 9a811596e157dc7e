"""Displaced futures and smoothing: likely where near, no rain lost, holes stay holes."""

from __future__ import annotations

import numpy as np
import pytest

from hinomi.kernel.errors import InputError
from hinomi.science.nowcast import displaced, exceedance, smoothed
from hinomi.science.scores import fss, fss_of_probability


def one_shower() -> np.ndarray:
    field = np.zeros((41, 41), np.float32)
    field[18:23, 18:23] = 20
    return field


def test_the_chance_falls_with_the_distance_from_the_shower() -> None:
    chance = exceedance(displaced(one_shower(), 8.0), [10.0])[0]
    assert chance[20, 20] < 1
    assert chance[20, 20] >= chance[20, 26] > chance[20, 34] == 0
    # All that rains somewhere rains in every future: the expected area is the shower's.
    known = np.nan_to_num(chance)
    assert known.sum() == pytest.approx(25, rel=1e-5)


def test_without_a_radius_all_futures_are_the_extrapolation() -> None:
    field = one_shower()
    assert (displaced(field, 0.0, members=3) == field).all()


def test_what_comes_from_outside_or_from_a_hole_is_not_known() -> None:
    field = one_shower()
    field[0, 0] = np.nan
    futures = displaced(field, 3.0)
    assert np.isnan(futures[:, 0, :]).any()
    assert np.isnan(futures[:, 2, 2]).any()
    assert np.isfinite(futures[:, 20, 20]).all()


def test_a_stride_gives_the_same_futures_at_fewer_cells() -> None:
    field = one_shower()
    np.testing.assert_array_equal(
        displaced(field, 5.0, stride=3), displaced(field, 5.0)[:, ::3, ::3]
    )


def test_smoothing_keeps_every_rate_and_hole_and_grows_with_time() -> None:
    rng = np.random.default_rng(5)
    field = np.where(rng.random((60, 60)) < 0.2, rng.gamma(2, 5, (60, 60)), 0).astype(np.float32)
    field[0, :5] = np.nan
    ahead = np.stack([field] * 6)
    made = smoothed(ahead, 1.0, 10.0)
    rough = []
    for before, after in zip(ahead, made, strict=True):
        np.testing.assert_array_equal(np.isnan(after), np.isnan(before))
        known = np.isfinite(before)
        np.testing.assert_array_equal(np.sort(after[known]), np.sort(before[known]))
        rough.append(float(np.nanmean(np.abs(np.diff(after, axis=1)))))
    assert rough == sorted(rough, reverse=True)


def test_a_certain_probability_scores_as_the_forecast_itself() -> None:
    rng = np.random.default_rng(2)
    said, came = rng.random((30, 30)), rng.random((30, 30))
    certain = np.where(said >= 0.7, 1.0, 0.0)
    assert fss_of_probability(certain, came >= 0.7, 5) == pytest.approx(fss(said, came, 0.7, 5))


@pytest.mark.parametrize("bad", [{"radius_cells": -1.0}, {"members": 0}, {"stride": 0}])
def test_numbers_out_of_range_are_told(bad: dict[str, float]) -> None:
    with pytest.raises(InputError):
        displaced(one_shower(), **{"radius_cells": 1.0, **bad})  # type: ignore[arg-type]
