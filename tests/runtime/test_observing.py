"""Metrics, traces and logs: what a process tells of itself, and nothing where nobody asks."""

import asyncio
import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from hinomi.kernel.errors import UnavailableError
from hinomi.runtime import observing
from hinomi.runtime.areas import StoreGazetteer
from hinomi.runtime.catalog import default_catalog
from hinomi.runtime.doorkeeper import MAX_WRITES, Doorkeeper
from hinomi.runtime.health import Drain
from hinomi.runtime.intake import Intake
from hinomi.runtime.logs import Lines
from hinomi.runtime.socket import Keep, Line, Server
from hinomi.runtime.writer import Writer
from hinomi.stores.memory import MemoryStore

PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    observing.trace_with(provider.get_tracer("test"))
    yield exporter
    observing.reset()


COUNTING = """
import contextlib
from hinomi.kernel.errors import InputError
from hinomi.runtime import observing
def written(folder):  # what another process reads
    from prometheus_client import CollectorRegistry, generate_latest
    from prometheus_client.multiprocess import MultiProcessCollector
    registry = CollectorRegistry()
    MultiProcessCollector(registry, str(folder))
    return generate_latest(registry).decode()
folder = observing.own_folder()
observing.set_up("test")
for _ in range(3):
    with observing.observed("model", "levels", hop=5):
        pass
with contextlib.suppress(InputError), observing.observed("model", "levels", hop=5):
    raise InputError("no")
for _ in range(70):
    observing.observe_soon("web", "collections", "200", 0.002)
assert 'name="collections",part="web",result="200"} 64.0' in written(folder)
print(observing.exposition([("position", "newest", 7.0)]).decode())
observing.forget(folder)
assert not folder.exists()
"""


def test_work_is_counted_by_part_name_and_how_it_ended() -> None:
    """In a process of its own: the library keeps its files for as long as the process lives."""
    done = subprocess.run([sys.executable, "-c", COUNTING], check=True, stdout=subprocess.PIPE)
    text = done.stdout.decode()
    assert 'hinomi_seconds_count{name="levels",part="model",result="done"} 3.0' in text
    assert 'hinomi_seconds_count{name="levels",part="model",result="refused"} 1.0' in text
    assert 'hinomi_seconds_count{name="collections",part="web",result="200"} 70.0' in text
    assert "hinomi_position 7.0" in text


def test_without_anybody_who_measures_nothing_is_given() -> None:
    with observing.observed("model", "levels", hop=5):
        pass
    with pytest.raises(UnavailableError, match=r"hinomi\[metrics\]"):
        observing.exposition([])


def test_a_span_carries_the_hop_and_goes_on_with_the_callers_trace(
    spans: InMemorySpanExporter,
) -> None:
    headers = observing.headers_of([(b"traceparent", PARENT.encode()), (b"cookie", b"x")])
    assert headers == {"traceparent": PARENT}
    outside = observing.observed("request", "collections", hop=6, headers=headers)
    with outside, observing.observed("put", "append", hop=4):
        pass
    inner, outer = spans.get_finished_spans()
    assert [dict(s.attributes or {}) for s in (inner, outer)] == [
        {"hinomi.hop": 4}, {"hinomi.hop": 6}
    ]  # fmt: skip
    assert outer.parent is not None
    assert inner.parent is not None
    assert f"{outer.parent.trace_id:032x}" == PARENT.split("-")[1]
    assert inner.parent.span_id == outer.context.span_id


def test_a_trace_goes_on_in_the_writer_behind_the_socket(
    spans: InMemorySpanExporter, tmp_path: Path
) -> None:
    """From the request (hop 6) over the writer's socket to the store (hop 4): one trace."""

    def serve(_request: Any, _watch: Any, _gone: Any) -> str:
        with observing.observed("put", "append", hop=4):
            return "kept"

    server, line = Server(tmp_path / "s", serve), Line(tmp_path / "s")
    server.start()
    headers = {"traceparent": PARENT}
    with observing.observed("request", "collections", hop=6, headers=headers):
        assert line.ask(Keep(b"x"), str) == "kept"
    line.close()
    server.close()
    put, writer, request = spans.get_finished_spans()
    assert (put.name, writer.name, request.name) == (
        "put append", "writer Keep", "request collections",
    )  # fmt: skip
    assert writer.parent is not None
    assert put.parent is not None
    assert writer.parent.span_id == request.context.span_id
    assert put.parent.span_id == writer.context.span_id
    assert f"{put.context.trace_id:032x}" == PARENT.split("-")[1]


def test_a_payload_is_followed_from_its_bytes_to_the_store(spans: InMemorySpanExporter) -> None:
    writer = Writer(MemoryStore())
    intake = Intake(writer, default_catalog(), StoreGazetteer(writer.store))
    intake.take(b"<x/>", "x.xml", "/srv/x.xml", datetime(2026, 6, 1, tzinfo=UTC))
    hops = {(s.name, (s.attributes or {})["hinomi.hop"]) for s in spans.get_finished_spans()}
    assert hops == {("intake take", 1), ("intake read", 2), ("put put", 4)}
    assert len({s.context.trace_id for s in spans.get_finished_spans()}) == 1


def test_a_log_line_is_one_object_with_its_hop_and_no_line_break() -> None:
    try:
        raise ZeroDivisionError
    except ZeroDivisionError:
        record = logging.LogRecord(
            "hinomi.models", logging.ERROR, "", 1, "hop=5 model=%s run\nfailed", ("m",),
            sys.exc_info(),
        )  # fmt: skip
    line = Lines().format(record)
    told = json.loads(line)
    assert "\n" not in line
    assert (told["hop"], told["model"], told["part"]) == (5, "m", "hinomi.models")
    assert told["text"] == "run\nfailed"
    assert "ZeroDivisionError" in told["fault"]


class Site:
    """An app that answers when it is told to."""

    def __init__(self) -> None:
        self.go = asyncio.Event()

    async def __call__(self, _scope: Any, _receive: Any, send: Any) -> None:
        await self.go.wait()
        await send({"type": "http.response.start", "status": 201, "headers": []})
        await send({"type": "http.response.body", "body": b""})


async def asked(door: Doorkeeper, method: str) -> dict[str, Any]:
    told: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        told.append(message)

    scope = {"type": "http", "method": method, "path": "/collections", "headers": []}
    await door(scope, None, send)
    return told[0]


def test_more_changes_at_once_than_can_wait_are_refused_and_questions_go_on() -> None:
    async def play() -> None:
        site = Site()
        door = Doorkeeper(site)
        waiting = [asyncio.create_task(asked(door, "POST")) for _ in range(MAX_WRITES)]
        await asyncio.sleep(0)
        refused = await asked(door, "POST")
        assert refused["status"] == 503
        assert (b"retry-after", b"1") in refused["headers"]
        question = asyncio.create_task(asked(door, "GET"))
        await asyncio.sleep(0)
        site.go.set()
        assert {m["status"] for m in await asyncio.gather(*waiting)} == {201}
        assert (await question)["status"] == 201
        assert (door.asked, door.writing) == (0, 0)

    asyncio.run(play())


def test_a_process_that_stops_answers_what_it_was_asked_and_closes_the_connection() -> None:
    async def play() -> None:
        site = Site()
        door = Doorkeeper(site)
        late = asyncio.create_task(asked(door, "GET"))
        await asyncio.sleep(0)
        stopping = asyncio.create_task(door.drain())
        await asyncio.sleep(0.02)
        assert not stopping.done()
        site.go.set()
        assert (b"connection", b"close") in (await late)["headers"]
        await stopping

    try:
        asyncio.run(play())
    finally:
        Drain.on = False
