"""Operation of a dam: by hand, by closed forms, by enumeration, and by the dual."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hinomi.kernel.errors import InputError
from hinomi.science.dams.optimum import Aims, optimum
from hinomi.science.dams.prior import prior_release
from hinomi.science.dams.reservoir import Dam, Start, Turbine
from hinomi.science.dams.rules import Rule, Why, follow, operate

HOUR = 3600.0


def dam(**changes: Any) -> Dam:
    """Return a dam whose storage is 36,000 m³ (10 m³/s for an hour) a metre."""
    told: dict[str, Any] = {
        "name": "例ダム",
        "level_m": [0.0, 100.0],
        "storage_m3": [0.0, 3_600_000.0],
        "most_m3_s": [1_000.0, 1_000.0],
        "spill_m3_s": [0.0, 0.0],
        "least_m": 10.0,
        "normal_m": 50.0,
        "emergency_m": 80.0,
        "full_m": 90.0,
        "safe_m3_s": 250.0,
        "rise_m3_s": 1_000.0,
    }
    return Dam(**{**told, **changes})


def test_a_flood_worked_by_hand() -> None:
    # Half of what is above 100 is kept: 0, 50, 100, 50; what was kept goes with the last two hours,
    # 250 being what the river takes.
    course = operate(
        dam(), [100, 200, 300, 200, 100, 100], HOUR, Start(50.0, 100),
        Rule(start_m3_s=100, rate=0.5),
    )  # fmt: skip
    assert course.release_m3_s[0].tolist() == [100, 150, 200, 150, 250, 150]
    assert course.level_m[0].tolist() == [50, 50, 55, 65, 70, 55, 50]
    assert [Why(w).name for w in course.why[0]] == (
        ["THROUGH", "FLOOD", "FLOOD", "FLOOD", "DRAWDOWN", "DRAWDOWN"]
    )


def test_a_constant_amount_lets_no_more_through_until_the_emergency() -> None:
    inflow = np.full(20, 400.0)
    course = operate(dam(), inflow, HOUR, Start(50.0, 200), Rule(start_m3_s=200))
    assert course.release_m3_s[0, :2].tolist() == [200, 200]
    # From 80 m on by tenths of what is missing; never above the inflow, at the brim equal to it.
    assert course.level_m[0, :3].tolist() == [50, 70, 90]
    assert course.release_m3_s[0, 2:].tolist() == [400] * 18
    assert course.level_m.max() == 90
    slow = operate(dam(), inflow / 8 + 200, HOUR, Start(78.0, 200), Rule(start_m3_s=200))
    share = (slow.release_m3_s[0] - 200) / 50
    above = np.clip((slow.level_m[0, :-1] - 80) / 10, 0, 1)
    assert share == pytest.approx(above)
    assert {Why.FLOOD, Why.EMERGENCY} <= set(slow.why[0].tolist())


def test_a_reservoir_that_empties_by_itself_follows_the_closed_form() -> None:
    # Q = V / k, all of it uncontrolled: V(t) = I k + (V0 - I k) exp(-t / k).
    k, came, step = 7_200.0, 100.0, 5.0
    volume = np.array([0.0, 3_600_000.0])
    free = dam(most_m3_s=volume / k, spill_m3_s=volume / k, emergency_m=90.0)
    course = follow(free, np.full(2_880, came), step, Start(60.0), np.zeros(2_880))
    t = np.arange(2_881) * step
    wanted = came * k + (2_160_000 - came * k) * np.exp(-t / k)
    assert np.abs(course.storage_m3[0] - wanted).max() / 2_160_000 < 3e-4


def test_a_release_grows_no_faster_than_the_river_may_rise() -> None:
    course = operate(
        dam(rise_m3_s=20), np.full(12, 220.0), HOUR / 6, Start(50.0), Rule(start_m3_s=200)
    )
    assert course.release_m3_s[0, :11].tolist() == [20.0 * n for n in range(1, 11)] + [200.0]
    assert course.why[0, 0] == Why.LIMIT


def test_water_is_kept_below_the_normal_level_but_for_what_the_river_needs() -> None:
    course = operate(dam(keep_m3_s=2), np.full(60, 12.0), HOUR, Start(20.0), Rule(start_m3_s=200))
    assert course.release_m3_s[0, 0] == 2
    assert course.level_m[0, 30:] == pytest.approx(50.0)
    assert course.release_m3_s[0, -1] == pytest.approx(12.0)


def test_prior_release_makes_the_room_that_is_missing_and_that_refills() -> None:
    # 6 h of 150 above the safe 250: 3,240,000 m³; free are 40 m, 1,440,000.
    flood = np.array([20.0] * 12 + [400.0] * 6)
    found = prior_release(dam(), flood, HOUR, 50.0)
    assert found.needed_m3 == 3_240_000
    assert found.volume_m3 == pytest.approx(1_440_000)  # no more than lies above the least level
    small = np.array([[20.0] * 12 + [400.0] * 6, [0.0] * 17 + [100.0]])
    # The low member brings back next to nothing: nothing is risked for it.
    assert prior_release(dam(), small, HOUR, 50.0, refill=0.0).volume_m3 == 360_000
    before = operate(dam(), flood, HOUR, Start(50.0, 20), Rule(start_m3_s=250))
    after = operate(
        dam(), flood, HOUR, Start(50.0, 20), Rule(start_m3_s=250), prior_m=found.level_m
    )
    assert after.peak_m3_s[0] < before.peak_m3_s[0] == 400
    assert after.level_m[0, 12] == pytest.approx(found.level_m)


@settings(max_examples=60)
@given(
    st.lists(st.floats(0, 900), min_size=3, max_size=40),
    st.floats(10, 90), st.floats(0, 400), st.floats(0, 1), st.floats(1, 400),
)  # fmt: skip
def test_no_water_is_made_or_lost_and_the_limits_hold(
    inflow: list[float], level: float, start: float, rate: float, rise: float
) -> None:
    one = dam(rise_m3_s=rise)
    course = operate(one, inflow, HOUR, Start(level), Rule(start_m3_s=start, rate=rate))
    assert course.lost_m3().max() < 1e-6 * 3_600_000
    out = course.release_m3_s[0]
    assert (out >= 0).all()
    assert (out <= 1_000 + 1e-9).all()
    brim = course.storage_m3[0, 1:] >= float(one.storage(one.full_m)) - 1
    grown = np.diff(np.concatenate([[0.0], out])) <= rise + 1e-9
    assert (grown | brim).all()
    assert course.level_m.min() >= min(level, one.least_m) - 1e-9


def ensemble() -> np.ndarray:
    t = np.arange(48)
    rng = np.random.default_rng(1)
    parts = zip(rng.uniform(0.5, 1.3, 8), rng.normal(0, 3, 8), strict=True)
    return np.array([10 + 500 * f * np.exp(-(((t - 24 - s) / 5) ** 2)) for f, s in parts])


def test_the_optimum_is_proven_by_its_dual_and_never_worse_than_the_rule() -> None:
    bent = dam(
        level_m=np.linspace(0, 100, 11), storage_m3=np.linspace(0, 3_600_000 * 10, 11),
        most_m3_s=60 * np.sqrt(np.linspace(0, 100, 11)), spill_m3_s=np.zeros(11), rise_m3_s=60,
        turbine=Turbine(most_m3_s=30, tail_m=-20),
    )  # fmt: skip
    flood = ensemble()
    best = optimum(bent, flood, HOUR, Start(50.0, 10), Aims(common=12))
    assert best.gap < 1e-6
    assert np.ptp(best.release_m3_s[:, :12], axis=0).max() < 1e-9
    again = follow(bent, flood, HOUR, Start(50.0, 10), best.release_m3_s)
    assert again.release_m3_s == pytest.approx(best.release_m3_s, abs=1e-6)
    rule = operate(bent, flood, HOUR, Start(50.0, 10), Rule(start_m3_s=250, rate=0.3))
    assert again.above_m3(250).sum() <= rule.above_m3(250).sum()
    assert again.peak_m3_s.max() < rule.peak_m3_s.max()
    turbine = bent.turbine
    assert turbine is not None
    assert (again.energy_j(turbine) > 0).all()


def test_an_optimum_worked_by_hand() -> None:
    # Room for 40 m3/s h above 50 m; 3 h of 300: 60 h m3/s must go before the flood or above 250.
    one = dam(safe_m3_s=250.0, full_m=54.0, emergency_m=54.0, normal_m=50.0, least_m=49.0)
    best = optimum(one, [250, 300, 300, 300], HOUR, Start(50.0, 240), Aims(common=4))
    # 150 come above the safe rate, 40 are free: 110 go above it, spread so that the peak is least;
    # in the first hour no more than the 10 that lie above the least level.
    above = np.maximum(best.release_m3_s[0] - 250, 0)
    assert above == pytest.approx([10, 100 / 3, 100 / 3, 100 / 3])


def test_a_capacity_that_bends_upwards_is_searched_as_well_as_by_enumeration() -> None:
    levels = np.array([0.0, 50.0, 60.0, 100.0])
    weir = dam(
        level_m=levels, storage_m3=levels * 36_000, most_m3_s=[20.0, 20.0, 120.0, 1000.0],
        spill_m3_s=np.zeros(4), safe_m3_s=60.0, least_m=40.0, full_m=70.0, emergency_m=70.0,
    )  # fmt: skip
    inflow, aims = np.array([90.0, 110.0, 30.0]), Aims(energy=0.0, common=3)
    best = optimum(weir, inflow, HOUR, Start(52.0, 20), aims)
    assert best.gap < 1e-4

    def cost(plan: tuple[float, ...]) -> float:
        stored, total, peak = 52 * 36_000.0, 0.0, 0.0
        for came, out in zip(inflow, plan, strict=True):
            if out > float(weir.most(stored)) + 1e-9:
                return np.inf
            stored += (came - out) * HOUR
            if stored < 40 * 36_000:
                return np.inf
            total += aims.over * max(0.0, stored - 70 * 36_000)
            total += aims.excess * max(0.0, out - 60) * HOUR
            peak = max(peak, out - 60)
        return total + aims.peak * peak * HOUR + max(0.0, 50 * 36_000 - stored)

    grid = np.arange(0.0, 241.0, 4.0)
    least = min(map(cost, itertools.product(grid, repeat=3)))
    assert best.value <= least + 1e-6
    assert best.value >= least - 4 * 3 * HOUR * (aims.excess + aims.peak)
    assert cost(tuple(best.release_m3_s[0])) == pytest.approx(best.value, abs=1.0)


def crest(**changes: Any) -> Dam:
    """Return a dam of 36,000 m³ a metre over whose crest at 80 m 5 m³/s run for each 3,600 m³."""
    told: dict[str, Any] = {
        "level_m": [0.0, 80.0, 100.0], "storage_m3": [0.0, 2_880_000.0, 3_600_000.0],
        "most_m3_s": [100.0, 100.0, 1_100.0], "spill_m3_s": [0.0, 0.0, 1_000.0],
        "emergency_m": 90.0, "full_m": 100.0, "rise_m3_s": 10.0,
    }  # fmt: skip
    return dam(**{**told, **changes})


def test_a_flood_that_outruns_the_rise_s_limit_has_an_optimum_and_says_what_was_given_up() -> None:
    """By hand: 10 + 10 + a go in the first hour, so 5 (100 - a) run over the crest in the second,
    which is 30 + a only if a is 470 / 6."""
    found = optimum(
        crest(), [120.0, 120.0], HOUR, Start(80.0, 10.0), Aims(over=0, excess=0, peak=0, missing=0)
    )
    assert found.forced_m3_s == pytest.approx(470 / 6)
    assert found.release_m3_s[0] == pytest.approx([20 + 470 / 6, 30 + 470 / 6])
    assert found.gap < 1e-6
    calm = optimum(crest(), [15.0, 15.0], HOUR, Start(70.0, 10.0))
    assert calm.forced_m3_s == 0


def test_a_dam_without_gates_has_no_choice_and_the_answer_is_what_runs_over() -> None:
    # Its members spill differently from the second hour on: one plan for all cannot be.
    volume = np.array([0.0, 2_880_000.0, 3_600_000.0])
    run = np.array([0.0, 0.0, 1_000.0])
    free = crest(most_m3_s=run, rise_m3_s=1_000.0)
    came = np.array([[50.0] * 4, [150.0] * 4])
    found = optimum(free, came, HOUR, Start(85.0), Aims(common=4))
    assert found.release_m3_s == pytest.approx(np.interp(found.storage_m3[:, :-1], volume, run))
    assert found.forced_m3_s > 1
    lost = (came - found.release_m3_s).sum(axis=1) * HOUR - np.diff(found.storage_m3[:, [0, -1]]).T
    assert np.abs(lost).max() < 1.0


def test_no_plan_holds_water_in_the_air_over_a_crest_whose_spill_bends_downwards() -> None:
    """Over the storage a crest's H^1.5 often does: wide valleys hold ever more for each metre."""
    bent = dam(
        level_m=[0, 50, 60, 80, 100], storage_m3=[0, 1.8e6, 2.16e6, 2.88e6, 3.6e6],
        most_m3_s=[300, 300, 400, 450, 480], spill_m3_s=[0, 0, 200, 280, 330], rise_m3_s=400,
        emergency_m=90, full_m=95,
    )  # fmt: skip
    came = 80 + 400 * np.exp(-(((np.arange(12) - 5) / 2) ** 2))
    found = optimum(bent, came, HOUR, Start(60.0, 200.0), Aims(end_m=90.0, missing=50.0))
    over = np.interp(found.storage_m3[0, :-1], bent.storage_m3, bent.spill_m3_s)
    assert (found.release_m3_s[0] - over).min() > -1e-3
    assert found.gap < 1e-6
    carried = follow(bent, came, HOUR, Start(60.0, 200.0), found.release_m3_s)
    assert carried.release_m3_s[0] == pytest.approx(found.release_m3_s[0], abs=0.01)


@pytest.mark.parametrize(
    "change",
    [
        {"storage_m3": [0.0, 0.0]},
        {"storage_m3": [0.0, np.nan]},
        {"spill_m3_s": [0.0, 2_000.0]},
        {"normal_m": 95.0},
        {"full_m": 120.0},
        {"rise_m3_s": 0.0},
        {"safe_m3_s": np.nan},
        {"level_m": [0.0, 50.0, 100.0]},
    ],
)
def test_a_dam_that_cannot_be_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="例ダム"):
        dam(**change)


def test_what_nobody_measured_is_no_inflow() -> None:
    for bad in ([np.nan, 1.0], [-1.0], [], [np.inf]):
        with pytest.raises(InputError, match="inflow"):
            operate(dam(), bad, HOUR, Start(50.0), Rule(start_m3_s=1))
    with pytest.raises(InputError, match="level"):
        follow(dam(), [1.0], HOUR, Start(150.0), [1.0])
    with pytest.raises(InputError, match="members"):
        optimum(dam(), np.ones((1_000, 1_000)), HOUR, Start(50.0))
    with pytest.raises(InputError, match="bends"):
        optimum(
            dam(level_m=[0, 50, 100], storage_m3=[0, 1e6, 2e6], most_m3_s=[0, 1, 900],
                spill_m3_s=[0, 0, 0],
            ),
            np.ones((50, 50)), HOUR, Start(50.0),
        )  # fmt: skip
