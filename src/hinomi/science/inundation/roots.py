"""h^(7/3) without ``pow``: the only dear operation of friction, in a form that vectorises."""

from __future__ import annotations

from typing import Any

import numba
from numba.core import types
from numba.extending import intrinsic


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
def seven_thirds_32(h: Any) -> Any:
    """Return h^(7/3) in single precision, within 4e-7 of it (relative) from 1e-6 to 1e6.

    A third of the exponent is read from the bits (error 4 %), two Halley steps cube that error
    twice: h^2 times the cube root.
    """
    third, two = numba.float32(1 / 3), numba.float32(2)
    # The bits over three, as a product: a vector has no integer division.
    y = _number(numba.int32(numba.float32(_bits(h)) * third) + numba.int32(709921077))
    cube = y * y * y
    y = y * (cube + two * h) / (two * cube + h)
    cube = y * y * y
    y = y * (cube + two * h) / (two * cube + h)
    return h * h * y


@numba.njit(error_model="numpy", fastmath={"contract", "arcp"}, inline="always")
def seven_thirds_64(h: Any) -> Any:
    """Return h^(7/3) in double precision, within 3e-15 of it (relative) from 1e-6 to 1e6.

    The single-precision root starts it; two Halley steps bring its error to rounding.
    """
    third, two = numba.float32(1 / 3), numba.float32(2)
    start = numba.float32(h)
    y32 = _number(numba.int32(numba.float32(_bits(start)) * third) + numba.int32(709921077))
    cube32 = y32 * y32 * y32
    y32 = y32 * (cube32 + two * start) / (two * cube32 + start)
    y = numba.float64(y32)
    cube = y * y * y
    y = y * (cube + 2.0 * h) / (2.0 * cube + h)
    cube = y * y * y
    y = y * (cube + 2.0 * h) / (2.0 * cube + h)
    return h * h * y
