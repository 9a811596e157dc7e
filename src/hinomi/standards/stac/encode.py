"""STAC objects as JSON."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import msgspec

from hinomi.standards.stac.item import Collection, Item, Link

VERSION = "1.0.0"
_API = "https://api.stacspec.org/v1.0.0/"
CONFORMS_TO = (
    *(f"{_API}{c}" for c in ("core", "collections", "ogcapi-features", "item-search")),
    *(f"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/{c}" for c in
      ("core", "oas30", "geojson")),
)  # fmt: skip
_SPDX = re.compile(r"[A-Za-z0-9.+-]*[0-9][A-Za-z0-9.+-]*\Z")
_WORLD = (-180.0, -90.0, 180.0, 90.0)


def encode_item(item: Item) -> dict[str, Any]:
    """Return the item as a GeoJSON Feature."""
    times = {"datetime": _time(item.at)}
    if item.start is not None and item.end is not None:
        times |= {"start_datetime": _time(item.start), "end_datetime": _time(item.end)}
    found: dict[str, Any] = {
        "type": "Feature",
        "stac_version": VERSION,
        "stac_extensions": [],
        "id": item.id,
        "collection": item.collection,
        "geometry": item.geometry,
        "properties": {**item.properties, **times},
        "assets": msgspec.to_builtins(item.assets),
        "links": _links(item.links),
    }
    # An item without a place has no bbox (item-spec 1.0.0: prohibited if geometry is null).
    return found if item.bbox is None else {**found, "bbox": list(item.bbox)}


def encode_collection(of: Collection) -> dict[str, Any]:
    """Return the collection; where nothing of it is known, its extent is the world, always."""
    return {
        "type": "Collection",
        "stac_version": VERSION,
        "stac_extensions": [],
        "id": of.id,
        "title": of.title,
        "description": of.description,
        "keywords": list(of.keywords),
        # Terms that are no SPDX id are told in words beside it (collection-spec 1.0.0).
        "license": of.licence if _SPDX.match(of.licence) else "proprietary",
        "hinomi:terms": of.licence,
        "providers": [{"name": of.provider, "roles": ["host"]}],
        "extent": {
            "spatial": {"bbox": [list(of.bbox or _WORLD)]},
            "temporal": {"interval": [[_time(of.start), _time(of.end)]]},
        },
        "links": _links(of.links),
    }


def encode_catalog(
    name: str, title: str, description: str, links: tuple[Link, ...]
) -> dict[str, Any]:
    """Return the landing page of the API."""
    return {
        "type": "Catalog",
        "stac_version": VERSION,
        "id": name,
        "title": title,
        "description": description,
        "conformsTo": list(CONFORMS_TO),
        "links": _links(links),
    }


def _links(links: tuple[Link, ...]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = msgspec.to_builtins(links)
    return list(found)


def _time(value: datetime | None) -> str | None:
    return None if value is None else value.astimezone(UTC).isoformat().replace("+00:00", "Z")
