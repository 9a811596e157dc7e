"""People under load: they write, restate and put files into a folder, and are told what was taken.

A unit is what is counted: a shelter stated once (its key), one of the statements about a shelter
that is stated again and again (``key=number``), or a file's row (its key).
"""

from __future__ import annotations

import contextlib
import http.client
import json
import threading
import time
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

COLLECTION = "response.shelters"
FILE = "chaos shelter:"
"""How a file for the watched folder begins; the rest is the shelter's key."""
_ANSWER_S = 30.0
_AGAIN_S = 0.05
_FILE_S = 0.1
_FAULTS = (OSError, http.client.HTTPException)
_AGAIN, _THERE = 503, 412


class Load:
    """Writers of three kinds, each of which tries again until it is told that it was taken.

    ``writers`` state one shelter after the other; one more reads a shelter, adds one to its people
    and states it anew in knowledge of what it read; where there is a folder, one puts files there.
    """

    def __init__(
        self, port: int, key: str, *, writers: int = 4, name: str = "w", pause_s: float = 0.0,
        folder: Path | None = None,
    ) -> None:  # fmt: skip
        self._port, self._key, self._name, self._pause_s = port, key, name, pause_s
        self._folder = folder
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self.sent: set[str] = set()
        self.acknowledged: set[str] = set()
        self.files: set[str] = set()
        """The acknowledged ones that came as files."""
        self.at: list[float] = []
        """When each was acknowledged."""
        self.refused = self.broken = 0
        """Answers that told to come again; connections that ended without an answer."""
        self.wrong: Counter[str] = Counter()
        """Answers that nobody may get: a server's error; "it is there" to what was never sent."""
        self.hidden = 0
        """How often an acknowledged restatement was not what stood."""
        self._restated = 0
        work: list[Callable[[], None]] = [
            lambda number=number: self._write(number) for number in range(writers)  # type: ignore[misc]
        ]  # fmt: skip
        work += [self._restate] if writers else []
        work += [self._drop] if folder is not None else []
        self._threads = [threading.Thread(target=one, daemon=True) for one in work]

    def start(self) -> Load:
        for thread in self._threads:
            thread.start()
        return self

    def stop(self) -> None:
        """Stop, and look whether what was restated last is what stands."""
        self._stop.set()
        for thread in self._threads:
            thread.join(_ANSWER_S * 2)
        if self._restated:
            with (
                contextlib.suppress(_FAULTS[0], _FAULTS[1]),
                contextlib.closing(self._link()) as link,
            ):
                self._note_hidden(self._read(link, self._same)[0])

    @property
    def _same(self) -> str:
        return f"{self._name}same"

    def _link(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self._port, timeout=_ANSWER_S)

    def _until_stopped(self, step: Callable[[http.client.HTTPConnection], bool]) -> None:
        """Take a step again and again, on a connection that is made anew where it breaks."""
        link: http.client.HTTPConnection | None = None
        while not self._stop.is_set():
            try:
                link = link or self._link()
                done = step(link)
            except _FAULTS:
                self.broken += 1
                if link is not None:
                    link.close()
                link, done = None, False
            time.sleep(self._pause_s if done else _AGAIN_S)
        if link is not None:
            link.close()

    def _taken(self, unit: str) -> None:
        with self._lock:
            self.acknowledged.add(unit)
            self.at.append(time.monotonic())

    def _write(self, writer: int) -> None:
        number, tried = 0, False

        def step(link: http.client.HTTPConnection) -> bool:
            nonlocal number, tried
            key = f"{self._name}{writer}-{number}"
            self.sent.add(key)
            before, tried = tried, True
            status = self.put(link, key)
            # 412 to a repeated one: it was stored, and its answer was lost on the way.
            if status in {200, 201} or (status == _THERE and before):
                self._taken(key)
                number, tried = number + 1, False
                return True
            self._troubled(status)
            return False

        self._until_stopped(step)

    def _restate(self) -> None:
        number = 1

        def step(link: http.client.HTTPConnection) -> bool:
            nonlocal number
            unit = f"{self._same}={number}"
            self.sent.add(unit)
            people, tag, status = self._read(link, self._same)
            if status not in {200, 404}:
                self._troubled(status)
                return False
            self._note_hidden(people)
            # It stands already where only its answer was lost.
            if people != number:
                status = self.put(link, self._same, people=number, tag=tag)
            if status == _THERE:
                return False  # A repeated one that came through after we had looked.
            if status not in {200, 201}:
                self._troubled(status)
                return False
            self._taken(unit)
            self._restated, number = number, number + 1
            return True

        self._until_stopped(step)

    def _note_hidden(self, people: int) -> None:
        self.hidden += people < self._restated

    def _drop(self) -> None:
        """Put one file after the other into the folder, whole at once; that is its acceptance."""
        assert self._folder is not None
        number = 0
        while not self._stop.wait(_FILE_S):
            key = f"{self._name}file-{number}"
            part = self._folder / f"{key}.part"
            part.write_text(f"{FILE}{key}\n", encoding="utf-8")
            part.rename(part.with_suffix(".txt"))
            self.sent.add(key)
            self.files.add(key)
            with self._lock:
                self.acknowledged.add(key)
            number += 1

    def put(
        self, link: http.client.HTTPConnection, key: str, *, people: int = 0, tag: str = ""
    ) -> int:
        """State a shelter, new or in place of what was read; return the status."""
        body = json.dumps({
            "type": "Feature", "id": key, "geometry": {"type": "Point", "coordinates": [136, 37]},
            "properties": {"name": key, "match_key": key, "state": "open", "people": people},
        })  # fmt: skip
        seen = {"If-Match": tag} if tag else {"If-None-Match": "*"}
        return self._ask(link, "PUT", key, body, seen)[0]

    def _read(self, link: http.client.HTTPConnection, key: str) -> tuple[int, str, int]:
        """Return how many people a shelter has, its tag, and the answer's status."""
        status, tag, body = self._ask(link, "GET", key, None, {})
        if status != 200:
            return self._restated if status != 404 else 0, "", status
        return int(json.loads(body)["properties"]["people"]), tag, status

    def _ask(
        self, link: http.client.HTTPConnection, method: str, key: str, body: str | None,
        headers: dict[str, str],
    ) -> tuple[int, str, bytes]:  # fmt: skip
        own = {"X-API-Key": self._key, "Content-Type": "application/geo+json", **headers}
        link.request(method, f"/collections/{COLLECTION}/items/{key}", body, own)
        answer = link.getresponse()
        told = answer.read()
        if answer.headers.get("connection") == "close":
            link.close()
        return answer.status, answer.headers.get("etag", ""), told

    def _troubled(self, status: int) -> None:
        if status == _AGAIN:
            self.refused += 1
        else:
            self.wrong[str(status)] += 1

    def troubles(self) -> str:
        """Return what the writers had to try again, and what they should never have been told."""
        wrong = ", ".join(f"{count} answered {status}" for status, count in self.wrong.items())
        told = f"{self.broken} broken, {self.refused} refused, all tried again"
        return "; ".join(part for part in (wrong, told) if part)

    def gap_s(self, since: float) -> float:
        """Return the longest time without an acknowledgement after a moment [s]."""
        at = [since, *(t for t in sorted(self.at) if t > since)]
        return max((b - a for a, b in pairwise(at)), default=float("inf"))


def standing(store: Any) -> Counter[str]:
    """Return how often each unit was stated in a store's log."""
    found: Counter[str] = Counter()
    after = 0
    while True:
        changes = store.changes(
            after, visible=store.markings(), collections=(COLLECTION,), limit=5000
        )
        for change in changes.items:
            if change.record is not None:
                found[unit(change.record)] += 1
        if changes.position == after:
            return found
        after = changes.position


def unit(record: Any) -> str:
    """Return what a statement is counted as."""
    key = str(record.key)
    return f"{key}={record.body()['people']}" if key.endswith("-same") else key
