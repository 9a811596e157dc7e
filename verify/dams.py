"""Dams: a case worked by hand, the closed form of a linear reservoir, mass, the dual's value."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from hinomi.science.dams.gates import GRAVITY, Gate, Outlets
from hinomi.science.dams.optimum import Aims, optimum
from hinomi.science.dams.reservoir import Dam, Start, Turbine, tables
from hinomi.science.dams.rules import Rule, follow, operate
from verify.rows import Row

_HOUR = 3600.0
_FULL_M3 = 3_600_000.0
_K_S = 7_200.0


def _dam(most: tuple[float, float], spill: tuple[float, float]) -> Dam:
    return Dam(
        name="one metre is 10 m3/s for an hour", level_m=np.array([0.0, 100.0]),
        storage_m3=np.array([0.0, _FULL_M3]), most_m3_s=np.array(most), spill_m3_s=np.array(spill),
        least_m=10.0, normal_m=50.0, emergency_m=80.0, full_m=90.0, safe_m3_s=250.0,
        rise_m3_s=1_000.0,
    )  # fmt: skip


def by_hand() -> Iterator[Row]:
    """A flood of six hours of which half above 100 m3/s is kept."""
    gated = _dam((1_000.0, 1_000.0), (0.0, 0.0))
    course = operate(
        gated, [100, 200, 300, 200, 100, 100], _HOUR, Start(50.0, 100),
        Rule(start_m3_s=100, rate=0.5),
    )  # fmt: skip
    for name, ours, theirs in (
        ("greatest release while the flood comes [m3/s]", course.release_m3_s[0, :4].max(), 200.0),
        ("highest level [m]", course.level_m.max(), 70.0),
        ("level at the end [m]", course.level_m[0, -1], 50.0),
        ("water made or lost [m3]", course.lost_m3().max(), 0.0),
    ):
        yield Row(
            model="dam, constant rate", case=name, ours=float(ours), theirs=theirs,
            reference="worked by hand", tolerance=1e-6,
        )  # fmt: skip


def linear() -> Iterator[Row]:
    """All outlets uncontrolled, Q = V / k."""
    ends = (0.0, _FULL_M3 / _K_S)
    step, steps = 5.0, 2_880
    course = follow(
        _dam(ends, ends), np.full(steps, 100.0), step, Start(60.0), np.zeros(steps)
    )  # fmt: skip
    t = np.arange(steps + 1) * step
    theirs = 100 * _K_S + (0.6 * _FULL_M3 - 100 * _K_S) * np.exp(-t / _K_S)
    yield Row(
        model="dam, linear reservoir", case="greatest error of storage / storage at the start",
        ours=float(np.abs(course.storage_m3[0] - theirs).max() / (0.6 * _FULL_M3)), theirs=0.0,
        reference="closed form of dV/dt = I - V/k", tolerance=3e-4,
    )  # fmt: skip


def optimal() -> Iterator[Row]:
    """An ensemble of 20 floods over three days by the hour, one plan for the first 18 hours."""
    level = np.linspace(0.0, 100.0, 11)
    dam = Dam(
        name="orifices", level_m=level, storage_m3=level * 360_000,
        most_m3_s=60 * np.sqrt(level), spill_m3_s=np.zeros(11), least_m=10.0, normal_m=50.0,
        emergency_m=80.0, full_m=90.0, safe_m3_s=250.0, rise_m3_s=60.0,
        turbine=Turbine(most_m3_s=30.0, tail_m=-20.0),
    )  # fmt: skip
    rng, t = np.random.default_rng(1), np.arange(72)
    floods = np.array([
        10 + 500 * f * np.exp(-(((t - 36 - s) / 7) ** 2))
        for f, s in zip(rng.uniform(0.5, 1.3, 20), rng.normal(0, 4, 20), strict=True)
    ])  # fmt: skip
    best = optimum(dam, floods, _HOUR, Start(50.0, 10.0), Aims(common=18))
    yield Row(
        model="dam, optimum", case="relative duality gap", ours=best.gap, theirs=0.0,
        reference="its own dual's value", tolerance=1e-6,
    )  # fmt: skip
    again = follow(dam, floods, _HOUR, Start(50.0, 10.0), best.release_m3_s)
    yield Row(
        model="dam, optimum", case="step-by-step simulation of it: greatest difference [m3/s]",
        ours=float(np.abs(again.release_m3_s - best.release_m3_s).max()), theirs=0.0,
        reference="the rules' simulator", tolerance=1e-5,
    )  # fmt: skip
    rule = operate(dam, floods, _HOUR, Start(50.0, 10.0), Rule(start_m3_s=250.0, rate=0.3))
    yield Row(
        model="dam, optimum", case="water above the safe release, all members [m3]",
        ours=float(again.above_m3(250.0).sum()), theirs=float(rule.above_m3(250.0).sum()),
        reference="operation by rule", tolerance=0.0, kind="at most",
    )  # fmt: skip


def _gated(gate: Gate, area_m2: float) -> Dam:
    outlets = Outlets((gate,))
    level, storage, most, spill = tables(outlets, [0.0, 60.0], [0.0, 60.0 * area_m2])
    return Dam(
        name="upright walls", level_m=level, storage_m3=storage, most_m3_s=most, spill_m3_s=spill,
        least_m=12.0, normal_m=45.0, emergency_m=50.0, full_m=50.0, safe_m3_s=200.0,
        rise_m3_s=1_000.0, outlets=outlets,
    )  # fmt: skip


def gates() -> Iterator[Row]:
    """Gates one by one: their laws, and a reservoir that empties through them."""
    foot = 0.3048
    critical = 2 / 3 * np.sqrt(2 * GRAVITY / 3)
    weir = Gate(
        name="crest", kind="crest", sill_m=0.0, width_m=20 * foot, height_m=9.0, weir=critical,
        stays_m=9.0,
    )  # fmt: skip
    yield Row(
        model="dam, free crest", case="20 ft wide, 0.8 ft over it, critical flow [ft3/s]",
        reference="Ponce, SDSU CIVE 530, midterm 1, 2005: 44.22",
        ours=float(weir.flow(0.8 * foot, 9.0)) / foot**3, theirs=44.22, tolerance=0.06,
    )  # fmt: skip
    t = np.arange(721) * 10.0
    conduit = Gate(
        name="conduit", kind="conduit", sill_m=10.0, area_m2=3.0, height_m=1.0, under=0.8,
        stays_m=1.0,
    )  # fmt: skip
    crest = Gate(
        name="crest", kind="crest", sill_m=40.0, width_m=10.0, height_m=99.0, weir=2.0, stays_m=99.0
    )
    for gate, area, head, law in (
        (conduit, 4e4, (np.sqrt(40.0) - 2.4 * np.sqrt(2 * GRAVITY) * t / 8e4) ** 2,
         "sqrt(h) falls by C A sqrt(2g) t / 2F"),
        (crest, 4e5, (1 / np.sqrt(10.0) + 20.0 * t / 8e5) ** -2,
         "1/sqrt(h) rises by C B t / 2F"),
    ):  # fmt: skip
        course = follow(_gated(gate, area), np.zeros(720), 10.0, Start(50.0), np.zeros(720))
        yield Row(
            model=f"dam, {gate.name}", case="emptying in two hours: greatest error of the head [m]",
            reference=f"closed form: {law}", theirs=0.0, tolerance=0.05,
            ours=float(np.abs(course.level_m[0] - gate.sill_m - head).max()),
        )  # fmt: skip


def gate_speed() -> Iterator[Row]:
    """A gate of 20 m that moves a centimetre a minute, by a plan and in the optimum."""
    gate = Gate(
        name="gate", kind="orifice", sill_m=10.0, width_m=20.0, height_m=4.0, under=0.6,
        speed_m_s=0.01 / 60,
    )  # fmt: skip
    course = follow(
        _gated(gate, 1e12), np.zeros(6), 600.0, Start(49.8), np.full(6, 9_999.0)
    )  # fmt: skip
    yield Row(
        model="dam, gate's speed", case="release after an hour of opening, 0.6 m [m3/s]",
        reference="by hand: 0.6 x 20 x 0.6 sqrt(2g 39.5)", ours=float(course.release_m3_s[0, -1]),
        theirs=0.6 * 20 * 0.6 * np.sqrt(2 * GRAVITY * 39.5), tolerance=1e-3,
    )  # fmt: skip
    dam, start = _gated(gate, 3e5), Start(49.5, 10.0)
    came = 10 + 380 * np.exp(-(((np.arange(36) - 6) / 3) ** 2))
    best = optimum(dam, came, 600.0, start, Aims(common=12))
    carried = follow(dam, came, 600.0, start, best.release_m3_s)
    if carried.openings_m is None:
        raise AssertionError("a dam with gates has their openings")
    moved = np.abs(np.diff(carried.openings_m[0, :, 0])).max()
    for case, ours, theirs, tolerance in (
        ("relative duality gap with gates", best.gap, 0.0, 1e-6),
        ("greatest movement in ten minutes [m]", float(moved), 0.1, 1e-9),
    ):
        yield Row(
            model="dam, gate's speed", case=case, ours=ours, theirs=theirs, tolerance=tolerance,
            reference="its own dual's value" if theirs == 0 else "its speed, 1 cm a minute",
            kind="at most" if theirs else "equal",
        )  # fmt: skip


ROWS = (by_hand, linear, optimal, gates, gate_speed)
