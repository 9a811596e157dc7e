"""The filter tree as SQL over the stored properties. Every value is bound, never written into SQL.

``r`` is the record, ``g`` its geometry where that is kept apart. Unknown is NULL.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

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
from hinomi.kernel.geometry import Geometry, check_geometry
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
from hinomi.stores.postgres.link import cleaned
from hinomi.stores.postgres.places import ewkb

PLACE = "coalesce(g.geom, r.geom)"
_TURNED = {"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_MOST_VALUES = 30_000
_ARRAYS = {"text": "text", "number": "numeric", "instant": "bigint", "boolean": "boolean"}


class Where:
    """One question's conditions with their values, bound by name."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        self._numbers: dict[tuple[str, type, Any], str] = {}

    def bind(self, value: Any, kind: str) -> str:
        """Return the placeholder of a value of an SQL type; equal values share one."""
        if isinstance(value, str):
            value = cleaned(value)
        known = kind, type(value), str(value) if isinstance(value, list) else value
        if known not in self._numbers:
            if len(self.values) >= _MOST_VALUES:
                raise InputError("The filter has too many values.", "フィルタの値が多すぎます。")
            name = f"v{len(self.values)}"
            self.values[name] = value
            self._numbers[known] = f"%({name})s::{kind}"
        return self._numbers[known]

    def literal(self, value: Any) -> str:
        """Return the placeholder of a literal of a filter, in the type that it is compared in."""
        kind = kind_of(value)
        if kind == "instant":
            return self.bind(instant_from(value), "bigint")
        if kind == "number":
            return self.bind(_number(value), "numeric")
        return self.bind(value, "boolean" if kind == "boolean" else "text")

    def area(self, shape: Geometry) -> str:
        """Return a geometry to compare with."""
        return f"ST_GeomFromEWKB({self.bind(ewkb(shape), 'bytea')})"

    def sql(self, tree: Filter) -> str:
        """Return the condition for a filter tree."""
        return _WRITERS[type(tree)](self, tree)


def _number(value: float) -> Decimal:
    # As JSON writes it: what is stored was written so too, and both are read as decimals.
    return Decimal(repr(value))


class _Json:
    """SQL for a property's JSON type and value."""

    def __init__(self, where: Where, name: str) -> None:
        if name == "id":
            self.type, self.text = "'string'", "r.key"
            self.json = "to_jsonb(r.key)"
        elif name == "geometry":
            self.type = self.text = "NULL::text"
            self.json = "NULL::jsonb"
        else:
            bound = where.bind(name, "text")
            self.json = f"(r.properties -> {bound})"
            self.type = f"jsonb_typeof{self.json}"
            self.text = f"(r.properties ->> {bound})"

    def when(self, kind: str, condition: Callable[[str], str]) -> str:
        """Return the condition on the value, NULL where it is not of the kind."""
        if kind == "instant":
            return condition(f"instant(CASE WHEN {self.type} = 'string' THEN {self.text} END)")
        if kind == "text":
            named, value = "string", f'{self.text} COLLATE "C"'
        else:
            named = kind
            value = f"{self.json}::{'numeric' if kind == 'number' else 'boolean'}"
        return f"CASE WHEN {self.type} = '{named}' THEN {condition(value)} END"


def _joined(word: str, parts: list[str], empty: str) -> str:
    """Join as a balanced tree: an expression may not be nested too deep."""
    if len(parts) <= 2:
        return f"({f' {word} '.join(parts)})" if parts else empty
    middle = len(parts) // 2
    return f"({_joined(word, parts[:middle], '')} {word} {_joined(word, parts[middle:], '')})"


def truth(value: bool | None) -> str:  # noqa: FBT001 - it is the value itself
    """Return a constant."""
    return "NULL::boolean" if value is None else str(value).lower()


def _and(where: Where, tree: And) -> str:
    return _joined("AND", [where.sql(a) for a in tree.args], "true")


def _or(where: Where, tree: Or) -> str:
    return _joined("OR", [where.sql(a) for a in tree.args], "false")


def _not(where: Where, tree: Not) -> str:
    return f"(NOT {where.sql(tree.arg)})"


def _constant(where: Where, tree: Constant) -> str:
    del where
    return truth(tree.value)


def _compare(where: Where, tree: Compare) -> str:
    return _comparison(where, tree.op, tree.left, tree.right)


def _comparison(where: Where, op: str, left: Operand, right: Operand) -> str:
    if isinstance(left, Property) and isinstance(right, Property):
        first, second = _Json(where, left.name), _Json(where, right.name)
        return f"compare('{op}', {first.json}, {second.json})"
    if isinstance(left, Value) and isinstance(right, Value):
        return truth(compare(op, left.value, right.value))
    if isinstance(left, Value):
        return _comparison(where, _TURNED[op], right, left)
    assert isinstance(right, Value)  # noqa: S101 - for the type checker: all else is above
    literal = right.value
    kind = kind_of(literal)
    if kind is None or (kind == "boolean" and op not in {"=", "<>"}):
        return truth(None)
    bound = where.literal(literal)
    return _Json(where, left.name).when(kind, lambda value: f"({value} {op} {bound})")


def _between(where: Where, tree: Between) -> str:
    low = _comparison(where, ">=", tree.operand, tree.low)
    high = _comparison(where, "<=", tree.operand, tree.high)
    return f"({low} AND {high})"


def _in(where: Where, tree: In) -> str:
    if isinstance(tree.operand, Value):
        return truth(literal_in(tree.operand.value, tree.values))
    operand = _Json(where, tree.operand.name)
    # Of no kind at all is unknown, even beside an empty list.
    parts = [f"CASE WHEN {operand.type} IN ('string', 'number', 'boolean') THEN false END"]
    for kind, allowed in by_kind(tree.values).items():
        listed: list[Any] = sorted(allowed)
        if kind == "number":
            listed = [_number(value) for value in listed]
        elif kind == "text":
            listed = [cleaned(value) for value in listed]
        bound = where.bind(listed, f"{_ARRAYS[kind]}[]")
        parts.append(operand.when(kind, lambda v, at=bound: f"({v} = ANY({at}))"))  # type: ignore[misc]
    return _joined("OR", parts, "false")


def _like(where: Where, tree: Like) -> str:
    written = {ANY_RUN: "%", ANY_ONE: "_", "%": "\\%", "_": "\\_", "\\": "\\\\"}
    pattern = "".join(str(written.get(p, p)) for p in like_parts(tree.pattern))
    bound = where.bind(pattern, "text")
    return _Json(where, tree.property.name).when("text", lambda v: f"({v} LIKE {bound})")


def _is_null(where: Where, tree: IsNull) -> str:
    if tree.property.name == "geometry":
        return "(r.shape IS NULL AND r.geom IS NULL)"
    return f"(coalesce({_Json(where, tree.property.name).type}, 'null') = 'null')"


def _spatial(where: Where, tree: Spatial) -> str:
    return f"holds('{tree.op}', {PLACE}, {where.area(check_geometry(tree.geometry))})"


def _temporal(where: Where, tree: Temporal) -> str:
    low, high = temporal_bounds(tree)
    equal = "" if tree.op in {"after", "before", "during"} else "="

    def condition(value: str) -> str:
        parts = [] if low is None else [f"{value} >{equal} {where.bind(low, 'bigint')}"]
        parts += [] if high is None else [f"{value} <{equal} {where.bind(high, 'bigint')}"]
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
