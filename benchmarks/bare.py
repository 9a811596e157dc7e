"""The server alone: bytes that lie ready, by the way that the API's own answers take.

What granian, the socket and our way past its event loop cost, whatever the API does; with the
store's own time it is the limit of what the API could reach.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmarks import load, scale
from hinomi.apps.web.deliver import Sent
from hinomi.apps.web.http import GEOJSON
from hinomi.runtime.service import Service


class Bare:
    """Answers ``/N`` with N bytes and the headers of a page."""

    def __init__(self) -> None:
        self._ready: dict[str, Sent] = {}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer by the event loop, as the server asks at its start."""
        if scope["type"] == "http":
            sent = self.at_once(scope)
            await send({"type": "http.response.start", "status": 200, "headers": sent.headers})
            await send({"type": "http.response.body", "body": sent.body})
            return
        while (await receive())["type"] != "lifespan.shutdown":
            await send({"type": "lifespan.startup.complete"})

    def at_once(self, scope: Any) -> Sent:
        """Return what lies ready."""
        path = scope["path"]
        sent = self._ready.get(path)
        if sent is None:
            last = path.rsplit("/", 1)[1]
            body = b"x" * (int(last) if last.isdigit() else 10)
            headers = [
                (b"content-type", GEOJSON.encode()),
                (b"content-length", str(len(body)).encode()),
                (b"etag", b'"0123456789abcdef01234567"'),
                (b"vary", b"Accept, Accept-Encoding, Accept-Language, X-API-Key, Authorization"),
                (b"cache-control", b"no-cache"),
                (b"x-content-type-options", b"nosniff"),
            ]
            sent = self._ready[path] = Sent(200, headers, body)
        return sent


def create_app(service: Service) -> Bare:
    """Return what the worker loads."""
    del service
    return Bare()


def measure(folder: Path, sizes: dict[str, int], seconds: float) -> dict[str, float]:
    """Return the CPU [ms] for an answer of each question's size."""
    found = {}
    with scale.worker(folder, "benchmarks.bare:create_app") as (base, _, pid):
        for question, size in sizes.items():
            found[question] = load.load(base, [f"/{size}"], [pid], seconds=seconds)["cpu_ms"]
    return found
