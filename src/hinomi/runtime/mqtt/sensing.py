"""Messages to readings: every door of the sensors ends here, in the writer's process."""

from __future__ import annotations

import logging
import threading
import time as timing
from collections.abc import Callable, Iterable, Iterator

from hinomi.domains.hazards.collections.sensors import READINGS
from hinomi.domains.hazards.observe.sensors import decoders, series_id
from hinomi.kernel.errors import DataError, Problem, Text
from hinomi.kernel.marking import Principal
from hinomi.kernel.records import (
    GOOD,
    MISSING,
    SUSPECT,
    UNCHECKED,
    Origin,
    Readings,
    Series,
    micros,
)
from hinomi.runtime import operations
from hinomi.runtime.mqtt.messages import Message, Row, Sense, Sensed
from hinomi.runtime.mqtt.plain import read_plain
from hinomi.runtime.mqtt.registry import Registry
from hinomi.runtime.writer import Writer
from hinomi.standards import lorawan, sensorthings
from hinomi.standards.mqtt import MOST_BYTES

log = logging.getLogger("hinomi.sensors")

AHEAD_S = 600
"""A sensor's clock may be so far ahead [s]; what is later is no reading of now."""
MOST_FRAMES = 200_000
"""Frames that are remembered so that one told twice is counted once."""
RING_S = 5.0
"""The models look at the sensors at most so often [s]: each run looks at all of them."""
MOST_PROBLEMS = 100


class Sensing:
    """Takes messages in, in batches: one transaction for all that a call brings."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self.registry = Registry(writer.store)
        self._frames: dict[tuple[str, str, int, str], None] = {}
        self._lock = threading.Lock()
        self._rang = 0.0
        self._due: threading.Timer | None = None
        self._told: set[tuple[str, str]] = set()

    def take(self, given: Sense, address: str = "") -> Sensed:
        """Take messages and rows in; durable on return.

        A message with a fault is left out whole and told; the others go on.
        """
        with self._lock:
            self.registry.refresh()
            intake = _Intake(self, given, micros(self._writer.now()))
            for message in given.messages:
                intake.message(message)
            for row in given.rows:
                intake.row(row)
            new, known = self._put(intake, address, given.principal)
            self._remember(intake.frames)
        for problem in intake.problems:
            self._alarm(problem)
        return Sensed(new, known, tuple(intake.problems[:MOST_PROBLEMS]))

    @property
    def writer(self) -> Writer:
        """The one door to the store."""
        return self._writer

    def knows(self, frame: tuple[str, str, int, str]) -> bool:
        """Tell whether a frame was taken in already."""
        return frame in self._frames

    def ring(self) -> None:
        """Wake the models now, if something was put that they were not told of."""
        with self._lock:
            due, self._due = self._due, None
            if due is not None:
                due.cancel()
                self._tell()

    def _put(self, intake: _Intake, address: str, principal: Principal | None) -> tuple[int, int]:
        if not intake.rows:
            return 0, 0
        origin = Origin(address=address, entered_by=principal.name if principal else "")
        batch = Readings(series=tuple(intake.series), rows=intake.rows, origin=origin)
        with self._writer.lock:
            put = self._writer.store.put([], [batch], at=self._writer.now())
        if put.readings_new:
            self._wake()
        return put.readings_new, put.readings_known

    def _wake(self) -> None:
        """Tell the models now, or a moment later for all that comes until then."""
        if self._due is not None:
            return
        wait_s = self._rang + RING_S - timing.monotonic()
        if wait_s <= 0:
            self._tell()
            return
        self._due = threading.Timer(wait_s, self.ring)
        self._due.daemon = True
        self._due.start()

    def _tell(self) -> None:
        self._rang = timing.monotonic()
        position = self._writer.store.position()
        for listener in self._writer.listeners:
            listener(position)

    def _remember(self, frames: Iterable[tuple[str, str, int, str]]) -> None:
        self._frames.update(dict.fromkeys(frames))
        while len(self._frames) > MOST_FRAMES:
            del self._frames[next(iter(self._frames))]

    def _alarm(self, problem: Problem) -> None:
        """Tell people once of each kind of fault of each sender; all are counted in the log."""
        log.warning("hop=3 sensors %s %s: %s", problem.code, problem.path, problem.text.en)
        if problem.grade == "note" or (problem.code, problem.path) in self._told:
            return
        if len(self._told) >= 1_000:
            return
        self._told.add((problem.code, problem.path))
        key = operations.alarm_key("sensors", problem)
        visible = frozenset({operations.INTERNAL})
        store = self._writer.store
        if store.history(operations.ALARMS.id, key, visible=visible).items:
            return
        alarm = operations.alarm_of("sensors", problem)
        self._writer.put([operations.alarm_record(key, alarm, at=self._writer.now())])


_LONG = Text("メッセージが長すぎます。捨てました。", "The message is too long, and was left out.")


class _Intake:
    """One call's messages on their way to one batch."""

    def __init__(self, sensing: Sensing, given: Sense, now: int) -> None:
        self._sensing = sensing
        self._registry = sensing.registry
        self._status = given.status
        self._principal = given.principal
        self._now = now
        self._latest = now + AHEAD_S * 1_000_000
        self.series: list[Series] = []
        self._at: dict[str, int] = {}
        self.rows: list[tuple[int, int, float, int]] = []
        self.frames: dict[tuple[str, str, int, str], None] = {}
        self.problems: list[Problem] = []

    def message(self, message: Message) -> None:
        """Take one message in, or say why not; one with a fault is left out whole."""
        if message.left_out:
            found, most = f"{message.left_out:,} B", f"<= {MOST_BYTES:,} B"
            self.problems.append(Problem("sensors.too-long", message.topic, _LONG, "error", found,
                                         most))  # fmt: skip
            return
        try:
            rows = [(self._index(row), row) for row in _READ[message.form](self, message)]
        except DataError as error:
            self.problems += [p.within(message.topic) for p in error.problems]
            return
        for index, row in rows:
            self._add(index, row)

    def row(self, row: Row) -> None:
        """Take one reading in."""
        try:
            self._add(self._index(row), row)
        except DataError as error:
            self.problems += error.problems

    def _add(self, index: int, row: Row) -> None:
        time = self._now if row.time is None else row.time
        self.rows.append((index, time, row.value, row.quality))

    def _index(self, row: Row) -> int:
        """Return where the row's series stands in the batch.

        Raises:
            DataError: there is no such series for the caller, or the time is ahead of now.
        """
        index = self._at.get(row.series)
        if index is None:
            series = self._registry.series.get((row.series, self._status))
            if series is None or (
                self._principal is not None and not self._principal.may_see(series.marking)
            ):
                raise _refused("sensors.unknown", _UNKNOWN, row.series)
            index = self._at[row.series] = len(self.series)
            self.series.append(series)
        if row.time is not None and row.time > self._latest:
            raise _refused("sensors.future", _FUTURE, sensorthings.time_text(row.time))
        return index

    def sensorthings(self, message: Message) -> Iterable[Row]:
        """Return what a SensorThings message holds."""
        topic = sensorthings.parse_topic(message.topic)
        name = topic.datastream if topic else ""
        data = message.data
        if data.startswith(b"[") or b'"dataArray"' in data:
            return [
                Row(one.datastream, one.time, one.value, one.quality)
                for array in sensorthings.decode_arrays(data, name)
                for one in array.observations
            ]
        found = sensorthings.decode_observation(data, name)
        return (Row(found.datastream, found.time, found.value, found.quality),)

    def plain(self, message: Message) -> Iterator[Row]:
        """Yield what a flat JSON object says."""
        for key, measured, time, value in read_plain(message):
            yield Row(series_id(key, measured), time, value, UNCHECKED)

    def chirpstack(self, message: Message) -> Iterator[Row]:
        """Yield what ChirpStack's uplink says."""
        yield from self._uplink(lorawan.decode_chirpstack(message.data))

    def tts(self, message: Message) -> Iterator[Row]:
        """Yield what The Things Stack's uplink says."""
        yield from self._uplink(lorawan.decode_tts(message.data))

    def _uplink(self, uplink: lorawan.Uplink) -> Iterator[Row]:
        device = self._registry.devices.get((uplink.device, self._status))
        if device is None or (
            self._principal is not None and not self._principal.may_see(device.marking)
        ):
            raise _refused("sensors.device", _UNKNOWN, uplink.device)
        frame = (*uplink.frame, self._status)
        if frame in self.frames or self._sensing.knows(frame):
            return
        decoder = decoders().get(device.decoder or "named")
        if decoder is None:
            raise _refused("sensors.decoder", _DECODER, device.decoder)
        if decoder.port and decoder.port != uplink.port:
            return
        values = lorawan.decode_payload(decoder, uplink.payload, uplink.values)
        self.frames[frame] = None
        for value in values:
            quality = GOOD if value.sure else SUSPECT
            yield Row(series_id(device.key, value.property), uplink.time, value.value, quality)


_Read = Callable[[_Intake, Message], Iterable[Row]]
_READ: dict[str, _Read] = {
    "sensorthings": _Intake.sensorthings,
    "plain": _Intake.plain,
    "chirpstack": _Intake.chirpstack,
    "tts": _Intake.tts,
}
DELETED = (float("nan"), MISSING)
"""Value and quality of an observation that was taken back."""


def _refused(code: str, text: Text, found: str) -> DataError:
    return DataError([Problem(code, "", text, "alarm", found[:100])])


_UNKNOWN = Text(
    "登録されていないセンサーです。一覧に加えてください。",
    f"The sensor is not registered (collection {READINGS.id}); add it to the list of sensors.",
)
_FUTURE = Text("10分以上先の時刻です。", "The time is more than ten minutes ahead.")
_DECODER = Text("デコーダがありません。", "There is no such payload decoder.")
