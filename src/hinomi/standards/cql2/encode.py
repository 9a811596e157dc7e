"""The kernel's filter tree to CQL2 text and JSON."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
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
    Spatial,
    Temporal,
)
from hinomi.standards.cql2.shapes import wkt
from hinomi.standards.cql2.tokens import BEYOND, RESERVED


def to_text(node: Filter) -> str:
    """Return the filter as CQL2 text, every nested condition in brackets.

    Raises:
        InputError: a text ends with a backslash, which CQL2 text cannot write.
    """
    match node:
        case And(args) | Or(args):
            word = " AND " if isinstance(node, And) else " OR "
            return word.join(_inner(arg) for arg in args) or _flag(isinstance(node, And))
        case Not(arg):
            return f"NOT ({to_text(arg)})"
        case Constant(value):
            return _flag(value)
        case Spatial(op, geometry):
            return f"S_{op.upper()}(geometry, {wkt(geometry)})"
        case Temporal(op, name, _, _):
            return f"T_{op.upper()}({_name(name)}, {_moment(node)})"
        case _:
            return _predicate(node)


def _predicate(node: Compare | Like | Between | In | IsNull) -> str:
    match node:
        case Compare(op, left, right):
            return f"{_operand(left)} {op} {_operand(right)}"
        case Like(name, pattern):
            return f"{_name(name)} LIKE {_literal(pattern)}"
        case Between(operand, low, high):
            return f"{_operand(operand)} BETWEEN {_operand(low)} AND {_operand(high)}"
        case In(operand, values):
            return f"{_operand(operand)} IN ({', '.join(map(_literal, values))})"
        case IsNull(name):
            return f"{_name(name)} IS NULL"


def _inner(node: Filter) -> str:
    text = to_text(node)
    return f"({text})" if isinstance(node, And | Or | Not) else text


def _flag(value: bool) -> str:  # noqa: FBT001
    return "TRUE" if value else "FALSE"


def _operand(operand: Operand) -> str:
    return _name(operand) if isinstance(operand, Property) else _literal(operand.value)


def _name(name: Property) -> str:
    plain = _PLAIN.fullmatch(name.name) and name.name.upper() not in RESERVED | BEYOND
    return name.name if plain else f'"{name.name}"'


def _literal(value: Scalar) -> str:
    if isinstance(value, bool):
        return _flag(value)
    if isinstance(value, str):
        if value.endswith("\\"):
            raise InputError(
                f"CQL2 text cannot write a text that ends with a backslash: {value!r}."
            )
        # A quote that follows a backslash takes the other escape, or it would end the text.
        return "'" + _QUOTE.sub(lambda m: "\\\\'" if len(m[0]) == 2 else "''", value) + "'"
    if isinstance(value, datetime):
        return f"TIMESTAMP('{_stamp(value)}')"
    if isinstance(value, date):
        return f"DATE('{value.isoformat()}')"
    return repr(value)


_PLAIN = re.compile(r"[A-Za-z_][\w.]*", re.ASCII)
_QUOTE = re.compile(r"\\?'")


def _stamp(value: datetime) -> str:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _moment(node: Temporal) -> str:
    start, end = (".." if t is None else _stamp(t) for t in (node.start, node.end))
    if node.op in {"during", "intersects"}:
        return f"INTERVAL('{start}', '{end}')"
    return f"TIMESTAMP('{start}')"


def to_json(node: Filter) -> bytes:
    """Return the filter as CQL2 JSON."""
    return msgspec.json.encode(_tree(node))


def _tree(node: Filter) -> Any:
    match node:
        case And(args) | Or(args):
            word = "and" if isinstance(node, And) else "or"
            return {"op": word, "args": [_tree(arg) for arg in args]}
        case Not(arg):
            return {"op": "not", "args": [_tree(arg)]}
        case Constant(value):
            return value
        case Spatial(op, geometry):
            return {"op": f"s_{op}", "args": [{"property": "geometry"}, geometry]}
        case Temporal(op, name, _, _):
            return {"op": f"t_{op}", "args": [{"property": name.name}, _json_moment(node)]}
        case _:
            return _json_predicate(node)


def _json_predicate(node: Compare | Like | Between | In | IsNull) -> Mapping[str, Any]:
    match node:
        case Compare(op, left, right):
            return {"op": op, "args": [_json_operand(left), _json_operand(right)]}
        case Like(name, pattern):
            return {"op": "like", "args": [{"property": name.name}, pattern]}
        case Between(operand, low, high):
            return {"op": "between", "args": [_json_operand(o) for o in (operand, low, high)]}
        case In(operand, values):
            return {"op": "in", "args": [_json_operand(operand), [_json_scalar(v) for v in values]]}
        case IsNull(name):
            return {"op": "isNull", "args": [{"property": name.name}]}


def _json_operand(operand: Operand) -> Any:
    if isinstance(operand, Property):
        return {"property": operand.name}
    return _json_scalar(operand.value)


def _json_scalar(value: Scalar) -> Any:
    if isinstance(value, datetime):
        return {"timestamp": _stamp(value)}
    if isinstance(value, date):
        return {"date": value.isoformat()}
    return value


def _json_moment(node: Temporal) -> Mapping[str, Any]:
    start, end = (".." if t is None else _stamp(t) for t in (node.start, node.end))
    if node.op in {"during", "intersects"}:
        return {"interval": [start, end]}
    return {"timestamp": start}
