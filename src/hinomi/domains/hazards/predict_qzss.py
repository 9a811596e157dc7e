"""One early warning, one eruption: the satellite's statement goes to the key of JMA's.

The satellite names neither quake nor eruption, so its statements begin under keys of their own
(``qzss-<minute>``). Once JMA's telegram of the same event is here, in either order, the satellite's
statement is stated again under JMA's key, beside it, and withdrawn under its own: who asks for
what stands is given one. What the satellite or JMA cancels later is withdrawn there too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from hinomi.domains.hazards.collections.quakes import EEW, Eew
from hinomi.domains.hazards.collections.volcanoes import VOLCANOES, Volcano
from hinomi.domains.hazards.qzss_quakes import NEAR, PREFIX, same
from hinomi.kernel.errors import Text
from hinomi.kernel.ports import Model, Parsed
from hinomi.kernel.reader import Reader
from hinomi.kernel.records import Origin, Record, Stored

SATELLITE = "qzss"
BEHIND_JMA = -1
"""As the satellite's other statements: of one ``said_at`` JMA's is shown."""
CUT = timedelta(seconds=75)
"""The satellite cuts an origin time to its minute; a first hypocentre is some seconds off."""
ERUPTION = timedelta(minutes=10)
"""Between the times that a flash report and an observation give for one eruption."""
_LONG = timedelta(hours=1)
_PAGE = 1000


class _Kind(msgspec.Struct, frozen=True):
    """How the satellite's statements of one collection find JMA's."""

    collection: str
    schema: type[Eew] | type[Volcano]
    is_satellites: Callable[[str], bool]
    at: Callable[[Stored], datetime | None]
    same: Callable[[Stored, Stored], bool]
    moved: Callable[[Any, Stored], tuple[str, Any]]
    """(body of the satellite's, JMA's statement) -> key and body under JMA's event."""


def _quake_time(item: Stored) -> datetime | None:
    said = item.body()
    stated = said.get("origin_time") or said.get("detected_at")
    return datetime.fromisoformat(stated) if stated else item.when.start


def _same_quake(satellite: Stored, jma: Stored) -> bool:
    """Tell whether two early warnings are of one quake.

    Their first hypocentres may lie in two regions: a warned prefecture in common is enough where
    the times are within what the cut of the seconds explains.
    """
    mine, theirs = _quake_time(satellite), _quake_time(jma)
    if mine is None or theirs is None or abs(mine - theirs) >= NEAR:
        return False
    if not jma.body().get("warned"):
        return False
    if same(satellite, jma):
        return True
    areas = {a["name"] for a in satellite.body().get("areas", ()) if a.get("name")}
    shared = any(
        str(a.get(field, "")).startswith(name)
        for a in jma.body().get("areas", ())
        for field in ("prefecture", "name")
        for name in areas
    )
    return shared and abs(mine - theirs) <= CUT


def _moved_warning(body: Any, jma: Stored) -> tuple[str, Any]:
    event = jma.key.partition("/")[0]
    return f"{event}/warning", msgspec.structs.replace(body, event_id=event)


def _eruption_time(item: Stored) -> datetime | None:
    stated = item.body().get("happened_at")
    return datetime.fromisoformat(stated) if stated else item.when.start


def _same_eruption(satellite: Stored, jma: Stored) -> bool:
    mine, theirs = _eruption_time(satellite), _eruption_time(jma)
    if jma.body().get("part") not in {"flash", "eruption"} or mine is None or theirs is None:
        return False
    codes = [item.key.partition("/")[0] for item in (satellite, jma)]
    return codes[0] == codes[1] and abs(mine - theirs) <= ERUPTION


def _moved_eruption(body: Any, jma: Stored) -> tuple[str, Any]:
    code, _, event = jma.key.split("/", 2)
    return f"{code}/flash/{event}", msgspec.structs.replace(body, event_id=event)


KINDS = (
    _Kind(
        EEW.id,
        Eew,
        lambda key: key.startswith(PREFIX),
        _quake_time,
        _same_quake,
        _moved_warning,
    ),
    _Kind(
        VOLCANOES.id,
        Volcano,
        lambda key: f"/flash/{PREFIX}" in key,
        _eruption_time,
        _same_eruption,
        _moved_eruption,
    ),
)


def predict_one_event(reader: Reader, keys: dict[str, Sequence[str]]) -> Parsed:
    """Return the satellite's statements under JMA's keys, and what is withdrawn for it."""
    records: dict[tuple[str, str], Record] = {}
    for kind in KINDS:
        changed = keys.get(kind.collection, ())
        if keys and not changed:
            continue
        asked = changed or [i.key for i in reader.every(kind.collection, beside=True)]
        for key in dict.fromkeys(asked):
            for record in _told(reader, kind, key):
                records[record.collection, record.key] = record
    return Parsed(records=list(records.values()), kind=SATELLITE)


def _told(reader: Reader, kind: _Kind, key: str) -> list[Record]:
    """Return what the change of one key moves or ends."""
    spoken = reader.history(kind.collection, key, limit=_PAGE).items
    if not spoken:
        return []
    last = spoken[-1]
    near = _near(reader, kind, last)
    own = [i for i in near if i.source == SATELLITE and kind.is_satellites(i.key)]
    theirs = [i for i in near if i.source != SATELLITE]
    moved = [i for i in near if i.source == SATELLITE and not kind.is_satellites(i.key)]
    records = []
    for item in own:
        jma = [i for i in theirs if kind.same(item, i)]
        if key in {item.key, *(i.key for i in jma)} and jma:
            records += _move(kind, item, max(jma, key=lambda i: i.said_at))
    if last.retracts and last.source != SATELLITE:
        records += [_withdrawn(kind, i, last) for i in moved if i.key == key]
    if kind.is_satellites(key) and last.retracts and _by_source(reader, last):
        # What was said before the satellite's cancellation is cancelled wherever it went.
        records += [_withdrawn(kind, i, last) for i in moved if kind.at(i) == kind.at(last)]
    return records


def _near(reader: Reader, kind: _Kind, item: Stored) -> list[Stored]:
    at = kind.at(item)
    if at is None:
        return []
    asked = (at - _LONG, at + _LONG)
    return reader.find(kind.collection, when=asked, beside=True, limit=_PAGE).items


def _by_source(reader: Reader, item: Stored) -> bool:
    """Tell whether the satellite itself withdrew it, not this model."""
    return any(not origin.run for origin, _ in reader.trace(item.id).origins)


def _move(kind: _Kind, item: Stored, jma: Stored) -> list[Record]:
    body = msgspec.convert(item.body(), kind.schema)
    key, told = kind.moved(body, jma)
    stated = Record(
        collection=kind.collection,
        key=key,
        said_at=item.said_at,
        serial=BEHIND_JMA,
        when=item.when,
        place=item.place(),
        body=told,
        source=SATELLITE,
        origin=Origin(inputs=(item.id, jma.id)),
    )
    return [stated, _withdrawn(kind, item, item)]


def _withdrawn(kind: _Kind, item: Stored, by: Stored) -> Record:
    """Return the end of a satellite's statement, by another one or by its going elsewhere."""
    return Record(
        collection=kind.collection,
        key=item.key,
        said_at=max(item.said_at, by.said_at),
        when=item.when,
        place=item.place(),
        body=msgspec.convert(item.body(), kind.schema),
        source=SATELLITE,
        origin=Origin(inputs=tuple(dict.fromkeys((item.id, by.id)))),
        retracts=True,
    )


ONE_EVENT = Model(
    id="qzss-merge",
    title=Text("衛星の通報と電文の対応づけ", "The satellite's events as JMA's"),
    version="1",
    needs=(EEW.id, VOLCANOES.id),
    gives=(EEW.id, VOLCANOES.id),
    predict=predict_one_event,
    reference="IS-QZSS-DCR https://qzss.go.jp/en/technical/ps-is-qzss/ps-is-qzss.html",
    limits=Text(
        "緊急地震速報は発生時刻と震央地名または対象地域、噴火は火山と時刻で対応づけます。"
        "同じ地域で1分余りの間に起きた2つの地震は1つとみなすことがあります。",
        "Early warnings are matched by time and region or warned area, eruptions by volcano and"
        " time. Two quakes in one area within little over a minute may be taken as one.",
    ),
)
