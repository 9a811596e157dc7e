"""Examples do what the pages say: the tour as typed, each Python block, what clients are told."""

from __future__ import annotations

import contextlib
import doctest
import io
import json
import os
import re
import shlex
import subprocess
import sys
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from hinomi.kernel.marking import Principal
from hinomi.runtime import folder
from hinomi.runtime.desk import LocalDesk
from hinomi.runtime.intake import Progress
from hinomi.runtime.keys import Keys

ADDRESS = "http://127.0.0.1:8470"
BIN = Path(sys.executable).parent
WRITES = re.compile(r" -X POST| --data-binary| -H | -F ")
"""What a line has that writes, or that needs a key of the reader's."""
PEAK_S = 4.5 * 3600
"""After so much of the drill's time, levels are high, shelters are open, the earth has shaken."""
TOWNS = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "properties": {"town_id": "9899100", "town": "見本町"},
            "geometry": {"type": "Polygon", "coordinates": [[[1, 1], [2, 1], [2, 2], [1, 1]]]},
        }
    ],
}


class Place(NamedTuple):
    """A folder like a reader's checkout, and the server that runs there."""

    cwd: Path
    url: str
    key: str


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Iterator[Place]:
    cwd = tmp_path_factory.mktemp("reader")
    (cwd / "docs").symlink_to(root / "docs")
    (cwd / "towns.geojson").write_text(json.dumps(TOWNS), encoding="utf-8")
    data = cwd / "hinomi-data"
    _drill(data)
    key = Keys(data).create(Principal("town-hall", writes=("response.shelters",)))
    server = subprocess.Popen(
        [BIN / "hinomi", "run", "--no-drill", "--port", "0", "--json", "--data", data],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdout is not None
    try:
        told = ""
        while not told.endswith("}\n"):
            told += server.stdout.readline()
        yield Place(cwd, json.loads(told)["address"], key)
    finally:
        server.terminate()
        server.wait(20)
        server.stdout.close()


def _drill(data: Path) -> None:
    stop = threading.Event()

    def watch(progress: Progress) -> None:
        if progress.done >= PEAK_S:
            stop.set()

    data.mkdir()
    desk = LocalDesk(data, folder.lock(data, "drill"))
    try:
        desk.drill("typhoon", 900_000, watch=watch, stop=stop)
    finally:
        desk.close()


def commands(page: Any, program: str) -> list[str]:
    """Return the lines of a page's blocks that call a program, continued lines joined."""
    joined = "\n".join(block.text for block in page.blocks()).replace("\\\n", " ")
    return [line for line in joined.splitlines() if line.startswith(f"{program} ")]


@pytest.fixture
def readme(every_page: list[Any]) -> Any:
    return next(page for page in every_page if page.name == "README.md")


def test_the_tour_does_what_the_readme_says(readme: Any, place: Place) -> None:
    tour = commands(readme, "hinomi")
    assert len(tour) >= 8
    for line in tour:
        done = subprocess.run(
            ["bash", "-c", line],
            cwd=place.cwd,
            env={**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}", "LC_ALL": "C.UTF-8"},
            capture_output=True,
            text=True,
            timeout=60,
        )
        refused = line.startswith("hinomi ingest docs/samples")
        assert done.returncode == (5 if refused else 0), f"{line}\n{done.stderr}"
        if refused:
            assert "swapped" in done.stderr
        elif "--as-of" not in line:
            # The server was not there a minute ago; all other questions have an answer.
            assert len(done.stdout.splitlines()) >= 2, f"{line}\n{done.stdout}\n{done.stderr}"


def _ask(line: str, url: str) -> httpx.Response:
    """Ask what a curl line asks; a stream is left once it has begun."""
    asked = re.sub(r" > [\w.-]+$", "", line.replace(ADDRESS, url))
    words = iter(shlex.split(asked, comments=True)[1:])
    address, query = "", []
    for word in words:
        if word in ("-d", "--data-urlencode"):
            query.append(tuple(next(words).split("=", 1)))
        elif not word.startswith("-"):
            address = word
    with httpx.stream("GET", address, params=query or None, timeout=60) as answer:
        if "event-stream" in answer.headers["content-type"]:
            next(answer.iter_raw())
        else:
            answer.read()
        return answer


def test_every_curl_line_is_answered_with_something(every_page: list[Any], place: Place) -> None:
    lines = [line for page in every_page for line in commands(page, "curl")]
    lines = [line for line in lines if not WRITES.search(line)]
    assert len(lines) >= 8
    for line in lines:
        answer = _ask(line, place.url)
        assert answer.status_code == 200, line
        if answer.is_stream_consumed and "json" in answer.headers["content-type"]:
            assert answer.json().get("numberReturned", 1) >= 1, line


def test_what_gdal_is_told_to_open_it_opens(every_page: list[Any], place: Place) -> None:
    pyogrio = pytest.importorskip("pyogrio")
    lines = [x for p in every_page for tool in ("ogrinfo", "ogr2ogr") for x in commands(p, tool)]
    assert len(lines) >= 3
    for line in lines:
        words = shlex.split(line.replace(ADDRESS, place.url))
        source = next(word for word in words if word.startswith("OAPIF:"))
        if words[0] == "ogrinfo":
            assert "hazards.levels" in pyogrio.list_layers(source)
        else:
            where = words[words.index("-where") + 1] if "-where" in words else None
            assert len(pyogrio.raw.read(source, where=where)[2]) > 0, line


def test_all_that_a_client_asks_may_carry_the_status(place: Place) -> None:
    collection = f"{place.url}/collections/hazards.levels"
    for address in (collection, f"{collection}/schema", f"{collection}/queryables"):
        assert httpx.get(address, params={"status": "exercise"}, timeout=60).status_code == 200, (
            address
        )


def test_every_python_block_runs(
    page: Any,
    place: Place,
    monkeypatch: pytest.MonkeyPatch,
    root: Path,
) -> None:
    monkeypatch.chdir(place.cwd)
    monkeypatch.setenv("HINOMI_KEY", place.key)
    monkeypatch.syspath_prepend(str(root / "docs/how-to/rain-gauges"))
    for block in page.blocks():
        if block.language == "python":
            code = compile(block.text.replace(ADDRESS, place.url), page.name, "exec")
            with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
                warnings.simplefilter("ignore")
                exec(code, {"__name__": "example"})  # noqa: S102 - our own pages


def test_every_session_in_a_page_answers_as_shown(page: Any) -> None:
    sessions = [block.text for block in page.blocks() if ">>> " in block.text]
    for text in sessions:
        test = doctest.DocTestParser().get_doctest(text, {}, page.name, page.name, 0)
        assert doctest.DocTestRunner(verbose=False).run(test).failed == 0
