"""h^(-7/3) without ``pow``: the only dear operation of friction, in a form that vectorises."""

from __future__ import annotations

from typing import Any

import numba
from numba.core import types
from numba.extending import intrinsic, overload

_START = 1419966581
"""Less a third of a number's bits are nearly the bits of its inverse cube root: within 4 %."""


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


@numba.njit(error_model="numpy", fastmath={"contract", "arcp"}, inline="always")
def _inverse_cube_root(h: Any) -> Any:
    """Return h^(-1/3) in single precision.

    Two steps of y + y r (1/3 + 2/9 r), r = 1 - h y^3, which cubes the error and divides nothing.
    """
    one, third, ninths = numba.float32(1), numba.float32(1 / 3), numba.float32(2 / 9)
    # The bits over three, as a product: a vector has no integer division.
    y = _number(numba.int32(_START) - numba.int32(numba.float32(_bits(h)) * third))
    r = one - h * y * y * y
    y = y + y * r * (third + ninths * r)
    r = one - h * y * y * y
    return y + y * r * (third + ninths * r)


@numba.njit(error_model="numpy", fastmath={"contract", "arcp"}, inline="always")
def inverse_seven_thirds_32(h: Any) -> Any:
    """Return h^(-7/3) in single precision, within 1e-6 of it (relative) from 1e-6 to 1e6."""
    y = _inverse_cube_root(h)
    cube = y * y * y
    return cube * cube * y


@numba.njit(error_model="numpy", fastmath={"contract", "arcp"}, inline="always")
def inverse_seven_thirds_64(h: Any) -> Any:
    """Return h^(-7/3) in double precision, within 4e-15 of it (relative) from 1e-6 to 1e6.

    The single-precision root starts it; one step brings its error to rounding.
    """
    y = numba.float64(_inverse_cube_root(numba.float32(h)))
    r = 1.0 - h * y * y * y
    y = y + y * r * (1 / 3 + 2 / 9 * r)
    cube = y * y * y
    return cube * cube * y


def inverse_seven_thirds(h: Any) -> Any:
    """Return h^(-7/3) in the precision of h; compiled code takes one of the two above."""
    return h ** (-7 / 3)


@overload(inverse_seven_thirds, inline="always", strict=False)
def _in_the_precision_of(h: Any) -> Any:
    if h == types.float32:
        return lambda h: inverse_seven_thirds_32(h)
    return lambda h: inverse_seven_thirds_64(h)
