"""Watched folders: each file is taken once it has stopped growing, those already there first.

The system tells at once of what comes into a folder of this machine. It tells nothing of what
another machine puts into a shared folder, nor of the files of a folder that is moved in whole, so
all is looked through now and then too.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from hinomi.kernel.errors import HinomiError
from hinomi.runtime import files
from hinomi.runtime.intake import Intake

log = logging.getLogger("hinomi.watch")

STABLE_S = 0.5
"""A file that has not changed for that long is whole."""
LOOK_S = 10.0
"""All is looked through that often [s]; more seldom where a look takes long."""
RETRY_S = 5.0
"""What the store could not take is offered again after that [s]."""
ABSENT_S = 5.0
"""A folder that is away for that long is news [s]; one that is made anew is none."""
_EVENTS_MS = 200
_UNDER_WAY = (".part", ".partial", ".filepart", ".crdownload", ".download", ".tmp", ".swp")
"""What WinSCP, browsers and editors call a file that they have not finished."""

Tell = Callable[[str, str], None]
"""Hears of a folder that stays away and of its return: (folder, what the system says; empty)."""


class _State(NamedTuple):
    number: int
    size: int
    changed_ns: int


class Folders:
    """Takes what comes into folders; the intake knows which bytes it has seen."""

    def __init__(
        self, folders: Sequence[Path], intake: Intake, *, tell: Tell = lambda *_: None
    ) -> None:
        self._folders = [folder.absolute() for folder in folders]
        self._intake, self._tell = intake, tell
        self._pending: dict[Path, tuple[_State, float]] = {}
        self._taken: dict[Path, _State] = {}
        self._absent: dict[Path, float] = {}
        self._told: dict[Path, bool] = {}
        self._look_at = self._soon_at = self._retry_at = 0.0

    def run(self, stop: threading.Event) -> None:
        """Take files until ``stop`` is set."""
        for folder in self._folders:
            try:
                folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                log.warning("hop=1 the watched folder cannot be made: %s", error)
        while not stop.is_set():
            there = self._there()
            with closing(_events(list(there), stop)) as events:
                self._look_at = 0.0
                while not stop.is_set():
                    self.step(next(events, []))
                    # A folder that was made anew has to be watched anew.
                    if self._there() != there:
                        break

    def step(self, named: Iterable[Path]) -> None:
        """Note what the system named, look through all if that is due, take what is whole."""
        try:
            self._note(named)
            if time.monotonic() >= self._look_at:
                self._look()
            if time.monotonic() >= self._retry_at:
                self.take_whole()
        except (HinomiError, OSError) as error:
            self._retry_at = time.monotonic() + RETRY_S
            log.warning("hop=1 the watched files wait for the store: %s", error)

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
                # Last in the queue: what cannot be taken holds up no other file.
                self._pending[path] = self._pending.pop(path)
                self._take(path)
                del self._pending[path]
                self._taken[path] = current
                done += 1
        return done

    def _there(self) -> dict[Path, tuple[int, int]]:
        """Return the folders that can be read, by what the system knows them by."""
        found = {}
        for folder in self._folders:
            try:
                status = folder.stat()
                if not os.access(folder, os.R_OK | os.X_OK):
                    raise PermissionError(f"{folder} may not be read")
                found[folder] = (status.st_dev, status.st_ino)
            except OSError as error:
                self._hear(folder, str(error))
            else:
                self._hear(folder, "")
        return found

    def _hear(self, folder: Path, error: str) -> None:
        """Tell once of a folder that stays away, and of its return."""
        if not error:
            self._absent.pop(folder, None)
        elif time.monotonic() - self._absent.setdefault(folder, time.monotonic()) < ABSENT_S:
            return
        if self._told.get(folder) != bool(error):
            self._tell(str(folder), error)
            # Only now: had telling it failed, it would never be told.
            self._told[folder] = bool(error)

    def _look(self) -> None:
        """Note all that lies in the folders, and forget what is gone."""
        before = time.monotonic()
        found = [path for folder in self._folders for path in files.below(folder)]
        self._note(found)
        self._taken = {path: self._taken[path] for path in found if path in self._taken}
        took_s = time.monotonic() - before
        self._soon_at = time.monotonic() + 5 * took_s
        self._look_at = time.monotonic() + max(LOOK_S, 20 * took_s)

    def _note(self, paths: Iterable[Path]) -> None:
        """Have files wait until they are whole; a folder that comes is looked through soon."""
        for path in paths:
            state = _state(path)
            if state is None:
                if path.is_dir():
                    self._look_at = min(self._look_at, self._soon_at)
            elif self._counts(path) and self._taken.get(path) != state:
                self._pending.setdefault(path, (state, time.monotonic()))

    def _counts(self, path: Path) -> bool:
        """Tell whether a file is for us: not hidden below its folder, nor still being written."""
        if path.name.startswith("~$") or path.name.lower().endswith(_UNDER_WAY):
            return False
        for folder in self._folders:
            if path.is_relative_to(folder):
                return not any(part.startswith(".") for part in path.relative_to(folder).parts)
        return True

    def _take(self, path: Path) -> None:
        report = self._intake.ingest([path])
        for finding in report.findings:
            log.warning(
                "hop=1 payload=%s code=%s %s",
                finding.address,
                finding.problem.code,
                finding.problem.text.en,
            )


def _events(folders: Sequence[Path], stop: threading.Event) -> Generator[list[Path]]:
    """Yield what the system names, and nothing every so often; without an end."""
    # Imported here: it brings a thread library that nobody else needs.
    from watchfiles import watch  # noqa: PLC0415

    if folders:
        try:
            for found in watch(
                *folders,
                stop_event=stop,
                rust_timeout=_EVENTS_MS,
                yield_on_timeout=True,
                raise_interrupt=False,
                debounce=_EVENTS_MS,
            ):
                yield [Path(name) for _, name in found]
        except (OSError, RuntimeError) as error:
            # Too many watches, or a folder that went away meanwhile: looking finds all the same.
            log.warning("hop=1 the system does not tell of new files: %s", error)
    while not stop.wait(_EVENTS_MS / 1000):
        yield []


def _state(path: Path) -> _State | None:
    try:
        status = path.stat()
    except OSError:
        return None
    if not path.is_file():
        return None
    return _State(status.st_ino, status.st_size, status.st_mtime_ns)
