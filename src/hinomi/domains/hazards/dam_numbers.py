"""A dam's sheet as the numbers that science computes with."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from hinomi.domains.hazards.collections.dams import DamCatchment, DamSheet, DamState, Number
from hinomi.domains.hazards.dam_gates import outlets_of
from hinomi.kernel.errors import InputError
from hinomi.kernel.geometry import check_geometry

if TYPE_CHECKING:
    from hinomi.science.dams.gates import Array, Outlets
    from hinomi.science.dams.reservoir import Dam
    from hinomi.science.dams.rules import Rule

_MOST_LAG_H = 48.0
_AGREE = 0.1
"""A curve and the gates may differ by so much: tables are made with the velocity of approach."""


def dam_of(sheet: DamSheet, step_s: float, state: DamState | None = None) -> Dam:
    """Return the dam, its release growing in a step of ``step_s`` [s] as in a part of an hour.

    Args:
        sheet: as it is written.
        step_s: [s] the step.
        state: its gates as they stand; without it all work.

    Raises:
        InputError: the table does not rise, the limits are not in order, or a gate cannot be.
    """
    from hinomi.science.dams.reservoir import Dam, Turbine  # noqa: PLC0415 - numpy

    limits, turbine = sheet.limits, None
    if sheet.turbine is not None:
        told = sheet.turbine
        turbine = Turbine(
            most_m3_s=told.most_m3_s.value, tail_m=told.tail_m.value,
            efficiency=value_of(told.efficiency, 0.85),
        )  # fmt: skip
        if not (turbine.most_m3_s >= 0 and 0 < turbine.efficiency <= 1):
            raise InputError(
                f"{sheet.name}: turbine: most_m3_s >= 0, 0 < efficiency <= 1.",
                f"{sheet.name}: 水車の流量は0以上、効率は0より大きく1以下が必要です。",
            )
    outlets = outlets_of(sheet, state)
    level, storage, most, spill = _tables(sheet, outlets)
    return Dam(
        name=sheet.name, outlets=outlets,
        level_m=level, storage_m3=storage, most_m3_s=most, spill_m3_s=spill,
        least_m=limits.least_m.value, normal_m=limits.normal_m.value,
        emergency_m=limits.emergency_m.value, full_m=limits.full_m.value,
        safe_m3_s=limits.safe_m3_s.value, rise_m3_s=limits.rise_m3_s_per_h.value * step_s / 3600,
        keep_m3_s=value_of(limits.keep_m3_s, 0.0), turbine=turbine,
    )  # fmt: skip


def rule_of(sheet: DamSheet) -> Rule:
    """Return the flood rule.

    Raises:
        InputError: its numbers are out of range.
    """
    from hinomi.science.dams.rules import Rule  # noqa: PLC0415 - numpy

    rule = Rule(
        start_m3_s=sheet.rule.start_m3_s.value, rate=value_of(sheet.rule.rate, 0.0),
        most_m3_s=value_of(sheet.rule.most_m3_s, math.inf),
    )  # fmt: skip
    if not (rule.start_m3_s >= 0 and 0 <= rule.rate <= 1 and rule.most_m3_s >= rule.start_m3_s):
        raise InputError(
            f"{sheet.name}: rule: expected start_m3_s >= 0, a rate of 0 to 1, most >= start.",
            f"{sheet.name}: 洪水量は0以上、一定率は0から1、最大放流量は洪水量以上が必要です。",
        )
    return rule


def check_catchment(told: DamCatchment) -> None:
    """Check a catchment's numbers and its outline.

    Raises:
        InputError: a number is out of range, or the outline is no polygon.
    """
    shape = check_geometry(told.outline)
    lag_h, base = value_of(told.lag_h, 0.0), value_of(told.base_m3_s, 0.0)
    good = (
        told.area_km2.value > 0 and 0 < told.runoff.value <= 1 and told.k.value > 0
        and 0 < value_of(told.p, 0.6) <= 1 and 0 <= lag_h <= _MOST_LAG_H and base >= 0
        and 0 <= value_of(told.rain_error, 0.4) <= 2
    )  # fmt: skip
    if not good or shape["type"] not in {"Polygon", "MultiPolygon"}:
        raise InputError(
            f"catchment: a polygon, area and k > 0, runoff and p of 0 to 1, lag of 0 to"
            f" {_MOST_LAG_H:.0f} h, base >= 0, rain_error of 0 to 2.",
            "流域: 多角形、面積とKは正、流出率とPは0から1、遅滞時間は0から"
            f"{_MOST_LAG_H:.0f}時間、基底流量は0以上、雨の誤差は0から2が必要です。",
        )


def _tables(sheet: DamSheet, outlets: Outlets | None) -> tuple[Array, Array, Array, Array]:
    """Return level, storage, most and spill: of the curve, or computed of the gates.

    Where both are told they must agree: a coefficient that is off is found so.
    """
    import numpy as np  # noqa: PLC0415

    from hinomi.science.dams.reservoir import tables  # noqa: PLC0415

    level, storage = (
        np.array([getattr(point, name) for point in sheet.curve], float)
        for name in ("level_m", "storage_m3")
    )
    told = [point.most_m3_s for point in sheet.curve]
    if outlets is None:
        if None in told:
            raise InputError(
                f"{sheet.name}: each row of the curve needs most_m3_s where no gates are told.",
                f"{sheet.name}: ゲートの諸元がないときは、表の各行に放流能力が必要です。",
            )
        spill = [point.spill_m3_s or 0.0 for point in sheet.curve]
        return level, storage, np.array(told, float), np.array(spill, float)
    rising = level.size > 1 and (np.diff(level) > 0).all() and (np.diff(storage) > 0).all()
    if not rising or not np.isfinite([level, storage]).all():
        raise InputError(
            f"{sheet.name}: levels and storage must rise, no gaps.",
            f"{sheet.name}: 水位と貯水量は単調増加で、欠測がないことが必要です。",
        )
    whole = outlets_of(sheet)
    if None not in told and whole is not None:
        # By all gates, whichever are out of order now.
        full = sheet.limits.full_m.value
        wanted = float(np.interp(full, level, np.array(told, float)))
        computed = float(whole.most(full))
        if abs(computed - wanted) > _AGREE * max(wanted, 1.0):
            raise InputError(
                f"{sheet.name}: at {full} m the gates let out {computed:.0f} m3/s, the curve says"
                f" {wanted:.0f}: look at sizes, coefficients and counts.",
                f"{sheet.name}: {full}mでの放流能力がゲートの諸元では{computed:.0f}m3/s、表では"
                f"{wanted:.0f}m3/sです。寸法・係数・門数を確かめてください。",
            )
    return tables(outlets, level, storage)


def value_of(number: Number | None, otherwise: float) -> float:
    """Return a number, or what is taken where nobody gives it."""
    return otherwise if number is None else number.value
