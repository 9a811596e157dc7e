"""Calling a partner over HTTP(S): one connection kept open, a session that renews itself."""

from __future__ import annotations

import base64
import http.client
from urllib.parse import urlsplit

import msgspec

from hinomi.kernel.errors import DeniedError, InputError, UnavailableError
from hinomi.runtime.federation.agreement import Peer
from hinomi.runtime.federation.certificates import context_of, ended, told
from hinomi.runtime.federation.door import HELLO, Wish
from hinomi.runtime.federation.inbox import Ack
from hinomi.runtime.federation.nodekey import NodeKey
from hinomi.standards import batches

TIMEOUT_S = 20.0
HEADER = "Hinomi-Session"


class _Shown(msgspec.Struct, frozen=True):
    size: int


class Caller:
    """This node's end of a line to one partner; one thread at a time."""

    def __init__(self, peer: Peer, key: NodeKey) -> None:
        self._peer, self._key = peer, key
        parts = urlsplit(peer.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise InputError(f"{peer.url!r} is no http(s) address.")
        self._base = parts.path.rstrip("/")
        self._token = ""
        self._line: http.client.HTTPConnection
        if parts.scheme == "https":
            self._line = http.client.HTTPSConnection(
                parts.hostname, parts.port, timeout=TIMEOUT_S, context=context_of(peer)
            )
        else:
            self._line = http.client.HTTPConnection(parts.hostname, parts.port, timeout=TIMEOUT_S)

    def fetch(self, wish: Wish) -> bytes | None:
        """Return the next sealed batch, None where nothing came while we waited."""
        status, body = self._asked(
            "GET", f"/federation/batch?wish={encode(wish)}", wait_s=wish.wait_s
        )
        return body if status == http.client.OK else None

    def send(self, sealed: bytes) -> Ack:
        """Send a batch and return what became of it."""
        _, body = self._ask("POST", "/federation/batch", sealed)
        return msgspec.json.decode(body, type=Ack)

    def reached(self) -> Ack:
        """Return how far the partner has read this node's log."""
        _, body = self._asked("GET", "/federation/cursor")
        return msgspec.json.decode(body, type=Ack)

    def blob(self, record_id: str, digest: str) -> bytes:
        """Return raw bytes that led to a record."""
        _, body = self._asked("GET", f"/federation/blob?record={record_id}&digest={digest}")
        return body

    def growth(self, since: int) -> bytes:
        """Return the head of the partner's log and the proof that it only grew since a size."""
        _, body = self._ask("GET", f"/log/growth?size={since}")
        return body

    def show(self, growth: bytes) -> int:
        """Show how this node's log grew; return the size from which the partner has not seen it."""
        _, body = self._asked("POST", "/federation/log", body=growth)
        return msgspec.json.decode(body, type=_Shown).size

    def close(self) -> None:
        """Hang up."""
        self._line.close()

    def _asked(
        self, method: str, path: str, *, body: bytes | None = None, wait_s: float = 0.0
    ) -> tuple[int, bytes]:
        """Ask in a session; begin one where there is none or it is over."""
        for attempt in (0, 1):
            if not self._token:
                self._begin()
            try:
                return self._ask(method, path, body, wait_s=wait_s)
            except DeniedError:
                self._token = ""
                if attempt:
                    raise
        raise AssertionError

    def _begin(self) -> None:
        _, challenge = self._ask("GET", "/federation/challenge")
        signature = self._key.sign(HELLO + self._peer.public + challenge)
        hello = msgspec.msgpack.encode((self._key.node, challenge, signature))
        _, token = self._ask("POST", "/federation/session", hello)
        self._token = base64.urlsafe_b64encode(token).decode()

    def _ask(
        self, method: str, path: str, body: bytes | None = None, *, wait_s: float = 0.0
    ) -> tuple[int, bytes]:
        """Return status and body.

        Raises:
            DeniedError: the partner does not know us.
            UnavailableError: it does not answer, or not as it should.
        """
        headers = {HEADER: self._token} if self._token else {}
        line = self._line
        line.timeout = TIMEOUT_S + wait_s
        if line.sock is not None:
            line.sock.settimeout(line.timeout)
        try:
            line.request(method, f"{self._base}{path}", body, headers)
            response = line.getresponse()
            data = response.read(batches.MAX_SEALED + 1)
            if not response.isclosed():
                raise http.client.HTTPException("the answer is too large")
        except (OSError, http.client.HTTPException) as error:
            line.close()
            why = f"{type(error).__name__}: {error}{ended(self._peer)}"
            raise UnavailableError(
                f"{self._peer.url} does not answer ({why}).",
                f"{self._peer.url}が応答しません({why})。",
            ) from None
        if response.status in (401, 403):
            raise DeniedError(
                f"{self._peer.url} does not take this node as a partner.",
                f"{self._peer.url}はこのノードを連携先と認めていません。", rule="peer",
            )  # fmt: skip
        if response.status not in (200, 204):
            line.close()
            why = f"{response.status}{told(data)}{ended(self._peer)}"
            raise UnavailableError(
                f"{self._peer.url} answers {why}.", f"{self._peer.url}の応答: {why}"
            )
        return response.status, data


def encode(wish: Wish) -> str:
    """Return a wish as it stands in an address."""
    return base64.urlsafe_b64encode(msgspec.msgpack.encode(wish)).decode().rstrip("=")


def decode(text: str) -> Wish:
    """Return the wish that an address holds.

    Raises:
        InputError: it is none.
    """
    try:
        data = base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
        return msgspec.msgpack.decode(data, type=Wish)
    except (ValueError, msgspec.DecodeError):
        raise InputError("wish: expected a cursor as a node sends it.") from None
