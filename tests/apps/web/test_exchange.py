"""Packages over HTTP: on request with an ETag, uploaded by those who may, subscribed to."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from hinomi.apps.web.app import create_app
from hinomi.kernel.marking import Disclosure, Marking, Principal
from hinomi.runtime.areas import StoreGazetteer
from hinomi.runtime.catalog import default_catalog
from hinomi.runtime.intake import Intake
from hinomi.runtime.service import Service
from hinomi.runtime.websub import Subscriptions
from hinomi.runtime.writer import Writer
from hinomi.standards import sip4d
from hinomi.stores.memory import MemoryStore

PACKAGES = "exchange/sip4d-zip"
KEYS = {
    "all": Principal("pref", ("*",), Disclosure.RED, ("*",)),
    "roads": Principal("roads", ("roads",), Disclosure.AMBER, ("response.roads",)),
    "open": Principal("town", ("town",), Disclosure.CLEAR, ("response.layers",)),
}
ITEMS = "/collections/response.shelters/items"

pytestmark = pytest.mark.anyio


class _Ring:
    def principal(self, secret: str) -> Principal | None:
        return KEYS.get(secret)


@pytest.fixture
def service(tmp_path: Path) -> Service:
    store = MemoryStore()
    found = Service(store, default_catalog(), keyring=_Ring())
    intake = Intake(Writer(store), found.catalog, StoreGazetteer(store))
    found.take = lambda data, name: intake.take(data, name, name, found.now())
    found.subscriptions = Subscriptions(tmp_path / "websub.db")
    return found


@pytest.fixture
async def node(service: Service) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=create_app(service))
    async with httpx.AsyncClient(transport=transport, base_url="http://node.test") as found:
        yield found
    assert service.subscriptions is not None
    service.subscriptions.close()


@pytest.fixture
def shelters(shared_data: Path) -> bytes:
    return (shared_data / PACKAGES / "kunren_023_01-001-01_20260414140049_1.zip").read_bytes()


async def _upload(node: httpx.AsyncClient, data: bytes, key: str) -> httpx.Response:
    return await node.post("/packages", content=data, headers={"X-API-Key": key})


async def test_an_uploaded_package_can_be_had_again_and_only_when_it_has_changed(
    node: httpx.AsyncClient, shelters: bytes
) -> None:
    sent = await _upload(node, shelters, "all")
    assert sent.status_code in (201, 202), sent.text
    assert sent.json()["report"]["collections"]["response.shelters"] == 5555
    asked = {"f": "sip4d-zip", "status": "exercise"}
    got = await node.get(ITEMS, params=asked)
    assert got.headers["content-type"] == "application/zip"
    assert sip4d.check(got.content).features == 5555
    assert 'rel="hub"' in got.headers["link"]
    again = await node.get(ITEMS, params=asked, headers={"If-None-Match": got.headers["etag"]})
    assert again.status_code == 304


async def test_an_exercise_is_in_no_actual_package(
    node: httpx.AsyncClient, shelters: bytes
) -> None:
    await _upload(node, shelters, "all")
    assert (await node.get(ITEMS, params={"f": "sip4d-zip"})).status_code == 404
    refused = await node.get(ITEMS, params={"f": "sip4d-zip", "status": "any"})
    assert refused.status_code == 400


@pytest.mark.parametrize(
    ("key", "name", "status"),
    [
        ("", "kunren_023_01-001-01_20260414140049_1.zip", 403),
        ("roads", "kunren_023_01-001-01_20260414140049_1.zip", 403),
        # Marked for responders: the town's key may write there, but not see it.
        ("open", "052_20250801_0000000.zip", 403),
        ("open", "20260609111841_R_1003665_20251004.zip", 403),
        ("all", "utf8bom.json", 422),
    ],
)
async def test_who_may_not_write_or_sends_no_package_is_refused(
    node: httpx.AsyncClient, service: Service, shared_data: Path, key: str, name: str, status: int
) -> None:
    data = (shared_data / PACKAGES / name).read_bytes()
    headers = {"X-API-Key": key} if key else {}
    answer = await node.post("/packages", content=data, headers=headers)
    assert answer.status_code in ({401, 403} if status == 403 else {status})
    assert service.store.position() == 0


async def test_a_closed_layer_is_given_to_its_circle_only(
    node: httpx.AsyncClient, service: Service, shared_data: Path
) -> None:
    await _upload(node, (shared_data / PACKAGES / "052_20250801_0000000.zip").read_bytes(), "all")
    address = "/collections/response.layers/items"
    asked = {"f": "sip4d-zip", "status": "exercise"}
    assert (await node.get(address, params=asked)).status_code == 404
    got = await node.get(address, params=asked, headers={"X-API-Key": "all"})
    marking = sip4d.open_package(got.content).marking()
    assert marking is not None
    assert marking.disclosure is Disclosure.AMBER
    assert {m for c, m in service.store.counts() if c == "response.layers"} == {
        Marking(marking.status, marking.disclosure, ("disaster-responders",))
    }


def _form(**change: Any) -> dict[str, Any]:
    form = {
        "hub.mode": "subscribe",
        "hub.topic": f"http://node.test{ITEMS}?f=sip4d-zip",
        "hub.callback": "http://pref.test/in",
        "hub.secret": "s",
    }
    return {**form, **change}


async def test_a_subscription_waits_for_its_verification(
    node: httpx.AsyncClient, service: Service
) -> None:
    answer = await node.post("/websub", data=_form(), headers={"X-API-Key": "roads"})
    assert answer.status_code == 202, answer.text
    assert service.subscriptions is not None
    (asked,) = service.subscriptions.waiting(service.now())
    assert (asked.callback, asked.user, asked.secret) == ("http://pref.test/in", "roads", "s")
    assert service.subscriptions.active() == []


@pytest.mark.parametrize(
    "change",
    [
        {"hub.mode": "publish"},
        {"hub.callback": "file:///etc/passwd"},
        {"hub.topic": f"http://other.test{ITEMS}?f=sip4d-zip"},
        {"hub.topic": "http://node.test/"},
        {"hub.secret": "x" * 200},
        {"hub.lease_seconds": "soon"},
    ],
    ids=["mode", "callback", "elsewhere", "no package", "secret", "lease"],
)
async def test_a_wrong_wish_is_refused(node: httpx.AsyncClient, change: dict[str, str]) -> None:
    answer = await node.post("/websub", data=_form(**change), headers={"X-API-Key": "roads"})
    assert answer.status_code == 400, answer.text
    assert (await node.post("/websub", data=_form())).status_code in (401, 403)
