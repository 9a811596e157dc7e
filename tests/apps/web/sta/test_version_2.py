"""SensorThings 2.0 (OGC 23-019): the same entities by the next version's names; read only."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from hinomi.standards.sensorthings import V1_1, V2_0

pytestmark = pytest.mark.anyio
STA = "/sta/v2.0"
OLD = "/sta/v1.1"
DEPTH = "hazards.sensor_readings.S1.depth_cm"
EMPTY = {"FeatureType"}


async def get(client: httpx.AsyncClient, path: str, **query: str) -> Any:
    address = path if path.startswith(("/sta", "http")) else f"{STA}{path}"
    answer = await client.get(address, params=query or None)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_the_root_tells_context_sets_conformance_functions_and_where_it_is(
    client: httpx.AsyncClient,
) -> None:
    found = await get(client, "")
    assert found["@context"].endswith("/sta/v2.0/$metadata")
    assert {one["name"] for one in found["value"]} == {e.set for e in V2_0.entities}
    settings = found["serverSettings"]
    assert all("/sensorthings/2.0/req" in uri for uri in settings["conformance"])
    assert "st_within" in settings["functions"]
    assert settings["http://www.opengis.net/spec/sensorthings/2.0/req/binding/http"] == {
        "endpoints": [found["@context"].removesuffix("/$metadata")]
    }


async def test_the_model_is_told_and_every_link_of_it_leads_somewhere(
    client: httpx.AsyncClient,
) -> None:
    model = await get(client, "/$metadata")
    schema = model["org.OGC"]
    for name, entity in schema.items():
        for relation, link in entity.items():
            if isinstance(link, dict) and link.get("$Kind") == "NavigationProperty":
                assert link["$Type"].removeprefix("org.OGC.") in schema, (name, relation)
    sets = schema[model["$EntityContainer"].rpartition(".")[2]]
    assert {name for name in sets if name != "$Kind"} == {e.set for e in V2_0.entities}


@pytest.mark.parametrize("entity", V2_0.entities, ids=lambda e: e.set)
async def test_every_entity_has_its_links_and_required_attributes(
    client: httpx.AsyncClient, entity: Any
) -> None:
    answer = await get(client, f"/{entity.set}")
    assert answer["@context"].endswith(f"/$metadata#{entity.set}")
    if entity.name in EMPTY:
        assert answer["value"] == []
        return
    one = answer["value"][0]
    again = await get(client, one["@id"])
    assert again.pop("@context").endswith(f"/$metadata#{entity.set}/$entity")
    assert again == one
    assert not any("@iot" in name for name in one)
    for declared in entity.properties:
        assert not declared.required or declared.name in one
    for relation in entity.relations:
        linked = await client.get(one[f"{relation.name}@navigationLink"])
        if linked.status_code == 404:
            assert not relation.required
            assert not relation.many
            continue
        assert linked.status_code == 200, linked.text
        assert ("value" in linked.json()) is relation.many


async def test_what_both_versions_tell_is_the_same(client: httpx.AsyncClient) -> None:
    for old in V1_1.entities:
        new = next(e for e in V2_0.entities if e.kind == old.name)
        told = [
            sorted(str(row["@iot.id" if way is old else "id"]) for row in found["value"])
            for way, found in (
                (old, await get(client, f"{OLD}/{old.set}", **{"$top": "1000"})),
                (new, await get(client, f"/{new.set}", **{"$top": "1000"})),
            )
        ]
        assert told[0] == told[1]


async def test_a_datastream_says_unit_and_property_in_its_result_type(
    client: httpx.AsyncClient,
) -> None:
    found = await get(client, f"/Datastreams('{DEPTH}')")
    kind = found["resultType"]
    assert (kind["type"], kind["uom"]["code"]) == ("Quantity", "cm")
    assert "unitOfMeasurement" not in found
    observed = await get(client, f"/{kind['definition']}")
    assert (
        observed["id"]
        == (await get(client, f"/Datastreams('{DEPTH}')/ObservedProperties"))["value"][0]["id"]
    )
    chosen = await get(client, "/Datastreams", **{"$filter": "resultType/type eq 'Quantity'"})
    assert DEPTH in {row["id"] for row in chosen["value"]}


async def test_an_observation_has_its_time_as_an_object_that_filters_reach(
    client: httpx.AsyncClient,
) -> None:
    path = f"/Datastreams('{DEPTH}')/Observations"
    found = await get(client, path, **{"$top": "2", "$count": "true"})
    first = found["value"][0]
    assert set(first["phenomenonTime"]) == {"start"}
    assert first["properties"]["resultQuality"]
    assert found["@count"] >= len(found["value"])
    start = first["phenomenonTime"]["start"]
    for name in ("phenomenonTime", "phenomenonTime/start"):
        same = await get(client, path, **{"$filter": f"{name} eq {start}"})
        assert [row["id"] for row in same["value"]] == [first["id"]]


async def test_expansions_pages_references_and_single_attributes_use_the_new_words(
    client: httpx.AsyncClient,
) -> None:
    page = await get(
        client, "/Datastreams",
        **{"$top": "1", "$expand": "Observations($top=1;$count=true),ObservedProperties,Thing"},
    )  # fmt: skip
    (row,) = page["value"]
    assert row["Observations@count"] >= len(row["Observations"])
    assert row["ObservedProperties"][0]["definition"]
    assert "/sta/v2.0/Datastreams" in page["@nextLink"]
    thing = f"/Things('{row['Thing']['id']}')"
    alone = await get(client, f"{thing}/name")
    assert (alone["value"], alone["@context"][-10:]) == (row["Thing"]["name"], "Edm.String")
    refs = await get(client, f"{thing}/Datastreams/$ref")
    assert all(set(one) == {"@id"} for one in refs["value"])
    one = await get(client, f"/Datastreams('{row['id']}')/Thing/$ref")
    assert one["@id"] == row["Thing"]["@id"]


async def test_what_is_selected_ordered_skipped_and_counted(client: httpx.AsyncClient) -> None:
    every = await get(client, "/Things", **{"$orderby": "name desc", "$top": "100"})
    names = [row["name"] for row in every["value"]]
    assert names == sorted(names, reverse=True)
    assert len(names) > 2
    page = await get(
        client, "/Things",
        **{"$orderby": "name desc", "$top": "1", "$skip": "1", "$count": "true", "$select": "name"},
    )  # fmt: skip
    assert page["@count"] == len(names)
    (row,) = page["value"]
    assert set(row) == {"@id", "name"}
    walked = [row["name"]]
    while "@nextLink" in page:
        page = await get(client, page["@nextLink"])
        walked += [row["name"] for row in page["value"]]
    assert walked == names[1:]


async def test_nothing_of_an_exercise_shows_and_nothing_is_written(
    client: httpx.AsyncClient,
) -> None:
    for path in ("/Things", "/Observations", "/Features", "/Datastreams"):
        answer = await client.get(f"{STA}{path}", params={"$top": "1000"})
        assert "X1" not in answer.text
        assert "訓練" not in answer.text
    drill = await get(client, "/Things", status="exercise", **{"$top": "1000"})
    assert "訓練" in {row["name"] for row in drill["value"]}
    assert (await client.post(f"{STA}/Things", json={"name": "x"})).status_code == 405
