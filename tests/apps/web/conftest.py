"""The town in process and as a server of its own."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import time
import urllib.request
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from types import ModuleType

import httpx
import pytest

HERE = Path(__file__).parent


def _load_town() -> ModuleType:
    spec = importlib.util.spec_from_file_location("hinomi_tests_town", HERE / "town.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["hinomi_tests_town"] = module
    spec.loader.exec_module(module)
    return module


TOWN = sys.modules.get("hinomi_tests_town") or _load_town()

collect_ignore = ["qgis_tiles.py", "qgis_features.py", "stac_suite.py", "ckan_reader.py"]
"""Scripts for others' own Pythons (QGIS, the STAC validator, CKAN), no tests."""


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def town() -> ModuleType:
    return TOWN


@pytest.fixture
def store(town: ModuleType) -> object:
    found = town.MemoryStore()
    town.seed(found)
    return found


@pytest.fixture
def app(town: ModuleType, store: object) -> object:
    return town.create_app(town.service(store))


@pytest.fixture
async def client(app: object) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://town.test") as found:
        yield found


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The town on granian with the SQLite store, as its own process: what outsiders talk to."""
    yield from _serve(tmp_path_factory.mktemp("town"))


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[str]:
    """The same for one test alone, that takes things from others' sight."""
    yield from _serve(tmp_path)


def _serve(folder: Path) -> Iterator[str]:
    log = (folder / "server.log").open("wb")
    process = subprocess.Popen(
        [sys.executable, str(HERE / "town.py"), "--store", "sqlite", "--folder", str(folder)],
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
    )
    assert process.stdout is not None
    url = process.stdout.readline().strip()
    try:
        _wait(url, folder / "server.log")
        yield url
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()
        log.close()


def _wait(url: str, log: Path) -> None:
    for _ in range(100):
        try:
            with urllib.request.urlopen(f"{url}/conformance", timeout=2):  # noqa: S310 - own server
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"the town's server did not start: {log.read_text()[-2000:]}")
