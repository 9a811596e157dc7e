"""The operations of the catalogue, a part of the API's table."""

from __future__ import annotations

from hinomi.apps.web import parameters as p
from hinomi.apps.web import routes
from hinomi.apps.web.catalogue import asked, dcat, records, stac
from hinomi.apps.web.http import GEOJSON, JSON
from hinomi.apps.web.routes import Route
from hinomi.kernel.errors import Text

_CATALOGUE = f"/collections/{records.ID}"
_STAC = "/stac/collections"
_PEOPLE = (p.F, p.LANG)
_PAGE = (p.F, p.LANG, p.STATUS, p.BBOX, p.DATETIME, asked.LIMIT, p.TOKEN)

ROUTES = (
    Route(
        path=_CATALOGUE, name="catalogue", text=Text("カタログ", "The catalogue of all there is"),
        answer=records.catalogue, parameters=(*_PEOPLE, p.STATUS), gives={JSON: "collection"},
        tags=("catalogue",),
    ),
    Route(
        path=f"{_CATALOGUE}/items", name="catalogue-records",
        text=Text("カタログを探す", "Search the catalogue (OGC API – Records)"),
        answer=records.records, parameters=(*_PEOPLE, p.STATUS, *records.SEARCH),
        offers=routes.GEOJSON_HTML, gives={GEOJSON: "features"}, heavy=True, tags=("catalogue",),
    ),
    Route(
        path=f"{_CATALOGUE}/items/{{key}}", name="catalogue-record",
        text=Text("カタログの項目", "One record of the catalogue"), answer=records.record,
        parameters=(*_PEOPLE, p.STATUS), offers=routes.GEOJSON_HTML, gives={GEOJSON: "feature"},
        refusals=(400, 404), heavy=True, tags=("catalogue",),
    ),
    Route(
        path="/catalogue.jsonld", name="dcat",
        text=Text("DCATカタログ", "The catalogue as DCAT-AP"),
        answer=dcat.catalogue, parameters=(p.STATUS,), offers=((dcat.JSONLD, "jsonld"),),
        gives={dcat.JSONLD: "object"}, heavy=True, tags=("catalogue",),
    ),
    Route(
        path="/stac", name="stac", text=Text("STACの入口", "Landing page of the STAC API"),
        answer=stac.landing, parameters=_PEOPLE, offers=routes.ONLY_JSON, gives={JSON: "object"},
        tags=("stac",),
    ),
    Route(
        path="/stac/conformance", name="stac-conformance",
        text=Text("STACの適合クラス", "Conformance classes of the STAC API"),
        answer=stac.conformance, parameters=_PEOPLE, offers=routes.ONLY_JSON,
        gives={JSON: "conformance"}, tags=("stac",),
    ),
    Route(
        path=_STAC, name="stac-collections", text=Text("STACコレクション", "STAC collections"),
        answer=stac.collections, parameters=(*_PEOPLE, p.STATUS), offers=routes.ONLY_JSON,
        gives={JSON: "collections"}, heavy=True, tags=("stac",),
    ),
    Route(
        path=f"{_STAC}/{{collection}}", name="stac-collection",
        text=Text("STACコレクション", "One STAC collection"), answer=stac.collection,
        parameters=(*_PEOPLE, p.STATUS), offers=routes.ONLY_JSON, gives={JSON: "collection"},
        refusals=(400, 404), heavy=True, tags=("stac",),
    ),
    Route(
        path=f"{_STAC}/{{collection}}/items", name="stac-items",
        text=Text("STACアイテム", "A collection's STAC items"), answer=stac.items,
        parameters=_PAGE, refusals=(400, 404), heavy=True, tags=("stac",),
        offers=routes.GEOJSON_HTML[:2], gives={GEOJSON: "features"},
    ),
    Route(
        path=f"{_STAC}/{{collection}}/items/{{key}}", name="stac-item",
        text=Text("STACアイテム", "One STAC item"), answer=stac.item,
        parameters=(*_PEOPLE, p.STATUS), refusals=(400, 404), heavy=True, tags=("stac",),
        offers=routes.GEOJSON_HTML[:2], gives={GEOJSON: "feature"},
    ),
    Route(
        path="/stac/search", name="stac-search", text=Text("STACの検索", "STAC item search"),
        answer=stac.search, heavy=True, tags=("stac",),
        parameters=(*_PAGE, asked.COLLECTIONS, asked.IDS, asked.INTERSECTS),
        offers=routes.GEOJSON_HTML[:2], gives={GEOJSON: "features"},
    ),
    Route(
        path="/stac/search", name="stac-search-post", method="POST",
        text=Text("STACの検索", "STAC item search, asked in JSON"), answer=stac.search,
        parameters=(p.F, p.LANG, p.STATUS), body="object", heavy=True, tags=("stac",),
        offers=routes.GEOJSON_HTML[:2], gives={GEOJSON: "features"}, refusals=(400, 408, 413),
    ),
)  # fmt: skip
"""To stand before the templates of ``/collections/{collection}``: the first that fits is taken."""
