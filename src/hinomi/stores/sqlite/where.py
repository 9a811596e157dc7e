"""The filter tree as SQL over the stored features. Every value is bound, never written into SQL.

``r.feature`` is the record's GeoJSON, ``l.key`` its key, ``g.data`` its geometry where that is
kept apart. Unknown is NULL.
"""

# ruff: noqa: S608 - only names from this package are written into SQL; values are bound
from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any

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
    Spatial,
    Temporal,
    Value,
)
from hinomi.stores.evaluate import (
    ANY_ONE,
    ANY_RUN,
    by_kind,
    compare,
    kind_of,
    like_parts,
    literal_in,
    temporal_bounds,
)
from hinomi.stores.instants import instant_from

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

PLACE = "coalesce(g.data, r.feature -> '$.geometry')"
_TURNED = {"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_MOST_VALUES = 30_000
_INTEGERS = range(-(1 << 63), 1 << 63)


class Where:
    """One question's conditions: bound values by name, and the geometries compared with."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        self.areas: list[Callable[[], BaseGeometry]] = []
        self._numbers: dict[tuple[type, Any], str] = {}

    def bind(self, value: Any) -> str:
        """Return the placeholder of a value; equal values share one."""
        if isinstance(value, int) and value not in _INTEGERS:
            value = float(value)
        known = (type(value), value)
        if known not in self._numbers:
            if len(self.values) >= _MOST_VALUES:
                raise InputError("The filter has too many values.", "フィルタの値が多すぎます。")
            name = f"v{len(self.values)}"
            self.values[name] = value
            self._numbers[known] = f":{name}"
        return self._numbers[known]

    def truth(self, value: bool | None) -> str:  # noqa: FBT001 - it is the value itself
        """Return the placeholder of a constant: SQLite refuses a plan where it sees one."""
        return self.bind(value if value is None else int(value))

    def area(self, shape: Callable[[], BaseGeometry]) -> str:
        """Return the placeholder of the number by which ``holds`` finds a geometry.

        It is made when the first row needs it: most pages of points never do.
        """
        self.areas.append(cache(shape))
        return self.bind(len(self.areas) - 1)

    def sql(self, tree: Filter) -> str:
        """Return the condition for a filter tree."""
        return _WRITERS[type(tree)](self, tree)


class _Json:
    """SQL for a property's JSON type and value."""

    def __init__(self, where: Where, name: str) -> None:
        self.where = where
        self.key = name == "id"
        # A quote or a backslash cannot be written in SQLite's paths; no body has such a name.
        odd = '"' in name or "\\" in name or name == "geometry"
        path = None if odd else where.bind(f'$.properties."{name}"')
        self.type = "'text'" if self.key else f"json_type(r.feature, {path})"
        self.value = "l.key" if self.key else f"json_extract(r.feature, {path})"
        self.json = "json_quote(l.key)" if self.key else f"(r.feature -> {path})"
        if path is None:
            self.type = self.value = self.json = where.truth(None)

    def when(self, kind: str, condition: Callable[[str], str]) -> str:
        """Return the condition on the value, NULL where it is not of the kind."""
        if kind == "instant":
            text = f"CASE WHEN {self.type} = 'text' THEN {self.value} END"
            return condition(f"instant({text})")
        if kind == "text":
            return f"CASE WHEN {self.type} = 'text' THEN {condition(self.value)} END"
        if kind == "number":
            types = "('integer', 'real')"
            return f"CASE WHEN {self.type} IN {types} THEN {condition(self.value)} END"
        return f"CASE WHEN {self.type} IN ('true', 'false') THEN {condition(self.value)} END"


def _joined(word: str, parts: list[str], empty: str) -> str:
    """Join as a balanced tree: SQLite limits how deep an expression may be."""
    if len(parts) <= 2:
        return f"({f' {word} '.join(parts)})" if parts else empty
    middle = len(parts) // 2
    return f"({_joined(word, parts[:middle], '')} {word} {_joined(word, parts[middle:], '')})"


def _and(where: Where, tree: And) -> str:
    return _joined("AND", [where.sql(a) for a in tree.args], where.bind(1))


def _or(where: Where, tree: Or) -> str:
    return _joined("OR", [where.sql(a) for a in tree.args], where.bind(0))


def _not(where: Where, tree: Not) -> str:
    return f"(NOT {where.sql(tree.arg)})"


def _constant(where: Where, tree: Constant) -> str:
    return where.truth(tree.value)


def _compare(where: Where, tree: Compare) -> str:
    return _comparison(where, tree.op, tree.left, tree.right)


def _comparison(where: Where, op: str, left: Operand, right: Operand) -> str:
    if isinstance(left, Property) and isinstance(right, Property):
        first, second = _Json(where, left.name), _Json(where, right.name)
        return f"compare({where.bind(op)}, {first.json}, {second.json})"
    if isinstance(left, Value) and isinstance(right, Value):
        truth = compare(op, left.value, right.value)
        return where.truth(truth)
    if isinstance(left, Value):
        return _comparison(where, _TURNED[op], right, left)
    assert isinstance(right, Value)  # noqa: S101 - for the type checker: all else is above
    literal = right.value
    kind = kind_of(literal)
    if kind is None or (kind == "boolean" and op not in {"=", "<>"}):
        return where.truth(None)
    bound = where.bind(instant_from(literal) if isinstance(literal, date) else literal)
    sign = "=" if op == "=" else op
    return _Json(where, left.name).when(kind, lambda value: f"({value} {sign} {bound})")


def _between(where: Where, tree: Between) -> str:
    low = _comparison(where, ">=", tree.operand, tree.low)
    high = _comparison(where, "<=", tree.operand, tree.high)
    return f"({low} AND {high})"


def _in(where: Where, tree: In) -> str:
    if isinstance(tree.operand, Value):
        return where.truth(literal_in(tree.operand.value, tree.values))
    members = by_kind(tree.values)
    operand = _Json(where, tree.operand.name)
    known = "('text', 'integer', 'real', 'true', 'false')"
    # Of no kind at all is unknown, even beside an empty list.
    parts_sql = [f"CASE WHEN {operand.type} IN {known} THEN 0 END"]
    for kind, allowed in members.items():
        listed = where.bind(msgspec.json.encode(sorted(allowed)).decode())
        parts_sql.append(
            operand.when(kind, lambda v, at=listed: f"({v} IN (SELECT value FROM json_each({at})))")  # type: ignore[misc]
        )
    return _joined("OR", parts_sql, "0")


def _like(where: Where, tree: Like) -> str:
    written = {ANY_RUN: "*", ANY_ONE: "?", "*": "[*]", "?": "[?]", "[": "[[]"}
    pattern = "".join(str(written.get(p, p)) for p in like_parts(tree.pattern))
    bound = where.bind(pattern)
    return _Json(where, tree.property.name).when("text", lambda v: f"({v} GLOB {bound})")


def _is_null(where: Where, tree: IsNull) -> str:
    if tree.property.name == "geometry":
        return "(r.shape IS NULL AND json_type(r.feature, '$.geometry') = 'null')"
    return f"(coalesce({_Json(where, tree.property.name).type}, 'null') = 'null')"


def _spatial(where: Where, tree: Spatial) -> str:
    from hinomi.stores import spatial  # noqa: PLC0415 - GEOS is loaded only when asked for

    shape = spatial.literal(tree.geometry)
    number = where.area(lambda: shape)
    return f"holds({where.bind(tree.op)}, {number}, {PLACE})"


def _temporal(where: Where, tree: Temporal) -> str:
    low, high = temporal_bounds(tree)
    equal = "" if tree.op in {"after", "before", "during"} else "="

    def condition(value: str) -> str:
        parts = [] if low is None else [f"{value} >{equal} {where.bind(low)}"]
        parts += [] if high is None else [f"{value} <{equal} {where.bind(high)}"]
        return f"({' AND '.join(parts)})" if parts else f"({value} = {value})"

    return _Json(where, tree.property.name).when("instant", condition)


_WRITERS: dict[type, Callable[[Where, Any], str]] = {
    And: _and,
    Or: _or,
    Not: _not,
    Constant: _constant,
    Compare: _compare,
    Between: _between,
    In: _in,
    Like: _like,
    IsNull: _is_null,
    Spatial: _spatial,
    Temporal: _temporal,
}
