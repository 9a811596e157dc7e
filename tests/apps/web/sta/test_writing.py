"""Create, update, delete, deep insert, data arrays, batches, webhooks; who may do what."""

from __future__ import annotations

import base64
import json
from typing import Any

import httpx
import pytest

pytestmark = pytest.mark.anyio
STA = "/sta/v1.1"
KEY = {"X-API-Key": "writer"}
STREAM = "hazards.sensor_readings.S1.depth_cm"
LOCATION = json.dumps(
    {"name": "橋詰", "description": "東", "encodingType": "application/geo+json",
     "location": {"type": "Point", "coordinates": [135.0, 34.5]}}
)  # fmt: skip
POINT = {"type": "Point", "coordinates": [135.0, 34.5]}
THING = {
    "name": "橋",
    "description": "橋の計器",
    "properties": {"owner": "町"},
    "Locations": [
        {"name": "橋詰", "description": "東", "encodingType": "application/geo+json", "location": POINT}  # noqa: E501
    ],
    "Datastreams": [
        {
            "name": "風速",
            "description": "10 min",
            "observationType": "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement",
            "unitOfMeasurement": {"name": "m/s", "symbol": "m/s", "definition": "ucum:m/s"},
            "Sensor": {"name": "風速計", "description": "x", "encodingType": "text/plain",
                       "metadata": "https://example.test"},
            "ObservedProperty": {"name": "Wind speed", "definition": "https://example.test/wind",
                                 "description": "x"},
            "Observations": [
                {"phenomenonTime": "2026-07-01T10:00:00Z", "result": 3.5},
                {"phenomenonTime": "2026-07-01T10:10:00+00:00", "result": 4},
            ],
        }
    ],
}  # fmt: skip


async def send(
    client: httpx.AsyncClient,
    method: str,
    path: str,
    body: Any = None,
    status: int = 201,
    **more: Any,
) -> httpx.Response:
    answer = await client.request(method, f"{STA}{path}", json=body, headers={**KEY, **more})
    assert answer.status_code == status, answer.text
    return answer


async def made(client: httpx.AsyncClient) -> tuple[Any, Any]:
    thing = (await send(client, "POST", "/Things", THING)).json()
    found = (await client.get(thing["Datastreams@iot.navigationLink"])).json()["value"][0]
    return thing, found


async def test_a_deep_insert_makes_all_that_it_brings_along(client: httpx.AsyncClient) -> None:
    answer = await send(client, "POST", "/Things", THING)
    thing = answer.json()
    assert answer.headers["location"] == thing["@iot.selfLink"]
    expand = (
        "Locations,Datastreams($expand=Sensor,ObservedProperty,Observations),HistoricalLocations"
    )
    found = (await client.get(thing["@iot.selfLink"], params={"$expand": expand})).json()
    assert found["Locations"][0]["location"] == POINT
    (stream,) = found["Datastreams"]
    assert [o["result"] for o in stream["Observations"]] == [4, 3.5]
    assert stream["Sensor"]["name"] == "風速計"
    assert stream["unitOfMeasurement"]["definition"] == "ucum:m/s"
    assert len(found["HistoricalLocations"]) == 1


async def test_parts_are_made_one_by_one_and_linked(client: httpx.AsyncClient) -> None:
    place = (await send(client, "POST", "/Locations", THING["Locations"][0])).json()["@iot.id"]  # type: ignore[index]
    thing = await send(
        client,
        "POST",
        "/Things",
        {"name": "a", "description": "b", "Locations": [{"@iot.id": place}]},
    )
    row_id = thing.json()["@iot.id"]
    stream = dict(THING["Datastreams"][0])  # type: ignore[call-overload]
    for kind, path in (("Sensor", "Sensors"), ("ObservedProperty", "ObservedProperties")):
        one = await send(client, "POST", f"/{path}", stream[kind])
        stream[kind] = {"@iot.id": one.json()["@iot.id"]}
    stream.pop("Observations")
    found = (await send(client, "POST", f"/Things('{row_id}')/Datastreams", stream)).json()
    one = await send(
        client, "POST", f"/Datastreams('{found['@iot.id']}')/Observations", {"result": 7}
    )
    assert one.json()["result"] == 7
    again = await client.get(one.headers["location"])
    assert again.json()["phenomenonTime"] == "2026-07-01T12:00:00.000Z"


async def test_an_update_keeps_the_id_and_a_correction_replaces_the_result(
    client: httpx.AsyncClient,
) -> None:
    thing, stream = await made(client)
    path = thing["@iot.selfLink"].partition(STA)[2]
    changed = await send(client, "PATCH", path, {"name": "新橋"}, 200)
    assert changed.json()["name"] == "新橋"
    assert changed.json()["description"] == "橋の計器"
    rows = (await client.get(stream["Observations@iot.navigationLink"])).json()["value"]
    one = rows[0]["@iot.selfLink"].partition(STA)[2]
    corrected = await send(client, "PATCH", one, {"result": 40.5}, 200)
    assert corrected.json() == {**rows[0], "result": 40.5}
    patch = [{"op": "replace", "path": "/properties/owner", "value": "県"}]
    answer = await client.patch(
        f"{STA}{path}", content=json.dumps(patch),
        headers={**KEY, "content-type": "application/json-patch+json"},
    )  # fmt: skip
    assert answer.json()["properties"]["owner"] == "県"


async def test_a_thing_that_moves_leaves_a_historical_location(client: httpx.AsyncClient) -> None:
    thing, stream = await made(client)
    path = thing["@iot.selfLink"].partition(STA)[2]
    moved = {**THING["Locations"][0], "location": {"type": "Point", "coordinates": [136.0, 35.0]}}  # type: ignore[dict-item]
    await send(client, "PATCH", path, {"Locations": [moved]}, 200)
    past = (await client.get(thing["HistoricalLocations@iot.navigationLink"])).json()["value"]
    assert len(past) == 2
    again = (await client.get(stream["@iot.selfLink"])).json()
    assert again["observedArea"]["coordinates"] == [136.0, 35.0]


async def test_what_is_deleted_is_gone_with_what_hangs_on_it(client: httpx.AsyncClient) -> None:
    thing, stream = await made(client)
    rows = (await client.get(stream["Observations@iot.navigationLink"])).json()["value"]
    await send(client, "DELETE", rows[0]["@iot.selfLink"].partition(STA)[2], status=200)
    left = (await client.get(stream["Observations@iot.navigationLink"])).json()["value"]
    assert left == rows[1:]
    await send(client, "DELETE", thing["@iot.selfLink"].partition(STA)[2], status=200)
    for gone in (thing["@iot.selfLink"], stream["@iot.selfLink"]):
        assert (await client.get(gone)).status_code == 404


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/Things", {"name": "a"}),
        ("/Things", {"name": 1, "description": "b"}),
        ("/Things", {"name": "a", "description": "b", "nothing": 1}),
        ("/Locations", {"name": "a", "description": "b", "encodingType": "c",
                        "location": {"type": "Point", "coordinates": [35.0, 139.0]}}),
        ("/Datastreams", {"name": "a"}),
        ("/Observations", {"result": 1}),
        ("/Datastreams('hazards.sensor_readings.S1.depth_cm')/Observations", {"result": "x"}),
        ("/Datastreams('hazards.sensor_readings.S1.depth_cm')/Observations",
         {"result": 1, "phenomenonTime": "2027-01-01T00:00:00Z"}),
        ("/Datastreams('hazards.sensor_readings.S1.depth_cm')/Observations",
         {"result": 1, "phenomenonTime": "2026-01-01T00:00:00"}),
        ("/Things", [1]),
    ],
)  # fmt: skip
async def test_wrong_entities_are_refused_with_every_fault(
    client: httpx.AsyncClient, path: str, body: Any
) -> None:
    answer = await send(client, "POST", path, body, 422)
    assert answer.json()["problems"]


async def test_nobody_writes_without_a_right(client: httpx.AsyncClient) -> None:
    thing, _ = await made(client)
    path = thing["@iot.selfLink"].partition(STA)[2]
    for key, status in (("reader", 403), ("", 401), ("other", 403)):
        headers = {"X-API-Key": key} if key else {}
        answer = await client.patch(f"{STA}{path}", json={"name": "x"}, headers=headers)
        assert answer.status_code == status, (key, answer.text)
    river = "/Datastreams('hazards.sensor_readings.S1.depth_cm')/Observations"
    refused = await client.post(
        f"{STA}{river}", json={"result": 1}, headers={"X-API-Key": "reader"}
    )
    assert refused.status_code == 403


async def test_what_is_written_as_exercise_stays_there(client: httpx.AsyncClient) -> None:
    answer = await client.post(
        f"{STA}/Things", params={"status": "exercise"}, json=THING, headers=KEY
    )
    assert answer.status_code == 201, answer.text
    assert (await client.get(answer.headers["location"])).status_code == 404
    assert "橋" not in (await client.get(f"{STA}/Things")).text
    assert "橋" in (await client.get(f"{STA}/Things", params={"status": "exercise"})).text


async def test_a_data_array_is_taken_row_by_row(client: httpx.AsyncClient) -> None:
    stream = "hazards.sensor_readings.S2.depth_cm"
    body = [
        {
            "Datastream": {"@iot.id": name},
            "components": ["phenomenonTime", "result"],
            "dataArray": [["2026-07-01T11:30:00Z", 10], ["2026-07-01T11:31:00Z", 20]],
        }
        for name in (stream, "unknown")
    ]
    told = (await send(client, "POST", "/CreateObservations", body)).json()
    assert told[2:] == ["error", "error"]
    assert (await client.get(told[1])).json()["result"] == 20


async def test_a_batch_does_each_request_and_tells_of_each(client: httpx.AsyncClient) -> None:
    batch = {
        "requests": [
            {
                "id": "1",
                "method": "post",
                "url": "Things",
                "body": {"name": "a", "description": "b"},
            },
            {"id": "2", "method": "patch", "url": "$1", "body": {"name": "c"}},
            {"id": "3", "method": "get", "url": "$1?$select=name"},
            {"id": "4", "method": "get", "url": "Things('no')"},
        ]
    }
    found = (await send(client, "POST", "/$batch", batch, 200)).json()["responses"]
    assert [one["status"] for one in found] == [201, 200, 200, 404]
    assert found[2]["body"] == {"name": "c"}


def part(method: str, url: str, body: str = "", content_id: str = "") -> str:
    own = f"Content-ID: {content_id}\r\n" if content_id else ""
    head = f"Content-Type: application/http\r\n{own}\r\n{method} {url} HTTP/1.1\r\n"
    return f"{head}Content-Type: application/json\r\n\r\n{body}"


def batch_of(boundary: str, *parts: str) -> str:
    return "".join(f"--{boundary}\r\n{one}\r\n" for one in parts) + f"--{boundary}--\r\n"


def change_set(*parts: str) -> str:
    return f"Content-Type: multipart/mixed; boundary=cs\r\n\r\n{batch_of('cs', *parts)}"


async def send_batch(client: httpx.AsyncClient, *parts: str, query: str = "") -> list[str]:
    answer = await client.post(
        f"{STA}/$batch{query}", content=batch_of("b", *parts),
        headers={**KEY, "Content-Type": "multipart/mixed; boundary=b"},
    )  # fmt: skip
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("multipart/mixed; boundary=")
    return [line for line in answer.text.splitlines() if line.startswith("HTTP/1.1 ")]


async def test_a_multipart_batch_reads_and_its_change_set_is_made_at_once(
    client: httpx.AsyncClient,
) -> None:
    stream = f"Datastreams('{STREAM}')"
    found = await send_batch(
        client,
        part("GET", "/v1.1/Things('no')"),
        change_set(
            part("POST", "Things", '{"name":"橋","description":"d"}', "t"),
            part("POST", "$t/Locations", LOCATION, "l"),
            part("POST", f"{stream}/Observations",
                 '{"result":20,"phenomenonTime":"2026-07-01T11:58:00Z"}'),
        ),
        part("GET", "$t?$select=name"),
    )  # fmt: skip
    words = [line.split(" ", 1)[1] for line in found]
    assert words == ["404 Not Found", "201 Created", "201 Created", "201 Created", "200 OK"]
    (thing,) = (await client.get(f"{STA}/Things?$filter=name eq '橋'")).json()["value"]
    places = await client.get(f"{STA}/Things('{thing['@iot.id']}')/Locations")
    assert len(places.json()["value"]) == 1


async def test_of_a_change_set_with_one_fault_nothing_is_made(client: httpx.AsyncClient) -> None:
    before = (await client.get(f"{STA}/Things?$count=true&$top=1")).json()["@iot.count"]
    good = part("POST", "Things", '{"name":"a","description":"d"}', "1")
    for bad in (
        part("POST", "Things", '{"name":7}', "2"),
        part("DELETE", "Things('no')"),
        part("GET", "Things"),
        part("POST", "Things?status=exercise", '{"name":"x","description":"d"}'),
        part("POST", "$1/Nothing", "{}"),
    ):
        found = await send_batch(client, change_set(good, bad))
        assert len(found) == 1, "one answer for the whole group"
        assert found[0].split()[1] in {"400", "404", "422"}
    after = (await client.get(f"{STA}/Things?$count=true&$top=1")).json()["@iot.count"]
    assert after == before
    own = (await send(client, "POST", "/Things", {"name": "a", "description": "d"})).json()
    twice = [part("PATCH", f"Things('{own['@iot.id']}')", f'{{"name":"{n}"}}') for n in "bc"]
    assert await send_batch(client, change_set(*twice)) == ["HTTP/1.1 400 Bad Request"]
    group: dict[str, Any] = {"method": "post", "url": "Things", "atomicityGroup": "g"}
    body = {"name": "a", "description": "d"}
    requests = [{**group, "id": "1", "body": body}, {**group, "id": "2", "body": {"name": 7}}]
    told = (await send(client, "POST", "/$batch", {"requests": requests}, 200)).json()["responses"]
    assert [one["status"] for one in told] == [424, 422]
    requests[1]["body"] = body
    told = (await send(client, "POST", "/$batch", {"requests": requests}, 200)).json()["responses"]
    assert [one["status"] for one in told] == [201, 201]


async def test_an_exercise_batch_makes_nothing_actual(client: httpx.AsyncClient) -> None:
    made = change_set(part("POST", "Things", '{"name":"drill-batch","description":"d"}'))
    (line,) = await send_batch(client, made, query="?status=exercise")
    assert line == "HTTP/1.1 201 Created"
    asked = f"{STA}/Things?$filter=name eq 'drill-batch'"
    assert (await client.get(asked)).json()["value"] == []
    assert len((await client.get(f"{asked}&status=exercise")).json()["value"]) == 1


def chirpstack(counter: int, payload: bytes, time: str) -> dict[str, Any]:
    return {
        "deviceInfo": {"devEui": "0011223344556677", "deviceName": "s1"},
        "devAddr": "01020304", "fCnt": counter, "fPort": 2, "time": time,
        "data": base64.b64encode(payload).decode(), "rxInfo": [{"gatewayId": "g", "rssi": -80}],
    }  # fmt: skip


async def test_a_chirpstack_frame_told_twice_counts_once(client: httpx.AsyncClient) -> None:
    body = chirpstack(5, b"\x03\x0e\x10", "2026-07-01T11:50:00.123456789Z")
    found = []
    for time in ("2026-07-01T11:50:00.123456789Z", "2026-07-01T11:50:03Z"):
        answer = await client.post(
            "/hooks/chirpstack", params={"event": "up"}, json={**body, "time": time}, headers=KEY
        )
        assert answer.status_code == 200, answer.text
        found.append(answer.json())
    assert found == [{"new": 2, "known": 0}, {"new": 0, "known": 0}]
    battery = f"{STA}/Datastreams('hazards.sensor_readings.S1.battery_v')/Observations"
    assert (await client.get(battery)).json()["value"][0]["result"] == 3.6
    joined = await client.post("/hooks/chirpstack", params={"event": "join"}, json={}, headers=KEY)
    assert joined.status_code == 204


async def test_a_switch_above_a_dry_one_is_suspect(client: httpx.AsyncClient) -> None:
    body = chirpstack(9, b"\x04\x0e\x10", "2026-07-01T11:55:00Z")
    await client.post("/hooks/chirpstack", json=body, headers=KEY)
    path = f"{STA}/Datastreams('hazards.sensor_readings.S1.depth_cm')/Observations?$top=1"
    (one,) = (await client.get(path)).json()["value"]
    assert (one["result"], one["resultQuality"]) == (30, "suspect")


async def test_the_things_stack_decodes_for_us(client: httpx.AsyncClient) -> None:
    body = {
        "end_device_ids": {"device_id": "s2", "dev_eui": "0011223344556678", "dev_addr": "01"},
        "received_at": "2026-07-01T11:56:00Z",
        "uplink_message": {
            "f_port": 1, "f_cnt": 4, "frm_payload": "AQ==",
            "decoded_payload": {"switch_10": True, "switch_20": False, "switch_30": False,
                                "battery_v": 3.4},
        },
    }  # fmt: skip
    answer = await client.post("/hooks/tts", json=body, headers=KEY)
    assert answer.json() == {"new": 2, "known": 0}
    unknown = {**body, "end_device_ids": {"dev_eui": "ffffffffffffffff"}}
    refused = await client.post("/hooks/tts", json=unknown, headers=KEY)
    assert refused.status_code == 422
    assert (await client.post("/hooks/tts", json=body)).status_code == 401
