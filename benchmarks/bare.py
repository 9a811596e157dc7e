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

ITEMS = "response.sites"
_HEADERS = [
    (b"content-type", GEOJSON.encode()),
    (b"etag", b'"0123456789abcdef01234567"'),
    (b"vary", b"Accept, Accept-Encoding, Accept-Language, X-API-Key, Authorization"),
    (b"cache-control", b"no-cache"),
    (b"x-content-type-options", b"nosniff"),
]


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
            headers = [*_HEADERS, (b"content-length", str(len(body)).encode())]
            sent = self._ready[path] = Sent(200, headers, body)
        return sent


class Both(Bare):
    """The store behind the server and nothing between: no policy, no links, no tags.

    Under the same load, where neither finds its data in the processor's cache.
    """

    def __init__(self, service: Service) -> None:
        super().__init__()
        self._reader = service.reader()

    def at_once(self, scope: Any) -> Sent:
        """Answer ``/LIMIT[c]/w,s,e,n`` with a page (counted), ``/key/KEY`` with a feature."""
        what, _, asked = scope["path"][1:].partition("/")
        if not asked:
            return super().at_once(scope)
        if what == "key":
            return self._sent(self._reader.get(ITEMS, asked).feature)
        west, south, east, north = map(float, asked.split(","))
        box = (west, south, east, north)
        if what.endswith("c"):
            self._reader.count(self._reader.query(ITEMS, bbox=box))
        limit = int(what.rstrip("c"))
        return self._sent(b",".join(self._reader.features(ITEMS, bbox=box, limit=limit).items))

    def _sent(self, body: bytes) -> Sent:
        return Sent(200, [*_HEADERS, (b"content-length", b"%d" % len(body))], body)


def create_both(service: Service) -> Both:
    """Return what the worker loads to have the store and the server in one."""
    return Both(service)


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


def together(folder: Path, paths: dict[str, list[str]], seconds: float) -> dict[str, float]:
    """Return the CPU [ms] for an answer of each question by the store and the server in one."""
    found = {}
    with scale.worker(folder, "benchmarks.bare:create_both") as (base, _, pid):
        for question, asked in paths.items():
            found[question] = load.load(base, asked, [pid], seconds=seconds)["cpu_ms"]
    return found
