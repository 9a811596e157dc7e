"""The catalogue as Records, DCAT and STAC."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from types import ModuleType
from typing import Any

import httpx
import pytest
import rdflib

from hinomi.kernel.marking import Marking
from hinomi.runtime.service import Service
from hinomi.standards.records_api import Words, fold
from tests.apps.web.catalogued import CANARY, filled, photo, result

pytestmark = pytest.mark.anyio
ITEMS = "/collections/catalogue/items"


@pytest.fixture
def service(town: ModuleType) -> Service:
    return filled(town)


@pytest.fixture
async def client(town: ModuleType, service: Service) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=town.create_app(service))
    async with httpx.AsyncClient(transport=transport, base_url="http://town.test") as found:
        yield found


async def ids(client: httpx.AsyncClient, query: str, **headers: str) -> list[str]:
    answer = await client.get(f"{ITEMS}?limit=1000&{query}", headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.json()["numberMatched"] == len(answer.json()["features"])
    return [feature["id"] for feature in answer.json()["features"]]


async def test_the_catalogue_is_a_collection_of_records(client: httpx.AsyncClient) -> None:
    (listed,) = (await client.get("/collections")).json()["catalogues"]
    assert (listed["id"], listed["itemType"]) == ("catalogue", "record")
    conforms = (await client.get("/conformance")).json()["conformsTo"]
    assert "http://www.opengis.net/spec/ogcapi-records-1/1.0/conf/record-core" in conforms
    one = (await client.get(f"{ITEMS}/town.shelters?lang=ja")).json()
    assert one["properties"]["title"] == "避難所"
    assert one["properties"]["titles"] == {"ja": "避難所", "en": "Shelters"}
    assert one["properties"]["license"] == "CC-BY-4.0"
    assert one["geometry"]["type"] == "Polygon"
    exports = [x["href"] for x in one["links"] if x["rel"] == "enclosure"]
    assert "http://town.test/collections/town.shelters/export?f=gpkg" in exports
    assert (await client.get(next(x for x in exports if x.endswith("csv")))).status_code == 200


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=避難所", {"town.shelters", "package:輪島", "product:town.names"}),
        ("q=ｓｈｅｌｔｅｒｓ", {"town.shelters", "product:town.names"}),
        ("q=石川県　開設", {"package:輪島"}),
        ("q=避難所一覧", {"town.shelters", "package:輪島", "product:town.names"}),
        ("q=能登半島地震,flood risk", {"package:輪島", "town.risks"}),
        ("q=nothing", set()),
        ("type=product,package", {"product:town.names", "package:輪島"}),
        ("ids=town.levels", {"town.levels"}),
        ("externalIds=sip4d:code:01-001-01", {"package:輪島"}),
        ("externalIds=town.names", {"product:town.names"}),
        ("type=dataset&bbox=139.45,35.4,139.6,35.6", {"town.shelters"}),
        ("type=document&bbox=135.9,36.9,136.05,37.1", {"documents:town.photos:p00"}),
        ("type=dataset&q=お知らせ&datetime=2026-05-01T12:00:00Z", {"town.notices"}),
        ("type=dataset&q=お知らせ&datetime=2027-01-01T00:00:00Z/..", set()),
    ],
)  # fmt: skip
async def test_a_search_finds(client: httpx.AsyncClient, query: str, found: set[str]) -> None:
    assert set(await ids(client, query)) == found


async def test_pages_of_a_search_hold_everything_once(client: httpx.AsyncClient) -> None:
    page = (await client.get(f"{ITEMS}?limit=7")).json()
    seen = [feature["id"] for feature in page["features"]]
    while following := [x["href"] for x in page["links"] if x["rel"] == "next"]:
        page = (await client.get(following[0])).json()
        seen += [feature["id"] for feature in page["features"]]
    assert len(seen) == len(set(seen)) == page["numberMatched"]


async def test_a_model_is_listed_with_a_result_that_the_caller_may_see(
    client: httpx.AsyncClient, service: Service, town: ModuleType
) -> None:
    assert await ids(client, "type=model") == []
    service.store.put([result("r", town, Marking())], at=town.NOON + timedelta(hours=2))
    service.store.put(
        [result("s", town, Marking(), "town.flood_extra@9")], at=town.NOON + timedelta(hours=3)
    )
    (one,) = (await client.get(f"{ITEMS}?type=model")).json()["features"]
    assert one["properties"]["run"] == "town.flood@2"
    (via,) = [x["href"] for x in one["links"] if x["rel"] == "via"]
    assert (await client.get(via)).json()["key"] == "r"


FORMS = (
    f"{ITEMS}?limit=1000", f"{ITEMS}?limit=1000&f=html", "/catalogue.jsonld",
    "/stac/search?limit=1000", "/stac/collections/town.photos/items?limit=1000",
)  # fmt: skip


@pytest.mark.parametrize("path", FORMS)
async def test_drills_and_marked_things_show_to_nobody_else(
    client: httpx.AsyncClient, path: str
) -> None:
    assert CANARY not in (await client.get(path)).text
    sign = "&" if "?" in path else "?"
    drill = (await client.get(f"{path}{sign}status=exercise")).text
    assert f"{CANARY}drill" in drill
    assert f"{CANARY}amber" not in drill
    seen = await client.get(path, headers={"X-API-Key": "reader"})
    assert f"{CANARY}amber" in seen.text
    assert f"{CANARY}drill" not in seen.text
    # Kept for one caller, and still not for the other.
    assert CANARY not in (await client.get(path)).text


@pytest.mark.parametrize("path", ["/collections/town.photos", "/stac/collections/town.photos"])
async def test_no_extent_reaches_where_only_marked_things_are(
    client: httpx.AsyncClient, path: str
) -> None:
    def west(answer: httpx.Response) -> float:
        return float(answer.json()["extent"]["spatial"]["bbox"][0][0])

    assert west(await client.get(path)) > 135
    assert west(await client.get(path, headers={"X-API-Key": "reader"})) < -149


async def test_a_record_that_is_marked_is_not_there(client: httpx.AsyncClient) -> None:
    hidden = f"{ITEMS}/package:{CANARY}amber"
    answer = await client.get(hidden)
    assert answer.status_code == 404
    assert f"{CANARY}amber" not in answer.json().get("nearest", ())
    assert (await client.get(hidden, headers={"X-API-Key": "reader"})).status_code == 200
    assert (
        await client.get(f"/stac/collections/town.photos/items/{CANARY}drill")
    ).status_code == 404


@pytest.mark.parametrize("path", FORMS)
async def test_an_answer_is_told_again_only_when_something_came(
    client: httpx.AsyncClient, service: Service, town: ModuleType, path: str
) -> None:
    etag = {"If-None-Match": (await client.get(path)).headers["etag"]}
    assert (await client.get(path, headers=etag)).status_code == 304
    new = photo(service.store, "new", town, Marking())
    service.store.put([new], at=town.NOON + timedelta(hours=4))
    again = await client.get(path, headers=etag)
    assert again.status_code == 200
    assert "newの橋" in again.text


async def test_people_search_on_a_page(client: httpx.AsyncClient) -> None:
    page = (await client.get(f"{ITEMS}?f=html&lang=ja&q=避難所")).text
    assert ">避難所</a>" in page
    assert 'name="q"' in page
    one = (await client.get(f"{ITEMS}/town.shelters?f=html&lang=ja")).text
    assert "http://town.test/collections/town.shelters/export?f=gpkg" in one
    assert (await client.get("/collections/catalogue?f=html")).status_code == 200


DCAT = rdflib.Namespace("http://www.w3.org/ns/dcat#")
DCT = rdflib.Namespace("http://purl.org/dc/terms/")
LOCN = rdflib.Namespace("http://www.w3.org/ns/locn#")


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")  # rdflib's own use of it
async def test_a_dcat_harvest_finds_each_dataset_with_what_ckan_reads(
    client: httpx.AsyncClient,
) -> None:
    """What CKAN's DCAT harvester takes: titles, terms, place, publisher, distributions."""
    answer = await client.get("/catalogue.jsonld")
    assert answer.headers["content-type"] == "application/ld+json"
    assert isinstance(answer.json()["@context"], dict), "a context to fetch needs a network"
    graph = rdflib.Graph().parse(data=answer.text, format="json-ld")
    datasets = set(graph.subjects(rdflib.RDF.type, DCAT.Dataset))
    (root,) = graph.subjects(rdflib.RDF.type, DCAT.Catalog)
    assert set(graph.objects(root, DCAT.dataset)) == datasets
    assert len(datasets) == len(await ids(client, ""))
    for dataset in datasets:
        titles = {getattr(t, "language", None) for t in graph.objects(dataset, DCT.title)}
        assert titles == {"ja", "en"}
        assert graph.value(graph.value(dataset, DCT.publisher), rdflib.FOAF.name)
        for distribution in graph.objects(dataset, DCAT.distribution):
            assert str(graph.value(distribution, DCAT.accessURL)).startswith("http://town.test/")
    (shelters,) = graph.subjects(DCT.identifier, rdflib.Literal("town.shelters"))
    assert str(graph.value(shelters, DCT.license)) == "http://creativecommons.org/licenses/by/4.0/"
    shapes = list(graph.objects(graph.value(shelters, DCT.spatial), LOCN.geometry))
    assert any(json.loads(s)["type"] == "Polygon" for s in map(str, shapes) if s[0] == "{")
    publisher = graph.value(graph.value(root, DCT.publisher), rdflib.FOAF.name)
    assert str(publisher) == "みほん市"
    services = list(graph.subjects(rdflib.RDF.type, DCAT.DataService))
    assert shelters in {d for s in services for d in graph.objects(s, DCAT.servesDataset)}


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"bbox": [135.95, 36, 136.25, 38]}, 3),
        ({"ids": ["p01", "p02"]}, 2),
        ({"datetime": "2026-05-01T00:00:00Z/2026-05-02T00:00:00Z"}, 25),
        ({"datetime": "2027-01-01T00:00:00Z/.."}, 0),
        ({"collections": ["town.photos"]}, 25),
        ({"collections": ["town.shelters"]}, 0),
        ({"intersects": {"type": "Point", "coordinates": [136.1, 37.0]}}, 1),
    ],
)
async def test_a_stac_search_asks_the_same_by_get_and_post(
    client: httpx.AsyncClient, query: dict[str, Any], count: int
) -> None:
    posted = (await client.post("/stac/search", json=query)).json()
    assert posted["numberMatched"] == count
    plain = {
        name: json.dumps(value) if isinstance(value, dict)
        else value if isinstance(value, str) else ",".join(map(str, value))
        for name, value in query.items()
    }  # fmt: skip
    got = (await client.get("/stac/search", params=plain)).json()
    assert [f["id"] for f in got["features"]] == [f["id"] for f in posted["features"]]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/stac/search?bbox=1,2", None),
        ("GET", "/stac/search?intersects=here", None),
        ("GET", "/stac/search?token=x", None),
        ("GET", "/stac/search?datetime=../..", None),
        ("GET", "/stac/search?datetime=1985-04-12", None),
        ("POST", "/stac/search", {"datetime": "now"}),
        ("GET", f"{ITEMS}?datetime=soon", None),
        ("GET", f"{ITEMS}?token=-1", None),
        ("GET", f"{ITEMS}?what=x", None),
        ("POST", "/stac/search", {"limit": 0}),
        ("POST", "/stac/search", {"intersects": {"type": "Blob"}}),
        ("POST", "/stac/search", {"bbox": [1, 2, 3, 4], "intersects": {"type": "Point"}}),
        ("POST", "/stac/search", {"unknown": 1}),
        ("POST", "/stac/search", []),
    ],
)
async def test_a_question_without_sense_is_refused(
    client: httpx.AsyncClient, method: str, path: str, body: Any
) -> None:
    answer = await client.request(method, path, json=body)
    assert answer.status_code == 400, answer.text


def test_words_side_by_side_leave_out_those_apart() -> None:
    texts = [fold("River  Levels"), fold("levels of a river"), fold("Ｒｉｖｅｒ gauges")]
    assert Words.of("river levels").search(texts) == [0]
    assert Words.of("levels river").search(texts) == [0, 1]
    assert Words.of("iver").search(texts) == []
    assert Words.of("gauges,levels").search(texts) == [0, 1, 2]
