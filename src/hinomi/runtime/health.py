"""How a process is: is it there, can it work, and what can be counted; over HTTP for all roles."""

from __future__ import annotations

import logging
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import msgspec

from hinomi.kernel.errors import HinomiError
from hinomi.runtime import observing

if TYPE_CHECKING:
    import socket

    from hinomi.kernel.store import Store

log = logging.getLogger("hinomi.health")


class Drain:
    """Whether the process is about to stop: it still answers, but wants no new callers."""

    on = False


class Health(msgspec.Struct, frozen=True):
    """What ``/readyz`` tells."""

    ready: bool
    position: int | None
    store_ms: float
    reason: str = ""


def of(store: Store) -> Health:
    """Return whether the process can work: the store answers, and it is not about to stop."""
    start = time.perf_counter()
    position, reason = None, "stopping" if Drain.on else ""
    try:
        position = store.position()
    except HinomiError as error:
        reason = error.text.en
    return Health(not reason, position, round((time.perf_counter() - start) * 1e3, 3), reason)


def exposition(store: Store) -> bytes:
    """Return what was measured, and how it is now, for Prometheus.

    Raises:
        UnavailableError: the extra is not installed.
    """
    health = of(store)
    gauges = [
        ("ready", "1 when this process can work.", float(health.ready)),
        ("store_seconds", "How long the store took to tell its position.", health.store_ms / 1e3),
        ("process_resident_bytes", "Memory of the process that answered.",
         observing.resident_bytes()),
    ]  # fmt: skip
    if health.position is not None:
        gauges.append(("position", "Position of the newest append.", float(health.position)))
    return observing.exposition(gauges)


class Probes:
    """Answers ``/healthz``, ``/readyz`` and ``/metrics`` for a process that serves nothing else."""

    def __init__(self, listener: socket.socket, store: Store) -> None:
        class Handler(BaseHTTPRequestHandler):
            timeout = 5.0

            def do_GET(self) -> None:
                status, kind, body = _answer(self.path, store)
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                log.debug("part=health " + format, *args)  # noqa: G003

        self._server = ThreadingHTTPServer(("", 0), Handler, bind_and_activate=False)
        self._server.socket.close()
        self._server.socket = listener
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.2,), name="probes", daemon=True
        )

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def close(self) -> None:
        """Stop answering."""
        self._server.shutdown()
        self._thread.join(2.0)


def _answer(path: str, store: Store) -> tuple[int, str, bytes]:
    match path.partition("?")[0]:
        case "/healthz":
            return 200, "text/plain", b"ok\n"
        case "/readyz":
            health = of(store)
            return 200 if health.ready else 503, "application/json", msgspec.json.encode(health)
        case "/metrics":
            try:
                return 200, observing.TEXT, exposition(store)
            except HinomiError as error:
                return 503, "text/plain; charset=utf-8", f"{error.text.en}\n".encode()
        case _:
            return 404, "text/plain", b"/healthz, /readyz or /metrics\n"
