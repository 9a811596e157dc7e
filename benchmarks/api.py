"""The API alone: requests/s, CPU per request and the engine's own limit, in one run.

``python -m benchmarks.api [--workers 2] [--seconds 5] [--profile]``. The rows are the 115,402
evacuation sites (or as many generated ones); boxes never repeat; the page cache is off. The
engine's limit is the store's ``features`` alone, one process, for the same boxes.
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import json
import os
import pstats
import random
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from benchmarks import load, sites
from hinomi.apps.web.app import Web, create_app
from hinomi.kernel.catalog import Catalog
from hinomi.kernel.collections import Collection
from hinomi.kernel.errors import Text
from hinomi.kernel.ports import Domain
from hinomi.kernel.records import Record
from hinomi.runtime.service import Service
from hinomi.stores.sqlite import SqliteStore

FOLDER = "HINOMI_BENCH_FOLDER"
ITEMS = "/collections/bench.sites/items"


class Site(msgspec.Struct, frozen=True):
    """What a site's properties are, as they come."""

    name: str
    address: str
    kinds: str


SITES = Collection(
    id="bench.sites",
    title=Text("避難場所", "Sites"),
    text=Text("性能測定", "For measuring"),
    schema=Site,
    licence="CC-BY-4.0",
)
CATALOG = Catalog([Domain(id="bench", title=Text("測定", "Bench"), collections=(SITES,))])


def records() -> list[Record]:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    found = []
    for number, feature in enumerate(sites.features()):
        texts = [str(v) for v in feature["properties"].values() if v is not None]
        body = Site(texts[0] if texts else "", " ".join(texts[1:3]), "・".join(texts[3:])[:120])
        found.append(
            Record(
                collection=SITES.id, key=f"s{number}", said_at=at, body=body, source="gsi",
                place=feature["geometry"],
            )
        )  # fmt: skip
    return found


def fill(folder: Path) -> None:
    store = SqliteStore(folder)
    every = records()
    for start in range(0, len(every), 5_000):
        store.put(every[start : start + 5_000], at=datetime(2026, 1, 1, tzinfo=UTC))
    store.close()


def service() -> Service:
    return Service(SqliteStore(Path(os.environ[FOLDER]), read_only=True), CATALOG)


def factory() -> Web:
    """What granian's workers load."""
    return create_app(service(), kept_bytes=0)


def serve(port: int, workers: int) -> subprocess.Popen[bytes]:
    code = (
        "from granian import Granian\n"
        f"Granian('benchmarks.api:factory', factory=True, interface='asgi', port={port},"
        f" workers={workers}, workers_kill_timeout=3, log_enabled=False).serve()"
    )
    return subprocess.Popen([sys.executable, "-c", code])


def boxes(count: int) -> list[str]:
    return [",".join(f"{v:.4f}" for v in box) for box in sites.boxes(count, seed=11)]


def questions() -> dict[str, list[str]]:
    keys = [random.randrange(100_000) for _ in range(20_000)]
    return {
        "items?limit=10": [f"{ITEMS}?limit=10&bbox={b}" for b in boxes(20_000)],
        "items?limit=100&bbox": [f"{ITEMS}?limit=100&bbox={b}" for b in boxes(40_000)],
        "items?limit=1000": [f"{ITEMS}?limit=1000&bbox={b}" for b in boxes(5_000)],
        "limit=100&bbox&count": [f"{ITEMS}?limit=100&count=true&bbox={b}" for b in boxes(20_000)],
        "one feature": [f"{ITEMS}/s{key}" for key in keys],
    }


def engine(limit: int, seconds: float = 2.0) -> float:
    """Return how many pages a second the store alone does for such boxes, one process."""
    reader = service().reader()
    asked = [tuple(map(float, box.split(","))) for box in boxes(20_000)]
    done, start = 0, time.perf_counter()
    while time.perf_counter() - start < seconds:
        reader.features(SITES.id, bbox=asked[done % len(asked)], limit=limit)  # type: ignore[arg-type]
        done += 1
    return done / (time.perf_counter() - start)


class _Answered:
    """A store whose pages cost nothing: what is left is the app's own time."""

    def __init__(self, store: Any, page: Any) -> None:
        self._store, self._page = store, page

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def features(self, _: Any) -> Any:
        return self._page


def profile(count: int = 3_000) -> None:
    """Print where the app's own time goes, without a socket."""
    app = factory()
    asked = [path.partition("?") for path in questions()["items?limit=100&bbox"][:count]]

    async def send(_: Any) -> None:
        return None

    async def run() -> None:
        for path, _, query in asked:
            scope = {
                "type": "http", "method": "GET", "path": path, "raw_path": path.encode(),
                "query_string": query.encode(), "scheme": "http",
                "headers": [(b"host", b"127.0.0.1:8470"), (b"accept", b"application/geo+json")],
            }  # fmt: skip
            await app(scope, None, send)  # type: ignore[arg-type]

    def cpu_us() -> float:
        start = time.process_time()
        asyncio.run(run())
        return (time.process_time() - start) / count * 1e6

    cpu_us()
    whole = cpu_us()
    whole_app, page = app, app.service.reader().features(SITES.id, limit=50)
    app = create_app(Service(_Answered(app.service.store, page), CATALOG), kept_bytes=0)
    own = cpu_us()
    app = whole_app
    print(
        f"app without a socket: {whole:.0f} µs of CPU a request; with pages answered: {own:.0f} µs"
    )
    with cProfile.Profile() as watched:
        asyncio.run(run())
    pstats.Stats(watched).sort_stats("tottime").print_stats(18)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--folder", type=Path, default=None)
    parser.add_argument("--profile", action="store_true")
    given = parser.parse_args()
    folder = given.folder or Path(tempfile.mkdtemp(prefix="hinomi-bench-"))
    os.environ[FOLDER] = str(folder)
    if not any(folder.glob("*")):
        fill(folder)
    if given.profile:
        profile()
        return
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = serve(port, given.workers)
    base = f"http://127.0.0.1:{port}"
    try:
        for _ in range(100):
            try:
                urllib.request.urlopen(f"{base}/conformance", timeout=1).close()
                break
            except OSError:
                time.sleep(0.1)
        print(f"{'question':24} {'req/s':>8} {'p50 ms':>8} {'p99 ms':>8} {'CPU ms':>8}")
        for name, paths in questions().items():
            got = load.load(base, paths, [server.pid], seconds=given.seconds)
            print(f"{name:24} {json.dumps(got)}")
    finally:
        server.terminate()
        server.wait(20)
    for limit in (10, 100, 1_000):
        print(f"engine's limit, features(limit={limit}) alone: {engine(limit):,.0f}/s a process")


if __name__ == "__main__":
    main()
