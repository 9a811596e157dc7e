"""Signing in and out, and who one is. The session is a cookie that scripts cannot read.

A cookie goes with every request of the browser, so what changes something must also carry a token
that only this site's own page can have read (``X-CSRF-Token``, from ``/me``).
"""

from __future__ import annotations

import hmac
from hashlib import sha256
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING, Any

import msgspec

from hinomi.apps.web.http import Answer, Ask, encode
from hinomi.kernel.errors import DataError, DeniedError, Problem, Text
from hinomi.kernel.marking import ANONYMOUS, Disclosure
from hinomi.runtime.acting import person_of
from hinomi.runtime.people import LASTS, People
from hinomi.runtime.policy import BREAK_GLASS
from hinomi.vocabulary.acts import ROLES

if TYPE_CHECKING:
    from hinomi.apps.web.app import Web

COOKIE = "hinomi_session"
TOKEN = b"x-csrf-token"
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class SignIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One of: a personal key; a link from ``hinomi run`` and a name; a name and a role (drill)."""

    key: str = ""
    link: str = ""
    name: str = ""
    role: str = ""


def cookie_of(headers: dict[bytes, bytes]) -> str | None:
    """Return the session's secret in the request's cookie."""
    raw = headers.get(b"cookie", b"")
    if COOKIE.encode() not in raw:
        return None
    try:
        morsel = SimpleCookie(raw.decode("latin-1")).get(COOKIE)
    except CookieError:
        return None
    return morsel.value or None if morsel is not None else None


def token_of(secret: str) -> str:
    """Return the token that must come with whatever this session changes."""
    return sha256(f"csrf:{secret}".encode()).hexdigest()[:32]


def check_token(ask: Ask) -> None:
    """Refuse a change that another site's page may have sent with our cookie.

    Raises:
        DeniedError: the header is missing or wrong.
    """
    if not ask.by_cookie or ask.method in _SAFE_METHODS or ask.secret is None:
        return
    given = ask.headers.get(TOKEN, b"").decode("latin-1")
    if not hmac.compare_digest(given.encode(), token_of(ask.secret).encode()):
        raise DeniedError(
            "X-CSRF-Token does not go with the session; read it from /me.",
            "X-CSRF-Tokenが合いません。/meから読んでください。",
            rule="csrf",
        )


def me(web: Web, ask: Ask) -> Answer:
    """Answer who the caller is, what they may be, and the token for what they change."""
    people = web.service.people
    secret = ask.secret if ask.by_cookie else None
    return Answer(body=encode(told_to(web, ask, secret)), etag="") if people else _plain(web, ask)


def sign_in(web: Web, ask: Ask) -> Answer:
    """Begin a session, and set its cookie."""
    people = people_of(web)
    # A form of another site cannot set a header: nobody is signed in unawares as somebody else.
    if TOKEN not in ask.headers:
        raise DeniedError("Send X-CSRF-Token (any value).", "X-CSRF-Tokenが必要です。", rule="csrf")
    asked = _asked(ask.body)
    if asked.key:
        session = people.sign_in(asked.key, ask.address)
    elif asked.link:
        session = people.follow(asked.link, asked.name, ask.address)
    else:
        session = people.join(asked.name, asked.role, ask.address)
    ask.principal, ask.secret, ask.by_cookie = session.principal, session.secret, True
    body = told_to(web, ask, session.secret)
    cookie = cookie_for(ask, session.secret, int(LASTS.total_seconds()))
    return Answer(body=encode(body), status=201, headers=(cookie,))


def sign_out(web: Web, ask: Ask) -> Answer:
    """End the session."""
    if ask.by_cookie and ask.secret:
        people_of(web).sign_out(ask.secret)
    return Answer(status=204, headers=(cookie_for(ask, "", 0),))


def people_of(web: Web) -> People:
    """Return who may sign in here.

    Raises:
        DeniedError: nobody may.
    """
    if web.service.people is None:
        raise DeniedError(
            "Nobody can sign in here.", "ここではサインインできません。", rule="sign-in"
        )
    return web.service.people


def _plain(web: Web, ask: Ask) -> Answer:
    return Answer(body=encode(told_to(web, ask, None)), etag="")


def told_to(web: Web, ask: Ask, secret: str | None) -> dict[str, Any]:
    """Return what somebody is told of themselves."""
    principal = ask.principal
    people = web.service.people
    known = principal != ANONYMOUS
    return {
        "name": principal.name if known else None,
        "organisation": person_of(principal).organisation if known else None,
        "roles": [{"id": role, "title": _title(web, role)}
                  for role in principal.roles if ":" not in role],
        "only": principal.only.value if principal.only else None,
        "token": token_of(secret) if secret else None,
        "glass": _glass(web, ask, secret),
        "partners": web.service.partners is not None and "*" in principal.writes,
        "sign_in": people is not None,
        "oidc": "/session/oidc" if web.service.oidc is not None else None,
        "join": people is not None and people.open_drill,
        "joinable_roles": [{"id": role, "title": title} for role, title in ROLES.items()],
    }  # fmt: skip


def _glass(web: Web, ask: Ask, secret: str | None) -> dict[str, Any] | None:
    """Return what break-glass access would give (minutes), or until when it lasts; None: nothing.

    Who sees everything anyhow has no use for it.
    """
    people, rules, principal = web.service.people, web.service.policy(), ask.principal
    if secret is None or people is None or not rules.may_break_glass(principal):
        return None
    until = people.glass_until(secret)
    everything = "*" in principal.organisations and principal.clearance is Disclosure.RED
    if until is None and everything:
        return None
    return {"minutes": rules.break_glass.minutes, "until": until}


def _title(web: Web, role: str) -> Text:
    """Return what a role is called: a headquarters' role, or one of the policy."""
    if role == BREAK_GLASS:
        return Text("緊急時の閲覧", "Break-glass access")
    named = web.service.policy().roles.get(role)
    return ROLES.get(role) or (Text(named.title.ja, named.title.en) if named else Text(role, role))


def cookie_for(ask: Ask, value: str, age_s: int) -> tuple[bytes, bytes]:
    """Return the header that sets the session's cookie; no age lets it go."""
    secure = "; Secure" if ask.base.startswith("https:") else ""
    text = f"{COOKIE}={value}; Path=/; HttpOnly; SameSite=Strict; Max-Age={age_s}{secure}"
    return b"set-cookie", text.encode()


def _asked(body: bytes) -> SignIn:
    try:
        return msgspec.json.decode(body, type=SignIn)
    except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
        text = Text(f"サインインの形ではありません({error})", f"is no sign-in ({error})")
        raise DataError(
            [Problem("session.form", "body", text, expected="key | link, name | name, role")]
        ) from None
