"""The catalogue as Records, DCAT and STAC, and what other people's software reads in it."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import timedelta
from types import ModuleType
from typing import Any, Literal

import httpx
import msgspec
import pytest
import rdflib
from granian.constants import Interfaces
from granian.server.embed import Server
from pystac_client import Client

from hinomi.kernel.catalog import Catalog
from hinomi.kernel.collections import Collection, Kind
from hinomi.kernel.errors import Text
from hinomi.kernel.geometry import point
from hinomi.kernel.marking import Disclosure, Marking, Status
from hinomi.kernel.ports import Domain, Model, Parsed
from hinomi.kernel.records import Origin, Record, instant
from hinomi.runtime.service import Service
from hinomi.standards.records_api import Words, fold
from hinomi.stores.memory import MemoryStore
from hinomi.vocabulary.exchange import PACKAGES, Sender, SentPackage

pytestmark = pytest.mark.anyio
ITEMS = "/collections/catalogue/items"
CANARY = "カナリア"


class Photo(msgspec.Struct, frozen=True, kw_only=True):
    caption: str
    media_type: str = "image/jpeg"


class Level(msgspec.Struct, frozen=True, kw_only=True):
    state: Literal["high", "low"]


PHOTOS = Collection(
    id="town.photos", title=Text("現場写真", "Photos from the field"),
    text=Text("町の写真", "The town's photos"), schema=Photo, kind=Kind.DOCUMENTS,
    licence="CC-BY-4.0",
)  # fmt: skip
RISKS = Collection(
    id="town.risks", title=Text("浸水危険度", "Flood risk"), text=Text("予測", "Forecast"),
    schema=Level, licence="CC0-1.0",
)  # fmt: skip
MODEL = Model(
    id="town.flood", title=Text("浸水モデル", "Flood model"), version="2", needs=("town.risks",),
    gives=("town.risks",), predict=lambda _reader, _keys: Parsed(), reference="Manning 1891",
    limits=Text("平地のみ", "Flat land only"),
)  # fmt: skip


def photo(store: Any, key: str, town: ModuleType, marking: Marking, lon: float = 136.9) -> Record:
    digest = store.put_blob(f"jpeg of {key}".encode())
    return Record(
        collection=PHOTOS.id, key=key, said_at=town.NOON, when=instant(town.NOON), source="town",
        body=Photo(caption=f"{key}の橋"), place=point(lon, 37.0), marking=marking,
        origin=Origin(digest=digest, address=f"/up/{key}.jpg"),
    )  # fmt: skip


def package(key: str, town: ModuleType, marking: Marking) -> Record:
    body = SentPackage(
        title=f"{key} 避難所開設状況", code="01-001-01", author="石川県", disaster="能登半島地震",
        openflg="1", testflg="0", conforms=True, plausible=True, metadata={"license_id": "cc-by"},
    )  # fmt: skip
    return Record(collection=PACKAGES.id, key=key, said_at=town.NOON, source="石川県", body=body,
                  marking=marking)  # fmt: skip


def result(key: str, town: ModuleType, marking: Marking, run: str = "town.flood@2") -> Record:
    return Record(collection=RISKS.id, key=key, said_at=town.NOON, source="model", marking=marking,
                  body=Level(state="high"), origin=Origin(run=run, position=1))  # fmt: skip


MARKED = {
    "drill": Marking(Status.EXERCISE),
    "amber": Marking(disclosure=Disclosure.AMBER, audience=("elsewhere",)),
}


def fill(store: Any, town: ModuleType) -> None:
    town.seed(store)
    at = town.NOON + timedelta(hours=1)
    store.put([photo(store, f"p{n:02}", town, Marking(), 136 + n / 10) for n in range(25)], at=at)
    store.put([package("輪島", town, Marking())], at=at)
    for name, marking in MARKED.items():
        store.put(
            [photo(store, f"{CANARY}{name}", town, marking, -150.0),
             package(f"{CANARY}{name}", town, marking),
             result(f"{CANARY}{name}", town, marking)],
            at=at,
        )  # fmt: skip


def filled(town: ModuleType) -> Service:
    """Return a town with photos, packages, a model's results, and what only few may see."""
    field = Domain(
        id="town", title=Text("町", "Town"), models=(MODEL,), products=(town.NAMES,),
        collections=(town.SHELTERS, town.NOTICES, town.LEVELS, PHOTOS, RISKS, PACKAGES),
    )  # fmt: skip
    store = MemoryStore()
    fill(store, town)
    found = Service(store, Catalog([field]), keyring=town.Keys())
    found.sender = Sender(author="みほん市", email="bousai@mihon.example")
    return found


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


@contextmanager
def serving(town: ModuleType, service: Service) -> Iterator[str]:
    """The same on a port, for clients that speak HTTP only."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Server(
        town.create_app(service), address="127.0.0.1", port=port, interface=Interfaces.ASGI
    )
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_until_complete, args=(server.serve(),))
    thread.start()
    url = f"http://127.0.0.1:{port}"
    try:
        with httpx.Client(transport=httpx.HTTPTransport(retries=6)) as first:
            first.get(f"{url}/stac")
        yield url
    finally:
        loop.call_soon_threadsafe(server.stop)
        thread.join(10)
        loop.close()


@pytest.fixture
def address(town: ModuleType, service: Service) -> Iterator[str]:
    with serving(town, service) as url:
        yield url


def test_pystac_client_walks_searches_and_finds_valid_items(address: str) -> None:
    api = Client.open(f"{address}/stac")
    assert [c.id for c in api.get_collections()] == ["town.photos"]
    for collection in api.get_collections():
        collection.validate()
    found = api.search(bbox=[135.95, 36, 137.55, 38], limit=4)
    assert found.matched() == 16
    items = list(found.items())
    assert len({item.id for item in items}) == 16
    for item in items:
        item.validate()
    data = httpx.get(items[0].assets["data"].href)
    assert data.content == f"jpeg of {items[0].id}".encode()
    assert items[0].assets["data"].media_type == "image/jpeg"
    (one,) = api.search(ids=["p03"], method="GET").items()
    assert one.collection_id == "town.photos"
    shape = {"type": "Point", "coordinates": [136.1, 37.0]}
    assert [item.id for item in api.search(intersects=shape).items()] == ["p01"]


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
