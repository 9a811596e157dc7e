"""The workbench's turn: runs that were asked for, one after the other, each in its own process."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import msgspec

from hinomi.domains.hazards.collections.scenarios import (
    OPEN_STATES,
    SCENARIO_RUNS,
    ScenarioCase,
    ScenarioRun,
)
from hinomi.domains.hazards.workbench import records
from hinomi.domains.hazards.workbench.running import Task
from hinomi.kernel.catalog import Catalog
from hinomi.kernel.errors import HinomiError, Text, UnavailableError
from hinomi.kernel.marking import OPERATOR, Status
from hinomi.kernel.reader import Reader
from hinomi.kernel.records import Stored
from hinomi.runtime.workbench import prepared
from hinomi.runtime.workbench.work import Apart, Ended
from hinomi.runtime.writer import Writer

log = logging.getLogger("hinomi.workbench")

_LOOK_S = 1.0
_TOLD_S = 2.0
"""How often a run's progress is stated: each is a record that stays."""
_TOLD_SHARE = 0.1
_EVERY = frozenset(Status)
_WATCHED = (SCENARIO_RUNS.id, *prepared.WATCHED)


class Workbench:
    """Runs scenarios in the order in which they were asked for; the log is its only memory.

    What was under way when the server ended is begun again.
    """

    def __init__(self, writer: Writer, catalog: Catalog) -> None:
        self._writer, self._catalog = writer, catalog
        self._bell = threading.Event()
        self._position = -1
        process = Apart()
        self.apart: Callable[..., Ended | None] = process
        self.forecasts: prepared.Foretell = process.foretell
        self._refused: set[str] = set()
        """Forecasts that could not be made: they are not tried again until the server starts."""

    def run(self, stop: threading.Event) -> None:
        """Run what is asked for until ``stop`` is set."""
        self._writer.listeners.append(self._ring)
        try:
            while not stop.is_set():
                self._bell.clear()
                if self._changed():
                    self.foretell(stop)
                    self.catch_up(stop)
                self._bell.wait(_LOOK_S)
                if isinstance(self.apart, Apart):
                    self.apart.rest()
        finally:
            self.close()
            self._writer.listeners.remove(self._ring)

    def close(self) -> None:
        """End the process that runs are made in."""
        if isinstance(self.apart, Apart):
            self.apart.close()

    def catch_up(self, stop: threading.Event | None = None) -> int:
        """Run all that waits; return how many were run."""
        stop = stop or threading.Event()
        count = 0
        while not stop.is_set():
            waiting = min(self._waiting(), key=lambda item: (item.said_at, item.seq), default=None)
            if waiting is None:
                return count
            self._one(waiting, stop)
            count += 1
        return count

    def foretell(self, stop: threading.Event | None = None) -> int:
        """Run the cases whose river is warned of, as forecasts; return how many were run."""
        stop = stop or threading.Event()
        count = 0
        for one in list(prepared.due(self._reader(), self._writer.now())):
            if one.run in self._refused or stop.is_set():
                continue
            made = prepared.make(self._writer, self._reader(), one, self.forecasts, stop.is_set)
            if not made:
                self._refused.add(one.run)
            count += made
        return count

    def _ring(self, _: int) -> None:
        self._bell.set()

    def _reader(self) -> Reader:
        return Reader(self._writer.store, self._catalog, OPERATOR, status=_EVERY)

    def _changed(self) -> bool:
        """Tell whether anything was said of runs, cases or floods since; at the start: yes."""
        found = self._reader().changes(max(self._position, 0), collections=_WATCHED)
        first, self._position = self._position < 0, found.position
        return first or bool(found.items)

    def _waiting(self) -> Iterator[Stored]:
        for item in self._reader().every(SCENARIO_RUNS.id):
            if item.properties()["state"] in OPEN_STATES:
                yield item

    def _one(self, item: Stored, stop: threading.Event) -> None:
        run = _Under(self._writer, self._reader, item)
        try:
            self._try(run, stop)
        except HinomiError as error:
            if isinstance(error, UnavailableError) and stop.is_set():
                return
            log.warning("run=%s failed: %s", item.key, error)
            run.failed(error.text)
        except Exception as error:
            log.exception("run=%s failed by a fault", item.key)
            run.failed(Text(f"内部障害です: {error!r}"[:300], f"A fault of ours: {error!r}"[:300]))

    def _try(self, run: _Under, stop: threading.Event) -> None:
        reader = self._reader()
        stated = reader.record(run.body.case_record)
        case = msgspec.convert(stated.body(), ScenarioCase)
        task = Task(
            case=case, changes=run.body.changes, ground=reader.blob(stated, case.grid_digest),
            starts_at=run.body.asked_at.replace(second=0, microsecond=0),
        )  # fmt: skip
        run.said(state="running", progress=0.0)
        ended = self.apart(task, run.told, lambda: stop.is_set() or run.cancelled())
        if ended is not None and not run.cancelled():
            run.done(case, ended)


class _Under:
    """One run under way: what is said of it follows what was said of it last."""

    def __init__(self, writer: Writer, reader: Any, item: Stored) -> None:
        self._writer, self._reader, self._item = writer, reader, item
        self.body = msgspec.convert(item.body(), ScenarioRun)
        self._told_at = time.monotonic()
        self._asked_at = 0.0
        self._cancelled = False

    def told(self, share: float) -> None:
        """State how far it is, now and then."""
        now = time.monotonic()
        if now - self._told_at >= _TOLD_S and share - self.body.progress >= _TOLD_SHARE:
            self._told_at = now
            self.said(progress=round(share, 2))

    def cancelled(self) -> bool:
        """Tell whether it is not wanted any more."""
        if not self._cancelled and time.monotonic() - self._asked_at >= _TOLD_S / 8:
            self._asked_at = time.monotonic()
            self._cancelled = self._state() not in OPEN_STATES
        return self._cancelled

    def failed(self, why: Text) -> None:
        """State that nothing came of it."""
        self.said(state="failed", reason=why.ja, reason_en=why.en)

    def said(self, **fields: Any) -> None:
        """State it anew, unless it was cancelled meanwhile."""
        self._put(msgspec.structs.replace(self.body, **fields))

    def done(self, case: ScenarioCase, ended: Ended) -> None:
        """State what came of it, and its maps."""
        for packed in (ended.outcome.extremes, ended.outcome.depths):
            self._writer.store.put_blob(packed)
        body = records.done(self.body, case, ended.outcome, ended.cost)
        self._put(body, ended)

    def _put(self, body: ScenarioRun, ended: Ended | None = None) -> None:
        item = self._item
        with self._writer.alone():
            if self._state() not in OPEN_STATES:
                self._cancelled = True
                return
            # Two statements of one moment have no order.
            said_at = max(self._writer.now(), self._said_at() + timedelta(microseconds=1))
            made = [
                records.run_record(
                    item.key, body, said_at, item.source, item.marking, inputs=(body.case_record,)
                )
            ]
            if ended is not None:
                made += records.map_records(
                    item.key, body, ended.outcome, said_at, item.source, item.marking
                )
            self._writer.put(made)
        self.body = body

    def _now(self) -> Stored | None:
        found = self._reader().find(SCENARIO_RUNS.id, keys=(self._item.key,), limit=1).items
        return found[0] if found else None

    def _state(self) -> str:
        now = self._now()
        return "" if now is None else str(now.properties()["state"])

    def _said_at(self) -> Any:
        now = self._now()
        return self._item.said_at if now is None else now.said_at
