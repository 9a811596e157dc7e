"""The drill's own areas, as statements of the area master: towns, forecast and seismic areas."""

from __future__ import annotations

from datetime import datetime

from hinomi.kernel.geometry import Geometry
from hinomi.kernel.marking import Marking, Status
from hinomi.kernel.records import Interval, Origin, Record
from hinomi.runtime.drill.prefecture import (
    COAST,
    DISTRICTS,
    PREFECTURE_CODE,
    PREFECTURE_NAME,
    RIVERS,
    make_prefecture,
    seismic_code,
)
from hinomi.vocabulary.areas import AREAS, Area, key_of

SAID_AT = datetime.fromisoformat("2026-05-28T00:00:00+09:00")
"""Fixed, so that a drill that is played again states the same areas, which are stored once."""


def records(seed: int = 118) -> list[Record]:
    """Return the areas of the seed's prefecture; all exercise; rivers have no outline."""
    prefecture = make_prefecture(seed)
    towns = [
        _record(
            Area(
                code=ground.town.code,
                kind="municipality",
                name=ground.town.name,
                name_en=ground.town.english,
                prefecture_code="98",
                prefecture=PREFECTURE_NAME,
                primary_code=ground.town.district,
                office_code=PREFECTURE_CODE,
                seismic_code=ground.town.seismic,
            ),
            ground.place,
        )
        for ground in prefecture.grounds
    ]
    whole = [ground.place["coordinates"] for ground in prefecture.grounds]
    office = Area(code=PREFECTURE_CODE, kind="office", name=PREFECTURE_NAME)
    itself = Area(code="98", kind="prefecture", name=PREFECTURE_NAME)
    wider = [_record(office, _multi(whole)), _record(itself, _multi(whole))]
    for code, name in DISTRICTS.items():
        parts = [g.place["coordinates"] for g in prefecture.grounds if g.town.district == code]
        district = Area(code=code, kind="primary", name=name, office_code=PREFECTURE_CODE)
        seismic = Area(code=seismic_code(code), kind="seismic", name=f"{PREFECTURE_NAME}{name}")
        wider += [_record(district, _multi(parts)), _record(seismic, _multi(parts))]
    rivers = [
        _record(Area(code=code, kind="river", name=name, office_code=PREFECTURE_CODE), None)
        for code, name in RIVERS.items()
    ]
    coast = _record(
        Area(code=COAST.code, kind="tsunami", name=COAST.name, office_code=PREFECTURE_CODE), None
    )
    return [*towns, *wider, *rivers, coast]


def _multi(polygons: list[list[list[list[float]]]]) -> Geometry:
    return {"type": "MultiPolygon", "coordinates": polygons}


def _record(area: Area, place: Geometry | None) -> Record:
    return Record(
        collection=AREAS.id,
        key=key_of(area.kind, area.code),
        said_at=SAID_AT,
        when=Interval(SAID_AT, None),
        place=place,
        body=area,
        source="hinomi-drill",
        marking=Marking(Status.EXERCISE),
        origin=Origin(address="drill:prefecture"),
    )
