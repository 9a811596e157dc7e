"""The answers' schemas, in OpenAPI 3.0's dialect of JSON Schema."""

from __future__ import annotations

from typing import Any

_STRING: dict[str, Any] = {"type": "string"}
_NULLABLE: dict[str, Any] = {"type": "string", "nullable": True}
_WHOLE: dict[str, Any] = {"type": "integer", "minimum": 0}
_TIME: dict[str, Any] = {"type": "string", "format": "date-time"}


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def _list(of: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": of}


def _object(required: dict[str, Any], **optional: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "required": list(required),
        "properties": {**required, **optional},
    }


_ROWS = _list(
    {
        "type": "array",
        "minItems": 3,
        "maxItems": 3,
        "items": {"oneOf": [{"type": "string"}, {"type": "number", "nullable": True}]},
    }
)
_GEOMETRY: dict[str, Any] = {
    "type": "object",
    "nullable": True,
    "required": ["type"],
    "properties": {
        "type": {
            "type": "string",
            "enum": [
                "Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon",
                "GeometryCollection",
            ],
        },
        "coordinates": {"type": "array", "items": {}},
        "geometries": {"type": "array", "items": {"type": "object"}},
    },
}  # fmt: skip

SCHEMAS: dict[str, Any] = {
    "any": {},
    "object": {"type": "object"},
    "text": {"type": "string"},
    "binary": {"type": "string", "format": "binary"},
    "link": _object({"href": _STRING, "rel": _STRING}, type=_STRING, title=_STRING),
    "landing": _object({"title": _STRING, "links": _list(_ref("link"))}, description=_STRING),
    "conformance": _object({"conformsTo": _list(_STRING)}),
    "collection": _object(
        {"id": _STRING, "title": _STRING, "links": _list(_ref("link"))},
        description=_STRING, itemType=_STRING, crs=_list(_STRING), storageCrs=_STRING,
    ),
    "collections": _object(
        {"collections": _list(_ref("collection")), "links": _list(_ref("link"))},
        series=_list(_ref("collection")),
    ),
    "geometry": _GEOMETRY,
    "feature": _object(
        {
            "type": {"type": "string", "enum": ["Feature"]},
            "id": _STRING,
            "properties": {"type": "object"},
            "geometry": _ref("geometry"),
        },
        links=_list(_ref("link")),
        retracts={"type": "boolean"},
    ),
    "draft": _object(
        {
            "type": {"type": "string", "enum": ["Feature"]},
            "properties": {"type": "object"},
            "geometry": _ref("geometry"),
        },
        id={"type": "string", "minLength": 1, "maxLength": 200},
    ),
    "sign-in": {
        "type": "object",
        "additionalProperties": False,
        "properties": {"key": _STRING, "link": _STRING, "name": _STRING, "role": _STRING},
    },
    "break-glass": {
        "type": "object",
        "additionalProperties": False,
        "required": ["reason"],
        "properties": {"reason": {"type": "string", "minLength": 9, "maxLength": 1000}},
    },
    "watch": {
        "type": ["object", "null"],
        "additionalProperties": False,
        "properties": {
            "areas": _list(_STRING),
            "coasts": {"type": ["array", "null"], "items": _STRING},
            "intensity": {"type": "string", "enum": ["4", "5-", "5+", "6-", "6+", "7"]},
            "tsunami": {"type": "string", "enum": ["advisory", "warning", "major_warning"]},
            "eew": {"type": "boolean"},
        },
    },
    "wish": {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "key": _STRING, "expected": _STRING, "values": {"type": "object"},
            "id": {"type": "string", "pattern": "^[A-Za-z0-9_.-]{8,64}$"},
        },
    },
    "direction": {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "scenario": _STRING, "speed": {"type": "number"}, "phase": _STRING,
            "event": {"type": "object", "additionalProperties": _STRING},
            "id": {"type": "string", "pattern": "^[A-Za-z0-9_.-]{8,64}$"},
        },
    },
    "features": _object(
        {
            "type": {"type": "string", "enum": ["FeatureCollection"]},
            "features": _list(_ref("feature")),
            "numberReturned": _WHOLE,
            "links": _list(_ref("link")),
        },
        numberMatched=_WHOLE,
    ),
    "hop": _object({"recorded_at": _TIME}, digest=_STRING, address=_STRING, path=_STRING,
                   run=_STRING, blob=_STRING),
    "trace": _object(
        {
            "record": _STRING, "collection": _STRING, "key": _STRING, "source": _STRING,
            "said_at": _TIME, "recorded_at": _TIME, "origins": _list(_ref("hop")),
            "made": _list({"type": "object"}),
        }
    ),
    "change": _object(
        {
            "kind": {"type": "string", "enum": ["record", "readings", "gone"]},
            "seq": _WHOLE, "collection": _STRING, "key": _STRING, "recorded_at": _TIME,
        },
        record=_STRING, retracts={"type": "boolean"}, feature=_ref("feature"),
    ),
    "changes": _object(
        {"changes": _list(_ref("change")), "position": _WHOLE, "numberReturned": _WHOLE,
         "links": _list(_ref("link"))}
    ),
    "moments": _object(
        {"from": _TIME, "to": _TIME, "complete": {"type": "boolean"},
         "moments": _list(_object({"at": _TIME, "collections": {"type": "object"}}))}
    ),
    "reading": _object(
        {"time": _TIME, "value": {"type": "number", "nullable": True}, "quality": _STRING}
    ),
    "series": _object(
        {"id": _STRING, "collection": _STRING, "thing": _STRING, "property": _STRING,
         "unit": _STRING, "source": _STRING, "status": _STRING},
        title=_NULLABLE, longitude={"type": "number", "nullable": True},
        latitude={"type": "number", "nullable": True},
        latest={"type": "object", "nullable": True},
    ),
    "series-list": _object({"series": _list(_ref("series")), "numberReturned": _WHOLE}),
    "readings": _object(
        {"series": _ref("series"), "numberReturned": _WHOLE, "columns": _list(_STRING),
         "readings": _ROWS, "links": _list(_ref("link"))}
    ),
    "readings-in": _object(
        {
            "collection": _STRING, "numberReturned": _WHOLE, "complete": {"type": "boolean"},
            "columns": _list(_STRING),
            "readings": {"type": "object", "additionalProperties": _ROWS},
        }
    ),
    "problem": _object(
        {"type": _STRING, "title": _STRING, "status": _WHOLE, "detail": _STRING,
         "instance": _STRING},
        problems=_list(
            _object({"code": _STRING, "path": _STRING, "text": _STRING, "grade": _STRING},
                    found=_STRING, expected=_STRING)
        ),
        nearest=_list(_STRING), rule=_STRING, hop=_STRING,
    ),
}  # fmt: skip
