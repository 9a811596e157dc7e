"""One run of a scenario: its clock, what is still to come, what was played."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from hinomi.domains.response.collections.exercises import ClockPart, Exercise, Phase, RunState
from hinomi.kernel.catalog import Catalog
from hinomi.kernel.errors import InputError, MissingError, Text
from hinomi.kernel.ports import Gazetteer
from hinomi.kernel.records import Record
from hinomi.runtime.drill import areas, cuts, evacuees, observations, posts, telling, terrain
from hinomi.runtime.drill.cue import Cue, Memory, Moment
from hinomi.runtime.drill.cues import cues
from hinomi.runtime.drill.guard import ADDRESS, ExerciseWriter, clear
from hinomi.runtime.drill.posts_cues import FAMILY as SENSORS
from hinomi.runtime.drill.posts_cues import dry
from hinomi.runtime.drill.rows import FaultError, after_of, clock
from hinomi.runtime.drill.scenario import LOW_M, Event, Scenario
from hinomi.runtime.intake import Intake
from hinomi.runtime.mqtt.messages import Message, Sense

log = logging.getLogger("hinomi.drill")

SECOND = timedelta(seconds=1)


class Performance:
    """A scenario being played; not safe without its conductor's lock."""

    def __init__(
        self,
        writer: ExerciseWriter,
        catalog: Catalog,
        gazetteer: Gazetteer,
        scenario: Scenario,
        *,
        settle: Callable[[], Any],
    ) -> None:
        self.scenario = scenario
        self.injected = 0
        self.run = ""
        self.state: RunState = "running"
        self.speed = 0.0
        self.started_at = self.ended_at = writer.now()
        self._writer, self._catalog, self._settle = writer, catalog, settle
        self._intake = Intake(writer, catalog, gazetteer)
        self._gazetteer = gazetteer
        self._clock: list[ClockPart] = []
        self._pending: list[Cue] = []
        self._played: set[str] = set()
        self._memory = Memory()
        self._said: dict[str, datetime] = {}
        self._floor = self.started_at
        self._phase = ""
        self._direction = ""
        self._refused = Text("", "")
        self._stood = False

    @property
    def open(self) -> bool:
        """Tell whether it is going on, be it in a pause."""
        return self.state in {"running", "paused"}

    def drill_time(self) -> timedelta:
        """Return the exercise's own time now."""
        part = self._clock[-1]
        gone = (self._writer.now() - part.at).total_seconds() * part.speed
        return min(self.scenario.length, timedelta(seconds=part.drill_s + gone))

    def begin(self, speed: float, by: str) -> None:
        """Start from the beginning; what an earlier run left standing is over."""
        del by
        self._floor = clear(self._writer, self._catalog)
        if self.scenario.fictional:
            seed = self.scenario.seed
            self._writer.put([*areas.records(seed), *evacuees.stage(seed)])
        self.started_at = self._writer.now()
        self.run = telling.run_id(self.started_at)
        self._open_case(self.started_at)
        self.speed = speed
        self._clock = [ClockPart(self.started_at, 0.0, speed)]
        self._pending = cues(self.scenario)
        self._state()
        self._script("coming", self.scenario.events)

    def due(self) -> Iterator[Cue]:
        """Play what is due, one after the other, yielding each; end where all is."""
        while self.state == "running":
            now = self.drill_time()
            self._enter_phase(now)
            if not self._pending or self._pending[0].after > now:
                break
            cue = self._pending.pop(0)
            self._play(cue)
            yield cue
        over = not self._pending and self.drill_time() >= self.scenario.length
        if self.state == "running" and over:
            self._finish("ended")

    def wait_s(self) -> float | None:
        """Return how long until something is due [s]; None while it stands still."""
        if not self.open:
            return None
        if self.state == "paused":
            return 1.0
        upcoming = self._pending[0].after if self._pending else self.scenario.length
        return (upcoming - self.drill_time()) / SECOND / self.speed

    def pause(self) -> None:
        """Let the clock stand still."""
        if self.state == "paused":
            raise InputError("It is paused already.", "既に一時停止しています。")
        self._turn(self.drill_time(), 0.0)
        self.state = "paused"
        self._state()

    def resume(self) -> None:
        """Let the clock go on."""
        if self.state != "paused":
            raise InputError("It is not paused.", "一時停止していません。")
        self._turn(self.drill_time(), self.speed)
        self.state = "running"
        self._state()

    def set_speed(self, speed: float) -> None:
        """Go on at another speed."""
        now = self.drill_time()
        self.speed = speed
        self._turn(now, speed if self.state == "running" else 0.0)
        self._state()

    def jump(self, where: str) -> None:
        """Go to a phase (or a time, ``2:30``): what would stand then is stated at once.

        Of what changes with time only the last state is stated; quakes and what players are told
        come all. Backwards, all that was stated is over first.

        Raises:
            MissingError: there is no such phase.
            InputError: the time is beyond the end.
        """
        target = self._target(where)
        if target < self.drill_time():
            self._rewind(target)
        self._turn(target, self.speed if self.state == "running" else 0.0)
        passed = [cue for cue in self._pending if cue.after <= target]
        last = {cue.family: cue.name for cue in passed if cue.family}
        for cue in passed:
            self._pending.remove(cue)
            if cue.family and last[cue.family] != cue.name:
                self._skip(cue)
            else:
                self._play(cue)
        self._enter_phase(target)
        self._state()

    def inject(self, event: Event) -> None:
        """Take an event into the story, now."""
        self.injected = event.number
        self.scenario = self.scenario.with_event(event)
        self._pending = [
            cue
            for cue in cues(self.scenario)
            if cue.after >= event.after
            and (cue.name not in self._played or event.key in cue.events)
        ]
        self._script("coming", (event,))
        self._state()
        for _ in self.due():
            pass
        if self.state == "paused":
            # What is due now comes in a pause too; what follows waits.
            while self._pending and self._pending[0].after <= self.drill_time():
                self._play(self._pending.pop(0))

    def stop(self) -> None:
        """Call it off; what was stated stays to be looked at."""
        self._finish("stopped")

    def lower_gauges(self) -> None:
        """Let no gauge stand high for the next exercise: readings cannot be taken back."""
        if self.scenario.stage.gauges:
            self._take("gauges_stop.json", "gauges", self._low_gauges)
        if self._memory.depths:
            self._take("sensors_stop.json", SENSORS, dry)

    def stand(self) -> None:
        """State the fictional town's ground and its sensors, once: the same in every run."""
        if self._stood:
            return
        self._stood = True
        seed = self.scenario.seed
        record, blob = terrain.case(seed)
        self._writer.store.put_blob(blob)
        self._writer.put([record])
        for name, data in (
            ("drill-ground.tif", terrain.elevation(seed)),
            ("drill_sensors.csv", posts.station_list(seed)),
        ):
            self._intake.take(data, name, f"{ADDRESS}{name}", areas.SAID_AT)

    def obeyed(self, key: str) -> None:
        """Note that a command was carried out."""
        self._direction, self._refused = key, Text("", "")
        self._state()

    def refused(self, key: str, why: Text) -> None:
        """Note that a command was not carried out, and why."""
        self._direction, self._refused = key, why
        self._state()

    def _target(self, where: str) -> timedelta:
        named = {name: after for after, name in self.scenario.phases()}
        if where in named:
            return named[where]
        try:
            after = after_of(where)
        except FaultError:
            raise MissingError(Text("局面", "phase"), where, named) from None
        if after > self.scenario.length:
            raise InputError(
                f"{where} is beyond the end ({clock(self.scenario.length)}).",
                f"{where}は終わり({clock(self.scenario.length)})より後です。",
            )
        return after

    def _rewind(self, target: timedelta) -> None:
        self._floor = max(clear(self._writer, self._catalog), *self._said.values(), self._floor)
        self._memory = Memory()
        self._played = set()
        self._pending = cues(self.scenario)
        self._phase = ""
        self._open_case(self._floor)
        self._script("coming", [e for e in self.scenario.events if e.after > target])

    def _open_case(self, at: datetime) -> None:
        """State the case that is planned for the people on the stage; they stay where they are."""
        if self.scenario.fictional:
            self._writer.put(evacuees.cases(self.run, at))

    def _turn(self, drill: timedelta, speed: float) -> None:
        self._clock.append(ClockPart(self._writer.now(), drill.total_seconds(), speed))

    def _play(self, cue: Cue) -> None:
        self._played.add(cue.name)
        if cue.make is not None:
            self._take(cue.name, cue.family or cue.name[:6], cue.make)
        told = [e for e in self.scenario.events if e.key in cue.events]
        # Not before what a jump has taken back.
        now = max(self._writer.now(), self._floor)
        records = [telling.inject(self.run, e, now, self.drill_time()) for e in told if e.text]
        for event in told:
            records += cuts.records(self.run, self.scenario, event, now, self._gazetteer)
        if records:
            self._writer.put(records)
        self._script("played", told)
        self._settle()

    def _skip(self, cue: Cue) -> None:
        """Pass over a state that a later one replaces; what is told in words is told."""
        self._played.add(cue.name)
        skipped = [e for e in self.scenario.events if e.key in cue.events]
        if cue.make is not None and not cue.family.startswith(("gauges", "shelters")):
            self._script("skipped", skipped)

    def _take(self, name: str, family: str, make: Callable[[Moment, Memory], bytes | None]) -> None:
        at = self._writer.now()
        # Telegrams tell whole seconds: played very fast, two would share one and have no order.
        last = self._said.get(family)
        said = max(at, self._floor, at if last is None else last + SECOND)
        data = make(Moment(said, self._world), self._memory)
        if data is None:
            return
        self._said[family] = said
        if family == SENSORS:
            self._hear(data, name)
            return
        report = self._intake.take(data, name, f"{ADDRESS}{self.run}/{name}", said)
        log.info("drill %s: %s, %d new", self.run, name, report.records_new)

    def _hear(self, data: bytes, name: str) -> None:
        """Let the sensors' door take what they sent, as from the town's broker."""
        self.stand()  # Played very fast, they speak before the conductor comes to it.
        sensing = self._writer.sensing
        message = Message("sensorthings", "v1.1/CreateObservations", data)
        found = sensing.take(Sense(messages=(message,), status="exercise"), f"{ADDRESS}{self.run}")
        sensing.ring()
        log.info("drill %s: %s, %d new", self.run, name, found.new)

    def _world(self, drill: timedelta) -> datetime:
        part = self._clock[-1]
        ahead = drill - timedelta(seconds=part.drill_s)
        return part.at + ahead / (self.speed or 1.0)

    def _low_gauges(self, moment: Moment, memory: Memory) -> bytes:
        del memory
        levels = {gauge.code: LOW_M for gauge in self.scenario.stage.gauges}
        return observations.gauge_snapshot(self.scenario.stage, moment.at, levels)

    def _enter_phase(self, now: timedelta) -> None:
        phase = next((n for at, n in reversed(self.scenario.phases()) if at <= now), "")
        if phase != self._phase:
            self._phase = phase
            self._state()

    def _finish(self, state: RunState) -> None:
        self._turn(self.drill_time(), 0.0)
        self.state, self.ended_at = state, self._writer.now()
        self._script("skipped", [e for c in self._pending for e in self._events(c)])
        self._pending = []
        self._state()
        self._settle()

    def _events(self, cue: Cue) -> list[Event]:
        return [e for e in self.scenario.events if e.key in cue.events]

    def _script(self, state: Any, events: Any) -> None:
        now = self._writer.now()
        played = now if state == "played" else None
        records: list[Record] = [
            telling.script(self.run, self.scenario, event, now, state, played)
            for event in events
            if event.scripted
        ]
        if records:
            self._writer.put(records)

    def _state(self) -> None:
        ja, en = telling.WORDS[self.state]
        body = Exercise(
            title=self.scenario.title,
            scenario=self.scenario.name,
            state=self.state,
            words_ja=ja,
            words_en=en,
            speed=self.speed,
            phase=self._phase,
            phases=tuple(Phase(name, at.total_seconds()) for at, name in self.scenario.phases()),
            length_s=self.scenario.length.total_seconds(),
            started_at=self.started_at,
            ended_at=None if self.open else self.ended_at,
            clock=tuple(self._clock),
            direction=self._direction,
            refused_ja=self._refused.ja,
            refused_en=self._refused.en,
        )
        self._writer.put([telling.exercise(self.run, body, self._writer.now())])
