"""A headquarters through the API: signing in, forms as data, drafting, confirming, publishing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from hinomi.apps.web.app import create_app
from hinomi.kernel.marking import Disclosure, Principal
from hinomi.runtime.catalog import default_catalog
from hinomi.runtime.keys import Keys
from hinomi.runtime.people import MAX_FAILURES, People
from hinomi.runtime.service import Service
from hinomi.stores.memory import MemoryStore

pytestmark = pytest.mark.anyio
TOWN = "1720400"  # 輪島市
ORDER = {"kind": "evacuate", "area_code": TOWN, "districts": ["東部"], "reason": "flood"}


@pytest.fixture
def people(tmp_path: Path) -> People:
    return People(tmp_path)


@pytest.fixture
def keys(tmp_path: Path) -> dict[str, str]:
    found = Keys(tmp_path)
    roles = {"佐藤": "officer", "鈴木": "officer", "町長": "commander"}
    return {
        name: found.create(Principal(name, ("town",), Disclosure.AMBER, (), (role,)))
        for name, role in roles.items()
    }


@pytest.fixture
async def client(people: People) -> AsyncIterator[httpx.AsyncClient]:
    service = Service(MemoryStore(), default_catalog(), keyring=people)
    transport = httpx.ASGITransport(app=create_app(service))
    async with httpx.AsyncClient(transport=transport, base_url="http://town.test") as found:
        yield found


async def act(client: httpx.AsyncClient, key: str, name: str, /, **rest: Any) -> httpx.Response:
    status = rest.pop("status", "actual")
    return await client.post(
        f"/acts/{name}?status={status}", json=rest, headers={"X-API-Key": key} if key else {}
    )


async def drafted(client: httpx.AsyncClient, key: str, **values: Any) -> dict[str, Any]:
    made = await act(client, key, "response.draft-order", values={**ORDER, **values})
    assert made.status_code == 200, made.text
    found: dict[str, Any] = made.json()["records"][0]
    return found


async def test_an_order_needs_two_people_and_a_commander(
    client: httpx.AsyncClient, keys: dict[str, str]
) -> None:
    draft = await drafted(client, keys["佐藤"])
    on = {"key": draft["key"], "expected": draft["record"]}
    own = await act(client, keys["佐藤"], "response.confirm-order", **on)
    assert own.status_code == 403
    assert own.json()["rule"] == "second-person"
    early = await act(client, keys["町長"], "response.publish-order", **on)
    assert early.status_code == 400
    confirmed = await act(client, keys["鈴木"], "response.confirm-order", **on)
    on["expected"] = confirmed.json()["records"][0]["record"]
    officer = await act(client, keys["鈴木"], "response.publish-order", **on)
    assert officer.json()["rule"] == "role"
    published = await act(client, keys["町長"], "response.publish-order", **on)
    assert published.status_code == 200
    seen = (await client.get("/collections/response.evacuation_orders/items")).json()["features"]
    assert [f["id"] for f in seen] == [f"{TOWN}/東部"]
    assert seen[0]["properties"]["legal_basis"] == "災害対策基本法第60条第1項"
    assert not {"佐藤", "鈴木", "町長"} & set(map(str, seen[0]["properties"].values()))


async def test_a_draft_is_seen_by_the_organisation_only(
    client: httpx.AsyncClient, keys: dict[str, str]
) -> None:
    draft = await drafted(client, keys["佐藤"])
    drafts = "/collections/response.order_drafts/items"
    assert (await client.get(drafts)).json()["features"] == []
    own = await client.get(drafts, headers={"X-API-Key": keys["鈴木"]})
    assert [f["id"] for f in own.json()["features"]] == [draft["key"]]
    assert (await client.get("/collections/response.evacuation_orders/items")).json()[
        "features"
    ] == []


async def test_who_saw_something_older_is_told_of_the_conflict(
    client: httpx.AsyncClient, keys: dict[str, str]
) -> None:
    made = await act(client, keys["佐藤"], "response.write-entry", values={"text": "橋が通行止"})
    entry = made.json()["records"][0]
    on = {"key": entry["key"], "expected": entry["record"]}
    first = await act(
        client, keys["鈴木"], "response.correct-entry", **on, values={"text": "橋が通行止め"}
    )
    assert first.status_code == 200
    second = await act(client, keys["佐藤"], "response.correct-entry", **on, values={"text": "別"})
    assert second.status_code == 412
    unseen = await act(client, keys["佐藤"], "response.correct-entry", key=entry["key"])
    assert unseen.status_code == 428


async def test_a_repeated_request_writes_once(
    client: httpx.AsyncClient, keys: dict[str, str]
) -> None:
    sent = {"id": "c0ffee00-1", "values": {"text": "停電の連絡"}}
    first = await act(client, keys["佐藤"], "response.write-entry", **sent)
    again = await act(client, keys["佐藤"], "response.write-entry", **sent)
    assert first.json()["records"] == again.json()["records"]
    found = await client.get(
        "/collections/response.chronology/items", headers={"X-API-Key": keys["佐藤"]}
    )
    assert found.json()["numberReturned"] == 1


async def test_all_that_does_not_fit_the_form_is_told_at_once(
    client: httpx.AsyncClient, keys: dict[str, str]
) -> None:
    answer = await act(
        client,
        keys["佐藤"],
        "response.draft-order",
        values={"kind": "flee", "area_code": "12", "colour": "red"},
    )
    assert answer.status_code == 422
    paths = {p["path"] for p in answer.json()["problems"]}
    assert paths == {"values/kind", "values/area_code", "values/colour", "values/reason"}


async def test_forms_tell_what_is_possible_and_why_not(
    client: httpx.AsyncClient, keys: dict[str, str]
) -> None:
    draft = await drafted(client, keys["佐藤"])
    path = f"/acts?collection=response.order_drafts&key={draft['key']}"
    told = (await client.get(path, headers={"X-API-Key": keys["鈴木"]})).json()
    assert told["record"] == draft["record"]
    possible = {a["id"]: a["possible"] for a in told["acts"]}
    assert possible == {
        "response.confirm-order": True,
        "response.publish-order": False,
        "response.send-back-order": True,
    }
    anonymous = (await client.get("/acts?collection=response.tasks")).json()["acts"]
    assert anonymous
    assert not any(a["possible"] for a in anonymous)


async def join(client: httpx.AsyncClient, name: str, role: str = "officer") -> str:
    answer = await client.post(
        "/session", json={"name": name, "role": role}, headers={"X-CSRF-Token": "1"}
    )
    assert answer.status_code == 201, answer.text
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    token: str = answer.json()["token"]
    return token


async def test_a_guest_of_a_drill_writes_exercise_statements_only(
    client: httpx.AsyncClient,
) -> None:
    token = {"X-CSRF-Token": await join(client, "高橋")}
    written = {"values": {"text": "訓練の記録"}}
    actual = await client.post("/acts/response.write-entry", json=written, headers=token)
    assert actual.status_code == 403
    assert actual.json()["rule"] == "drill-guest"
    drill = "/acts/response.write-entry?status=exercise"
    assert (await client.post(drill, json=written, headers=token)).status_code == 200
    items = "/collections/response.chronology/items"
    assert (await client.get(items)).json()["features"] == []
    (entry,) = (await client.get(f"{items}?status=exercise")).json()["features"]
    assert entry["properties"]["written_by"] == "高橋（訓練）"
    assert entry["properties"]["status"] == "exercise"
    client.cookies.clear()
    assert (await client.get(f"{items}?status=exercise")).json()["features"] == []


async def test_a_guest_cannot_write_by_the_features_door(client: httpx.AsyncClient) -> None:
    token = {"X-CSRF-Token": await join(client, "高橋", "commander")}
    feature = {"type": "Feature", "geometry": None, "properties": {"status": "exercise"}}
    for collection in ("response.shelters", "response.evacuation_orders"):
        path = f"/collections/{collection}/items"
        assert (await client.post(path, json=feature, headers=token)).status_code == 403


async def test_a_cookie_alone_changes_nothing(client: httpx.AsyncClient) -> None:
    await join(client, "高橋")
    drill = "/acts/response.write-entry?status=exercise"
    bare = await client.post(drill, json={"values": {"text": "x"}})
    assert bare.status_code == 403
    assert bare.json()["rule"] == "csrf"
    forged = await client.post("/session", json={"name": "誰か", "role": "officer"})
    assert forged.status_code == 403


async def test_signing_in_with_a_key_and_out_again(
    client: httpx.AsyncClient, keys: dict[str, str]
) -> None:
    made = await client.post("/session", json={"key": keys["佐藤"]}, headers={"X-CSRF-Token": "1"})
    assert made.status_code == 201
    me = (await client.get("/me")).json()
    assert (me["name"], me["organisation"], me["only"]) == ("佐藤", "town", None)
    assert [r["id"] for r in me["roles"]] == ["officer"]
    out = await client.delete("/session", headers={"X-CSRF-Token": me["token"]})
    assert out.status_code == 204
    client.cookies.set("hinomi_session", made.cookies["hinomi_session"])
    assert (await client.get("/me")).json()["name"] is None


async def test_a_revoked_key_ends_its_sessions(
    client: httpx.AsyncClient, keys: dict[str, str], tmp_path: Path
) -> None:
    await client.post("/session", json={"key": keys["佐藤"]}, headers={"X-CSRF-Token": "1"})
    assert (await client.get("/me")).json()["name"] == "佐藤"
    Keys(tmp_path).revoke("佐藤")
    assert (await client.get("/me")).json()["name"] is None


async def test_the_operators_link_works_once(client: httpx.AsyncClient, people: People) -> None:
    link = people.link()
    asked = {"link": link, "name": "当直"}
    first = await client.post("/session", json=asked, headers={"X-CSRF-Token": "1"})
    assert first.status_code == 201
    token = {"X-CSRF-Token": first.json()["token"]}
    written = await client.post(
        "/acts/response.write-entry", json={"values": {"text": "設置"}}, headers=token
    )
    assert written.status_code == 200
    again = await client.post("/session", json=asked, headers=token)
    assert again.status_code == 403


async def test_guessing_keys_is_cut_off(client: httpx.AsyncClient, keys: dict[str, str]) -> None:
    for _ in range(MAX_FAILURES):
        wrong = await client.post("/session", json={"key": "no"}, headers={"X-CSRF-Token": "1"})
        assert wrong.json()["rule"] == "sign-in"
    right = await client.post("/session", json={"key": keys["佐藤"]}, headers={"X-CSRF-Token": "1"})
    assert right.json()["rule"] == "too-many-tries"


async def test_a_value_that_no_form_can_hold_is_refused(
    client: httpx.AsyncClient, keys: dict[str, str]
) -> None:
    answer = await client.post(
        "/acts/response.write-entry",
        content=b'{"values": {"text": "x", "known_at": -99999999999999999999999}}',
        headers={"X-API-Key": keys["佐藤"]},
    )
    assert answer.status_code == 422
