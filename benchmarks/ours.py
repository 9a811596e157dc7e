"""Hinomi as its users run it: the command line in an environment, a folder, a port."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks import load, peers, sites

HINOMI = [str(Path(sys.executable).parent / "hinomi")]


def hinomi(*words: object) -> str:
    """Run one command and return what it printed; it may refuse parts (exit 5)."""
    done = subprocess.run([*HINOMI, *map(str, words)], capture_output=True, text=True, check=False)
    if done.returncode not in (0, 5):
        raise RuntimeError(f"hinomi {words}: {done.returncode}\n{done.stderr[-2000:]}")
    return done.stdout


def ingest_sites(folder: Path) -> float:
    """Put the 115,402 sites into a new folder by the ordinary door; return the seconds it took."""
    source = sites.ARCHIVE
    if not source.exists():
        source = folder.parent / "999999.json"
        found = {"type": "FeatureCollection", "name": "999999", "features": list(sites.features())}
        source.write_text(json.dumps(found, ensure_ascii=False))
    before = time.monotonic()
    hinomi("ingest", source, "--data", folder, "--json")
    return time.monotonic() - before


@contextmanager
def serving(folder: Path, workers: int = 1) -> Iterator[tuple[str, int]]:
    """Serve a folder; yields base URL and the pid of the whole process tree."""
    port = peers.free_port()
    base = f"http://127.0.0.1:{port}"
    command = [
        *HINOMI, "run", "--data", folder, "--port", port, "--no-drill", "--workers", workers
    ]  # fmt: skip
    with peers.running(command, f"{base}/collections?f=json", folder.parent / "ours.log") as pid:
        settle(pid)
        yield base, pid


def settle(pid: int, most_s: float = 30.0) -> None:
    """Wait until the models that a new folder wakes are done: they are no part of an answer."""
    until = time.monotonic() + most_s
    used = load.cpu_s([pid])
    while time.monotonic() < until:
        time.sleep(0.5)
        before, used = used, load.cpu_s([pid])
        if used - before < 0.05:
            return


def body(url: str) -> bytes:
    """Return an answer's bytes."""
    request = urllib.request.Request(url, headers={"Accept": "application/geo+json"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        found: bytes = answer.read()
    return found


def get(url: str, **headers: str) -> Any:
    """Return decoded JSON."""
    request = urllib.request.Request(url, headers={"Accept": "application/geo+json", **headers})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)
