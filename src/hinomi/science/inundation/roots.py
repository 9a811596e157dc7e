"""h^(7/3) without ``pow``: the only dear operation of friction, in a form that vectorises."""

from __future__ import annotations

from typing import Any

import numba
from numba.core import types
from numba.extending import intrinsic, overload

_START = 1419900320.0
"""Less a third of a number's bits are nearly the bits y of its inverse cube root: h y^3 is within
0.102 of 1, whatever h. (The constant that makes both sides equal, by bisection.)"""
_LAW = {"error_model": "numpy", "fastmath": {"contract", "arcp", "nsz"}, "inline": "always"}


@intrinsic
def _bits(context: Any, number: Any) -> Any:  # noqa: ARG001 - numba's shape
    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:  # noqa: ARG001
        return builder.bitcast(arguments[0], context.get_value_type(types.int32))

    return types.int32(types.float32), build


@intrinsic
def _number(context: Any, bits: Any) -> Any:  # noqa: ARG001 - numba's shape
    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:  # noqa: ARG001
        return builder.bitcast(arguments[0], context.get_value_type(types.float32))

    return types.float32(types.int32), build


@numba.njit(**_LAW)
def _near_inverse_cube_root(h: Any) -> Any:
    """Return h^(-1/3) in single precision, within 4 %: a vector has no integer division."""
    third = numba.float32(_bits(h)) * numba.float32(1 / 3)
    return _number(numba.int32(numba.float32(_START) - third))


@numba.njit(**_LAW)
def seven_thirds_32(h: Any) -> Any:
    """Return h^(7/3) in single precision, within 1e-6 of it (relative) from 1e-6 to 1e6.

    h^(7/3) = h (h y)^2 (1 - r)^(-2/3), r = 1 - h y^3; the last factor is 1 + r p(r), p the
    polynomial of least greatest error (3e-7) for r within 0.1022.
    """
    y = _near_inverse_cube_root(h)
    a = h * y
    r = numba.float32(1) - (y * y) * a
    b = (a * a) * h
    p = numba.float32(0.49937658170237637) + r * numba.float32(0.45842233800659477)
    p = numba.float32(0.5555374719512909) + r * p
    return b + (b * r) * (numba.float32(0.6666522416251359) + r * p)


@numba.njit(**_LAW)
def seven_thirds_64(h: Any) -> Any:
    """Return h^(7/3) in double precision, within 4e-15 of it (relative) from 1e-6 to 1e6.

    Single precision brings the inverse cube root within 3e-6, by (1 - r)^(-1/3) = 1 + r p(r); the
    series of (1 - r)^(-2/3) then ends after r^2.
    """
    x = numba.float32(h)
    y = _near_inverse_cube_root(x)
    r = numba.float32(1) - (y * y) * (x * y)
    p = numba.float32(0.22373657120974128) + r * numba.float32(0.17455834850281135)
    s = numba.float64(y + (y * r) * (numba.float32(0.3333284392300702) + r * p))
    a = h * s
    q = 1.0 - (s * s) * a
    b = (a * a) * h
    return b + (b * q) * (2 / 3 + 5 / 9 * q)


def seven_thirds(h: Any) -> Any:
    """Return h^(7/3) in the precision of h; compiled code takes one of the two above."""
    return h ** (7 / 3)


@overload(seven_thirds, inline="always", strict=False)
def _in_the_precision_of(h: Any) -> Any:
    if h == types.float32:
        return lambda h: seven_thirds_32(h)
    return lambda h: seven_thirds_64(h)
