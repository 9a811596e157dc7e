"""The web app: OGC API, change feed, readings, pages for people and the dashboard, over ASGI.

One class and no layers of middleware: between the socket and a page of features lie the route
table, one store query and one join of stored bytes.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from hinomi.apps.web import http, items, trail
from hinomi.apps.web.asking import Asked, Asking
from hinomi.apps.web.deliver import Delivery, Kept, Sent, etag_matches
from hinomi.apps.web.files import Files
from hinomi.apps.web.http import Answer, Ask, Receive, Scope, Send
from hinomi.apps.web.latest import LatestViews
from hinomi.apps.web.parameters import moment_of
from hinomi.apps.web.receiving import body_of, caller_of
from hinomi.apps.web.routes import Route
from hinomi.apps.web.stream import Hub
from hinomi.kernel.errors import UnavailableError
from hinomi.kernel.marking import Marking
from hinomi.kernel.reader import ACTUAL, Reader, statuses
from hinomi.runtime.policy.masking import mask_of
from hinomi.runtime.service import Service

if TYPE_CHECKING:
    from hinomi.runtime.coverages import Coverages
    from hinomi.runtime.tiles.serving import Tiles

HERE = Path(__file__).parent
KEPT_BYTES = 32 * 1024 * 1024
"""Bytes of answers that are kept for those who ask the same again."""
HEAVY_AT_ONCE = 2
HEAVY_SECONDS = 30.0


class Stamp(NamedTuple):
    """While the position is this and the clock in [start, until), answers stay the same."""

    position: int
    start: datetime
    until: datetime | None
    text: str
    """What tells it from any other, in all processes the same."""


def create_app(
    service: Service,
    *,
    base_url: str = "",
    page: Path | None = None,
    kept_bytes: int = KEPT_BYTES,
) -> Web:
    """Return the ASGI app.

    Args:
        service: the store and the catalogue behind readers.
        base_url: where links begin, if not where the request was sent to (behind a proxy).
        page: folder of the built dashboard; by default the one inside the package.
        kept_bytes: bytes of answers kept in memory for repeated questions; 0 keeps none.
    """
    return Web(service, base_url, page or HERE / "page", kept_bytes)


class Web:
    """The app's state: service, routes, page files, the feed's hub, answers worth keeping."""

    def __init__(self, service: Service, base_url: str, page: Path, kept_bytes: int) -> None:
        self.service = service
        self.catalog = service.catalog
        self.settled: Callable[[Callable[[], Answer]], Answer] = getattr(
            service.store, "settled", _as_it_is
        )
        """One state of the store for all that an answer asks, where the store can."""
        self.base_url = base_url.rstrip("/")
        self.asking = Asking(self)
        self.router = self.asking.router
        self.callers = http.Callers(caller_of)
        self.static = Files(HERE / "static")
        self.page = Files(page)
        self.hub = Hub(service)
        self._kept_bytes = kept_bytes
        self.delivery = Delivery(kept_bytes)
        self.kept: Kept = Kept(kept_bytes)
        self.latest = LatestViews()
        self._stamps: dict[tuple[str, frozenset[Marking]], Stamp] = {}
        self._heavy = asyncio.Semaphore(HEAVY_AT_ONCE)
        self._threads = ThreadPoolExecutor(HEAVY_AT_ONCE, "hinomi-heavy")

    @cached_property
    def tiles(self) -> Tiles:
        """Return the tiles' maker; what it computes with is loaded with the first tile."""
        from hinomi.runtime.tiles.serving import Tiles  # noqa: PLC0415

        return Tiles(tile_bytes=2 * self._kept_bytes)

    @cached_property
    def coverages(self) -> Coverages:
        """Return the coverages' opener, loaded with the first that is asked for."""
        from hinomi.runtime.coverages import Coverages  # noqa: PLC0415

        return Coverages()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection event of the ASGI protocol."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1000})
        else:
            await self._answer(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                self.latest.keep()
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                self.latest.close()
                await self.hub.close()
                self._threads.shutdown(wait=False, cancel_futures=True)
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        sent = self.at_once(scope)
        if sent is None:
            asked = Asked(self, scope)
            try:
                answer = await self._routed(self.asking.ask(scope, asked), receive)
            except Exception as error:  # noqa: BLE001 - here faults become answers
                answer = asked.told(error)
            if answer.stream is not None and scope["method"] != "HEAD":
                await answer.stream(send, receive)
                return
            sent = asked.sent(answer)
        await send({"type": "http.response.start", "status": sent.status, "headers": sent.headers})
        await send({"type": "http.response.body", "body": sent.body})

    def at_once(self, scope: Scope) -> Sent | None:
        """Answer a page of features or one of them; None for all that may have to wait.

        What maps ask all the time needs no event loop: a server may call this from a thread of
        its own (one at a time) and leave the rest to ``__call__``.
        """
        raw_path = scope.get("raw_path") or b""
        if scope["type"] != "http" or scope["method"] != "GET" or not _AT_ONCE(raw_path):
            return None
        query = scope["query_string"]
        if b"filter" in query or b"=sip4d" in query:
            return None
        asked = Asked(self, scope)
        try:
            ask, route = self.asking.again(scope, asked) or self.asking.anew(scope, asked)
            if isinstance(route, Answer):
                return asked.sent(route)
            if self._waits(ask, route):
                return None
            answer = self._given(route, ask)
        except Exception as error:  # noqa: BLE001 - here faults become answers
            answer = asked.told(error)
        return None if answer.stream is not None else asked.sent(answer)

    async def _routed(self, ask: Ask, receive: Receive) -> Answer:
        route = self.asking.directed(ask)
        if isinstance(route, Answer):
            return route
        if route.body:
            ask.body = await body_of(receive, route.max_body)
        quick = None if route.quick is None else route.quick(self, ask)
        if quick is not None:
            return trail.follow(self, ask, route, quick)
        if self._waits(ask, route):
            return await self._apart(route, ask)
        return self._given(route, ask)

    def _given(self, route: Route, ask: Ask) -> Answer:
        return trail.follow(self, ask, route, route.answer(self, ask))

    def _waits(self, ask: Ask, route: Route) -> bool:
        """Tell whether the answer may take long: others go on meanwhile."""
        if route.heavy or route.method != "GET" or ask.media == "sip4d-zip":
            return True
        if "count" in ask.query and not items.counts_fast(ask):
            return True
        return "filter" in ask.query

    async def _apart(self, route: Route, ask: Ask) -> Answer:
        """Answer in a thread, a few at a time, within a time."""
        try:
            async with asyncio.timeout(HEAVY_SECONDS), self._heavy:
                loop = asyncio.get_running_loop()
                # The request's trace goes along into the thread.
                run = copy_context().run
                return await loop.run_in_executor(self._threads, run, self._given, route, ask)
        except TimeoutError:
            raise UnavailableError(
                f"The question took more than {HEAVY_SECONDS:.0f} s; ask for less.",
                f"{HEAVY_SECONDS:.0f}秒以内に答えられませんでした。範囲を狭めてください。",
            ) from None

    def reader(self, ask: Ask) -> Reader:
        """Return the store as this caller may see it, in the status and at the moment asked for."""
        status = ask.query.get("status")
        return self.service.reader(
            ask.principal,
            status=ACTUAL if status is None else statuses(status),
            as_of=moment_of(ask),
        )

    def stamp(self, ask: Ask, reader: Reader, collection: str = "") -> str:
        """Return an ETag for what the reader sees: no append and no expiry passes under it.

        Two processes give the same tag: it holds the position and the next expiry, not the
        moment at which they were read.
        """
        visible = reader.visible()
        position = self.service.store.position()
        stamp = self._stamps.get((collection, visible))
        now = self.service.now()
        if not (
            stamp
            and stamp.position == position
            and stamp.start <= now
            and (stamp.until is None or now < stamp.until)
        ):
            until = reader.next_expiry(collection, now) if collection else None
            text = f"{position} {until} {'|'.join(sorted(map(str, visible)))}"
            stamp = Stamp(position, now, until, text)
            if len(self._stamps) > 1_000:
                self._stamps.clear()
            self._stamps[collection, visible] = stamp
        return http.digest(
            stamp.text, mask_of(reader, collection), reader.as_of,
            ask.base, ask.path, ask.raw_query, ask.media, ask.language,
        )  # fmt: skip

    def again(self, ask: Ask, etag: str, make: Callable[[], Answer]) -> Answer:
        """Return 304 where the caller has it, the kept answer if there is one, else a new one."""
        if etag_matches(ask.headers.get(b"if-none-match"), etag):
            return Answer(status=304, etag=etag)
        kept = self.kept.get(etag)
        if kept is not None:
            return kept
        answer = make()
        answer.etag = etag
        self.kept.put(etag, answer)
        return answer


def _as_it_is(answer: Callable[[], Answer]) -> Answer:
    return answer()


_AT_ONCE = re.compile(rb"/collections/[^/]+/items(/[^/]+)?").fullmatch
