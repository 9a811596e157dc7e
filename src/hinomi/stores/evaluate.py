"""Evaluate the filter tree in Python: the reference for what every store must answer.

A filter is compiled once into closures over a decoded feature. Results are True, False or None
(unknown), combined as in SQL.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any, Protocol, TypeAlias

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
    Value,
)
from hinomi.stores.instants import instant_from, instant_of

Truth: TypeAlias = bool | None


class Subject(Protocol):
    """What a filter is evaluated on."""

    key: str
    properties: dict[str, Any]
    place: bytes
    """The GeoJSON geometry, or ``null``."""


Test: TypeAlias = Callable[[Subject], Truth]

_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def compare(op: str, left: Any, right: Any) -> Truth:
    """Compare two values of a feature or a filter; None where they are not of one kind.

    A text beside an instant is read as a time; booleans know only equality.
    """
    kind = kind_of(left)
    if kind is None or kind != kind_of(right):
        if "instant" in {kind, kind_of(right)}:
            left, right = as_instant(left), as_instant(right)
            return None if left is None or right is None else _OPERATORS[op](left, right)
        return None
    if kind == "instant":
        return _OPERATORS[op](instant_from(left), instant_from(right))
    if kind == "boolean" and op not in {"=", "<>"}:
        return None
    return _OPERATORS[op](left, right)


def compare_properties(op: str, left: Any, right: Any) -> Truth:
    """Compare two properties: texts that are both times compare as instants, not as texts."""
    if isinstance(left, str) and isinstance(right, str):
        times = instant_of(left), instant_of(right)
        if None not in times:
            return _OPERATORS[op](*times)
    return compare(op, left, right)


def kind_of(value: Any) -> str | None:
    """Return ``boolean``, ``number``, ``text`` or ``instant``; None for anything else."""
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, str):
        return "text"
    return "instant" if isinstance(value, datetime | date) else None


def as_instant(value: Any) -> int | None:
    """Return the instant of a time literal or of a text that is a time, else None."""
    if isinstance(value, str):
        return instant_of(value)
    return instant_from(value) if isinstance(value, datetime | date) else None


DEEPEST, LONGEST_PATTERN = 100, 5_000


def check_filter(tree: Filter) -> None:
    """Refuse what would cost more than any answer is worth.

    Raises:
        InputError: nested too deep, or a LIKE pattern of more than 5,000 characters.
    """
    level: list[Filter] = [tree]
    for _ in range(DEEPEST):
        inner: list[Filter] = []
        for node in level:
            if isinstance(node, And | Or):
                inner += node.args
            elif isinstance(node, Not):
                inner.append(node.arg)
            elif isinstance(node, Like) and len(node.pattern) > LONGEST_PATTERN:
                raise InputError(
                    f"A LIKE pattern has at most {LONGEST_PATTERN} characters.",
                    f"LIKEのパターンは{LONGEST_PATTERN}文字までです。",
                )
        if not inner:
            return
        level = inner
    raise InputError(
        f"The filter is nested more than {DEEPEST} deep.",
        f"フィルタの入れ子が{DEEPEST}段を超えています。",
    )


def compile_filter(tree: Filter) -> Test:  # noqa: C901 - one line for each kind of node
    """Return the filter as a function of a feature."""
    match tree:
        case And(args):
            return _all([compile_filter(a) for a in args])
        case Or(args):
            return _any([compile_filter(a) for a in args])
        case Not(arg):
            return _not(compile_filter(arg))
        case Compare(op, left, right):
            return _compare(op, left, right)
        case Between(operand, low, high):
            return _all([_compare(">=", operand, low), _compare("<=", operand, high)])
        case In(operand, values):
            return _in(operand, values)
        case Like(named, pattern):
            return _like(named, pattern)
        case IsNull(named):
            return _is_null(named)
        case Spatial(op, geometry):
            return _spatial(op, geometry)
        case Temporal():
            return _temporal(tree)
        case Constant(value):
            return lambda _: value


def _all(tests: list[Test]) -> Test:
    def test(subject: Subject) -> Truth:
        known: Truth = True
        for each in tests:
            truth = each(subject)
            if truth is False:
                return False
            known = None if truth is None else known
        return known

    return test


def _any(tests: list[Test]) -> Test:
    def test(subject: Subject) -> Truth:
        known: Truth = False
        for each in tests:
            truth = each(subject)
            if truth:
                return True
            known = None if truth is None else known
        return known

    return test


def _not(inner: Test) -> Test:
    def test(subject: Subject) -> Truth:
        truth = inner(subject)
        return None if truth is None else not truth

    return test


def _getter(operand: Operand) -> Callable[[Subject], Any]:
    if isinstance(operand, Value):
        literal = operand.value
        return lambda _: literal
    name = operand.name
    if name == "id":
        return lambda subject: subject.key
    if name == "geometry":
        return lambda subject: None if subject.place == b"null" else {}
    return lambda subject: subject.properties.get(name)


def _compare(op: str, left: Operand, right: Operand) -> Test:
    first, second = _getter(left), _getter(right)
    properties = isinstance(left, Property) and isinstance(right, Property)
    rule = compare_properties if properties else compare
    return lambda subject: rule(op, first(subject), second(subject))


def _in(operand: Operand, values: tuple[Scalar, ...]) -> Test:
    if isinstance(operand, Value):
        constant = literal_in(operand.value, values)
        return lambda _: constant
    get = _getter(operand)
    members = by_kind(values)

    def test(subject: Subject) -> Truth:
        value = get(subject)
        kind = kind_of(value)
        if kind is None:
            return None
        known: Truth = False
        for member_kind, allowed in members.items():
            if member_kind == "instant":
                instant = as_instant(value)
                truth = None if instant is None else instant in allowed
            else:
                truth = value in allowed if member_kind == kind else None
            if truth:
                return True
            known = None if truth is None else known
        return known

    return test


def literal_in(value: Scalar, values: Iterable[Scalar]) -> Truth:
    """Tell whether a literal is in a list of literals."""
    known: Truth = False
    for other in values:
        truth = compare("=", value, other)
        if truth:
            return True
        known = None if truth is None else known
    return known


def by_kind(values: Iterable[Scalar]) -> dict[str, set[Any]]:
    """Return the values by kind, instants as microseconds."""
    found: dict[str, set[Any]] = {}
    for value in values:
        kind = kind_of(value)
        if kind is not None:
            member = instant_from(value) if isinstance(value, date) else value
            found.setdefault(kind, set()).add(member)
    return found


def _is_null(named: Property) -> Test:
    get = _getter(named)
    return lambda subject: get(subject) is None


def _like(named: Property, pattern: str) -> Test:
    get = _getter(named)
    wanted = like_parts(pattern)

    def test(subject: Subject) -> Truth:
        value = get(subject)
        return _matches(wanted, value) if isinstance(value, str) else None

    return test


ANY_RUN, ANY_ONE = 0, 1


def like_parts(pattern: str) -> list[str | int]:
    """Return a LIKE pattern as characters, :data:`ANY_RUN` and :data:`ANY_ONE`."""
    parts: list[str | int] = []
    characters = iter(pattern)
    for character in characters:
        if character == "\\":
            parts.append(next(characters, "\\"))
        else:
            parts.append({"%": ANY_RUN, "_": ANY_ONE}.get(character, character))
    return parts


def _matches(parts: list[str | int], text: str) -> bool:
    # Two fingers and one bookmark: never worse than len(parts) * len(text), whatever is asked.
    part = position = 0
    bookmark, resume = -1, 0
    while position < len(text):
        if part < len(parts) and parts[part] == ANY_RUN:
            bookmark, resume = part, position
            part += 1
        elif part < len(parts) and parts[part] in (ANY_ONE, text[position]):
            part += 1
            position += 1
        elif bookmark >= 0:
            resume += 1
            part, position = bookmark + 1, resume
        else:
            return False
    return all(p == ANY_RUN for p in parts[part:])


def _spatial(op: str, geometry: dict[str, Any]) -> Test:
    from hinomi.stores import spatial  # noqa: PLC0415 - GEOS is loaded only when asked for

    area = spatial.literal(geometry)
    return lambda subject: (
        None if subject.place == b"null" else spatial.holds(op, subject.place, area)
    )


def _temporal(tree: Temporal) -> Test:
    get = _getter(tree.property)
    low, high = temporal_bounds(tree)
    strict = tree.op in {"after", "before", "during"}

    def test(subject: Subject) -> Truth:
        value = as_instant(get(subject))
        if value is None:
            return None
        if strict:
            return (low is None or value > low) and (high is None or value < high)
        return (low is None or value >= low) and (high is None or value <= high)

    return test


def temporal_bounds(tree: Temporal) -> tuple[int | None, int | None]:
    """Return the bounds [µs] between which the property must lie; open ones are None.

    ``after`` is after the end of what is given, ``before`` before its start; an instant has its
    start, its end or both.
    """
    start = None if tree.start is None else instant_from(tree.start)
    end = None if tree.end is None else instant_from(tree.end)
    if tree.op == "after":
        return (start if end is None else end), None
    if tree.op == "before":
        return None, (end if start is None else start)
    if tree.op == "equals":
        return (end if start is None else start), (start if end is None else end)
    return start, end
