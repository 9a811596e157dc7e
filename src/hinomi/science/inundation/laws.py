"""What happens at one face and in one cell: the local-inertial scheme, once for all devices.

    q' = (theta q + (1 - theta)/2 (q_before + q_after) - g hf dt dEta/dx)
         / (1 + g dt n^2 |q| / hf^(7/3)),        hf = max(eta) - max(z)

Bates, Horritt & Fewtrell 2010, J. Hydrol. 387, 33-45, eq. 11; the weight theta of de Almeida,
Bates, Freer & Souvignet 2012, Water Resour. Res. 48, W05528, eq. 12. Staggered grid: depth in the
cells, unit discharge on the faces.

The functions are plain Python of numbers; ``inertial`` compiles them for processors, ``device`` for
CUDA, each with a power of its own for flow^(7/3). Constants come in ``c`` in the precision of the
grid, so that single precision stays single.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

GRAVITY_M_S2 = 9.80665
DRY_M = 1e-3
"""[m] a face with less depth of flow than this passes nothing."""
COMES_M = 0.05
"""[m] water has come to a cell from this depth on: as ``ranks.LEAST_M``."""


class Constants(NamedTuple):
    """What a step multiplies with."""

    dry: Any
    beside: Any
    """(1 - theta) / 2."""
    slope: Any
    """g dt / dx."""
    friction: Any
    """g dt."""
    ratio: Any
    """dt / dx."""
    step: Any
    none: Any
    half: Any
    one: Any
    gravity: Any
    comes: Any
    time: Any
    """[s] at the end of the step."""


def constants(
    dt_s: float, dx_m: float, theta: float, time_s: float, kind: np.dtype[Any]
) -> Constants:
    """Return the constants of a step in the precision of the grid."""
    g = GRAVITY_M_S2
    numbers = (
        DRY_M, (1.0 - theta) / 2.0, g * dt_s / dx_m, g * dt_s, dt_s / dx_m, dt_s, 0.0, 0.5,
        1.0, g, COMES_M, time_s + dt_s,
    )  # fmt: skip
    return Constants(*(kind.type(number) for number in numbers))


def depth_of_flow(h_up, z_up, h_down, z_down):  # type: ignore[no-untyped-def]
    """Return the depth of flow [m] over a face, from the higher of both beds."""
    return max(h_up + z_up, h_down + z_down) - max(z_up, z_down)


def discharge(q, before, after, fall, flow, power, drag, c):  # type: ignore[no-untyped-def]  # noqa: PLR0913 - one stencil
    """Return the discharge [m2/s] through a face; ``before``, ``after``: those beside it.

    ``fall`` [m] of the surface over the face, ``flow`` [m] its depth of flow, ``power``
    flow^(7/3) for a flow of ``c.dry`` or more, ``drag`` g dt n^2. No more than critical flow
    (Froude number 1) passes a face: faster flow is not in these equations, and without the bound a
    levee's overflow would run away.

    Written for a processor's vectors: theta q + (1 - theta)/2 (before + after) by differences (they
    have adders to spare), the whole equation times flow^(7/3), and all of it before it is known
    whether water flows at all, so that no branch stands in a loop.
    """
    wet = max(flow, c.dry)
    moved = q + c.beside * ((before - q) + (after - q)) + c.slope * wet * fall
    held = abs(moved) * power / (power + drag * abs(q))
    most = wet * math.sqrt(c.gravity * wet)
    passes = math.copysign(min(held, most), moved)
    return passes if flow > c.dry else c.none


def face_drag(n_up, n_down, c):  # type: ignore[no-untyped-def]
    """Return g dt n^2 of a face, n the mean of Manning's on both sides."""
    n = c.half * (n_up + n_down)
    return c.friction * n * n


def filled(h, left, right, top, bottom, falls, c):  # type: ignore[no-untyped-def]  # noqa: PLR0913 - one stencil
    """Return a cell's depth [m] after what passed its faces and came from above."""
    return h + c.ratio * (left - right + top - bottom) + c.step * falls


def speed(h, left, right, top, bottom, c):  # type: ignore[no-untyped-def]
    """Return a cell's speed [m/s]: the mean discharge of its faces over its depth."""
    x, y = c.half * (left + right), c.half * (top + bottom)
    return math.sqrt(x * x + y * y) / max(h, c.dry) if h > c.dry else c.none
