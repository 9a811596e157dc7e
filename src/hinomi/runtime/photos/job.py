"""The hub's job for photos: cover what came in, draw anew what a person changed, erase in time.

What is to do is told by the state of the intake, not by a queue: after a crash the job finds the
same work again. A statement is written only if nobody said something else meanwhile.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import msgspec

from hinomi.domains.response.photos.collections import INTAKE, Box, Intake
from hinomi.kernel.errors import ConflictError, HinomiError
from hinomi.kernel.filters import Compare, Filter, In, Property, Value
from hinomi.kernel.records import Origin, Record, Stored
from hinomi.kernel.store import Query
from hinomi.runtime.photos import covering
from hinomi.runtime.photos.messages import Failed, Made, Task
from hinomi.runtime.photos.settings import PhotoSettings
from hinomi.runtime.writer import Writer

log = logging.getLogger("hinomi.photos")

RUN = "photos.cover@1"
LOOK_S = 1.0
SWEEP_S = 600.0
"""How often the job looks for originals whose time is over [s]."""
_TO_DO: Filter = In(Property("state"), ("received", "redrawing"))
_TO_ERASE: Filter = Compare("=", Property("originals"), Value("erasing"))
_DECIDED: Filter = In(Property("state"), ("confirmed", "rejected", "withdrawn", "unreadable"))
_OPEN: Filter = In(Property("state"), ("waiting", "redrawing"))


class Photos:
    """Covers photos and erases originals, one at a time."""

    def __init__(
        self,
        writer: Writer,
        settings: PhotoSettings,
        *,
        cursor: Path | None = None,
        cover: Callable[[Task], Made | Failed] = covering.run,
    ) -> None:
        self._writer = writer
        self._settings = settings
        self._cover = cover
        self._bell = threading.Event()
        self._cursor = cursor
        self._seen = _read(cursor)
        writer.listeners.append(lambda _: self._bell.set())

    def run(self, stop: threading.Event) -> None:
        """Work until ``stop`` is set."""
        position, swept = -1, -SWEEP_S
        while not stop.is_set():
            here = self._writer.store.position()
            if here != position:
                position = here
                self.work(stop)
            if time.monotonic() - swept >= SWEEP_S:
                swept = time.monotonic()
                self.sweep()
            # Other processes' uploads ring no bell here: the position tells of them.
            self._bell.wait(LOOK_S)
            self._bell.clear()

    def work(self, stop: threading.Event | None = None) -> int:
        """Do all that waits now; return how many photos were dealt with."""
        done = 0
        for item in self._every(_TO_DO):
            if stop is not None and stop.is_set():
                break
            done += self._one(item)
        for item in self._every(_TO_ERASE):
            done += self._erase(item)
        done += sum(map(self._clean, self._every(Compare("=", Property("state"),
                                                         Value("withdrawn")))))  # fmt: skip
        return done + self._follow()

    def _follow(self) -> int:
        """Erase what belongs to photos that were withdrawn as records (a drill that ended)."""
        store, done = self._writer.store, 0
        while True:
            found = store.changes(self._seen, visible=store.markings(), collections=(INTAKE.id,))
            for change in found.items:
                if change.record is None or change.record.retracts:
                    done += self._retracted(change.key)
            if found.position == self._seen:
                return done
            self._seen = found.position
            if self._cursor is not None:
                self._cursor.write_text(str(self._seen), encoding="ascii")

    def _retracted(self, key: str) -> int:
        store = self._writer.store
        said = store.history(INTAKE.id, key, visible=store.markings(), limit=1_000).items
        if not said or not said[-1].retracts:
            return 0
        gone = {digest for item in said for digest in _digests(_body(item))}
        if not self._shared(said[-1], _body(said[-1])):
            self._forget(sorted(gone))
        return 1

    def sweep(self) -> int:
        """Erase originals whose time is over, and close what nobody decided; return how many."""
        now = self._writer.now()
        kept, undecided = (
            timedelta(days=days) for days in (self._settings.keep_days,
                                              self._settings.undecided_days)
        )  # fmt: skip
        done = 0
        for item in self._every(_DECIDED):
            body = _body(item)
            if body.originals == "kept" and (body.decided_at or body.received_at) + kept <= now:
                done += self._erase(item)
        for item in self._every(_OPEN):
            if _body(item).received_at + undecided <= now:
                body = msgspec.structs.replace(
                    _body(item), state="rejected", decided_at=now,
                    reason="期限内に判断されなかったため自動で不採用",
                )  # fmt: skip
                done += self._state(item, body)
        return done

    def _one(self, item: Stored) -> int:
        body = _body(item)
        again = body.state == "redrawing"
        data = self._writer.store.blob(body.working if again else body.original)
        if data is None:
            return self._state(item, _unreadable(body, "原本がありません"))
        boxes = tuple((b.left, b.top, b.right, b.bottom) for b in body.boxes) if again else None
        made = self._cover(Task(data=data, boxes=boxes))
        if isinstance(made, Failed):
            log.warning("part=photos key=%s cannot be read: %s", item.key, made.trouble.en)
            return self._state(item, _unreadable(body, made.trouble.ja))
        return self._made(item, body, made, again=again)

    def _made(self, item: Stored, body: Intake, made: Made, *, again: bool) -> int:
        keep = self._writer.store.put_blob
        covered = keep(made.covered)
        new = msgspec.structs.replace(
            body, state="waiting", covered=covered, thumbnail=keep(made.thumbnail),
            width=made.width, height=made.height,
        )  # fmt: skip
        if not again:
            new = msgspec.structs.replace(
                new, working=keep(made.working), detectors=made.detectors,
                looked=bool(made.detectors), boxes=tuple(Box(*row) for row in made.found),
            )  # fmt: skip
        done = self._state(item, new, digest=covered)
        if done:
            # What was proposed before may show what the person has just covered.
            self._forget([d for d in (body.covered, body.thumbnail)
                          if d not in {new.covered, new.thumbnail}])  # fmt: skip
        return done

    def _erase(self, item: Stored) -> int:
        body = _body(item)
        gone = [body.original, body.working]
        if body.state != "confirmed":
            gone += [body.covered, body.thumbnail]
        if not self._shared(item, body):
            self._forget(gone)
        new = msgspec.structs.replace(body, originals="erased", erased_at=self._writer.now())
        return self._state(item, new)

    def _clean(self, item: Stored) -> int:
        """Erase the published bytes of a photo that was withdrawn."""
        body = _body(item)
        if body.covered and not self._shared(item, body) and self._there(body.covered):
            self._forget([body.covered, body.thumbnail])
            return 1
        return 0

    def _there(self, digest: str) -> bool:
        return self._writer.store.blob(digest) is not None

    def _shared(self, item: Stored, body: Intake) -> bool:
        """Tell whether the same picture stands in another lane too (exercise beside actual)."""
        same = Compare("=", Property("original"), Value(body.original))
        return any(
            other.key != item.key and _body(other).originals != "erased"
            for other in self._every(same)
        )

    def _forget(self, digests: Sequence[str]) -> None:
        forget: Callable[[str], None] | None = getattr(self._writer.store, "forget_blob", None)
        for digest in filter(None, digests if forget is not None else ()):
            forget(digest)  # type: ignore[misc]

    def _state(self, item: Stored, body: Intake, *, digest: str = "") -> int:
        """State a photo anew; 0 where somebody said something else about it meanwhile."""
        record = Record(
            collection=INTAKE.id,
            key=item.key,
            said_at=max(self._writer.now(), item.said_at),
            body=body,
            source=item.source,
            when=item.when,
            place=item.place(),
            origin=Origin(digest=digest, path="covered.jpg" if digest else "", run=RUN,
                          inputs=(item.id,)),
            marking=item.marking,
        )  # fmt: skip
        try:
            self._writer.append([record], since=item.seq)
        except ConflictError:
            return 0
        except HinomiError as error:
            log.error("part=photos key=%s: %s", item.key, error.text.en)  # noqa: TRY400 - the store's own word
            return 0
        return 1

    def _every(self, wanted: Filter) -> Iterator[Stored]:
        store = self._writer.store
        query = Query(
            collection=INTAKE.id, visible=store.markings(), filter=wanted, beside=True, limit=200
        )
        while True:
            page = store.find(query)
            yield from page.items
            if page.next is None:
                return
            query = msgspec.structs.replace(query, after=page.next)


def _unreadable(body: Intake, why: str) -> Intake:
    return msgspec.structs.replace(body, state="unreadable", trouble=why)


def _digests(body: Intake) -> tuple[str, ...]:
    return body.original, body.working, body.covered, body.thumbnail


def _read(cursor: Path | None) -> int:
    """Return how far the feed was followed; from the beginning where that is not known."""
    try:
        return int(cursor.read_text(encoding="ascii")) if cursor is not None else 0
    except (OSError, ValueError):
        return 0


def _body(item: Stored) -> Intake:
    return msgspec.convert(item.body(), Intake)
