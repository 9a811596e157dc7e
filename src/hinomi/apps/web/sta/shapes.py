"""How a version of the standard shows an entity: all that differs between 1.1 and 2.0."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hinomi.apps.web.http import encode, segment
from hinomi.apps.web.sta.rows import Row
from hinomi.kernel.records import from_micros
from hinomi.standards.sensorthings import (
    V1_1,
    V2_0,
    VERSIONS,
    Entity,
    Version,
    edm_type,
    interval_text,
    result_type,
    time_text,
)
from hinomi.standards.sensorthings.model import Kind, Property

_TIMES = frozenset({"time", "span", "moment", "period"})


class Shape:
    """One version's way to write rows; shared by all requests."""

    def __init__(self, version: Version) -> None:
        self.version = version
        self.words = version.words
        self.entities: dict[str, Entity] = {entity.kind: entity for entity in version.entities}
        """By the kind of the rows."""
        self.kinds: dict[str, str] = {entity.name: entity.kind for entity in version.entities}
        """What a relation leads to -> the kind of the rows."""

    def value(self, row: Row, name: str) -> Any:
        """Return a property as a $filter compares it."""
        if name in {"id", "@iot.id"}:
            return row.id
        declared = self.entities[row.kind].property(name)
        found = self._found(row, name, declared)
        if declared is not None and declared.kind in _TIMES and found is not None:
            if isinstance(found, tuple):
                return from_micros(found[0]), from_micros(found[1])
            return from_micros(found)
        return found

    def part(self, row: Row, name: str, value: Any, part: str) -> Any:
        """Return a part of a property's value, as a path in a $filter names it."""
        declared = self.entities[row.kind].property(name)
        if declared is not None and declared.kind in {"moment", "period"}:
            start, end = value if isinstance(value, tuple) else (value, None)
            return {"start": start, "end": end}.get(part)
        return value.get(part) if isinstance(value, dict) else None

    def shown(self, row: Row, name: str) -> Any:
        """Return a property as it is written; None where there is none."""
        declared = self.entities[row.kind].property(name)
        found = self._found(row, name, declared)
        if found is None or declared is None or declared.kind not in _TIMES:
            return found
        return _time(found, declared.kind)

    def address(self, row: Row, root: str) -> str:
        """Return the entity's own address."""
        return f"{root}/{self.entities[row.kind].set}({quoted(row.id)})"

    def json(
        self, row: Row, root: str, select: tuple[str, ...], expanded: frozenset[str]
    ) -> dict[str, Any]:
        """Return the entity as JSON without what is expanded; empty ``select`` is everything."""
        entity, words = self.entities[row.kind], self.words
        here = self.address(row, root)
        body: dict[str, Any] = {}
        if not select or words.self_link in select or words.context:
            body[words.self_link] = here
        if not select or {"id", words.id} & set(select):
            body[words.id] = row.id
        for declared in entity.properties:
            if not select or declared.name in select:
                shown = self.shown(row, declared.name)
                if shown is not None:
                    body[declared.name] = shown
        for relation in entity.relations:
            if relation.name not in expanded and (not select or relation.name in select):
                body[f"{relation.name}{words.link}"] = f"{here}/{relation.name}"
        return body

    def encoded(self, row: Row, root: str, expanded: frozenset[str]) -> bytes:
        """Return the entity's JSON without its closing brace, kept for the next time."""
        key = (self.version.name, root, expanded)
        found = row.kept.get(key)
        if found is None:
            found = encode(self.json(row, root, (), expanded))[:-1]
            if len(row.kept) >= 4:
                row.kept.clear()
            row.kept[key] = found
        return found

    def context(self, root: str, what: str) -> bytes:
        """Return the annotation that says what an answer is of, with a comma; or nothing."""
        if not self.words.context:
            return b""
        return b"%b:%b," % (encode(self.words.context), encode(f"{root}/$metadata#{what}"))

    def alone(self, row: Row, name: str, value: Any, root: str) -> bytes:
        """Return one property alone."""
        declared = self.entities[row.kind].property(name)
        context = self.context(root, edm_type(declared.kind)) if declared is not None else b""
        key = self.words.value or name
        return b"{%b%b:%b}" % (context, encode(key), encode(value))

    def _found(self, row: Row, name: str, declared: Property | None) -> Any:
        maker = _MADE.get((self.version.name, row.kind, name))
        if maker is not None:
            return maker(row)
        return row.properties.get(declared.of or name if declared is not None else name)


def quoted(row_id: str) -> str:
    """Return an id as it stands in an address."""
    return f"'{segment(row_id).replace('%27', '%27%27')}'"


def _time(found: Any, kind: Kind) -> Any:
    if kind in {"time", "span"}:
        return interval_text(*found) if isinstance(found, tuple) else time_text(found)
    if isinstance(found, tuple):
        return {"start": time_text(found[0]), "end": time_text(found[1])}
    return {"start": time_text(found)}


def _result_type(row: Row) -> dict[str, Any]:
    return result_type(
        row.properties, f"ObservedProperties({quoted(row.links['ObservedProperty'])})"
    )


def _quality(row: Row) -> dict[str, Any] | None:
    found = row.properties.get("resultQuality")
    return None if found is None else {"resultQuality": found}


_MADE: dict[tuple[str, str, str], Callable[[Row], Any]] = {
    (V2_0.name, "Datastream", "resultType"): _result_type,
    (V2_0.name, "Observation", "properties"): _quality,
}
"""Properties that are no property of 1.1 by another name."""

SHAPES: dict[str, Shape] = {version.name: Shape(version) for version in VERSIONS}
V1 = SHAPES[V1_1.name]
