"""SensorThings 2.0 (OGC 23-019, published 2026-11-04) as a table beside 1.1's.

What changes: plain names of annotations (``@id`` is the link, ``id`` the key), times as objects,
FeatureOfInterest is Feature, a Datastream's unit and observed properties stand in a SWE Common
``resultType``, answers name their context, and the model is told as OData CSDL (``$metadata``).
Names of attributes and relations: clause 8, tables of each class; annotations: clause 9.1.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hinomi.standards.sensorthings.model import NONE, Entity, Kind, Property, Relation, Version
from hinomi.standards.sensorthings.model import Words as _Words

_P, _R = Property, Relation
_NAMED = (_P("name", required=True), _P("definition", "uri"), _P("description"))
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
        (*_NAMED, _P("encodingType", required=True), _P("location", "place", required=True),
         _DETAILS),
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
            _P("name", required=True), _P("definition", "uri", of="observationType"),
            _P("description"), _P("resultType", "object", required=True),
            _P("observedArea", "place"), _P("phenomenonTime", "period"),
            _P("resultTime", "period"), _DETAILS,
        ),
        (
            _R("Thing", "Thing", required=True),
            _R("Sensor", "Sensor", required=True),
            _R("ObservedProperties", "ObservedProperty", many=True, required=True,
               of="ObservedProperty"),
            _R("Observations", "Observation", many=True),
            _R("ProximateFeatureOfInterest", "Feature", of="FeatureOfInterest"),
            _R("UltimateFeatureOfInterest", "Feature", of=NONE),
        ),
    ),
    Entity(
        "Sensor", "Sensors", (*_NAMED, _P("encodingType"), _P("metadata", "any"), _DETAILS),
        (_R("Datastreams", "Datastream", many=True),),
    ),
    Entity(
        "ObservedProperty", "ObservedProperties",
        (_P("name", required=True), _P("definition", "uri", required=True), _P("description"),
         _DETAILS),
        (_R("Datastreams", "Datastream", many=True),),
    ),
    Entity(
        "Observation", "Observations",
        (
            _P("phenomenonTime", "moment", required=True), _P("result", "any", required=True),
            _P("resultTime", "time"), _P("validTime", "period"), _DETAILS,
        ),
        (
            _R("Datastream", "Datastream", required=True),
            _R("ProximateFeatureOfInterest", "Feature", of="FeatureOfInterest"),
        ),
    ),
    Entity(
        "Feature", "Features",
        (*_NAMED, _P("encodingType", required=True), _P("feature", "place", required=True),
         _DETAILS),
        (
            _R("FeatureTypes", "FeatureType", many=True, of=NONE),
            _R("Observations", "Observation", many=True),
            _R("DatastreamsProximate", "Datastream", many=True, of="Datastreams"),
            _R("DatastreamsUltimate", "Datastream", many=True, of=NONE),
        ),
        of="FeatureOfInterest",
    ),
    Entity(
        "FeatureType", "FeatureTypes",
        (_P("name", required=True), _P("definition", "uri", required=True), _P("description"),
         _DETAILS),
        (_R("Features", "Feature", many=True, of=NONE),),
    ),
)  # fmt: skip

_SPEC = "http://www.opengis.net/spec/sensorthings/2.0/"

V2_0 = Version(
    "v2.0",
    (
        f"{_SPEC}req-class/datamodel/core",
        *(
            f"{_SPEC}req/api/read/{name}"
            for name in (
                "paths", "options/precedence", "options/select", "options/expand", "options/top",
                "options/skip", "options/count", "options/orderby", "options/pagination",
            )
        ),
        f"{_SPEC}req/binding/http/advertisement",
    ),
    _ENTITIES,
    _Words(
        id="id", self_link="@id", link="@navigationLink", count="@count", next="@nextLink",
        value="value", context="@context",
    ),
)  # fmt: skip
"""Only what is claimed: data are read. Written they are by version 1.1 and by MQTT; of $filter's
operators ``in`` is not there, nor are the functions any, cast and interval."""


def result_type(datastream: Mapping[str, Any], observed: str) -> dict[str, Any]:
    """Return a datastream's result as SWE Common describes it (OGC 23-019, clause 8.6): a Quantity.

    Args:
        datastream: its properties in version 1.1.
        observed: the observed property's ``@id``, relative to the service.

    Example:
        >>> unit = {"name": "metre", "symbol": "m", "definition": "ucum:m"}
        >>> found = result_type({"name": "Level", "unitOfMeasurement": unit},
        ...     "ObservedProperties('level_m')")
        >>> found["type"], found["uom"]
        ('Quantity', {'code': 'm', 'label': 'metre', 'symbol': 'm'})
    """
    unit = datastream.get("unitOfMeasurement") or {}
    code = str(unit.get("definition") or "")
    uom = {"code": code.removeprefix("ucum:")} if code.startswith("ucum:") else {"href": code}
    if not code:
        # UCUM's unity: a bare number, such as a switch that is open or closed.
        uom = {"code": "1"}
    shown = {"label": unit.get("name"), "symbol": unit.get("symbol")}
    return {
        "type": "Quantity",
        "label": datastream.get("name", ""),
        "definition": observed,
        "uom": uom | {name: text for name, text in shown.items() if text},
    }


_EDM: dict[Kind, str] = {
    "text": "Edm.String", "uri": "Edm.String", "number": "Edm.Double", "time": "Edm.DateTimeOffset",
    "span": "Edm.String", "moment": "org.OGC.TM_Object", "period": "org.OGC.TM_Interval",
    "object": "org.OGC.Object", "place": "Edm.Untyped", "any": "Edm.Untyped",
}  # fmt: skip


def edm_type(kind: Kind) -> str:
    """Return OData's name of a type."""
    return _EDM[kind]


def csdl(version: Version) -> dict[str, Any]:
    """Return the data model as OData CSDL JSON 4.01: what ``$metadata`` answers."""
    container: dict[str, Any] = {"$Kind": "EntityContainer"}
    schema: dict[str, Any] = {entity.name: _entity_type(entity) for entity in version.entities}
    for entity in version.entities:
        sets = {e.name: e.set for e in version.entities}
        container[entity.set] = {
            "$Collection": True,
            "$Type": f"org.OGC.{entity.name}",
            "$NavigationPropertyBinding": {r.name: sets[r.target] for r in entity.relations},
        }
    instant = {"$Type": "Edm.DateTimeOffset"}
    schema |= {
        "Object": {"$Kind": "ComplexType", "$OpenType": True},
        "TM_Interval": {"$Kind": "ComplexType", "start": instant, "end": instant},
        "TM_Object": {
            "$Kind": "ComplexType", "start": instant, "end": {**instant, "$Nullable": True},
        },
        "SensorThingsV2": container,
    }  # fmt: skip
    return {
        "$Version": "4.01", "$EntityContainer": "org.OGC.SensorThingsV2", "org.OGC": schema,
    }  # fmt: skip


def _entity_type(entity: Entity) -> dict[str, Any]:
    found: dict[str, Any] = {"$Kind": "EntityType", "$Key": ["id"], "id": {}}
    for one in entity.properties:
        kind = {} if one.kind in {"text", "uri"} else {"$Type": _EDM[one.kind]}
        found[one.name] = kind if one.required else {**kind, "$Nullable": True}
    for relation in entity.relations:
        link: dict[str, Any] = {
            "$Kind": "NavigationProperty", "$Type": f"org.OGC.{relation.target}",
        }  # fmt: skip
        if relation.many:
            link["$Collection"] = True
        elif not relation.required:
            link["$Nullable"] = True
        found[relation.name] = link
    return found
