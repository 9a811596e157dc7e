"""Running models by the change feed: each by its own cursor, status by status, off the feed's path.

A run reads one status at one position. It runs first on what everyone may see; where the needed
collections hold more than that, it runs again on everything and only what is marked more strictly
is kept, so that a closed input never changes or hides the open result.

Several workers may share the work: one at a time takes a model, and what it made is stored in one
step with how far it has read. A worker that dies in the middle leaves nothing, and another begins
again where it began.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence

from hinomi.kernel.catalog import Catalog
from hinomi.kernel.errors import Problem, Text, UnavailableError
from hinomi.kernel.marking import ANONYMOUS, OPERATOR, Status
from hinomi.kernel.ports import Model, Parsed
from hinomi.kernel.records import Record
from hinomi.kernel.store import Change
from hinomi.runtime import operations
from hinomi.runtime.models_cursors import MAX_ASIDE, Cursor, Cursors, FileCursors
from hinomi.runtime.models_poison import Apart, culprits
from hinomi.runtime.models_results import Made, Noting, Result
from hinomi.runtime.observing import observed
from hinomi.runtime.writer import Writer

log = logging.getLogger("hinomi.models")

MAX_KEYS = 20_000
"""More changed things than this and the run reads everything."""
MAX_ROUNDS = 50
"""Models feed models; a circle that does not come to rest ends here, with an alarm in the log."""
MAX_TRIES = 3
"""After so many runs that failed, or took their worker with them, the cause is looked for."""
MAX_SUSPECTS = 5_000
_GATHER_S, _LONGEST_GATHER_S = 0.05, 0.4
"""What is appended within so long is read together: twice as long as the round before took."""
_LOOK_S = 0.5
_LATE_S = 3.0
"""Who was not woken for so long looks by itself [s]."""
_AGAIN_S = 2.0
"""A run that failed is tried again after so long, twice so long, … [s]."""

Changed = dict[Status, dict[str, Sequence[str]]]


class Models:
    """Runs the catalogue's models over what was appended."""

    def __init__(
        self,
        writer: Writer,
        catalog: Catalog,
        cursors: Cursors | None = None,
        *,
        apart: Apart | None = None,
    ) -> None:
        self._writer = writer
        self._catalog = catalog
        self._cursors = cursors or FileCursors()
        self._apart = apart
        self._wake = threading.Event()
        self._due: dict[str, float] = {}
        """When a model that failed is tried again."""
        self._busy = False
        """Another worker has a model that has something to read: if it dies, it is ours."""
        self.offer: Callable[[str, int], bool] | None = None
        """Queues a model's run for whichever worker is free; tells whether the queue has it."""
        self._offered: dict[str, float] = {}
        self._one_at_a_time = threading.Lock()
        self._stop = threading.Event()

    def wake(self, _: int = 0) -> None:
        """Hear of an append: only note it, the run is another thread's."""
        self._wake.set()

    def run(self, stop: threading.Event) -> None:
        """Run models whenever something was appended, until ``stop`` is set."""
        self._stop = stop
        self._wake.set()
        looked, gather_s = time.monotonic(), _GATHER_S
        while not stop.is_set():
            # A wake-up may be lost: the log is looked at now and then anyway.
            late = time.monotonic() - looked > _LATE_S
            if not self._wake.wait(_LOOK_S) and not (self._busy or self._due or late):
                continue
            looked = time.monotonic()
            stop.wait(gather_s)
            self._wake.clear()
            began = time.monotonic()
            try:
                self.catch_up()
                # A round costs most of what it costs however little is new: under a stream of
                # news the models leave the machine to others two thirds of the time.
                took_s = time.monotonic() - began
                gather_s = min(max(_GATHER_S, 2 * took_s), _LONGEST_GATHER_S)
            except UnavailableError as error:
                log.warning("hop=5 the models wait: %s", error)
                self._wake.set()
                stop.wait(1.0)
            except Exception:
                if stop.is_set():
                    log.info("hop=5 the models' round ends with the server", exc_info=True)
                    return
                log.exception("hop=5 the models' round failed")
                stop.wait(1.0)

    def catch_up(self) -> int:
        """Run every model until none has anything new to read; return the number of runs."""
        runs = 0
        for _ in range(MAX_ROUNDS):
            self._busy = False
            ran = 0
            for model in self._catalog.models.values():
                if self._stop.is_set():
                    return runs + ran
                with self._one_at_a_time:
                    ran += self._advance(model)
            if not ran:
                return runs
            runs += ran
        log.error("hop=5 the models did not come to rest in %d rounds", MAX_ROUNDS)
        return runs

    def advance(self, model_id: str) -> bool:
        """Run one model that a queue asks for; tell whether there is nothing left to do for it."""
        model = self._catalog.models.get(model_id)
        if model is None:
            return True
        with self._one_at_a_time:
            self._busy = False
            self._advance(model, queued=True)
            done = not self._busy
        self._wake.set()
        return done

    def _advance(self, model: Model, *, queued: bool = False) -> int:
        cursor = self._cursors.of(model)
        head = self._writer.store.position()
        if not self._is_due(model, cursor):
            if cursor.position >= head:
                return 0
            if not self._changed(model, cursor.position, head):
                self._cursors.passed(model, head)
                self._offered.pop(model.id, None)
                return 0
            if not queued and self._is_queued(model, head):
                return 0
        self._offered.pop(model.id, None)
        taken = self._cursors.take(model)
        if taken is None:
            self._busy = True
            return 0
        try:
            return self._run(model, taken, head)
        except UnavailableError as error:
            # The store is away, or the lease was lost: nothing was kept, the work is still there.
            level = logging.INFO if self._stop.is_set() else logging.WARNING
            log.log(level, "hop=5 model=%s: nothing of the run is kept: %s", model.id, error)
            self._cursors.let_go(model)
            self._busy = True
            return 0

    def _is_queued(self, model: Model, head: int) -> bool:
        """Queue the run where there is a queue; one that nobody does in time is ours after all."""
        if self.offer is None:
            return False
        now = time.monotonic()
        self._busy = True
        if now - self._offered.setdefault(model.id, now) > _LATE_S:
            return False
        return self.offer(model.id, head)

    def _is_due(self, model: Model, cursor: Cursor) -> bool:
        """Tell whether a run that failed is to be tried again without anything new."""
        if not cursor.failed or cursor.tries >= MAX_TRIES:
            self._due.pop(model.id, None)
            return False
        now = time.monotonic()
        return now >= self._due.setdefault(model.id, now + _AGAIN_S * cursor.tries)

    def _run(self, model: Model, cursor: Cursor, head: int) -> int:
        after = cursor.good if cursor.failed else cursor.position
        changed = self._changed(model, after, head)
        if cursor.failed:
            changed = {status: {} for status in changed}
        elif cursor.tries > MAX_TRIES and self._apart is not None:
            # Three workers began this and none ended it.
            for status in changed:
                self._set_aside(model, cursor, (status, head), self._dies(model, status, head))
            self._apart.over()
        made: list[Made] = []
        failed = False
        with observed("model", model.id, hop=5):
            for status, keys in changed.items():
                parts = self._tried(model, cursor, (status, head), keys)
                failed = failed or parts is None
                made += parts or ()
        self._due.pop(model.id, None)
        cursor.failed = failed
        cursor.position = head
        if not failed:
            cursor.tries, cursor.good = 0, head
        with self._writer.alone():
            for one in made:
                self._writer.put(one.records, one.readings, one.complete)
            self._cursors.finish(model, cursor)
        return len(changed)

    def _tried(
        self, model: Model, cursor: Cursor, at: tuple[Status, int], keys: dict[str, Sequence[str]]
    ) -> list[Made] | None:
        """Return what a run made; None where it failed and no statement is found to blame."""
        try:
            return self._made(model, at, keys, frozenset(cursor.aside))
        except UnavailableError:
            raise
        except Exception as error:
            if self._stop.is_set():
                raise UnavailableError("The server stops, and has closed the store.") from error
            log.exception("hop=5 model=%s status=%s run failed", model.id, at[0].value)
            self._alarm(model, error)
        if cursor.tries < MAX_TRIES:
            return None

        def fails(hidden: frozenset[str]) -> bool:
            try:
                self._made(model, at, keys, hidden | frozenset(cursor.aside))
            except UnavailableError:
                raise
            except Exception:  # noqa: BLE001 - whatever it is, it is what we look for
                return True
            return False

        if not self._set_aside(model, cursor, at, fails):
            return None
        return self._made(model, at, keys, frozenset(cursor.aside))

    def _dies(self, model: Model, status: Status, head: int) -> Callable[[frozenset[str]], bool]:
        def fails(hidden: frozenset[str]) -> bool:
            assert self._apart is not None  # noqa: S101 - asked only where there is one
            return self._apart(model, status, head, hidden)

        return fails

    def _set_aside(
        self,
        model: Model,
        cursor: Cursor,
        at: tuple[Status, int],
        fails: Callable[[frozenset[str]], bool],
    ) -> bool:
        """Find the statements that make the model fail and hide them from it, with an alarm each.

        They stay in the log and for everyone else; a newer statement of the thing, or a newer
        version of the model, is seen again.
        """
        status, head = at
        suspects = [
            change.record.id
            for change in _changes(self._writer, model.needs, cursor.good, head)
            if change.record is not None and change.record.marking.status is status
        ]
        found = culprits(suspects[-MAX_SUSPECTS:], fails)
        for record_id in found:
            log.error("hop=5 model=%s record=%s is set aside", model.id, record_id)
            self._tell(model, _poisoned(record_id))
        cursor.aside = (*cursor.aside, *found)[-MAX_ASIDE:]
        return bool(found)

    def _changed(self, model: Model, after: int, head: int) -> Changed:
        """Return the keys changed up to ``head`` by status and collection; ``{}``: everything."""
        every = {m.status for m in self._writer.store.markings()}
        found: dict[Status, dict[str, dict[str, None]]] = {}
        whole: set[Status] = set()
        for change in _changes(self._writer, model.needs, after, head):
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

    def _made(
        self,
        model: Model,
        at: tuple[Status, int],
        keys: dict[str, Sequence[str]],
        aside: frozenset[str],
    ) -> list[Made]:
        """Return what a run makes of what everyone sees, and of the rest where there is any."""
        made = [self._predicted(model, at, keys, aside, closed=False)]
        # What was made of closed statements is taken back once the last of them is withdrawn.
        held = {m for c, m in self._writer.store.counts() if c in model.needs or c in model.gives}
        if any(m.status is at[0] and not ANONYMOUS.may_see(m) for m in held):
            made.append(self._predicted(model, at, keys, aside, closed=True))
        return [one for one in made if one.records or one.readings or one.complete]

    def _predicted(
        self,
        model: Model,
        at: tuple[Status, int],
        keys: dict[str, Sequence[str]],
        aside: frozenset[str],
        *,
        closed: bool,
    ) -> Made:
        status, head = at
        principal = OPERATOR if closed else ANONYMOUS
        view = frozenset({status}), head
        reader = Noting(self._writer.store, self._catalog, principal, view, aside)
        parsed = predicted(model, reader, keys)
        for blob in parsed.blobs:  # There before the records that name them.
            self._writer.store.put_blob(blob)
        made = Result(model, status, reader.seen, head, closed=closed).made(parsed)
        for problem in parsed.problems:
            self._tell(model, problem)
        return Made([r for r in made.records if not self._said(r)], made.readings, made.complete)

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
        alarm = operations.alarm_of(model.id, problem)
        key = operations.alarm_key(model.id, problem)
        visible = frozenset({operations.INTERNAL})
        if not self._writer.store.history(operations.ALARMS.id, key, visible=visible).items:
            self._writer.put([operations.alarm_record(key, alarm, at=self._writer.now())])


def predicted(model: Model, reader: Noting, keys: dict[str, Sequence[str]]) -> Parsed:
    """Run a model.

    Raises:
        ValueError: it gives what it does not declare.
    """
    made = model.predict(reader, keys)
    strange = {r.collection for r in made.records} - set(model.gives)
    if strange:
        raise ValueError(f"{model.id} gives {sorted(strange)}, which it does not declare.")
    return made


def _poisoned(record_id: str) -> Problem:
    return Problem(
        operations.POISONED,
        "",
        Text(
            f"記録 {record_id} で予測モデルが失敗するため、このモデルの入力から外しました。",
            f"Record {record_id} makes the model fail: it is set aside for this model.",
        ),
        grade="alarm",
        found=record_id,
    )


def _changes(writer: Writer, needs: Sequence[str], after: int, head: int) -> Iterator[Change]:
    markings = writer.store.markings()
    while after < head:
        page = writer.store.changes(after, visible=markings, collections=needs)
        for change in page.items:
            if change.seq > head:
                return
            yield change
        if page.position <= after:
            return
        after = page.position
