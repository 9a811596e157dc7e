"""The conductor: the one object that plays an exercise and obeys its instructor."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import msgspec

from hinomi.domains.response.collections.exercises import (
    DIRECTIONS,
    EXERCISES,
    SECRET,
    Direction,
)
from hinomi.kernel.catalog import Catalog
from hinomi.kernel.errors import DataError, HinomiError, InputError
from hinomi.kernel.marking import Status
from hinomi.kernel.ports import Gazetteer
from hinomi.kernel.store import MAX_LIMIT, Query
from hinomi.runtime.drill import library, telling, terrain
from hinomi.runtime.drill.guard import ExerciseWriter
from hinomi.runtime.drill.performance import Performance
from hinomi.runtime.drill.reading import event_of
from hinomi.runtime.drill.rows import FaultError, Row, clock
from hinomi.runtime.writer import Writer
from hinomi.vocabulary.times import day_in_japan

log = logging.getLogger("hinomi.drill")

MAX_SPEED = 1e6
SPEED = 60.0
_LOOK_S = 0.5

Tell = Callable[[str, timedelta, timedelta], None]
"""Hears each cue that was played: its name, the exercise's time, its length."""


def _settled() -> None:
    """Leave what follows a write to whoever listens."""


GROUND_AFTER = timedelta(minutes=15)
"""Of the exercise's time."""


class Conductor:
    """Plays one exercise at a time. Safe to use from several threads.

    ``settle`` is called after each statement: where no server runs it lets the models catch up, so
    that an as-of question finds what they made of it then.
    """

    def __init__(
        self,
        writer: Writer,
        catalog: Catalog,
        gazetteer: Gazetteer,
        *,
        settle: Callable[[], Any] = _settled,
    ) -> None:
        self._writer = writer
        self._exercise = ExerciseWriter(writer)
        self._catalog, self._gazetteer = catalog, gazetteer
        self._settle = settle
        self._lock = threading.RLock()
        self._bell = threading.Event()
        self._position = writer.store.position()
        self._grounded = ""
        """The exercise whose ground was stated."""
        self.tell: Tell | None = None
        self.playing: Performance | None = None

    def recover(self) -> None:
        """Say of an exercise that a crash interrupted that it is over."""
        store = self._writer.store
        visible = frozenset(m for m in store.markings() if m.status is Status.EXERCISE)
        query = Query(collection=EXERCISES.id, visible=visible, limit=MAX_LIMIT)
        for stored in store.find(query).items if visible else ():
            if stored.properties()["state"] in {"running", "paused"}:
                self._exercise.put([telling.interrupted(stored, self._writer.now())])

    def start(self, name: str, speed: float = SPEED, by: str = "") -> None:
        """Start a drill, shipped or a file's, from its beginning.

        Raises:
            InputError: one is playing, or the speed makes no sense.
            MissingError: there is no such drill.
            DataError: the file has faults.
        """
        with self._lock:
            if self.playing is not None and self.playing.open:
                raise InputError(
                    "An exercise is playing; stop it first (hinomi drill stop).",
                    "訓練が進行中です。先に終えてください(hinomi drill stop)。",
                )
            check_speed(speed)
            scenario = library.load(name, day_in_japan(self._writer.now()))
            if self.playing is not None:
                self.playing.lower_gauges()
            self.playing = Performance(
                self._exercise, self._catalog, self._gazetteer, scenario, settle=self._settle
            )
            self.playing.begin(speed, by)
        self._bell.set()

    def direct(self, direction: Direction, key: str = "") -> None:
        """Carry out a command.

        Raises:
            InputError: nothing is playing, or the command makes no sense now.
            HinomiError: as :meth:`start`.
        """
        with self._lock:
            if direction.command == "start":
                speed = SPEED if direction.speed is None else direction.speed
                self.start(direction.scenario or library.FIRST, speed, direction.by)
            else:
                self._direct(direction)
            if self.playing is not None:
                self.playing.obeyed(key)
        self._bell.set()

    def _direct(self, direction: Direction) -> None:
        playing = self.playing
        if playing is None or not playing.open:
            raise InputError("No exercise is playing.", "進行中の訓練はありません。")
        match direction.command:
            case "pause":
                playing.pause()
            case "resume":
                playing.resume()
            case "speed":
                playing.set_speed(check_speed(direction.speed))
            case "jump":
                playing.jump(direction.phase)
            case "inject":
                self._inject(playing, direction)
            case "stop" | "start":
                playing.stop()

    def _inject(self, playing: Performance, direction: Direction) -> None:
        now = playing.drill_time()
        cells = {**direction.event, "time": clock(now)}
        try:
            event = event_of(
                Row(0, cells),
                playing.scenario.stage,
                number_=playing.injected + 1,
                by=direction.by or "instructor",
            )
        except FaultError as fault:
            raise DataError([fault.at(0)]) from None
        playing.inject(event)

    def tick(self, stop: threading.Event | None = None) -> float | None:
        """Play what is due; return how long to wait for what is next [s], None where nothing is.

        ``stop`` is looked at between two cues: at a high speed all of them are due at once.
        """
        with self._lock:
            if self.playing is None or not self.playing.open:
                return None
            for cue in self.playing.due():
                if self.tell is not None:
                    self.tell(cue.name, cue.after, self.playing.scenario.length)
                if stop is not None and stop.is_set():
                    break
            self._state_ground(self.playing)
            return self.playing.wait_s()

    def _state_ground(self, playing: Performance) -> None:
        """State the case that the river's warning starts, once the exercise is well under way.

        It takes numpy: the screen does not wait for it.
        """
        known = self._grounded == playing.run or not playing.scenario.fictional
        if known or playing.drill_time() < GROUND_AFTER or not terrain.possible():
            return
        self._grounded = playing.run
        playing.stand()

    def run(self, stop: threading.Event) -> None:
        """Play and obey, until ``stop`` is set; then the exercise is over."""
        self._writer.listeners.append(self._ring)
        try:
            while not stop.is_set():
                self._follow()
                wait = self.tick(stop)
                self._bell.wait(_LOOK_S if wait is None else min(_LOOK_S, max(0.0, wait)))
                self._bell.clear()
        finally:
            self._writer.listeners.remove(self._ring)
            with self._lock:
                if self.playing is not None and self.playing.open:
                    self.playing.stop()

    def play(self, stop: threading.Event) -> None:
        """Play to the end or until ``stop`` is set, obeying nobody else."""
        while not stop.is_set():
            wait = self.tick(stop)
            if wait is None:
                return
            if wait > 0 and stop.wait(wait):
                break
        with self._lock:
            if self.playing is not None and self.playing.open:
                self.playing.stop()

    def wait(self, stop: threading.Event) -> None:
        """Wait while another thread plays what was started, to its end or until ``stop`` is set."""
        mine = self.playing
        while mine is not None and mine.open and not stop.wait(_LOOK_S / 2):
            pass
        with self._lock:
            if mine is not None and mine.open:
                mine.stop()

    def _ring(self, _: int) -> None:
        self._bell.set()

    def _follow(self) -> None:
        """Carry out the commands that instructors have written since."""
        store = self._writer.store
        while True:
            found = store.changes(
                self._position, visible=frozenset({SECRET}), collections=(DIRECTIONS.id,)
            )
            for change in found.items:
                if change.record is not None:
                    self._obey(change.key, change.record.body())
            if found.position == self._position:
                return
            self._position = found.position

    def _obey(self, key: str, body: dict[str, Any]) -> None:
        try:
            self.direct(msgspec.convert(body, Direction), key)
        except HinomiError as error:
            log.warning("a direction was refused: %s", error)
            with self._lock:
                if self.playing is not None:
                    self.playing.refused(key, error.text)
        except Exception:
            log.exception("a direction failed")


def check_speed(speed: float | None) -> float:
    """Return the speed if it makes sense.

    Raises:
        InputError: it is not positive, or beyond all use.
    """
    if speed is None or not 0 < speed < MAX_SPEED:
        raise InputError(
            f"speed={speed}: expected a positive number below {MAX_SPEED:,.0f}.",
            f"速さ {speed}: 0より大きく{MAX_SPEED:,.0f}未満の数です。",
        )
    return speed
