"""What the API says of itself: landing page, conformance, collections, queryables, layers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from hinomi.apps.web import crs, pages, parameters, reports, tiles
from hinomi.apps.web.catalogue import dcat, records
from hinomi.apps.web.catalogue.extents import extent_json, extents_of
from hinomi.apps.web.http import (
    GEOJSON,
    HTML,
    JSON,
    OPENAPI,
    SCHEMA,
    Answer,
    Ask,
    encode,
    link,
    segment,
)
from hinomi.apps.web.openapi import describe
from hinomi.kernel.collections import Collection, Kind
from hinomi.kernel.errors import InputError, MissingError, Text
from hinomi.runtime.exchange import sent_layers
from hinomi.runtime.observing import observed
from hinomi.standards.records_api import CONFORMS_TO as CATALOGUE_CLASSES
from hinomi.vocabulary.layers import GROUPS

if TYPE_CHECKING:
    from hinomi.apps.web.app import Web

_FEATURES = "http://www.opengis.net/spec/ogcapi-features-"
_CQL2 = "http://www.opengis.net/spec/cql2/1.0/conf/"
CONFORMS_TO = (
    *(f"{_FEATURES}1/1.0/conf/{c}" for c in ("core", "oas30", "geojson", "html")),
    f"{_FEATURES}2/1.0/conf/crs",
    *(f"{_FEATURES}3/1.0/conf/{c}" for c in ("queryables", "filter", "features-filter")),
    *(f"{_CQL2}{c}" for c in ("cql2-text", "cql2-json", "basic-cql2")),
    f"{_CQL2}advanced-comparison-operators",
    f"{_CQL2}basic-spatial-functions",
    *tiles.CONFORMS_TO,
    *CATALOGUE_CLASSES,
)
TITLE = Text("火の見", "Hinomi")
ABOUT = Text(
    "警報、避難所、河川水位などを一つの履歴と一つのAPIで。過去のどの時点の答えも、出所も確かめられます。",
    "Warnings, shelters, river levels and more: one history, one API. Every answer can be asked"
    " as of any past moment and traced back to its source.",
)


def landing(web: Web, ask: Ask) -> Answer:
    """Answer the landing page."""
    body = {
        "title": ask.say(TITLE),
        "description": ask.say(ABOUT),
        "links": [
            link(f"{ask.base}/", "self", JSON),
            link(f"{ask.base}/?f=html", "alternate", "text/html"),
            link(f"{ask.base}/api", "service-desc", OPENAPI) | {"type": OPENAPI},
            link(f"{ask.base}/api?f=html", "service-doc", "text/html"),
            link(f"{ask.base}/conformance", "conformance", JSON),
            link(f"{ask.base}/collections", "data", JSON),
            link(f"{ask.base}/changes", "changes", JSON),
            link(f"{ask.base}/changes/stream", "changes", "text/event-stream"),
            link(f"{ask.base}/products", "products", JSON),
            link(f"{ask.base}/layers", "layers", JSON),
            link(f"{ask.base}/tileMatrixSets", tiles.REL_SCHEMES, JSON),
            link(f"{ask.base}/collections/{records.ID}", "catalogue", JSON),
            link(f"{ask.base}/catalogue.jsonld", "alternate", dcat.JSONLD, "DCAT"),
            link(f"{ask.base}/stac", "related", JSON, "STAC"),
        ],
    }
    if ask.media == "html":
        page = pages.landing_page(ask, web.catalog, ask.say(ABOUT))
        return Answer(body=page.encode(), media_type=HTML)
    return Answer(body=encode(body))


def conformance(_: Web, ask: Ask) -> Answer:
    """Answer which conformance classes are met."""
    if ask.media == "html":
        return Answer(body=pages.conformance_page(ask, CONFORMS_TO).encode(), media_type=HTML)
    return Answer(body=encode({"conformsTo": CONFORMS_TO}))


def api(web: Web, ask: Ask) -> Answer:
    """Answer the API's own description, or a page of it for people."""
    document = describe(web.catalog, web.router.routes, ask.base)
    if ask.media == "html":
        return Answer(body=pages.api_page(ask, document).encode(), media_type=HTML)
    return Answer(body=encode(document), media_type=OPENAPI)


def collections(web: Web, ask: Ask) -> Answer:
    """Answer all collections."""
    if ask.media == "html":
        counts = _counts(web, ask)
        page = pages.collections_page(ask, web.catalog, web.reader(ask), counts)
        return Answer(body=page.encode(), media_type=HTML)
    body = {
        "links": [
            link(f"{ask.base}/collections", "self", JSON),
            link(f"{ask.base}/collections?f=html", "alternate", "text/html"),
        ],
        "crs": crs.SUPPORTED,
        "collections": [
            _whole(web, ask, c)
            for c in web.catalog.collections.values()
            if c.kind is not Kind.SERIES
        ],
        # Beside them, as its records are no features of the world: many have no place.
        "catalogues": [records.catalogue_json(ask)],
        "series": [
            _whole(web, ask, c) for c in web.catalog.collections.values() if c.kind is Kind.SERIES
        ],
    }
    return Answer(body=encode(body))


def _counts(web: Web, ask: Ask) -> dict[str, int]:
    """Return how many things stand in each collection, as the store keeps it: not counted."""
    visible = web.reader(ask).visible()
    found: dict[str, int] = {}
    for (collection, marking), count in web.service.store.counts().items():
        if marking in visible:
            found[collection] = found.get(collection, 0) + count
    return found


def collection(web: Web, ask: Ask) -> Answer:
    """Answer one collection."""
    found = web.catalog.collection(ask.arguments["collection"])
    if ask.media == "html":
        page = pages.collection_page(ask, found, web.reader(ask))
        return Answer(body=page.encode(), media_type=HTML)
    return Answer(body=encode(_whole(web, ask, found)))


def _whole(web: Web, ask: Ask, of: Collection) -> dict[str, Any]:
    """Return a collection with the extent of what the caller may see of it."""
    extent = extent_json(extents_of(web.service).of(web.reader(ask), of.id))
    return collection_json(ask, of) | ({"extent": extent} if extent else {})


def collection_json(ask: Ask, of: Collection) -> dict[str, Any]:
    """Return a collection as OGC API describes it."""
    here = f"{ask.base}/collections/{segment(of.id)}"
    name = ask.say(of.title)
    links = [
        link(here, "self", JSON),
        link(f"{here}?f=html", "alternate", "text/html"),
        link(f"{here}/schema", "describedby", SCHEMA),
        link(f"{here}/queryables", "http://www.opengis.net/def/rel/ogc/1.0/queryables", SCHEMA),
    ]
    if of.kind is Kind.SERIES:
        # Readings have a lane of their own: a series collection has no items.
        links.append(link(f"{ask.base}/series?collection={segment(of.id)}", "data", JSON, name))
    else:
        links += [
            link(f"{here}/items", "items", GEOJSON, name),
            link(f"{here}/items?f=html", "items", "text/html", name),
            link(f"{here}/items?f=csv", "items", "text/csv", name),
            link(f"{here}/tiles", tiles.REL_TILESETS, JSON),
        ]
    return {
        "id": of.id,
        "title": name,
        "description": ask.say(of.text),
        "itemType": "series" if of.kind is Kind.SERIES else "feature",
        "kind": of.kind.value,
        "verb": of.verb.value,
        "license": of.licence,
        "crs": crs.SUPPORTED,
        "storageCrs": crs.CRS84,
        "links": links,
    }


_JSON_TYPES: dict[str, dict[str, str]] = {
    "time": {"type": "string", "format": "date-time"},
    "string": {"type": "string"},
    "number": {"type": "number"},
    "integer": {"type": "integer"},
    "boolean": {"type": "boolean"},
}


def queryables(web: Web, ask: Ask) -> Answer:
    """Answer what a collection can be filtered by, as JSON Schema."""
    of = web.catalog.collection(ask.arguments["collection"])
    known = parameters.queryables(of)
    if ask.media == "html":
        page = pages.queryables_page(ask, of, known)
        return Answer(body=page.encode(), media_type=HTML)
    properties: dict[str, Any] = {
        "id": {"title": "id", "type": "string", "x-ogc-role": "id"},
        "geometry": {"title": "geometry", "format": "geometry-any",
                     "x-ogc-role": "primary-geometry"},
        **{name: {"title": name, **_JSON_TYPES[kind]} for name, kind in known.items()},
    }  # fmt: skip
    body = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{ask.base}/collections/{segment(of.id)}/queryables",
        "type": "object",
        "title": ask.say(of.title),
        "properties": properties,
        "additionalProperties": False,
    }
    return Answer(body=encode(body), media_type=SCHEMA)


def schema(web: Web, ask: Ask) -> Answer:
    """Answer the JSON Schema of a collection's bodies."""
    of = web.catalog.collection(ask.arguments["collection"])
    body = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{ask.base}/collections/{segment(of.id)}/schema",
        **of.json_schema(),
    }
    return Answer(body=encode(body), media_type=SCHEMA)


def layers(web: Web, ask: Ask) -> Answer:
    """Answer the legend's headings, and the layers: the domains' own, then those senders drew."""
    found = [layer for domain in web.catalog.domains for layer in domain.layers]
    found += sent_layers(web.reader(ask))
    return Answer(
        body=encode({"groups": msgspec.to_builtins(GROUPS), "layers": msgspec.to_builtins(found)})
    )


def products(web: Web, ask: Ask) -> Answer:
    """Answer which products can be had."""
    body = {
        "products": [
            {
                "id": p.id,
                "title": ask.say(p.title),
                "needs": p.needs,
                "links": [link(f"{ask.base}/products/{segment(p.id)}", "item", p.media_type)],
            }
            for p in web.catalog.products.values()
        ]
    }
    return Answer(body=encode(body))


def product(web: Web, ask: Ask) -> Answer:
    """Answer one product, rendered from what the caller may see."""
    name = ask.arguments["product"]
    if name not in web.catalog.products:
        raise MissingError(Text("プロダクト", "product"), name, web.catalog.products)
    report = reports.report_of(name)
    if report is not None and report[0] in reports.DEFAULTS:
        return reports.made(web, ask, *report)
    if "area" in ask.query:
        raise InputError(f"{name} takes no area.", f"プロダクト「{name}」に地域は指定できません。")
    found = web.catalog.products[name]
    with observed("product", found.id, hop=7):
        body = b"".join(found.render(web.reader(ask), ask.language))
    return Answer(body=body, media_type=found.media_type)
