"""What the OGC's abstract tests (18-088, annex A) and FROST's suite ask of reading, as ours."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from hinomi.standards.sensorthings import V1_1

pytestmark = pytest.mark.anyio
STA = "/sta/v1.1"
DEPTH = "hazards.sensor_readings.S1.depth_cm"


async def get(client: httpx.AsyncClient, path: str, **query: str) -> Any:
    answer = await client.get(f"{STA}{path}", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_the_root_lists_every_set_and_what_is_conformed_to(client: httpx.AsyncClient) -> None:
    found = await get(client, "")
    assert {one["name"] for one in found["value"]} == {e.set for e in V1_1.entities}
    assert all("/req/" in uri for uri in found["serverSettings"]["conformance"])


@pytest.mark.parametrize("entity", V1_1.entities, ids=lambda e: e.set)
async def test_every_entity_has_its_links_and_required_properties(
    client: httpx.AsyncClient, entity: Any
) -> None:
    found = (await get(client, f"/{entity.set}"))["value"]
    assert found
    one = found[0]
    again = (await client.get(one["@iot.selfLink"])).json()
    assert again == one
    for declared in entity.properties:
        assert not declared.required or declared.name in one
    for relation in entity.relations:
        link = one[f"{relation.name}@iot.navigationLink"]
        linked = await client.get(link)
        assert linked.status_code == 200, (link, linked.text)
        assert ("value" in linked.json()) is relation.many


async def test_properties_and_their_raw_values_have_addresses(client: httpx.AsyncClient) -> None:
    thing = "/Things('hazards.sensor_stations.S1')"
    assert await get(client, f"{thing}/name") == {"name": "一番"}
    raw = await client.get(f"{STA}{thing}/name/$value")
    assert raw.text == "一番"
    refs = await get(client, f"{thing}/Datastreams/$ref")
    assert all(set(one) == {"@iot.selfLink"} for one in refs["value"])


@pytest.mark.parametrize(
    ("kind", "query", "names"),
    [
        ("Things", "name eq '一番'", {"一番"}),
        ("Things", "properties/kind eq 'flood-switch' and not (name eq '一番')", {"二番"}),
        ("Things", "startswith(name,'水') or endswith(name,'番')", {"一番", "二番", "水位"}),
        ("Locations", "st_within(location, geography'POLYGON((139 35,139.8 35,139.8 36,139 36,139 35))')",  # noqa: E501
         {"一番", "二番"}),
        ("Locations", "geo.distance(location, geography'POINT(139.9 35.9)') lt 0.01", {"水位"}),
        ("Locations", "geo.intersects(location, geography'LINESTRING(139.7 35,139.7 36)')", {"一番"}),  # noqa: E501
        ("Datastreams", "unitOfMeasurement/symbol eq 'V' and Thing/name eq '二番'", {"二番 電池電圧"}),  # noqa: E501
        ("Datastreams", "ObservedProperty/@iot.id eq 'level_m'", {"水位 水位"}),
    ],
)  # fmt: skip
async def test_filters_choose(
    client: httpx.AsyncClient, kind: str, query: str, names: set[str]
) -> None:
    found = await get(client, f"/{kind}", **{"$filter": query})
    assert {one["name"] for one in found["value"]} == names


@pytest.mark.parametrize(
    ("query", "results"),
    [
        ("result gt 10", [30, 20]),
        ("result add 5 ge 25 and result mul 2 lt 50", [20]),
        ("phenomenonTime ge 2026-07-01T11:03:00Z", [30, 20]),
        ("phenomenonTime lt 2026-07-01T11:01:00Z", [0]),
        ("minute(phenomenonTime) eq 2", [10]),
        ("phenomenonTime gt now() sub duration'PT57M30S'", [30, 20]),
        ("resultTime eq 2026-07-01T11:04:00Z", [30]),
        ("resultQuality eq 'good' and result gt 25", [30]),
        ("result gt 1000", []),
    ],
)
async def test_observations_are_filtered_by_value_and_time(
    client: httpx.AsyncClient, query: str, results: list[int]
) -> None:
    found = await get(client, f"/Datastreams('{DEPTH}')/Observations", **{"$filter": query})
    assert [one["result"] for one in found["value"]] == results


async def test_expansions_nest_with_their_own_options(client: httpx.AsyncClient) -> None:
    found = await get(
        client,
        "/Things('hazards.sensor_stations.S1')",
        **{
            "$expand": "Locations($select=location),Datastreams($filter=unitOfMeasurement/symbol eq 'cm'"  # noqa: E501
            ";$expand=Observations($top=2;$orderby=phenomenonTime asc;$select=result;$count=true),Sensor)"  # noqa: E501
        },
    )
    assert found["Locations"] == [{"location": {"type": "Point", "coordinates": [139.7, 35.6]}}]
    (stream,) = found["Datastreams"]
    assert stream["Observations"] == [{"result": 0}, {"result": 0}]
    assert stream["Observations@iot.count"] == 5
    assert stream["Sensor"]["@iot.id"] == "flood-switch"


@pytest.mark.parametrize(
    ("path", "order"),
    [
        ("/Datastreams", ""),
        ("/Datastreams", "name desc"),
        ("/Things", "Locations/name"),
        ("/Observations", ""),
        ("/Observations", "phenomenonTime asc"),
        ("/Observations", "result desc,phenomenonTime asc"),
    ],
)
async def test_pages_follow_each_other_without_loss_or_repetition(
    client: httpx.AsyncClient, path: str, order: str
) -> None:
    if order == "Locations/name":
        answer = await client.get(f"{STA}{path}", params={"$orderby": order})
        assert answer.status_code == 400
        return
    asked = {"$orderby": order} if order else {}
    whole = (await get(client, path, **asked))["value"]
    found: list[Any] = []
    link = f"{STA}{path}"
    answer = await client.get(link, params={**asked, "$top": "3", "$count": "true"})
    while True:
        body = answer.json()
        found += body["value"]
        assert body["@iot.count"] == len(whole)
        if "@iot.nextLink" not in body:
            break
        answer = await client.get(body["@iot.nextLink"])
        assert answer.status_code == 200, answer.text
    assert [one["@iot.id"] for one in found] == [one["@iot.id"] for one in whole]
    assert len(whole) == len({one["@iot.id"] for one in whole})


async def test_skip_and_top_cut_a_page(client: httpx.AsyncClient) -> None:
    whole = (await get(client, "/Things"))["value"]
    part = (await get(client, "/Things", **{"$skip": "1", "$top": "1"}))["value"]
    assert part == whole[1:2]


async def test_data_arrays_hold_the_rows_of_each_datastream(client: httpx.AsyncClient) -> None:
    found = await get(
        client,
        "/Observations",
        **{"$resultFormat": "dataArray", "$select": "result,phenomenonTime"},
    )
    assert {a["dataArray@iot.count"] for a in found["value"]} == {5}
    assert found["value"][0]["components"] == ["phenomenonTime", "result"]


@pytest.mark.parametrize("status", ["", "actual"])
async def test_exercise_readings_and_sensors_never_show_in_actual(
    client: httpx.AsyncClient, status: str
) -> None:
    query = {"status": status} if status else {}
    for kind in (e.set for e in V1_1.entities):
        text = (await client.get(f"{STA}/{kind}", params=query)).text
        assert "X1" not in text and "訓練" not in text, kind  # noqa: PT018
    drill = await get(client, "/Things", status="exercise")
    assert [one["name"] for one in drill["value"]] == ["訓練"]
    hidden = await client.get(f"{STA}/Datastreams('hazards.sensor_readings.X1.depth_cm')")
    assert hidden.status_code == 404


@pytest.mark.parametrize(
    ("path", "query", "status"),
    [
        ("/Nothing", "", 404),
        ("/Things('no')", "", 404),
        ("/Things", "$filter=name eq", 400),
        ("/Things", "$filter=nothing eq 1", 400),
        ("/Things", "$filter=Datastreams/name eq 'a'", 400),
        ("/Things", "$expand=Nothing", 400),
        ("/Things", "$top=-1", 400),
        ("/Things", "$nothing=1", 400),
        ("/Things", "$skiptoken=abc", 400),
        ("/Things", "$resultFormat=csv", 400),
        ("/Things('hazards.sensor_stations.S1')/nothing", "", 400),
        ("/Observations('x@99999999999999999')", "", 404),
        (f"/Observations('{DEPTH}@99999999999999999')", "", 404),
    ],
)
async def test_questions_without_sense_are_refused_by_name(
    client: httpx.AsyncClient, path: str, query: str, status: int
) -> None:
    answer = await client.get(f"{STA}{path}?{query}")
    assert answer.status_code == status, answer.text
    assert answer.json()["detail"]


async def test_an_earlier_moment_can_be_asked(client: httpx.AsyncClient) -> None:
    found = await get(client, "/Observations", **{"as-of": "2026-07-01T00:00:00Z"})
    assert found["value"] == []
    assert (await get(client, "/Things", **{"as-of": "2026-07-01T00:00:00Z"}))["value"]


async def test_links_begin_where_they_were_asked(client: httpx.AsyncClient) -> None:
    one = (await get(client, "/Things"))["value"][0]
    assert urlsplit(one["@iot.selfLink"]).netloc == "town.test"
