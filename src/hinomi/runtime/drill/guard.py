"""What keeps exercises apart: a writer that marks all it puts, and the end of a run's words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import msgspec

from hinomi.domains.response.collections.exercises import DIRECTIONS, EXERCISES, SCRIPT
from hinomi.kernel.catalog import Catalog
from hinomi.kernel.collections import Kind
from hinomi.kernel.marking import Marking, Status
from hinomi.kernel.records import Complete, Origin, Readings, Record, Stored
from hinomi.kernel.store import MAX_LIMIT, Put, Query, Store
from hinomi.runtime.mqtt.sensing import Sensing
from hinomi.runtime.writer import Writer
from hinomi.vocabulary.areas import AREAS

ADDRESS = "drill:"
"""Begins the address of all that a drill states."""
KEPT = (
    AREAS.id, EXERCISES.id, SCRIPT.id, DIRECTIONS.id,
    "response.population_blocks", "response.road_lines", "hazards.elevation",
    "hazards.sensor_stations", "hazards.sensor_datastreams",
)  # fmt: skip
"""What a run leaves to the next: areas, people, roads, ground, sensors are the same; its story is
for review."""
_ENDS = {Kind.FEATURES, Kind.COVERAGES}
DAILY = ("hazards.gauge_stations",)
"""Stated once a day: what was said of them today is the same today."""


class ExerciseWriter(Writer):
    """A writer that lets nothing actual through: whatever a drill states is marked exercise.

    Gauge and shelter formats have no field for it, and a telegram written wrongly must not pass
    for a real one, so the mark is set at the one place through which everything goes.
    """

    def __init__(self, inner: Writer) -> None:
        super().__init__(inner.store, now=inner.now)
        self._inner = inner
        self.sensing = Sensing(inner)
        """The sensors' door; it takes what is said in exercises for sensors of exercises alone."""

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


def clear(writer: Writer, catalog: Catalog) -> datetime:
    """End all that a run left standing: its statements, what was made of them, players' entries.

    The history keeps everything. What real senders stated as 訓練 stays: it is not ours to end.

    Returns:
        The whole second from which on new statements are later than what was ended.
    """
    store = writer.store
    visible = frozenset(m for m in store.markings() if m.status is Status.EXERCISE)
    said_at = writer.now()
    found: dict[tuple[str, str, Marking], list[str]] = {}
    for collection in catalog.collections.values():
        if collection.kind not in _ENDS or collection.id in (*KEPT, *DAILY):
            continue
        if collection.id.startswith("operations."):
            continue
        for stored in _standing(store, collection.id, visible):
            if _of_a_run(store, stored, visible):
                lane = (stored.collection, stored.source, stored.marking)
                found.setdefault(lane, []).append(stored.key)
                said_at = max(said_at, stored.said_at + timedelta(microseconds=1))
    lists = [
        Complete(
            collection=collection,
            source=source,
            said_at=said_at,
            covers=tuple(keys),
            keys=(),
            marking=marking,
            origin=Origin(address=f"{ADDRESS}clear"),
        )
        for (collection, source, marking), keys in found.items()
    ]
    if lists:
        writer.put([], [], lists)
    return said_at.replace(microsecond=0) + timedelta(seconds=1)


def _standing(store: Store, collection: str, visible: frozenset[Marking]) -> Iterator[Stored]:
    if not visible:
        return
    query = Query(collection=collection, visible=visible, beside=True, limit=MAX_LIMIT)
    while True:
        page = store.find(query)
        yield from page.items
        if page.next is None:
            return
        query = msgspec.structs.replace(query, after=page.next)


def _of_a_run(store: Store, stored: Stored, visible: frozenset[Marking]) -> bool:
    trace = store.trace(stored.id, visible=visible)
    return trace is not None and any(
        origin.address.startswith(ADDRESS) or origin.run or origin.entered_by
        for origin, _ in trace.origins
    )


def _exercise(marking: Marking) -> Marking:
    if marking.status is Status.EXERCISE:
        return marking
    return Marking(Status.EXERCISE, marking.disclosure, marking.audience)
