"""CQL2 JSON to the kernel's filter tree."""

from __future__ import annotations

import math
from datetime import date
from typing import Any

import msgspec

from hinomi.kernel.errors import InputError
from hinomi.kernel.filters import (
    And,
    Between,
    Compare,
    Constant,
    Filter,
    In,
    IsNull,
    Like,
    Not,
    Operand,
    Or,
    Property,
    Scalar,
    Value,
)
from hinomi.kernel.geometry import Geometry
from hinomi.standards.cql2 import instants, shapes
from hinomi.standards.cql2.limits import LENGTH, VALUES, Budget, refuse, too_large

_COMPARISONS = frozenset({"=", "<>", "<", "<=", ">", ">="})


def parse_json(
    data: bytes | str | dict[str, Any], *, locate: shapes.Locate | None = None
) -> Filter:
    """Return the filter tree of CQL2 JSON, encoded or decoded.

    Args:
        data: the filter.
        locate: from the ordinates of the filter's CRS to longitude and latitude; None is CRS84.

    Raises:
        InputError: not CQL2 or not in the subset (with the path and what was expected there), or
            too large.
    """
    if isinstance(data, bytes | str):
        if len(data) > LENGTH:
            raise too_large(("characters", "文字数"), LENGTH)
        try:
            data = msgspec.json.decode(data)
        except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
            raise InputError(
                f"CQL2 filter: not JSON ({error}).", f"CQL2フィルタがJSONではありません({error})。"
            ) from None
    return _Parser(locate).filter(data, "$")


class _Parser:
    def __init__(self, locate: shapes.Locate | None) -> None:
        self.locate = locate
        self.budget = Budget()

    def filter(self, node: Any, path: str) -> Filter:
        if isinstance(node, bool):
            return Constant(node)
        self.budget.node()
        if not isinstance(node, dict) or not isinstance(node.get("op"), str):
            raise refuse(path, ("an object with op and args", "opとargsのあるもの"), repr(node))
        args = node.get("args")
        if not isinstance(args, list):
            raise refuse(f"{path}.args", ("an array", "配列"), repr(args))
        with self.budget:
            return self.predicate(node["op"], args, path)

    def predicate(self, name: str, args: list[Any], path: str) -> Filter:
        inner = f"{path}.args"
        lower = name.lower()
        if lower in {"and", "or"}:
            if len(args) < 2:
                raise refuse(inner, ("two or more conditions", "2つ以上の条件"), repr(args))
            found = tuple(self.filter(arg, f"{inner}[{i}]") for i, arg in enumerate(args))
            return And(found) if lower == "and" else Or(found)
        if lower == "not":
            self.count(args, 1, inner)
            return Not(self.filter(args[0], f"{inner}[0]"))
        if lower in shapes.FUNCTIONS:
            self.count(args, 2, inner)
            left, right = (self.shape(a, f"{inner}[{i}]") for i, a in enumerate(args))
            return shapes.spatial(lower, left, right, path)
        if lower in instants.FUNCTIONS:
            self.count(args, 2, inner)
            first, second = (self.moment(a, f"{inner}[{i}]") for i, a in enumerate(args))
            return instants.temporal(lower, first, second, path)
        return self.comparison(name, args, path)

    def comparison(self, name: str, args: list[Any], path: str) -> Filter:
        inner = f"{path}.args"
        if name in _COMPARISONS:
            self.count(args, 2, inner)
            left, right = (self.operand(a, f"{inner}[{i}]") for i, a in enumerate(args))
            return Compare(name, left, right)  # type: ignore[arg-type]
        match name.lower():
            case "like":
                self.count(args, 2, inner)
                if not isinstance(args[1], str):
                    raise refuse(f"{inner}[1]", ("a pattern", "パターン"), repr(args[1]))
                return Like(self.property(args[0], f"{inner}[0]"), args[1])
            case "between":
                self.count(args, 3, inner)
                return Between(*(self.operand(a, f"{inner}[{i}]") for i, a in enumerate(args)))
            case "in":
                self.count(args, 2, inner)
                return In(self.operand(args[0], f"{inner}[0]"), self.values(args[1], inner))
            case "isnull":
                self.count(args, 1, inner)
                return IsNull(self.property(args[0], f"{inner}[0]"))
            case _:
                expected = ("an operator of the documented subset", "対応している演算子")
                raise refuse(f"{path}.op", expected, repr(name))

    @staticmethod
    def count(args: list[Any], wanted: int, path: str) -> None:
        if len(args) != wanted:
            expected = (f"{wanted} arguments", f"{wanted}個の引数")
            raise refuse(path, expected, f"{len(args)}")

    def values(self, given: Any, path: str) -> tuple[Scalar, ...]:
        if not isinstance(given, list) or not given:
            raise refuse(f"{path}[1]", ("an array of values", "値の配列"), repr(given))
        if len(given) > VALUES:
            raise too_large(("values in one IN", "INの値の数"), VALUES)
        return tuple(self.scalar(v, f"{path}[1][{i}]") for i, v in enumerate(given))

    def operand(self, node: Any, path: str) -> Operand:
        if isinstance(node, dict) and "property" in node:
            return self.property(node, path)
        return Value(self.scalar(node, path))

    def property(self, node: Any, path: str) -> Property:
        if isinstance(node, dict) and isinstance(node.get("property"), str) and len(node) == 1:
            return Property(node["property"])
        raise refuse(path, ('{"property": name}', '{"property": 名前}'), repr(node))

    def scalar(self, node: Any, path: str) -> Scalar:
        if isinstance(node, str | bool):
            return node
        if isinstance(node, int | float) and math.isfinite(node):
            return node if isinstance(node, float) or abs(node) < 2**63 else float(node)
        if isinstance(node, dict) and len(node) == 1:
            ((kind, text),) = node.items()
            if kind == "timestamp" and isinstance(text, str):
                return instants.timestamp(text, path)
            if kind == "date" and isinstance(text, str):
                return instants.day(text, path)
        expected = (
            "a property, text, number, boolean, timestamp or date",
            "属性・文字列・数・時刻",
        )
        raise refuse(path, expected, repr(node))

    def moment(self, node: Any, path: str) -> Property | instants.Moment:
        if isinstance(node, dict) and "property" in node:
            return self.property(node, path)
        if isinstance(node, dict) and "interval" in node:
            ends = node["interval"]
            if isinstance(ends, list) and len(ends) == 2 and all(isinstance(e, str) for e in ends):
                return instants.interval(ends[0], ends[1], path)
            raise refuse(path, ("an interval of two texts", "2つの文字列の期間"), repr(ends))
        value = self.scalar(node, path)
        if isinstance(value, date):
            return value
        expected = ("a time property, timestamp, date or interval", "時刻の属性かtimestamp等")
        raise refuse(path, expected, repr(node))

    def shape(self, node: Any, path: str) -> Property | Geometry:
        if isinstance(node, dict) and "property" in node:
            return self.property(node, path)
        return shapes.placed(node, self.locate, path)
