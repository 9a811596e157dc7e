"""OGC API – Tiles: vector tiles of every collection of features, their tile sets, TileJSON.

References:
    OGC 20-057, OGC API – Tiles – Part 1: Core 1.0; OGC 17-083r4, Tile Matrix Set 2.0;
    TileJSON 3.0.0, https://github.com/mapbox/tilejson-spec.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from hinomi.apps.web import crs, parameters
from hinomi.apps.web.deliver import etag_matches
from hinomi.apps.web.http import JSON, Answer, Ask, encode, link, segment
from hinomi.kernel.catalog import Catalog
from hinomi.kernel.errors import MissingError, Text
from hinomi.kernel.filters import Filter
from hinomi.runtime.tiles.grid import MAX_LATITUDE, Address
from hinomi.runtime.tiles.subject import Subject, subject_of

if TYPE_CHECKING:
    from hinomi.apps.web.app import Web
    from hinomi.runtime.tiles.serving import Span, Tile

MVT = "application/vnd.mapbox-vector-tile"
QUAD = "WebMercatorQuad"
_TILES = "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/"
CONFORMS_TO = (
    *(f"{_TILES}{c}" for c in ("core", "tileset", "tilesets-list", "geodata-tilesets")),
    *(f"{_TILES}{c}" for c in ("mvt", "oas30")),
    "http://www.opengis.net/spec/tms/2.0/conf/tilematrixset",
    "http://www.opengis.net/spec/tms/2.0/conf/json-tilematrixset",
)
_URI = f"http://www.opengis.net/def/tilematrixset/OGC/1.0/{QUAD}"
_EPSG3857 = "http://www.opengis.net/def/crs/EPSG/0/3857"
_DENOMINATOR = 559082264.028717
"""Scale denominator of zoom 0, OGC 17-083r4 annex D.1: 256 pixels of 0.28 mm to a tile."""
_CELL_M = 156543.033928041
"""[m] a pixel of zoom 0 at the equator, from the same table."""
HALF_M = 20037508.3427892
"""[m] from the middle of the square to its edge, from the same table."""
DEEPEST = 22
"""The last tile matrix that is served."""
DEEPEST_TOLD = 16
"""The last zoom that TileJSON names: beyond it clients enlarge what they have."""
_REL = "http://www.opengis.net/def/rel/ogc/1.0/"
REL_TILESETS = f"{_REL}tilesets-vector"
REL_SCHEMES = f"{_REL}tiling-schemes"
_WHOLE = re.compile(r"[0-9]{1,9}\Z", re.ASCII)
_PASSED_ON = ("status", "as-of", "datetime", "filter", "filter-lang", "filter-crs")
"""Parameters of a tile set that its tiles' addresses carry on."""


def kept_tile(web: Web, ask: Ask) -> Answer | None:
    """Answer at once what needs no making: a tile that is kept and still holds."""
    subject, address, span = _asked(web, ask)
    found = web.tiles.kept(web.reader(ask), subject, address, span, web.service.now())
    return None if found is None else _answer(ask, found)


def tile(web: Web, ask: Ask) -> Answer:
    """Answer one tile."""
    subject, address, span = _asked(web, ask)
    return _answer(ask, web.tiles.tile(web.reader(ask), subject, address, span, web.service.now()))


def _answer(ask: Ask, found: Tile) -> Answer:
    if etag_matches(ask.headers.get(b"if-none-match"), found.etag):
        return Answer(status=304, etag=found.etag)
    return Answer(body=found.body, media_type=MVT, etag=found.etag)


def _asked(web: Web, ask: Ask) -> tuple[Subject, Address, Span]:
    return subject_asked(web.catalog, ask), address_asked(ask), _span(web, ask)


def address_asked(ask: Ask) -> Address:
    """Return which tile is asked for, or raise MissingError where the tiling has none such."""
    given = ask.arguments
    _check_scheme(given["tileMatrixSet"])
    numbers = [given[name] for name in ("tileMatrix", "tileRow", "tileCol")]
    fits = all(_WHOLE.match(number) for number in numbers)
    address = Address(*map(int, numbers)) if fits else Address(-1, 0, 0)
    if not address.exists() or address.zoom > DEEPEST:
        raise MissingError(Text("タイル", "tile"), "/".join(numbers))
    return address


def _check_scheme(name: str) -> None:
    if name != QUAD:
        raise MissingError(Text("タイル体系", "tile matrix set"), name, (QUAD,))


def subject_asked(catalog: Catalog, ask: Ask) -> Subject:
    """Return what is to be in the tiles: the collection, and the filter as the layers write it."""
    collection = ask.arguments["collection"]
    catalog.collection(collection)
    chosen: Filter | None = None
    text = ""
    if "filter" in ask.query or "filter-lang" in ask.query or "filter-crs" in ask.query:
        chosen = parameters.filter_of(ask, catalog, collection)
        other = [ask.query[n] for n in ("filter-lang", "filter-crs") if n in ask.query]
        text = "\n".join([ask.query.get("filter", ""), *other])
    return subject_of(catalog, collection, chosen, text)


def _span(web: Web, ask: Ask) -> Span:
    # Imported here: with it comes what makes tiles.
    from hinomi.runtime.tiles.serving import Span  # noqa: PLC0415

    text = ask.query.get("datetime", "")
    if "datetime" not in ask.query:
        return Span()
    start, end = parameters.span(text, web.service.now())
    return Span(text, start, end, "now" in text.split("/"))


def tilesets(web: Web, ask: Ask) -> Answer:
    """Answer which tile sets a collection has: one."""
    subject = subject_asked(web.catalog, ask)
    here = f"{ask.base}/collections/{segment(subject.collection)}/tiles"
    body = {
        "links": [link(here, "self", JSON)],
        "tilesets": [_head(web, ask, subject) | {"links": _links(ask, subject)}],
    }
    return Answer(body=encode(body))


def tileset(web: Web, ask: Ask) -> Answer:
    """Answer a tile set's metadata, or its TileJSON."""
    _check_scheme(ask.arguments["tileMatrixSet"])
    subject = subject_asked(web.catalog, ask)
    if ask.media == "tilejson":
        return Answer(body=encode(_tilejson(web, ask, subject)))
    head = _head(web, ask, subject)
    body = head | {
        "boundingBox": {
            "lowerLeft": [-180, -MAX_LATITUDE],
            "upperRight": [180, MAX_LATITUDE],
            "crs": crs.CRS84,
        },
        "layers": [
            {
                "id": subject.collection,
                "title": head["title"],
                "dataType": "vector",
                "propertiesSchema": {"type": "object", "properties": _properties(web, subject)},
            }
        ],
        "links": _links(ask, subject),
    }
    return Answer(body=encode(body))


def _head(web: Web, ask: Ask, subject: Subject) -> dict[str, Any]:
    of = web.catalog.collection(subject.collection)
    return {
        "title": ask.say(of.title),
        "description": ask.say(of.text),
        "dataType": "vector",
        "crs": _EPSG3857,
        "tileMatrixSetURI": _URI,
        "license": of.licence,
    }


def _template(ask: Ask, subject: Subject, matrix: str) -> str:
    """Return the tiles' address with its placeholders, and the tile set's own parameters."""
    place = f"{ask.base}/collections/{segment(subject.collection)}/tiles/{QUAD}/{matrix}"
    kept = [p for p in ask.safe_query.split("&") if p.partition("=")[0] in _PASSED_ON]
    return f"{place}{'?' if kept else ''}{'&'.join(kept)}"


def _links(ask: Ask, subject: Subject) -> list[dict[str, Any]]:
    here = f"{ask.base}/collections/{segment(subject.collection)}"
    tiles = _template(ask, subject, "{tileMatrix}/{tileRow}/{tileCol}")
    return [
        link(f"{here}/tiles/{QUAD}", "self", JSON),
        link(f"{here}/tiles/{QUAD}?f=tilejson", "describedby", JSON, "TileJSON"),
        link(here, f"{_REL}geodata", JSON),
        link(f"{ask.base}/tileMatrixSets/{QUAD}", f"{_REL}tiling-scheme", JSON),
        {**link(tiles, "item", MVT), "templated": True},
    ]


def _properties(web: Web, subject: Subject) -> dict[str, Any]:
    kinds = parameters.queryables(web.catalog.collection(subject.collection))
    simple = {"number": "number", "integer": "integer", "boolean": "boolean"}
    found = {name: {"type": simple.get(kinds.get(name, ""), "string")} for name in
             ("id", *subject.attributes)}  # fmt: skip
    return {**found, "point_count": {"type": "integer"}}


def _tilejson(web: Web, ask: Ask, subject: Subject) -> dict[str, Any]:
    of = web.catalog.collection(subject.collection)
    words = {"number": "Number", "integer": "Number", "boolean": "Boolean"}
    fields = _properties(web, subject)
    return {
        "tilejson": "3.0.0",
        "name": ask.say(of.title),
        "description": ask.say(of.text),
        "attribution": of.licence,
        "scheme": "xyz",
        "tiles": [_template(ask, subject, "{z}/{y}/{x}")],
        "minzoom": 0,
        "maxzoom": DEEPEST_TOLD,
        "bounds": [-180, -MAX_LATITUDE, 180, MAX_LATITUDE],
        "vector_layers": [
            {
                "id": subject.collection,
                "fields": {n: words.get(f["type"], "String") for n, f in fields.items()},
                "minzoom": 0,
                "maxzoom": DEEPEST_TOLD,
            }
        ],
    }


def schemes(_: Web, ask: Ask) -> Answer:
    """Answer the tile matrix sets that are served: one."""
    here = f"{ask.base}/tileMatrixSets"
    one = {
        "id": QUAD,
        "title": "Google Maps Compatible for the World",
        "uri": _URI,
        "crs": _EPSG3857,
        "links": [link(f"{here}/{QUAD}", f"{_REL}tiling-scheme", JSON)],
    }
    return Answer(body=encode({"links": [link(here, "self", JSON)], "tileMatrixSets": [one]}))


def scheme(_: Web, ask: Ask) -> Answer:
    """Answer WebMercatorQuad with all its matrices."""
    _check_scheme(ask.arguments["tileMatrixSet"])
    body = {
        "id": QUAD,
        "title": "Google Maps Compatible for the World",
        "uri": _URI,
        "crs": _EPSG3857,
        "orderedAxes": ["X", "Y"],
        "wellKnownScaleSet": "http://www.opengis.net/def/wkss/OGC/1.0/GoogleMapsCompatible",
        "tileMatrices": [
            {
                "id": str(zoom),
                "scaleDenominator": _DENOMINATOR / 2**zoom,
                "cellSize": _CELL_M / 2**zoom,
                "cornerOfOrigin": "topLeft",
                "pointOfOrigin": [-HALF_M, HALF_M],
                "tileWidth": 256,
                "tileHeight": 256,
                "matrixWidth": 2**zoom,
                "matrixHeight": 2**zoom,
            }
            for zoom in range(DEEPEST + 1)
        ],
        "links": [link(f"{ask.base}/tileMatrixSets/{QUAD}", "self", JSON)],
    }
    return Answer(body=encode(body))
