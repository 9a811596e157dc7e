"""The sensing entities and their relations (OGC 18-088, clause 8, figure 2 and tables 2 to 17)."""

from __future__ import annotations

from typing import Literal

import msgspec

Kind = Literal[
    "text", "uri", "number", "time", "span", "moment", "period", "object", "place", "any"
]
"""``span``: an instant or an interval as ISO 8601; ``moment`` and ``period``: the same as an object
with start and end, of which a moment may lack the end."""
NONE = "-"
"""A relation that leads to nothing here."""


class Property(msgspec.Struct, frozen=True):
    """A property: its name, what it holds, and whether whoever creates must give it."""

    name: str
    kind: Kind = "text"
    required: bool = False
    of: str = ""
    """The property of version 1.1 that it is; empty: of the same name, or made."""


class Relation(msgspec.Struct, frozen=True):
    """A navigation property: its name, the entity it leads to, one or many."""

    name: str
    target: str
    many: bool = False
    required: bool = False
    of: str = ""
    """The relation of version 1.1 that it is; empty: of the same name."""


class Entity(msgspec.Struct, frozen=True):
    """One entity: its name, its set's name, properties, relations."""

    name: str
    set: str
    properties: tuple[Property, ...]
    relations: tuple[Relation, ...]
    of: str = ""
    """The entity of version 1.1 that it is; empty: of the same name."""

    @property
    def kind(self) -> str:
        """Return the name of version 1.1, by which entities are kept."""
        return self.of or self.name

    def property(self, name: str) -> Property | None:
        """Return a property by name."""
        return next((p for p in self.properties if p.name == name), None)

    def relation(self, name: str) -> Relation | None:
        """Return a navigation property by name."""
        return next((r for r in self.relations if r.name == name), None)


class Words(msgspec.Struct, frozen=True, kw_only=True):
    """What a version calls the annotations of an answer."""

    id: str
    self_link: str
    link: str
    count: str
    next: str
    value: str
    """Name of a property's value when it alone is asked for; empty: the property's own."""
    context: str = ""
    """Annotation that says what an answer is of; empty: there is none."""


class Version(msgspec.Struct, frozen=True):
    """A version of the standard: where it is served, what it claims, its words and entities."""

    name: str
    conformance: tuple[str, ...]
    entities: tuple[Entity, ...]
    words: Words
    settings: dict[str, object] = {}
    """More of the service document's ``serverSettings``."""

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
        )
    ),
    _ENTITIES,
    Words(
        id="@iot.id", self_link="@iot.selfLink", link="@iot.navigationLink", count="@iot.count",
        next="@iot.nextLink", value="",
    ),
    {
        "http://www.opengis.net/spec/iot_sensing/1.1/req/create-observations-via-mqtt/"
        "observations-creation": {"endpoints": []},
    },
)  # fmt: skip
"""Names of the requirement classes: OGC 18-088, clauses 8 to 14."""
