"""Atom feeds, polled politely: conditional requests, no telegram twice, back-off, gaps healed.

JMA asks for If-Modified-Since, a start some seconds after the full minute and no repeated
downloads (xml.kishou.go.jp/xmlpull.html). The minute feed is healed by the long one.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

import httpx
import msgspec

from hinomi.kernel.errors import DataError, UnavailableError
from hinomi.kernel.ports import Feed
from hinomi.runtime import clock
from hinomi.runtime.policy import addresses
from hinomi.standards import atom
from hinomi.standards.cap import feeds as cap_feeds
from hinomi.standards.cap import xml as cap_xml

log = logging.getLogger("hinomi.feeds")

JMA = "https://www.data.jma.go.jp/developer/xml/feed/"
JMA_FEEDS = tuple(f"{JMA}{name}.xml" for name in ("regular", "extra", "eqvol", "other"))
MAX_TELEGRAM_BYTES = 30_000_000
PATIENCE = 3
"""Failures of a telegram before it counts as lacking."""
KEEP_SEEN = timedelta(days=30)
_LONGEST_WAIT_S = 1800.0
_LONGEST_WAIT_UNHEARD_S = 120.0
"""The line may be back at any moment, and no server is spared by waiting longer for it."""
_LONGEST_WAIT_BROKEN_S = 300.0
"""A server with a fault of its own says when to come again if it wants rest; else nobody may hear
of warnings for half an hour after it is well."""
_BUSY = {httpx.codes.TOO_MANY_REQUESTS, httpx.codes.SERVICE_UNAVAILABLE}

Take = Callable[[bytes, str, str, datetime], None]
"""What is done with a telegram: (bytes, name, address, time of fetching); durable on return."""


class Poll(msgspec.Struct, frozen=True, kw_only=True):
    """How often and how patiently. The defaults are what JMA asks for."""

    minute_s: float = 60.0
    """Between polls of a high-frequency feed."""
    hour_s: float = 3600.0
    """Between polls of a long feed."""
    after_minute_s: float = 20.0
    """The second of the minute at which a poll starts."""
    timeout_s: float = 20.0
    """No byte for that long ends a request."""
    deadline_s: float = 120.0
    """A whole download may take that long."""
    backoff_s: float = 30.0
    """The first wait after a failure; doubled up to half an hour; without an answer, to 2 min."""
    pause_s: float = 0.05
    """Between two downloads from the same server."""
    rates: tuple[Feed, ...] = ()
    """How often publishers want to be asked; the longest of the addresses that begin alike."""

    def every_s(self, url: str) -> float:
        """Return how often a feed is polled [s]."""
        usual_s = self.hour_s if url.endswith("_l.xml") else self.minute_s
        fitting = [feed for feed in self.rates if url.startswith(feed.url)]
        best = max(fitting, key=lambda feed: len(feed.url), default=None)
        return usual_s if best is None else best.every_s


class Seen:
    """What was fetched already, kept over restarts in a small SQLite file."""

    def __init__(self, path: Path | None) -> None:
        self._db = sqlite3.connect(path or ":memory:", check_same_thread=False)
        self._db.execute("create table if not exists seen (url text primary key, at real) strict")
        self._db.execute(
            "create table if not exists feed (url text primary key, etag text, since text) strict"
        )

    def has(self, url: str) -> bool:
        """Tell whether the telegram was fetched and taken in."""
        return self._db.execute("select 1 from seen where url = ?", (url,)).fetchone() is not None

    def add(self, url: str, at: datetime) -> None:
        """Remember a telegram; forget those of a month ago, which no feed names any more."""
        oldest = (at - KEEP_SEEN).timestamp()
        with self._db:
            self._db.execute("insert or replace into seen values (?, ?)", (url, at.timestamp()))
            self._db.execute("delete from seen where at < ?", (oldest,))

    def validators(self, url: str) -> dict[str, str]:
        """Return the request headers that make the next poll of a feed conditional."""
        row = self._db.execute("select etag, since from feed where url = ?", (url,)).fetchone()
        names = ("If-None-Match", "If-Modified-Since")
        return {n: v for n, v in zip(names, row, strict=True) if v} if row else {}

    def remember(self, url: str, response: httpx.Response) -> None:
        """Keep a feed's ETag and Last-Modified."""
        kept = (url, response.headers.get("etag"), response.headers.get("last-modified"))
        with self._db:
            self._db.execute("insert or replace into feed values (?, ?, ?)", kept)

    def close(self) -> None:
        """Close the file."""
        self._db.close()


class FeedState(msgspec.Struct):
    """How one feed stands: for the status page and the tests."""

    url: str
    every_s: float
    due: datetime
    failures: int = 0
    polls: int = 0
    unchanged: int = 0
    fetched: int = 0
    bytes: int = 0
    error: str = ""
    lacking: tuple[str, ...] = ()
    """Telegrams that the feed names and that did not come, time and again."""


def with_long_feeds(urls: Iterable[str]) -> list[str]:
    """Return the feeds with JMA's long ones beside them; ``jma`` stands for all eight."""
    found: list[str] = []
    for url in urls:
        for one in JMA_FEEDS if url == "jma" else (url,):
            long = one.removesuffix(".xml") + "_l.xml"
            found += [one, long] if one.startswith(JMA) and not one.endswith("_l.xml") else [one]
    return list(dict.fromkeys(found))


class Feeds:
    """Polls feeds one after the other until told to stop; every new telegram goes to ``take``."""

    def __init__(
        self,
        urls: Iterable[str],
        take: Take,
        seen: Seen,
        *,
        tell: Callable[[FeedState], None] = lambda _: None,
        poll: Poll | None = None,
        now: clock.Clock = clock.now,
    ) -> None:
        self._tell = tell
        self._poll = poll or Poll()
        self._take = take
        self._seen = seen
        self._now = now
        self._pause = threading.Event()
        self._waiting: dict[str, tuple[int, datetime]] = {}
        self.states = [
            FeedState(url, self._poll.every_s(url), now()) for url in with_long_feeds(urls)
        ]
        timeout = httpx.Timeout(self._poll.timeout_s)
        agent = {"User-Agent": "hinomi (https://pypi.org/project/hinomi)"}
        self._client = httpx.Client(
            timeout=timeout,
            headers=agent,
            follow_redirects=True,
            event_hooks=addresses.hooks(state.url for state in self.states),
        )

    def run(self, stop: threading.Event) -> None:
        """Poll each feed when it is due, until ``stop`` is set."""
        try:
            while not stop.is_set():
                state = min(self.states, key=lambda s: s.due)
                wait_s = (state.due - self._now()).total_seconds()
                if wait_s > 0:
                    stop.wait(min(wait_s, 1.0))
                    continue
                self.poll(state, stop)
        finally:
            self.close()

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()

    def poll(self, state: FeedState, stop: threading.Event) -> None:
        """Ask one feed once, take what is new, and set when it is due next."""
        state.polls += 1
        try:
            self._ask(state, stop)
        except (httpx.HTTPError, UnavailableError, DataError) as error:
            state.failures += 1
            state.error = _said(error)
            wait_s = self._wait_after(error, state.failures)
            log.warning("feed %s: %s; again in %.0f s", state.url, state.error, wait_s)
            state.due = self._now() + timedelta(seconds=wait_s)
        else:
            state.failures, state.error = 0, ""
            state.due = self._next(state)
        self._tell(state)

    def _ask(self, state: FeedState, stop: threading.Event) -> None:
        data, response = self._get(state, state.url, self._seen.validators(state.url))
        if response.status_code == httpx.codes.NOT_MODIFIED:
            state.unchanged += 1
            return
        if cap_feeds.looks_like_rss(data) and b"www.gdacs.org" not in data[:4096]:
            self._take_named(state, list(reversed(cap_feeds.links(data))), response, stop)
            return
        if not atom.looks_like(data) or cap_xml.holds_alert(data):
            # What is polled is itself the news: GDACS's RSS, USGS's GeoJSON, Atom with CAP inside.
            self._take(data, httpx.URL(state.url).path.rsplit("/", 1)[-1], state.url, self._now())
            state.fetched += 1
            self._seen.remember(state.url, response)
            return
        feed = atom.decode(data)
        for problem in feed.problems:
            log.warning("feed %s%s: %s", state.url, problem.path, problem.text.en)
        self._take_named(state, [entry.link for entry in _oldest_first(feed)], response, stop)

    def _take_named(
        self, state: FeedState, links: list[str], response: httpx.Response, stop: threading.Event
    ) -> None:
        whole = True
        for link in dict.fromkeys(links):
            if stop.is_set():
                return
            whole &= self._have(state, link)
        named = {_joined(state.url, link) for link in links}
        state.lacking = tuple(
            url
            for url, (failures, _) in self._waiting.items()
            if url in named and failures >= PATIENCE
        )
        # Had a telegram failed, the next poll must see the feed again, not a 304.
        if whole:
            self._seen.remember(state.url, response)

    def _have(self, state: FeedState, link: str) -> bool:
        """Fetch a telegram unless it is here; a bad one delays itself, never those after it."""
        url = _joined(state.url, link)
        if not url:
            log.warning("feed %s: %r is no address", state.url, link)
            return True
        if self._seen.has(url):
            return True
        failures, due = self._waiting.get(url, (0, self._now()))
        if self._now() < due:
            return False
        try:
            self._fetch(state, url)
        except (httpx.HTTPError, UnavailableError) as error:
            wait_s = self._wait_after(error, failures + 1)
            self._waiting[url] = (failures + 1, self._now() + timedelta(seconds=wait_s))
            log.warning("telegram %s: %s; again in %.0f s or later", url, _said(error), wait_s)
            if isinstance(error, httpx.HTTPStatusError) and error.response.status_code in _BUSY:
                raise  # It is the server that wants rest, not this telegram.
            return False
        self._waiting.pop(url, None)
        return True

    def _fetch(self, state: FeedState, url: str) -> None:
        data, _ = self._get(state, url, {})
        at = self._now()
        self._take(data, url.rsplit("/", 1)[-1], url, at)
        self._seen.add(url, at)
        state.fetched += 1

    def _get(
        self, state: FeedState, url: str, headers: dict[str, str]
    ) -> tuple[bytes, httpx.Response]:
        deadline = self._now() + timedelta(seconds=self._poll.deadline_s)
        self._pause.wait(self._poll.pause_s)
        chunks, size = [], 0
        with self._client.stream("GET", url, headers=headers) as response:
            if response.status_code == httpx.codes.NOT_MODIFIED:
                return b"", response
            response.raise_for_status()
            for chunk in response.iter_bytes():
                chunks.append(chunk)
                size += len(chunk)
                state.bytes += len(chunk)
                if size > MAX_TELEGRAM_BYTES:
                    raise UnavailableError(f"{url} is larger than {MAX_TELEGRAM_BYTES} bytes.")
                if self._now() > deadline:
                    text = f"{url} took longer than {self._poll.deadline_s:.0f} s."
                    raise httpx.ReadTimeout(text)
            return b"".join(chunks), response

    def _wait_after(self, error: Exception, failures: int) -> float:
        unheard = isinstance(error, httpx.TransportError)
        longest_s = _LONGEST_WAIT_UNHEARD_S if unheard else _LONGEST_WAIT_S
        if isinstance(error, httpx.HTTPStatusError) and error.response.is_server_error:
            longest_s = _LONGEST_WAIT_BROKEN_S
        wait_s = min(self._poll.backoff_s * 2.0 ** min(failures - 1, 10), longest_s)
        if isinstance(error, httpx.HTTPStatusError):
            wait_s = max(wait_s, self._retry_after(error.response))
        return wait_s

    def _retry_after(self, response: httpx.Response) -> float:
        text = response.headers.get("retry-after", "")
        if text.isdigit():
            return min(float(text), 86_400.0)
        try:
            at = parsedate_to_datetime(text)
        except (ValueError, TypeError):
            return 0.0
        return max(0.0, (at - self._now()).total_seconds()) if at.tzinfo else 0.0

    def _next(self, state: FeedState) -> datetime:
        due = self._now() + timedelta(seconds=state.every_s)
        if state.every_s < 60:
            return due
        aligned = due.replace(second=0, microsecond=0)
        return aligned + timedelta(seconds=self._poll.after_minute_s)


def _oldest_first(feed: atom.Feed) -> list[atom.Entry]:
    # The document's own order is newest first; entries without a time keep their place.
    return list(reversed(feed.entries))


def _joined(base: str, link: str) -> str:
    """Return a link's full address, or nothing where it is none."""
    try:
        return str(httpx.URL(base).join(link))
    except httpx.InvalidURL:
        return ""


def _said(error: Exception) -> str:
    """Return what went wrong in one line, for people: httpx adds where to read of status codes."""
    if isinstance(error, httpx.HTTPStatusError):
        answer = error.response
        return f"HTTP {answer.status_code} {answer.reason_phrase}".strip()
    return str(error) or type(error).__name__
