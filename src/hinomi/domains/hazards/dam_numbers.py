"""A dam's sheet as the numbers that science computes with."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from hinomi.domains.hazards.collections.dams import DamCatchment, DamSheet, Number
from hinomi.kernel.errors import InputError
from hinomi.kernel.geometry import check_geometry

if TYPE_CHECKING:
    from hinomi.science.dams.reservoir import Array, Dam
    from hinomi.science.dams.rules import Rule

_MOST_LAG_H = 48.0


def dam_of(sheet: DamSheet, step_s: float) -> Dam:
    """Return the dam, its release growing in a step of ``step_s`` [s] as in a part of an hour.

    Raises:
        InputError: the table does not rise, or the limits are not in order.
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
    return Dam(
        name=sheet.name,
        level_m=_column(sheet, "level_m"), storage_m3=_column(sheet, "storage_m3"),
        most_m3_s=_column(sheet, "most_m3_s"), spill_m3_s=_column(sheet, "spill_m3_s"),
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


def _column(sheet: DamSheet, name: str) -> Array:
    import numpy as np  # noqa: PLC0415

    return np.array([getattr(point, name) for point in sheet.curve], float)


def value_of(number: Number | None, otherwise: float) -> float:
    """Return a number, or what is taken where nobody gives it."""
    return otherwise if number is None else number.value
