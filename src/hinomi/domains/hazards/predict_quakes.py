"""One record for each quake, made of all its reports: where, how big, how strong, tsunami.

A hypocentre (VXSE52) does not hide the intensities that came before it (VXSE51), an update
(VXSE61) keeps them, and a withdrawn report uncovers what the others say.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec

from hinomi.domains.hazards.collections.quakes import (
    QUAKE_REPORTS,
    QUAKES,
    Hypocentre,
    Quake,
    QuakeReport,
)
from hinomi.domains.hazards.observe.quakes import TYPES
from hinomi.domains.hazards.qzss_quakes import said_by_jma, satellites_of
from hinomi.kernel.errors import Text
from hinomi.kernel.geometry import Geometry
from hinomi.kernel.ports import Model, Parsed
from hinomi.kernel.reader import Reader
from hinomi.kernel.records import Interval, Origin, Record, Stored, instant

SOURCE = "hinomi"

_PREFERRED = ("VXSE53", "VXSE61", "VXSE52", "VXSE62", "VXSE51")
"""Of reports of one minute the fuller one counts as the newer."""
_LOCATING = {"VXSE52", "VXSE53", "VXSE61"}


class _Said(msgspec.Struct, frozen=True):
    """A report with its times and place."""

    report: QuakeReport
    said_at: datetime
    when: Interval
    place: Geometry | None


def predict_quakes(reader: Reader, keys: dict[str, Sequence[str]]) -> Parsed:
    """Return the quakes of which a report changed (all of them for no keys)."""
    changed: Iterable[str] = keys.get(QUAKE_REPORTS.id, ())
    if not keys:
        changed = [item.key for item in reader.every(QUAKE_REPORTS.id)]
        changed += [item.key for item in reader.every(QUAKES.id)]
    events = {key.partition("/")[0] for key in changed}
    events |= {same for event in events for same in satellites_of(reader, event)}
    records = [r for event in sorted(events) if (r := _quake(reader, event)) is not None]
    return Parsed(records=records, kind=QUAKES.id)


def _quake(reader: Reader, event: str) -> Record | None:
    wanted = tuple(f"{event}/{telegram}" for telegram in TYPES)
    standing = reader.find(QUAKE_REPORTS.id, keys=wanted).items
    if said_by_jma(reader, event, standing):
        standing = []  # It is JMA's quake already; the satellite's report stays beside it.
    # A withdrawal is news too, though it is not among what stands.
    spoken = [
        item for key in wanted for item in reader.history(QUAKE_REPORTS.id, key, limit=1000).items
    ]
    if not spoken:
        return None
    found = [_said(item) for item in standing]
    merged, when, place = merge(event, found, heard=len(spoken))
    return Record(
        collection=QUAKES.id,
        key=event,
        said_at=max(item.said_at for item in spoken),
        serial=len(spoken),
        when=when,
        place=place,
        body=merged,
        source=SOURCE,
        origin=Origin(inputs=tuple(item.id for item in standing or spoken)),
        retracts=not standing,
    )


def _said(item: Stored) -> _Said:
    report = msgspec.convert(item.body(), QuakeReport)
    return _Said(report, item.said_at, item.when, item.place())


def merge(
    event: str, found: Iterable[_Said], *, heard: int
) -> tuple[Quake, Interval, Geometry | None]:
    """Return the quake, its time and its epicentre from the newest report of each kind.

    ``heard`` counts every statement so far: it makes a state that comes back (withdrawn, reported
    late, withdrawn) a new statement, and the last of one minute the one that holds.
    """
    newest = sorted(
        found, key=lambda s: (s.said_at, -_PREFERRED.index(s.report.telegram)), reverse=True
    )
    if not newest:
        return Quake(event_id=event, heard=heard), Interval(), None
    located = [s for s in newest if s.report.telegram in _LOCATING]
    located = located or [s for s in newest if s.report.hypocentre] or newest
    where = located[0]
    shaken = next((s.report for s in newest if s.report.max_intensity), None)
    slow = next((s.report for s in newest if s.report.max_long_period), None)
    sea = next((s.report for s in newest if s.report.tsunami), None)
    quake = Quake(
        **_located(where.report),
        max_intensity=shaken.max_intensity if shaken else "",
        max_intensity_at_least=shaken.max_intensity_at_least if shaken else None,
        max_long_period=slow.max_long_period if slow else "",
        tsunami=sea.tsunami if sea else None,
        tsunami_text=sea.comment if sea else "",
        headline=newest[0].report.headline,
        telegrams=[s.report.telegram for s in newest],
        heard=heard,
    )
    start = quake.origin_time or where.when.start
    return quake, instant(start) if start else where.when, where.place


def _located(report: QuakeReport) -> dict[str, Any]:
    return {field: getattr(report, field) for field in Hypocentre.__struct_fields__}


QUAKE_MERGE = Model(
    id="quake-merge",
    title=Text("地震のとりまとめ", "Quakes from their reports"),
    version="1",
    needs=(QUAKE_REPORTS.id,),
    gives=(QUAKES.id,),
    predict=predict_quakes,
    reference="地震火山関連XML電文解説資料 https://xml.kishou.go.jp/tec_material.html",
    limits=Text(
        "気象庁の発表をまとめるだけで、震源や震度を計算しない。",
        "It joins what JMA says; it computes no hypocentre and no intensity.",
    ),
)
