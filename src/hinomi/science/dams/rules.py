"""Operation by rule, step by step, as a Japanese flood-control dam is operated.

Below the flood's beginning what comes is let through at 平常時最高貯水位; in a flood a constant
amount (一定量放流) or a constant rate (一定率一定量放流) is released; from the level where
異常洪水時防災操作 begins the release is raised towards the inflow and never above it; after the
peak the reservoir is drawn down to 平常時最高貯水位 no faster than the river takes. A release
grows by no more than 放流の原則 allows. The shape of these rules is general; their numbers are
each dam's own (操作規則).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import numpy as np

from hinomi.kernel.errors import InputError
from hinomi.science.dams.gates import Array
from hinomi.science.dams.reservoir import Course, Dam, Start, inflows

Target = Callable[[int, Array, Array, Array], tuple[Array, Array]]
"""Step, inflow, storage, whether the flood has been seen -> release and why."""


class Why(IntEnum):
    """What decided a step's release."""

    REFILL = 0
    """Water is kept: the reservoir is below where it shall stand."""
    THROUGH = 1
    """What comes goes through."""
    PRIOR = 2
    """事前放流: room is made before the flood."""
    FLOOD = 3
    """洪水調節: part of the flood is kept."""
    DRAWDOWN = 4
    """水位低下操作: after the flood the reservoir is emptied to where it shall stand."""
    EMERGENCY = 5
    """異常洪水時防災操作: the release is raised towards the inflow."""
    LIMIT = 6
    """What the outlets can or must do decided, or by how much a release may grow."""
    PLAN = 7
    """A plan that was given."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """The numbers of one dam's rule."""

    start_m3_s: float
    """[m³/s] 洪水量: an inflow above is a flood."""
    rate: float = 0.0
    """[-] a: released is start + a (inflow - start); 0 is a constant amount."""
    most_m3_s: float = np.inf
    """[m³/s] 計画最大放流量: no more is released as long as it is no emergency."""

    def flood(self, inflow_m3_s: Array) -> Array:
        """Return what is released of a flood [m³/s]."""
        return np.minimum(
            self.start_m3_s + self.rate * np.maximum(inflow_m3_s - self.start_m3_s, 0.0),
            self.most_m3_s,
        )


def operate(
    dam: Dam,
    inflow_m3_s: Any,
    step_s: float,
    start: Start,
    rule: Rule,
    *,
    prior_m: float | None = None,
) -> Course:
    """Return what the rule does with inflows.

    Args:
        dam: the dam.
        inflow_m3_s: [m³/s, shape (steps,) or (members, steps)] mean of each step.
        step_s: [s] the step; 600 is usual.
        start: how the dam stands.
        rule: its numbers.
        prior_m: [m] a level to draw down to until the flood begins (事前放流).

    Raises:
        InputError: inflows with gaps, a level outside the table.

    Limits:
        The inflow of a step is known when its release is decided, as a gate keeper sees it. Above
        the table's last level the storage counts on and the level stays.
    """
    if not (0 <= rule.rate <= 1 and rule.start_m3_s >= 0):
        raise InputError("rule: expected a rate of 0 to 1 and a start of 0 or more.",
                         "一定率は0から1、洪水調節の開始流量は0以上が必要です。")  # fmt: skip
    normal = float(dam.storage(dam.normal_m))
    low = normal if prior_m is None else min(normal, float(dam.storage(prior_m)))

    def target(i: int, came: Array, stored: Array, seen: Array) -> tuple[Array, Array]:
        del i
        flood = came > rule.start_m3_s
        # After the peak what is in the flood room goes; before the flood room is made.
        empty = ~flood & (stored > normal)
        down = ~flood & ~empty & ~seen & (stored > low)
        through = ~flood & ~empty & ~down & (stored >= np.where(seen, normal, low))
        # As fast as the river takes, no further than to where it shall stand.
        reach = came + (stored - np.where(down, low, normal)) / step_s
        lowered = np.minimum(np.maximum(came, dam.safe_m3_s), reach)
        room = (normal - stored) / step_s
        kept = np.maximum(np.minimum(came, dam.keep_m3_s), came - room)
        which = [flood, empty, down, through]
        wanted = np.select(which, [rule.flood(came), lowered, lowered, came], kept)
        reasons = [Why.FLOOD, Why.DRAWDOWN, Why.PRIOR, Why.THROUGH]
        return wanted, np.select(which, reasons, Why.REFILL)

    return _run(dam, inflows(inflow_m3_s), step_s, start, target, flood_m3_s=rule.start_m3_s)


def follow(dam: Dam, inflow_m3_s: Any, step_s: float, start: Start, plan_m3_s: Any) -> Course:
    """Return what a plan does with inflows, within what the dam can and must do.

    The emergency rule stands above any plan.

    Args:
        dam: the dam.
        inflow_m3_s: [m³/s, shape (steps,) or (members, steps)] mean of each step.
        step_s: [s] the step.
        start: how the dam stands.
        plan_m3_s: [m³/s, shape (steps,) or (members, steps)] the release that is wanted.

    Raises:
        InputError: inflows with gaps, a plan of another length, a level outside the table.
    """
    came = inflows(inflow_m3_s)
    plan = np.atleast_2d(np.asarray(plan_m3_s, float))
    if plan.shape[1] != came.shape[1] or plan.shape[0] not in {1, came.shape[0]}:
        raise InputError(
            f"plan: expected {came.shape[1]} steps, found {plan.shape[1]}.",
            f"放流計画: {came.shape[1]}時刻が必要ですが、{plan.shape[1]}時刻です。",
        )

    def target(i: int, came: Array, stored: Array, seen: Array) -> tuple[Array, Array]:
        del stored, seen
        return np.broadcast_to(plan[:, i], came.shape).copy(), np.full(came.shape, Why.PLAN)

    return _run(dam, came, step_s, start, target, flood_m3_s=np.inf)


def _run(
    dam: Dam, came: Array, step_s: float, start: Start, target: Target, *, flood_m3_s: float
) -> Course:
    low, high = float(dam.level_m[0]), float(dam.level_m[-1])
    if not (low <= start.level_m <= high and step_s > 0):
        raise InputError(
            f"level {start.level_m} m: expected {low} to {high}, and a step above 0.",
            f"水位{start.level_m}m: {low}から{high}mの範囲、正の時間刻みが必要です。",
        )
    members, steps = came.shape
    stored = np.empty((members, steps + 1))
    stored[:, 0] = dam.storage(start.level_m)
    release, why = np.empty_like(came), np.empty(came.shape, np.int8)
    before = np.full(members, float(start.release_m3_s))
    seen = np.zeros(members, bool)
    least, full = float(dam.storage(dam.least_m)), float(dam.storage(dam.full_m))
    gates, moved = dam.outlets, None
    if gates is not None:
        gates.check(step_s)
        moved = np.empty((members, steps, len(gates.moving)))
        opened = np.tile(start.openings(gates), (members, 1))
    for i in range(steps):
        now, q_in = stored[:, i], came[:, i]
        seen |= q_in > flood_m3_s
        wanted, reason = target(i, q_in, now, seen)
        # 異常洪水時防災操作: from its level to the highest, linearly towards the inflow.
        share = _share(dam, dam.level(now))
        raised = wanted + share * np.maximum(q_in - wanted, 0.0)
        reason = np.where(raised > wanted, Why.EMERGENCY, reason)
        # Not faster than the river below may rise, nor more than there is and the outlets let out.
        can = np.minimum(
            np.minimum(raised, before + dam.rise_m3_s),
            np.minimum(dam.most(now), np.maximum(q_in + (now - least) / step_s, 0.0)),
        )
        # What runs over by itself runs over; at the brim what comes must go, as far as it can.
        must = np.maximum(dam.spill(now), q_in - (full - now) / step_s)
        out = np.minimum(np.maximum(can, must), dam.most(np.maximum(now, full)))
        if gates is not None and moved is not None:
            # As far as the gates get in the step; what they then let out is let out.
            moved[:, i] = opened = gates.move(dam.level(now), opened, out, step_s)
            out = gates.flow(dam.level(now), opened)
        out = np.clip(out, 0.0, np.maximum(q_in + (now - dam.storage_m3[0]) / step_s, 0.0))
        reason = np.where(np.abs(out - raised) > 1e-9 * np.maximum(raised, 1.0), Why.LIMIT, reason)
        stored[:, i + 1] = now + (q_in - out) * step_s
        release[:, i], why[:, i], before = out, reason, out
    return Course(
        inflow_m3_s=came, release_m3_s=release, storage_m3=stored, level_m=dam.level(stored),
        why=why, step_s=step_s, openings_m=moved,
    )  # fmt: skip


def _share(dam: Dam, level_m: Array) -> Array:
    """Return how far the release is raised towards the inflow: 0 at the start level, 1 at full."""
    depth = dam.full_m - dam.emergency_m
    if depth <= 0:
        return np.asarray(level_m >= dam.full_m, float)
    return np.clip((level_m - dam.emergency_m) / depth, 0.0, 1.0)
