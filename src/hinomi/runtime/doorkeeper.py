"""Before the app: requests are counted and timed, too many at once are refused, a stop is gentle.

Refusing is kinder than remembering: what waits holds its body in memory. Who is refused (503) is
told when to come again, and nothing of theirs was taken.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

from hinomi.runtime.health import Drain
from hinomi.runtime.observing import (
    headers_of,
    measuring,
    observe,
    observe_soon,
    observed,
    tracing,
)
from hinomi.runtime.proxies import Networks, seen_through

Message = dict[str, Any]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Callable[[], Awaitable[Message]], Send], Awaitable[None]]

MAX_WRITES = 256
"""Changes that wait for the writer at the same time, each with its body; more are refused."""
MAX_REQUESTS = 2_000
"""Questions that are being answered at the same time; more are refused. Streams do not count."""
_CALM_S = 2.0
"""Nobody has asked for so long: nobody is cut off by a stop."""
_DRAIN_S = 0.5
"""Who keeps a connection open hears within this that it will be closed."""
_PATIENCE_S = 10.0
_STREAM = b"text/event-stream"
_POLLS = "federation"
"""Partners wait there for what is new, and ask again when they are cut off."""
_CLOSE = (b"connection", b"close")
_FULL = (
    b'{"type":"about:blank","title":"Service Unavailable","status":503,'
    b'"detail":"Too many requests at once; try again. \xe6\xb7\xb7\xe9\x9b\x91\xe3\x81\x97'
    b'\xe3\x81\xa6\xe3\x81\x84\xe3\x81\xbe\xe3\x81\x99\xe3\x80\x82"}'
)
_FULL_HEADERS = [
    (b"content-type", b"application/problem+json"),
    (b"content-length", str(len(_FULL)).encode()),
    (b"retry-after", b"1"),
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
]


class Doorkeeper:
    """An ASGI app around the web app."""

    def __init__(self, app: App, proxies: Networks = ()) -> None:
        self._app = app
        self._proxies = proxies
        router = getattr(app, "router", None)
        routes = getattr(router, "routes", ())
        self._known = {route.path.split("/")[1] for route in routes}
        self.asked = self.writing = 0
        self._last = time.monotonic()

    async def __call__(self, scope: Message, receive: Any, send: Send) -> None:
        """Let a request in, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        self._last = time.monotonic()
        if self._proxies:
            scope = seen_through(scope, self._proxies)
        writes = scope["method"] not in {"GET", "HEAD", "OPTIONS"}
        if self.asked >= MAX_REQUESTS or (writes and self.writing >= MAX_WRITES):
            await send({"type": "http.response.start", "status": 503, "headers": _FULL_HEADERS})
            await send({"type": "http.response.body", "body": _FULL})
            observe("web", self._name(scope), "503", 0.0)
            return
        visit = _Visit(self, send)
        self.asked += 1
        if not writes and self._name(scope) == _POLLS:
            visit.leave()
        self.writing += writes
        try:
            if measuring():
                await self._measured(scope, receive, visit)
            else:
                await self._app(scope, receive, visit.send)
        finally:
            self.writing -= writes
            visit.leave()

    async def _measured(self, scope: Message, receive: Any, visit: _Visit) -> None:
        start = time.perf_counter()
        name = self._name(scope)
        try:
            with observed("request", name, hop=6, headers=headers_of(scope["headers"])):
                await self._app(scope, receive, visit.send)
        finally:
            if not visit.streams:
                observe("web", name, str(visit.status), time.perf_counter() - start)

    def at_once(self, answer: Callable[[Message], Any]) -> Callable[[Message], Any]:
        """Return the app's way past the event loop, counted.

        While we stop, and where spans are taken (the loop's way has them), all take the loop.
        """

        def counted(scope: Message) -> Any:
            if Drain.on or tracing():
                return None
            self._last = start = time.monotonic()
            sent = answer(seen_through(scope, self._proxies) if self._proxies else scope)
            if sent is not None:
                observe_soon("web", "collections", str(sent.status), time.monotonic() - start)
            return sent

        return counted

    def _name(self, scope: Message) -> str:
        """Return the first part of the path: few names, whatever is asked for."""
        first = str(scope["path"]).split("/", 2)[1]
        return first if first in self._known else "other"

    async def drain(self) -> None:
        """Answer what was asked, and have every caller open another connection, elsewhere."""
        Drain.on = True
        if time.monotonic() - self._last < _CALM_S:
            await asyncio.sleep(_DRAIN_S)
        until = time.monotonic() + _PATIENCE_S
        while self.asked and time.monotonic() < until:
            await asyncio.sleep(0.01)


class _Visit:
    """One request on its way: a stream is let go of, it would keep us for ever."""

    def __init__(self, door: Doorkeeper, send: Send) -> None:
        self._door, self._send = door, send
        self.status = 0
        self.streams = False
        self._inside = True

    async def send(self, message: Message) -> None:
        """Pass the answer on; while we stop, with the word that the connection ends."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = message.get("headers", ())
            if any(n == b"content-type" and v.startswith(_STREAM) for n, v in headers):
                self.streams = True
                self.leave()
            if Drain.on:
                message = {**message, "headers": [*headers, _CLOSE]}
        await self._send(message)

    def leave(self) -> None:
        """Be counted no more."""
        if self._inside:
            self._inside = False
            self._door.asked -= 1
