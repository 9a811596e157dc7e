"""Predict: areas by depth class out of our depth maps, and who and what stands in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from hinomi.domains.hazards.collections.depth_areas import (
    BUILDINGS,
    DEPTH_AREAS,
    FLOODED_ROADS,
    MAPS,
    POPULATION,
    ROAD_LINES,
    DepthArea,
    FloodedRoad,
    MapKind,
)
from hinomi.domains.hazards.collections.depths import DEPTHS
from hinomi.domains.hazards.collections.inundation_forecasts import INUNDATION_DEPTHS
from hinomi.kernel.errors import InputError, Problem, Text
from hinomi.kernel.filters import Compare, Property, Value
from hinomi.kernel.geometry import Geometry
from hinomi.kernel.ports import Model, Parsed
from hinomi.kernel.reader import Reader
from hinomi.kernel.records import Interval, Origin, Record, Stored
from hinomi.vocabulary.areas import AREAS
from hinomi.vocabulary.times import JST

if TYPE_CHECKING:
    from hinomi.domains.hazards.depth_exposure import Inside

SOURCE = "hinomi"
AROUND = (POPULATION, ROAD_LINES, BUILDINGS)
MOST_RUNS = 5
"""When what stands around changes, so many of the newest runs are counted anew."""
_STILL = datetime(9000, 1, 1, tzinfo=UTC)
"""Only a map that still stands reaches so far."""
LIMITS = Text(
    "独自の推定による区域です。公式の情報でも現地で確認した範囲でもありません。人口は区画の中に均等に"
    "住むものとし、夜間の居住地です。橋は下の水と同じに、標高に無いアンダーパスは乾いたものに数えます。",
    "Areas of our own estimate, neither official nor seen on the spot. People are spread evenly"
    " over their block: where they live, not where they are. A bridge counts as what it crosses, an"
    " underpass that the elevation has not as dry.",
)
_EXTRA = Text(
    "計算の部品が入っていません。pip install 'hinomi[models]'",
    "What computes it is not installed: pip install 'hinomi[models]'",
)


class _Of(NamedTuple):
    """A map that stands, and the name that its areas go by."""

    kind: MapKind
    ground: str
    item: Stored
    body: dict[str, Any]


def predict_areas(reader: Reader, keys: dict[str, Sequence[str]]) -> Parsed:
    """Return areas and flooded roads of the depth maps that changed, and take back what is over."""
    parsed = Parsed(kind=DEPTH_AREAS.id)
    watched = (DEPTHS.id, INUNDATION_DEPTHS.id, *AROUND)
    if keys and not any(keys.get(name) for name in watched):
        return parsed
    every = not keys or any(keys.get(name) for name in AROUND)
    maps = [*_of_sensors(reader), *_of_runs(reader, None if every else keys)]
    try:
        for one in maps:
            if every or one.item.key in keys.get(_HOME[one.kind], ()):
                _state(reader, one, parsed)
    except ModuleNotFoundError as missing:
        told = Problem("depth-areas.extra", "/", _EXTRA, "alarm", str(missing.name))
        parsed.problems.append(told)
        return parsed
    standing = {one.ground for one in maps}
    for item in _stated(reader, Compare("=", Property("map_kind"), Value("sensors"))):
        if item.body()["ground"] not in standing:
            parsed.records.append(_taken_back(item, item.said_at, ()))
    return parsed


_HOME: dict[MapKind, str] = {"sensors": DEPTHS.id, "run": INUNDATION_DEPTHS.id}


def _of_sensors(reader: Reader) -> Iterator[_Of]:
    """Yield the newest map of each ground that still stands."""
    newest: dict[str, _Of] = {}
    for item in reader.every(DEPTHS.id, when=(_STILL, None)):
        body = item.body()
        ground = f"sensors/{body['network']}"
        if ground not in newest or item.said_at >= newest[ground].item.said_at:
            newest[ground] = _Of("sensors", ground, item, body)
    yield from (newest[name] for name in sorted(newest))


def _of_runs(reader: Reader, keys: dict[str, Sequence[str]] | None) -> Iterator[_Of]:
    """Yield the runs of these keys, or the newest."""
    if keys is not None:
        changed = keys.get(INUNDATION_DEPTHS.id, ())
        items = [i for key in changed for i in reader.find(INUNDATION_DEPTHS.id, keys=(key,)).items]
    else:
        items = sorted(reader.every(INUNDATION_DEPTHS.id), key=lambda i: (i.said_at, i.key))
    for item in items[-MOST_RUNS:]:
        yield _Of("run", f"run/{item.key}", item, item.body())


def _state(reader: Reader, one: _Of, parsed: Parsed) -> None:
    """State the areas of a map, and take back those that it has no more."""
    from hinomi.domains.hazards.depth_exposure import inside  # noqa: PLC0415 - heavy

    try:
        found = inside(reader, one.item, one.body)
    except InputError as error:
        parsed.problems.append(Problem("depth-areas.map", one.item.key, error.text, "alarm"))
        return
    made = [*_areas(reader, one, found), *_roads(one, found)]
    kept = {(record.collection, record.key) for record in made}
    parsed.records += made
    for item in _stated(reader, Compare("=", Property("ground"), Value(one.ground))):
        if (item.collection, item.key) not in kept:
            parsed.records.append(_taken_back(item, one.item.said_at, (one.item.id,)))


def _stated(reader: Reader, mine: Compare) -> Iterator[Stored]:
    for collection in (DEPTH_AREAS, FLOODED_ROADS):
        yield from reader.every(collection.id, filter=mine)


def _taken_back(item: Stored, at: datetime, because: tuple[str, ...]) -> Record:
    schema = DepthArea if item.collection == DEPTH_AREAS.id else FloodedRoad
    return Record(
        collection=item.collection, key=item.key, said_at=max(at, item.said_at),
        body=msgspec.convert(item.body(), schema), source=SOURCE, when=item.when,
        place=item.place(), retracts=True, origin=Origin(inputs=(item.id, *because)),
        serial=item.seq,
    )  # fmt: skip


def _areas(reader: Reader, one: _Of, found: Inside) -> Iterator[Record]:
    from hinomi.domains.hazards.depth_exposure import municipality_of  # noqa: PLC0415 - heavy
    from hinomi.science.inundation.ranks import RANKS  # noqa: PLC0415 - heavy

    title = str(one.body.get("title", ""))
    for rank in RANKS:
        if rank.number not in found.areas:
            continue
        area = found.areas[rank.number]
        told = _remarks(one, rank.label, area.people, area.buildings)
        code, name = municipality_of(reader, area.place)
        body = DepthArea(
            map_kind=one.kind, ground=one.ground, map=one.item.key, title=title, rank=rank.number,
            rank_label=rank.label.ja, rank_label_en=rank.label.en, area_m2=round(area.area_m2),
            deepest_m=round(area.deepest_m, 2),
            municipality_code=code, municipality=name, people=area.people, buildings=area.buildings,
            people_all=found.people_all, people_deep=found.people_deep,
            people_unknown=found.people_unknown, buildings_all=found.buildings_all,
            buildings_deep=found.buildings_deep, roads_closed=found.roads_closed,
            roads_closed_km=found.roads_closed_km, remarks=told.ja, remarks_en=told.en,
            limits=LIMITS.ja, limits_en=LIMITS.en,
        )  # fmt: skip
        yield _record(DEPTH_AREAS.id, one, f"rank-{rank.number}", body, area.place, found.inputs)


def _roads(one: _Of, found: Inside) -> Iterator[Record]:
    moments = [datetime.fromisoformat(moment) for moment in one.body["moments"]]
    of_run = one.kind == "run"
    for road in found.roads:
        ends = of_run and road.last < len(moments) - 1
        body = FloodedRoad(
            map_kind=one.kind, ground=one.ground, map=one.item.key, road=road.key, name=road.name,
            kind=road.kind, deepest_m=round(road.deepest_m, 2), share=round(road.share, 3),
            closes_at=moments[road.first] if of_run else None,
            opens_at=moments[road.last] if ends else None,
            limits=LIMITS.ja, limits_en=LIMITS.en,
        )  # fmt: skip
        yield _record(FLOODED_ROADS.id, one, road.key, body, road.place, (road.id,))


def _record(
    collection: str, one: _Of, name: str, body: msgspec.Struct, place: Geometry,
    inputs: tuple[str, ...],
) -> Record:  # fmt: skip
    start = one.item.when.start
    return Record(
        collection=collection, key=f"{one.ground}/{name}", said_at=one.item.said_at, body=body,
        source=SOURCE, when=Interval(start, one.item.when.end), place=place,
        origin=Origin(inputs=(one.item.id, *inputs)), serial=one.item.seq,
    )  # fmt: skip


def _remarks(one: _Of, rank: Text, people: int | None, buildings: int | None) -> Text:
    """Return what an area is, in words."""
    kind = MAPS[one.kind]
    at = (one.item.when.start or one.item.said_at).astimezone(JST)
    ja = f"{kind.ja}(独自計算・公式でない)、浸水深{rank.ja}、{at.month}月{at.day}日{at:%H:%M}"
    en = f"{kind.en} (our own, not official), {rank.en} deep, {at:%d %b %H:%M} JST"
    if people is not None:
        ja += f"、居住{people:,}人"
        en += f", {people:,} people live there"
    if buildings is not None:
        ja += f"、建物{buildings:,}棟"
        en += f", {buildings:,} buildings"
    return Text(f"{ja}。", f"{en}.")


DEPTH_AREAS_MODEL = Model(
    id="depth-areas",
    title=Text("浸水区域と中の人・建物・道路(独自)", "Flooded areas and what is inside (our own)"),
    version="1",
    needs=(
        DEPTHS.id,
        INUNDATION_DEPTHS.id,
        *AROUND,
        AREAS.id,
        DEPTH_AREAS.id,
        FLOODED_ROADS.id,
    ),
    gives=(DEPTH_AREAS.id, FLOODED_ROADS.id),
    predict=predict_areas,
    reference="国土交通省 水害ハザードマップ作成の手引き 2016 (classes); Pregnolato et al. 2017,"
    " Transp. Res. D 55, 67 (0.3 m); docs/reference/depths.md",
    limits=LIMITS,
)
