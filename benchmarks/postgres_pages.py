"""Pages of a town on PostgreSQL, beside TiPg and pygeoapi on the same cluster."""

# ruff: noqa: E501 - names are ours; lines of a table are long
from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg

from benchmarks import load, ours, peers, versus


def fresh(url: str, name: str) -> str:
    """Return the address of a new database."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name}")  # type: ignore[arg-type]
        connection.execute(f"CREATE DATABASE {name}")  # type: ignore[arg-type]
    return url.replace("/postgres", f"/{name}", 1)


OURS, ALONE = "hinomi, PostGIS", "hinomi, PostGIS, 1 process"


@contextmanager
def _serving(folder: Path, town: str, workers: int) -> Iterator[tuple[str, int]]:
    """Serve a town that lies in a database; yields base URL and the pid of the process tree."""
    port = peers.free_port()
    base = f"http://127.0.0.1:{port}"
    command = [
        *ours.HINOMI, "run", "--data", folder, "--port", port, "--no-drill", "--workers", workers,
    ]  # fmt: skip
    ready, log = f"{base}/collections?f=json", folder.with_suffix(".log")
    with peers.running(command, ready, log, HINOMI_STORE=town) as pid:
        ours.settle(pid)
        yield base, pid


@contextmanager
def page_servers(work: Path) -> Iterator[list[versus.Server]]:
    """Start Hinomi on PostgreSQL and both peers, all on one cluster with the same sites."""
    with ExitStack() as stack:
        url, database = stack.enter_context(peers.postgres(work / "pg"))
        town = fresh(url, "town")
        folder = work / "ours"
        ours.ingest_sites(folder)
        subprocess.run(
            [*ours.HINOMI, "store", "copy", f"sqlite:{folder}", town],
            check=True,
            stderr=subprocess.DEVNULL,
        )
        with psycopg.connect(town, autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE")
        found = []
        for name, workers in ((OURS, 2), (ALONE, 1)):
            base, pid = stack.enter_context(_serving(work / f"ours-{workers}", town, workers))
            items = "/collections/response.sites/items?f=json"
            found.append(versus.Server(name, base, [pid, database], items, ""))
        base, pid = stack.enter_context(peers.tipg(work / "tipg", url))
        found.append(
            versus.Server(
                "TiPg", base, [pid, database], "/collections/public.sites/items?f=geojson", ""
            )
        )
        base, pid = stack.enter_context(
            peers.pygeoapi(work / "pygeoapi", peers.postgis_provider(url))
        )
        found.append(
            versus.Server("pygeoapi", base, [pid, database], "/collections/sites/items?f=json", "")
        )
        yield found


def pages(work: Path, rounds: int) -> list[str]:
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    question = "limit=100&bbox"
    with page_servers(work) as running:
        for _ in range(rounds):
            for server in running:
                once = load.load(server.base, server.paths(question), server.pids, seconds=4.0)
                server.found.setdefault(question, []).append(once)
        medians = {s.name: versus._median(s.found[question]) for s in running}
    first = medians[OURS]
    lines = [
        "| items pages, 100 of a box | requests/s | p50 / p99 ms | CPU ms a request | CPU ratio | requests/s ratio | errors |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for name, one in medians.items():
        lines.append(
            f"| {name} | {one['per_s']:.0f} | {one['p50_ms']:.1f} / {one['p99_ms']:.1f} | {one['cpu_ms']:.2f} |"
            f" {one['cpu_ms'] / first['cpu_ms']:.2f} | {first['per_s'] / max(one['per_s'], 0.01):.1f} | {one['errors']} |"
        )
    lines += [
        "",
        "| CPU of a request, processes that answer | ms | ratio | goal |",
        "|---|---:|---:|---|",
        f"| 1 | {medians[ALONE]['cpu_ms']:.2f} | 1 | |",
        f"| 2 | {first['cpu_ms']:.2f} | {first['cpu_ms'] / medians[ALONE]['cpu_ms']:.2f} | <= 1.15 |",
    ]
    return lines
