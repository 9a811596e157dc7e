"""The change feed: nothing missed, nothing repeated, nobody waits for the slow."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from types import ModuleType
from typing import Any

import httpx
import pytest

from hinomi.apps.web import stream as streaming
from hinomi.kernel.marking import Disclosure, Marking

pytestmark = pytest.mark.anyio


class Listener:
    """An ASGI client of /changes/stream that keeps what it is sent."""

    def __init__(self, app: Any, query: str = "", **headers: str) -> None:
        self.app, self.query, self.headers = app, query, headers
        self.text = ""
        self.status = 0
        self.hung_up = asyncio.Event()
        self.stalled: asyncio.Event | None = None
        self.sizes: list[int] = []

    async def run(self) -> None:
        scope = {
            "type": "http", "method": "GET", "path": "/changes/stream", "scheme": "http",
            "raw_path": b"/changes/stream", "query_string": self.query.encode(),
            "headers": [(k.replace("_", "-").encode(), v.encode())
                        for k, v in self.headers.items()],
        }  # fmt: skip
        await self.app(scope, self.receive, self.send)

    async def receive(self) -> dict[str, Any]:
        await self.hung_up.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        if self.stalled is not None:
            await self.stalled.wait()
        self.text += message.get("body", b"").decode()
        self.sizes.append(len(message.get("body", b"")))

    def events(self) -> list[tuple[str, dict[str, Any]]]:
        found = []
        for block in self.text.split("\n\n"):
            fields = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line)
            if "data" in fields:
                found.append((fields["event"], json.loads(fields["data"])))
        return found

    def seqs(self) -> list[int]:
        return [data["seq"] for _, data in self.events()]


@asynccontextmanager
async def listening(*listeners: Listener) -> AsyncIterator[None]:
    tasks = [asyncio.ensure_future(listener.run()) for listener in listeners]
    await asyncio.sleep(0.02)
    try:
        yield
    finally:
        for listener in listeners:
            listener.hung_up.set()
        await asyncio.wait_for(asyncio.gather(*tasks), 5)


async def until(listener: Listener, seq: int) -> None:
    async with asyncio.timeout(5):
        while seq not in listener.seqs():
            await asyncio.sleep(0.01)


def change(town: ModuleType, store: Any, number: int, **envelope: Any) -> int:
    at = town.NOON + timedelta(hours=2, seconds=number)
    position: int = store.put(
        [town.shelter("moving", at, people=number, **envelope)], at=at
    ).position
    return position


async def test_a_subscriber_hears_of_a_change_at_once(
    app: Any, store: Any, town: ModuleType
) -> None:
    listener = Listener(app)
    async with listening(listener):
        seq = change(town, store, 1)
        await until(listener, seq)
    kind, data = listener.events()[-1]
    assert kind == data["kind"] == "record"
    assert data["feature"]["properties"]["people"] == 1
    assert f"id: {seq}\n" in listener.text


async def test_whoever_was_away_resumes_without_gap_or_repeat(
    app: Any, store: Any, town: ModuleType
) -> None:
    first = Listener(app, "after=0")
    async with listening(first):
        await until(first, change(town, store, 1))
    last = first.seqs()[-1]
    for number in range(2, 8):
        change(town, store, number)
    second = Listener(app, last_event_id=str(last))
    async with listening(second):
        await until(second, change(town, store, 8))
    both = first.seqs() + second.seqs()
    assert both == sorted(set(both))
    people = [d["feature"]["properties"]["people"] for _, d in second.events()]
    assert people == list(range(2, 9))


async def test_joining_in_the_middle_of_a_flood_misses_and_repeats_nothing(
    app: Any, store: Any, town: ModuleType
) -> None:
    steady = Listener(app, "collections=town.shelters")
    late: list[Listener] = []
    async with listening(steady):
        start = store.position()
        tasks = []
        for number in range(300):
            change(town, store, number)
            if number % 30 == 0:
                late.append(Listener(app, f"after={start}&collections=town.shelters"))
                tasks.append(asyncio.ensure_future(late[-1].run()))
            await asyncio.sleep(0.002)
        for listener in (steady, *late):
            await until(listener, start + 300)
        for listener in late:
            listener.hung_up.set()
        await asyncio.gather(*tasks)
    for listener in (steady, *late):
        assert listener.seqs() == list(range(start + 1, start + 301))


async def test_a_burst_goes_out_in_few_pieces(app: Any, store: Any, town: ModuleType) -> None:
    listener = Listener(app)
    async with listening(listener):
        for number in range(100):
            seq = change(town, store, number)
        await until(listener, seq)
    assert len(listener.seqs()) == 100
    assert len(listener.sizes) < 10


async def test_nobody_hears_of_what_they_may_not_see(
    app: Any, store: Any, town: ModuleType
) -> None:
    public, insider = Listener(app), Listener(app, x_api_key="reader")
    async with listening(public, insider):
        hidden = change(town, store, 1, marking=Marking(disclosure=Disclosure.AMBER))
        shown = change(town, store, 2)
        await until(public, shown)
        await until(insider, shown)
    assert public.seqs() == [shown]
    assert insider.seqs() == [hidden, shown]


async def test_what_leaves_a_readers_view_is_told_bare(
    app: Any, store: Any, town: ModuleType
) -> None:
    listener = Listener(app)
    async with listening(listener):
        change(town, store, 1)
        narrowed = store.remark(
            "town.shelters", "moving", "town", old=Marking(),
            new=Marking(disclosure=Disclosure.RED, audience=("town",)),
            at=town.NOON + timedelta(hours=3),
        )  # fmt: skip
        await until(listener, narrowed)
    kind, data = listener.events()[-1]
    assert kind == "gone"
    assert set(data) == {"kind", "seq", "collection", "key", "recorded_at"}


async def test_a_slow_subscriber_is_dropped_with_a_reason_and_others_go_on(
    app: Any, store: Any, town: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streaming, "MAX_WAITING", 5_000)
    slow, quick = Listener(app), Listener(app)
    async with listening(slow, quick):
        slow.stalled = asyncio.Event()
        for number in range(60):
            seq = change(town, store, number)
            await asyncio.sleep(0.01)
        await until(quick, seq)
        slow.stalled.set()
        async with asyncio.timeout(5):
            while "event: dropped" not in slow.text:
                await asyncio.sleep(0.01)
    assert "too slow" in slow.text
    assert len(quick.seqs()) == 60


async def test_silence_is_broken_by_heartbeats_that_move_the_cursor(
    app: Any, store: Any, town: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streaming, "HEARTBEAT_S", 0.05)
    listener = Listener(app, "collections=town.notices")
    async with listening(listener):
        seq = change(town, store, 1)
        async with asyncio.timeout(5):
            while f"id: {seq}\n: heartbeat" not in listener.text:
                await asyncio.sleep(0.01)
    assert listener.events() == []


async def test_nobody_looks_at_the_log_while_nobody_listens(app: Any) -> None:
    async with listening(Listener(app)):
        assert app.hub._task is not None
    await asyncio.sleep(0.15)
    assert app.hub._task.done()


async def test_changes_by_cursor_tell_all_in_order(client: httpx.AsyncClient, store: Any) -> None:
    seqs: list[int] = []
    after = 0
    while after < store.position():
        page = (await client.get(f"/changes?after={after}&limit=7")).json()
        assert page["links"][0]["href"].endswith(f"after={page['position']}")
        seqs += [c["seq"] for c in page["changes"]]
        after = page["position"]
    assert seqs == sorted(set(seqs))
    assert len(seqs) == 32


async def test_changes_of_some_collections_only(client: httpx.AsyncClient) -> None:
    page = (await client.get("/changes?after=0&collections=town.notices,town.levels")).json()
    assert [(c["collection"], c["kind"]) for c in page["changes"]] == [
        ("town.notices", "record"),
        ("town.levels", "readings"),
    ]
    assert (await client.get("/changes?collections=nothing")).status_code == 404
    assert (await client.get("/changes/stream?collections=nothing")).status_code == 404
    assert (await client.get("/changes/stream?after=-1")).status_code == 400


async def test_a_full_house_asks_to_come_again(
    app: Any, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streaming, "MAX_SUBSCRIBERS", 1)
    async with listening(Listener(app)):
        refused = await client.get("/changes/stream")
    assert refused.status_code == 503
    assert refused.headers["retry-after"] == "5"


async def test_a_posted_item_reaches_a_subscriber_over_the_wire(server: str) -> None:
    async with httpx.AsyncClient(base_url=server, timeout=10) as client:
        query = "/changes/stream?status=exercise&collections=town.shelters"
        async with client.stream("GET", query) as feed:
            lines = feed.aiter_lines()
            assert (await anext(lines)).startswith("retry:")
            sent = {
                "type": "Feature",
                "geometry": None,
                "properties": {"name": "配信", "state": "open", "status": "exercise"},
            }
            made = await client.post(
                "/collections/town.shelters/items", json=sent, headers={"X-API-Key": "writer"}
            )
            assert made.status_code == 201
            async with asyncio.timeout(5):
                async for line in lines:
                    if line.startswith("data: "):
                        break
            assert json.loads(line[6:])["key"] == made.json()["id"]
