"""A filter tree as SQL: the walk that is the same in every dialect.

Every value is bound, never written into SQL; unknown is NULL.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from typing import Any, ClassVar, Protocol

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
    by_kind,
    compare,
    kind_of,
    like_parts,
    literal_in,
    temporal_bounds,
)

MOST_VALUES = 30_000
"""Both databases limit how many values one statement may have."""
_TURNED = {"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


class Stored(Protocol):
    """SQL for a stored property: its JSON type and the property as JSON."""

    type: str
    json: str

    def when(self, kind: str, condition: Callable[[str], str], /) -> str:
        """Return the condition on the value, NULL where it is not of the kind."""


class Conditions(ABC):
    """One question's conditions with the values that they are bound to, by name."""

    LIKE: ClassVar[str]
    """The word that compares a text with a pattern."""
    PATTERN: ClassVar[dict[object, str]]
    """How a pattern's wildcards, and what would be one, are written."""
    COMPARABLE: ClassVar[str]
    """The JSON types of values that can be compared with literals."""
    NO_PLACE: ClassVar[str]

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}

    @abstractmethod
    def truth(self, value: bool | None) -> str:  # noqa: FBT001 - it is the value itself
        """Return a constant."""

    @abstractmethod
    def literal(self, value: Any) -> str:
        """Return the placeholder of a filter's literal, in the type that it is compared in."""

    @abstractmethod
    def text(self, value: str) -> str:
        """Return the placeholder of a text."""

    @abstractmethod
    def moment(self, value: int) -> str:
        """Return the placeholder of an instant [us]."""

    @abstractmethod
    def property(self, name: str) -> Stored:
        """Return a stored property."""

    @abstractmethod
    def is_one_of(self, value: str, kind: str, allowed: Iterable[Any]) -> str:
        """Return the condition that a value is one of several literals of its kind."""

    @abstractmethod
    def spatial(self, tree: Spatial) -> str:
        """Return the condition on the place."""

    def sql(self, tree: Filter) -> str:
        """Return the condition for a filter tree."""
        return _WRITERS[type(tree)](self, tree)


def _joined(word: str, parts: list[str], empty: str) -> str:
    """Join as a balanced tree: an expression may not be nested too deep."""
    if len(parts) <= 2:
        return f"({f' {word} '.join(parts)})" if parts else empty
    middle = len(parts) // 2
    return f"({_joined(word, parts[:middle], '')} {word} {_joined(word, parts[middle:], '')})"


def _and(where: Conditions, tree: And) -> str:
    return _joined("AND", [where.sql(a) for a in tree.args], where.truth(value=True))


def _or(where: Conditions, tree: Or) -> str:
    return _joined("OR", [where.sql(a) for a in tree.args], where.truth(value=False))


def _not(where: Conditions, tree: Not) -> str:
    return f"(NOT {where.sql(tree.arg)})"


def _constant(where: Conditions, tree: Constant) -> str:
    return where.truth(tree.value)


def _compare(where: Conditions, tree: Compare) -> str:
    return _comparison(where, tree.op, tree.left, tree.right)


def _comparison(where: Conditions, op: str, left: Operand, right: Operand) -> str:
    if isinstance(left, Property) and isinstance(right, Property):
        first, second = where.property(left.name), where.property(right.name)
        return f"compare({where.text(op)}, {first.json}, {second.json})"
    if isinstance(left, Value) and isinstance(right, Value):
        return where.truth(compare(op, left.value, right.value))
    if isinstance(left, Value):
        return _comparison(where, _TURNED[op], right, left)
    assert isinstance(right, Value)  # noqa: S101 - for the type checker: all else is above
    kind = kind_of(right.value)
    if kind is None or (kind == "boolean" and op not in {"=", "<>"}):
        return where.truth(None)
    bound = where.literal(right.value)
    return where.property(left.name).when(kind, lambda value: f"({value} {op} {bound})")


def _between(where: Conditions, tree: Between) -> str:
    low = _comparison(where, ">=", tree.operand, tree.low)
    high = _comparison(where, "<=", tree.operand, tree.high)
    return f"({low} AND {high})"


def _in(where: Conditions, tree: In) -> str:
    if isinstance(tree.operand, Value):
        return where.truth(literal_in(tree.operand.value, tree.values))
    operand = where.property(tree.operand.name)
    no = where.truth(value=False)
    # Of no kind at all is unknown, even beside an empty list.
    parts = [f"CASE WHEN {operand.type} IN {where.COMPARABLE} THEN {no} END"]
    for kind, allowed in by_kind(tree.values).items():
        ordered: list[Any] = sorted(allowed)
        parts.append(operand.when(kind, lambda v, k=kind, a=ordered: where.is_one_of(v, k, a)))  # type: ignore[misc]
    return _joined("OR", parts, no)


def _like(where: Conditions, tree: Like) -> str:
    pattern = "".join(str(where.PATTERN.get(p, p)) for p in like_parts(tree.pattern))
    bound = where.text(pattern)
    return where.property(tree.property.name).when("text", lambda v: f"({v} {where.LIKE} {bound})")


def _is_null(where: Conditions, tree: IsNull) -> str:
    if tree.property.name == "geometry":
        return where.NO_PLACE
    return f"(coalesce({where.property(tree.property.name).type}, 'null') = 'null')"


def _spatial(where: Conditions, tree: Spatial) -> str:
    return where.spatial(tree)


def _temporal(where: Conditions, tree: Temporal) -> str:
    low, high = temporal_bounds(tree)
    equal = "" if tree.op in {"after", "before", "during"} else "="

    def condition(value: str) -> str:
        parts = [] if low is None else [f"{value} >{equal} {where.moment(low)}"]
        parts += [] if high is None else [f"{value} <{equal} {where.moment(high)}"]
        return f"({' AND '.join(parts)})" if parts else f"({value} = {value})"

    return where.property(tree.property.name).when("instant", condition)


_WRITERS: dict[type, Callable[[Conditions, Any], str]] = {
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
