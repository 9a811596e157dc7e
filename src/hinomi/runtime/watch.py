"""Watched folders: each file is taken once it has stopped growing, those already there first."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from hinomi.kernel.errors import HinomiError
from hinomi.runtime import files
from hinomi.runtime.intake import Intake

log = logging.getLogger("hinomi.watch")

STABLE_S = 0.5
"""A file that has not changed for that long is whole."""


class _State(NamedTuple):
    size: int
    changed_ns: int


class Folders:
    """Takes what comes into folders; the intake knows which bytes it has seen."""

    def __init__(self, folders: Sequence[Path], intake: Intake) -> None:
        self._folders, self._intake = folders, intake
        self._pending: dict[Path, tuple[_State, float]] = {}
        self._taken: dict[Path, _State] = {}

    def run(self, stop: threading.Event) -> None:
        """Take files until ``stop`` is set."""
        # Imported here: it brings a thread library that nobody else needs.
        from watchfiles import watch  # noqa: PLC0415

        for folder in self._folders:
            folder.mkdir(parents=True, exist_ok=True)
        changes = watch(
            *self._folders,
            stop_event=stop,
            rust_timeout=200,
            yield_on_timeout=True,
            raise_interrupt=False,
            debounce=200,
        )
        self._note(files.list_files(self._folders).files)
        for found in changes:
            self._note([Path(name) for _, name in found])
            try:
                self.take_whole()
            except HinomiError:
                log.exception("hop=1 the watched files wait for the store")

    def take_whole(self) -> int:
        """Take the pending files that have stopped growing; return how many."""
        now = time.monotonic()
        done = 0
        for path, (state, since) in list(self._pending.items()):
            current = _state(path)
            if current is None:
                del self._pending[path]
            elif current != state:
                self._pending[path] = (current, now)
            elif now - since >= STABLE_S:
                self._take(path)
                del self._pending[path]
                self._taken[path] = current
                done += 1
        return done

    def _note(self, paths: Sequence[Path]) -> None:
        for path in paths:
            state = _state(path)
            hidden = any(part.startswith(".") for part in path.parts[1:])
            if state is not None and not hidden and self._taken.get(path) != state:
                self._pending.setdefault(path, (state, time.monotonic()))

    def _take(self, path: Path) -> None:
        report = self._intake.ingest([path])
        for finding in report.findings:
            log.warning(
                "hop=1 payload=%s code=%s %s",
                finding.address,
                finding.problem.code,
                finding.problem.text.en,
            )


def _state(path: Path) -> _State | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return _State(status.st_size, status.st_mtime_ns) if path.is_file() else None
