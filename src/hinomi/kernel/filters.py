"""The small filter tree: what CQL2 is parsed into and every store evaluates.

Three-valued logic, as CQL2 and SQL have it: a comparison with a missing value, or of values of
different kinds (a number with a text), is unknown, and only what is true passes.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal, TypeAlias

import msgspec

from hinomi.kernel.geometry import Geometry

Scalar: TypeAlias = str | float | int | bool | datetime | date


class Property(msgspec.Struct, frozen=True, tag="property"):
    """A property of the feature by name: the body's, the envelope's, ``id`` or ``geometry``."""

    name: str


class Value(msgspec.Struct, frozen=True, tag="value"):
    """A literal; instants are aware."""

    value: Scalar


Operand: TypeAlias = Property | Value


class Compare(msgspec.Struct, frozen=True, tag="compare"):
    """``left op right``."""

    op: Literal["=", "<>", "<", "<=", ">", ">="]
    left: Operand
    right: Operand


class Like(msgspec.Struct, frozen=True, tag="like"):
    """SQL's LIKE, case-sensitive: ``%`` any run, ``_`` any character, backslash escapes."""

    property: Property
    pattern: str


class Between(msgspec.Struct, frozen=True, tag="between"):
    """``low <= operand <= high``."""

    operand: Operand
    low: Operand
    high: Operand


class In(msgspec.Struct, frozen=True, tag="in"):
    """The operand equals one of the values."""

    operand: Operand
    values: tuple[Scalar, ...]


class IsNull(msgspec.Struct, frozen=True, tag="null"):
    """The property is absent or null."""

    property: Property


class Spatial(msgspec.Struct, frozen=True, tag="spatial"):
    """``S_INTERSECTS``, ``S_WITHIN``, ``S_CONTAINS``, ``S_DISJOINT`` of place and geometry."""

    op: Literal["intersects", "within", "contains", "disjoint"]
    geometry: Geometry


class Temporal(msgspec.Struct, frozen=True, tag="temporal"):
    """A time property against an instant or an interval (None is open).

    ``T_AFTER``, ``T_BEFORE``, ``T_EQUALS`` take instants; ``T_DURING`` is inside (start, end),
    ``T_INTERSECTS`` inside [start, end].
    """

    op: Literal["after", "before", "equals", "during", "intersects"]
    property: Property
    start: datetime | None
    end: datetime | None


class And(msgspec.Struct, frozen=True, tag="and"):
    """All hold."""

    args: tuple[Filter, ...]


class Or(msgspec.Struct, frozen=True, tag="or"):
    """At least one holds."""

    args: tuple[Filter, ...]


class Not(msgspec.Struct, frozen=True, tag="not"):
    """The argument is false (unknown stays unknown)."""

    arg: Filter


class Constant(msgspec.Struct, frozen=True, tag="constant"):
    """TRUE or FALSE."""

    value: bool


Filter: TypeAlias = (
    Compare | Like | Between | In | IsNull | Spatial | Temporal | And | Or | Not | Constant
)
