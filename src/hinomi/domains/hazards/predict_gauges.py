"""Predict: the state of every river gauge, from its latest reading and its thresholds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import msgspec

from hinomi.domains.hazards.collections.gauges import (
    GAUGE_STATIONS,
    GAUGES,
    RIVER_LEVELS,
    Gauge,
    GaugeStation,
    State,
)
from hinomi.domains.hazards.observe.gauges import series_id, state_of
from hinomi.kernel.errors import Text
from hinomi.kernel.geometry import Geometry
from hinomi.kernel.ports import Model, Parsed
from hinomi.kernel.reader import Reader
from hinomi.kernel.records import Interval, Reading, Record, Stored, from_micros

SOURCE = "hinomi"
SILENT_AFTER = timedelta(hours=3)
"""A gauge above 観測開始水位 reports every few minutes; hourly snapshots may miss one or two."""


class _Station(msgspec.Struct):
    properties: GaugeStation
    geometry: Geometry | None = None


class _Before(msgspec.Struct):
    properties: Gauge
    geometry: Geometry | None = None


_STATION = msgspec.json.Decoder(_Station)
_BEFORE = msgspec.json.Decoder(_Before)


def predict_states(reader: Reader, keys: dict[str, Sequence[str]]) -> Parsed:
    """Return the gauges whose state or description is not what was said of them last.

    It looks at the latest reading only, so late and repeated snapshots change nothing.
    """
    if keys and not keys.get(RIVER_LEVELS.id) and not keys.get(GAUGE_STATIONS.id):
        return Parsed(kind=GAUGES.id)
    latest = {
        found.series.thing: found.reading
        for found in reader.series(RIVER_LEVELS.id)
        if found.reading is not None
    }
    newest = max((reading.time for reading in latest.values()), default=0)
    before = {stored.key: stored for stored in reader.every(GAUGES.id)}
    records: list[Record] = []
    for stored in reader.every(GAUGE_STATIONS.id):
        reading = latest.get(stored.key)
        if reading is not None:
            record = _gauge(stored, reading, newest, before.get(stored.key))
            records += [record] if record else []
    return Parsed(records=records, kind=GAUGES.id)


def _gauge(stored: Stored, reading: Reading, newest: int, before: Stored | None) -> Record | None:
    station = _STATION.decode(stored.feature)
    state: State = state_of(reading.value, station.properties)
    said_at = from_micros(reading.time)
    quiet = from_micros(newest) - said_at
    if quiet > SILENT_AFTER:
        # Known by the others' readings: this is when it would have had to report.
        state, said_at = "silent", said_at + SILENT_AFTER
    body = Gauge(
        **msgspec.structs.asdict(station.properties),
        state=state,
        level_m=reading.value,
        series=series_id(stored.key),
    )
    if before is not None:
        was = _BEFORE.decode(before.feature)
        same = msgspec.structs.replace(was.properties, level_m=body.level_m)
        if same == body and was.geometry == station.geometry:
            return None
        said_at = max(said_at, before.said_at)
    return Record(
        collection=GAUGES.id,
        key=stored.key,
        said_at=said_at,
        body=body,
        source=SOURCE,
        when=Interval(said_at, None),
        place=station.geometry,
    )


GAUGE_STATES = Model(
    id="hazards.gauge-states",
    title=Text("水位計の状態", "State of river gauges"),
    version="1",
    needs=(RIVER_LEVELS.id, GAUGE_STATIONS.id, GAUGES.id),
    gives=(GAUGES.id,),
    predict=predict_states,
    reference="https://www.river.go.jp/kawabou/pcfull/tm?itmkndCd=4",
    limits=Text(
        "危機管理型水位計は水防団待機・氾濫注意・避難判断水位を持たず、観測開始水位を下回ると"
        "送信をやめます。3時間届かないものは「届いていない」とし、下回ったとはしません。"
        "観測値は速報で、確かめられていません。",
        "Crisis-management gauges have no 水防団待機, 氾濫注意 or 避難判断 level and stop sending"
        " below 観測開始水位: one that was not heard for three hours is called silent, not low."
        " Readings are provisional and unchecked.",
    ),
)
