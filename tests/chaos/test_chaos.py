"""The short form of ``make chaos``: faults on real processes, and nothing acknowledged is lost."""

import json
import os
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from chaos.__main__ import report
from chaos.faults import Outcome, measured, slug

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
def test_nothing_acknowledged_is_lost_whatever_is_killed() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "chaos"], cwd=ROOT, env={**os.environ, "CHAOS": "short"},
        check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    assert done.stdout.splitlines()[-1] == "faults 8, lost 0"


@pytest.mark.parametrize(
    ("outcome", "code"),
    [
        (Outcome(fault="f", sent=2, acknowledged=2, found=2), 0),
        (Outcome(fault="f", sent=2, acknowledged=2, found=1, lost=1), 1),
        (Outcome(fault="f", failed=True), 1),
    ],
)
def test_it_ends_non_zero_when_something_is_lost_or_does_not_come_back(
    outcome: Outcome, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert report(iter([outcome])) == code
    assert capsys.readouterr().out.splitlines()[-1] == f"faults 1, lost {outcome.lost}"


class Untrue(ThreadingHTTPServer):
    """A place that acknowledges all, keeps what it likes and answers as it likes."""

    daemon_threads = True
    key, pause_s, incoming = "", 0.005, None

    def __init__(self, fault: str) -> None:
        super().__init__(("127.0.0.1", 0), _Untrue)
        self.port, self.fault = self.server_address[1], fault
        self.log: Counter[str] = Counter()
        self.people: dict[str, int] = {}

    def found(self) -> Counter[str]:
        return self.log


class _Untrue(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Untrue

    def do_GET(self) -> None:
        people = self.server.people.get(self.path)
        body = b"" if people is None else json.dumps({"properties": {"people": people}}).encode()
        self._answer(404 if people is None else 200, body)

    def do_PUT(self) -> None:
        told = json.loads(self.rfile.read(int(self.headers["content-length"])))
        key, people, fault = told["id"], told["properties"]["people"], self.server.fault
        same = key.endswith("-same")
        number = people if same else int(key.rpartition("-")[2])
        odd = number % 5 == 4
        if not (odd and fault == "forgets" and not same):
            self.server.log[f"{key}={people}" if same else key] += 2 if fault == "doubles" else 1
        if not (odd and fault == "hides"):
            self.server.people[self.path] = people
        self._answer(500 if odd and fault == "breaks" and same else 200)

    def _answer(self, status: int, body: bytes = b"") -> None:
        self.send_response(status)
        self.send_header("etag", '"1"')
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def untrue(fault: str) -> Iterator[Untrue]:
    with Untrue(fault) as place:
        thread = threading.Thread(target=place.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield place
        place.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("fault", "lost", "failed"),
    [("none", False, False), ("forgets", True, False), ("hides", True, False),
     ("doubles", False, True), ("breaks", False, True)],
)  # fmt: skip
def test_a_place_that_loses_hides_doubles_or_breaks_is_found_out(
    fault: str, *, lost: bool, failed: bool
) -> None:
    with untrue(fault) as place:
        row = measured(place, f"one that {fault}", lambda: None, after_s=0.2)
    assert (row.lost > 0, row.failed) == (lost, failed), row
    assert row.acknowledged > 20


def test_no_two_rows_count_the_same_statements() -> None:
    names = ("SIGKILL api-1", "SIGKILL api-2", "clock +1 h", "clock -1 h", "NATS gone altogether")
    assert len({slug(name) for name in names}) == len(names)
