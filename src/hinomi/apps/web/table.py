"""The API's operations, listed by hand: the router and the description read this one table."""

from __future__ import annotations

from hinomi.apps.web import (
    about,
    acts_table,
    cap,
    drill,
    edr,
    exports,
    feed,
    glass,
    grid_files,
    grids,
    health,
    hooks,
    imports,
    items,
    moments,
    oidc,
    parameters,
    peers,
    readings,
    reports,
    routes,
    tiles_table,
    trust,
    upload,
    websub,
    workbench,
    write,
)
from hinomi.apps.web.catalogue import table as catalogue_table
from hinomi.apps.web.http import CSV, GEOJSON, JSON, OPENAPI, SCHEMA
from hinomi.apps.web.photos import table as photos_table
from hinomi.apps.web.routes import Route
from hinomi.apps.web.sta import table as sta_table
from hinomi.kernel.errors import Text

P = parameters
_PEOPLE = (P.F, P.LANG)
_VIEW = (P.STATUS, P.AS_OF)
_ITEMS = "/collections/{collection}/items"
_ITEM = f"{_ITEMS}/{{key}}"
_CSV = CSV.split(";")[0]

_ABOUT = (
    Route(
        path="/", name="landing", text=Text("入口", "Landing page"), answer=about.landing,
        parameters=_PEOPLE, gives={JSON: "landing"}, tags=("about",),
    ),
    Route(
        path="/conformance", name="conformance",
        text=Text("適合クラス", "Conformance classes that are met"), answer=about.conformance,
        parameters=_PEOPLE, gives={JSON: "conformance"}, tags=("about",),
    ),
    Route(
        path="/api", name="api", text=Text("このAPIの説明", "This description (OpenAPI 3.0)"),
        answer=about.api, parameters=_PEOPLE, gives={OPENAPI: "object"}, tags=("about",),
        offers=((OPENAPI.split(";")[0], "json"), *routes.JSON_HTML),
    ),
    Route(
        path="/collections", name="collections", text=Text("コレクション一覧", "All collections"),
        answer=about.collections, parameters=(*_PEOPLE, P.STATUS), gives={JSON: "collections"},
        heavy=True, tags=("collections",),
    ),
    Route(
        path="/collections/{collection}", name="collection",
        text=Text("コレクション", "One collection"), answer=about.collection,
        parameters=(*_PEOPLE, P.STATUS), gives={JSON: "collection"}, refusals=(400, 404),
        heavy=True, tags=("collections",),
    ),
    # The same in every status; but GDAL sends the address's own parameters with all it asks.
    Route(
        path="/collections/{collection}/queryables", name="queryables",
        text=Text("検索できる属性", "What can be filtered by"), answer=about.queryables,
        parameters=(*_PEOPLE, P.STATUS), gives={SCHEMA: "object"}, refusals=(400, 404),
        offers=((SCHEMA, "json"), *routes.JSON_HTML), tags=("collections",),
    ),
    Route(
        path="/collections/{collection}/schema", name="schema",
        text=Text("本文のスキーマ", "JSON Schema of the properties"), answer=about.schema,
        parameters=(P.LANG, P.STATUS), gives={SCHEMA: "object"}, refusals=(400, 404),
        offers=((SCHEMA, "json"),), tags=("collections",),
    ),
    Route(
        path="/layers", name="layers", text=Text("地図レイヤー", "Declared map layers"),
        answer=about.layers, parameters=(P.F, P.LANG, P.STATUS), offers=routes.ONLY_JSON,
        gives={JSON: "object"}, tags=("about",),
    ),
    Route(
        path="/products", name="products", text=Text("プロダクト一覧", "All products"),
        answer=about.products, parameters=(P.LANG,), offers=routes.ONLY_JSON,
        gives={JSON: "object"}, tags=("products",),
    ),
    Route(
        path="/products/{product}", name="product", text=Text("プロダクト", "One product"),
        answer=about.product, parameters=(*_VIEW, reports.AREA, P.LANG), offers=routes.ONLY_JSON,
        gives={"*/*": "any"}, refusals=(400, 404, 422), heavy=True, tags=("products",),
    ),
)  # fmt: skip

_FEATURES = (
    Route(
        path=_ITEMS, name="items", text=Text("地物を探す", "Find features, one page at a time"),
        answer=items.items,
        parameters=(
            P.F_ITEMS, P.LANG, P.LIMIT, P.BBOX, P.BBOX_CRS, P.DATETIME, *_VIEW, P.FILTER,
            P.FILTER_LANG, P.FILTER_CRS, P.CRS, P.SOURCE, P.BESIDE, P.COUNT, P.TOKEN,
            P.SKIP_GEOMETRY,
        ),
        offers=routes.ITEMS,
        gives={
            GEOJSON: "features", _CSV: "text", "application/zip": "binary",
            "application/atom+xml": "text",
        },
        refusals=(400, 404), tags=("features",),
    ),
    Route(
        path=_ITEM, name="item", text=Text("地物ひとつ", "One feature"), answer=items.item,
        parameters=(P.F_ITEM, P.LANG, *_VIEW, P.CRS), offers=routes.ITEM,
        gives={GEOJSON: "feature", "application/cap+xml": "text"}, refusals=(400, 404),
        tags=("features",),
    ),
    Route(
        path=f"{_ITEM}/history", name="history",
        text=Text("すべての版", "Every statement about it, oldest first"), answer=items.history,
        parameters=(P.F, P.LANG, P.LIMIT, *_VIEW, P.TOKEN), offers=routes.GEOJSON_HTML,
        gives={GEOJSON: "features"}, refusals=(400, 404), tags=("features",),
    ),
    Route(
        path=f"{_ITEM}/trace", name="trace", text=Text("出所をたどる", "Back to its bytes"),
        answer=items.trace, parameters=(P.F, P.LANG, *_VIEW), gives={JSON: "trace"},
        refusals=(400, 404), tags=("provenance",),
    ),
    Route(
        path="/records/{record}", name="record", text=Text("記録ひとつ", "One statement by its id"),
        answer=items.record, parameters=(P.F, P.LANG, P.STATUS), offers=routes.GEOJSON_HTML,
        gives={GEOJSON: "feature"}, refusals=(400, 404), tags=("provenance",),
    ),
    Route(
        path="/records/{record}/trace", name="record-trace",
        text=Text("記録の出所", "A statement back to its bytes"), answer=items.record_trace,
        parameters=(P.F, P.LANG, P.STATUS), gives={JSON: "trace"}, refusals=(400, 404),
        tags=("provenance",),
    ),
    Route(
        path="/blobs/{digest}", name="blob", text=Text("原文", "Raw bytes"), answer=items.blob,
        parameters=(P.RECORD, P.STATUS), offers=routes.ONLY_JSON,
        gives={"application/octet-stream": "binary"}, refusals=(400, 404), tags=("provenance",),
    ),
    Route(
        path=_ITEMS, name="create", method="POST", text=Text("追加する", "Add a feature"),
        answer=write.create, parameters=(P.LANG,), offers=routes.GEOJSON_HTML[:1],
        gives={GEOJSON: "feature"}, success=201, body="draft",
        refusals=(400, 401, 403, 404, 408, 409, 413, 422), tags=("writing",),
    ),
    Route(
        path=_ITEM, name="replace", method="PUT", text=Text("書き換える", "State a feature anew"),
        answer=write.replace, parameters=(P.STATUS, P.LANG), offers=routes.GEOJSON_HTML[:1],
        gives={GEOJSON: "feature"}, body="draft", headers=("If-Match", "If-None-Match"),
        refusals=(201, 400, 401, 403, 404, 408, 412, 413, 422, 428), tags=("writing",),
    ),
    Route(
        path=_ITEM, name="retract", method="DELETE", text=Text("取り消す", "Withdraw a feature"),
        answer=write.retract, parameters=(P.STATUS, P.LANG), offers=routes.ONLY_JSON,
        success=204, headers=("If-Match",), refusals=(400, 401, 403, 404, 412, 428),
        tags=("writing",),
    ),
)  # fmt: skip

_FEED = (
    Route(
        path="/changes", name="changes", text=Text("変更一覧", "What was appended, by cursor"),
        answer=feed.changes, parameters=(*_PEOPLE, P.AFTER, P.COLLECTIONS, P.LIMIT, P.STATUS),
        gives={JSON: "changes"}, refusals=(400, 404), tags=("feed",),
    ),
    Route(
        path="/changes/stream", name="stream",
        text=Text("変更を受け続ける", "The same as Server-Sent Events, live"), answer=feed.stream,
        parameters=(P.AFTER, P.COLLECTIONS, P.STATUS), gives={"text/event-stream": "text"},
        offers=(("text/event-stream", "json"),), headers=("Last-Event-ID",), refusals=(400, 404),
        tags=("feed",),
    ),
    Route(
        path="/changes/moments", name="moments",
        text=Text("変化のあった時刻", "When something changed, for a time slider"),
        answer=moments.moments, parameters=(P.COLLECTIONS, P.FROM, P.TO, P.STEPS, P.STATUS, P.LANG),
        gives={JSON: "moments"}, offers=routes.ONLY_JSON, refusals=(400, 404), heavy=True,
        tags=("feed",),
    ),
    Route(
        path="/series", name="series", text=Text("系列と最新値", "Series with their latest values"),
        answer=readings.series,
        parameters=(P.F_CSV, P.LANG, P.COLLECTION, P.BBOX, P.BBOX_CRS, P.STATUS),
        offers=(*routes.JSON_HTML, (_CSV, "csv")), gives={JSON: "series-list", _CSV: "text"},
        refusals=(400, 404), tags=("readings",),
    ),
    Route(
        path="/series/{series}", name="one-series", text=Text("系列ひとつ", "One series"),
        answer=readings.one_series, parameters=(P.LANG, P.STATUS), offers=routes.ONLY_JSON,
        gives={JSON: "series"}, refusals=(400, 404), tags=("readings",),
    ),
    Route(
        path="/series/{series}/readings", name="readings-of-series",
        text=Text("系列の値", "A series' readings"), answer=readings.series_readings,
        parameters=(P.F_CSV, P.LANG, P.FROM, P.TO, *_VIEW, P.LIMIT, P.TOKEN),
        offers=(*routes.JSON_HTML, (_CSV, "csv")), gives={JSON: "readings", _CSV: "text"},
        refusals=(400, 404), tags=("readings",),
    ),
    Route(
        path="/readings", name="readings",
        text=Text("範囲と期間の値", "All readings in a box over a time"), answer=readings.readings,
        parameters=(
            P.F_CSV, P.LANG, P.COLLECTION, P.BBOX, P.BBOX_CRS, P.DATETIME, P.LIMIT, P.STATUS,
        ),
        offers=routes.JSON_CSV, gives={JSON: "readings-in", _CSV: "text"}, refusals=(400, 404),
        tags=("readings",),
    ),
)  # fmt: skip

ROUTES = (
    _ABOUT[0],
    *catalogue_table.ROUTES,
    *_ABOUT[1:],
    *_FEATURES,
    *_FEED,
    *tiles_table.ROUTES,
    *grids.ROUTES,
    *edr.ROUTES,
    *grid_files.ROUTES,
    *exports.ROUTES,
    *imports.ROUTES,
    *photos_table.ROUTES,
    *upload.ROUTES,
    *cap.ROUTES,
    *websub.ROUTES,
    *peers.ROUTES,
    *trust.ROUTES,
    *glass.ROUTES,
    *oidc.ROUTES,
    *acts_table.ROUTES,
    *drill.ROUTES,
    *reports.ROUTES,
    *workbench.ROUTES,
    *sta_table.ROUTES,
    *hooks.ROUTES,
    *health.ROUTES,
)
