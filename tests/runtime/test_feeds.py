"""JMA's feeds, from a local server that serves real files, drops, stalls, errs and repeats."""

from __future__ import annotations

import hashlib
import threading
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from hinomi.kernel.errors import DataError, UnavailableError
from hinomi.runtime.catalog import default_catalog
from hinomi.runtime.feeds import Feeds, Poll, Seen, with_long_feeds
from hinomi.standards import atom

QUICK = Poll(minute_s=0.05, hour_s=0.2, timeout_s=0.4, deadline_s=1.5, backoff_s=0.1, pause_s=0.0)


class Agency(ThreadingHTTPServer):
    """A stand-in for JMA's server: real telegrams, and the faults of a real network."""

    def __init__(self, telegrams: dict[str, bytes]) -> None:
        super().__init__(("127.0.0.1", 0), Desk)
        self.telegrams = telegrams
        self.shown: list[str] = []
        self.asked: Counter[str] = Counter()
        self.answers: Counter[int] = Counter()
        self.faults: dict[str, list[str]] = {}

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def feed(self) -> bytes:
        entries = "".join(
            f"<entry><title>電文</title><id>urn:{name}</id>"
            f"<updated>2024-01-01T00:00:00Z</updated><link href='data/{name}'/></entry>"
            for name in reversed(self.shown)
        )
        return (
            "<?xml version='1.0' encoding='utf-8'?><feed xmlns='http://www.w3.org/2005/Atom'>"
            f"<title>高頻度（地震火山）</title>{entries}</feed>"
        ).encode()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Stay quiet: a client that hangs up is what these tests are about."""


class Desk(BaseHTTPRequestHandler):
    """Answers one request, or fails it in the way that is due."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        agency: Any = self.server
        agency.asked[self.path] += 1
        faults = agency.faults.get(self.path, [])
        fault = faults.pop(0) if faults else ""
        if fault == "drop":
            self.close_connection = True
            return
        if fault.isdigit():
            self.answer(int(fault), b"", {"Retry-After": "0"})
            return
        data = agency.feed() if self.path.endswith(".xml") and "/data/" not in self.path else None
        if data is None:
            data = agency.telegrams[self.path.rsplit("/", 1)[1]]
        etag = f'"{hashlib.sha256(data).hexdigest()}"'
        if self.headers.get("If-None-Match") == etag:
            self.answer(304, b"", {"ETag": etag})
            return
        self.answer(200, data, {"ETag": etag}, fault)

    def answer(self, code: int, data: bytes, headers: dict[str, str], fault: str = "") -> None:
        agency: Any = self.server
        agency.answers[code] += 1
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if fault == "cut":
            self.wfile.write(data[: len(data) // 2])
            self.close_connection = True
        elif fault == "stall":
            self.wfile.write(data[:10])
            self.wfile.flush()
            threading.Event().wait(0.8)
            self.close_connection = True
        else:
            self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Stay quiet."""


@pytest.fixture
def agency(shared_data: Path) -> Iterator[Agency]:
    files = sorted((shared_data / "exchange/jma-xml/real-eqvol").glob("*.xml"))[:40]
    server = Agency({path.name: path.read_bytes() for path in files})
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


class Intake:
    """Keeps what it was given."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, bytes]] = []

    def __call__(self, data: bytes, name: str, address: str, at: datetime) -> None:
        assert address.endswith(name)
        assert at.tzinfo is UTC
        self.taken.append((name, data))


def run_until(feeds: Feeds, done: Any, seconds: float = 20.0) -> None:
    stop = threading.Event()
    thread = threading.Thread(target=feeds.run, args=(stop,))
    thread.start()
    waited = threading.Event()
    for _ in range(int(seconds / 0.02)):
        if done():
            break
        waited.wait(0.02)
    stop.set()
    thread.join()
    assert done()


def test_every_telegram_arrives_once_and_whole_over_a_bad_line(agency: Agency) -> None:
    names = list(agency.telegrams)
    agency.shown = names
    faults = ["drop", "cut", "stall", "500", "503", "429"]
    for name, fault in zip(names, faults * 2, strict=False):
        agency.faults[f"/data/{name}"] = [fault]
    agency.faults["/eqvol.xml"] = ["drop", "500"]
    intake = Intake()
    seen = Seen(None)
    feeds = Feeds([f"{agency.address}/eqvol.xml"], intake, seen, poll=QUICK)
    run_until(feeds, lambda: len(intake.taken) >= len(names) and feeds.states[0].unchanged >= 2)
    assert dict(intake.taken) == agency.telegrams
    assert len(intake.taken) == len(names)
    whole = {n for n in names if agency.asked[f"/data/{n}"] == 1}
    assert len(whole) == len(names) - 12, "only those that failed were asked for again"
    seen.close()


def test_an_unchanged_feed_costs_a_304_and_no_telegram(agency: Agency) -> None:
    agency.shown = list(agency.telegrams)[:3]
    intake = Intake()
    seen = Seen(None)
    feeds = Feeds([f"{agency.address}/eqvol.xml"], intake, seen, poll=QUICK)
    run_until(feeds, lambda: feeds.states[0].unchanged >= 3)
    assert agency.answers[200] == 1 + 3
    seen.close()


def test_a_feed_that_is_itself_the_news_is_taken_whole_each_time_it_changes(agency: Agency) -> None:
    """GDACS's RSS and USGS's GeoJSON list no telegrams: the document is what a source reads."""
    agency.telegrams["quakes.geojson"] = b'{"type":"FeatureCollection","features":[]}'
    intake = Intake()
    seen = Seen(None)
    feeds = Feeds([f"{agency.address}/data/quakes.geojson"], intake, seen, poll=QUICK)
    state = feeds.states[0]
    stop = threading.Event()
    for _ in range(2):
        feeds.poll(state, stop)
    agency.telegrams["quakes.geojson"] += b" "
    feeds.poll(state, stop)
    feeds.close()
    seen.close()
    assert [name for name, _ in intake.taken] == ["quakes.geojson"] * 2
    assert (state.unchanged, state.fetched) == (1, 2)


def test_the_long_feed_heals_what_the_minute_feed_no_longer_shows(agency: Agency) -> None:
    names = list(agency.telegrams)
    agency.shown = names[:10]
    intake = Intake()
    seen = Seen(None)
    minute, long = f"{agency.address}/eqvol.xml", f"{agency.address}/eqvol_l.xml"
    feeds = Feeds([minute, long], intake, seen, poll=QUICK)
    agency.faults["/eqvol.xml"] = ["500"] * 50
    run_until(feeds, lambda: len(intake.taken) == 10)
    assert agency.asked["/eqvol_l.xml"] >= 1
    seen.close()


def test_nothing_is_fetched_again_after_a_restart(agency: Agency, tmp_path: Path) -> None:
    agency.shown = list(agency.telegrams)[:5]
    for _ in range(2):
        intake = Intake()
        seen = Seen(tmp_path / "feeds.db")
        feeds = Feeds([f"{agency.address}/eqvol.xml"], intake, seen, poll=QUICK)
        run_until(feeds, lambda: feeds.states[0].polls >= 2)  # noqa: B023  (used in this turn)
        seen.close()
    assert all(agency.asked[f"/data/{name}"] == 1 for name in agency.shown)


def test_a_telegram_that_could_not_be_stored_is_asked_for_again(agency: Agency) -> None:
    agency.shown = list(agency.telegrams)[:2]
    intake = Intake()
    refusals = ["full"]

    def take(data: bytes, name: str, address: str, at: datetime) -> None:
        if refusals:
            raise UnavailableError(refusals.pop())
        intake(data, name, address, at)

    seen = Seen(None)
    feeds = Feeds([f"{agency.address}/eqvol.xml"], take, seen, poll=QUICK)
    run_until(feeds, lambda: len(intake.taken) == 2)
    seen.close()


def test_waits_grow_with_each_failure_and_obey_retry_after(agency: Agency) -> None:
    now = [datetime(2026, 1, 1, tzinfo=UTC)]
    seen = Seen(None)
    poll = Poll(backoff_s=30, timeout_s=0.4, pause_s=0)
    feeds = Feeds([f"{agency.address}/x.xml"], Intake(), seen, poll=poll, now=lambda: now[0])
    agency.faults["/x.xml"] = ["500"] * 4
    waits = []
    for _ in range(4):
        feeds.poll(feeds.states[0], threading.Event())
        waits.append((feeds.states[0].due - now[0]).total_seconds())
    assert waits == [30, 60, 120, 240]
    assert feeds.states[0].error == "HTTP 500 Internal Server Error"
    feeds.poll(feeds.states[0], threading.Event())
    assert feeds.states[0].due == datetime(2026, 1, 1, 0, 1, 20, tzinfo=UTC), "20 s past the minute"
    feeds.close()
    seen.close()


@pytest.mark.parametrize(
    ("fault", "longest_s"), [("drop", 120), ("stall", 120), ("500", 300), ("404", 1800)]
)
def test_a_line_that_is_back_is_found_within_two_minutes(
    agency: Agency, fault: str, longest_s: float
) -> None:
    now = [datetime(2026, 1, 1, tzinfo=UTC)]
    seen = Seen(None)
    poll = Poll(backoff_s=30, timeout_s=0.1, pause_s=0)
    feeds = Feeds([f"{agency.address}/x.xml"], Intake(), seen, poll=poll, now=lambda: now[0])
    agency.faults["/x.xml"] = [fault] * 8
    waits = []
    for _ in range(8):
        feeds.poll(feeds.states[0], threading.Event())
        waits.append((feeds.states[0].due - now[0]).total_seconds())
    assert waits == [min(30 * 2**n, longest_s) for n in range(8)]
    feeds.close()
    seen.close()


def test_a_telegram_that_never_comes_delays_itself_and_not_the_feed(agency: Agency) -> None:
    now = [datetime(2026, 1, 1, tzinfo=UTC)]
    names = list(agency.telegrams)
    agency.shown = names[:3]
    agency.faults[f"/data/{names[0]}"] = ["404"] * 100
    seen = Seen(None)
    intake = Intake()
    poll = Poll(backoff_s=30, timeout_s=0.4, pause_s=0)
    feeds = Feeds([f"{agency.address}/x.xml"], intake, seen, poll=poll, now=lambda: now[0])
    for minute in range(1, 31):
        feeds.poll(feeds.states[0], threading.Event())
        now[0] = feeds.states[0].due
        assert now[0] == datetime(2026, 1, 1, 0, minute, 20, tzinfo=UTC)
    assert [name for name, _ in intake.taken] == names[1:3]
    assert agency.asked[f"/data/{names[0]}"] < 8, "asked again less and less often"
    assert list(feeds.states[0].lacking) == [f"{agency.address}/data/{names[0]}"]
    agency.shown = names[1:3]
    feeds.poll(feeds.states[0], threading.Event())
    assert not feeds.states[0].lacking
    feeds.close()
    seen.close()


def test_a_link_that_is_no_address_stops_nothing(agency: Agency) -> None:
    agency.shown = ["BAD", *list(agency.telegrams)[:1]]
    seen = Seen(None)
    intake = Intake()
    feeds = Feeds([f"{agency.address}/x.xml"], intake, seen, poll=QUICK)
    data = agency.feed().replace(b"data/BAD", b"http://[bad")
    agency.feed = lambda: data  # type: ignore[method-assign]
    feeds.poll(feeds.states[0], threading.Event())
    assert len(intake.taken) == 1
    feeds.close()
    seen.close()


def test_jma_stands_for_its_eight_feeds() -> None:
    feeds = with_long_feeds(["jma"])
    assert len(feeds) == 8
    assert sum(url.endswith("_l.xml") for url in feeds) == 4
    assert with_long_feeds(["http://127.0.0.1/a.xml"]) == ["http://127.0.0.1/a.xml"]


def test_each_publisher_is_asked_at_its_own_rate() -> None:
    rates = tuple(f for s in default_catalog().sources.values() for f in s.feeds)
    seen = Seen(None)
    asked = {
        "https://waterservices.usgs.gov/nwis/iv/?format=json&stateCd=gu": 900,
        "https://waterservices.usgs.gov/nwis/site/?format=rdb&stateCd=gu": 86_400,
        "https://earthquake.usgs.gov/earthquakes/feed/v1.0/summary/4.5_day.geojson": 60,
        "https://earthquake.usgs.gov/earthquakes/feed/v1.0/summary/all_week.geojson": 300,
        "https://www.gdacs.org/xml/rss.xml": 300,
        "https://www.data.jma.go.jp/developer/xml/feed/eqvol.xml": 60,
        "https://www.data.jma.go.jp/developer/xml/feed/eqvol_l.xml": 3600,
        "https://example.org/alerts.xml": 60,
    }
    feeds = Feeds(asked, Intake(), seen, poll=Poll(rates=rates))
    assert {state.url: state.every_s for state in feeds.states} == asked
    feeds.close()
    seen.close()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "atom.not-xml"),
        (b"<a/>", "atom.not-a-feed"),
        (b"<!DOCTYPE a [<!ENTITY x 'y'>]><feed>&x;</feed>", "atom.not-a-feed"),
    ],
)
def test_what_is_no_feed_is_refused_with_a_reason(data: bytes, code: str) -> None:
    with pytest.raises(DataError) as caught:
        atom.decode(data)
    assert caught.value.problems[0].code == code
