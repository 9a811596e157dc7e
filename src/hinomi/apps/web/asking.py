"""From a request to its question and its route.

What its headers, its path up to a key and a short query say is worked out once for a caller who
asks again: with a single feature it costs more than the store's answer. Who that is now, and what
they may see, is asked each time.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hinomi.apps.web import http, session, trail
from hinomi.apps.web.deliver import Sent
from hinomi.apps.web.http import SHORT, Answer, Ask, HttpError, Kind, Scope
from hinomi.apps.web.opening import with_first_answers
from hinomi.apps.web.parameters import expect
from hinomi.apps.web.problems import told
from hinomi.apps.web.receiving import other_method
from hinomi.apps.web.routes import Route, Router
from hinomi.apps.web.table import ROUTES
from hinomi.kernel.errors import InputError
from hinomi.kernel.marking import ANONYMOUS
from hinomi.kernel.reader import statuses

if TYPE_CHECKING:
    from hinomi.apps.web.app import Web

MOST_KNOWN = 16
"""Kinds of questions that are kept of one caller."""


class Asked:
    """A request while it is answered: what an error's answer needs, however far it came."""

    __slots__ = ("ask", "caller", "method", "raw_path", "web")

    def __init__(self, web: Web, scope: Scope) -> None:
        self.web = web
        self.method: str = scope["method"]
        self.caller = web.callers.of(scope["headers"])
        raw_path = scope.get("raw_path") or scope["path"].encode()
        self.raw_path: bytes = raw_path.partition(b"?")[0]
        self.ask: Ask | None = None

    def told(self, error: Exception) -> Answer:
        """Return the answer that tells of an error."""
        language = self.caller.language if self.ask is None else self.ask.language
        trail.refused(self.web, self.ask, error)
        return told(error, self.ask, self.raw_path[:500].decode("ascii", "replace"), language)

    def sent(self, answer: Answer) -> Sent:
        """Return the answer as it goes out."""
        anonymous = self.ask is None or self.ask.secret is None
        headers = self.caller.headers
        return self.web.delivery.pack(answer, self.method, headers, anonymous=anonymous)


class Asking:
    """Reads requests for the app."""

    def __init__(self, web: Web) -> None:
        self.router = Router(ROUTES)
        self._web = web

    def ask(self, scope: Scope, asked: Asked) -> Ask:
        """Return what is asked for, not yet compared with what its address offers."""
        service, secret, cookie = self._web.service, asked.caller.secret, asked.caller.cookie
        if cookie is not None and service.knows(cookie):
            secret = cookie
        principal = service.principal(secret)
        ask = self._read(scope, asked, scope["query_string"])
        ask.principal, ask.secret = principal, secret
        ask.by_cookie = secret is not None and secret == cookie
        asked.ask = ask
        return ask

    def _read(self, scope: Scope, asked: Asked, raw_query: bytes) -> Ask:
        """Return what the request says, whoever it is that asks."""
        caller = asked.caller
        query = _query(raw_query)
        path, segments = http.path_of(asked.raw_path)
        return Ask(
            method=scope["method"],
            path=path,
            segments=segments,
            raw_query=raw_query,
            query=query,
            headers=caller.headers,
            base=self._web.base_url or http.base_of(scope, caller.headers),
            principal=ANONYMOUS,
            address=_address(scope),
            language=_language(query, caller.language),
        )

    def anew(self, scope: Scope, asked: Asked) -> tuple[Ask, Route | Answer]:
        """Return a checked question and its route, or the answer that needs none."""
        ask = self.ask(scope, asked)
        return ask, self.directed(ask)

    def again(self, scope: Scope, asked: Asked) -> tuple[Ask, Route] | None:
        """Return a checked GET for items or one of them, and its route, from what is known.

        None: its address is not a plain one, or its caller has a cookie; it takes the long way.
        """
        caller, raw_path = asked.caller, asked.raw_path
        found = _PLAIN(raw_path)
        if found is None or caller.cookie is not None:
            return None
        head, key = found.groups()
        raw_query = scope["query_string"]
        short = raw_query if len(raw_query) <= SHORT else None
        base = self._web.base_url or http.base_of(scope, caller.headers)
        principal = self._web.service.principal(caller.secret)
        name = head, key is None, short, base
        known = caller.known.get(name) or self._learn(scope, asked, name)
        if known is None:
            return None
        like, route = known
        query = like.query if short is not None else _query(raw_query)
        segments, arguments = like.segments, like.arguments
        if key is not None:
            last = key.decode()
            segments = (*segments[:-1], last)
            arguments = {**arguments, "key": last}
        asked.ask = ask = Ask(
            method="GET",
            path=raw_path,
            segments=segments,
            raw_query=raw_query,
            query=query,
            headers=caller.headers,
            base=base,
            principal=principal,
            secret=caller.secret,
            address=_address(scope),
            language=like.language,
            media=like.media,
            arguments=arguments,
        )
        if short is None:
            ask.language = _language(query, caller.language)
            _check(ask, route)
        return ask, route

    def _learn(self, scope: Scope, asked: Asked, name: Kind) -> tuple[Ask, Route] | None:
        """Keep what is so whatever the key, and a long query, may be."""
        ask = asked.ask = self._read(scope, asked, name[2] or b"")
        route = self.directed(ask)
        if isinstance(route, Answer):
            return None
        known = asked.caller.known
        if len(known) >= MOST_KNOWN:
            known.clear()
        known[name] = ask, route
        return ask, route

    def directed(self, ask: Ask) -> Answer | Route:
        """Return the route of a checked request, or the answer that needs none."""
        found = self._file(ask)
        if found is not None:
            return found
        table, ask.arguments = self.router.find(ask.segments)
        route = table.get("GET" if ask.method == "HEAD" else ask.method)
        if route is None:
            return other_method(ask.method, table)
        ask.media = http.preferred(ask.headers.get(b"accept", b"*/*"), route.offers)
        _check(ask, route)
        session.check_token(ask)
        return route

    def _file(self, ask: Ask) -> Answer | None:
        """Return the dashboard or one of the static files, if that is what is asked for."""
        if ask.method not in {"GET", "HEAD"}:
            return None
        if ask.segments[0] == "collections":
            return None
        web = self._web
        if ask.segments == ("",):
            wanted = http.preferred(ask.headers.get(b"accept", b"*/*"), ROUTES[0].offers)
            found = web.page.find(("index.html",))
            if found is None or wanted != "html" or "f" in ask.query:
                return None
            return with_first_answers(found, web, ask)
        if ask.segments[0] == "static":
            return web.static.find(ask.segments[1:])
        return web.page.find(ask.segments)


def _query(raw: bytes) -> dict[str, str]:
    if len(raw) > http.MAX_QUERY:
        raise HttpError(
            414,
            f"The query string has more than {http.MAX_QUERY:,} bytes.",
            f"クエリ文字列が{http.MAX_QUERY:,}バイトを超えています。",
        )
    return http.parse_query(raw)


def _address(scope: Scope) -> str:
    address: str = (scope.get("client") or ("",))[0]
    return address


def _language(query: dict[str, str], usual: str) -> str:
    wanted = query.get("lang")
    return wanted if wanted in {"ja", "en"} else usual


def _check(ask: Ask, route: Route) -> None:
    if not ask.query:
        return
    expect(ask, route.known)
    wanted = ask.query.get("f")
    if wanted is not None:
        if wanted not in route.formats:
            listed = ", ".join(sorted(route.formats))
            raise InputError(
                f"f={wanted[:20]!r}: expected one of {listed}.",
                f"f={wanted[:20]!r}: {listed}のいずれかです。",
            )
        ask.media = wanted
    if ask.media == "html":
        # A form without scripts sends its empty boxes too.
        ask.query = {name: value for name, value in ask.query.items() if value}
    if "status" in ask.query:
        statuses(ask.query["status"])
    language = ask.query.get("lang")
    if language is not None and language not in {"ja", "en"}:
        raise InputError(
            f"lang={language[:20]!r}: expected ja or en.",
            f"lang={language[:20]!r}: jaかenです。",
        )


_PLAIN = re.compile(
    rb"(/collections/[A-Za-z0-9_.~-]{1,100}/items)(?:/([A-Za-z0-9_.~-]{1,200}))?"
).fullmatch
"""Longer paths take the long way: what is kept of a kind of question holds the first one's path."""
