"""What is written down of answers, and what is not."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from hinomi.apps.web.app import create_app
from hinomi.domains.response.collections.roster import Duty
from hinomi.domains.response.collections.shelters import Shelter
from hinomi.kernel.geometry import point
from hinomi.kernel.marking import Disclosure, Marking, Principal, Status
from hinomi.kernel.records import Record
from hinomi.runtime.audit import Audit, Event
from hinomi.runtime.catalog import default_catalog
from hinomi.runtime.keys import Keys
from hinomi.runtime.people import People
from hinomi.runtime.service import Service
from hinomi.runtime.translog import opener, proving
from hinomi.runtime.translog.trust import Growth, Receipt
from hinomi.stores.memory import MemoryStore

pytestmark = pytest.mark.anyio
ITEMS = "/collections/town.shelters/items"


class Watched:
    """The town with its audit and its log."""

    def __init__(self, town: Any, store: Any, folder: Path) -> None:
        self.service = town.service(store)
        self.service.audit = self.audit = Audit(folder, policy="abcd")
        self.service.trust = opener(folder)
        self.app = town.create_app(self.service)

    def told(self, verb: str) -> list[Any]:
        self.audit.flush()
        return [found.event for found in self.audit.find({"verb": verb})]


@pytest.fixture
async def watched(town: Any, store: Any, tmp_path: Path) -> AsyncIterator[Any]:
    found = Watched(town, store, tmp_path)
    transport = httpx.ASGITransport(app=found.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://town.test") as client:
        found.client = client  # type: ignore[attr-defined]
        yield found
    found.audit.close()
    found.service.trust().close()


def planted_shelter() -> Record:
    return Record(
        collection="response.shelters",
        key="s1",
        said_at=datetime(2026, 6, 1, tzinfo=UTC),
        body=Shelter(name="避難所", match_key="s1", state="open"),
        source="town",
        place=point(136.9, 37.1),
    )


READER, WRITER = {"x-api-key": "reader"}, {"x-api-key": "writer"}
"""The town's keys: one sees everything, one may write."""


async def test_anonymous_reading_of_what_is_open_is_not_written_down(watched: Any) -> None:
    for path in (ITEMS, "/collections", f"{ITEMS}?f=csv", "/changes"):
        assert (await watched.client.get(path)).status_code == 200
    watched.audit.flush()
    assert watched.audit.log.size() == 0


async def test_who_saw_what_is_restricted_is_written_down_once_a_minute(
    watched: Any,
) -> None:
    for number in range(5):
        answer = await watched.client.get(f"{ITEMS}?limit={900 + number}", headers=READER)
        assert b"GREEN" in answer.content or b"AMBER" in answer.content
    (event,) = watched.told("saw")
    assert event.what == f"GET {ITEMS}?limit=900"
    assert (event.policy, event.outcome) == ("abcd", "200")
    assert event.markings
    answer = await watched.client.get(f"{ITEMS}?f=csv&limit=900", headers=READER)
    assert answer.status_code == 200
    assert [e.what for e in watched.told("exported")] == [f"GET {ITEMS}?f=csv&limit=900"]


async def test_another_question_to_the_same_address_is_another_entry(watched: Any) -> None:
    """Or the search for a person would stand in the shade of a look at a map."""
    for query in (
        "limit=900&bbox=130,30,150,45",
        "filter=name='非公開'&limit=900",
        "datetime=../..",
    ):
        answer = await watched.client.get(f"{ITEMS}?{query}", headers=READER)
        assert b"AMBER" in answer.content, query
    assert len(watched.told("saw")) == 3
    await watched.client.get(f"{ITEMS}?limit=901&bbox=130,30,150,44", headers=READER)
    assert len(watched.told("saw")) == 3


async def test_the_export_of_personal_data_is_told_apart(tmp_path: Path) -> None:
    """Who may read them leaves a mark; to whom they are covered does not."""
    keys = Keys(tmp_path)
    people = People(tmp_path)
    secrets = {
        role: keys.create(Principal(role, ("hq",), Disclosure.RED, (), (role,)))
        for role in ("town-officer", "prefecture-officer")
    }
    service = Service(MemoryStore(), default_catalog(), keyring=people)
    service.audit = audit = Audit(tmp_path)
    body = Duty(name="能登花子", contact="090", team="x", state="on_duty")
    marking = Marking(Status.ACTUAL, Disclosure.AMBER, ("hq",))
    at = service.now()
    record = Record(
        collection="response.roster", key="d1", said_at=at, body=body, source="t", marking=marking
    )
    service.store.put([record], at=at)
    transport = httpx.ASGITransport(app=create_app(service))
    async with httpx.AsyncClient(transport=transport, base_url="http://town.test") as client:
        tags: dict[str, str] = {}
        for role, secret in secrets.items():
            for path in ("/collections/response.roster/items?f=csv", "/products/roster.html",
                         "/changes", "/collections/response.tasks/items?f=csv"):  # fmt: skip
                # The second sees the same markings, but may not read the names: neither an answer
                # that is kept nor "not modified" may come of the first's.
                head = {"x-api-key": secret, "if-none-match": tags.get(path, '"-"')}
                answer = await client.get(path, headers=head)
                if path == "/collections/response.tasks/items?f=csv" and path in tags:
                    assert answer.status_code == 304
                    continue
                assert answer.status_code == 200, path
                tags[path] = answer.headers.get("etag", '"-"')
                if path != "/collections/response.tasks/items?f=csv":
                    assert ("能登花子" in answer.text) is (role == "town-officer")
    audit.flush()
    told = {(e.event.who, e.event.verb, e.event.what.split("?")[0][4:])
            for e in audit.find({}) if e.event.personal}  # fmt: skip
    assert told == {
        ("town-officer", "exported", "/collections/response.roster/items"),
        ("town-officer", "exported", "/products/roster.html"),
        ("town-officer", "saw", "/changes"),
    }
    for thing in (audit, people, keys):
        thing.close()


async def test_what_was_changed_and_refused_is_written_down(watched: Any) -> None:
    assert (await watched.client.delete(f"{ITEMS}/s01", headers=READER)).status_code == 403
    found = await watched.client.get(f"{ITEMS}/s01", headers=WRITER)
    head = {**WRITER, "if-match": found.headers["etag"]}
    assert (await watched.client.delete(f"{ITEMS}/s01", headers=head)).status_code == 204
    assert (await watched.client.get("/audit", headers=WRITER)).status_code == 403
    (changed,) = watched.told("changed")
    assert (changed.who, changed.what, changed.outcome) == ("hanako", f"DELETE {ITEMS}/s01", "204")
    denied = {(e.who, e.rule) for e in watched.told("denied")}
    assert denied == {("taro", "collection-writers"), ("hanako", "operator")}


async def test_receipts_head_and_growth_of_the_log_are_given_to_anyone(watched: Any) -> None:
    trust = watched.service.trust()
    trust.publish("package", b"bytes", "p.zip")
    digest = hashlib.sha256(b"bytes").hexdigest()
    answer = await watched.client.get(f"/log/receipts/{digest}")
    receipt = msgspec.json.decode(answer.content, type=Receipt)
    public = trust.signer.node.public
    assert proving.receipt(receipt, b"bytes", public).name == "p.zip"
    grown = msgspec.json.decode(
        (await watched.client.get("/log/growth?size=1")).content, type=Growth
    )
    assert proving.growth(grown, trust.log.root(1), public).size == trust.log.size()
    note = await watched.client.get("/log/checkpoint")
    assert note.text == trust.checkpoint()[1]
    assert (await watched.client.get("/log/receipts/xyz")).status_code == 400
    assert (await watched.client.get(f"/log/receipts/{'0' * 64}")).status_code == 404
    assert (await watched.client.get("/audit")).status_code == 401


async def test_a_broken_glass_is_written_down_and_reported(tmp_path: Path) -> None:
    keys = Keys(tmp_path)
    secret = keys.create(Principal("sato", ("nanao-city",), Disclosure.RED, (), ("town-officer",)))
    people = People(tmp_path)
    service = Service(MemoryStore(), default_catalog(), keyring=people)
    service.audit = audit = Audit(tmp_path)
    transport = httpx.ASGITransport(app=create_app(service))
    async with httpx.AsyncClient(transport=transport, base_url="http://town.test") as client:
        begun = await client.post("/session", json={"key": secret}, headers={"x-csrf-token": "x"})
        before = client.cookies["hinomi_session"]
        head = {"x-csrf-token": begun.json()["token"]}
        path = "/session/break-glass"
        reason = {"reason": "負傷者の氏名を確認するため"}
        assert (await client.post(path, json=reason)).status_code == 403
        assert (await client.post(path, json={"reason": "x"}, headers=head)).status_code == 422
        done = await client.post(path, json=reason, headers=head)
        assert done.status_code == 201, done.text
        assert client.cookies["hinomi_session"] != before
        alarms = await client.get("/collections/operations.alarms/items")
        (alarm,) = alarms.json()["features"]
        assert alarm["properties"]["code"] == "policy.break-glass"
        glass = (await client.get("/me")).json()["glass"]
        assert (glass["minutes"], glass["until"]) == (60, done.json()["until"])
        assert (await client.delete(path)).status_code == 403
        head = {"x-csrf-token": done.json()["token"]}
        for _ in range(2):
            assert (await client.delete(path, headers=head)).status_code == 204
        assert (await client.get("/me")).json()["glass"] == {"minutes": 60, "until": None}
        # Who has no session has nothing to end.
        other = await client.delete(path, headers={"x-api-key": secret, "cookie": ""})
        assert other.status_code in {401, 403}
    found = sorted((found.event for found in audit.find({"verb": "break-glass"})), key=_at)
    assert [(e.who, e.what, e.reason) for e in found] == [
        ("sato", "all", "負傷者の氏名を確認するため"), ("sato", "ended", ""),
    ]  # fmt: skip
    audit.close()
    people.close()
    keys.close()


async def test_only_who_is_offered_break_glass_access_is_told_of_it(tmp_path: Path) -> None:
    keys, people = Keys(tmp_path), People(tmp_path)
    service = Service(MemoryStore(), default_catalog(), keyring=people)
    transport = httpx.ASGITransport(app=create_app(service))
    roles = {"town-officer": {"minutes": 60, "until": None}, "analyst": None, "administrator": None}
    for role, offered in roles.items():
        secret = keys.create(Principal(role, ("nanao-city",), Disclosure.RED, (), (role,)))
        async with httpx.AsyncClient(transport=transport, base_url="http://town.test") as client:
            assert (await client.get("/me")).json()["glass"] is None
            head = {"x-api-key": secret}
            assert (await client.get("/me", headers=head)).json()["glass"] is None
            await client.post("/session", json={"key": secret}, headers={"x-csrf-token": "x"})
            assert (await client.get("/me")).json()["glass"] == offered, role
    people.close()
    keys.close()


def _at(event: Event) -> str:
    return event.at


async def test_an_end_that_nobody_began_is_none(tmp_path: Path) -> None:
    """A session without the access is left as it is, and nothing is written down."""
    keys, people = Keys(tmp_path), People(tmp_path)
    secret = keys.create(Principal("sato", (), Disclosure.RED, (), ("town-officer",)))
    begun = people.sign_in(secret, "10.0.0.1")
    assert people.glass_until(begun.secret) is None
    people.mend_glass(begun.secret)
    assert people.principal(begun.secret) == begun.principal
    assert people.glass_until("session_none") is None
    people.close()
    keys.close()


async def test_a_package_that_is_downloaded_is_signed_and_logged_before_it_goes(
    tmp_path: Path,
) -> None:
    service = Service(MemoryStore(), default_catalog())
    service.trust = opener(tmp_path)
    record = planted_shelter()
    service.store.put([record], at=record.said_at)
    transport = httpx.ASGITransport(app=create_app(service))
    async with httpx.AsyncClient(transport=transport, base_url="http://town.test") as client:
        address = "/collections/response.shelters/items?f=sip4d-zip"
        answer = await client.get(address)
        assert answer.headers["content-type"] == "application/zip"
    trust = service.trust()
    receipt = trust.receipt(hashlib.sha256(answer.content).digest())
    verdict = proving.receipt(receipt, answer.content, trust.signer.node.public)
    assert (verdict.kind, verdict.hybrid) == ("package", True)
    trust.close()
