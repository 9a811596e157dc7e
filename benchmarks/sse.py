"""A thousand subscribers of the change feed: how long from the append to each of them."""

from __future__ import annotations

import select
import socket
import time
from typing import Any
from urllib.parse import urlsplit

MARK = b"bench-"


class Subscribers:
    """Many SSE clients in one epoll loop; each change carries the time of its append in its key."""

    def __init__(self, base: str, path: str, count: int) -> None:
        where = urlsplit(base)
        self._poll = select.epoll()
        self._sockets: dict[int, socket.socket] = {}
        self._rest: dict[int, bytes] = {}
        self.heard: list[tuple[float, float]] = []
        """[s] When each change was begun, and when a subscriber had it."""
        request = (
            f"GET {path} HTTP/1.1\r\nHost: {where.netloc}\r\nAccept: text/event-stream\r\n\r\n"
        ).encode()
        for number in range(count):
            link = socket.create_connection((where.hostname, where.port))
            link.sendall(request)
            link.setblocking(False)  # noqa: FBT003  (the socket API)
            self._sockets[link.fileno()] = link
            self._rest[link.fileno()] = b""
            self._poll.register(link.fileno(), select.EPOLLIN)
            if number % 50 == 49:
                self.listen(0.05)

    def listen(self, seconds: float) -> None:
        """Take in what comes for so long."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            ready = self._poll.poll(left)
            # All of these lie in their sockets now; taking them out is this program's own time.
            now = time.time()
            for number, _ in ready:
                data = self._sockets[number].recv(65536)
                if not data:
                    raise RuntimeError("the server closed a stream")
                self._count(number, data, now)

    def _count(self, number: int, data: bytes, now: float) -> None:
        text = self._rest[number] + data
        at = text.find(MARK)
        while at >= 0:
            end = text.find(b'"', at)
            if end < 0:
                break
            # The key occurs twice in an event (id and key): the first closes it.
            event_end = text.find(b"\n\n", end)
            if event_end < 0:
                break
            self.heard.append((float(text[at + len(MARK) : end]), now))
            at = text.find(MARK, event_end)
            text_start = event_end
            text, at = text[text_start:], at - text_start if at >= 0 else -1
        self._rest[number] = text[-4096:]

    def close(self) -> None:
        """Hang up."""
        for link in self._sockets.values():
            link.close()
        self._poll.close()


def percentile(values: list[float], share: float) -> float:
    """Return the value below which that share lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else float("nan")


def summary(
    heard: list[tuple[float, float]], durable: dict[float, float], subscribers: int
) -> dict[str, Any]:
    """Return p50, p99 [ms] from before the append and from when it was durable; who heard it.

    Args:
        heard: when each change was begun, and when a subscriber had it [s].
        durable: when it was begun, and when the append had returned [s].
        subscribers: how many should hear each.
    """
    whole = [(at - begun) * 1e3 for begun, at in heard]
    fed = [max(0.0, at - durable[begun]) * 1e3 for begun, at in heard]
    appends = [(done - begun) * 1e3 for begun, done in durable.items()]
    return {
        "p50_ms": percentile(whole, 0.5),
        "p99_ms": percentile(whole, 0.99),
        "append_p50_ms": percentile(appends, 0.5),
        "append_p99_ms": percentile(appends, 0.99),
        "from_durable_p50_ms": percentile(fed, 0.5),
        "from_durable_p99_ms": percentile(fed, 0.99),
        "delivered": len(heard) / (subscribers * len(durable)),
    }
