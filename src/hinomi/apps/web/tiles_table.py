"""The operations of the tiles, a part of the API's table."""

from __future__ import annotations

from hinomi.apps.web import parameters as p
from hinomi.apps.web import routes, tiles
from hinomi.apps.web.http import JSON
from hinomi.apps.web.routes import Route
from hinomi.kernel.errors import Text

_SETS = "/collections/{collection}/tiles"
_SET = f"{_SETS}/{{tileMatrixSet}}"
_SCHEMES = "/tileMatrixSets"
_SHOWN = (p.STATUS, p.AS_OF, p.DATETIME, p.FILTER, p.FILTER_LANG, p.FILTER_CRS)
_TILE = ((tiles.MVT, "mvt"), ("application/x-protobuf", "mvt"))
_WITH_TILEJSON = (*routes.ONLY_JSON, ("application/vnd.mapbox.tile+json", "tilejson"))

ROUTES = (
    Route(
        path=_SETS, name="tilesets", text=Text("ベクトルタイルの一覧", "Tile sets of a collection"),
        answer=tiles.tilesets, parameters=(p.F, p.LANG, *_SHOWN), offers=routes.ONLY_JSON,
        gives={JSON: "object"}, refusals=(400, 404), tags=("tiles",),
    ),
    Route(
        path=_SET, name="tileset", text=Text("ベクトルタイルの説明", "A tile set, or its TileJSON"),
        answer=tiles.tileset, parameters=(p.F, p.LANG, *_SHOWN), offers=_WITH_TILEJSON,
        gives={JSON: "object"}, refusals=(400, 404), tags=("tiles",),
    ),
    Route(
        path=f"{_SET}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}", name="tile",
        text=Text("ベクトルタイル", "A vector tile: one status, clustered at low zoom"),
        answer=tiles.tile, quick=tiles.kept_tile, heavy=True, parameters=(p.F, p.LANG, *_SHOWN),
        offers=_TILE, gives={tiles.MVT: "binary"}, refusals=(400, 404), tags=("tiles",),
    ),
    Route(
        path=_SCHEMES, name="tile-matrix-sets", text=Text("タイル体系の一覧", "Tile matrix sets"),
        answer=tiles.schemes, parameters=(p.F, p.LANG), offers=routes.ONLY_JSON,
        gives={JSON: "object"}, tags=("tiles",),
    ),
    Route(
        path=f"{_SCHEMES}/{{tileMatrixSet}}", name="tile-matrix-set",
        text=Text("タイル体系", "One tile matrix set"), answer=tiles.scheme,
        parameters=(p.F, p.LANG), offers=routes.ONLY_JSON, gives={JSON: "object"},
        refusals=(400, 404), tags=("tiles",),
    ),
)  # fmt: skip
