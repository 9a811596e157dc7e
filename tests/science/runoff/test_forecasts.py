"""Tanks, the filter, a gauge's readings and the levels ahead."""

from __future__ import annotations

import numpy as np
import pytest

from hinomi.kernel.errors import InputError
from hinomi.science.runoff.daily import forecast_days
from hinomi.science.runoff.kalman import corrected
from hinomi.science.runoff.levels import (
    STEP_H,
    Ahead,
    River,
    forecast_level,
    known_river,
    unknown_river,
)
from hinomi.science.runoff.ratings import Rating
from hinomi.science.runoff.readings import check_readings
from hinomi.science.runoff.spread import STARTS, calibrated, learnt
from hinomi.science.runoff.storage import storage_function
from hinomi.science.runoff.tanks import Tanks, Weather, fit_tanks, run_tanks
from hinomi.science.runoff.tempered import tempered


def weather(days: int, seed: int = 0) -> Weather:
    rng = np.random.default_rng(seed)
    day = np.arange(days)
    rain = rng.gamma(0.3, 12.0, days) * (rng.random(days) < 0.4)
    warm = 12 - 14 * np.cos(2 * np.pi * day / 365) + rng.normal(0, 2, days)
    return Weather(rain, warm, np.maximum(0.12 * (warm + 5), 0))


def test_the_tanks_lose_no_water() -> None:
    still = Weather(weather(800).rain_mm, weather(800).temperature_c, np.zeros(800))
    flow, end = run_tanks(Tanks(), still, np.zeros(6))
    assert flow.sum() + end.sum() == pytest.approx(still.rain_mm.sum(), rel=1e-12)
    assert flow.min() >= 0


def test_a_fit_finds_tanks_that_flow_as_the_true_ones() -> None:
    given = weather(900)
    truth, _ = run_tanks(Tanks(upper=0.4, channel=0.8, seep=0.1, third=0.01), given)
    judged = np.arange(900) > 200
    found, _ = run_tanks(fit_tanks(given, truth, judged, tries=600), given)
    off = ((found - truth)[judged] ** 2).sum() / ((truth - truth.mean())[judged] ** 2).sum()
    assert off < 0.03
    with pytest.raises(InputError):
        fit_tanks(given, np.full(900, np.nan), judged)


def test_the_days_ahead_beat_persistence_where_the_rain_is_known() -> None:
    given = weather(400)
    truth, _ = run_tanks(Tanks(), given)
    wrong = Tanks(upper=0.2, channel=0.7, seep=0.1)
    seen = truth.copy()
    seen[150:160] = np.nan
    ahead = np.median(forecast_days([wrong], given, seen), axis=2)
    for lead in (1, 2, 3):
        came = truth[100 + lead : 390 + lead]
        ours = ((ahead[100:390, lead - 1] - came) ** 2).sum()
        assert ours < 0.5 * ((truth[100:390] - came) ** 2).sum()
    assert np.isnan(ahead[-1]).all()


def test_a_model_that_errs_for_weeks_is_held_to_persistence_until_it_does_well_again() -> None:
    rng = np.random.default_rng(4)
    came = 3 + np.sin(np.arange(360) / 7) + rng.normal(0, 0.02, 360)
    ahead = np.full((360, 2, 5), np.nan)
    for lead in (1, 2):
        middle = came[lead:].copy()
        middle[60 - lead : 120 - lead] += 1.5 * np.cos(np.arange(60))  # Two months of nonsense.
        ahead[:-lead, lead - 1] = middle[:, None] + 0.1 * np.arange(-2, 3)
    made = np.median(tempered(ahead, came), axis=2)
    off = np.abs(made[:-1, 0] - came[1:])
    wrong = np.abs(np.median(ahead, axis=2)[:-1, 0] - came[1:])
    still = np.abs(np.diff(came))
    assert (off[70:119] ** 2).sum() < 0.3 * (wrong[70:119] ** 2).sum()
    assert (off[300:] ** 2).sum() < 0.3 * (still[300:] ** 2).sum()
    # The members keep their distances: a band is not narrowed by what is not known.
    spread = np.ptp(np.sqrt(tempered(ahead, came))[:-2], axis=2)
    np.testing.assert_allclose(spread, np.ptp(np.sqrt(ahead[:-2]), axis=2), atol=1e-9)


def test_what_is_told_on_a_day_is_not_changed_by_what_comes_after() -> None:
    rng = np.random.default_rng(8)
    ahead, came = rng.gamma(3, 1, (50, 3, 4)), rng.gamma(3, 1, 50)
    came[7] = np.nan
    later = came.copy()
    later[31:] *= 9
    np.testing.assert_array_equal(tempered(ahead, came)[:31], tempered(ahead, later)[:31])
    np.testing.assert_allclose(tempered(ahead, came)[7], ahead[7])
    with pytest.raises(InputError):
        tempered(ahead, came[1:])


def test_the_filter_is_kalmans() -> None:
    members = np.random.default_rng(1).normal(size=(50, 3)) @ np.diag([1.0, 2.0, 0.5])
    members[:, 1] += members[:, 0]
    mean, spread = members.mean(axis=0), np.cov(members.T)
    after = corrected(members, members[:, 1], 3.0, 0.7)
    gain = spread[:, 1] / (spread[1, 1] + 0.7**2)
    assert after.mean(axis=0) == pytest.approx(mean + gain * (3.0 - mean[1]))
    assert np.cov(after.T) == pytest.approx(spread - np.outer(gain, spread[1]))
    assert corrected(members, members[:, 1], np.nan, 0.7) is members
    with pytest.raises(InputError):
        corrected(members[:1], members[:1, 0], 1.0, 1.0)


def rising(steps: int) -> np.ndarray:
    return np.asarray(2.0 + 0.05 * np.arange(steps), float)


@pytest.mark.parametrize(
    ("level", "flags", "used"),
    [
        (rising(24), (), 24),
        (np.where(np.arange(24) == 9, np.nan, rising(24)), ("gap",), 23),
        (np.where(np.arange(24) == 9, 9.0, rising(24)), ("spike",), 23),
        (rising(24) + 3.0 * (np.arange(24) > 11), ("datum",), 12),
        (np.where(np.arange(24) == 23, 9.0, rising(24)), ("unconfirmed",), 23),
        (np.minimum(rising(40), 2.5), ("frozen",), 40),
        (np.full(24, 1.5), ("stuck",), 24),
    ],
)
def test_what_a_gauge_says_is_not_believed_blindly(
    level: np.ndarray, flags: tuple[str, ...], used: int
) -> None:
    found = check_readings(np.arange(level.size) / 6, level)
    assert (found.flags, int(found.use.sum())) == (flags, used)
    assert found.believed == ("frozen" not in flags)


def test_a_river_in_recession_falls_and_one_that_rises_goes_on() -> None:
    river = unknown_river(1.0, 3.0)
    falling = forecast_level(river, 3.0 * np.exp(-np.arange(40) / 60) + 0.5, hours=3).band()
    assert (np.diff(falling[1][2::3]) < 0).all()
    up = forecast_level(river, np.linspace(1.0, 3.0, 30), hours=3)
    assert up.band()[1, 5] > 3.05
    assert (up.band()[2] > up.band()[0]).all()
    assert 0.5 < up.chance(3.05) <= 1.0
    assert up.reached_h(3.05) is not None
    assert up.chance(9.0) == 0.0
    assert up.reached_h(9.0) is None


def test_the_same_readings_give_the_same_forecast() -> None:
    first, again = (
        forecast_level(unknown_river(1.0, 3.0), rising(30), hours=2, seed=7).level_m
        for _ in range(2)
    )
    assert np.array_equal(first, again)


def test_known_rain_tells_a_flood_before_the_gauge_does() -> None:
    # A basin of 60 km2 under a storm; what it says is made with the same physics, wrongly fitted.
    rating = Rating(a=12.0, b_m=0.2, least_m=0.2, greatest_m=6.0)
    rain = np.zeros(72)
    rain[30:54] = 25.0
    flow = storage_function(0.6 * rain, STEP_H, k=14.0, p=0.6, outflow_mm_h=0.3)
    level = rating.level_m(flow * 60 / 3.6)
    river = known_river(rating, 60.0, k=12.0, p=0.6, share=0.7)
    now = 37
    blind = forecast_level(unknown_river(level[0], 3.0), level[:now], hours=3)
    told = forecast_level(river, level[:now], hours=3, rain_mm_h=rain)
    came = level[now : now + 18]
    assert np.abs(told.band()[1] - came).max() < 0.5 * np.abs(level[now - 1] - came).max()
    assert np.abs(told.band()[1] - came).mean() < np.abs(blind.band()[1] - came).mean()
    # Rain that nobody knows makes it unsure, not wrong.
    unknown = np.where(np.arange(72) < now, rain, np.nan)
    bands = forecast_level(river, level[:now], hours=3, rain_mm_h=unknown).band()
    assert np.isfinite(bands).all()
    with pytest.raises(InputError):
        forecast_level(river, level[:now], hours=3, rain_mm_h=-rain)


def test_without_a_newest_reading_there_is_no_forecast() -> None:
    with pytest.raises(InputError):
        forecast_level(unknown_river(1.0, 3.0), np.array([1.0, np.nan]), hours=1)
    with pytest.raises(InputError):
        River(zero_m=0.0, zero_sd_m=0.1, k=0.0)


def test_a_band_that_is_learnt_holds_its_share_whatever_the_errors_are() -> None:
    rng = np.random.default_rng(6)
    for sd in (0.4, 3.0):
        log, inside = None, []
        for error in sd * rng.standard_normal(400):
            width = np.exp(STARTS[1.0] if log is None else log)
            inside.append(abs(error) <= width)
            log = learnt(log, 1.0, missed=not inside[-1], hours=1 / 6)
        assert np.mean(inside) == pytest.approx(0.8, abs=0.06)


def test_a_longer_lead_is_not_surer_than_the_shorter_that_was_judged() -> None:
    rng = np.random.default_rng(2)
    ahead = Ahead(np.array([1.0, 6.0]), rng.normal(2, 0.2, (2, 50)))
    plain, wide = calibrated(ahead, {}), calibrated(ahead, {1.0: 1.0})
    assert np.ptp(plain.level_m[1]) < np.ptp(ahead.level_m[1])
    assert np.ptp(wide.level_m[1]) == pytest.approx(np.exp(0.7) * np.ptp(ahead.level_m[1]))
    np.testing.assert_allclose(np.median(wide.level_m, 1), np.median(ahead.level_m, 1))


def test_a_rating_tells_neither_flow_nor_level_far_beyond_its_gaugings() -> None:
    rating = Rating(a=10.0, b_m=0.0, least_m=1.0, greatest_m=3.0)
    # By hand: 10 x 4^2 = 160 at a metre, half of the gauged range, over the highest gauging.
    assert rating.level_m(np.array([40.0, 160.0])).tolist() == [2.0, 4.0]
    assert np.isnan(rating.level_m(np.array([161.0, -1.0, np.nan]))).all()
