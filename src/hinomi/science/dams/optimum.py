"""The best operation under the dam's limits, for an ensemble of inflows, by linear programming.

The first ``common`` steps are the same for all members (nobody knows yet which will come true);
after them each member goes on as suits it. Least are, in this order of weight: water above the
highest level, water above what the river below takes, water that is missing at the end, energy not
made. Where the outlets' capacity bends upwards with the level, or what spills by itself bends
downwards, the programme gets binary variables (the table's piece, Dantzig 1960), else it is linear
and its dual proves it. Solved by HiGHS through SciPy (Huangfu & Hall 2018, Math. Prog. Comp. 10).

Water that runs over a crest asks nobody: where a flood outruns the limit on the release's rise, or
where members spill differently while one plan should hold for all, no operation keeps all limits.
Then the least that has to be given up is (:attr:`Optimum.forced_m3_s`).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from scipy.optimize import linprog

from hinomi.kernel.errors import InputError, UnavailableError
from hinomi.science.dams.gate_rows import gate_rows
from hinomi.science.dams.gates import GRAVITY, Array
from hinomi.science.dams.programme import Columns, hull
from hinomi.science.dams.reservoir import WATER, Dam, Start, inflows

SECONDS = 20.0
"""[s] After this the best answer so far is returned, with its gap."""
_MOST = 400_000
"""Variables; a larger question is to be cut."""
_MOST_BINARY = 2_000
"""Binary variables that are solved in seconds."""
_INFEASIBLE = 2
"""Of SciPy's ``OptimizeResult.status``."""


@dataclass(frozen=True, kw_only=True)
class Aims:
    """What is wanted: what a cubic metre costs, energy in the price of a joule, and the end."""

    over: float = 1_000.0
    """[1/m³] above the highest level: the dam's own safety."""
    emergency: float = 0.0
    """[1/m³] above the level from which emergency operation begins, for each step that it stands
    there; 0: a plan may use that band as any other."""
    excess: float = 10.0
    """[1/m³] above the safe release."""
    peak: float = 100.0
    """[s/m³] of the greatest excess: a low long flood is better than a high short one."""
    missing: float = 1.0
    """[1/m³] below the level that shall be reached at the end."""
    energy: float = 1e-9
    """[1/J] made by the turbines."""
    forced: float = 10_000.0
    """[1/m³] beyond the limit on the rise or off the common plan, where nothing else is left."""
    end_m: float | None = None
    """[m] The level to be reached at the end; 平常時最高貯水位 by default."""
    common: int | None = None
    """So many first steps are one plan for all members; a quarter of all by default."""


@dataclass(frozen=True, kw_only=True)
class Optimum:
    """The best releases."""

    release_m3_s: Array
    """[m³/s, shape (members, steps)]"""
    storage_m3: Array
    """[m³, shape (members, steps + 1)]"""
    common: int
    """So many first steps are the same in all members: the plan of now."""
    value: float
    """What the objective comes to."""
    bound: float
    """What no operation can go below: the dual's value, or the solver's bound with binaries."""
    forced_m3_s: float = 0.0
    """[m³/s] By so much at most a step's release goes beyond the limit on its rise, or off the
    common plan, since the water leaves it no choice; 0: all limits are kept."""

    @property
    def gap(self) -> float:
        """Return the relative distance from the bound [-]."""
        return abs(self.value - self.bound) / max(1.0, abs(self.value))

    @property
    def plan_m3_s(self) -> Array:
        """Return the common part [m³/s, shape (common,)]."""
        return np.asarray(np.median(self.release_m3_s[:, : self.common], axis=0))


def optimum(
    dam: Dam, inflow_m3_s: Any, step_s: float, start: Start, aims: Aims | None = None
) -> Optimum:
    """Return the best releases for an ensemble.

    Args:
        dam: the dam.
        inflow_m3_s: [m³/s, shape (steps,) or (members, steps)] mean of each step; members count
            alike.
        step_s: [s] the step.
        start: how the dam stands.
        aims: what counts how much.

    Raises:
        InputError: inflows with gaps, a level outside the limits, too large a question.
        UnavailableError: the solver found no answer.

    Limits:
        Inflows are taken as known from the member's parting on. The turbines' head is that of the
        start. The capacity of a step is that of the storage at its beginning. Gates one by one keep
        to their speed by what they can change at least at any opening, over the storage's concave
        hull; least openings are not in it. What spills by itself
        is bounded from below only by its table's convex hull where pieces are too many for binary
        variables: carry a plan out by :func:`hinomi.science.dams.rules.follow`.
    """
    came, cost = inflows(inflow_m3_s), aims or Aims()
    members, steps = came.shape
    if members * steps * (6 + dam.level_m.size) > _MOST:
        raise InputError(
            f"{members} members x {steps} steps are too many: take a longer step or fewer members.",
            f"{members}メンバー×{steps}時刻は多すぎます。刻みを長くするか、メンバーを減らしてください。",
        )
    if not dam.least_m <= start.level_m <= dam.level_m[-1]:
        raise InputError(
            f"level {start.level_m} m: expected {dam.least_m} to {dam.level_m[-1]}.",
            f"水位{start.level_m}m: {dam.least_m}から{dam.level_m[-1]}mの範囲が必要です。",
        )
    common = min(max(1, steps // 4 if cost.common is None else cost.common), steps)
    found = _best(dam, came, step_s, start, (cost, common, False))
    if found is None:
        found = _best(dam, came, step_s, start, (cost, common, True))
    if found is None:
        raise UnavailableError(
            "No operation keeps the dam's lowest level and its outlets' limits.",
            "最低水位と放流設備の条件を満たす操作がありません。",
        )
    return found


def _best(
    dam: Dam, came: Array, unit: float, start: Start, how: tuple[Aims, int, bool]
) -> Optimum | None:
    """Return the optimum, None where there is none; ``how``: aims, common steps, may be forced."""
    cost, common, forced = how
    members, steps = came.shape
    now, full = float(dam.storage(start.level_m)), float(dam.storage(dam.full_m))
    # In units in which water and flow are of one size: cubic metres per second over one step.
    columns = Columns()
    release = columns.block((members, steps), 0.0, np.inf)
    stored = columns.block((members, steps + 1), float(dam.storage(dam.least_m)) / unit, np.inf)
    columns.low[-1].reshape(members, -1)[:, 0] = now / unit
    columns.high[-1].reshape(members, -1)[:, 0] = now / unit
    over = columns.block((members, steps), 0.0, np.inf, cost.over * unit / members)
    excess = columns.block((members, steps), 0.0, np.inf, cost.excess * unit / members)
    peak = columns.block((members, 1), 0.0, np.inf, cost.peak * unit / members)
    missing = columns.block((members, 1), 0.0, np.inf, cost.missing * unit / members)
    columns.add((1, stored[:, 1:]), (-1, stored[:, :-1]), (1, release), right=came, equal=True)
    columns.add((1, stored[:, 1:]), (-1, over), right=full / unit)
    if cost.emergency > 0:
        band = columns.block((members, steps), 0.0, np.inf, cost.emergency * unit / members)
        begins = float(dam.storage(dam.emergency_m))
        columns.add((1, stored[:, 1:]), (-1, band), right=begins / unit)
    columns.add((1, release), (-1, excess), right=dam.safe_m3_s)
    columns.add((1, excess), (-1, peak), right=0.0)
    end = float(dam.storage(dam.normal_m if cost.end_m is None else cost.end_m)) / unit
    columns.add((-1, stored[:, -1:]), (-1, missing), right=-end)
    price = cost.forced * unit / members
    off = _limits(columns, dam, release, start, (price, common, forced))
    if dam.outlets is not None:
        gate_rows(columns, dam, (release, stored), start, (unit, price if forced else None))
    if dam.turbine is not None:
        head = max(start.level_m - dam.turbine.tail_m, 0.0)
        worth = cost.energy * dam.turbine.efficiency * WATER * GRAVITY * head * unit / members
        through = columns.block((members, steps), 0.0, dam.turbine.most_m3_s, -worth)
        columns.add((1, through), (-1, release), right=0.0)
    whole = _capacity(columns, dam, release, stored[:, :-1], unit)
    solved = _solved(columns, whole=whole)
    if solved is None:
        return None
    x, value, bound = solved
    return Optimum(
        release_m3_s=x[release], storage_m3=x[stored] * unit, common=common, value=value,
        bound=bound, forced_m3_s=max((float(x[block].max()) for block in off), default=0.0),
    )  # fmt: skip


def _limits(
    columns: Columns, dam: Dam, release: Array, start: Start, how: tuple[float, int, bool]
) -> list[Array]:
    """Add 放流の原則 and the common plan; return what measures where they are not kept."""
    price, common, forced = how
    faster = columns.block(release.shape, 0.0, np.inf if forced else 0.0, price)
    columns.add((1, release[:, :1]), (-1, faster[:, :1]), right=start.release_m3_s + dam.rise_m3_s)
    columns.add(
        (1, release[:, 1:]), (-1, release[:, :-1]), (-1, faster[:, 1:]), right=dam.rise_m3_s
    )
    if len(release) == 1:
        return [faster]
    one, other = (
        columns.block(release[1:, :common].shape, 0.0, np.inf if forced else 0.0, price)
        for _ in range(2)
    )
    columns.add(
        (1, release[1:, :common]), (-1, release[:1, :common]), (1, one), (-1, other),
        right=0.0, equal=True,
    )  # fmt: skip
    return [faster, one, other]


def _capacity(columns: Columns, dam: Dam, release: Array, stored: Array, unit: float) -> bool:
    """Keep releases between what spills and what the outlets let out; True: with binaries."""
    # Above the highest level the last piece goes on: less than spillways let out there.
    inside = (dam.level_m > dam.least_m) & (dam.level_m < dam.full_m)
    ends = dam.storage([dam.least_m, dam.full_m])
    table = np.concatenate([ends[:1], dam.storage_m3[inside], ends[1:]])
    volume, most, spilt = table / unit, dam.most(table), dam.spill(table)
    slope, spills = np.diff(most) / np.diff(volume), np.diff(spilt) / np.diff(volume)
    few = release.size * slope.size <= _MOST_BINARY
    level, straight = _bends_up(-slope), _bends_up(spills)
    for k, s in enumerate(slope if level else ()):
        columns.add((1, release), (-s, stored), right=most[k] - s * volume[k])
    if straight or not few:
        for (v0, q0), (v1, q1) in pairwise(hull(volume, spilt)):
            s = (q1 - q0) / (v1 - v0)
            if s > 0:
                columns.add((s, stored), (-1, release), right=s * v0 - q0)
    if level and (straight or not few):
        return False
    if not few:
        raise InputError(
            f"The outlets' capacity bends upwards with the level: {release.size} steps x"
            f" {slope.size} pieces of its table are too many; take fewer of either.",
            f"放流能力が水位とともに下に凸のため、{release.size}時刻×{slope.size}区間では多すぎます。",
        )
    # Which piece of the table the storage lies in: one binary for each, and how far along it.
    pieces = volume.size - 1
    chosen = columns.block((*release.shape, pieces), 0.0, 1.0, whole=True)
    along = columns.block((*release.shape, pieces), 0.0, np.inf)
    columns.add(*((1, chosen[..., k]) for k in range(pieces)), right=1.0, equal=True)
    widths = np.diff(volume)
    # The last piece has no end: what is above the table is above the highest level too.
    widths[-1] *= 1_000
    columns.add((1, along), (-widths, chosen), right=0.0)
    columns.add(
        (1, stored),
        *((-volume[k], chosen[..., k]) for k in range(pieces)),
        *((-1, along[..., k]) for k in range(pieces)),
        right=0.0, equal=True,
    )  # fmt: skip
    for sign, at, by in ((1, most, slope), (-1, spilt, spills)):
        columns.add(
            (sign, release),
            *((-sign * at[k], chosen[..., k]) for k in range(pieces)),
            *((-sign * by[k], along[..., k]) for k in range(pieces)),
            right=0.0,
        )  # fmt: skip
    return True


def _bends_up(slopes: Array) -> bool:
    return bool((np.diff(slopes) >= -1e-9 * max(float(np.abs(slopes).max()), 1e-12)).all())


def _solved(columns: Columns, *, whole: bool) -> tuple[Array, float, float] | None:
    """Return the variables, the objective and its bound; None where nothing keeps the rows."""
    less, most = columns.matrix(equal=False)
    same, exactly = columns.matrix(equal=True)
    low, high = np.concatenate(columns.low), np.concatenate(columns.high)
    solve: Any = linprog  # Its stubs have more unions than mypy tries.
    found = solve(
        np.concatenate(columns.cost), A_ub=less, b_ub=most, A_eq=same, b_eq=exactly,
        bounds=np.column_stack([low, high]), method="highs",
        integrality=np.concatenate(columns.whole).astype(int) if whole else None,
        options={"time_limit": SECONDS},
    )  # fmt: skip
    if found.status == _INFEASIBLE:
        return None
    if found.x is None:
        raise UnavailableError(
            f"No operation was found in {SECONDS:.0f} s: {found.message}",
            f"{SECONDS:.0f}秒以内に操作が見つかりませんでした: {found.message}",
        )
    if whole:
        return found.x, float(found.fun), float(found.mip_dual_bound)
    # Weak duality: the multipliers' own value, not the solver's word.
    bound = float(
        most @ found.ineqlin.marginals
        + exactly @ found.eqlin.marginals
        + np.where(np.isfinite(low), low, 0.0) @ found.lower.marginals
        + np.where(np.isfinite(high), high, 0.0) @ found.upper.marginals
    )
    return found.x, float(found.fun), bound
