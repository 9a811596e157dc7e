"""QZSS receivers: NMEA over TCP or a serial line; each report is taken once, its repeats are not.

A satellite repeats a report every four seconds and several satellites send the same one.
"""

from __future__ import annotations

import logging
import socket
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit

from hinomi.kernel.errors import HinomiError, InputError, UnavailableError
from hinomi.runtime import clock
from hinomi.standards import qzss

log = logging.getLogger("hinomi.nmea")

Take = Callable[[bytes, str, str, datetime], object]
"""What is done with a sentence: (bytes, name, address, time of reception); durable on return."""

SILENT_S = 60.0
"""A receiver says something every second; so long a silence is a dead line."""
LONGEST_WAIT_S = 60.0
MAX_LINE = 1024
"""NMEA 0183 has 82 characters, QZQSM 81; what is longer is noise."""
REMEMBERED = 4096
FORGET = timedelta(hours=24)
"""A report that is still sent a day later is taken again: so its year is never in doubt."""


class Receiver:
    """Reads one receiver until told to stop, and connects again by itself."""

    def __init__(
        self, address: str, take: Take, *, now: clock.Clock = clock.now, wait_s: float = 1.0
    ) -> None:
        self.address = address
        self.taken = 0
        self.repeated = 0
        self._open = _opener(address)
        self._take = take
        self._now = now
        self._wait_s = wait_s
        self._seen: OrderedDict[bytes, datetime] = OrderedDict()

    def run(self, stop: threading.Event) -> None:
        """Read until ``stop`` is set."""
        wait_s = self._wait_s
        while not stop.is_set():
            try:
                for line in self._open(stop):
                    self.hear(line)
                    wait_s = self._wait_s
                    if stop.is_set():
                        return
                raise OSError("the line was closed")
            except OSError as error:
                log.warning("hop=1 receiver %s: %s; again in %.0f s", self.address, error, wait_s)
            stop.wait(wait_s)
            wait_s = min(2 * wait_s, LONGEST_WAIT_S)

    def hear(self, line: bytes) -> None:
        """Take a line if it is a report that has not been taken."""
        message = qzss.message(line)
        if message is None:
            return
        at = self._now()
        known = self._seen.get(message)
        if known is not None and at - known < FORGET:
            self.repeated += 1
            return
        try:
            self._take(line.strip() + b"\n", "qzss.nmea", self.address, at)
        except HinomiError:
            # Not remembered: the satellite says it again in some seconds.
            log.exception("hop=1 a report of %s waits for the store", self.address)
            return
        self._seen[message] = at
        self._seen.move_to_end(message)
        self.taken += 1
        while len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)


def check(address: str) -> None:
    """Raise InputError unless this is a receiver's address."""
    _opener(address)


def _opener(address: str) -> Callable[[threading.Event], Iterator[bytes]]:
    parts = urlsplit(address)
    try:
        port = parts.port
    except ValueError:
        port = None
    if parts.scheme == "tcp" and parts.hostname and port:
        host = parts.hostname
        return lambda stop: _tcp(host, port, stop)
    if parts.scheme == "serial" and parts.path:
        baud = parse_qs(parts.query).get("baud", ["38400"])[0]
        if baud.isascii() and baud.isdigit():
            return lambda stop: _serial(parts.path, int(baud), stop)
    raise InputError(
        f"--nmea {address}: expected tcp://HOST:PORT or serial:/dev/ttyUSB0?baud=38400.",
        f"--nmea {address}: tcp://ホスト:ポート か serial:/dev/ttyUSB0?baud=38400 です。",
    )


def _tcp(host: str, port: int, stop: threading.Event) -> Iterator[bytes]:
    with socket.create_connection((host, port), timeout=5.0) as line:
        line.settimeout(0.5)
        yield from _lines(lambda: _received(line), stop)


def _received(line: socket.socket) -> bytes | None:
    try:
        return line.recv(4096)
    except TimeoutError:
        return None


def _serial(device: str, baud: int, stop: threading.Event) -> Iterator[bytes]:
    try:
        import serial  # noqa: PLC0415
    except ImportError:
        raise UnavailableError(
            "A serial receiver needs the extra: pip install 'hinomi[qzss]'.",
            "シリアル接続にはpip install 'hinomi[qzss]'が必要です。",
        ) from None
    # SerialException is an OSError: it is waited out like a broken line.
    with serial.Serial(device, baud, timeout=0.5) as line:
        yield from _lines(lambda: line.read(line.in_waiting or 1) or None, stop)


def _lines(read: Callable[[], bytes | None], stop: threading.Event) -> Iterator[bytes]:
    """Yield lines of what is read: None is nothing yet, empty is the end."""
    rest, silent_s = b"", 0.0
    while not stop.is_set():
        piece = read()
        if piece is None:
            silent_s += 0.5
            if silent_s >= SILENT_S:
                raise TimeoutError(f"silent for {SILENT_S:.0f} s")
            continue
        if not piece:
            return
        silent_s = 0.0
        *whole, rest = (rest + piece).split(b"\n")
        yield from whole
        rest = rest[-MAX_LINE:]
