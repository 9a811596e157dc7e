"""The audit log: who saw what is not open, changed, exported or ran what, under which policy.

Entries are leaves of the trust chain's log (:mod:`hinomi.runtime.translog`): appended only, hashed
into one tree, proved like everything else. What changes or leaves is on the disk before the answer
goes out; what was seen is gathered and written within a second, repeats within a minute as one.
Anonymous reading of what is open to everyone is not written down.
"""

from __future__ import annotations

import logging
import os
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import msgspec

from hinomi.kernel.errors import HinomiError
from hinomi.kernel.marking import Principal
from hinomi.runtime import clock
from hinomi.runtime.translog.log import Leaf, Log

log = logging.getLogger("hinomi.audit")

Verb = Literal[
    "saw",
    "changed",
    "exported",
    "ran",
    "signed-in",
    "signed-out",
    "denied",
    "break-glass",
    "keys",
    "erased",
]
VERBS: tuple[Verb, ...] = (
    "saw", "changed", "exported", "ran", "signed-in", "signed-out", "denied", "break-glass", "keys",
    "erased",
)  # fmt: skip
WRITE_S = 1.0
"""What was seen is on the disk within this."""
REPEAT_S = 60.0
"""The same seen again by the same person within this is counted, not written anew."""
MOST_SEEN = 10_000
_LONGEST = 400


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that somebody did."""

    who: str
    verb: Verb
    what: str
    """A path with its query, a command, a record."""
    organisations: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    how: str = "web"
    """``web`` or ``command``."""
    address: str = ""
    outcome: str = ""
    """HTTP's status, or an exit code."""
    rule: str = ""
    """For ``denied``: which rule."""
    markings: tuple[str, ...] = ()
    """For ``saw`` and ``exported``: the markings that are not open to everyone."""
    personal: bool = False
    """Personal data could be read in it."""
    reason: str = ""
    """For ``break-glass``: why."""
    purpose: str = ""
    erased: tuple[str, ...] = ()
    """For ``erased``: ids of statements whose personal data, digests of payloads that are gone."""
    policy: str = ""
    """Digest of the policy that was in force."""
    times: int = 1
    at: str = ""
    """When it was done; RFC 3339, UTC."""
    salt: str = ""
    """Random: a leaf's hash does not tell a guesser what it is of."""


class Found(msgspec.Struct, frozen=True):
    """An entry with its place in the log."""

    index: int
    event: Event


class Audit:
    """A data folder's audit log; safe to use from several threads and processes."""

    def __init__(self, folder: Path, *, policy: str = "", now: clock.Clock = clock.now) -> None:
        self.log = Log(folder)
        self.policy = policy
        self._now = now
        self._lock = threading.Lock()
        self._waiting: list[Event] = []
        self._seen: OrderedDict[tuple[str, str, str], tuple[float, int]] = OrderedDict()
        self._thread: threading.Thread | None = None
        self._over = threading.Event()

    def write(self, event: Event) -> int:
        """Write an event, durable on return; what waits goes with it. Return its index."""
        with self._lock:
            events, self._waiting = [*self._waiting, self._dated(event)], []
        try:
            return self._append(events) + len(events) - 1
        except HinomiError:
            with self._lock:
                self._waiting = [*events[:-1], *self._waiting]
            raise

    def seen(self, who: str, address: str, what: str) -> bool:
        """Tell whether the same was noted within a minute, and count it if so."""
        name = (who, address, what)
        with self._lock:
            first, times = self._seen.get(name, (-REPEAT_S, 0))
            if time.monotonic() - first >= REPEAT_S:
                return False
            self._seen[name] = (first, times + 1)
            return True

    def note(self, event: Event, same: str = "") -> None:
        """Write an event soon; what is done again within a minute is counted only.

        Args:
            event: what was done.
            same: what makes it the same again; its verb and what it was done to, if empty.
        """
        name = (event.who, event.address, same or f"{event.verb} {event.what}")
        now = time.monotonic()
        with self._lock:
            first, times = self._seen.get(name, (-REPEAT_S, 0))
            if now - first < REPEAT_S:
                self._seen[name] = (first, times + 1)
                return
            self._seen[name] = (now, 0)
            self._seen.move_to_end(name)
            while len(self._seen) > MOST_SEEN:
                self._seen.popitem(last=False)
            dated = self._dated(event)
            self._waiting.append(msgspec.structs.replace(dated, times=times + 1))
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="audit", daemon=True)
                self._thread.start()

    def flush(self) -> None:
        """Write what waits, durable on return."""
        with self._lock:
            events, self._waiting = self._waiting, []
        if not events:
            return
        try:
            self._append(events)
        except HinomiError:
            # Kept for the next try; bounded, since each is one person, address and question.
            with self._lock:
                self._waiting = [*events, *self._waiting][:MOST_SEEN]
            log.exception("part=audit the log cannot be written")

    def find(
        self, words: dict[str, str], *, limit: int = 100, before: int | None = None
    ) -> list[Found]:
        """Return entries, newest first; see :meth:`Log.find`."""
        return [
            Found(leaf.index, msgspec.json.decode(leaf.entry, type=_Entry).audit)
            for leaf in self.log.find(words, limit=limit, before=before)
        ]

    def close(self) -> None:
        """Write what waits, and close the file."""
        self._over.set()
        self.flush()
        self.log.close()

    def _run(self) -> None:
        while not self._over.wait(WRITE_S):
            self.flush()

    def _dated(self, event: Event) -> Event:
        return msgspec.structs.replace(
            event,
            at=event.at or self._now().isoformat(),
            salt=secrets.token_hex(8),
            policy=event.policy or self.policy,
            what=event.what[:_LONGEST],
        )

    def _append(self, events: Sequence[Event]) -> int:
        return self.log.append(
            [
                Leaf(
                    kind="audit",
                    at=event.at,
                    entry=msgspec.json.encode(_Entry(audit=event), order="deterministic"),
                    who=event.who,
                    verb=event.verb,
                    what=event.what,
                )
                for event in events
            ]
        )


class _Entry(msgspec.Struct, frozen=True, tag="audit", tag_field="kind"):
    audit: Event


def by(principal: Principal, verb: Verb, what: str, **more: Any) -> Event:
    """Return an event of a principal's."""
    return Event(
        who=principal.name,
        verb=verb,
        what=what,
        organisations=principal.organisations,
        roles=principal.roles,
        **more,
    )


def account() -> str:
    """Return the account of the machine that runs a command."""
    return os.environ.get("SUDO_USER") or os.environ.get("USER") or f"uid {os.getuid()}"
