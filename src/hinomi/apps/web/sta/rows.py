"""One entity as it is shown: its id, its properties, what it links to."""

from __future__ import annotations

from typing import Any

from hinomi.apps.web.http import encode, segment
from hinomi.kernel.records import from_micros
from hinomi.standards.sensorthings import V1_1, Entity, interval_text, time_text

ENTITIES: dict[str, Entity] = {entity.name: entity for entity in V1_1.entities}


class Row:
    """An entity. Times are kept in µs: an instant as a number, an interval as (start, end)."""

    __slots__ = ("id", "kept", "kind", "links", "properties", "record")

    def __init__(
        self,
        kind: str,
        row_id: str,
        properties: dict[str, Any],
        links: dict[str, Any] | None = None,
        record: tuple[str, str] | None = None,
    ) -> None:
        self.kind = kind
        self.id = row_id
        self.properties = properties
        self.links = links or {}
        """Navigation property -> id, or ids."""
        self.record = record
        """Collection and key of the record behind it; None: it is built in or only seen."""
        self.kept: dict[tuple[str, frozenset[str]], bytes] = {}

    def value(self, name: str) -> Any:
        """Return a property as a $filter compares it."""
        if name in {"id", "@iot.id"}:
            return self.id
        found = self.properties.get(name)
        declared = ENTITIES[self.kind].property(name)
        if declared is not None and declared.kind in {"time", "span"} and found is not None:
            if isinstance(found, tuple):
                return from_micros(found[0]), from_micros(found[1])
            return from_micros(found)
        return found

    def shown(self, name: str) -> Any:
        """Return a property as it is written."""
        found = self.properties[name]
        declared = ENTITIES[self.kind].property(name)
        if declared is not None and declared.kind in {"time", "span"} and found is not None:
            return interval_text(*found) if isinstance(found, tuple) else time_text(found)
        return found

    def address(self, root: str) -> str:
        """Return the entity's own address."""
        return f"{root}/{ENTITIES[self.kind].set}({quoted(self.id)})"

    def json(self, root: str, select: tuple[str, ...], expanded: frozenset[str]) -> dict[str, Any]:
        """Return the entity as JSON without what is expanded; empty ``select`` is everything."""
        entity = ENTITIES[self.kind]
        here = self.address(root)
        body: dict[str, Any] = {}
        if not select or "@iot.selfLink" in select:
            body["@iot.selfLink"] = here
        if not select or {"id", "@iot.id"} & set(select):
            body["@iot.id"] = self.id
        for name in self.properties:
            if not select or name in select:
                body[name] = self.shown(name)
        for relation in entity.relations:
            if relation.name not in expanded and (not select or relation.name in select):
                body[f"{relation.name}@iot.navigationLink"] = f"{here}/{relation.name}"
        return body

    def bytes(self, root: str, expanded: frozenset[str]) -> bytes:
        """Return the entity's JSON without its closing brace, kept for the next time."""
        found = self.kept.get((root, expanded))
        if found is None:
            found = encode(self.json(root, (), expanded))[:-1]
            if len(self.kept) >= 4:
                self.kept.clear()
            self.kept[root, expanded] = found
        return found


def quoted(row_id: str) -> str:
    """Return an id as it stands in an address."""
    return f"'{segment(row_id).replace('%27', '%27%27')}'"
