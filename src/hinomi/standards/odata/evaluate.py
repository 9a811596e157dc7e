"""A tree as a function of one entity; three-valued: what cannot be compared is unknown (None)."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from hinomi.standards.odata.functions import FUNCTIONS, shift
from hinomi.standards.odata.tree import Binary, Call, Literal, Node, Path, Unary

Getter: TypeAlias = Callable[[Any, tuple[str, ...]], Any]
"""(entity, path) -> value, None where it has none."""
Compiled: TypeAlias = Callable[[Any], Any]


def compile_filter(node: Node, get: Getter, now: datetime) -> Callable[[Any], bool]:
    """Return whether an entity passes: only what is true does."""
    inner = compile_expression(node, get, now)
    return lambda entity: inner(entity) is True


def compile_expression(node: Node, get: Getter, now: datetime) -> Compiled:
    """Return the expression's value of an entity."""
    match node:
        case Literal(value):
            return lambda _: value
        case Path(parts):
            return lambda entity: get(entity, parts)
        case Unary(op, arg):
            return _unary(op, compile_expression(arg, get, now))
        case Binary(op, left, right):
            return _binary(
                op, compile_expression(left, get, now), compile_expression(right, get, now)
            )
        case Call(name, args):
            if name == "now":
                return lambda _: now
            return _call(FUNCTIONS[name].call, [compile_expression(a, get, now) for a in args])


def _unary(op: str, arg: Compiled) -> Compiled:
    if op == "not":

        def negate(entity: Any) -> bool | None:
            value = arg(entity)
            return (not value) if isinstance(value, bool) else None

        return negate

    def minus(entity: Any) -> Any:
        value = arg(entity)
        return -value if _is_number(value) or isinstance(value, timedelta) else None

    return minus


def _binary(op: str, left: Compiled, right: Compiled) -> Compiled:
    if op in {"and", "or"}:
        return _logical(op == "or", left, right)
    if op in _COMPARE:
        compare = _COMPARE[op]

        def test(entity: Any) -> bool | None:
            return compare(left(entity), right(entity))

        return test
    work = _ARITHMETIC[op]

    def compute(entity: Any) -> Any:
        one, two = left(entity), right(entity)
        if one is None or two is None:
            return None
        try:
            return work(one, two)
        except (TypeError, ArithmeticError, ValueError):
            return None

    return compute


def _logical(decides: bool, left: Compiled, right: Compiled) -> Compiled:  # noqa: FBT001
    def test(entity: Any) -> bool | None:
        one = left(entity)
        if one is decides:
            return bool(one)
        two = right(entity)
        if two is decides:
            return bool(two)
        return bool(one) if one is two is (not decides) else None

    return test


def _call(function: Callable[..., Any], args: list[Compiled]) -> Compiled:
    def call(entity: Any) -> Any:
        values = [arg(entity) for arg in args]
        if any(value is None for value in values):
            return None
        try:
            return function(*values)
        except (TypeError, ValueError, AttributeError, ArithmeticError, KeyError):
            return None
        except Exception as error:
            # A shape that GEOS refuses makes the answer unknown, not the question wrong.
            if type(error).__module__.startswith("shapely"):
                return None
            raise

    return call


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _ordered(op: Callable[[Any, Any], bool], first: int, second: int) -> Callable[..., bool | None]:
    """Return an ordering; of an interval the end that makes the whole interval pass."""

    def compare(one: Any, two: Any) -> bool | None:
        if isinstance(one, tuple):
            one = one[first]
        if isinstance(two, tuple):
            two = two[second]
        return bool(op(one, two)) if _comparable(one, two) else None

    return compare


def _comparable(one: Any, two: Any) -> bool:
    if _is_number(one) and _is_number(two):
        return True
    kinds = (str, bool, datetime, timedelta)
    return any(isinstance(one, kind) and isinstance(two, kind) for kind in kinds)


def _equal(one: Any, two: Any) -> bool | None:
    if one is None or two is None:
        return one is two
    if isinstance(one, tuple) != isinstance(two, tuple):
        one = one if isinstance(one, tuple) else (one, one)
        two = two if isinstance(two, tuple) else (two, two)
    if isinstance(one, tuple):
        return bool(one == two)
    return bool(one == two) if _comparable(one, two) else None


def _unequal(one: Any, two: Any) -> bool | None:
    same = _equal(one, two)
    return None if same is None else not same


_COMPARE: dict[str, Callable[[Any, Any], bool | None]] = {
    "eq": _equal,
    "ne": _unequal,
    "gt": _ordered(operator.gt, 0, 1),
    "ge": _ordered(operator.ge, 0, 1),
    "lt": _ordered(operator.lt, 1, 0),
    "le": _ordered(operator.le, 1, 0),
}


def _plus(one: Any, two: Any) -> Any:
    if isinstance(two, timedelta):
        return one + two if isinstance(one, timedelta) else shift(one, two)
    return _numbers(operator.add, one, two)


def _minus(one: Any, two: Any) -> Any:
    if isinstance(two, timedelta):
        return one - two if isinstance(one, timedelta) else shift(one, -two)
    if isinstance(one, datetime) and isinstance(two, datetime):
        return one - two
    return _numbers(operator.sub, one, two)


def _numbers(op: Callable[[Any, Any], Any], one: Any, two: Any) -> Any:
    if not (_is_number(one) and _is_number(two)):
        return None
    found = op(float(one), float(two))
    return found if math.isfinite(found) else None


_ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "add": _plus,
    "sub": _minus,
    "mul": lambda one, two: _numbers(operator.mul, one, two),
    "div": lambda one, two: _numbers(operator.truediv, one, two),
    "mod": lambda one, two: _numbers(math.fmod, one, two),
}
