"""A subscriber's line to an MQTT broker: one thread, bytes in large pieces.

A general client reads each message by several calls and acknowledges each by itself; beside busy
threads every such call waits for the interpreter. Here what has come is read at once, and what was
made durable is acknowledged at once: decision 9 has the figures.
"""

from __future__ import annotations

import contextlib
import logging
import select
import socket
import ssl
import time
from collections.abc import Sequence
from urllib.parse import unquote, urlsplit

from hinomi.kernel.errors import DataError, HinomiError, InputError, UnavailableError
from hinomi.standards import mqtt

log = logging.getLogger("hinomi.mqtt")

KEEPALIVE_S = 60
"""The broker takes us for gone after one and a half of it (MQTT 3.1.1, 3.1.2.10)."""
CONNECT_S = 10.0
"""A broker that does not answer for so long is not there [s]."""
PIECE = 1 << 18
MOST_READ = 1 << 21
"""Bytes read before they are looked at."""
MOST_UNTOLD = 1_000
"""Messages of ours that the broker has not taken over yet; more wait for it."""
REASONS = {
    1: "unacceptable protocol version", 2: "client id rejected", 3: "server unavailable",
    4: "bad user name or password", 5: "not authorised",
}  # fmt: skip
"""CONNACK's return codes (table 3.1)."""


class Address:
    """A broker's address: ``mqtt[s]://[user[:password]@]host[:port]``."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        try:
            port = parts.port
        except ValueError:
            port = -1
        if parts.scheme not in {"mqtt", "mqtts"} or not parts.hostname or port == -1:
            raise InputError(
                f"{url!r}: expected mqtt://HOST:PORT or mqtts://HOST:PORT.",
                f"{url!r}: mqtt://ホスト:ポート の形で指定してください。",
            )
        self.tls = parts.scheme == "mqtts"
        self.host = parts.hostname
        self.port = port or (8883 if self.tls else 1883)
        self.user = unquote(parts.username or "")
        self.password = unquote(parts.password or "")


class Client:
    """One session with a broker; what was not acknowledged comes again in the next."""

    def __init__(self, address: Address, client_id: str, password: str, will: mqtt.Will) -> None:
        self._address = address
        self._hello = mqtt.connect(
            client_id, KEEPALIVE_S, user=address.user, password=password, will=will
        )
        self._socket: socket.socket | None = None
        self._splitter = mqtt.Splitter()
        self._out = bytearray()
        self._heard = self._spoke = 0.0
        self._mid = 0
        self._early: list[mqtt.Publish] = []
        self._untold: dict[int, tuple[str, bytes, bool]] = {}

    def open(self, filters: Sequence[str]) -> list[mqtt.Publish]:
        """Connect and subscribe; return what came meanwhile of the session that was kept.

        Raises:
            UnavailableError: nobody answers there, or the broker refuses us or a topic.
        """
        try:
            self._dial()
            self._out += self._hello
            early = self._await(mqtt.Connected)
            self._out += mqtt.subscribe(self._next(), filters)
            early += self._await(mqtt.Subscribed)
        except (OSError, DataError) as error:
            self.drop()
            where = f"{self._address.host}:{self._address.port}"
            raise UnavailableError(
                f"No broker answers at {where} ({error}).",
                f"{where}にブローカーがありません({error})。",
            ) from None
        except HinomiError:
            self.drop()
            raise
        for mid, (topic, data, retain) in self._untold.items():
            self._out += mqtt.publish(topic, data, mid, retain=retain, again=True)
        return early

    def receive(self, wait_s: float) -> list[mqtt.Publish]:
        """Return the messages that came, waiting for the first at most so long [s].

        Raises:
            OSError: the line is cut.
            DataError: what comes is no MQTT.
        """
        if self._early:
            early, self._early = self._early, []
            return early
        self.keep()
        data = self._read(wait_s)
        if data:
            return self._sort(self._splitter.feed(data))
        if time.monotonic() - self._heard > 1.5 * KEEPALIVE_S:
            raise TimeoutError("the broker is silent")
        return []

    def acknowledge(self, messages: Sequence[mqtt.Publish]) -> None:
        """Tell the broker that these are kept (QoS 1)."""
        self._out += mqtt.pubacks(m.mid for m in messages if m.qos)
        self._flush()

    def publish(self, topic: str, data: bytes, *, retain: bool = False) -> bool:
        """Take over a message with QoS 1; False if the broker does not keep up.

        It is sent again after the line was cut, until the broker has taken it over.
        """
        until = time.monotonic() + CONNECT_S
        while len(self._untold) >= MOST_UNTOLD:
            if time.monotonic() > until:
                return False
            early, self._early = self._early, []
            self._early = early + self.receive(0.1)
        mid = self._next()
        self._untold[mid] = (topic, data, retain)
        self._out += mqtt.publish(topic, data, mid, retain=retain)
        return True

    def keep(self) -> None:
        """Send what waits, and let the broker know that we are there."""
        now = time.monotonic()
        if now - self._spoke > KEEPALIVE_S / 2:
            self._out += mqtt.PINGREQ
            self._spoke = now
        self._flush()

    def close(self) -> None:
        """Say good-bye, so that the broker does not tell our will, and hang up."""
        with contextlib.suppress(OSError, DataError):
            self._out += mqtt.DISCONNECT
            until = time.monotonic() + 2
            while self._out and time.monotonic() < until:
                self._read(0.1)
        self.drop()

    def drop(self) -> None:
        """Hang up without a word."""
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.close()
        self._socket = None

    def _dial(self) -> None:
        address = self._address
        line = socket.create_connection((address.host, address.port), CONNECT_S)
        if address.tls:
            try:
                line = ssl.create_default_context().wrap_socket(line, server_hostname=address.host)
            except BaseException:
                line.close()
                raise
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        line.settimeout(0)
        self._socket = line
        self._splitter = mqtt.Splitter()
        self._out.clear()
        self._early.clear()
        self._heard = self._spoke = time.monotonic()

    def _await(self, wanted: type[mqtt.Connected | mqtt.Subscribed]) -> list[mqtt.Publish]:
        """Return the messages that came until the answer came."""
        found: list[mqtt.Publish] = []
        until = time.monotonic() + CONNECT_S
        while time.monotonic() < until:
            packets = self._splitter.feed(self._read(0.1))
            found += self._sort(packets)
            if any(isinstance(one, wanted) for one in packets):
                return found
        raise TimeoutError("no answer")

    def _sort(self, packets: list[mqtt.Packet]) -> list[mqtt.Publish]:
        """Return the messages; take note of all else."""
        found: list[mqtt.Publish] = []
        for packet in packets:
            if isinstance(packet, mqtt.Publish):
                found.append(packet)
            elif isinstance(packet, mqtt.Acknowledged):
                self._untold.pop(packet.mid, None)
            elif isinstance(packet, mqtt.Connected) and packet.code:
                self._refused(REASONS.get(packet.code, str(packet.code)))
            elif isinstance(packet, mqtt.Subscribed) and 128 in packet.codes:
                self._refused("a topic may not be read")
        return found

    def _refused(self, reason: str) -> None:
        host = self._address.host
        raise UnavailableError(
            f"The broker {host} refused us: {reason}.",
            f"ブローカー{host}に拒否されました({reason})。",
        )

    def _read(self, wait_s: float) -> bytes:
        """Return what has come, after at most so long; send what waits meanwhile."""
        line = self._line()
        self._flush()
        pending = isinstance(line, ssl.SSLSocket) and line.pending()
        if not pending:
            ready, _, _ = select.select([line], [line] if self._out else [], [], wait_s)
            self._flush()
            if not ready:
                return b""
        found: list[bytes] = []
        size = 0
        while size < MOST_READ:
            try:
                piece = line.recv(PIECE)
            except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
                break
            if not piece:
                if found:
                    break
                raise ConnectionError("the broker hung up")
            found.append(piece)
            size += len(piece)
            if len(piece) < PIECE and not isinstance(line, ssl.SSLSocket):
                break
        self._heard = time.monotonic()
        return b"".join(found)

    def _flush(self) -> None:
        line = self._line()
        try:
            while self._out:
                sent = line.send(self._out)
                self._spoke = time.monotonic()
                del self._out[:sent]
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return

    def _line(self) -> socket.socket:
        if self._socket is None:
            raise ConnectionError("there is no line")
        return self._socket

    def _next(self) -> int:
        """Return a packet id that is not in use (2.3.1)."""
        while True:
            self._mid = self._mid % 65_535 + 1
            if self._mid not in self._untold:
                return self._mid
