"""What may ring, as it stands, and what that changes: an alert begins, is restated, is over."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

import msgspec

from hinomi.domains.response.collections.alerts import ALERTS, Alert, Kind
from hinomi.kernel.errors import Text
from hinomi.kernel.reader import Reader
from hinomi.kernel.records import Interval, Origin, Record, Stored

SOURCE = "hinomi"
_BATCH = 200


class Thing(msgspec.Struct, frozen=True, kw_only=True):
    """A municipality, river, coast or quake as it stands."""

    id: str
    """Begins the keys of its alerts; no slash in it."""
    start: datetime
    """When it became so, or was said to be so."""
    inputs: tuple[str, ...]
    """Ids of the records that say so."""
    rank: int = 0
    """How grave among its kind; 0: nothing that anyone must hear."""
    kind: Kind = "level"
    level: int = 0
    area_code: str = ""
    name: Text = Text("", "")
    heading: Text = Text("", "")
    text: Text = Text("", "")
    areas: tuple[str, ...] = ()
    coast: str = ""
    strengths: dict[str, float] = {}
    until: datetime | None = None
    """After this it is no news."""
    reached: bool = False
    """``start`` is when the rank was reached, not when it was last restated."""
    once: bool = False
    """It happens once; its words and areas follow what becomes known (a quake)."""


class Raised(msgspec.Struct, frozen=True):
    """An alert that stands."""

    item: Stored
    alert: Alert


Things = Callable[[Reader, Sequence[str] | None, dict[str, list[Raised]]], Iterable[Thing]]
"""From the changed keys (None: all) and the raised alerts, by thing, to the things as they are."""


def statements(reader: Reader, collection: str, keys: Sequence[str] | None) -> Iterable[Stored]:
    """Yield the statements that stand about these keys (None: about all)."""
    if keys is None:
        yield from reader.every(collection)
        return
    for at in range(0, len(keys), _BATCH):
        yield from reader.every(collection, keys=tuple(keys[at : at + _BATCH]))


def withdrawn(reader: Reader, collection: str, key: str, name: str) -> Iterable[Thing]:
    """Yield the thing as over, of which nothing stands any more."""
    said = reader.history(collection, key, limit=1000).items
    if said:
        yield Thing(id=name, start=said[-1].said_at, inputs=(said[-1].id,))


def turned(thing: Thing, raised: Sequence[Raised]) -> list[Record]:
    """Return what changes for one thing.

    What falls from 5 to 4 ends no alert and begins none; what is reached again does.
    """
    if thing.rank == 0:
        return [over(r, thing.start, thing.inputs) for r in raised]
    for one in raised:
        rank = one.alert.rank or one.alert.level
        same = one.alert.raised_at == thing.start or not thing.reached
        if rank > thing.rank or (rank == thing.rank and same):
            return _restated(thing, one) if rank == thing.rank and thing.once else []
    return [_begun(thing), *(over(r, thing.start, thing.inputs) for r in raised)]


def over(raised: Raised, at: datetime, inputs: tuple[str, ...]) -> Record:
    """Return the statement that an alert is over."""
    item, alert = raised.item, raised.alert
    return Record(
        collection=ALERTS.id,
        key=item.key,
        said_at=max(at, item.said_at),
        body=msgspec.structs.replace(alert, state="over", over_at=at),
        source=SOURCE,
        when=Interval(alert.raised_at, max(at, alert.raised_at)),
        origin=Origin(inputs=(*inputs, item.id)),
    )


def _begun(thing: Thing) -> Record:
    turn = "" if thing.once else f"/{thing.start:%Y%m%dT%H%M%SZ}"
    return _record(thing, f"{thing.id}/{thing.rank}{turn}", thing.start, thing.start)


def _restated(thing: Thing, before: Raised) -> list[Record]:
    alert = before.alert
    if (alert.text, alert.areas, alert.strengths) == (thing.text.ja, thing.areas, thing.strengths):
        return []
    said_at = max(thing.start, before.item.said_at)
    return [_record(thing, before.item.key, said_at, alert.raised_at)]


def _record(thing: Thing, key: str, said_at: datetime, raised_at: datetime) -> Record:
    return Record(
        collection=ALERTS.id,
        key=key,
        said_at=said_at,
        body=Alert(
            kind=thing.kind,
            area_code=thing.area_code,
            area_name=thing.name.ja,
            area_name_en=thing.name.en,
            areas=thing.areas,
            coast=thing.coast,
            strengths=thing.strengths,
            level=thing.level,
            rank=thing.rank,
            heading=thing.heading.ja,
            heading_en=thing.heading.en,
            text=thing.text.ja,
            text_en=thing.text.en,
            state="raised",
            raised_at=raised_at,
        ),
        source=SOURCE,
        when=Interval(raised_at, None if thing.until is None else max(thing.until, raised_at)),
        origin=Origin(inputs=thing.inputs),
    )
