"""The change feed as Server-Sent Events: one reading of the log for all who see the same.

Who sees the same (principal, status, collections) shares a group: every 30 ms at most, a group
reads what was appended, encodes it once, and hands the same bytes to all its subscribers. A
subscriber that was away first catches up by itself, up to exactly where its group stands.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Sequence

import msgspec

from hinomi.apps.web.deliver import INERT, POLICY
from hinomi.apps.web.http import Receive, Send
from hinomi.kernel.errors import HinomiError, UnavailableError
from hinomi.kernel.marking import Principal, Status
from hinomi.kernel.reader import Reader
from hinomi.kernel.store import Change
from hinomi.runtime.policy.masking import mask_of
from hinomi.runtime.service import Service

LOOK_S = 0.005
"""How often the log's position is looked at while someone listens: a few microseconds each."""
TICK_S = 0.03
"""Appends within this time go out in one piece."""
HEARTBEAT_S = 15.0
MAX_WAITING = 8 * 1024 * 1024
"""Bytes that may wait for one slow subscriber before it is dropped."""
MAX_SUBSCRIBERS = 5_000
"""Connections of one process; one more is asked to come again."""
BATCH = 1_000
_ENCODER = msgspec.json.Encoder()


class Audience(msgspec.Struct, frozen=True):
    """Who asks and for what: those with an equal audience share a group."""

    principal: Principal
    status: frozenset[Status]
    collections: tuple[str, ...] | None


class Piece(msgspec.Struct, frozen=True):
    """What was appended in (after, position], as events; ``marks`` are (seq, end of its bytes)."""

    after: int
    position: int
    data: bytes
    marks: tuple[tuple[int, int], ...]

    def since(self, cursor: int) -> bytes:
        """Return the events after a cursor that lies inside the piece."""
        start = max((end for seq, end in self.marks if seq <= cursor), default=0)
        return self.data[start:]


class Subscriber:
    """One connection: what waits for it, up to where it was told."""

    def __init__(self, cursor: int) -> None:
        self.cursor = cursor
        self.waiting: deque[bytes] = deque()
        self.size = 0
        self.wake = asyncio.Event()
        self.dropped = ""

    def push(self, piece: Piece) -> None:
        """Queue what the subscriber has not been told yet; too much means it is dropped."""
        if piece.position <= self.cursor or self.dropped:
            return
        data = piece.data if self.cursor <= piece.after else piece.since(self.cursor)
        self.cursor = piece.position
        if not data:
            return
        self.waiting.append(data)
        self.size += len(data)
        if self.size > MAX_WAITING:
            self.drop("too slow: reconnect with Last-Event-ID")
        self.wake.set()

    def drop(self, reason: str) -> None:
        """Forget what waits and end the connection with a reason."""
        self.dropped = reason
        self.waiting.clear()
        self.wake.set()

    def take(self) -> bytes:
        """Return all that waits, in one piece."""
        data = b"".join(self.waiting)
        self.waiting.clear()
        self.size = 0
        self.wake.clear()
        return data


class Group:
    """Subscribers with one audience, told together up to ``cursor``."""

    def __init__(self, cursor: int) -> None:
        self.cursor = cursor
        self.subscribers: set[Subscriber] = set()


class Hub:
    """All groups and the one task that looks at the log for them."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._groups: dict[Audience, Group] = {}
        self._task: asyncio.Task[None] | None = None
        self._open = 0

    def check_room(self) -> None:
        """Raise UnavailableError where this process has as many subscribers as it can serve."""
        if self._open >= MAX_SUBSCRIBERS:
            raise UnavailableError(
                f"The stream has {MAX_SUBSCRIBERS:,} subscribers already; try again.",
                f"受信者が{MAX_SUBSCRIBERS:,}に達しています。後でお試しください。",
            )

    def reader(self, audience: Audience) -> Reader:
        """Return the log as this audience sees it."""
        return self._service.reader(audience.principal, status=audience.status)

    async def serve(
        self, audience: Audience, after: int, secret: str | None, send: Send, receive: Receive
    ) -> None:
        """Stream to one connection until it ends."""
        subscriber = Subscriber(after)
        self._open += 1
        gone = asyncio.ensure_future(_disconnected(receive))
        gone.add_done_callback(lambda _: subscriber.wake.set())
        try:
            await _begin(send, after)
            group = await self._join(audience, subscriber, send, gone)
            try:
                await self._tell(subscriber, secret, send, gone)
            finally:
                group.subscribers.discard(subscriber)
                if not group.subscribers and self._groups.get(audience) is group:
                    del self._groups[audience]
        finally:
            self._open -= 1
            gone.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await gone
            with contextlib.suppress(Exception):
                await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _join(
        self, audience: Audience, subscriber: Subscriber, send: Send, gone: asyncio.Future[None]
    ) -> Group:
        """Catch up from the subscriber's cursor; join at the moment nothing lies between."""
        reader = self.reader(audience)
        while not gone.done():
            group = self._groups.get(audience)
            if subscriber.cursor >= (group.cursor if group else self._service.store.position()):
                # Nothing is awaited between this test and the joining: no append can slip in.
                group = self._groups.setdefault(audience, Group(subscriber.cursor))
                group.subscribers.add(subscriber)
                self._start()
                return group
            piece = read_piece(reader, subscriber.cursor, audience.collections)
            subscriber.cursor = piece.position
            if piece.data:
                await _send(send, piece.data)
            else:
                await asyncio.sleep(0)
        return Group(0)

    async def _tell(
        self, subscriber: Subscriber, secret: str | None, send: Send, gone: asyncio.Future[None]
    ) -> None:
        while not gone.done():
            await subscriber.wake.wait()
            if gone.done():
                return
            if subscriber.dropped:
                await _send(send, _event("dropped", {"reason": subscriber.dropped}))
                return
            data = subscriber.take()
            if not data:
                if not self._still_known(secret):
                    await _send(send, _event("dropped", {"reason": "the API key was revoked"}))
                    return
                data = b"id: %d\n: heartbeat\n\n" % subscriber.cursor
            await _send(send, data)

    def _still_known(self, secret: str | None) -> bool:
        try:
            self._service.principal(secret)
        except HinomiError:
            return False
        return True

    def _start(self) -> None:
        if self._task is None or self._task.done():
            self._task = asyncio.ensure_future(self._watch())

    async def _watch(self) -> None:
        """Look at the position while someone listens; read and tell when it has moved."""
        seen = -1
        clock = asyncio.get_running_loop().time
        beat = clock() + HEARTBEAT_S
        while any(group.subscribers for group in self._groups.values()):
            if clock() >= beat:
                beat = clock() + HEARTBEAT_S
                self._wake_all()
            position = self._service.store.position()
            if position == seen and all(g.cursor >= position for g in self._groups.values()):
                await asyncio.sleep(LOOK_S)
                continue
            seen = position
            self._tick()
            await asyncio.sleep(TICK_S)

    def _wake_all(self) -> None:
        """Let each connection send its heartbeat, or what waits for it."""
        for group in self._groups.values():
            for subscriber in group.subscribers:
                subscriber.wake.set()

    def _tick(self) -> None:
        pieces: dict[object, Piece] = {}
        for audience, group in list(self._groups.items()):
            reader = self.reader(audience)
            name = (reader.visible(), mask_of(reader), audience.collections, group.cursor)
            piece = pieces.get(name)
            if piece is None:
                piece = pieces[name] = read_piece(reader, group.cursor, audience.collections)
            group.cursor = piece.position
            for subscriber in group.subscribers:
                subscriber.push(piece)

    async def close(self) -> None:
        """Let everyone go: the server stops."""
        for group in self._groups.values():
            for subscriber in group.subscribers:
                subscriber.drop("the server stops")
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task


def read_piece(reader: Reader, after: int, collections: Sequence[str] | None) -> Piece:
    """Return the next events after a position, as bytes."""
    changes = reader.changes(after, collections=collections, limit=BATCH)
    data = bytearray()
    marks: list[tuple[int, int]] = []
    items = changes.items
    for index, change in enumerate(items):
        last = index + 1 == len(items) or items[index + 1].seq != change.seq
        data += b"event: %b\ndata: %b\n" % (change.kind.encode(), change_json(change))
        # The id stands at the last event of its position: who resumes there has had them all.
        data += b"id: %d\n\n" % change.seq if last else b"\n"
        if last:
            marks.append((change.seq, len(data)))
    return Piece(after, changes.position, bytes(data), tuple(marks))


def change_json(change: Change) -> bytes:
    """Return one change as JSON; a feature stands in it as it is stored."""
    head = _ENCODER.encode(
        {
            "kind": change.kind,
            "seq": change.seq,
            "collection": change.collection,
            "key": change.key,
            "recorded_at": change.recorded_at,
        }
    )
    if change.record is None:
        return head
    retracts = b',"retracts":true' if change.record.retracts else b""
    return b'%b,"record":%b%b,"feature":%b}' % (
        head[:-1],
        _ENCODER.encode(change.record.id),
        retracts,
        change.record.feature,
    )


def _event(name: str, data: dict[str, str]) -> bytes:
    return b"event: %b\ndata: %b\n\n" % (name.encode(), _ENCODER.encode(data))


async def _begin(send: Send, after: int) -> None:
    headers = [
        (b"content-type", b"text/event-stream; charset=utf-8"),
        (b"cache-control", b"no-store"),
        (b"x-accel-buffering", b"no"),
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"same-origin"),
        (POLICY, INERT),
        (b"access-control-allow-origin", b"*"),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await _send(send, b"retry: 2000\nid: %d\n\n" % after)


async def _send(send: Send, data: bytes) -> None:
    await send({"type": "http.response.body", "body": data, "more_body": True})


async def _disconnected(receive: Receive) -> None:
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
