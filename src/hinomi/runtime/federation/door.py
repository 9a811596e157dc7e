"""The door: what a web process does for partners that call.

A partner proves who it is once an hour, by a signature over a challenge that this node made: only
this node's clock matters, so that skew cannot lock anyone out. Batches that come prove themselves.
"""

from __future__ import annotations

import hmac
import struct
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path

import msgspec

from hinomi.kernel.catalog import Catalog
from hinomi.kernel.errors import DeniedError, MissingError, Text
from hinomi.kernel.store import Store
from hinomi.runtime import clock, storing
from hinomi.runtime.federation import nodekey
from hinomi.runtime.federation.agreement import DIRECTIONS, Peer
from hinomi.runtime.federation.inbox import Ack
from hinomi.runtime.federation.outbox import Outbox, Publish, View
from hinomi.runtime.federation.registry import Registry, State
from hinomi.standards.batches import Batch, Cursor

HELLO = b"hinomi federation hello\n"
_SESSION_S = 3600
_CHALLENGE_S = 60
_KEPT = 128
_NOTE_S = 1.0
"""How far partners have read is written this often, for all of them in one step."""
_TIME = struct.Struct(">Q")


class Wish(msgspec.Struct, frozen=True, array_like=True):
    """What a partner asks for: what comes after its cursor."""

    cursor: Cursor
    log: str = ""
    view: str = ""
    mark: int = 0
    history_s: float = 0.0
    wait_s: float = 0.0


class Lag(msgspec.Struct, frozen=True):
    """How a partner is doing, for people."""

    name: str
    node: str
    url: str
    direction: str
    position: int
    its_end: int
    missing: int
    """Positions of its log that are not here yet."""
    sent_to: int
    to_send: int
    """Positions of this log that it has not read yet."""
    heard_at: float
    level_at: float
    records: int
    readings: int
    failures: int
    refused: int
    error: str


class Door:
    """Serves partners from a store that is only read; what comes goes to the writer."""

    def __init__(
        self,
        data: Path,
        store: Store,
        catalog: Catalog,
        receive: Callable[[Sequence[bytes]], list[Ack]],
    ) -> None:
        self._data, self._store, self._catalog = data, store, catalog
        self.receive = receive
        self.publish: Publish | None = None
        self.show: Callable[[str, bytes], int] | None = None
        """Has the writer hold a partner's log, as it shows it, to what was seen before."""
        self.registry = Registry(data)
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[View, Cursor, float, int], tuple[Batch, bytes]] = (
            OrderedDict()
        )
        self._made: tuple[nodekey.NodeKey, Outbox] | None = None
        self._read: dict[str, tuple[int, float]] = {}
        """Partner -> (how far it has read, when it said so), where that is not written yet."""
        self._reading = threading.Lock()
        self._noted_at = 0.0

    @property
    def key(self) -> nodekey.NodeKey:
        """Return this node's key."""
        return self._own()[0]

    def challenge(self) -> bytes:
        """Return what a partner is to sign."""
        return self._stamped(b"challenge", b"", _CHALLENGE_S)

    def session(self, node: str, challenge: bytes, signature: bytes) -> bytes:
        """Return a token for an hour.

        Raises:
            DeniedError: the node is no partner, or has not signed our challenge.
        """
        peer = self.registry.of_node(node)
        signed = HELLO + self.key.public + challenge
        if (
            peer is None
            or self._opened(b"challenge", challenge) is None
            or not nodekey.good(peer.public, signature, signed)
        ):
            raise _stranger()
        return self._stamped(b"session", bytes.fromhex(node), _SESSION_S)

    def partner(self, token: bytes) -> Peer:
        """Return whose token it is.

        Raises:
            DeniedError: it is none of ours, too old, or its partner was removed.
        """
        node = self._opened(b"session", token)
        peer = None if node is None else self.registry.of_node(node.hex())
        if peer is None:
            raise _stranger()
        return peer

    def next(self, peer: Peer, wish: Wish, at_most: int) -> tuple[Batch, bytes]:
        """Return what comes after a partner's cursor, as a batch and sealed.

        Partners that see the same and stand at the same place get the same bytes: read, signed
        and deflated once. ``at_most`` is the log's position at which they were asked for.
        """
        view = View(peer.shows)
        outbox = self._own()[1]
        cursor = self._cursor(outbox, view, wish)
        # What is appended while a batch is made may be in it or in the next.
        name = (view, cursor, wish.history_s if cursor.snapshot or cursor == Cursor() else 0.0,
                at_most)  # fmt: skip
        with self._lock:
            kept = self._kept.get(name)
            if kept is None:
                batch = outbox.batch(view, cursor, wish.history_s)
                kept = batch, outbox.sealed(batch) if worth(batch) else b""
                self._kept[name] = kept
                while len(self._kept) > _KEPT:
                    self._kept.popitem(last=False)
            return kept

    def reached(self, peer: Peer) -> Ack:
        """Return how far a partner's log was read here, and how much of it is wanted."""
        stands = self.registry.reached(peer.node)
        return Ack(
            cursor=stands.cursor,
            log=stands.log,
            view=stands.view,
            mark=stands.mark,
            history_s=self.registry.wanted(peer, stands),
        )

    def sent(self, peer: Peer, position: int) -> None:
        """Hear how far a partner has read; :meth:`note_read` writes it."""
        with self._reading:
            self._read[peer.name] = position, clock.now().timestamp()
        self.note_read()

    def note_read(self, *, now: bool = False) -> None:
        """Write how far partners have read, if it is time or if it must be ``now``."""
        moment = time.monotonic()
        with self._reading:
            if not self._read or not (now or moment - self._noted_at >= _NOTE_S):
                return
            read, self._read, self._noted_at = self._read, {}, moment
        found = []
        for name, (position, at) in read.items():
            state = self.registry.state(name, "out")
            if state.sent_to != position or at - state.heard_at > 5.0:
                state.sent_to, state.heard_at = position, at
                found.append((name, state))
        if found:
            self.registry.note_out(found)

    def blob(self, peer: Peer, record_id: str, digest: str) -> bytes:
        """Return raw bytes that led to a record which the partner may see.

        Raises:
            MissingError: there are none, or it may not.
        """
        visible = frozenset(m for m in self._store.markings() if peer.shows.sees(m))
        trace = self._store.trace(record_id, visible=visible)
        shown = trace is not None and (
            peer.shows.shows(trace.record.collection)
            and peer.shows.covers(trace.record.key, trace.record.body())
            and any(origin.digest == digest for origin, _ in trace.origins)
        )
        found = self._store.blob(digest) if shown else None
        if found is None:
            raise MissingError(Text("原文", "raw payload"), digest)
        return found

    def lags(self) -> list[Lag]:
        """Return how each partner is doing."""
        self.note_read(now=True)
        end = self._store.position()
        return [self._lag(peer, end) for peer in self.registry.every()]

    def _lag(self, peer: Peer, end: int) -> Lag:
        came, went = (self.registry.state(peer.name, way) for way in DIRECTIONS)
        return lag(peer, came, went, end)

    def _cursor(self, outbox: Outbox, view: View, wish: Wish) -> Cursor:
        """Return the partner's cursor, or the beginning if it is of another log or view."""
        cursor = wish.cursor
        if cursor == Cursor():
            return cursor
        if (
            wish.log != self.registry.log_id()
            or wish.view != view.digest()
            or cursor.position > self._store.position()
            or wish.mark != outbox.mark(cursor.position)
        ):
            return Cursor()
        return cursor

    def _own(self) -> tuple[nodekey.NodeKey, Outbox]:
        # Made with the first partner: a node without one needs no key.
        if self._made is None:
            key = nodekey.load(self._data)
            address = storing.address(self._data)
            log = self.registry.log_id()
            outbox = Outbox(address, self._store, self._catalog, key, log)
            outbox.publish = self.publish
            self._made = key, outbox
        return self._made

    def _stamped(self, kind: bytes, what: bytes, good_s: int) -> bytes:
        until = _TIME.pack(int(clock.now().timestamp()) + good_s)
        return what + until + self._mac(kind, what + until)

    def _opened(self, kind: bytes, token: bytes) -> bytes | None:
        body, mac = token[:-16], token[-16:]
        if len(body) < _TIME.size or not hmac.compare_digest(mac, self._mac(kind, body)):
            return None
        what, until = body[: -_TIME.size], body[-_TIME.size :]
        return what if _TIME.unpack(until)[0] >= clock.now().timestamp() else None

    def _mac(self, kind: bytes, body: bytes) -> bytes:
        return hmac.digest(self.key.secret, kind + b"\n" + body, sha256)[:16]


def worth(batch: Batch) -> bool:
    """Tell whether a batch is worth sending: it says something, or moves the cursor far on."""
    if batch.items or batch.then.snapshot != batch.after.snapshot or batch.then.snapshot:
        return True
    return (
        batch.then.position - batch.after.position > _FAR or batch.after == Cursor() != batch.then
    )


_FAR = 1000


def lag(peer: Peer, came: State, went: State, end: int) -> Lag:
    """Return how a partner is doing, for people."""
    ways = [way for way, is_so in (("in", peer.pulls), ("out", peer.pushes)) if is_so]
    return Lag(
        name=peer.name,
        node=peer.node,
        url=peer.url,
        direction="+".join(ways) if peer.url else "calls",
        position=came.position,
        its_end=came.its_end,
        missing=max(0, came.its_end - came.position),
        sent_to=went.sent_to,
        to_send=max(0, end - went.sent_to),
        heard_at=max(came.heard_at, went.heard_at),
        level_at=came.level_at,
        records=came.records,
        readings=came.readings,
        failures=max(came.failures, went.failures),
        refused=came.refused + went.refused,
        error=came.error or went.error,
    )


def _stranger() -> DeniedError:
    return DeniedError(
        "Only partners may ask; they prove it with their node key.",
        "連携先だけが利用できます。", rule="peer",
    )  # fmt: skip
