"""The sensing entities and their relations (OGC 18-088, clause 8, figure 2 and tables 2 to 17)."""

from __future__ import annotations

from typing import Literal

import msgspec

Kind = Literal["text", "uri", "number", "time", "span", "object", "place", "any"]


class Property(msgspec.Struct, frozen=True):
    """A property: its name, what it holds, and whether whoever creates must give it."""

    name: str
    kind: Kind = "text"
    required: bool = False


class Relation(msgspec.Struct, frozen=True):
    """A navigation property: its name, the entity it leads to, one or many."""

    name: str
    target: str
    many: bool = False
    required: bool = False


class Entity(msgspec.Struct, frozen=True):
    """One entity: its name, its set's name, properties, relations."""

    name: str
    set: str
    properties: tuple[Property, ...]
    relations: tuple[Relation, ...]

    def property(self, name: str) -> Property | None:
        """Return a property by name."""
        return next((p for p in self.properties if p.name == name), None)

    def relation(self, name: str) -> Relation | None:
        """Return a navigation property by name."""
        return next((r for r in self.relations if r.name == name), None)


class Version(msgspec.Struct, frozen=True):
    """A version of the standard: where it is served, what it claims, its entities."""

    name: str
    conformance: tuple[str, ...]
    entities: tuple[Entity, ...]

    def entity(self, name: str) -> Entity | None:
        """Return an entity by its name or its set's."""
        return next((e for e in self.entities if name in {e.name, e.set}), None)


_P, _R = Property, Relation
_NAMED = (_P("name", required=True), _P("description", required=True))
_DETAILS = _P("properties", "object")

_ENTITIES = (
    Entity(
        "Thing", "Things", (*_NAMED, _DETAILS),
        (
            _R("Locations", "Location", many=True),
            _R("HistoricalLocations", "HistoricalLocation", many=True),
            _R("Datastreams", "Datastream", many=True),
        ),
    ),
    Entity(
        "Location", "Locations",
        (
            *_NAMED, _P("encodingType", required=True), _P("location", "place", required=True),
            _DETAILS,
        ),
        (
            _R("Things", "Thing", many=True),
            _R("HistoricalLocations", "HistoricalLocation", many=True),
        ),
    ),
    Entity(
        "HistoricalLocation", "HistoricalLocations", (_P("time", "time", required=True),),
        (
            _R("Thing", "Thing", required=True),
            _R("Locations", "Location", many=True, required=True),
        ),
    ),
    Entity(
        "Datastream", "Datastreams",
        (
            *_NAMED, _P("observationType", required=True),
            _P("unitOfMeasurement", "object", required=True), _P("observedArea", "place"),
            _P("phenomenonTime", "span"), _P("resultTime", "span"), _DETAILS,
        ),
        (
            _R("Thing", "Thing", required=True),
            _R("Sensor", "Sensor", required=True),
            _R("ObservedProperty", "ObservedProperty", required=True),
            _R("Observations", "Observation", many=True),
        ),
    ),
    Entity(
        "Sensor", "Sensors",
        (
            *_NAMED, _P("encodingType", required=True), _P("metadata", "any", required=True),
            _DETAILS,
        ),
        (_R("Datastreams", "Datastream", many=True),),
    ),
    Entity(
        "ObservedProperty", "ObservedProperties",
        (_P("name", required=True), _P("definition", "uri", required=True),
         _P("description", required=True), _DETAILS),
        (_R("Datastreams", "Datastream", many=True),),
    ),
    Entity(
        "Observation", "Observations",
        (
            _P("phenomenonTime", "span"), _P("result", "any", required=True),
            _P("resultTime", "time"), _P("resultQuality", "any"), _P("validTime", "span"),
            _P("parameters", "object"),
        ),
        (
            _R("Datastream", "Datastream", required=True),
            _R("FeatureOfInterest", "FeatureOfInterest"),
        ),
    ),
    Entity(
        "FeatureOfInterest", "FeaturesOfInterest",
        (
            *_NAMED, _P("encodingType", required=True), _P("feature", "place", required=True),
            _DETAILS,
        ),
        (_R("Observations", "Observation", many=True),),
    ),
)  # fmt: skip

_SPEC = "http://www.opengis.net/spec/iot_sensing/1.1/req/"

V1_1 = Version(
    "v1.1",
    tuple(
        _SPEC + name
        for name in (
            *(f"datamodel/{e}" for e in (
                "thing", "location", "historical-location", "datastream", "sensor",
                "observed-property", "observation", "feature-of-interest",
                "entity-control-information",
            )),
            "resource-path/resource-path-to-entities",
            *(f"request-data/{o}" for o in (
                "order", "expand", "select", "status-code", "query-status-code", "orderby", "top",
                "skip", "count", "filter", "built-in-filter-operations",
                "built-in-query-functions", "pagination",
            )),
            *(f"create-update-delete/{o}" for o in (
                "create-entity", "link-to-existing-entities", "deep-insert",
                "deep-insert-status-code", "update-entity", "delete-entity",
                "historical-location-auto-creation",
            )),
            "batch-request/batch-request",
            "data-array/data-array",
            "create-observations-via-mqtt/observations-creation",
            "receive-updates-via-mqtt/receive-updates",
        )
    ),
    _ENTITIES,
)  # fmt: skip
"""Names of the requirement classes: OGC 18-088, clauses 8 to 14."""
