"""Vector tiles beside TiPg: 115,402 points at z5, z8, z10, z14; made anew and from the cache.

``python -m benchmarks.tiles [--seconds 4] [--no-peer]``. The same tiles (those that hold a site, in
one shuffled order) are asked of both. *Anew*: our cache is off, so that every tile is made;
*kept*: as it is served. ``fullest`` is the time of one request for the zoom's fullest tile, the
worst of 20. TiPg caches nothing and gives every point up to 10,000 a tile; from z5 to z10 it
sends many times the bytes, which is what clustering is for.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import api, load, peers, sites
from hinomi.apps.web.app import Web, create_app
from hinomi.runtime.tiles.grid import project

ZOOMS = (5, 8, 10, 14)
KEPT = "HINOMI_BENCH_KEPT"
OURS = "/collections/bench.sites/tiles/WebMercatorQuad/{z}/{y}/{x}"
TIPG = "/collections/public.sites/tiles/WebMercatorQuad/{z}/{x}/{y}"
GOAL_ANEW, GOAL_KEPT, GOAL_MS = 3, 10, 100


def factory() -> Web:
    """What granian's worker loads."""
    return create_app(api.service(), kept_bytes=int(os.environ[KEPT]))


@contextmanager
def ours(folder: Path, kept_bytes: int) -> Iterator[tuple[str, int]]:
    """Serve the sites with one worker; yields base URL and pid."""
    port = peers.free_port()
    base = f"http://127.0.0.1:{port}"
    code = (
        "from granian import Granian\n"
        f"Granian('benchmarks.tiles:factory', factory=True, interface='asgi', port={port},"
        " workers=1, workers_kill_timeout=3, log_enabled=False).serve()"
    )
    # The log's folder is the working directory: the benchmark's modules must still be found.
    env = {
        api.FOLDER: str(folder), KEPT: str(kept_bytes), "PYTHONPATH": str(sites.ROOT),
    }  # fmt: skip
    log = folder.parent / f"tiles-{kept_bytes}.log"
    with peers.running([sys.executable, "-c", code], f"{base}/conformance", log, **env) as pid:
        yield base, pid


def tiles(zoom: int, most: int = 2_000) -> tuple[list[dict[str, int]], dict[str, int]]:
    """Return tiles of a zoom that hold a site, shuffled, and the fullest one."""
    places = np.array([f["geometry"]["coordinates"][:2] for f in sites.features()], np.float64)
    where = (project(places) * (1 << zoom)).astype(int).tolist()
    counted = Counter((x, y) for x, y in where)
    found = [{"z": zoom, "x": x, "y": y} for x, y in sorted(counted)]
    random.Random(5).shuffle(found)
    (x, y), _ = counted.most_common(1)[0]
    return found[:most], {"z": zoom, "x": x, "y": y}


def worst_ms(url: str, times: int = 20) -> tuple[float, int]:
    """Return the longest of some requests [ms] and the answer's size [B]."""
    longest, size = 0.0, 0
    for _ in range(times):
        start = time.perf_counter()
        with urllib.request.urlopen(url, timeout=60) as answer:
            size = len(answer.read())
        longest = max(longest, time.perf_counter() - start)
    return longest * 1e3, size


def measure(peer: tuple[str, int] | None, folder: Path, seconds: float = 4) -> list[dict[str, Any]]:
    """Return a row for each zoom and server.

    Args:
        peer: base URL and pid of TiPg over the same rows (``benchmarks.peers.tipg``).
        folder: of a store with the sites (``benchmarks.api.fill``).
        seconds: of load for each figure.
    """
    asked = {zoom: tiles(zoom) for zoom in ZOOMS}
    found: list[dict[str, Any]] = []
    with ExitStack() as stack:
        servers = [
            ("Hinomi, anew", OURS, *stack.enter_context(ours(folder, 0))),
            ("Hinomi, kept", OURS, *stack.enter_context(ours(folder, 1 << 25))),
        ]
        if peer is not None:
            servers.append(("TiPg", TIPG, *peer))
        for zoom, (some, fullest) in asked.items():
            for name, template, base, pid in servers:
                paths = [template.format(**one) for one in some]
                for path in paths if "kept" in name else paths[:1]:
                    urllib.request.urlopen(base + path, timeout=120).close()
                worst, size = worst_ms(base + template.format(**fullest))
                got = load.load(base, paths, [pid], seconds=seconds, connections=8)
                found.append(
                    {"zoom": zoom, "server": name, "fullest_ms": worst, "bytes": size, **got}
                )
                print(json.dumps(found[-1]), file=sys.stderr, flush=True)
    return found


def table(found: list[dict[str, Any]]) -> str:
    """Return the rows as Markdown, with the ratio of tiles/s to TiPg's."""
    theirs = {row["zoom"]: row["per_s"] for row in found if row["server"] == "TiPg"}
    lines = [
        "| zoom | server | fullest tile, worst ms | its bytes | tiles/s | against TiPg | p99 ms |"
        " CPU ms a tile | errors |",
        "|---:|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for row in found:
        ratio = f"{row['per_s'] / theirs[row['zoom']]:.1f} ×" if row["zoom"] in theirs else ""
        lines.append(
            f"| {row['zoom']} | {row['server']} | {row['fullest_ms']:.1f} | {row['bytes']:,} |"
            f" {row['per_s']:,.0f} | {ratio} | {row['p99_ms']:.1f} | {row['cpu_ms']:.2f} |"
            f" {row['errors']} |"
        )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--folder", type=Path, default=None, help="a filled store")
    parser.add_argument("--no-peer", action="store_true")
    given = parser.parse_args()
    work = Path(tempfile.mkdtemp(prefix="hinomi-tiles-"))
    folder = given.folder or work / "store"
    if not folder.exists():
        folder.mkdir()
        start = time.perf_counter()
        api.fill(folder)
        print(f"filled in {time.perf_counter() - start:.1f} s", file=sys.stderr)
    with ExitStack() as stack:
        peer = None
        if not given.no_peer:
            url, _ = stack.enter_context(peers.postgres(peers.HOME / "pg-tiles"))
            base, pid = stack.enter_context(peers.tipg(work / "tipg", url))
            peer = (base, pid)
        print(table(measure(peer, folder, given.seconds)))


if __name__ == "__main__":
    main()
