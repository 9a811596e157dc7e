"""The door for partner nodes: batches by long poll, batches that are sent, and who lags behind."""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import Callable
from itertools import accumulate
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import msgspec

from hinomi.apps.web import parameters
from hinomi.apps.web.http import JSON, Answer, Ask, Receive, Send, encode, not_here
from hinomi.apps.web.parameters import Parameter
from hinomi.apps.web.routes import ONLY_JSON, Route
from hinomi.kernel.errors import DeniedError, HinomiError, InputError, Text, UnavailableError
from hinomi.kernel.marking import ANONYMOUS

if TYPE_CHECKING:
    from hinomi.apps.web.app import Web
    from hinomi.runtime.federation.agreement import Agreement, Peer
    from hinomi.runtime.federation.door import Door, Wish
    from hinomi.runtime.federation.inbox import Ack
    from hinomi.standards.batches import Batch

OCTETS = "application/octet-stream"
BATCH = "application/vnd.hinomi.batch"
MAX_BATCH = 16 * 1024 * 1024
TICK_S = 0.4
"""A partner that waits is told this often, at moments of its own."""
TURNS = 4
"""Partners take turns within a tick; who sees the same in one turn gets the same bytes.

All at once they would take the machine from each other, and from the towns that send meanwhile.
"""
_PLACES = 16
"""Within a turn one is told after the other."""
PAUSE_S = 0.1
"""Batches that partners send are appended so often at most: each commit wakes whoever listens."""
LOOK_S = 0.02
_MOST_TOGETHER = 64
MAX_WAIT_S = 60.0
MAX_WAITING = 1000
_WISH = Parameter("wish", Text("カーソル", "the cursor, as a node sends it"), {"type": "string"})
_DIGEST = Parameter("digest", Text("原文の識別子", "SHA-256 of the bytes"), {"type": "string"})


class Turns:
    """Who is told when, and up to where: the same for all whose turn it is."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._told: dict[int, tuple[int, int]] = {}
        """Turn -> (tick, position)."""

    def wait_s(self, node: str, now_s: float) -> float:
        """Return how long it is to a partner's next moment: one after the other, turn by turn."""
        return TICK_S - (now_s - self._moment_s(node)) % TICK_S

    def told_to(self, node: str, now_s: float, position: Callable[[], int]) -> int:
        """Return up to where a partner is told at its moment, which has just come."""
        turn = self._number(node) % TURNS
        # A little early or late, a timer still rings for the same moment.
        tick = int((now_s - self._moment_s(node)) / TICK_S + 0.1)
        if self._told.get(turn, (-1, 0))[0] != tick:
            self._told[turn] = tick, position()
        return self._told[turn][1]

    def _moment_s(self, node: str) -> float:
        turn, place = self._number(node) % TURNS, self._number(node) // TURNS % _PLACES
        # Within four fifths of the turn, so that those of the next one are not met.
        return TICK_S / TURNS * (turn + 0.8 * place / _PLACES)

    def _number(self, node: str) -> int:
        return self._numbers.setdefault(node, len(self._numbers))


class Inflow:
    """Batches that came while others are being appended go together in the next commit."""

    def __init__(self) -> None:
        self._waiting: list[tuple[bytes, asyncio.Future[Ack]]] = []
        self._task: asyncio.Task[None] | None = None
        self.polls = 0
        self.turns = Turns()
        self._answers: dict[tuple[Agreement, Wish, int], asyncio.Task[tuple[Batch, bytes]]] = {}

    async def answer(self, door: Door, peer: Peer, wish: Wish, position: int) -> bytes:
        """Return what comes after a cursor, made once for all who ask the same meanwhile."""
        question = peer.shows, wish, position
        task = self._answers.get(question)
        if task is None:
            task = asyncio.ensure_future(asyncio.to_thread(door.next, peer, wish, position))
            self._answers[question] = task

            def over(done: asyncio.Task[tuple[Batch, bytes]]) -> None:
                del self._answers[question]
                if not done.cancelled():
                    done.exception()  # Looked at, even where all who asked have hung up.

            task.add_done_callback(over)
        # One who hangs up does not take the answer from the others.
        return (await asyncio.shield(task))[1]

    async def take(self, door: Door, data: bytes) -> Ack:
        """Have the writer take a batch; return what became of it."""
        future: asyncio.Future[Ack] = asyncio.get_running_loop().create_future()
        self._waiting.append((data, future))
        if self._task is None or self._task.done():
            self._task = asyncio.ensure_future(self._drain(door))
        return await future

    async def _drain(self, door: Door) -> None:
        now_s = asyncio.get_running_loop().time
        while self._waiting:
            some = self._waiting[: _together([len(data) for data, _ in self._waiting])]
            self._waiting = self._waiting[len(some) :]
            began_s = now_s()
            await self._append(door, some)
            # The first does not wait; what comes while many send is appended in few commits.
            await asyncio.sleep(began_s + PAUSE_S - now_s())

    async def _append(self, door: Door, some: list[tuple[bytes, asyncio.Future[Ack]]]) -> None:
        try:
            acks = await asyncio.to_thread(door.receive, [data for data, _ in some])
        except HinomiError as error:
            for _, future in some:
                if not future.done():
                    future.set_exception(error)
            return
        for (_, future), ack in zip(some, acks, strict=True):
            if not future.done():
                future.set_result(ack)


def _together(sizes: list[int]) -> int:
    """Return how many of the first go to the writer at once: not many, nor much."""
    held = list(accumulate(sizes[:_MOST_TOGETHER]))
    return max(1, sum(size <= MAX_BATCH for size in held))


_INFLOWS: WeakKeyDictionary[Any, Inflow] = WeakKeyDictionary()


def challenge(web: Web, ask: Ask) -> Answer:
    """Answer what a partner is to sign."""
    return Answer(body=_door(web, ask).challenge(), media_type=OCTETS, headers=_NO_STORE)


def session(web: Web, ask: Ask) -> Answer:
    """Answer a token for who has signed our challenge."""
    try:
        node, signed, signature = msgspec.msgpack.decode(ask.body, type=tuple[str, bytes, bytes])
    except msgspec.DecodeError:
        raise InputError("Expected node, challenge and signature as MessagePack.") from None
    token = _door(web, ask).session(node, signed, signature)
    return Answer(body=token, media_type=OCTETS, headers=_NO_STORE)


def batch(web: Web, ask: Ask) -> Answer:
    """Answer what comes after a partner's cursor, once there is something."""
    from hinomi.runtime.federation import calling  # noqa: PLC0415

    door, peer = _partner(web, ask)
    wish = calling.decode(ask.query.get("wish", ""))
    door.sent(peer, wish.cursor.position)
    inflow = _inflow(web)
    if inflow.polls >= MAX_WAITING:
        raise UnavailableError("Too many partners wait.", "待機中の連携先が多すぎます。")

    async def run(send: Send, receive: Receive) -> None:
        del receive
        inflow.polls += 1
        try:
            sealed = await _next(web, door, peer, wish)
        except Exception:
            await _reply(send, 503, b"")
            raise
        finally:
            inflow.polls -= 1
        await _reply(send, 200 if sealed else 204, sealed)

    return Answer(stream=run)


async def _next(web: Web, door: Door, peer: Peer, wish: Wish) -> bytes:
    """Wait for a moment at which the partner is told, and return what there is then."""
    loop = asyncio.get_running_loop()
    inflow = _inflow(web)
    turns = inflow.turns
    give_up = loop.time() + min(max(wish.wait_s, 0.0), MAX_WAIT_S)
    looked = -1
    live = wish.cursor.snapshot == 0 and wish.cursor.position > 0
    while True:
        if live:
            # The log is looked at once for all whose turn it is.
            await asyncio.sleep(turns.wait_s(peer.node, loop.time()))
            position = turns.told_to(peer.node, loop.time(), web.service.store.position)
            door.note_read()
        else:
            position = web.service.store.position()
        if position > looked and not (live and position == wish.cursor.position):
            looked = position
            sealed = await inflow.answer(door, peer, wish, position)
            if sealed:
                return sealed
        if loop.time() >= give_up:
            return b""
        if not live:
            await asyncio.sleep(LOOK_S)


def send_batch(web: Web, ask: Ask) -> Answer:
    """Take a batch that a partner sends; its signature says whose it is."""
    door = _door(web, ask)
    inflow = _inflow(web)
    data = ask.body

    async def run(send: Send, receive: Receive) -> None:
        del receive
        try:
            ack = await inflow.take(door, data)
        except HinomiError as error:
            await _reply(send, error.status, encode({"title": error.text.en}), JSON)
            return
        await _reply(send, 200, encode(msgspec.structs.replace(ack, peer="")), JSON)

    return Answer(stream=run)


def cursor(web: Web, ask: Ask) -> Answer:
    """Answer how far the calling partner's log was read here."""
    door, peer = _partner(web, ask)
    return Answer(body=encode(door.reached(peer)), headers=_NO_STORE)


def blob(web: Web, ask: Ask) -> Answer:
    """Answer raw bytes that led to a record which the partner may see."""
    door, peer = _partner(web, ask)
    data = door.blob(peer, ask.query.get("record", ""), ask.query.get("digest", ""))
    return Answer(body=data, media_type=OCTETS, headers=_NO_STORE)


def show_log(web: Web, ask: Ask) -> Answer:
    """Take a partner's word of how its log grew; answer from where the next proof is to begin."""
    door, peer = _partner(web, ask)
    if door.show is None:
        raise not_here("This node keeps no partners' logs.", "連携先のログを確かめていません。")
    size = door.show(peer.node, ask.body)
    return Answer(body=encode({"size": size}), headers=_NO_STORE)


def peers(web: Web, ask: Ask) -> Answer:
    """Answer how each partner is doing, for the operator."""
    if "*" not in ask.principal.writes:
        raise DeniedError(
            "How partners are doing is shown to the operator.",
            "連携先の状態は運用者だけが見られます。",
            rule="api-key" if ask.principal == ANONYMOUS else "operator",
        )
    return Answer(body=encode({"peers": _door(web, ask).lags()}), headers=_NO_STORE)


def _door(web: Web, ask: Ask) -> Door:
    del ask
    if web.service.partners is None:
        raise not_here("This node has no partners.", "連携先がありません。")
    return web.service.partners()


def _partner(web: Web, ask: Ask) -> tuple[Door, Peer]:
    door = _door(web, ask)
    try:
        token = base64.urlsafe_b64decode(ask.headers.get(b"hinomi-session", b""))
    except (ValueError, binascii.Error):
        token = b""
    return door, door.partner(token)


def _inflow(web: Web) -> Inflow:
    return _INFLOWS.setdefault(web, Inflow())


async def _reply(send: Send, status: int, body: bytes, media_type: str = BATCH) -> None:
    headers = [
        (b"content-type", media_type.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
    ]
    if status == 204:
        headers = headers[2:]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


_NO_STORE = ((b"cache-control", b"no-store"),)
_TAGS = ("federation",)
_DENIED = (400, 401, 403)

ROUTES = (
    Route(
        path="/peers", name="peers", text=Text("連携先の状態", "How partner nodes are doing"),
        answer=peers, parameters=(parameters.LANG,), offers=ONLY_JSON, gives={JSON: "object"},
        refusals=(*_DENIED, 503), tags=_TAGS,
    ),
    Route(
        path="/federation/challenge", name="federation-challenge",
        text=Text("連携先の認証(1)", "What a partner node signs"), answer=challenge,
        parameters=(parameters.LANG,), offers=ONLY_JSON, gives={OCTETS: "binary"},
        refusals=(400, 503), tags=_TAGS,
    ),
    Route(
        path="/federation/session", name="federation-session", method="POST",
        text=Text("連携先の認証(2)", "A partner node's token for an hour"), answer=session,
        parameters=(parameters.LANG,), offers=ONLY_JSON, gives={OCTETS: "binary"}, body="binary",
        refusals=(*_DENIED, 408, 413, 503), tags=_TAGS,
    ),
    Route(
        path="/federation/batch", name="federation-batch",
        text=Text("連携先への送信(問い合わせ)", "What comes after a partner's cursor (long poll)"),
        answer=batch, parameters=(_WISH, parameters.LANG), offers=ONLY_JSON,
        gives={BATCH: "binary"}, refusals=(204, *_DENIED, 503), tags=_TAGS,
    ),
    Route(
        path="/federation/batch", name="federation-send", method="POST",
        text=Text("連携先からの受信", "A signed batch that a partner sends"), answer=send_batch,
        parameters=(parameters.LANG,), offers=ONLY_JSON, gives={JSON: "object"}, body="binary",
        max_body=MAX_BATCH, refusals=(400, 408, 413, 503), tags=_TAGS,
    ),
    Route(
        path="/federation/cursor", name="federation-cursor",
        text=Text("受信済みの位置", "How far the calling partner was read"), answer=cursor,
        parameters=(parameters.LANG,), offers=ONLY_JSON, gives={JSON: "object"},
        refusals=(*_DENIED, 503), tags=_TAGS,
    ),
    Route(
        path="/federation/log", name="federation-log", method="POST",
        text=Text("連携先の透明性ログ", "A partner's proof of how its log grew"), answer=show_log,
        parameters=(parameters.LANG,), offers=ONLY_JSON, gives={JSON: "object"}, body="binary",
        refusals=(*_DENIED, 408, 413, 503), tags=_TAGS,
    ),
    Route(
        path="/federation/blob", name="federation-blob",
        text=Text("連携先への原文", "Raw bytes for a partner"), answer=blob,
        parameters=(parameters.RECORD, _DIGEST, parameters.LANG), offers=ONLY_JSON,
        gives={OCTETS: "binary"}, refusals=(*_DENIED, 404, 503), tags=_TAGS,
    ),
)  # fmt: skip
