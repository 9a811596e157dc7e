"""Files by drag and drop: look first, then confirm; only by those who may write there."""

from __future__ import annotations

import json

import httpx
import pytest

pytestmark = pytest.mark.anyio
WRITER = {"X-API-Key": "writer"}
TABLE = (
    "施設名,緯度,経度,人数,状態\n集会所,37.1,136.9,12人,full\n倉庫,37.2,136.8,多数,closed\n"
).encode("cp932")
QUERY = {"collection": "town.shelters", "name": "../避難所.csv", "columns": '{"施設名":"name"}'}


async def post(client: httpx.AsyncClient, path: str, **more: str) -> httpx.Response:
    return await client.post(path, params={**QUERY, **more}, content=TABLE, headers=WRITER)


async def test_a_preview_says_what_the_file_would_become_and_writes_nothing(
    client: httpx.AsyncClient,
) -> None:
    before = (await client.get("/changes?after=0&limit=10000")).json()["position"]
    found = (await post(client, "/imports")).json()
    columns = {c["name"]: c["property"] for c in found["columns"]}
    assert columns == {
        "施設名": "name", "緯度": "latitude", "経度": "longitude", "人数": "people",
        "状態": "state",
    }  # fmt: skip
    assert found["name"] == "避難所.csv"
    assert found["first"][0]["said"]["人数"] == "12人"
    assert found["first"][0]["read"]["people"] == 12
    assert found["problems"][0]["path"] == "/row[3]/人数"
    assert (await client.get("/changes?after=0&limit=10000")).json()["position"] == before


async def test_confirming_appends_the_rows_with_their_origin(client: httpx.AsyncClient) -> None:
    answer = await post(client, "/imports/confirm", source="輪島市")
    assert answer.status_code == 201, answer.text
    assert answer.json()["new"] == 2
    items = (await client.get("/collections/town.shelters/items?source=輪島市")).json()["features"]
    (hall,) = [f for f in items if f["properties"]["name"] == "集会所"]
    trace = (await client.get(f"/records/{hall['properties']['record']}/trace")).json()
    assert (await client.get(trace["origins"][0]["blob"])).content == TABLE
    assert (hall["properties"]["people"], hall["properties"]["state"]) == (12, "full")


async def test_a_drills_rows_stay_in_the_drill(client: httpx.AsyncClient) -> None:
    answer = await post(client, "/imports/confirm", status="exercise", source="訓練本部")
    assert answer.json()["new"] == 2
    path = "/collections/town.shelters/items?limit=1000"
    assert "集会所" not in (await client.get(path)).text
    assert "集会所" in (await client.get(f"{path}&status=exercise")).text
    quad = "/collections/town.shelters/tiles/WebMercatorQuad/0/0/0"
    assert "集会所".encode() not in (await client.get(quad)).content
    assert "集会所".encode() in (await client.get(f"{quad}?status=exercise")).content


@pytest.mark.parametrize("path", ["/imports", "/imports/confirm"])
@pytest.mark.parametrize("key", ["reader", ""])
async def test_only_those_who_may_write_there(
    client: httpx.AsyncClient, path: str, key: str
) -> None:
    headers = {"X-API-Key": key} if key else {}
    answer = await client.post(path, params=QUERY, content=TABLE, headers=headers)
    assert answer.status_code in {401, 403}
    answer = await client.post(
        path, params={**QUERY, "collection": "town.notices"}, content=TABLE, headers=WRITER
    )
    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"collection": ""}, 400),
        ({"collection": "town.none"}, 404),
        ({"columns": "{"}, 400),
        ({"columns": json.dumps({"none": "name"})}, 404),
        ({"status": "any"}, 400),
        ({"said-at": "noon"}, 400),
        ({"unknown": "1"}, 400),
    ],
)
async def test_nonsense_is_refused(
    client: httpx.AsyncClient, change: dict[str, str], status: int
) -> None:
    assert (await post(client, "/imports", **change)).status_code == status


async def test_a_file_that_is_no_table_is_422_with_its_problem(client: httpx.AsyncClient) -> None:
    answer = await client.post("/imports", params=QUERY, content=b"PK rubbish", headers=WRITER)
    assert answer.status_code == 422
    assert "import.broken" in answer.text
