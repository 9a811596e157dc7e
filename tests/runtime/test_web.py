"""A web worker: what needs no waiting goes past the event loop, and nobody can tell."""

import asyncio
import http.client
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hinomi.kernel.geometry import point
from hinomi.kernel.records import Record
from hinomi.runtime.catalog import default_catalog
from hinomi.runtime.web import straight
from hinomi.stores.sqlite import SqliteStore
from hinomi.testing.strategies import START

ITEMS = "/collections/response.sites/items"


@pytest.fixture(scope="module")
def worker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, int]]:
    """Its port and its process."""
    folder = tmp_path_factory.mktemp("data")
    schema = default_catalog().collection("response.sites").schema
    store = SqliteStore(folder)
    bodies = [schema(name=f"第{n}小学校", match_key=str(n)) for n in range(40)]
    store.put(
        [
            Record(
                collection="response.sites", key=f"a/{n}", said_at=START, body=body,
                source="gsi", place=point(139 + n / 100, 35.0),
            )
            for n, body in enumerate(bodies)
        ],
        at=START,
    )  # fmt: skip
    store.close()
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)
        number = listener.fileno()
        command = [sys.executable, "-m", "hinomi.runtime.web", str(number), str(folder)]
        process = subprocess.Popen(
            [*command, "hinomi.apps.web.app:create_app"],
            stdin=subprocess.PIPE,
            pass_fds=(number,),
        )
        yield listener.getsockname()[1], process.pid
        assert process.stdin is not None
        process.stdin.close()
        process.wait(10)


@pytest.fixture
def port(worker: tuple[int, int]) -> int:
    return worker[0]


def ask(
    port: int, path: str, method: str = "GET", **headers: str
) -> tuple[int, dict[str, str], bytes]:
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    link.request(method, path, headers={k.replace("_", "-"): v for k, v in headers.items()})
    answer = link.getresponse()
    found = answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
    link.close()
    return found


def test_granian_takes_the_straight_way() -> None:
    usual = os.sched_getscheduler(0) if sys.platform == "linux" else None
    loop = asyncio.new_event_loop()
    made = straight(lambda _: None)(loop, print, impl_asyncio=True)
    assert type(made).__name__ == "Straight"
    # Threads begin here; then the loop's own thread is as it was.
    loop.run_until_complete(asyncio.sleep(0))
    loop.close()
    assert usual is None or os.sched_getscheduler(0) == usual


@pytest.mark.parametrize(
    "question",
    ["?limit=7", "?limit=5&bbox=139,34,139.2,36&count=true", "/a%2F3", "/a/3", "?limit=1&lang=ja"],
)
def test_both_ways_give_the_same(port: int, question: str) -> None:
    """HEAD always goes the ordinary way."""
    status, headers, body = ask(port, ITEMS + question)
    assert status == 200
    assert len(body) == int(headers["content-length"]) > 500
    other, same, nothing = ask(port, ITEMS + question, "HEAD")
    ours = {name: value for name, value in headers.items() if name != "date"}
    assert (other, {n: v for n, v in same.items() if n != "date"}, nothing) == (200, ours, b"")
    assert ask(port, ITEMS + question, if_none_match=headers["etag"])[0] == 304


@pytest.mark.parametrize(
    ("question", "status"),
    [("?limit=0", 400), ("?bbox=1", 400), ("/nothing", 404), ("?filter=name%3D'x'", 200),
     ("?f=csv", 200), ("?filter=(", 400), ("?limit=1&limit=2", 400)],
)  # fmt: skip
def test_what_is_refused_or_waits_is_answered_too(port: int, question: str, status: int) -> None:
    assert ask(port, ITEMS + question)[0] == status


def test_an_unknown_key_is_refused_on_the_straight_way(port: int) -> None:
    assert ask(port, f"{ITEMS}?limit=1", x_api_key="hinomi_no")[0] == 401


@pytest.mark.skipif(sys.platform != "linux", reason="SCHED_BATCH is Linux's")
def test_the_servers_threads_take_turns_and_the_loop_goes_before_them(
    worker: tuple[int, int],
) -> None:
    port, pid = worker
    assert ask(port, f"{ITEMS}?limit=1")[0] == 200
    threads = [int(thread.name) for thread in Path(f"/proc/{pid}/task").iterdir()]
    turns = [thread for thread in threads if os.sched_getscheduler(thread) == os.SCHED_BATCH]
    assert len(turns) >= 2, "the network's and the one that answers"
    assert os.sched_getscheduler(pid) == os.SCHED_OTHER, "the loop's"


def test_many_at_once_get_each_their_own(port: int) -> None:
    async def one(number: int) -> bytes:
        return (await asyncio.to_thread(ask, port, f"{ITEMS}/a%2F{number}"))[2]

    async def all_of_them() -> list[bytes]:
        return await asyncio.gather(*(one(n) for n in range(40)))

    found = asyncio.run(all_of_them())
    assert all(f'"id":"a/{n}"'.encode() in body for n, body in enumerate(found))
