"""``hinomi run`` as real processes: it answers soon, takes others' writes, and stops cleanly."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import httpx
import pytest

from hinomi.kernel.marking import Disclosure, Principal
from hinomi.runtime.keys import Keys

START_S = 20.0
"""Generous: the machine may be busy. The figure itself is measured by the benchmarks."""


class Running(NamedTuple):
    process: subprocess.Popen[str]
    address: str
    data: Path

    def get(self, path: str) -> Any:
        url = f"{self.address}{path}"
        with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 - our own server
            return json.load(answer)

    def hinomi(self, *arguments: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [
                sys.executable,
                "-m",
                "hinomi.apps.cli",
                *map(str, arguments),
                "--data",
                str(self.data),
            ],
            capture_output=True,
            text=True,
            timeout=60,
            env={**os.environ, "LC_ALL": "C.UTF-8"},
        )

    def items(self, collection: str) -> list[Any]:
        found = self.get(f"/collections/{collection}/items?limit=1000")
        features: list[Any] = found["features"]
        return features

    def workers(self) -> list[int]:
        pid = self.process.pid
        listed = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return [int(child) for child in listed]


def soon(what: Callable[[], Any]) -> Any:
    """Return what the call gives once that is true and no error."""
    end = time.monotonic() + START_S
    while True:
        try:
            found = what()
            if found:
                return found
        except OSError:
            found = None
        if time.monotonic() > end:
            pytest.fail("it did not happen in time")
        time.sleep(0.05)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Running]]:
    started: list[subprocess.Popen[str]] = []

    def run(*options: object) -> Running:
        data = tmp_path / "data"
        command = [
            sys.executable,
            "-m",
            "hinomi.apps.cli",
            "run",
            "--port",
            "0",
            "--json",
            *options,
        ]
        with (tmp_path / "err").open("a") as err:
            process = subprocess.Popen(
                [*map(str, command), "--data", str(data)],
                stdout=subprocess.PIPE,
                stderr=err,
                text=True,
            )
        started.append(process)
        assert process.stdout is not None
        text = ""
        while not text.endswith("}\n"):
            line = process.stdout.readline()
            assert line, (tmp_path / "err").read_text()
            text += line
        running = Running(process, json.loads(text)["address"], data)
        soon(lambda: running.get("/conformance"))
        return running

    yield run
    for process in started:
        if process.poll() is None:
            process.kill()
        process.wait(10)
        assert process.stdout is not None
        process.stdout.close()


def test_ingest_goes_through_the_running_server_and_is_seen_at_once(
    start: Callable[..., Running], tmp_path: Path, sites: bytes, warning: bytes
) -> None:
    running = start("--no-drill")
    (tmp_path / "sites.csv").write_bytes(sites)
    ran = running.hinomi("ingest", tmp_path / "sites.csv")
    assert ran.returncode == 0, ran.stderr
    assert len(running.items("response.sites")) == sites.count(b"\n") - 1
    (tmp_path / "w.xml").write_bytes(warning)
    (tmp_path / "cut.xml").write_bytes(warning[:500])
    ran = running.hinomi("ingest", tmp_path / "w.xml", tmp_path / "cut.xml")
    assert ran.returncode == 5
    soon(lambda: running.items("hazards.levels"))
    again = running.hinomi("quarantine", "replay")
    assert again.returncode == 5


def test_sigterm_stops_everything_and_frees_the_folder(start: Callable[..., Running]) -> None:
    running = start("--no-drill", "--workers", "2")
    workers = running.workers()
    assert len(workers) == 2
    running.process.send_signal(signal.SIGTERM)
    assert running.process.wait(15) == 0
    assert not any(Path(f"/proc/{pid}").exists() for pid in workers)
    assert not (running.data / "hinomi.sock").exists()
    assert start("--no-drill").get("/conformance")


def test_a_dead_worker_is_replaced_and_no_connection_is_refused(
    start: Callable[..., Running],
) -> None:
    running = start("--no-drill")
    (worker,) = running.workers()
    os.kill(worker, signal.SIGKILL)
    assert running.get("/conformance")["conformsTo"]
    assert running.workers() != [worker]


def test_a_killed_server_takes_its_workers_along_and_can_start_again(
    start: Callable[..., Running], tmp_path: Path, sites: bytes
) -> None:
    running = start("--no-drill")
    (tmp_path / "sites.csv").write_bytes(sites)
    running.hinomi("ingest", tmp_path / "sites.csv")
    before = running.items("response.sites")
    (worker,) = running.workers()
    running.process.kill()
    running.process.wait(10)
    soon(lambda: not Path(f"/proc/{worker}").exists())
    again = start("--no-drill")
    assert again.items("response.sites") == before


def test_a_second_server_on_the_same_folder_is_refused_by_name(
    start: Callable[..., Running],
) -> None:
    running = start("--no-drill")
    second = running.hinomi("run", "--port", "0", "--no-drill")
    assert second.returncode == 6
    assert f"run, process {running.process.pid}" in second.stderr


def test_a_port_in_use_is_told(start: Callable[..., Running], tmp_path: Path) -> None:
    running = start("--no-drill")
    port = running.address.rsplit(":", 1)[1]
    command = [sys.executable, "-m", "hinomi.apps.cli", "run", "--no-drill", "--port", port]
    second = subprocess.run(
        [*command, "--data", str(tmp_path / "other")], capture_output=True, text=True, timeout=60
    )
    assert second.returncode == 2
    assert port in second.stderr


def test_watched_folders_are_read_first_and_then_as_files_come(
    start: Callable[..., Running], tmp_path: Path, sites: bytes, warning: bytes
) -> None:
    box = tmp_path / "box"
    box.mkdir()
    (box / "sites.csv").write_bytes(sites)
    running = start("--no-drill", "--watch", box)
    soon(lambda: running.items("response.sites"))
    with (box / "w.xml").open("wb") as file:
        for at in range(0, len(warning), 4000):
            file.write(warning[at : at + 4000])
            file.flush()
            time.sleep(0.1)
    soon(lambda: running.items("hazards.warnings"))
    kept = json.loads(running.hinomi("quarantine", "list", "--json").stdout)
    assert kept == []


def test_the_drill_plays_and_stays_an_exercise(start: Callable[..., Running]) -> None:
    running = start()
    path = "/collections/response.sites/items?limit=1"
    soon(lambda: running.get(f"{path}&status=exercise")["features"])
    assert running.get(path)["features"] == []


def test_a_setting_that_is_unknown_is_told(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "hinomi.toml").write_text("prot = 1\n")
    ran = subprocess.run(
        [sys.executable, "-m", "hinomi.apps.cli", "run", "--data", str(data)],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ran.returncode == 2
    assert "prot" in ran.stderr


def test_of_two_concurrent_puts_through_two_workers_one_wins(
    start: Callable[..., Running], tmp_path: Path, sites: bytes
) -> None:
    running = start("--no-drill", "--workers", "2")
    (tmp_path / "sites.csv").write_bytes(sites)
    assert running.hinomi("ingest", tmp_path / "sites.csv").returncode == 0
    secret = Keys(running.data).create(Principal("a", ("*",), Disclosure.AMBER, ("*",)))
    path = f"/collections/response.sites/items/{quote(running.items('response.sites')[0]['id'])}"

    def put(name: str, tag: str) -> int:
        headers = {"X-API-Key": secret, "If-Match": tag}
        feature = {**read.json(), "properties": {**read.json()["properties"], "name": name}}
        feature["properties"].pop("said_at")
        # A connection of its own, which either worker may accept.
        return httpx.put(f"{running.address}{path}", json=feature, headers=headers).status_code

    with ThreadPoolExecutor(4) as threads:
        for turn in range(15):
            read = httpx.get(f"{running.address}{path}")
            tag = read.headers["etag"]
            said = list(threads.map(put, [f"{turn}-{n}" for n in range(4)], [tag] * 4))
            assert sorted(said) == [200, 412, 412, 412]
    assert len(running.get(f"{path}/history")["features"]) == 16
