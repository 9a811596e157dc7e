"""Coverages over HTTP: map tiles as pictures, and one place over time (EDR position).

References:
    OGC 20-057, OGC API – Tiles – Part 1 (map tilesets); OGC 19-086r6, OGC API – EDR 1.1,
    position query; OGC 21-069r2, CoverageJSON 1.0.
"""

from __future__ import annotations

import io
import re
from datetime import datetime
from typing import TYPE_CHECKING, Any

from hinomi.apps.web import crs as systems
from hinomi.apps.web import parameters as p
from hinomi.apps.web.http import JSON, Answer, Ask, encode
from hinomi.apps.web.parameters import Parameter
from hinomi.apps.web.routes import Route
from hinomi.apps.web.tiles import HALF_M, address_asked
from hinomi.kernel.collections import Kind
from hinomi.kernel.errors import MissingError, Text
from hinomi.standards.cql2 import parse_text
from hinomi.vocabulary.layers import UNKNOWN, Layer

if TYPE_CHECKING:
    from hinomi.apps.web.app import Web
    from hinomi.kernel.filters import Filter
    from hinomi.runtime.coverages import Point

PNG = "image/png"
COVERAGE_JSON = "application/prs.coverage+json"
_POINT = re.compile(
    r"POINT\s*\(\s*(-?\d{1,3}(?:\.\d{1,15})?)\s+(-?\d{1,2}(?:\.\d{1,15})?)\s*\)\Z", re.ASCII | re.I
)
COORDS = Parameter(
    "coords", Text("場所(WKTの点)", "the place, a point as WKT: longitude latitude"),
    {"type": "string"}, example="POINT(135.19 34.69)",
)  # fmt: skip


def picture(web: Web, ask: Ask) -> Answer:
    """Answer one tile of a coverage at one moment, in its layer's colours."""
    layer = _layer(web, ask.arguments["collection"], ask.query.get("layer", ""))
    address = address_asked(ask)
    reader = web.reader(ask)
    etag = web.stamp(ask, reader, layer.collection)

    def make() -> Answer:
        classes = sorted(
            (c for c in layer.classes if c.at_least is not None), key=lambda c: c.at_least or 0.0
        )
        unknown = [c.colour for c in layer.classes if c.value == UNKNOWN]
        side = 2 * HALF_M * address.size
        west, north = 2 * HALF_M * address.west - HALF_M, HALF_M - 2 * HALF_M * address.north
        found = web.coverages.picture(
            reader, layer.collection, _moment(web, ask),
            (west, north - side, west + side, north), tuple(c.at_least or 0.0 for c in classes),
            _part(layer),
        )  # fmt: skip
        return Answer(body=png(found, [*(c.colour for c in classes), *unknown]), media_type=PNG)

    return web.again(ask, etag, make)


def png(classes: Any, colours: list[str]) -> bytes:
    """Return a picture with a palette: class n has colour n - 1, without one it is clear."""
    from PIL import Image  # noqa: PLC0415 - only where there are grids

    classes[classes > len(colours)] = 0
    image = Image.fromarray(classes, mode="P")
    channels = [0, 0, 0]
    for colour in colours:
        channels += bytes.fromhex(colour.removeprefix("#"))
    image.putpalette(channels)
    out = io.BytesIO()
    image.save(out, "PNG", transparency=0)
    return out.getvalue()


def position(web: Web, ask: Ask) -> Answer:
    """Answer a coverage's values at one place, as CoverageJSON."""
    collection = coverages_of(web, ask.arguments["collection"])
    part = part_asked(web, ask, collection)
    crs84(ask)
    longitude, latitude = point_asked(ask)
    now = web.service.now()
    span = p.span(ask.query.get("datetime", "now"), now)
    names = frozenset(p.names(ask, "parameter-name") or ())
    reader = web.reader(ask)
    found = web.coverages.point(reader, collection, span, (longitude, latitude), part, names)
    body = {
        "type": "CoverageCollection",
        "domainType": "PointSeries",
        "referencing": REFERENCING,
        "parameters": {f.parameter: parameter(f.parameter, f.unit) for f in found},
        "coverages": [_coverage(f, longitude, latitude) for f in found],
    }
    return Answer(body=encode(body), media_type=COVERAGE_JSON)


REFERENCING = [
    {"coordinates": ["x", "y"],
     "system": {"type": "GeographicCRS", "id": "http://www.opengis.net/def/crs/OGC/1.3/CRS84"}},
    {"coordinates": ["t"], "system": {"type": "TemporalRS", "calendar": "Gregorian"}},
]  # fmt: skip


def parameter(name: str, unit: str) -> dict[str, Any]:
    """Return what CoverageJSON says of a parameter."""
    return {
        "type": "Parameter",
        "observedProperty": {"label": {"en": name}},
        "unit": {"symbol": unit},
    }


def _coverage(found: Point, longitude: float, latitude: float) -> dict[str, Any]:
    times = [time_text(t) for t in found.times]
    return {
        "type": "Coverage",
        "hinomi:record": found.record,
        "domain": {
            "type": "Domain",
            "axes": {
                "x": {"values": [longitude]},
                "y": {"values": [latitude]},
                "t": {"values": times},
            },
        },
        "ranges": {
            found.parameter: {
                "type": "NdArray",
                "dataType": "float",
                "axisNames": ["t"],
                "shape": [len(times)],
                "values": list(found.values),
            }
        },
    }


def time_text(at: datetime) -> str:
    """Return a moment as CoverageJSON has it."""
    return at.isoformat().replace("+00:00", "Z")


def coverages_of(web: Web, name: str) -> str:
    """Return the collection's id if it is one of coverages."""
    if web.catalog.collection(name).kind is not Kind.COVERAGES:
        known = [c.id for c in web.catalog.collections.values() if c.kind is Kind.COVERAGES]
        raise MissingError(Text("格子のコレクション", "collection of coverages"), name, known)
    return name


def part_asked(web: Web, ask: Ask, collection: str) -> Filter | None:
    """Return which of a collection's grids are asked for: those of a layer, or all."""
    wanted = ask.query.get("layer", "")
    return _part(_layer(web, collection, wanted)) if wanted else None


def crs84(ask: Ask) -> None:
    """Raise InputError where another system than the grids' own is wanted."""
    text = ask.query.get("crs", systems.CRS84)
    if systems.check_crs(text, "crs") != systems.CRS84:
        raise p.bad("crs", text, "CRS84: longitude, latitude", "CRS84(経度、緯度)だけです。")


def point_asked(ask: Ask) -> tuple[float, float]:
    """Return the longitude and latitude in ``coords``."""
    text = ask.query.get("coords", "")
    match = _POINT.match(text.strip())
    if match is None:
        raise p.bad("coords", text, "POINT(longitude latitude)", "POINT(経度 緯度)")
    longitude, latitude = float(match[1]), float(match[2])
    if abs(longitude) > 180 or abs(latitude) > 90:
        raise p.bad("coords", text, "longitude ±180, latitude ±90", "経度±180、緯度±90")
    return longitude, latitude


def _layer(web: Web, name: str, wanted: str) -> Layer:
    """Return the layer that says which of a collection's grids are drawn, and in which colours.

    Without a name it is the collection's first.
    """
    coverages_of(web, name)
    found = {
        layer.id: layer
        for domain in web.catalog.domains
        for layer in domain.layers
        if isinstance(layer, Layer) and layer.collection == name and layer.shape == "grid"
    }
    if not found or (wanted and wanted not in found):
        raise MissingError(Text("地図レイヤー", "map layer"), wanted or name, list(found))
    return found[wanted] if wanted else next(iter(found.values()))


def _part(layer: Layer) -> Filter | None:
    """Return which of its collection's grids a layer draws."""
    return parse_text(layer.filter) if layer.filter else None


def _moment(web: Web, ask: Ask) -> datetime:
    text = ask.query.get("datetime", "now")
    return web.service.now() if text == "now" else p.instant("datetime", text)


_AT = Parameter(
    "datetime", Text("この時刻の図。nowは現在", "the moment to draw (RFC 3339; now)"),
    {"type": "string"}, example="2026-05-01T00:00:00Z",
)  # fmt: skip
_LAYER = Parameter(
    "layer", Text("地図レイヤーのid(省略時は最初)", "one of the collection's layers; its first"),
    {"type": "string"}, example="rain",
)  # fmt: skip
ONLY = Parameter(
    "layer", Text("この地図レイヤーの格子だけ(省略時は全て)", "only this layer's grids; all"),
    {"type": "string"}, example="rain",
)  # fmt: skip
NAMES = Parameter(
    "parameter-name", Text("値の名前(カンマ区切り)", "names of parameters; all"),
    {"type": "string"}, example="rain_mm_per_h",
)  # fmt: skip
CRS = Parameter(
    "crs", Text("座標系。経度・緯度だけ", "CRS84 (longitude latitude) alone"),
    {"type": "string"}, example="CRS84",
)  # fmt: skip
_HERE = "/collections/{collection}"

ROUTES = (
    Route(
        path=f"{_HERE}/map/tiles/{{tileMatrixSet}}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}",
        name="map-tile", text=Text("格子の地図タイル", "A tile of a coverage as a picture"),
        answer=picture, heavy=True, parameters=(p.STATUS, p.AS_OF, _AT, _LAYER),
        offers=((PNG, "png"),), gives={PNG: "binary"}, refusals=(400, 404, 503),
        tags=("coverages",),
    ),
    Route(
        path=f"{_HERE}/position", name="position",
        text=Text("ある場所の値(EDR)", "A coverage's values at one place (EDR)"),
        answer=position, heavy=True,
        parameters=(COORDS, p.DATETIME, ONLY, NAMES, CRS, p.STATUS, p.AS_OF, p.LANG, p.F),
        offers=((COVERAGE_JSON, "json"), (COVERAGE_JSON, "CoverageJSON"), (JSON, "json")),
        gives={COVERAGE_JSON: "object"}, refusals=(400, 404, 503), tags=("coverages",),
    ),
)  # fmt: skip
