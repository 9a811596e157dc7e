"""The tank model keeps its water, its limits, and what it was given."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from hinomi.kernel.errors import InputError
from hinomi.science.rain_indices import SOIL, exact, forecast, soil_water_index, step

RAIN = arrays(np.float64, 30, elements=st.floats(0, 40))


@settings(deadline=None)  # the first example compiles
@given(RAIN)
def test_no_water_comes_from_nowhere(rain: np.ndarray) -> None:
    storage = np.zeros((3, 1))
    before = 0.0
    for fallen in rain:
        index = float(step(storage, np.array([fallen]))[0])
        assert 0 <= index <= before + fallen + 1e-9
        assert index == pytest.approx(storage.sum())
        before = index


@settings(deadline=None)  # the first example compiles
@given(RAIN, RAIN)
def test_more_rain_is_never_a_lower_index(rain: np.ndarray, more: np.ndarray) -> None:
    assert (soil_water_index(rain + more) - soil_water_index(rain) >= -1e-9).all()


def test_water_below_every_outlet_only_seeps_away() -> None:
    """One linear tank chain: the third tank's closed form with the others empty."""
    left = exact(np.array([0.0, 0.0, 10.0]), 0.0, 24.0)
    assert left[2] == pytest.approx(10.0 * np.exp(-SOIL.seepage_per_h[2] * 24))


def test_steady_rain_ends_in_the_steady_state() -> None:
    """5 mm/h: solve 0 = A S + g by hand, outlets 1 (lower), 3 and 4 running."""
    s1 = (5 + 0.1 * 15) / (0.12 + 0.1)
    s2 = (0.12 * s1 + 0.05 * 15) / (0.05 + 0.05)
    s3 = (0.05 * s2 + 0.01 * 15) / (0.01 + 0.01)
    assert exact(np.zeros(3), 5.0, 2000.0) == pytest.approx([s1, s2, s3], rel=1e-9)


def test_single_precision_stays_within_a_hundredth_of_a_millimetre_over_a_week() -> None:
    rain = np.random.default_rng(1).gamma(0.2, 3.0, (7 * 144, 50))
    storage = np.zeros((3, 50), np.float32)
    for fallen in rain:
        single = step(storage, fallen)
    assert np.abs(single - soil_water_index(rain)[-1]).max() < 0.01


def test_unknown_or_negative_rain_gives_no_index_and_leaves_the_neighbours_alone() -> None:
    storage = np.zeros((3, 3))
    index = step(storage, np.array([np.nan, 6.0, -1.0]))
    assert np.isnan(index[[0, 2]]).all()
    assert index[1] == 6.0
    assert np.isfinite(storage).all()


def test_a_forecast_leaves_the_analysis_as_it_was() -> None:
    storage = np.full((3, 2), 20.0)
    ahead = list(forecast(storage, iter(np.full((6, 2), 5.0))))
    assert len(ahead) == 6
    assert (ahead[-1] > ahead[0]).all()
    assert (storage == 20.0).all()


@pytest.mark.parametrize(
    ("storage", "rain", "step_h"),
    [
        (np.zeros((2, 4)), np.zeros(4), 1 / 6),
        (np.zeros((3, 4)), np.zeros(5), 1 / 6),
        (np.zeros((3, 4)), np.zeros(4), 0.0),
        (np.zeros((3, 4)), np.zeros(4), 1.5),
        (np.zeros((3, 4), int), np.zeros(4), 1 / 6),
        (np.zeros((4, 3)).T, np.zeros(4), 1 / 6),
    ],
)
def test_what_does_not_fit_is_refused(storage: np.ndarray, rain: np.ndarray, step_h: float) -> None:
    with pytest.raises(InputError):
        step(storage, rain, step_h=step_h)


def test_an_index_goes_where_it_is_told_to() -> None:
    tanks = np.full((3, 4, 5), 20.0, np.float32)
    rain = np.arange(20, dtype=np.float32).reshape(4, 5)
    index = np.empty((4, 5), np.float32)
    fresh = step(tanks.copy(), rain)
    assert step(tanks, rain, out=index).base is index
    assert np.array_equal(index, fresh)


@pytest.mark.parametrize(
    "out", [np.empty((4, 4), np.float32), np.empty((4, 5)), np.empty((5, 4), np.float32).T]
)
def test_an_array_that_the_index_does_not_fit_is_refused(out: np.ndarray) -> None:
    with pytest.raises(InputError, match="out of shape"):
        step(np.zeros((3, 4, 5), np.float32), np.zeros((4, 5), np.float32), out=out)
