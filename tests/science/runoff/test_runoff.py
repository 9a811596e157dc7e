"""Runoff and routing against closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from hinomi.kernel.errors import InputError
from hinomi.science.runoff.ratings import ABOVE, BEYOND, LOW, WITHIN, Rating, fit_rating
from hinomi.science.runoff.routing import muskingum, muskingum_cunge
from hinomi.science.runoff.storage import slope_k, storage_function


def test_a_linear_reservoir_fills_and_empties_exponentially() -> None:
    rain = np.concatenate([np.full(500, 10.0), np.zeros(500)])
    ours = storage_function(rain, 0.02, k=4.0, p=1.0)
    t = (np.arange(1000) + 1) * 0.02
    peak = 10 * (1 - np.exp(-10 / 4))
    exact = np.where(t <= 10, 10 * (1 - np.exp(-t / 4)), peak * np.exp(-(t - 10) / 4))
    assert np.abs(ours - exact).max() < 1e-4


def test_a_recession_follows_its_closed_form() -> None:
    # dS/dt = -Q, S = K Q^(1/3): Q = (Q0^(-2/3) + 2 t / K)^(-3/2).
    ours = storage_function(np.zeros(2000), 0.01, k=25.0, p=1 / 3, outflow_mm_h=8.0)
    t = (np.arange(2000) + 1) * 0.01
    assert np.abs(ours - (8.0 ** (-2 / 3) + 2 * t / 25.0) ** -1.5).max() < 1e-4


def test_the_lag_moves_the_hydrograph_and_no_water_is_lost() -> None:
    rain = np.zeros(4000)
    rain[:60] = 20.0
    now = storage_function(rain, 0.1, k=10.0, p=0.6)
    late = storage_function(rain, 0.1, k=10.0, p=0.6, lag_h=2.0)
    assert np.array_equal(late[20:], now[:-20])
    assert now.sum() * 0.1 == pytest.approx(120.0, rel=2e-2)


def test_a_wave_moves_at_its_celerity_and_spreads_by_its_diffusion() -> None:
    t = np.arange(0, 4 * 86400, 300.0)
    inflow = 100 + 20 * np.exp(-(((t - 86400) / 7200) ** 2) / 2)
    reach = {"length_m": 50_000.0, "width_m": 50.0, "slope": 1e-3, "manning": 0.03}
    out = muskingum_cunge(inflow, 300.0, **reach)
    q = (inflow.min() + inflow.max()) / 2 / 50
    celerity = 5 / 3 * q / (q * 0.03 / np.sqrt(1e-3)) ** 0.6
    wave_in, wave_out = inflow - 100, out - 100
    mean_in, mean_out = (float((t * w).sum() / w.sum()) for w in (wave_in, wave_out))
    assert mean_out - mean_in == pytest.approx(50_000 / celerity, rel=1e-3)
    assert wave_out.sum() == pytest.approx(wave_in.sum(), rel=1e-6)
    # An advected, diffused pulse gains 2 D L / c^3 of variance, D = q / (2 S).
    spread = float((wave_out * (t - mean_out) ** 2).sum() / wave_out.sum()) - 7200.0**2
    assert spread == pytest.approx(2 * q / (2 * 1e-3) * 50_000 / celerity**3, rel=0.02)


def test_a_rating_gives_back_the_curve_and_stops_where_nobody_measured() -> None:
    level = np.linspace(0.5, 4.0, 20)
    rating = fit_rating(level, 30 * (level + 0.4) ** 2)
    assert (rating.a, rating.b_m) == pytest.approx((30, 0.4))
    assert rating.level_m(rating.flow_m3_s(level)) == pytest.approx(level)
    assert np.isnan(rating.flow_m3_s(np.array([6.0]))).all()


def test_a_rating_says_where_it_holds_and_how_sure_it_is() -> None:
    level = np.linspace(1.0, 4.0, 40)
    rng = np.random.default_rng(3)
    flow = 30 * (level + 0.4) ** 2 * np.exp(0.08 * rng.standard_normal(40))
    flow[7] *= 5  # A gauging written down wrongly.
    rating = fit_rating(level, flow)
    assert rating.a == pytest.approx(30, rel=0.1)
    assert rating.sd == pytest.approx(0.08, rel=0.35)
    asked = np.array([0.5, 2.0, 5.0, 6.0, np.nan])
    assert rating.flags(asked).tolist() == [LOW, WITHIN, ABOVE, BEYOND, BEYOND]
    assert np.isnan(rating.flow_m3_s(asked)).tolist() == [False, False, False, True, True]
    sure, unsure = rating.sd_of(np.array([2.5, 5.0]))
    assert rating.sd <= sure < unsure / 2
    # The fit's own error is what its scatter over many draws is.
    fits = [
        fit_rating(level, 30 * (level + 0.4) ** 2 * np.exp(0.08 * rng.standard_normal(40)))
        for _ in range(200)
    ]
    drawn = np.std([np.log(float(f.flow_m3_s(np.array([2.5]))[0])) for f in fits])
    told = np.sqrt(np.mean([f.sd_of(np.array([2.5]))[0] ** 2 - f.sd**2 for f in fits]))
    assert told == pytest.approx(drawn, rel=0.2)


def test_muskingum_loses_no_water_and_moves_it_by_k() -> None:
    t = np.arange(0, 200.0)
    inflow = 10 + 90 * np.exp(-(((t - 30) / 6) ** 2))
    out = muskingum(inflow, 3600, k_s=4 * 3600, x=0.2)
    assert (out - 10).sum() == pytest.approx((inflow - 10).sum(), rel=1e-9)
    moved = float((t * (out - 10)).sum() / (out - 10).sum()) - 30
    assert moved == pytest.approx(4.0, rel=1e-6)


def test_numbers_that_make_no_river_are_refused() -> None:
    with pytest.raises(InputError):
        storage_function(np.array([np.nan]), 1.0, k=10.0)
    with pytest.raises(InputError):
        muskingum_cunge(np.ones(4), 60.0, length_m=0.0, width_m=1.0, slope=1e-3, manning=0.03)
    with pytest.raises(InputError):
        muskingum(np.ones(3), 60.0, k_s=60.0, x=0.7)
    with pytest.raises(InputError):
        slope_k(100.0, 0.0, 0.5)
    with pytest.raises(InputError):
        Rating(a=0.0, b_m=1.0, least_m=0.0, greatest_m=1.0)
    with pytest.raises(InputError):
        fit_rating(np.array([1.0, 2.0, 3.0]), np.array([3.0, 2.0, 1.0]))


def test_a_store_that_empties_within_a_step_lets_out_no_more_than_there_is() -> None:
    """Against scipy's LSODA on dS/dt = r - (S/K)^(1/P); cut coarser than the store reacts."""
    k, p = 2.0, 0.6
    rain = np.r_[np.full(6, 50.0), np.zeros(6)]
    ours = storage_function(rain, 1.0, k=k, p=p)
    stored, theirs = 0.0, []
    for came in rain:
        solved = solve_ivp(
            lambda _, s, came=came: [came - (max(s[0], 0) / k) ** (1 / p)], (0, 1), [stored],
            method="LSODA", rtol=1e-9, atol=1e-12,
        )  # fmt: skip
        stored = max(float(solved.y[0, -1]), 0.0)
        theirs.append((stored / k) ** (1 / p))
    assert np.abs(ours - theirs).max() < 2.0  # Of 50; it swung by 5.5, and stopped dead at 0.
    assert ours[:6].max() <= 50.0
    assert (np.diff(ours[6:]) < 0).all()
    assert ours[-1] > 0


def test_a_dry_river_stays_dry_and_none_flows_backwards() -> None:
    assert muskingum(np.zeros(5), 600, k_s=7200, x=0.2).tolist() == [0.0] * 5
    dry = muskingum_cunge(np.zeros(3), 600, length_m=1e3, width_m=10.0, slope=1e-3, manning=0.03)
    assert dry.tolist() == [0.0] * 3
    with pytest.raises(InputError, match="2 K X"):
        muskingum(np.array([10.0, 500.0, 500.0]), 600, k_s=7200, x=0.4)
