"""How far each model has read: in a small file, or in the database that several workers share."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import msgspec

from hinomi.kernel.errors import UnavailableError
from hinomi.kernel.ports import Model

if TYPE_CHECKING:
    from hinomi.stores.postgres.work import Work

log = logging.getLogger("hinomi.models")

MAX_ASIDE = 200
"""Statements that a model is spared; the oldest are tried again."""
_FRESH_S = 0.2
_KEEP_S = 1.5
_STRIDE = 10_000
"""Positions that hold nothing for a model are saved so often: a restart reads that much again."""


class Cursor(msgspec.Struct):
    """How far a model has read. A new version, or a run that failed, reads everything again."""

    version: str = ""
    position: int = 0
    failed: bool = False
    tries: int = 0
    """Runs that were begun since one ended well."""
    good: int = 0
    """The position of the last run that ended well."""
    aside: tuple[str, ...] = ()
    """Ids of statements that made runs fail: the model does not see them."""


class Cursors(Protocol):
    """Where the models' positions are kept; one worker at a time runs a model."""

    def of(self, model: Model) -> Cursor:
        """Return where the model goes on, without taking it."""

    def take(self, model: Model) -> Cursor | None:
        """Take the model for a run, which counts as a try; None while another worker has it."""

    def finish(self, model: Model, cursor: Cursor) -> None:
        """Keep where the model is and let it go, together with what is stored beside it.

        Raises:
            UnavailableError: another worker has taken it since: nothing may be kept.
        """

    def let_go(self, model: Model) -> None:
        """Give back what was taken: it was not tried, what it needs was away."""

    def passed(self, model: Model, position: int) -> None:
        """Note that up to there is nothing for the model."""


class FileCursors:
    """The models' cursors in a small file; results are idempotent, so a lost one costs a rerun."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._held: dict[str, Cursor] = {}
        self._saved: dict[str, int] = {}
        if path is not None and path.exists():
            with contextlib.suppress(msgspec.DecodeError):
                self._held = msgspec.json.decode(path.read_bytes(), type=dict[str, Cursor])

    def of(self, model: Model) -> Cursor:
        """Return where the model goes on."""
        held = self._held.get(model.id)
        if held is None or held.version != model.version:
            held = self._held[model.id] = Cursor(model.version)
        return held

    def take(self, model: Model) -> Cursor:
        """Return where the model goes on; that it is tried outlives a crash."""
        cursor = self.of(model)
        cursor.tries += 1
        self._save()
        return cursor

    def finish(self, model: Model, cursor: Cursor) -> None:
        """Keep where the model is."""
        self._held[model.id] = cursor
        self._saved[model.id] = cursor.position
        self._save()

    def let_go(self, model: Model) -> None:
        """Forget the try."""
        self.of(model).tries -= 1

    def passed(self, model: Model, position: int) -> None:
        """Note that up to there is nothing for the model."""
        cursor = self.of(model)
        cursor.position = position
        if position - self._saved.get(model.id, 0) > _STRIDE:
            self.finish(model, cursor)

    def _save(self) -> None:
        """Write the cursors whole or not at all."""
        if self._path is not None:
            new = self._path.with_suffix(".new")
            new.write_bytes(msgspec.json.encode(self._held))
            new.replace(self._path)


class SharedCursors:
    """The models' cursors in the database, under leases that a thread lengthens."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._passed: dict[str, tuple[str, int]] = {}
        self._saved: dict[str, int] = {}
        self._held: set[str] = set()
        self._states: dict[str, str] = {}
        self._read_at = 0.0
        self._thread: threading.Thread | None = None

    def of(self, model: Model) -> Cursor:
        """Return where the model goes on, as it was known a moment ago."""
        now = time.monotonic()
        if now - self._read_at > _FRESH_S:
            self._states, self._read_at = self._work.states(), now
        cursor = _read(self._states.get(_name(model), ""), model)
        version, passed = self._passed.get(model.id, ("", 0))
        if version == model.version and not cursor.failed:
            cursor.position = max(cursor.position, passed)
        return cursor

    def take(self, model: Model) -> Cursor | None:
        """Take the model's lease; None while another worker has it."""
        taken = self._work.take(_name(model))
        if taken is None:
            return None
        self._held.add(taken.name)
        if self._thread is None:
            self._thread = threading.Thread(target=self._keep, name="leases", daemon=True)
            self._thread.start()
        cursor = _read(taken.state, model)
        cursor.tries = taken.tries
        return cursor

    def finish(self, model: Model, cursor: Cursor) -> None:
        """Keep where the model is, in the transaction that is open, and let it go.

        Raises:
            UnavailableError: the lease was lost.
        """
        self._held.discard(_name(model))
        self._read_at = 0.0
        state = msgspec.json.encode(cursor).decode()
        self._work.finish(_name(model), state, well=not cursor.failed)
        self._saved[model.id] = cursor.position

    def let_go(self, model: Model) -> None:
        """Let another worker take it at once, if the database is there."""
        self._held.discard(_name(model))
        with contextlib.suppress(UnavailableError):
            self._work.let_go(_name(model))

    def passed(self, model: Model, position: int) -> None:
        """Note that up to there is nothing for the model; the database hears of it seldom."""
        self._passed[model.id] = model.version, position
        if position - self._saved.get(model.id, 0) > _STRIDE:
            cursor = self.take(model)
            if cursor is not None:
                cursor.position = max(cursor.position, position)
                self.finish(model, cursor)

    def _keep(self) -> None:
        while True:
            time.sleep(_KEEP_S)
            held = list(self._held)
            if not held:
                continue
            try:
                lost = set(held) - self._work.keep(held)
            except UnavailableError as error:
                log.warning("hop=5 leases cannot be lengthened: %s", error)
                continue
            for name in lost & self._held:
                log.warning("hop=5 the lease of %s is another worker's now", name)
                self._held.discard(name)


def _name(model: Model) -> str:
    return f"model/{model.id}"


def _read(state: str, model: Model) -> Cursor:
    if state:
        with contextlib.suppress(msgspec.DecodeError):
            cursor = msgspec.json.decode(state, type=Cursor)
            if cursor.version == model.version:
                return cursor
    return Cursor(model.version)
