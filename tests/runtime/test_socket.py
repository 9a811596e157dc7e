"""The local socket: results, progress and errors come back as they were raised there."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from hinomi.kernel.errors import (
    DataError,
    DeniedError,
    InputError,
    MissingError,
    Problem,
    Text,
    UnavailableError,
)
from hinomi.kernel.geometry import point
from hinomi.kernel.marking import Disclosure, Marking, Status
from hinomi.kernel.records import Interval, Record
from hinomi.kernel.store import Put
from hinomi.runtime.intake import Progress
from hinomi.runtime.report import Report
from hinomi.runtime.socket import Append, Ingest, Line, Replay, Server

T0 = datetime(2026, 6, 1, 1, 2, 3, 456789, tzinfo=UTC)


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[[Callable[..., Any]], Line]]:
    ends: list[Any] = []

    def start(answer: Callable[..., Any]) -> Line:
        server = Server(tmp_path / "s.sock", answer)
        server.start()
        line = Line(tmp_path / "s.sock")
        ends.extend((line, server))
        return line

    yield start
    for end in ends:
        end.close()


def test_progress_comes_before_the_result(serve: Callable[..., Line]) -> None:
    def answer(request: Any, watch: Any, gone: threading.Event) -> Report:
        del gone
        watch(Progress(1, 2, 1, request.paths[0]))
        return Report(records_new=7)

    seen: list[str] = []
    report = serve(answer).ask(Ingest(("/a",)), Report, watch=lambda p: seen.append(p.name))
    assert (report.records_new, seen) == (7, ["/a"])


def test_a_record_crosses_the_socket_unchanged_but_for_its_bodys_type(
    serve: Callable[..., Line],
) -> None:
    record = Record(
        collection="c",
        key="k",
        said_at=T0,
        body={"at": T0, "n": 1, "名": "値"},
        source="s",
        when=Interval(T0, None),
        place=point(136.9, 37.0),
        marking=Marking(Status.EXERCISE, Disclosure.AMBER, ("a", "b")),
    )
    got: list[Record] = []

    def answer(request: Append, watch: Any, gone: Any) -> Put:
        del watch, gone
        got.extend(request.records)
        return Put(position=1, new=1, known=0, ids=("x",))

    assert serve(answer).ask(Append([record]), Put).ids == ("x",)
    assert got == [record]


@pytest.mark.parametrize(
    "error",
    [
        InputError("wrong", "違う"),
        DeniedError("no", "だめ", rule="marking"),
        MissingError(Text("物", "thing"), "x", ["xx"]),
        DataError([Problem("a.b", "/1", Text("悪い", "bad"))]),
        UnavailableError("later", "後で"),
    ],
    ids=lambda e: type(e).__name__,
)
def test_an_error_is_raised_as_its_own_class(serve: Callable[..., Line], error: Any) -> None:
    def answer(*_: Any) -> None:
        raise error

    line = serve(answer)
    with pytest.raises(type(error)) as caught:
        line.ask(Replay(()), Report)
    assert caught.value.text == error.text
    assert getattr(caught.value, "rule", "") == getattr(error, "rule", "")
    assert getattr(caught.value, "problems", ()) == getattr(error, "problems", ())


def test_no_server_is_told_as_unavailable(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError):
        Line(tmp_path / "none.sock").ask(Replay(()), Report)


def test_a_line_finds_a_restarted_server(tmp_path: Path) -> None:
    path = tmp_path / "s.sock"
    line = Line(path)
    for count in (1, 2):
        server = Server(path, lambda *_, n=count: Report(records_new=n))
        server.start()
        assert line.ask(Replay(()), Report).records_new == count
        server.close()
    line.close()


def test_garbage_on_the_socket_does_not_stop_the_server(
    serve: Callable[..., Line], tmp_path: Path
) -> None:
    line = serve(lambda *_: Report())
    for garbage in (b"\xff\xff\xff\xff", b"\0\0\0\4abcd", b"\0\0"):
        with socket.socket(socket.AF_UNIX) as end:
            end.connect(str(tmp_path / "s.sock"))
            end.sendall(garbage)
    assert line.ask(Replay(()), Report).records_new == 0


def test_only_the_owner_may_open_the_socket(serve: Callable[..., Line], tmp_path: Path) -> None:
    serve(lambda *_: Report())
    assert (tmp_path / "s.sock").stat().st_mode & 0o777 == 0o600
