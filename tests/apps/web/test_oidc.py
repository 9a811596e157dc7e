"""Signing in at an identity provider that runs as a process of its own, and services' tokens."""

from __future__ import annotations

import base64
import hmac
import http.server
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import jwt
import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from hinomi.apps.web.app import create_app
from hinomi.kernel.errors import DeniedError, InputError, UnavailableError
from hinomi.kernel.marking import Disclosure
from hinomi.runtime import clock, oidc, policy
from hinomi.runtime.audit import Audit
from hinomi.runtime.catalog import default_catalog
from hinomi.runtime.oidc import Begun, Provider, challenge
from hinomi.runtime.oidc_settings import Oidc
from hinomi.runtime.people import People
from hinomi.runtime.service import Service
from hinomi.stores.memory import MemoryStore
from tests.apps.provider import identity_provider

pytestmark = pytest.mark.anyio


def _seconds() -> int:
    """Return now, not when the tests were collected."""
    return int(clock.now().timestamp())


ROLES = {"bosai-ka": "town-officer"}
SUZUKI = {"sub": "suzuki", "roles": ["bosai-ka", "administrator"], "organisations": ["nanao-city"]}


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    with identity_provider(**SUZUKI) as found:
        yield found


class Site:
    """The app with the provider configured, and the provider's own client watched."""

    def __init__(self, folder: Path, issuer: str) -> None:
        self.sent: list[dict[str, list[str]]] = []
        secret = folder / "oidc.secret"
        secret.write_text("of-the-client\n")
        settings = Oidc(
            issuer=issuer,
            client_id="hinomi",
            client_secret_file=str(secret),
            name_claim="sub",
            roles=ROLES,
        )
        client = httpx.Client(timeout=10.0, event_hooks={"request": [self._watch]})
        self.provider = Provider(settings, policy.shipped, client=client)
        self.people = People(folder)
        self.service = Service(MemoryStore(), default_catalog(), keyring=self.people)
        self.service.oidc = self.people.oidc = lambda: self.provider
        self.service.audit = self.audit = Audit(folder)
        transport = httpx.ASGITransport(app=create_app(self.service))
        self.client = httpx.AsyncClient(transport=transport, base_url="http://town.test")

    def _watch(self, request: httpx.Request) -> None:
        self.sent.append(parse_qs(request.content.decode()))

    async def begin(self) -> dict[str, list[str]]:
        answer = await self.client.get("/session/oidc")
        assert answer.status_code == 302
        self.there = answer.headers["location"]
        return parse_qs(urlsplit(self.there).query)

    def agree(self) -> str:
        """Say yes at the provider, as its page does; return where it sends the browser."""
        answer = httpx.post(self.there, data={"sub": "suzuki"})
        assert answer.status_code == 302, answer.text
        back: str = answer.headers["location"]
        return back


@pytest.fixture
async def site(tmp_path: Path, issuer: str) -> Any:
    found = Site(tmp_path, issuer)
    yield found
    await found.client.aclose()
    found.audit.close()
    found.people.close()
    found.provider.close()


async def test_somebody_signs_in_by_code_with_pkce_and_gets_what_the_table_gives(
    site: Site,
) -> None:
    asked = await site.begin()
    assert asked["code_challenge_method"] == ["S256"]
    back = site.agree()
    answer = await site.client.get(back)
    assert answer.status_code == 200, answer.text
    token = next(sent for sent in site.sent if "code" in sent)
    assert asked["code_challenge"] == [challenge(token["code_verifier"][0])]
    cookies = answer.headers.get_list("set-cookie")
    assert any("hinomi_session=" in c and "HttpOnly; SameSite=Strict" in c for c in cookies)
    assert any("hinomi_oidc=;" in c and "Max-Age=0" in c for c in cookies)
    me = (await site.client.get("/me")).json()
    assert me["name"] == "suzuki@127.0.0.1" or me["name"].startswith("suzuki@localhost")
    assert {role["id"] for role in me["roles"]} == {"town-officer", "officer"}
    assert me["organisation"] == "nanao-city"
    told = site.audit.find({"verb": "signed-in"})
    # Nor does the log keep the code that they came back with.
    assert [(found.event.who, found.event.what) for found in told] == [
        (me["name"], "GET /session/oidc/callback")
    ]


async def test_the_way_back_is_taken_once_and_in_the_same_browser_only(site: Site) -> None:
    await site.begin()
    back = site.agree()
    stranger = httpx.AsyncClient(
        transport=httpx.ASGITransport(app=create_app(site.service)), base_url="http://town.test"
    )
    for address in (back, back.replace("state=", "state=x")):
        assert (await stranger.get(address)).status_code == 401
    await stranger.aclose()
    assert (await site.client.get(back.replace("state=", "state=x"))).status_code == 401
    assert (await site.client.get(back)).status_code == 200
    assert (await site.client.get(back)).status_code in {401, 403}  # The code is spent.
    assert (await site.client.get("/session/oidc/callback?error=access_denied")).status_code in {
        401, 403,
    }  # fmt: skip


class Keys:
    """An issuer of services' tokens: a discovery document and its keys, over HTTP."""

    def __init__(self) -> None:
        self.rsa = rsa.generate_private_key(65537, 2048)
        self.ec = ec.generate_private_key(ec.SECP256R1())
        self.asked = 0
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = json.dumps(outer.answer(self.path)).encode()
                self.send_response(200)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.issuer = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def answer(self, path: str) -> dict[str, Any]:
        self.asked += 1
        if path.endswith("openid-configuration"):
            names = ("authorization_endpoint", "token_endpoint", "jwks_uri")
            return {"issuer": self.issuer, **{n: f"{self.issuer}/{n}" for n in names}}
        public = [("rsa", self.rsa, "RSAAlgorithm"), ("ec", self.ec, "ECAlgorithm")]
        keys = [
            {**json.loads(getattr(jwt.algorithms, kind).to_jwk(key.public_key())), "kid": kid}
            for kid, key, kind in public
        ]
        return {"keys": [*keys, {"kty": "EC", "crv": "unknown", "kid": "odd"}]}

    def token(self, *, algorithm: str = "RS256", kid: str = "rsa", key: Any = None,
              **claims: Any) -> str:  # fmt: skip
        told = {
            "iss": self.issuer, "aud": "hinomi", "sub": "gauges", "iat": _seconds(),
            "exp": _seconds() + 600,
            "roles": ["bosai-ka"], "organisations": ["nanao-city"], **claims,
        }  # fmt: skip
        told = {name: value for name, value in told.items() if value is not None}
        return jwt.encode(told, key or self.rsa, algorithm=algorithm, headers={"kid": kid})

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture(scope="module")
def keys() -> Iterator[Keys]:
    found = Keys()
    yield found
    found.close()


@pytest.fixture
def provider(keys: Keys, monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    monkeypatch.setattr(oidc, "PATIENCE_S", 60.0)
    settings = Oidc(
        issuer=keys.issuer, client_id="web", audience="hinomi", name_claim="sub", roles=ROLES
    )
    found = Provider(settings, policy.shipped)
    yield found
    found.close()


def test_a_services_token_gives_what_its_claims_and_the_policy_give(
    keys: Keys, provider: Provider
) -> None:
    for token in (keys.token(), keys.token(algorithm="ES256", kid="ec", key=keys.ec)):
        found = provider.bearer(token)
        assert found is not None
        assert found.name == "gauges@127.0.0.1"
        assert found.clearance is Disclosure.AMBER
        assert found.organisations == ("nanao-city",)
    low = provider.bearer(keys.token(clearance="GREEN"))
    nothing = provider.bearer(keys.token(roles=["administrator"], organisations=["*"]))
    assert low is not None
    assert low.clearance is Disclosure.GREEN
    assert nothing is not None
    assert (nothing.clearance, nothing.organisations) == (Disclosure.CLEAR, ())


def _hs256(keys: Keys) -> str:
    """Sign with the issuer's public key as an HMAC secret, as RFC 8725 §2.1 tells of."""
    public = keys.rsa.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    head = base64.urlsafe_b64encode(b'{"alg":"HS256","kid":"rsa"}').rstrip(b"=")
    signed = head + b"." + keys.token().encode().split(b".")[1]
    mac = base64.urlsafe_b64encode(hmac.digest(public, signed, "sha256")).rstrip(b"=")
    return (signed + b"." + mac).decode()


FORGED: dict[str, Callable[[Keys], str]] = {
    "another's key": lambda k: k.token(key=rsa.generate_private_key(65537, 2048)),
    "over": lambda k: k.token(exp=_seconds() - 120),
    "not yet": lambda k: k.token(nbf=_seconds() + 600),
    "for another": lambda k: k.token(aud="others"),
    "of another issuer": lambda k: k.token(iss="https://evil.example"),
    "without an end": lambda k: k.token(exp=None),
    "without a subject": lambda k: k.token(sub=None),
    "unsigned": lambda _: jwt.encode({"sub": "x"}, None, algorithm="none"),
    "public key as secret": _hs256,
    "unknown key": lambda k: k.token(kid="nobody"),
    "wrong key named": lambda k: k.token(kid="ec"),
    "changed": lambda k: k.token()[:-8] + "AAAAAAAA",
    "no token": lambda _: "a.b.c",
    "endless": lambda k: k.token(junk="x" * 20_000),
}


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED)
def test_a_token_that_is_not_the_issuers_for_us_now_is_nobodys(
    forge: Callable[[Keys], str], keys: Keys, provider: Provider
) -> None:
    assert provider.bearer(forge(keys)) is None


def test_unknown_keys_do_not_make_us_ask_the_provider_each_time(
    keys: Keys, provider: Provider
) -> None:
    provider.bearer(keys.token())
    before = keys.asked
    for _ in range(20):
        provider.bearer(keys.token(kid="nobody"))
    assert keys.asked == before


def test_keys_are_renewed_and_one_that_was_withdrawn_opens_no_more(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    issuer = Keys()
    try:
        own = Provider(
            msgspec.structs.replace(provider.settings, issuer=issuer.issuer), policy.shipped
        )
        old, old_key = issuer.token(), issuer.rsa
        assert own.bearer(old)
        issuer.rsa = rsa.generate_private_key(65537, 2048)
        monkeypatch.setattr(oidc, "KEYS_GOOD_S", -1.0)
        monkeypatch.setattr(oidc, "KEYS_AGAIN_S", -1.0)
        assert own.bearer(issuer.token())
        assert own.bearer(issuer.token(key=old_key)) is None
        own.close()
    finally:
        issuer.close()


def test_services_go_on_while_the_provider_is_away_and_nobody_waits_long_for_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As in a disaster: the provider does not answer, each of its callers is still here."""
    issuer = Keys()
    monkeypatch.setattr(oidc, "PATIENCE_S", 60.0)
    own = Provider(Oidc(issuer=issuer.issuer, client_id="web", audience="hinomi"), policy.shipped)
    token, unknown = issuer.token(), issuer.token(kid="new")
    assert own.bearer(token)
    issuer.close()
    monkeypatch.setattr(oidc, "PATIENCE_S", 0.05)
    monkeypatch.setattr(oidc, "KEYS_GOOD_S", -1.0)
    assert own.bearer(token), "keys that were good hold on"
    with pytest.raises(UnavailableError):
        own.bearer(unknown)
    monkeypatch.setattr(oidc, "KEYS_LAST_S", -1.0)
    with pytest.raises(UnavailableError):
        own.bearer(token)
    own.close()


def test_a_provider_that_does_not_answer_is_not_asked_by_every_caller() -> None:
    asked = []

    def silent(request: httpx.Request) -> httpx.Response:
        asked.append(request.url)
        raise httpx.ConnectTimeout("no answer", request=request)

    client = httpx.Client(transport=httpx.MockTransport(silent))
    own = Provider(Oidc(issuer="https://id.test", client_id="x"), policy.shipped, client=client)
    for _ in range(5):
        with pytest.raises(UnavailableError, match="no answer"):
            own.begin("http://town.test/")
    assert len(asked) == 1
    own.close()


def test_a_provider_must_be_https_and_speak_for_itself(keys: Keys) -> None:
    with pytest.raises(InputError):
        Provider(Oidc(issuer="http://id.example.jp", client_id="x"), policy.shipped)
    other = keys.issuer.replace("127.0.0.1", "localhost")
    found = Provider(Oidc(issuer=other, client_id="x"), policy.shipped)
    with pytest.raises(UnavailableError, match="another issuer"):
        found.begin("http://town.test/")
    found.close()
    with pytest.raises(DeniedError):
        Begun.of("nonsense")


async def test_a_services_token_is_taken_as_bearer_over_http(
    keys: Keys, provider: Provider, tmp_path: Path
) -> None:
    people = People(tmp_path)
    people.oidc = lambda: provider
    service = Service(MemoryStore(), default_catalog(), keyring=people)
    transport = httpx.ASGITransport(app=create_app(service))
    async with httpx.AsyncClient(transport=transport, base_url="http://town.test") as client:
        for token, status in ((keys.token(), 200), (keys.token(aud="others"), 401)):
            headers = {"authorization": f"Bearer {token}"}
            answer = await client.get("/collections/response.shelters/items", headers=headers)
            assert answer.status_code == status
    people.close()
