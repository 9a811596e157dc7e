"""Futures: likely where near, holes stay holes."""

from __future__ import annotations

import numpy as np
import pytest

from hinomi.kernel.errors import InputError
from hinomi.science.nowcast import exceedance, futures
from hinomi.science.scores import fss, fss_of_probability


def drifting(count: int = 3) -> np.ndarray:
    """Return showers that go 2 right a step, each with small ones that come and go."""
    rng = np.random.default_rng(3)
    y, x = np.mgrid[0:80, 0:90]
    made = []
    for t in range(count):
        field = sum(
            20 * np.exp(-((x - a - 2 * t) ** 2 + (y - b) ** 2) / (2 * s**2))
            for b, a, s in ((20, 25, 6), (55, 30, 8), (35, 60, 5))
        )
        field = field + 4 * (rng.random(field.shape) < 0.02) * (field > 0.5)
        made.append(np.where(field < 0.2, 0, field))
    return np.stack(made).astype(np.float32)


WIND = np.stack([np.full((80, 90), 2.0), np.zeros((80, 90))])


def made(rates: np.ndarray, members: int = 12, steps: int = 8, seed: int = 1) -> np.ndarray:
    given = futures(rates, WIND, steps, km_per_cell=1.0, minutes=5.0, members=members, seed=seed)
    return np.stack(list(given))


def test_the_same_seed_gives_the_same_futures_and_another_others() -> None:
    rates = drifting()
    np.testing.assert_array_equal(made(rates), made(rates))
    one, other = made(rates, seed=1), made(rates, seed=2)
    assert not np.array_equal(one[1], other[1])
    np.testing.assert_array_equal(one[::2], other[::2])  # These are moved only.


def test_futures_spread_with_time_keep_the_rates_and_rain_near_where_it_rains() -> None:
    rates = drifting()
    found = made(rates)
    spread = [float(np.nanmean(np.nanstd(found[:, n, :, 30:70], axis=0))) for n in (0, 3, 7)]
    assert spread == sorted(spread)
    assert np.nanmax(found) <= rates[-1].max() + 1e-3
    wet = (np.nan_to_num(found[1, 0]) >= 0.1).sum()
    assert wet == pytest.approx((rates[-1] >= 0.1).sum(), rel=0.15)
    far = np.hypot(*np.mgrid[0:80, 0:90]) < 5  # The corner is 20 km from any rain.
    assert np.nan_to_num(found[:, :3, far]).max() == 0


def test_what_comes_from_outside_or_from_a_hole_is_not_known() -> None:
    rates = drifting()
    rates[:, 40:44, 40:44] = np.nan
    found = made(rates, steps=2)
    assert np.isnan(found[:, 0, :, 0]).all()
    assert np.isnan(found[:, 0, 42, 44]).all()
    chance = exceedance(found, [1.0])[0, 0]
    assert np.isnan(chance[42, 44])
    assert np.isfinite(chance[20, 30])


def test_without_rain_or_with_two_pictures_the_futures_are_moved_only() -> None:
    assert np.nanmax(made(np.zeros((3, 80, 90), np.float32))) == 0
    found = made(drifting()[1:], members=4, steps=1)
    assert all(np.nanmax(np.abs(f - found[0])) < 25 for f in found)
    assert np.isfinite(found[:, :, 30:50, 20:60]).all()


def test_a_certain_probability_scores_as_the_forecast_itself() -> None:
    rng = np.random.default_rng(2)
    said, came = rng.random((30, 30)), rng.random((30, 30))
    certain = np.where(said >= 0.7, 1.0, 0.0)
    assert fss_of_probability(certain, came >= 0.7, 5) == pytest.approx(fss(said, came, 0.7, 5))


@pytest.mark.parametrize("bad", [{"km_per_cell": 0.0}, {"members": 0}, {"minutes": -5.0}])
def test_numbers_out_of_range_are_told(bad: dict[str, float]) -> None:
    with pytest.raises(InputError):
        next(futures(drifting(), WIND, 2, **{"km_per_cell": 1.0, "minutes": 5.0, **bad}))  # type: ignore[arg-type]
    with pytest.raises(InputError):
        exceedance([], [1.0])
