"""A dam's gates one by one: what each lets out by opening and level, and how fast it moves.

Three laws, of which a sheet takes one for each gate:

- ``crest`` (クレストゲート, 越流頂): Q = C B H^1.5 where the gate is out of the water (H <= a),
  Q = Cd B a sqrt(2 g (H - a/2)) from H = 1.25 a on, straight between in H/a, as HEC-RAS does
  (Hydraulic Reference Manual, "Gated spillways": weir to H/a = 1, gate flow from 1.25);
- ``orifice`` (オリフィスゲート): Q = Cd B a sqrt(2 g (H - a/2)), a no more than H;
- ``conduit`` (コンジット, バルブ): Q = Cd A (a / stroke) sqrt(2 g H), H over the axis.

H is the depth over the sill, a the opening. C, Cd are each gate's own (its model test, its table):
none is built in. The velocity of approach and the tail water are in none of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from hinomi.kernel.errors import InputError

Array = NDArray[Any]
GRAVITY = 9.80665
"""[m/s²] standard gravity (CGPM 1901)."""
_WHOLE = 1.25
"""H/a from which a crest gate is under water as a whole (HEC-RAS, as above)."""
_HALVINGS = 44
_SHUT_M = 1e-9
_POSITIONS = 9


@dataclass(frozen=True, kw_only=True)
class Gate:
    """Gates that are alike and move alike, or an outlet that nobody moves."""

    name: str
    kind: Literal["crest", "orifice", "conduit"]
    sill_m: float
    """[m] level of the sill; of a conduit its axis."""
    height_m: float
    """[m] the widest opening; of a valve its stroke."""
    width_m: float = 0.0
    area_m2: float = 0.0
    """[m²] of a conduit, wide open."""
    weir: float = 0.0
    """[m^0.5/s] C of a crest."""
    under: float = 0.0
    """[-] Cd under a crest gate, of an orifice or a conduit."""
    count: int = 1
    speed_m_s: float = 0.0
    """[m/s] of opening and of closing."""
    least_m: float = 0.0
    """[m] no opening between shut and this is kept."""
    leak_m3_s: float = 0.0
    """[m³/s] of each, shut."""
    stays_m: float | None = None
    """[m] the opening of one that cannot be moved: out of order, or an outlet without a gate."""

    def __post_init__(self) -> None:
        numbers = (self.sill_m, self.height_m, self.width_m, self.area_m2, self.weir, self.under,
                   self.speed_m_s, self.least_m, self.leak_m3_s)  # fmt: skip
        good = (
            np.isfinite(numbers).all() and min(numbers[1:]) >= 0 and self.height_m > 0
            and self.count >= 1 and self.least_m <= self.height_m
            and (self.area_m2 > 0 if self.kind == "conduit" else self.width_m > 0)
            and (self.weir > 0 if self.kind == "crest" else self.under > 0)
        )  # fmt: skip
        if not good or not 0 <= (self.stays_m or 0.0) <= self.height_m:
            raise InputError(
                f"{self.name}: sizes and coefficients above 0, a least opening and an opening from"
                " 0 to its height.",
                f"{self.name}: 寸法と係数は正、最小開度と開度は0から全開までの値が必要です。",
            )
        if self.stays_m is None and not self.speed_m_s > 0:
            raise InputError(
                f"{self.name}: a gate that moves needs its speed (開閉速度が必要です)。"
            )
        at_whole = self.under * np.sqrt(2 * GRAVITY * (_WHOLE - 0.5))
        moves = self.kind == "crest" and self.under > 0
        if moves and not self.weir <= at_whole <= 1.375 * self.weir:
            # Otherwise less would flow as the water rises, or as the gate is raised.
            low, high = (f * self.weir / np.sqrt(2 * GRAVITY * 0.75) for f in (1.0, 1.375))
            raise InputError(
                f"{self.name}: with C = {self.weir} the coefficient under the gate is expected"
                f" between {low:.3f} and {high:.3f}.",
                f"{self.name}: 越流係数{self.weir}に対し、もぐり(下端放流)の流量係数は"
                f"{low:.3f}から{high:.3f}の範囲が必要です。",
            )
        if self.kind == "crest" and self.under == 0 and self.stays_m is None:
            raise InputError(
                f"{self.name}: a crest gate needs the coefficient under it"
                " (下端放流の流量係数が必要です)。"
            )

    def flow(self, level_m: Any, opening_m: Any) -> Array:
        """Return what all of them let out together [m³/s], leaks in it."""
        deep = np.maximum(np.asarray(level_m, float) - self.sill_m, 0.0)
        a = np.clip(np.asarray(opening_m, float), 0.0, self.height_m)
        if self.kind == "conduit":
            one = self.under * self.area_m2 * a / self.height_m * np.sqrt(2 * GRAVITY * deep)
        elif self.kind == "orifice":
            one = self._below(deep, np.minimum(a, deep))
        else:
            one = self._crest(deep, a)
        return np.asarray(self.count * np.maximum(one, np.where(deep > 0, self.leak_m3_s, 0.0)))

    def _below(self, deep: Array, a: Array) -> Array:
        through = np.sqrt(2 * GRAVITY * np.maximum(deep - a / 2, 0.0))
        return np.asarray(self.under * self.width_m * a * through)

    def _crest(self, deep: Array, a: Array) -> Array:
        over = self.weir * self.width_m * deep**1.5
        if self.under == 0:  # Nothing hangs over it.
            return np.asarray(over)
        part = np.clip((deep / np.maximum(a, _SHUT_M) - 1) / (_WHOLE - 1), 0.0, 1.0)
        whole = self.under * np.sqrt(2 * GRAVITY * (_WHOLE - 0.5))
        between = self.width_m * a**1.5 * ((1 - part) * self.weir + part * whole)
        under = self._below(deep, a)
        return np.asarray(np.select([deep <= a, part < 1], [over, between], under))

    def opening(self, level_m: Any, flow_m3_s: Any, low_m: Any, high_m: Any) -> Array:
        """Return the opening [m] between two that lets out a flow; the nearer end where none does.

        Flow rises with the opening: halved until it is known to rounding.
        """
        low = np.array(np.broadcast_arrays(low_m, level_m, flow_m3_s)[0], float)
        high = np.array(np.broadcast_arrays(high_m, level_m, flow_m3_s)[0], float)
        short = self.flow(level_m, high) <= flow_m3_s
        low = np.where(short, high, low)
        high = np.where(self.flow(level_m, low) >= flow_m3_s, low, high)
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            less = self.flow(level_m, middle) < flow_m3_s
            low, high = np.where(less, middle, low), np.where(less, high, middle)
        return np.asarray(high)

    def least_change_m3_s(self, level_m: Any, seconds: float) -> Array:
        """Return by how much its flow can change in a time at any opening, at least [m³/s]."""
        far = self.speed_m_s * seconds
        level = np.asarray(level_m, float)
        if far >= self.height_m:
            return self.flow(level, self.height_m) - self.flow(level, 0.0)
        from_m = np.linspace(0.0, self.height_m - far, _POSITIONS)
        steps = [self.flow(level, a + far) - self.flow(level, a) for a in from_m]
        # Where it stands out of the water already the rest of the stroke changes nothing.
        out = [from_ + far > np.maximum(level - self.sill_m, 0.0) for from_ in from_m]
        found = np.min([np.where(o, np.inf, s) for o, s in zip(out, steps, strict=True)], axis=0)
        return np.asarray(np.where(np.isfinite(found), found, steps[0]))


@dataclass(frozen=True)
class Outlets:
    """All outlets of a dam. Those that move are opened in this order and shut in the other."""

    gates: tuple[Gate, ...]

    @property
    def moving(self) -> tuple[Gate, ...]:
        """Return the gates that can be moved."""
        return tuple(one for one in self.gates if one.stays_m is None)

    def most(self, level_m: Any) -> Array:
        """Return what they let out with all open that can be opened [m³/s]."""
        wide = (one.flow(level_m, one.height_m) for one in self.moving)
        return np.asarray(sum(wide, self._stays(level_m)))

    def spill(self, level_m: Any) -> Array:
        """Return what runs by itself [m³/s]: no gate, one out of order, leaks."""
        shut = (one.flow(level_m, 0.0) for one in self.moving)
        return np.asarray(sum(shut, self._stays(level_m)))

    def flow(self, level_m: Any, openings_m: Array) -> Array:
        """Return what they let out [m³/s] at openings of shape (..., moving)."""
        through = (one.flow(level_m, openings_m[..., k]) for k, one in enumerate(self.moving))
        return np.asarray(sum(through, self._stays(level_m)))

    def _stays(self, level_m: Any) -> Array:
        found = np.zeros(np.shape(level_m))
        for one in self.gates:
            if one.stays_m is not None:
                found = found + one.flow(level_m, one.stays_m)
        return found

    def move(self, level_m: Array, openings_m: Array, wanted_m3_s: Array, seconds: float) -> Array:
        """Return the openings nearest to a release that can be reached in a time.

        No gate moves more than it has to: more is let out by opening the first that is not open,
        less by shutting the last that is. Between shut and its least opening none is left, so that
        rather less is let out than wanted.

        Args:
            level_m: [m, shape (members,)]
            openings_m: [m, shape (members, moving)] as they are.
            wanted_m3_s: [m³/s, shape (members,)] in all.
            seconds: [s] in which they move.
        """
        found = np.array(openings_m, float)
        for turn in (1, -1):
            for k in list(range(len(self.moving)))[::turn]:
                one = self.moving[k]
                now = one.flow(level_m, found[:, k])
                missing = wanted_m3_s - self.flow(level_m, found)
                far = one.speed_m_s * seconds
                ends = np.clip(openings_m[:, k] + turn * far, 0.0, one.height_m)
                if turn > 0 and one.kind != "conduit":
                    # Out of the water it lets out no more, and is the later shut when that rises.
                    ends = np.minimum(ends, np.maximum(found[:, k], level_m - one.sill_m))
                low, high = (found[:, k], ends) if turn > 0 else (ends, found[:, k])
                opened = one.opening(level_m, now + missing, np.minimum(low, high), high)
                opened = np.where(missing * turn > _SHUT_M, opened, found[:, k])
                shut = (opened > 0) & (opened < one.least_m)
                can = openings_m[:, k] - far <= 0
                found[:, k] = np.where(shut, np.where(can, 0.0, one.least_m), opened)
        return found

    def check(self, seconds: float) -> None:
        """Refuse a step in which a gate cannot even reach its least opening.

        Raises:
            InputError: there is one.
        """
        for one in self.moving:
            if one.speed_m_s * seconds < one.least_m:
                raise InputError(
                    f"{one.name}: it moves {one.speed_m_s * seconds:.3g} m in a step of"
                    f" {seconds:.0f} s, less than its least opening of {one.least_m} m.",
                    f"{one.name}: {seconds:.0f}秒で{one.speed_m_s * seconds:.3g}mしか動かず、"
                    f"最小開度{one.least_m}mに届きません。",
                )
