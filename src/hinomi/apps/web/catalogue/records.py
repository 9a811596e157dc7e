"""OGC API – Records 1.0: ``/collections/catalogue``, one search over all that is to be had."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from hinomi.apps.web import parameters as p
from hinomi.apps.web.catalogue import pages
from hinomi.apps.web.catalogue.entries import BASE, Entry, listing_of
from hinomi.apps.web.http import GEOJSON, HTML, JSON, Answer, Ask, encode, link
from hinomi.apps.web.parameters import Parameter, Span
from hinomi.kernel.errors import MissingError, Text
from hinomi.kernel.geometry import BBox
from hinomi.kernel.records import Interval
from hinomi.standards.records_api import CONFORMS_TO, Record, encode_record
from hinomi.standards.records_api.record import Language

if TYPE_CHECKING:
    from hinomi.apps.web.app import Web

ID = "catalogue"
TITLE = Text("カタログ", "Catalogue")
ABOUT = Text(
    "ここで得られるすべて: コレクション、受信パッケージ、写真・文書、モデルの結果、プロダクト。",
    "All that is to be had here: collections, packages received, photos and documents, models"
    " with results, products.",
)
Q = Parameter(
    "q",
    Text(
        "探す言葉。空白は「すべて」、カンマは「いずれか」",
        "words to find, Japanese or English; a comma between terms of which any will do",
    ),
    {"type": "array", "items": {"type": "string"}},
    explode=False,
    example=["避難所"],
)
TYPE = Parameter(
    "type",
    Text("種類(カンマ区切り)", "dataset, package, document, coverage, model, product"),
    {"type": "array", "items": {"type": "string"}},
    explode=False,
)
IDS = Parameter(
    "ids", Text("id(カンマ区切り)", "only these records"),
    {"type": "array", "items": {"type": "string"}}, explode=False,
)  # fmt: skip
EXTERNAL_IDS = Parameter(
    "externalIds",
    Text("外部の識別子(カンマ区切り)", "identifiers elsewhere: value, or scheme:value"),
    {"type": "array", "items": {"type": "string"}},
    explode=False,
)
SEARCH = (Q, TYPE, IDS, EXTERNAL_IDS, p.BBOX, p.BBOX_CRS, p.DATETIME, p.LIMIT, p.TOKEN)


def catalogue_json(ask: Ask) -> dict[str, Any]:
    """Return the catalogue as a collection of records."""
    here = f"{ask.base}/collections/{ID}"
    return {
        "id": ID,
        "type": "Collection",
        "title": ask.say(TITLE),
        "description": ask.say(ABOUT),
        "itemType": "record",
        "conformsTo": list(CONFORMS_TO),
        "languages": [{"code": "ja"}, {"code": "en"}],
        "license": "CC0-1.0",
        "links": [
            link(here, "self", JSON),
            link(f"{here}?f=html", "alternate", "text/html"),
            link(f"{here}/items", "items", GEOJSON, ask.say(TITLE)),
            link(f"{here}/items?f=html", "items", "text/html", ask.say(TITLE)),
            link(f"{ask.base}/catalogue.jsonld", "alternate", "application/ld+json", "DCAT"),
            link(f"{ask.base}/stac", "related", JSON, "STAC"),
        ],
    }


def catalogue(_: Web, ask: Ask) -> Answer:
    """Answer what the catalogue is."""
    if ask.media == "html":
        return Answer(body=pages.catalogue_page(ask, TITLE, ABOUT).encode(), media_type=HTML)
    return Answer(body=encode(catalogue_json(ask)))


def records(web: Web, ask: Ask) -> Answer:
    """Answer one page of the records that a search finds."""
    reader = web.reader(ask)
    limit, start = p.limit_of(ask, 20), p.whole(ask, "token", 0, 0, 2**31)
    tests = _tests(web, ask)

    def make() -> Answer:
        listing = listing_of(web.service, reader)
        entries: Sequence[Entry] = (
            listing.search(ask.query["q"]) if ask.query.get("q") else listing.entries
        )
        found = [e.record for e in entries if all(test(e.record) for test in tests)]
        page = found[start : start + limit]
        following = str(start + limit) if start + limit < len(found) else None
        if ask.media == "html":
            html = pages.records_page(ask, reader, page, len(found), following)
            return Answer(body=html.encode(), media_type=HTML)
        return Answer(body=_page(ask, page, len(found), following), media_type=GEOJSON)

    return web.again(ask, web.stamp(ask, reader), make)


def _page(ask: Ask, page: list[Record], matched: int, following: str | None) -> bytes:
    links = [
        link(ask.here, "self", GEOJSON),
        link(ask.with_query(f="html"), "alternate", "text/html"),
        link(f"{ask.base}/collections/{ID}", "collection", JSON),
    ]
    if following is not None:
        links.append(link(ask.with_query(token=following), "next", GEOJSON))
    features = [encode_record(record, _language(ask)) for record in page]
    for feature in features:
        feature["links"].insert(0, link(_address(feature["id"]), "self", GEOJSON))
    body = encode(
        {
            "type": "FeatureCollection",
            "features": features,
            "numberMatched": matched,
            "numberReturned": len(page),
            "links": links,
        }
    )
    return based(body, ask)


def _address(record_id: str) -> str:
    return f"{BASE}/collections/{ID}/items/{record_id.replace('/', '%2F')}"


def based(body: bytes, ask: Ask) -> bytes:
    """Return a document with the caller's base at the head of its addresses."""
    return body.replace(f'"{BASE}/'.encode(), encode(f"{ask.base}/")[:-1])


def _language(ask: Ask) -> Language:
    return "ja" if ask.language == "ja" else "en"


def record(web: Web, ask: Ask) -> Answer:
    """Answer one record."""
    reader = web.reader(ask)
    name = ask.arguments["key"]

    def make() -> Answer:
        listing = listing_of(web.service, reader)
        found = next((e.record for e in listing.entries if e.record.id == name), None)
        if found is None:
            near = (e.record.id for e in listing.entries if e.record.type != "document")
            raise MissingError(Text("カタログの項目", "record of the catalogue"), name, near)
        if ask.media == "html":
            page = pages.record_page(ask, reader, found)
            return Answer(body=page.encode(), media_type=HTML)
        feature = encode_record(found, _language(ask))
        feature["links"] += [
            link(_address(name), "self", GEOJSON),
            link(f"{BASE}/collections/{ID}", "collection", JSON),
        ]
        return Answer(body=based(encode(feature), ask), media_type=GEOJSON)

    return web.again(ask, web.stamp(ask, reader), make)


def _tests(web: Web, ask: Ask) -> list[Callable[[Record], bool]]:
    """Return what a record must pass, but for ``q``."""
    found: list[Callable[[Record], bool]] = []
    types, ids, external = (p.names(ask, n) for n in ("type", "ids", "externalIds"))
    if types is not None:
        found.append(lambda r: r.type in types)
    if ids is not None:
        found.append(lambda r: r.id in ids)
    if external is not None:
        found.append(
            lambda r: any(v in external or f"{s}:{v}" in external for s, v in r.external_ids)
        )
    box = p.bbox_of(ask)
    if box is not None:
        found.append(lambda r: r.bbox is not None and meet(r.bbox, box))
    if "datetime" in ask.query:
        span = p.span(ask.query["datetime"], web.service.now())
        found.append(lambda r: _meets(r, span))
    return found


def _meets(record: Record, span: Span) -> bool:
    return record.timed and Interval(record.start, record.end).overlaps(*span)


def meet(one: BBox, other: BBox) -> bool:
    """Tell whether two boxes touch; the second may cross the antimeridian."""
    west, south, east, north = other
    if one[3] < south or one[1] > north:
        return False
    if west > east:
        return one[2] >= west or one[0] <= east
    return one[2] >= west and one[0] <= east
