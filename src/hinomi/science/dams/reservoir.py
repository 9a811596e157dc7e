"""A reservoir as data: storage by level, what its outlets can and must release, its limits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hinomi.kernel.errors import InputError
from hinomi.science.dams.gates import GRAVITY, Outlets

__all__ = ["GRAVITY", "WATER", "Course", "Dam", "Start", "Turbine", "inflows"]

Array = NDArray[Any]
WATER = 1000.0
"""[kg/m³]"""


@dataclass(frozen=True, kw_only=True)
class Turbine:
    """A power station at the dam: P = η ρ g Q (H - tail water)."""

    most_m3_s: float
    """[m³/s] what the turbines take at most."""
    tail_m: float
    """[m] level of the tail water."""
    efficiency: float = 0.85
    """[-] of turbine and generator together."""

    def power_w(self, release_m3_s: Array, level_m: Array) -> Array:
        """Return the power [W]; what the turbines cannot take goes past them."""
        head = np.maximum(np.asarray(level_m) - self.tail_m, 0.0)
        through = np.minimum(release_m3_s, self.most_m3_s)
        return self.efficiency * WATER * GRAVITY * through * head


@dataclass(frozen=True, kw_only=True)
class Dam:
    """One dam. Tables run over ``level_m``, which rises; between its entries they are linear.

    The levels are those of a Japanese multi-purpose dam's rules: 最低水位 (``least_m``),
    平常時最高貯水位 (``normal_m``), 異常洪水時防災操作開始水位 (``emergency_m``) and
    洪水時最高水位 (``full_m``).
    """

    name: str
    level_m: Array
    """[m, shape (n,)]"""
    storage_m3: Array
    """[m³, shape (n,)] rising with the level."""
    most_m3_s: Array
    """[m³/s, shape (n,)] with all gates open, uncontrolled spillways included."""
    spill_m3_s: Array
    """[m³/s, shape (n,)] what runs over by itself, all gates shut."""
    least_m: float
    normal_m: float
    emergency_m: float
    full_m: float
    safe_m3_s: float
    """[m³/s] 無害流量: what the river below takes without damage."""
    rise_m3_s: float
    """[m³/s] 放流の原則: by how much the release may grow in one step."""
    keep_m3_s: float = 0.0
    """[m³/s] 維持流量: what the river below needs at least."""
    turbine: Turbine | None = None
    outlets: Outlets | None = None
    """Gates one by one; the two tables are theirs then (:func:`tables`). None: what the tables say
    can be let out at once."""

    def __post_init__(self) -> None:
        tables = [np.asarray(t, float) for t in (
            self.level_m, self.storage_m3, self.most_m3_s, self.spill_m3_s)]  # fmt: skip
        for name, table in zip(
            ("level_m", "storage_m3", "most_m3_s", "spill_m3_s"), tables, strict=True
        ):
            object.__setattr__(self, name, table)
        level, storage, most, spill = tables
        good = (
            level.ndim == 1
            and level.size >= 2
            and all(t.shape == level.shape and np.isfinite(t).all() for t in tables)
            and (np.diff(level) > 0).all()
            and (np.diff(storage) > 0).all()
            and (np.diff(most) >= 0).all()
            and (spill >= 0).all()
            and (spill <= most).all()
        )
        if not good:
            raise InputError(
                f"{self.name}: levels and storage must rise, releases must not fall with the level,"
                " and no more may spill than can be released; no gaps.",
                f"{self.name}: 水位と貯水量は単調増加、放流能力は非減少、越流量は放流能力以下で、"
                "欠測がないことが必要です。",
            )
        limits = (level[0], self.least_m, self.normal_m, self.emergency_m, self.full_m, level[-1])
        if not (np.diff(limits) >= 0).all() or self.least_m == self.full_m:
            raise InputError(
                f"{self.name}: expected table >= least <= normal <= emergency <= full <= table.",
                f"{self.name}: 最低・平常時最高・異常洪水時防災操作開始・洪水時最高の各水位は"
                "この順で、表の範囲内にあることが必要です。",
            )
        flows = (self.safe_m3_s, self.rise_m3_s, self.keep_m3_s)
        if not all(np.isfinite(flows)) or min(flows) < 0 or self.rise_m3_s == 0:
            raise InputError(
                f"{self.name}: safe, keep >= 0 and rise > 0 [m3/s].",
                f"{self.name}: 無害流量・維持流量は0以上、放流量の増加限度は正が必要です。",
            )

    def storage(self, level_m: Any) -> Array:
        """Return the storage [m³] at a level [m]."""
        return np.asarray(np.interp(level_m, self.level_m, self.storage_m3))

    def level(self, storage_m3: Any) -> Array:
        """Return the level [m] at a storage [m³]."""
        return np.asarray(np.interp(storage_m3, self.storage_m3, self.level_m))

    def most(self, storage_m3: Any) -> Array:
        """Return the most that can be released [m³/s]."""
        return np.asarray(np.interp(storage_m3, self.storage_m3, self.most_m3_s))

    def spill(self, storage_m3: Any) -> Array:
        """Return what runs over by itself [m³/s]."""
        return np.asarray(np.interp(storage_m3, self.storage_m3, self.spill_m3_s))


@dataclass(frozen=True)
class Start:
    """How a dam stands when an operation begins."""

    level_m: float
    """[m]"""
    release_m3_s: float = 0.0
    """[m³/s] in the step before the first."""
    openings_m: tuple[float, ...] | None = None
    """[m] of the gates that move; None: as the release needs."""

    def openings(self, outlets: Outlets) -> Array:
        """Return how far the gates are open [m, shape (moving,)]."""
        if self.openings_m is None:
            level, shut = np.array([self.level_m]), np.zeros((1, len(outlets.moving)))
            found = outlets.move(level, shut, np.array([self.release_m3_s]), np.inf)
            return np.asarray(found[0])
        given = np.asarray(self.openings_m, float)
        highest = np.array([one.height_m for one in outlets.moving])
        if given.shape != highest.shape or not ((given >= 0) & (given <= highest)).all():
            raise InputError(
                f"openings: expected {highest.size}, each from 0 to its gate's height.",
                f"ゲート開度は{highest.size}個、それぞれ0から全開までの値が必要です。",
            )
        return given


def tables(outlets: Outlets, level_m: Any, storage_m3: Any) -> tuple[Array, Array, Array, Array]:
    """Return level, storage, most and spill with rows between, so that lines tell the gates' laws.

    A row is put between two where the most that can be let out, or what spills, is off there by
    more than a hundredth of the greatest; 24 rows more are the most.
    """
    level = np.asarray(level_m, float)
    storage = np.asarray(storage_m3, float)
    sills = [one.sill_m for one in outlets.gates if level[0] < one.sill_m < level[-1]]
    found = np.unique(np.concatenate([level, sills]))
    for _ in range(_ROWS):
        middle = (found[:-1] + found[1:]) / 2
        # The tables are straight over the storage: compare there.
        held = np.interp(found, level, storage)
        share = (np.interp(middle, level, storage) - held[:-1]) / np.diff(held)
        off = np.zeros(middle.size)
        for law in (outlets.most, outlets.spill):
            at = law(found)
            line = at[:-1] + share * np.diff(at)
            off = np.maximum(off, np.abs(law(middle) - line) / max(float(at[-1]), 1e-9))
        if off.max() < _OFF:
            break
        found = np.sort(np.append(found, middle[int(off.argmax())]))
    most, spill = outlets.most(found), outlets.spill(found)
    return found, np.interp(found, level, storage), most, np.minimum(spill, most)


_ROWS = 24
_OFF = 0.01


@dataclass(frozen=True, kw_only=True)
class Course:
    """How a dam was operated, or would be: one row for each member of an ensemble."""

    inflow_m3_s: Array
    """[m³/s, shape (members, steps)] the mean of each step."""
    release_m3_s: Array
    """[m³/s, shape (members, steps)] the mean of each step."""
    storage_m3: Array
    """[m³, shape (members, steps + 1)] at each step's ends."""
    level_m: Array
    """[m, shape (members, steps + 1)]"""
    why: Array
    """[shape (members, steps)] codes of :class:`hinomi.science.dams.rules.Why`."""
    step_s: float
    openings_m: Array | None = None
    """[m, shape (members, steps, moving)] of the gates, where the dam has them one by one."""

    @property
    def peak_m3_s(self) -> Array:
        """Return the greatest release of each member [m³/s]."""
        return np.asarray(self.release_m3_s.max(axis=1))

    def above_m3(self, safe_m3_s: float) -> Array:
        """Return the water released above what the river takes [m³], of each member."""
        return np.asarray(np.maximum(self.release_m3_s - safe_m3_s, 0).sum(axis=1) * self.step_s)

    def lost_m3(self) -> Array:
        """Return what mass balance is off by [m³]: 0 but for rounding."""
        came = (self.inflow_m3_s - self.release_m3_s).sum(axis=1) * self.step_s
        return np.asarray(np.abs(self.storage_m3[:, 0] + came - self.storage_m3[:, -1]))

    def energy_j(self, turbine: Turbine) -> Array:
        """Return the energy that was made [J], of each member."""
        middle = (self.level_m[:, :-1] + self.level_m[:, 1:]) / 2
        return np.asarray(turbine.power_w(self.release_m3_s, middle).sum(axis=1) * self.step_s)


def inflows(inflow_m3_s: Any) -> Array:
    """Return inflows as an array of shape (members, steps), or tell what is wrong with them."""
    found = np.atleast_2d(np.asarray(inflow_m3_s, float))
    if found.ndim != 2 or found.size == 0 or not np.isfinite(found).all() or (found < 0).any():
        raise InputError(
            "inflow: expected (members, steps) of 0 m3/s or more without gaps.",
            "流入量は(メンバー, 時刻)で、0以上・欠測なしが必要です。",
        )
    return found
