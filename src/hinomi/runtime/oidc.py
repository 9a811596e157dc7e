"""OpenID Connect: people by authorization code with PKCE, services by signed access tokens.

OpenID Connect Core 1.0 §3.1; RFC 7636 (PKCE, S256 only); RFC 9068 and RFC 7519 for tokens. Which
algorithms are taken is ours to say, never the token's. Claims give roles only through the
configuration's table, and rights only through the policy.
"""

from __future__ import annotations

import base64
import contextlib
import hmac
import logging
import secrets
import threading
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
import jwt
import msgspec

from hinomi.kernel.errors import DeniedError, HinomiError, InputError, UnavailableError
from hinomi.kernel.marking import Disclosure, Principal
from hinomi.runtime import answers, clock
from hinomi.runtime.oidc_settings import Oidc
from hinomi.runtime.policy import Policy

log = logging.getLogger("hinomi.oidc")

ALGORITHMS = ("RS256", "RS384", "PS256", "PS384", "ES256", "ES384", "EdDSA")
"""Asymmetric ones only: with HS256 whoever knows the public key could sign (RFC 8725 §3.1)."""
TIMEOUT_S = 3.0
KEYS_GOOD_S = 600.0
KEYS_AGAIN_S = 30.0
"""An unknown key has the provider asked again, but not more often than this."""
KEYS_LAST_S = 86_400.0
"""So long the keys that we know hold while the provider is away: services go on in an outage."""
PATIENCE_S = 1.0
"""Nobody else is answered while a token waits for its key: longer it does not wait."""
AWAY_S = 5.0
"""A provider that does not answer is not asked again by every caller."""
LEEWAY_S = 60
MAX_TOKEN = 16_384
_MAX_ANSWER = 1024 * 1024
_LOOPBACK = {"127.0.0.1", "::1", "localhost"}


class Begun(msgspec.Struct, frozen=True, array_like=True):
    """What must be known when somebody comes back from the provider; kept in their own cookie."""

    state: str
    nonce: str
    verifier: str

    def text(self) -> str:
        """Return it as a cookie's value."""
        return base64.urlsafe_b64encode(msgspec.json.encode(self)).decode().rstrip("=")

    @classmethod
    def of(cls, text: str) -> Begun:
        """Return it from a cookie's value.

        Raises:
            DeniedError: it is none: the sign-in was begun elsewhere, or long ago.
        """
        try:
            data = base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
            return msgspec.json.decode(data, type=cls)
        except (ValueError, msgspec.DecodeError):
            raise _refused("the sign-in was not begun in this browser") from None


class _Found(msgspec.Struct, frozen=True):
    """What a provider says of itself."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str


class Provider:
    """One identity provider; safe to use from several threads."""

    def __init__(
        self,
        settings: Oidc,
        policy: Callable[[], Policy],
        *,
        client: httpx.Client | None = None,
        now: clock.Clock = clock.now,
    ) -> None:
        _checked(settings.issuer)
        self.settings = settings
        self._policy, self._now = policy, now
        self._client = client or httpx.Client(timeout=TIMEOUT_S, follow_redirects=False)
        self._lock = threading.Lock()
        self._found: _Found | None = None
        self._keys: dict[str, jwt.PyJWK] = {}
        self._keys_at = self._tried_at = -KEYS_LAST_S
        self._asking: threading.Event | None = None
        self._away = (-AWAY_S, "")
        """When the provider did not answer, and why."""

    def begin(self, redirect: str) -> tuple[str, Begun]:
        """Return the provider's address to send somebody to, and what to keep in their cookie."""
        begun = Begun(*(secrets.token_urlsafe(32) for _ in range(3)))
        asked = {
            "response_type": "code",
            "client_id": self.settings.client_id,
            "redirect_uri": redirect,
            "scope": " ".join(self.settings.scopes),
            "state": begun.state,
            "nonce": begun.nonce,
            "code_challenge": challenge(begun.verifier),
            "code_challenge_method": "S256",
        }
        return f"{self._discovered().authorization_endpoint}?{urlencode(asked)}", begun

    def finish(self, begun: Begun, state: str, code: str, redirect: str) -> Principal:
        """Return who came back with a code.

        Raises:
            DeniedError: the state is not this browser's, or the token does not hold.
            UnavailableError: the provider cannot be reached.
        """
        if not hmac.compare_digest(state.encode(), begun.state.encode()):
            raise _refused("the state is not the one that was sent")
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect,
            "client_id": self.settings.client_id,
            "code_verifier": begun.verifier,
        }
        found = self._told("POST", self._discovered().token_endpoint, form)
        token = found.get("id_token")
        if not isinstance(token, str):
            raise _refused("the provider gave no ID token")
        claims = self._claims(token, self.settings.client_id)
        if not hmac.compare_digest(str(claims.get("nonce", "")).encode(), begun.nonce.encode()):
            raise _refused("the ID token is of another sign-in")
        if claims.get("azp", self.settings.client_id) != self.settings.client_id:
            raise _refused("the ID token was made for another client")
        return self.principal(claims)

    def bearer(self, token: str) -> Principal | None:
        """Return whose access token it is; None: of nobody here.

        Raises:
            UnavailableError: the provider's keys cannot be had.
        """
        if not self.settings.audience or len(token) > MAX_TOKEN:
            return None
        try:
            return self.principal(self._claims(token, self.settings.audience))
        except DeniedError:
            return None

    def principal(self, claims: dict[str, Any]) -> Principal:
        """Return what claims give here: roles by the configuration's table, rights by policy."""
        given = str(claims.get(self.settings.name_claim) or claims["sub"])
        # The provider's name in it: nobody is taken for the holder of a key of the same name.
        name = f"{given[:80]}@{urlsplit(self.settings.issuer).hostname}"
        roles = [
            self.settings.roles[role]
            for role in _words(claims.get(self.settings.roles_claim))
            if role in self.settings.roles
        ]
        organisations = [
            one for one in _words(claims.get(self.settings.organisations_claim)) if one != "*"
        ]
        own = Principal(
            name,
            tuple(dict.fromkeys(organisations)),
            _clearance(claims.get(self.settings.clearance_claim), known=bool(roles)),
            roles=tuple(dict.fromkeys(roles)),
        )
        return self._policy().principal(own)

    def close(self) -> None:
        """Hang up."""
        self._client.close()

    def _claims(self, token: str, audience: str) -> dict[str, Any]:
        """Return the claims of a token that is the provider's, for us, and in force."""
        try:
            header = jwt.get_unverified_header(token)
            if header.get("alg") not in ALGORITHMS:
                raise _refused("the token is not signed as it must be")
            key = self._key(str(header.get("kid", "")))
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=[str(header["alg"])],
                audience=audience,
                issuer=self.settings.issuer,
                leeway=LEEWAY_S,
                options={"require": ["exp", "iat", "sub", "iss", "aud"]},
            )
        except jwt.PyJWTError as error:
            raise _refused(str(error)) from None
        return claims

    def _key(self, kid: str) -> jwt.PyJWK:
        """Return a key of the provider's, asked for anew where the ones we have are old."""
        with self._lock:
            now = time.monotonic()
            found, age_s = self._known(kid), now - self._keys_at
            if found is not None and age_s <= KEYS_GOOD_S:
                return found
            asking = self._asking
            if asking is None and now - self._tried_at > KEYS_AGAIN_S:
                self._tried_at, asking = now, threading.Event()
                self._asking = asking
                threading.Thread(target=self._renew, args=(asking,), daemon=True).start()
        if asking is not None:
            asking.wait(PATIENCE_S)
        with self._lock:
            age_s = time.monotonic() - self._keys_at
            found = self._known(kid)
        if found is not None and age_s <= KEYS_LAST_S:
            return found
        if age_s > KEYS_GOOD_S:
            raise _unavailable(self.settings.issuer, self._away[1] or "its keys are awaited")
        raise _refused("the token's key is not one of the provider's")

    def _known(self, kid: str) -> jwt.PyJWK | None:
        if not kid and len(self._keys) == 1:
            return next(iter(self._keys.values()))
        return self._keys.get(kid)

    def _renew(self, asking: threading.Event) -> None:
        """Ask for the keys, apart from who waits for them."""
        try:
            keys = self._fetched_keys()
            with self._lock:
                self._keys, self._keys_at = keys, time.monotonic()
        except HinomiError as error:
            log.warning("hop=6 the identity provider's keys: %s", error)
        finally:
            with self._lock:
                self._asking = None
            asking.set()

    def _fetched_keys(self) -> dict[str, jwt.PyJWK]:
        found = self._told("GET", self._discovered().jwks_uri).get("keys")
        keys: dict[str, jwt.PyJWK] = {}
        for key in found[:100] if isinstance(found, list) else []:
            if not isinstance(key, dict) or key.get("kty") not in {"RSA", "EC", "OKP"}:
                continue
            if key.get("use", "sig") == "sig":
                # One of a kind that this version does not know; the others go on.
                with contextlib.suppress(jwt.PyJWTError, ValueError):
                    keys[str(key.get("kid", ""))] = jwt.PyJWK(key)
        return keys

    def _discovered(self) -> _Found:
        if self._found is None:
            address = f"{self.settings.issuer.rstrip('/')}/.well-known/openid-configuration"
            try:
                found = msgspec.convert(self._told("GET", address), _Found)
            except msgspec.ValidationError as error:
                raise _unavailable(address, str(error)) from None
            if found.issuer != self.settings.issuer:
                raise UnavailableError(
                    f"{address} speaks for another issuer, {found.issuer[:100]!r}."
                )
            for one in (found.authorization_endpoint, found.token_endpoint, found.jwks_uri):
                _checked(one)
            self._found = found
        return self._found

    def _told(
        self, method: str, address: str, form: dict[str, str] | None = None
    ) -> dict[str, Any]:
        secret = self._secret() if form is not None else ""
        auth = (self.settings.client_id, secret) if secret else None
        if time.monotonic() - self._away[0] < AWAY_S:
            raise _unavailable(address, self._away[1])
        try:
            with self._client.stream(method, address, data=form, auth=auth) as answer:
                said = answers.read(answer, _MAX_ANSWER, TIMEOUT_S)
        except httpx.HTTPError as error:
            self._away = (time.monotonic(), str(error) or type(error).__name__)
            raise _unavailable(address, self._away[1]) from None
        if form is not None and answer.status_code in {400, 401}:
            raise _refused("the provider does not take the code")
        if answer.status_code != httpx.codes.OK:
            raise _unavailable(address, str(answer.status_code))
        try:
            return msgspec.json.decode(said, type=dict[str, Any])
        except msgspec.DecodeError as error:
            raise _unavailable(address, str(error)) from None

    def _secret(self) -> str:
        if not self.settings.client_secret_file:
            return ""
        return Path(self.settings.client_secret_file).read_text(encoding="utf-8").strip()


def challenge(verifier: str) -> str:
    """Return the S256 code challenge of a verifier, RFC 7636 §4.2."""
    return base64.urlsafe_b64encode(sha256(verifier.encode()).digest()).decode().rstrip("=")


def _checked(address: str) -> None:
    """Refuse an address that is not HTTPS, a provider on this machine aside."""
    parts = urlsplit(address)
    if parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        return
    raise InputError(
        f"oidc: {address[:100]!r} is no https address.", "oidc: httpsのアドレスが必要です。"
    )


def _words(value: Any) -> list[str]:
    if isinstance(value, str):
        return value.split()
    return [str(one) for one in value] if isinstance(value, list) else []


def _clearance(value: Any, *, known: bool) -> Disclosure:
    if value is None:
        return Disclosure.RED if known else Disclosure.CLEAR
    try:
        return Disclosure.of(str(value))
    except InputError:
        return Disclosure.CLEAR


def _refused(why: str) -> DeniedError:
    return DeniedError(
        f"The sign-in does not hold: {why}.", "サインインを確認できません。", rule="sign-in"
    )


def _unavailable(address: str, why: str) -> UnavailableError:
    return UnavailableError(
        f"The identity provider ({address}) does not answer: {why[:200]}.",
        "認証サーバが応答しません。",
    )
