"""Gates one by one: laws by hand and by others' numbers, speed, order, what is out of order."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hinomi.kernel.errors import InputError
from hinomi.science.dams.gates import GRAVITY, Gate, Outlets
from hinomi.science.dams.optimum import Aims, optimum
from hinomi.science.dams.reservoir import Dam, Start, tables
from hinomi.science.dams.rules import Rule, Why, follow, operate

TEN_MIN, HOUR = 600.0, 3600.0
FOOT = 0.3048


def orifice(**changes: Any) -> Gate:
    """Return a gate 5 m wide and 4 m high on a sill at 10 m that moves a centimetre a minute."""
    told: dict[str, Any] = {
        "name": "オリフィス", "kind": "orifice", "sill_m": 10.0, "width_m": 5.0, "height_m": 4.0,
        "under": 0.6, "speed_m_s": 0.01 / 60,
    }  # fmt: skip
    return Gate(**{**told, **changes})


def crest(**changes: Any) -> Gate:
    told: dict[str, Any] = {
        "name": "クレスト", "kind": "crest", "sill_m": 40.0, "width_m": 10.0, "height_m": 12.0,
        "weir": 2.0, "under": 0.62, "speed_m_s": 0.3 / 60,
    }  # fmt: skip
    return Gate(**{**told, **changes})


def dam_of(*gates: Gate, area_m2: float = 1e6, **changes: Any) -> Dam:
    """Return a dam of upright walls."""
    outlets = Outlets(gates)
    level, storage, most, spill = tables(outlets, [0.0, 60.0], [0.0, 60.0 * area_m2])
    told: dict[str, Any] = {
        "name": "例ダム", "level_m": level, "storage_m3": storage, "most_m3_s": most,
        "spill_m3_s": spill, "least_m": 12.0, "normal_m": 45.0, "emergency_m": 50.0, "full_m": 52.0,
        "safe_m3_s": 250.0, "rise_m3_s": 1_000.0, "outlets": outlets,
    }  # fmt: skip
    return Dam(**{**told, **changes})


def test_a_free_crest_is_the_published_number() -> None:
    """Q = 3.09 L H^1.5 = 44.22 ft3/s for L = 20 ft, H = 0.8 ft (Ponce, SDSU CIVE 530, midterm 1,
    Fall 2005, with C = 2/3 (2g/3)^0.5 = 3.087 ft^0.5/s for critical flow)."""
    metric = 2 / 3 * np.sqrt(2 * GRAVITY / 3)
    assert metric / FOOT**0.5 == pytest.approx(3.087, abs=1e-3)
    weir = Gate(
        name="w", kind="crest", sill_m=0.0, width_m=20 * FOOT, height_m=9.0, weir=metric, stays_m=9
    )
    assert float(weir.flow(0.8 * FOOT, 9.0)) / FOOT**3 == pytest.approx(44.22, abs=0.06)
    # As H^1.5: eight times for four times the head.
    assert weir.flow(1.2, 9) / weir.flow(0.3, 9) == pytest.approx(8.0)


def test_gates_by_hand() -> None:
    # 0.6 x 5 x 1 x sqrt(2 g 9.5): the head is over the opening's middle.
    assert orifice().flow(20.0, 1.0) == pytest.approx(3 * np.sqrt(2 * 9.80665 * 9.5))
    assert orifice().flow(20.0, 1.0) == pytest.approx(40.95, abs=0.01)
    # With H = 2.5: out of the water 2 x 10 x 2.5^1.5; at 1 m 0.62 x 10 x sqrt(2 g 2).
    assert crest().flow(42.5, 3.0) == pytest.approx(79.06, abs=0.01)
    assert crest().flow(42.5, 1.0) == pytest.approx(38.83, abs=0.01)
    # Half way between H = a and 1.25 a: the mean of both laws at a = 2.
    both = 0.5 * (2.0 + 0.62 * np.sqrt(2 * 9.80665 * 0.75)) * 10 * 2**1.5
    assert crest().flow(40 + 1.125 * 2, 2.0) == pytest.approx(both)
    valve = Gate(name="v", kind="conduit", sill_m=5.0, area_m2=2.0, height_m=1.6, under=0.9,
                 speed_m_s=1e-3, leak_m3_s=0.05)  # fmt: skip
    assert valve.flow(25.0, 0.8) == pytest.approx(0.9 * np.sqrt(2 * 9.80665 * 20))
    assert valve.flow(25.0, 0.0) == 0.05
    assert valve.flow(4.0, 1.6) == 0.0


@pytest.mark.parametrize("power", [0.5, 1.5])
def test_a_reservoir_that_empties_follows_the_closed_form(power: float) -> None:
    """Through a conduit sqrt(H) falls evenly; over a crest 1 / sqrt(H) rises evenly."""
    area = 40_000.0
    if power < 1:
        one = Gate(name="c", kind="conduit", sill_m=10.0, area_m2=3.0, height_m=1.0, under=0.8,
                   stays_m=1.0)  # fmt: skip
    else:
        one = crest(sill_m=10.0, stays_m=12.0, under=0.0, speed_m_s=0.0)
    course = follow(
        dam_of(one, area_m2=area), np.zeros(720), 10.0, Start(50.0), np.zeros(720)
    )  # fmt: skip
    t = np.arange(721) * 10.0
    if power < 1:
        head = (np.sqrt(40.0) - 0.8 * 3 * np.sqrt(2 * GRAVITY) * t / (2 * area)) ** 2
    else:
        head = (1 / np.sqrt(40.0) + 2.0 * 10 * t / (2 * area)) ** -2
    assert np.abs(course.level_m[0] - 10 - head).max() < 0.02 * 40
    assert course.lost_m3().max() < 1e-3


@given(
    st.sampled_from([orifice(), crest(), crest(weir=1.7, under=0.6), orifice(leak_m3_s=1.0)]),
    st.floats(0, 60), st.floats(0, 60), st.floats(0, 12), st.floats(0, 12),
)  # fmt: skip
def test_more_flows_the_higher_the_water_and_the_wider_the_gate(
    gate: Gate, one_m: float, other_m: float, a: float, b: float
) -> None:
    low, high = sorted((one_m, other_m))
    shut, wide = sorted((a, b))
    assert gate.flow(low, shut) <= gate.flow(high, shut) + 1e-9
    assert gate.flow(high, shut) <= gate.flow(high, wide) + 1e-9
    flow = gate.flow(high, shut)
    found = gate.opening(high, flow, 0.0, gate.height_m)
    assert gate.flow(high, found) == pytest.approx(flow, abs=1e-6)


def test_a_gate_opens_and_shuts_by_its_speed_worked_by_hand() -> None:
    """A centimetre a minute: 10 cm in ten minutes, on a lake so wide that its level stays."""
    lake = dam_of(orifice(), area_m2=1e12)
    plan = [60.0] * 8 + [0.0] * 10
    course = follow(lake, np.zeros(18), TEN_MIN, Start(20.0), plan)
    assert course.openings_m is not None
    opened = course.openings_m[0, :, 0]
    steps = [0.1 * n for n in (1, 2, 3, 4, 5, 6, 7, 8, 7, 6, 5, 4, 3, 2, 1, 0, 0, 0)]
    assert opened == pytest.approx(steps, abs=1e-6)
    by_hand = 3 * opened * np.sqrt(2 * 9.80665 * (10 - opened / 2))
    assert course.release_m3_s[0] == pytest.approx(by_hand, abs=1e-4)
    assert course.why[0, 0] == Why.LIMIT


def test_rule_and_plan_keep_to_the_gates_whatever_comes() -> None:
    gates = (orifice(), crest(count=2, speed_m_s=0.05 / 60, least_m=0.2))
    dam = dam_of(*gates, area_m2=4e5)
    t = np.arange(60)
    came = 20 + np.array([[900.0], [500.0]]) * np.exp(-(((t - 25) / 8) ** 2))
    start = Start(45.0, 20.0)
    first = np.tile(start.openings(Outlets(gates)), (2, 1))
    for course in (
        operate(dam, came, TEN_MIN, start, Rule(start_m3_s=100.0, rate=0.4)),
        follow(dam, came, TEN_MIN, start, np.where(t % 10 < 5, 400.0, 0.0)),
    ):
        assert course.openings_m is not None
        moved = np.diff(np.concatenate([first[:, None], course.openings_m], axis=1), axis=1)
        assert np.abs(moved[..., 0]).max() <= 0.1 + 1e-9
        assert np.abs(moved[..., 1]).max() <= 0.5 + 1e-9
        opened = course.openings_m[..., 1]
        assert ((opened == 0) | (opened >= 0.2 - 1e-12)).all()
        assert (opened > 0).any()
        outlets = Outlets(gates)
        assert course.release_m3_s == pytest.approx(
            outlets.flow(course.level_m[:, :-1], course.openings_m)
        )
        assert course.lost_m3().max() < 1e-3


def test_no_gate_is_raised_out_of_the_water() -> None:
    """Opened over a dry sill it stood wide open when the lake had risen, and emptied the lake."""
    outlets = Outlets((crest(speed_m_s=0.01),))
    level = np.array([39.0, 40.5, 45.0])
    opened = outlets.move(level, np.zeros((3, 1)), np.full(3, 1e4), 600.0)
    assert opened[:, 0] == pytest.approx([0.0, 0.5, 5.0])
    # It is not driven down either where the water has fallen below it.
    again = outlets.move(np.array([42.0]), np.array([[5.0]]), np.array([1e4]), 600.0)
    assert again[0, 0] == 5.0


def test_what_is_out_of_order_stays_where_it_is() -> None:
    whole = Outlets((crest(count=3),))
    broken = Outlets((crest(count=2), crest(count=1, stays_m=0.5)))
    level = np.array([39.0, 44.0])
    one = crest().flow(level, 12.0)
    assert whole.most(level) == pytest.approx(3 * one)
    stuck = crest().flow(level, 0.5)
    assert broken.most(level) == pytest.approx(2 * one + stuck)
    assert broken.spill(level) == pytest.approx(stuck)
    assert broken.spill(level)[0] == 0
    assert stuck[1] > 0


def test_the_optimum_keeps_to_the_gates_speed_and_is_proven() -> None:
    """A gate that opens 10 cm in ten minutes is late for a flood that a quick one lets by."""
    t = np.arange(36)
    came = 10 + 380 * np.exp(-(((t - 6) / 3) ** 2))
    found = {}
    for name, speed_m_s in (("slow", 0.01 / 60), ("quick", 0.1)):
        dam = dam_of(
            orifice(width_m=20.0, speed_m_s=speed_m_s), area_m2=3e5, safe_m3_s=200.0, full_m=50.0,
            emergency_m=50.0,
        )  # fmt: skip
        best = optimum(dam, came, TEN_MIN, Start(49.5, 10.0), Aims(common=12))
        assert best.gap < 1e-6
        assert best.forced_m3_s == 0
        carried = follow(dam, came, TEN_MIN, Start(49.5, 10.0), best.release_m3_s)
        # What the programme wants the gates can do; at the brim what comes is let out besides.
        brim = carried.level_m[:, :-1] > 50.0 - 0.4
        off = np.abs(carried.release_m3_s - best.release_m3_s)
        assert off[~brim].max() < 0.5, name
        assert off.max() < 0.03 * best.release_m3_s.max(), name
        found[name] = best, carried
    slow, quick = found["slow"], found["quick"]
    assert slow[1].openings_m is not None
    assert np.abs(np.diff(slow[1].openings_m[0, :, 0])).max() <= 0.1 + 1e-9
    assert slow[0].value > quick[0].value
    # Ten centimetres of opening at 39 m of head by hand: 0.6 x 20 x 0.1 x sqrt(2 g 39) = 33 m3/s.
    assert np.diff(slow[0].release_m3_s[0]).max() < 33.3
    assert np.diff(quick[0].release_m3_s[0]).max() > 40.0


@pytest.mark.parametrize(
    ("make", "match"),
    [
        (lambda: orifice(width_m=0.0), "sizes"),
        (lambda: orifice(under=np.nan), "sizes"),
        (lambda: orifice(least_m=5.0), "sizes"),
        (lambda: orifice(speed_m_s=0.0), "speed"),
        (lambda: orifice(stays_m=4.5), "sizes"),
        (lambda: crest(under=0.45), r"between 0\.521 and 0\.717"),
        (lambda: crest(under=0.9), "between"),
        (lambda: crest(under=0.0), "under it"),
        (lambda: Outlets((orifice(least_m=0.2),)).check(TEN_MIN), "least opening"),
        (lambda: Start(20.0, 0.0, (9.0,)).openings(Outlets((orifice(),))), "openings"),
        (lambda: Start(20.0, 0.0, (1.0, 1.0)).openings(Outlets((orifice(),))), "openings"),
    ],
    ids=["width", "nan", "least", "speed", "stuck", "low", "high", "none", "step", "far", "many"],
)
def test_a_gate_that_cannot_be_is_refused(make: Any, match: str) -> None:
    with pytest.raises(InputError, match=match):
        make()
