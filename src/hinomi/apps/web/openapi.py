"""OpenAPI 3.0.3 of this API, made from the route table: self-contained, no outside reference."""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from hinomi.apps.web import parameters
from hinomi.apps.web.parameters import Parameter
from hinomi.apps.web.routes import Route
from hinomi.apps.web.schemas import SCHEMAS
from hinomi.kernel.catalog import Catalog
from hinomi.kernel.collections import Kind
from hinomi.runtime.acting import acts

_REF = "#/components/schemas/"
_WHAT = {"collection": "A collection's id", "key": "The thing's key; a slash in it is %2F",
         "record": "A record's id", "digest": "SHA-256 of the bytes, hex",
         "act": "An act's id", "series": "A series' id", "product": "A product's id",
         "report": "A report's name", "command": "What the drill is told to do",
         "tileMatrixSet": "The tiling: WebMercatorQuad", "tileMatrix": "The zoom",
         "tileRow": "The row, from the north", "tileCol": "The column, from the west"}  # fmt: skip


def describe(catalog: Catalog, routes: tuple[Route, ...], base: str) -> dict[str, Any]:
    """Return the description document."""
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(catalog, route)
    return {
        "openapi": "3.0.3",
        "info": {
            "title": "Hinomi",
            "version": "1.0.0",
            "description": "Disaster information: one history, one API. OGC API – Features with"
            " as-of, a change feed, readings and provenance.",
            "license": {"name": "Apache-2.0"},
        },
        "servers": [{"url": base}],
        "security": [{}, {"key": []}, {"bearer": []}],
        "tags": [{"name": name} for name in dict.fromkeys(t for r in routes for t in r.tags)],
        "paths": paths,
        "components": {
            "schemas": SCHEMAS,
            "securitySchemes": {
                "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
                "bearer": {"type": "http", "scheme": "bearer"},
            },
        },
    }


def _operation(catalog: Catalog, route: Route) -> dict[str, Any]:
    names = [part[1:-1] for part in route.path.split("/") if part[:1] == "{"]
    found: dict[str, Any] = {
        "operationId": route.name,
        "summary": route.text.en,
        "description": route.text.ja,
        "tags": list(route.tags),
        "parameters": [
            *(_path_parameter(catalog, name) for name in names),
            *(_query_parameter(catalog, route, p) for p in route.parameters),
            *(_header(name) for name in route.headers),
        ],
        "responses": _responses(route),
    }
    if route.body:
        content = {"schema": {"$ref": f"{_REF}{route.body}"}}
        media = ("application/octet-stream",) if route.body == "binary" else route.takes
        found["requestBody"] = {
            "required": True,
            "content": dict.fromkeys(media, content),
        }
        found["security"] = [{"key": []}, {"bearer": []}]
    return found


def _path_parameter(catalog: Catalog, name: str) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string", "minLength": 1}
    if name == "collection":
        schema = {"type": "string", "enum": list(catalog.collections)}
    known = list(acts(catalog)) if name == "act" else []
    if known:
        schema = {"type": "string", "enum": known}
    return {"name": name, "in": "path", "required": True, "schema": schema,
            "description": _WHAT.get(name, "A step of the path")}  # fmt: skip


def _query_parameter(catalog: Catalog, route: Route, of: Parameter) -> dict[str, Any]:
    schema = of.schema
    if of is parameters.COLLECTION:
        kinds = [c.id for c in catalog.collections.values() if c.kind is Kind.SERIES]
        schema = {"type": "string", **({"enum": kinds} if kinds else {})}
    if of.name == "f":
        schema = {**schema, "enum": list(dict.fromkeys(name for _, name in route.offers))}
    found: dict[str, Any] = {
        "name": of.name,
        "in": "query",
        "required": of.name in _NEEDED.get(route.name, ()),
        "schema": schema,
        "description": f"{of.text.en} / {of.text.ja}",
    }
    if of.explode is not None:
        found |= {"style": "form", "explode": of.explode}
    if of.example is not None:
        found["example"] = of.example
    return found


_NEEDED = {
    "series": ("collection",),
    "readings": ("collection", "bbox", "datetime"),
    "blob": ("record",),
}


def _header(name: str) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": False, "schema": {"type": "string"},
            "description": f"See RFC 9110, {name}"}  # fmt: skip


def _responses(route: Route) -> dict[str, Any]:
    found: dict[str, Any] = {str(route.success): _success(route)}
    if route.method == "GET" and route.success == 200:
        found["304"] = {"description": "Not modified"}
        found["200"]["headers"] = {"ETag": {"schema": {"type": "string"}}}
    refusals: Iterable[int] = {*route.refusals, 401, 404, 405, 414, 500, 503}
    for status in sorted(refusals):
        if status in {201, 202}:
            found[str(status)] = _success(route)
        elif status < 300:
            found[str(status)] = {"description": HTTPStatus(status).phrase}
        else:
            found[str(status)] = {
                "description": HTTPStatus(status).phrase,
                "content": {
                    "application/problem+json": {"schema": {"$ref": f"{_REF}problem"}},
                    "text/html": {"schema": {"type": "string"}},
                },
            }
    return found


def _success(route: Route) -> dict[str, Any]:
    if not route.gives:
        return {"description": route.text.en}
    content = {media: {"schema": {"$ref": f"{_REF}{name}"}} for media, name in route.gives.items()}
    if any(name == "html" for _, name in route.offers):
        content["text/html"] = {"schema": {"type": "string"}}
    return {"description": route.text.en, "content": content}
