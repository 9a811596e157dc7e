"""Does a filter make sense for a collection? Names, types, and dates beside times."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from difflib import get_close_matches
from typing import Literal, TypeAlias

from hinomi.kernel.errors import InputError
from hinomi.kernel.filters import (
    And,
    Between,
    Compare,
    Filter,
    In,
    IsNull,
    Like,
    Not,
    Operand,
    Or,
    Property,
    Scalar,
    Temporal,
    Value,
)
from hinomi.standards.cql2.instants import day_end, day_start, timestamp

Types: TypeAlias = Mapping[str, str]
"""Property name to ``string | number | integer | boolean | time``."""

_JA = {
    "string": "文字列",
    "number": "数",
    "integer": "整数",
    "boolean": "真偽値",
    "time": "時刻",
}


def check(node: Filter, types: Types) -> Filter:
    """Return the filter with every literal in its property's type.

    A text beside a time property becomes an instant; a date beside one stands for its whole day
    in UTC, so ``start = DATE('2026-05-01')`` is true all that day.

    Raises:
        InputError: a property is unknown (the nearest names are given), or is compared with a
            value of another type.
    """
    match node:
        case And(args) | Or(args):
            return type(node)(tuple(check(arg, types) for arg in args))
        case Not(arg):
            return Not(check(arg, types))
        case IsNull(name):
            if name.name != "geometry":
                _type(name, types)
            return node
        case Like(name, _) | Temporal(_, name, _, _):
            wanted = "string" if isinstance(node, Like) else "time"
            kind = _type(name, types)
            if kind != wanted:
                raise _mismatch(name, kind, "LIKE" if wanted == "string" else "a time function")
            return node
        case Compare() | Between() | In():
            return _comparison(node, types)
        case _:
            return node


def _comparison(node: Compare | Between | In, types: Types) -> Filter:
    match node:
        case Compare(op, left, right):
            name = _named((left, right), types)
            if name is None:
                return node
            left, right = (_fit(o, name, types) for o in (left, right))
            return _with_days(Compare(op, left, right))
        case Between(operand, low, high):
            name = _named((operand, low, high), types)
            if name is None:
                return node
            fitted = [_fit(o, name, types) for o in (operand, low, high)]
            return Between(
                _edge(fitted[0], "start"), _edge(fitted[1], "start"), _edge(fitted[2], "end")
            )
        case In(operand, values):
            name = _named((operand,), types)
            if name is None:
                return node
            return In(operand, tuple(_fit_scalar(v, name, types) for v in values))


def _named(operands: tuple[Operand, ...], types: Types) -> Property | None:
    names = [o for o in operands if isinstance(o, Property)]
    kinds = {_family(_type(name, types)) for name in names}
    if len(kinds) > 1:
        raise _mismatch(names[0], _type(names[0], types), repr(names[1].name))
    return names[0] if names else None


def _fit(operand: Operand, name: Property, types: Types) -> Operand:
    if isinstance(operand, Property):
        return operand
    return Value(_fit_scalar(operand.value, name, types, dates=True))


def _fit_scalar(value: Scalar, name: Property, types: Types, *, dates: bool = False) -> Scalar:
    kind = _type(name, types)
    if kind == "time" and isinstance(value, str):
        return timestamp(value, repr(name.name))
    if kind == "time" and not isinstance(value, datetime) and isinstance(value, date) and not dates:
        return day_start(value)
    if _family(_kind_of(value)) != _family(kind):
        raise _mismatch(name, kind, repr(value))
    return value


def _with_days(node: Compare) -> Filter:
    """Let a date beside a time stand for its whole day."""
    days = [_day_of(o) for o in (node.left, node.right)]
    first = days[0] if days[0] is not None else days[1]
    if first is None or all(days):
        return node
    if node.op in {"=", "<>"}:
        operand = node.right if days[0] is not None else node.left
        inside = Between(operand, Value(day_start(first)), Value(day_end(first)))
        return inside if node.op == "=" else Not(inside)
    # Beside a day on the right, "<" and ">=" mean its first instant, ">" and "<=" its last.
    low = (node.op in {"<", ">="}) == (days[1] is not None)
    edge: Literal["start", "end"] = "start" if low else "end"
    return Compare(node.op, _edge(node.left, edge), _edge(node.right, edge))


def _edge(operand: Operand, edge: Literal["start", "end"]) -> Operand:
    found = _day_of(operand)
    if found is None:
        return operand
    return Value(day_start(found) if edge == "start" else day_end(found))


def _day_of(operand: Operand) -> date | None:
    value = operand.value if isinstance(operand, Value) else None
    return value if isinstance(value, date) and not isinstance(value, datetime) else None


def _type(name: Property, types: Types) -> str:
    if name.name == "id":
        return "string"
    if name.name not in types:
        near = get_close_matches(name.name, [*types, "id"], n=3, cutoff=0.5)
        raise InputError(
            f"The filter names {name.name!r}, which cannot be queried."
            + (f" Nearest: {', '.join(near)}." if near else f" Known: {', '.join(types)}."),
            f"フィルタの属性「{name.name}」は検索できません。"
            + (f"近い名前: {', '.join(near)}" if near else f"使える名前: {', '.join(types)}"),
        )
    return types[name.name]


def _family(kind: str) -> str:
    return "number" if kind == "integer" else kind


def _kind_of(value: Scalar) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    return "string" if isinstance(value, str) else "time"


def _mismatch(name: Property, kind: str, found: str) -> InputError:
    return InputError(
        f"{name.name!r} is a {kind}; it cannot be compared with {found}.",
        f"属性「{name.name}」は{_JA[kind]}です。{found}とは比べられません。",
    )
