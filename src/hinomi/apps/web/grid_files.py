"""A coverage as a file for GIS: a Cloud Optimized GeoTIFF of one moment.

References:
    OGC 19-087, OGC API – Coverages – Part 1 (the address ``coverage``); OGC 21-026, COG 1.0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hinomi.apps.web import parameters as p
from hinomi.apps.web.http import Answer, Ask
from hinomi.apps.web.parameters import Parameter
from hinomi.apps.web.routes import Route
from hinomi.kernel.collections import Kind
from hinomi.kernel.errors import MissingError, Text

if TYPE_CHECKING:
    from hinomi.apps.web.app import Web

GEOTIFF = "image/tiff"


def coverage(web: Web, ask: Ask) -> Answer:
    """Answer the grid that holds at a moment, or that of a key, as a GeoTIFF in degrees."""
    name = ask.arguments["collection"]
    if web.catalog.collection(name).kind is not Kind.COVERAGES:
        known = [c.id for c in web.catalog.collections.values() if c.kind is Kind.COVERAGES]
        raise MissingError(Text("格子のコレクション", "collection of coverages"), name, known)
    from hinomi.runtime.coverages import newest  # noqa: PLC0415 - heavy

    reader = web.reader(ask)
    text = ask.query.get("datetime", "now")
    at = web.service.now() if text == "now" else p.instant("datetime", text)
    key = ask.query.get("key")
    found = [reader.get(name, key)] if key else newest(reader, name, at)
    if not found:
        raise MissingError(Text("この時刻の格子", "grid at this moment"), f"{name} {text}")
    item = found[0]
    etag = web.stamp(ask, reader, name)

    def make() -> Answer:
        from hinomi.science.coverages import unpack  # noqa: PLC0415 - heavy
        from hinomi.standards import geotiff  # noqa: PLC0415

        body = item.body()
        grid = unpack(reader.blob(item, str(body["grid_digest"])), str(body["parameter"]))
        moment = min(range(len(grid.times)), key=lambda i: abs(grid.times[i] - at))
        title = f"{name} {item.key} {grid.times[moment].isoformat()} {grid.parameter} [{grid.unit}]"
        data = geotiff.encode(
            grid.values[moment], grid.bounds,
            title=f"{title} {item.marking.status.value} {body.get('limits_en', '')}",
        )  # fmt: skip
        return Answer(body=data, media_type=GEOTIFF)

    return web.again(ask, etag, make)


_AT = Parameter(
    "datetime", Text("この時刻の格子。nowは現在", "the grid of this moment (RFC 3339; now)"),
    {"type": "string"}, example="2026-05-01T00:00:00Z",
)  # fmt: skip
_KEY = Parameter(
    "key", Text("この格子(省くとその時刻の最新)", "this grid; without it the newest of the moment"),
    {"type": "string"}, example="gsi/8-229-94/20260501T000000Z",
)  # fmt: skip

ROUTES = (
    Route(
        path="/collections/{collection}/coverage", name="coverage",
        text=Text("格子をGeoTIFF(COG)で", "A coverage's grid as GeoTIFF (COG)"), answer=coverage,
        heavy=True, parameters=(_AT, _KEY, p.STATUS, p.AS_OF), offers=((GEOTIFF, "tif"),),
        gives={GEOTIFF: "binary"}, refusals=(400, 404, 503), tags=("coverages",),
    ),
)  # fmt: skip
