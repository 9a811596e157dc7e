"""The filter tree as PostgreSQL's SQL over the stored properties.

``r`` is the record, ``g`` its geometry where that is kept apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from hinomi.kernel.errors import InputError
from hinomi.kernel.filters import Spatial
from hinomi.kernel.geometry import Geometry, check_geometry
from hinomi.stores.conditions import MOST_VALUES, Conditions
from hinomi.stores.evaluate import ANY_ONE, ANY_RUN, kind_of
from hinomi.stores.instants import instant_from
from hinomi.stores.postgres.link import cleaned
from hinomi.stores.postgres.places import ewkb

PLACE = "coalesce(g.geom, r.geom)"
_ARRAYS = {"text": "text", "number": "numeric", "instant": "bigint", "boolean": "boolean"}


class Where(Conditions):
    """One question's conditions with their values, bound by name."""

    LIKE = "LIKE"
    PATTERN = {ANY_RUN: "%", ANY_ONE: "_", "%": "\\%", "_": "\\_", "\\": "\\\\"}  # noqa: RUF012
    COMPARABLE = "('string', 'number', 'boolean')"
    NO_PLACE = "(r.shape IS NULL AND r.geom IS NULL)"

    def __init__(self) -> None:
        super().__init__()
        self._numbers: dict[tuple[str, type, Any], str] = {}

    def bind(self, value: Any, kind: str) -> str:
        """Return the placeholder of a value of an SQL type; equal values share one."""
        if isinstance(value, str):
            value = cleaned(value)
        known = kind, type(value), str(value) if isinstance(value, list) else value
        if known not in self._numbers:
            if len(self.values) >= MOST_VALUES:
                raise InputError("The filter has too many values.", "フィルタの値が多すぎます。")
            name = f"v{len(self.values)}"
            self.values[name] = value
            self._numbers[known] = f"%({name})s::{kind}"
        return self._numbers[known]

    def truth(self, value: bool | None) -> str:  # noqa: FBT001 - it is the value itself
        """Return a constant."""
        return "NULL::boolean" if value is None else str(value).lower()

    def literal(self, value: Any) -> str:
        """Return the placeholder of a filter's literal, in the type that it is compared in."""
        kind = kind_of(value)
        if kind == "instant":
            return self.moment(instant_from(value))
        if kind == "number":
            return self.bind(_number(value), "numeric")
        return self.bind(value, "boolean" if kind == "boolean" else "text")

    def text(self, value: str) -> str:
        """Return the placeholder of a text."""
        return self.bind(value, "text")

    def moment(self, value: int) -> str:
        """Return the placeholder of an instant [us]."""
        return self.bind(value, "bigint")

    def property(self, name: str) -> _Json:
        """Return a stored property."""
        return _Json(self, name)

    def is_one_of(self, value: str, kind: str, allowed: Iterable[Any]) -> str:
        """Return the condition that a value is one of several literals of its kind."""
        listed = list(allowed)
        if kind == "number":
            listed = [_number(one) for one in listed]
        elif kind == "text":
            listed = [cleaned(one) for one in listed]
        return f"({value} = ANY({self.bind(listed, f'{_ARRAYS[kind]}[]')}))"

    def area(self, shape: Geometry) -> str:
        """Return a geometry to compare with."""
        return f"ST_GeomFromEWKB({self.bind(ewkb(shape), 'bytea')})"

    def spatial(self, tree: Spatial) -> str:
        """Return the condition on the place."""
        return f"holds('{tree.op}', {PLACE}, {self.area(check_geometry(tree.geometry))})"


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
