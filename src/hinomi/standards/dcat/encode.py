"""DCAT as JSON-LD: one tree, its context inside, so that a harvester needs nothing else."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import msgspec

from hinomi.standards.dcat.catalogue import (
    Agent,
    BBox,
    Both,
    Catalogue,
    Dataset,
    Distribution,
    Service,
)

CONTEXT: dict[str, Any] = {
    "adms": "http://www.w3.org/ns/adms#",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "geosparql": "http://www.opengis.net/ont/geosparql#",
    "locn": "http://www.w3.org/ns/locn#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
_LANGUAGES = tuple(
    {"@id": f"http://publications.europa.eu/resource/authority/language/{code}"}
    for code in ("JPN", "ENG")
)
_MEDIA = "https://www.iana.org/assignments/media-types/"
_PUBLIC = {"@id": "http://publications.europa.eu/resource/authority/access-right/PUBLIC"}
_CREATIVE_COMMONS = {
    "cc0-1.0": "http://creativecommons.org/publicdomain/zero/1.0/",
    "cc-by-4.0": "http://creativecommons.org/licenses/by/4.0/",
}
"""By the addresses that CKAN's list of licences has, https://licenses.opendefinition.org/."""
_ADDRESS = re.compile(r"https?://[A-Za-z0-9._~:/?#@!$&*+,;=%-]+")


def encode(catalogue: Catalogue) -> bytes:
    """Return the catalogue as a JSON-LD document."""
    return msgspec.json.encode({"@context": CONTEXT, **_catalogue(catalogue)})


def _catalogue(of: Catalogue) -> dict[str, Any]:
    return _filled(
        {
            "@id": of.uri,
            "@type": "dcat:Catalog",
            "dct:title": _texts(of.title),
            "dct:description": _texts(of.description),
            "dct:publisher": _agent(of.publisher, of.uri),
            "dct:language": list(_LANGUAGES),
            "dct:modified": _time(of.modified),
            "foaf:homepage": {"@id": of.homepage},
            "dcat:dataset": [_dataset(d, of) for d in of.datasets],
            "dcat:service": [_service(s) for s in of.services],
        }
    )


def _dataset(of: Dataset, within: Catalogue) -> dict[str, Any]:
    licence = _licence(of.licence)
    publisher = of.publisher or within.publisher
    return _filled(
        {
            "@id": of.uri,
            "@type": "dcat:Dataset",
            "dct:identifier": of.identifier,
            "dct:title": _texts(of.title),
            "dct:description": _texts(of.description if any(of.description) else of.title),
            "dct:publisher": _agent(publisher, of.uri if of.publisher else within.uri),
            "dcat:contactPoint": _contact(publisher),
            "dct:license": licence,
            "dct:accessRights": _PUBLIC,
            "dct:language": list(_LANGUAGES),
            "dcat:keyword": list(of.keywords),
            "dcat:theme": [{"@id": uri} for uri in of.themes],
            "dct:issued": _time(of.issued),
            "dct:modified": _time(of.modified),
            "dct:spatial": None if of.bbox is None else _location(of.bbox),
            "dct:temporal": _period(of.start, of.end),
            "dcat:landingPage": {"@id": of.landing_page} if of.landing_page else None,
            "dcat:distribution": [_distribution(d, licence) for d in of.distributions],
        }
    )


def _distribution(of: Distribution, licence: Any) -> dict[str, Any]:
    media = of.media_type.split(";")[0]
    return _filled(
        {
            "@id": f"{of.url}#distribution",
            "@type": "dcat:Distribution",
            "dct:title": _texts(of.title),
            "dcat:accessURL": {"@id": of.url},
            "dcat:downloadURL": {"@id": of.url} if of.download else None,
            "dcat:mediaType": {"@id": f"{_MEDIA}{media}"} if media else None,
            "dct:format": media or None,
            "dct:license": licence,
            "dcat:accessService": {"@id": of.service} if of.service else None,
        }
    )


def _service(of: Service) -> dict[str, Any]:
    return _filled(
        {
            "@id": of.uri,
            "@type": "dcat:DataService",
            "dct:title": _texts(of.title),
            "dcat:endpointURL": {"@id": of.endpoint},
            "dcat:endpointDescription": {"@id": of.description} if of.description else None,
            "dct:conformsTo": [{"@id": uri} for uri in of.conforms_to],
            "dcat:servesDataset": [{"@id": uri} for uri in of.serves],
        }
    )


def _agent(of: Agent, about: str) -> dict[str, Any]:
    found = {"@id": f"{about}#publisher", "@type": "foaf:Organization", "foaf:name": of.name}
    return {**found, "foaf:mbox": {"@id": f"mailto:{of.email}"}} if of.email else found


def _contact(of: Agent) -> dict[str, Any]:
    found: dict[str, Any] = {"@type": "vcard:Organization", "vcard:fn": of.name}
    return {**found, "vcard:hasEmail": {"@id": f"mailto:{of.email}"}} if of.email else found


def _licence(text: str) -> dict[str, Any] | None:
    """Return the licence as a document: by its own address where it has one, and in words."""
    if not text:
        return None
    known = _CREATIVE_COMMONS.get(text.split(" (")[0].strip().casefold().replace(" ", "-"))
    address = _ADDRESS.search(text)
    named: dict[str, Any] = {"@type": "dct:LicenseDocument", "rdfs:label": text}
    uri = known or (address.group() if address else "")
    return {"@id": uri, **named} if uri else named


def _location(bbox: BBox) -> dict[str, Any]:
    west, south, east, north = bbox
    ring = f"{west} {south}, {east} {south}, {east} {north}, {west} {north}, {west} {south}"
    shape = {
        "type": "Polygon",
        "coordinates": [
            [[west, south], [east, south], [east, north], [west, north], [west, south]]
        ],
    }
    wkt = {"@type": "geosparql:wktLiteral", "@value": f"POLYGON(({ring}))"}
    json = {"@type": "geosparql:geoJSONLiteral", "@value": msgspec.json.encode(shape).decode()}
    return {
        "@type": "dct:Location",
        "dcat:bbox": wkt,
        # CKAN's harvester reads locn:geometry, as GeoDCAT-AP 1 wrote it.
        "locn:geometry": [wkt, json],
        "dcat:centroid": {
            "@type": "geosparql:wktLiteral",
            "@value": f"POINT({(west + east) / 2:.4f} {(south + north) / 2:.4f})",
        },
    }


def _period(start: datetime | None, end: datetime | None) -> dict[str, Any] | None:
    if start is None and end is None:
        return None
    return _filled(
        {
            "@type": "dct:PeriodOfTime",
            "dcat:startDate": _time(start),
            "dcat:endDate": _time(end),
        }
    )


def _texts(text: Both) -> list[dict[str, str]]:
    return [
        {"@language": language, "@value": value}
        for language, value in zip(("ja", "en"), text, strict=True)
        if value
    ]


def _time(value: datetime | None) -> dict[str, str] | None:
    if value is None:
        return None
    text = value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return {"@type": "xsd:dateTime", "@value": text}


def _filled(of: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in of.items() if value not in (None, [], "")}
