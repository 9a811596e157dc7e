"""The filter tree as SQLite's SQL over the stored features.

``r.feature`` is the record's GeoJSON, ``l.key`` its key, ``g.data`` its geometry where that is
kept apart.
"""

# ruff: noqa: S608 - only names from this package are written into SQL; values are bound
from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any

import msgspec

from hinomi.kernel.errors import InputError
from hinomi.kernel.filters import Spatial
from hinomi.stores.conditions import MOST_VALUES, Conditions
from hinomi.stores.evaluate import ANY_ONE, ANY_RUN
from hinomi.stores.instants import instant_from

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

PLACE = "coalesce(g.data, r.feature -> '$.geometry')"
_INTEGERS = range(-(1 << 63), 1 << 63)


class Where(Conditions):
    """One question's conditions: bound values by name, and the geometries compared with."""

    LIKE = "GLOB"
    PATTERN = {ANY_RUN: "*", ANY_ONE: "?", "*": "[*]", "?": "[?]", "[": "[[]"}  # noqa: RUF012
    COMPARABLE = "('text', 'integer', 'real', 'true', 'false')"
    NO_PLACE = "(r.shape IS NULL AND json_type(r.feature, '$.geometry') = 'null')"

    def __init__(self) -> None:
        super().__init__()
        self.areas: list[Callable[[], BaseGeometry]] = []
        self._numbers: dict[tuple[type, Any], str] = {}

    def bind(self, value: Any) -> str:
        """Return the placeholder of a value; equal values share one."""
        if isinstance(value, int) and value not in _INTEGERS:
            value = float(value)
        known = (type(value), value)
        if known not in self._numbers:
            if len(self.values) >= MOST_VALUES:
                raise InputError("The filter has too many values.", "フィルタの値が多すぎます。")
            name = f"v{len(self.values)}"
            self.values[name] = value
            self._numbers[known] = f":{name}"
        return self._numbers[known]

    def truth(self, value: bool | None) -> str:  # noqa: FBT001 - it is the value itself
        """Return the placeholder of a constant: SQLite refuses a plan where it sees one."""
        return self.bind(value if value is None else int(value))

    def literal(self, value: Any) -> str:
        """Return the placeholder of a filter's literal."""
        return self.bind(instant_from(value) if isinstance(value, date) else value)

    text = moment = bind

    def property(self, name: str) -> _Json:
        """Return a stored property."""
        return _Json(self, name)

    def is_one_of(self, value: str, kind: str, allowed: Iterable[Any]) -> str:
        """Return the condition that a value is one of several literals of its kind."""
        del kind
        listed = self.bind(msgspec.json.encode(allowed).decode())
        return f"({value} IN (SELECT value FROM json_each({listed})))"

    def area(self, shape: Callable[[], BaseGeometry]) -> str:
        """Return the placeholder of the number by which ``holds`` finds a geometry.

        It is made when the first row needs it: most pages of points never do.
        """
        self.areas.append(cache(shape))
        return self.bind(len(self.areas) - 1)

    def spatial(self, tree: Spatial) -> str:
        """Return the condition on the place."""
        from hinomi.stores import spatial  # noqa: PLC0415 - GEOS is loaded only when asked for

        shape = spatial.literal(tree.geometry)
        number = self.area(lambda: shape)
        return f"holds({self.bind(tree.op)}, {number}, {PLACE})"


class _Json:
    """SQL for a property's JSON type and value."""

    def __init__(self, where: Where, name: str) -> None:
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
