"""What OWASP ASVS level 2 asks of sessions, headers and doors (docs/reference/security.md)."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from hinomi.apps.web.app import create_app
from hinomi.apps.web.table import ROUTES
from hinomi.kernel.marking import Disclosure, Principal
from hinomi.runtime.catalog import default_catalog
from hinomi.runtime.keys import Keys
from hinomi.runtime.people import MAX_FAILURES, People
from hinomi.runtime.service import Service
from hinomi.runtime.websub.subscriptions import Subscriptions
from hinomi.stores.memory import MemoryStore

pytestmark = pytest.mark.anyio
CSRF = {"x-csrf-token": "any"}


class Site:
    """A town with one person's key."""

    def __init__(self, folder: Path) -> None:
        self.keys, self.people = Keys(folder), People(folder)
        self.key = self.keys.create(Principal("sato", ("town",), Disclosure.AMBER, ("*",)))
        service = Service(MemoryStore(), default_catalog(), keyring=self.people)
        service.subscriptions = Subscriptions(folder / "websub.db")
        self.app = create_app(service)
        transport = httpx.ASGITransport(app=self.app)
        self.client = httpx.AsyncClient(transport=transport, base_url="https://town.test")

    async def sign_in(self) -> httpx.Response:
        return await self.client.post("/session", json={"key": self.key}, headers=CSRF)


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    found = Site(tmp_path)
    yield found
    await found.client.aclose()
    found.people.close()
    found.keys.close()


async def test_a_session_that_was_planted_before_is_not_taken_on(site: Site) -> None:
    site.client.cookies.set("hinomi_session", "session_planted-by-somebody", domain="town.test")
    answer = await site.sign_in()
    assert answer.status_code == 201
    first = answer.headers["set-cookie"]
    assert "session_planted" not in first
    assert "HttpOnly; SameSite=Strict" in first
    assert first.endswith("; Secure")
    site.client.cookies.clear()
    assert (await site.sign_in()).headers["set-cookie"] != first


async def test_a_session_that_was_ended_opens_nothing(site: Site) -> None:
    token = (await site.sign_in()).json()["token"]
    secret = site.client.cookies["hinomi_session"]
    assert (
        await site.client.delete("/session", headers={"x-csrf-token": token})
    ).status_code == 204
    assert site.people.principal(secret) is None


async def test_a_change_without_the_sessions_own_token_is_refused(site: Site) -> None:
    await site.sign_in()
    for headers in ({}, {"x-csrf-token": "0" * 32}):
        answer = await site.client.delete("/collections/response.shelters/items/x", headers=headers)
        assert (answer.status_code, answer.json()["rule"]) == (403, "csrf")
    answer = await site.client.post("/session", json={"key": site.key})
    assert answer.json()["rule"] == "csrf"  # Nobody is signed in unawares.


async def test_guessing_is_slowed_to_a_stop(site: Site) -> None:
    for _ in range(MAX_FAILURES):
        answer = await site.client.post("/session", json={"key": "hinomi_x"}, headers=CSRF)
        assert answer.json()["rule"] == "sign-in"
    answer = await site.sign_in()  # The right key, from the same address.
    assert answer.json()["rule"] == "too-many-tries"


async def test_every_answer_says_how_it_may_be_used(site: Site) -> None:
    quick = [r for r in ROUTES if r.method == "GET" and r.name != "stream"]
    paths = ["/collections?f=html", "/nowhere", *(re.sub(r"\{\w+\}", "x", r.path) for r in quick)]
    for path in paths:
        answer = await site.client.get(path)
        headers = answer.headers
        assert len(headers.get_list("cache-control")) == 1, path
        policies = headers.get_list("content-security-policy")
        assert len(policies) == 1, path
        assert "frame-ancestors 'self'" in policies[0], path
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        if headers["content-type"].startswith("text/html"):
            policy = headers["content-security-policy"]
            assert "default-src 'self'" in policy
            assert "object-src 'none'" in policy
            assert "unsafe-inline" not in policy
            assert headers["x-frame-options"] == "SAMEORIGIN"
    # Reading may be embedded anywhere; with cookies it may not.
    assert "access-control-allow-credentials" not in headers


async def test_what_was_counted_is_told_to_an_administrator_from_elsewhere_and_to_nobody_else(
    site: Site,
) -> None:
    elsewhere = {"x-forwarded-for": "203.0.113.7"}
    assert (await site.client.get("/metrics", headers=elsewhere)).status_code == 401
    key = {"x-api-key": site.key}
    assert (await site.client.get("/metrics", headers=elsewhere | key)).status_code != 403


async def test_answers_to_known_callers_are_kept_by_nobody_else(site: Site) -> None:
    answer = await site.client.get("/collections", headers={"x-api-key": site.key})
    assert answer.headers["cache-control"] == "private, no-cache"
    assert (await site.client.get("/nowhere")).headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "path",
    ["/static/..%2f..%2f..%2fpyproject.toml", "/static/../app.py", "/assets/..%2f..%2fapp.py",
     "/%2e%2e/%2e%2e/etc/passwd", "/blobs/..%2f..%2fkeys.db", "/static/%00"],
)  # fmt: skip
async def test_no_path_leads_out_of_its_folder(site: Site, path: str) -> None:
    answer = await site.client.get(path)
    assert answer.status_code in {400, 404}
    assert b"root:" not in answer.content
    assert b"import" not in answer.content


async def test_a_redirect_target_is_never_taken_from_the_question(site: Site) -> None:
    for path in ("/session/oidc?next=https://evil.example", "/?return=https://evil.example"):
        answer = await site.client.get(path)
        assert answer.status_code in {200, 400, 404}
        assert "location" not in answer.headers


async def test_a_callback_to_the_server_itself_is_refused(site: Site) -> None:
    transport = httpx.ASGITransport(app=site.app, client=("203.0.113.9", 1))
    topic = "https://town.test/collections/response.shelters/items?f=sip4d-zip"
    form = {"hub.mode": "subscribe", "hub.topic": topic}
    head = {"x-api-key": site.key}
    async with httpx.AsyncClient(transport=transport, base_url="https://town.test") as client:
        for host in ("127.0.0.1:8470", "169.254.169.254", "[::1]", "localhost"):
            told = {**form, "hub.callback": f"http://{host}/x"}
            answer = await client.post("/websub", data=told, headers=head)
            assert (answer.status_code, "of this machine" in answer.text) == (400, True)
        told = {**form, "hub.callback": "https://10.1.2.3/x"}
        assert (await client.post("/websub", data=told, headers=head)).status_code == 202
