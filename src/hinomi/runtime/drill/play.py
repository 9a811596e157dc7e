"""Play a drill through the same doors as real data; all that it states is stamped 訓練."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from datetime import timedelta

import msgspec

from hinomi.kernel.catalog import Catalog
from hinomi.kernel.errors import InputError, MissingError, Text
from hinomi.kernel.marking import Marking, Status
from hinomi.kernel.ports import Gazetteer
from hinomi.kernel.records import Complete, Readings, Record
from hinomi.kernel.store import Put
from hinomi.runtime.drill import areas, scenario
from hinomi.runtime.drill.scenario import Step
from hinomi.runtime.intake import Intake
from hinomi.runtime.writer import Writer

log = logging.getLogger("hinomi.drill")

DRILLS = {"typhoon": scenario.steps}
"""The shipped drills by name."""

Tell = Callable[[Step, timedelta], None]
"""Hears each step that was played and the drill time left."""


class ExerciseWriter(Writer):
    """A writer that lets nothing actual through: whatever a drill states is marked exercise.

    Gauge and shelter formats have no field for it, and a telegram written wrongly must not pass
    for a real one, so the mark is set at the one place through which everything goes.
    """

    def __init__(self, inner: Writer) -> None:
        super().__init__(inner.store, now=inner.now)
        self._inner = inner

    def put(
        self,
        records: Sequence[Record],
        readings: Sequence[Readings] = (),
        complete: Sequence[Complete] = (),
    ) -> Put:
        """Append in one transaction, everything marked exercise."""
        replace = msgspec.structs.replace
        return self._inner.put(
            [replace(r, marking=_exercise(r.marking)) for r in records],
            [
                replace(
                    batch,
                    series=tuple(replace(s, marking=_exercise(s.marking)) for s in batch.series),
                )
                for batch in readings
            ],
            [replace(c, marking=_exercise(c.marking)) for c in complete],
        )


def play(  # noqa: PLR0913  (the hub assembles all of it)
    writer: Writer,
    catalog: Catalog,
    gazetteer: Gazetteer,
    stop: threading.Event,
    *,
    name: str = "typhoon",
    speed: float = 60.0,
    tell: Tell | None = None,
) -> None:
    """Play a drill to its end, or until ``stop`` is set.

    Args:
        writer: the one writer of the store.
        catalog: the sources that read the payloads.
        gazetteer: the area master; the drill's own areas are put into it first.
        stop: ends the drill when it is set.
        name: one of :data:`DRILLS`.
        speed: drill time over real time; 60 plays an hour in a minute.
        tell: hears each step as it is played, and the drill time left.

    Raises:
        MissingError: there is no drill of that name.
        InputError: the speed is not positive.
    """
    if name not in DRILLS:
        raise MissingError(Text("訓練", "drill"), name, DRILLS)
    if not 0 < speed < 1e6:
        raise InputError(f"speed={speed}: expected a positive number below 1,000,000.")
    exercise = ExerciseWriter(writer)
    start = writer.now()
    exercise.put(areas.records())
    intake = Intake(exercise, catalog, gazetteer)
    steps = DRILLS[name](start, speed)
    for step in steps:
        due = start + step.after / speed
        wait_s = (due - writer.now()).total_seconds()
        if wait_s > 0 and stop.wait(wait_s):
            return
        if stop.is_set():
            return
        report = intake.take(step.data, step.name, f"drill:{name}/{step.name}", writer.now())
        log.info("drill %s at +%s: %s, %d new", name, step.after, step.name, report.records_new)
        if tell is not None:
            tell(step, steps[-1].after - step.after)


def _exercise(marking: Marking) -> Marking:
    if marking.status is not Status.ACTUAL:
        return marking
    return Marking(Status.EXERCISE, marking.disclosure, marking.audience)
