"""Signing in at an identity provider: there, and back with a code."""

from __future__ import annotations

from datetime import timedelta
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING

from hinomi.apps.web import parameters, session
from hinomi.apps.web.http import HTML, Answer, Ask
from hinomi.apps.web.parameters import Parameter
from hinomi.apps.web.routes import Route
from hinomi.kernel.errors import DeniedError, MissingError, Text

if TYPE_CHECKING:
    from hinomi.apps.web.app import Web
    from hinomi.runtime.oidc import Provider

COOKIE = "hinomi_oidc"
WAIT_S = 600
"""So long somebody may take at the provider."""
_HOME = (
    '<!doctype html><html lang="ja"><meta charset="utf-8">'
    '<meta http-equiv="refresh" content="0;url=/"><title>Hinomi</title><a href="/">Hinomi</a>'
)
_TEXT = {"type": "string"}
_BACK = (
    Parameter("code", Text("認可コード", "the provider's code"), _TEXT),
    Parameter("state", Text("状態", "the state that was sent along"), _TEXT),
    Parameter("error", Text("誤り", "why the provider refuses"), _TEXT),
    Parameter("error_description", Text("誤りの説明", "the same in words"), _TEXT),
    Parameter("iss", Text("発行者", "the provider's name (RFC 9207)"), _TEXT),
    Parameter("session_state", Text("状態", "the provider's own"), _TEXT),
    Parameter("scope", Text("範囲", "the provider's own"), _TEXT),
)


def begin(web: Web, ask: Ask) -> Answer:
    """Send the browser to the provider."""
    address, begun = _provider(web).begin(_redirect(ask))
    headers = (
        (b"location", address.encode()), (b"cache-control", b"no-store"),
        _cookie(ask, begun.text(), WAIT_S),
    )  # fmt: skip
    return Answer(status=302, etag="", headers=headers)


def back(web: Web, ask: Ask) -> Answer:
    """Begin a session for who came back, and go to the page.

    The page goes there by itself: a redirect that began at another site would carry no cookie that
    is kept to this one (SameSite=Strict).
    """
    from hinomi.runtime.oidc import Begun  # noqa: PLC0415

    provider = _provider(web)
    error, issuer = ask.query.get("error"), ask.query.get("iss")
    if error or (issuer is not None and issuer != provider.settings.issuer):
        raise DeniedError(
            f"The identity provider refuses ({(error or 'another issuer')[:60]!r}).",
            "認証サーバに拒否されました。",
            rule="sign-in",
        )
    begun = Begun.of(_cookie_of(ask))
    principal = provider.finish(
        begun, ask.query.get("state", ""), ask.query.get("code", ""), _redirect(ask)
    )
    lasts = timedelta(hours=provider.settings.hours)
    made = session.people_of(web).begin(principal, lasts=lasts)
    ask.principal, ask.secret = made.principal, made.secret
    headers = (
        session.cookie_for(ask, made.secret, int(lasts.total_seconds())),
        _cookie(ask, "", 0), (b"cache-control", b"no-store"),
    )  # fmt: skip
    return Answer(body=_HOME.encode(), media_type=HTML, etag="", headers=headers)


def _provider(web: Web) -> Provider:
    if web.service.oidc is None:
        raise MissingError(Text("認証サーバの設定", "identity provider here"), "oidc")
    return web.service.oidc()


def _redirect(ask: Ask) -> str:
    return f"{ask.base}/session/oidc/callback"


def _cookie(ask: Ask, value: str, age_s: int) -> tuple[bytes, bytes]:
    # Lax: it must come along when the provider sends the browser back.
    secure = "; Secure" if ask.base.startswith("https:") else ""
    path = "; Path=/session/oidc; HttpOnly; SameSite=Lax"
    return b"set-cookie", f"{COOKIE}={value}{path}; Max-Age={age_s}{secure}".encode()


def _cookie_of(ask: Ask) -> str:
    try:
        found = SimpleCookie(ask.headers.get(b"cookie", b"").decode("latin-1")).get(COOKIE)
    except CookieError:
        found = None
    return found.value if found is not None else ""


_TAGS = ("people",)

ROUTES = (
    Route(
        path="/session/oidc", name="oidc", text=Text("認証サーバでサインイン", "Sign in elsewhere"),
        answer=begin, parameters=(parameters.LANG,), heavy=True, success=302,
        refusals=(400, 404, 503), tags=_TAGS,
    ),
    Route(
        path="/session/oidc/callback", name="oidc-callback",
        text=Text("認証サーバから戻る", "Back from the identity provider"), answer=back,
        parameters=(*_BACK, parameters.LANG), heavy=True, gives={"text/html": "text"},
        refusals=(400, 401, 403, 404, 503), tags=_TAGS,
    ),
)  # fmt: skip
