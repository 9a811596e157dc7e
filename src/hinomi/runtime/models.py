"""Running models by the change feed: each by its own cursor, status by status, off the feed's path.

A run reads one status at one position. It runs first on what everyone may see; where the needed
collections hold more than that, it runs again on everything and only what is marked more strictly
is kept, so that a closed input never changes or hides the open result.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Unpack

import msgspec

from hinomi.kernel.catalog import Catalog
from hinomi.kernel.errors import Problem, Text
from hinomi.kernel.geometry import BBox
from hinomi.kernel.marking import ANONYMOUS, OPERATOR, Marking, Principal, Status, strictest
from hinomi.kernel.ports import Model, Parsed
from hinomi.kernel.reader import Question, Reader
from hinomi.kernel.records import Complete, Origin, Readings, Record, Stored
from hinomi.kernel.store import Change, Latest, Page, Store
from hinomi.runtime import operations
from hinomi.runtime.writer import Writer

log = logging.getLogger("hinomi.models")

MAX_KEYS = 20_000
"""More changed things than this and the run reads everything."""
MAX_INPUTS = 500
"""Inputs named in an origin."""
MAX_ROUNDS = 50
"""Models feed models; a circle that does not come to rest ends here, with an alarm in the log."""
_GATHER_S = 0.05


class Cursor(msgspec.Struct):
    """How far a model has read. A new version, or a run that failed, reads everything again."""

    version: str = ""
    position: int = 0
    failed: bool = False


class Cursors:
    """The models' cursors in a small file; results are idempotent, so a lost one costs a rerun."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._held: dict[str, Cursor] = {}
        if path is not None and path.exists():
            with contextlib.suppress(msgspec.DecodeError):
                self._held = msgspec.json.decode(path.read_bytes(), type=dict[str, Cursor])

    def of(self, model: Model) -> Cursor:
        """Return where the model goes on."""
        held = self._held.get(model.id)
        if held is None or held.version != model.version:
            held = self._held[model.id] = Cursor(model.version, 0)
        return held

    def save(self) -> None:
        """Write the cursors whole or not at all."""
        if self._path is not None:
            new = self._path.with_suffix(".new")
            new.write_bytes(msgspec.json.encode(self._held))
            new.replace(self._path)


class Models:
    """Runs the catalogue's models over what was appended."""

    def __init__(self, writer: Writer, catalog: Catalog, cursors: Cursors | None = None) -> None:
        self._writer = writer
        self._catalog = catalog
        self._cursors = cursors or Cursors()
        self._wake = threading.Event()

    def wake(self, _: int = 0) -> None:
        """Hear of an append: only note it, the run is another thread's."""
        self._wake.set()

    def run(self, stop: threading.Event) -> None:
        """Run models whenever something was appended, until ``stop`` is set."""
        self._wake.set()
        while not stop.is_set():
            if not self._wake.wait(0.5):
                continue
            stop.wait(_GATHER_S)
            self._wake.clear()
            try:
                self.catch_up()
            except Exception:
                log.exception("hop=5 the models' round failed")
                stop.wait(1.0)

    def catch_up(self) -> int:
        """Run every model until none has anything new to read; return the number of runs."""
        runs = 0
        for _ in range(MAX_ROUNDS):
            ran = sum(self._advance(model) for model in self._catalog.models.values())
            if not ran:
                return runs
            runs += ran
        log.error("hop=5 the models did not come to rest in %d rounds", MAX_ROUNDS)
        return runs

    def _advance(self, model: Model) -> int:
        cursor = self._cursors.of(model)
        head = self._writer.store.position()
        if cursor.position >= head:
            return 0
        changed = self._changed(model, cursor, head)
        for status, keys in changed.items():
            try:
                self._run(model, status, {} if cursor.failed else keys, head)
            except Exception as error:
                log.exception("hop=5 model=%s status=%s run failed", model.id, status.value)
                self._alarm(model, error)
                cursor.failed = True
                break
        else:
            cursor.failed = cursor.failed and not changed
        cursor.position = head
        self._cursors.save()
        return len(changed)

    def _changed(
        self, model: Model, cursor: Cursor, head: int
    ) -> dict[Status, dict[str, Sequence[str]]]:
        """Return the keys changed up to ``head`` by status and collection; ``{}``: everything."""
        markings = self._writer.store.markings()
        every = {m.status for m in markings}
        found: dict[Status, dict[str, dict[str, None]]] = {}
        whole: set[Status] = set()
        for change in _changes(self._writer, markings, model.needs, cursor.position, head):
            # A retraction carries no marking: it may concern any status.
            touched = {change.record.marking.status} if change.record else every
            for status in touched:
                keys = found.setdefault(status, {}).setdefault(change.collection, {})
                if change.kind == "readings" or len(keys) >= MAX_KEYS:
                    whole.add(status)
                else:
                    keys[change.key] = None
        return {
            status: {} if status in whole else {c: tuple(k) for c, k in keys.items()}
            for status, keys in found.items()
        }

    def _run(self, model: Model, status: Status, keys: dict[str, Sequence[str]], head: int) -> None:
        self._predict(model, status, keys, head, closed=False)
        held = {m for c, m in self._writer.store.counts() if c in model.needs}
        if any(m.status is status and not ANONYMOUS.may_see(m) for m in held):
            self._predict(model, status, keys, head, closed=True)

    def _predict(
        self,
        model: Model,
        status: Status,
        keys: dict[str, Sequence[str]],
        head: int,
        *,
        closed: bool,
    ) -> None:
        principal = OPERATOR if closed else ANONYMOUS
        reader = Noting(self._writer.store, self._catalog, principal, frozenset({status}), head)
        made = model.predict(reader, keys)
        strange = {r.collection for r in made.records} - set(model.gives)
        if strange:
            raise ValueError(f"{model.id} gives {sorted(strange)}, which it does not declare.")
        result = _Result(model, status, reader.seen, head, closed=closed)
        records = [r for r in result.records(made) if not self._said(r)]
        readings, complete = result.readings(made), result.complete(made)
        if records or readings or complete:
            self._writer.put(records, readings, complete)
        for problem in made.problems:
            self._tell(model, problem)

    def _said(self, record: Record) -> bool:
        """Tell whether a run has stated the same before: that is no second delivery of it."""
        visible = frozenset({record.marking})
        return self._writer.store.record(record.identity(), visible=visible) is not None

    def _alarm(self, model: Model, error: Exception) -> None:
        text = f"{type(error).__name__}: {error}"[:500]
        self._tell(
            model,
            Problem(
                "model.failed",
                "",
                Text(f"予測モデルが失敗しました: {text}", f"The model failed: {text}"),
                grade="alarm",
                found=type(error).__name__,
            ),
        )

    def _tell(self, model: Model, problem: Problem) -> None:
        if problem.grade == "note":
            return
        alarm = operations.Alarm(
            source_id=model.id,
            code=problem.code,
            text_ja=problem.text.ja,
            text_en=problem.text.en,
            found=problem.found,
            expected=problem.expected,
            path=problem.path,
            payload_name="",
            payload_digest="",
        )
        key = operations.alarm_key(model.id, problem)
        visible = frozenset({operations.INTERNAL})
        if not self._writer.store.history(operations.ALARMS.id, key, visible=visible).items:
            self._writer.put([operations.alarm_record(key, alarm, at=self._writer.now())])


class _Result:
    """Marks what a run made: its status, the strictest of what it read, and its origin."""

    def __init__(
        self, model: Model, status: Status, seen: dict[str, Marking], head: int, *, closed: bool
    ) -> None:
        self._seen = seen
        self._status = status
        self._closed = closed
        self._all = self._strictest(seen.values())
        self._origin = Origin(
            run=f"{model.id}@{model.version}", inputs=tuple(seen)[:MAX_INPUTS], position=head
        )

    def records(self, made: Parsed) -> list[Record]:
        return [m for m in map(self._record, made.records) if self._kept(m.marking)]

    def readings(self, made: Parsed) -> list[Readings]:
        if not self._kept(self._all):
            return []
        return [
            msgspec.structs.replace(
                batch,
                series=tuple(msgspec.structs.replace(s, marking=self._all) for s in batch.series),
                origin=self._origin,
            )
            for batch in made.readings
        ]

    def complete(self, made: Parsed) -> list[Complete]:
        if not self._kept(self._all):
            return []
        return [
            msgspec.structs.replace(c, marking=self._all, origin=self._origin)
            for c in made.complete
        ]

    def _record(self, record: Record) -> Record:
        own = record.origin.inputs
        origin = self._origin
        marking = self._all
        if own:
            marking = self._strictest(self._seen[i] for i in own if i in self._seen)
            origin = msgspec.structs.replace(origin, inputs=own[:MAX_INPUTS])
        return msgspec.structs.replace(record, origin=origin, marking=marking)

    def _strictest(self, markings: Iterable[Marking]) -> Marking:
        given = {m for m in markings if m.status is self._status}
        return strictest(given) if given else Marking(self._status)

    def _kept(self, marking: Marking) -> bool:
        """The open run has made what is open; the closed one keeps only what is not."""
        return not (self._closed and ANONYMOUS.may_see(marking))


class Noting(Reader):
    """A reader that notes which statements were read, and how they are marked."""

    def __init__(
        self,
        store: Store,
        catalog: Catalog,
        principal: Principal,
        status: frozenset[Status],
        as_of: int | None,
    ) -> None:
        super().__init__(store, catalog, principal, status=status, as_of=as_of)
        self.seen: dict[str, Marking] = {}

    def find(self, collection: str, **question: Unpack[Question]) -> Page:
        """Return one page, noted."""
        page = super().find(collection, **question)
        self._note(page.items)
        return page

    def history(
        self, collection: str, key: str, *, limit: int = 100, after: str | None = None
    ) -> Page:
        """Return a thing's statements, noted."""
        page = super().history(collection, key, limit=limit, after=after)
        self._note(page.items)
        return page

    def record(self, record_id: str) -> Stored:
        """Return one statement, noted."""
        found = super().record(record_id)
        self._note([found])
        return found

    def series(
        self,
        collection: str,
        *,
        bbox: BBox | None = None,
        ids: Sequence[str] | None = None,
        things: Sequence[str] | None = None,
        since: int | None = None,
    ) -> list[Latest]:
        """Return series; each is noted by its id and marking."""
        found = super().series(collection, bbox=bbox, ids=ids, things=things, since=since)
        self.seen.update((latest.series.id, latest.series.marking) for latest in found)
        return found

    def _note(self, items: Iterable[Stored]) -> None:
        self.seen.update((item.id, item.marking) for item in items)


def _changes(
    writer: Writer, markings: frozenset[Marking], needs: Sequence[str], after: int, head: int
) -> Iterator[Change]:
    while after < head:
        page = writer.store.changes(after, visible=markings, collections=needs)
        for change in page.items:
            if change.seq > head:
                return
            yield change
        if page.position <= after:
            return
        after = page.position
