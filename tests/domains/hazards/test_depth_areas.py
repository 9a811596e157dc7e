"""Depth maps as areas by class, with people, buildings and roads inside, and as SIP4D-ZIP."""

from __future__ import annotations

import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from shapely.geometry import shape

from hinomi.domains.hazards.collections.depth_areas import DEPTH_AREAS, FLOODED_ROADS
from hinomi.domains.hazards.collections.observed import INUNDATION
from hinomi.domains.response.evacuation.collections import (
    BUILDINGS,
    POPULATION,
    ROAD_LINES,
    Block,
    Building,
    RoadLine,
)
from hinomi.kernel.errors import InputError
from hinomi.kernel.geometry import point
from hinomi.kernel.marking import ANONYMOUS, OPERATOR, Disclosure, Marking, Status
from hinomi.kernel.ports import Payload
from hinomi.kernel.records import Record
from hinomi.runtime import exchange
from hinomi.runtime.areas import StoreGazetteer
from hinomi.standards import sip4d
from hinomi.vocabulary.areas import AREAS, Area
from hinomi.vocabulary.exchange import Sender
from hinomi.vocabulary.grids import box
from tests.domains.hazards.test_depths import BOUNDS, T0, Town, basin
from tests.domains.hazards.test_depths_library import EAST, WEST, WEST2, put_run

ROAD = [[139.0002, 35.0025], [139.0058, 35.0025]]
HALVES = (box(139.0, 35.0, 139.003, 35.005), box(139.003, 35.0, 139.006, 35.005))
SENDER = Sender(author="望楼市", maintainer="望楼市", email="a@example.jp", disaster="訓練水害")


def put(town: Town, collection: str, key: str, body: Any, place: Any, **more: Any) -> None:
    """Import a thing that stands in the town."""
    made = Record(
        collection=collection, key=key, said_at=T0, body=body, source="test", place=place, **more
    )
    town.store.put([made], at=T0)


@pytest.fixture
def town(tmp_path: Path) -> Town:
    made = Town(tmp_path)
    for name, place in zip("WE", HALVES, strict=True):
        block = Block(name=name, municipality_code="9820100", people=1_000)
        put(made, POPULATION.id, name, block, place)
    for n in range(10):
        at = point(139.0005 + 0.00055 * n, 35.001)
        put(made, BUILDINGS.id, f"h{n}", Building(kind="house"), at)
    line = {"type": "LineString", "coordinates": ROAD}
    put(made, ROAD_LINES.id, "main", RoadLine(name="本通り", kind="市道"), line)
    return made


def areas(town: Town, status: Status = Status.ACTUAL, who: Any = OPERATOR) -> list[Any]:
    found = town.reader(status, who).every(DEPTH_AREAS.id)
    return sorted(found, key=lambda item: item.key)


def test_an_area_holds_the_people_and_buildings_in_it_and_says_so(town: Town) -> None:
    town.say((*WEST, "wet20"), (*WEST2, "wet20"), (*EAST, "dry"))
    (one,) = areas(town)
    body = one.body()
    (standing,) = town.maps()
    assert (body["map_kind"], body["map"], body["rank"]) == ("sensors", standing.key, 1)
    assert body["area_m2"] == pytest.approx(standing.body()["area_m2"], rel=0.01)
    # Of the west block 48 of 50 rows and 29 of 30 columns are in the basin.
    assert body["people"] == body["people_all"] == round(1_000 * 48 * 29 / 1_500)
    assert body["people_deep"] == 0
    assert body["buildings"] == 5, "the others stand in the dry basin"
    assert "人が" not in body["remarks"]
    assert f"居住{body['people']:,}人" in body["remarks"]
    assert "公式でない" in body["remarks"]
    assert "not official" in body["remarks_en"]
    ground = shape(one.place())
    assert ground.covers(shape(point(*WEST[1:])))
    assert not ground.intersects(shape(point(*EAST[1:])))


def test_an_area_is_of_the_municipality_that_has_most_of_it(town: Town) -> None:
    for code, name, place in (("9820100", "西市", HALVES[0]), ("9820200", "東市", HALVES[1])):
        area = Area(code=code, kind="municipality", name=name)
        put(town, AREAS.id, f"municipality/{code}", area, place)
    town.say((*WEST, "wet20"), (*WEST2, "wet20"), (*EAST, "dry"))
    (one,) = areas(town)
    assert (one.body()["municipality_code"], one.body()["municipality"]) == ("9820100", "西市")


def test_a_road_under_water_is_named_with_how_much_of_it(town: Town) -> None:
    town.say((*WEST, "wet30"), (*WEST2, "wet30"), (*EAST, "dry"))
    (road,) = town.reader().every(FLOODED_ROADS.id)
    body = road.body()
    assert (body["road"], body["name"]) == ("main", "本通り")
    assert body["deepest_m"] == pytest.approx(0.3, abs=0.02)
    assert 0.4 < body["share"] < 0.6
    assert shape(road.place()).bounds[2] < 139.0031, "only the part that is flooded is drawn"
    (area,) = areas(town)
    assert area.body()["roads_closed"] == 1
    whole_km = 0.0056 * 111.195 * np.cos(np.radians(35))
    assert area.body()["roads_closed_km"] == pytest.approx(body["share"] * whole_km, abs=0.02)


def test_what_is_dry_again_is_taken_back(town: Town) -> None:
    town.say((*WEST, "wet30"), (*EAST, "dry"))
    assert len(areas(town)) == 1
    town.say((*WEST, "dry"), minute=5)
    assert areas(town) == []
    assert list(town.reader().every(FLOODED_ROADS.id)) == []


def test_where_no_sensor_is_believed_any_more_no_area_stands(town: Town) -> None:
    town.say((*WEST, "wet30"))
    town.say((*WEST, "silent"), minute=200)
    assert areas(town) == []


def test_new_population_counts_at_once(town: Town) -> None:
    town.say((*WEST, "wet20"), (*EAST, "dry"))
    before = areas(town)[0].body()["people"]
    made = Record(
        collection=POPULATION.id, key="W", said_at=T0 + timedelta(minutes=1), source="test",
        body=Block(name="W", municipality_code="9820100", people=2_000), place=HALVES[0],
    )  # fmt: skip
    town.store.put([made], at=T0 + timedelta(minutes=1))
    town.models.catch_up()
    assert areas(town)[0].body()["people"] == pytest.approx(2 * before, abs=1)


def test_a_run_has_areas_too_and_roads_with_their_times(town: Town) -> None:
    wet = np.where(basin() < 0, 0.8, 0.0)
    put_run(town, "A", wet * 0, wet, wet * 0)
    town.models.catch_up()
    (one,) = areas(town)
    assert (one.body()["map_kind"], one.body()["rank"]) == ("run", 2)
    assert one.body()["people_deep"] == one.body()["people_all"] > 1_800
    (road,) = town.reader().every(FLOODED_ROADS.id)
    start = T0 - timedelta(days=9) + timedelta(hours=1)
    said = road.body()
    assert said["closes_at"].startswith(start.isoformat()[:16])
    assert said["opens_at"].startswith(start.isoformat()[:16])


def test_without_population_no_number_is_made_up(tmp_path: Path) -> None:
    town = Town(tmp_path)
    town.say((*WEST, "wet20"), (*EAST, "dry"))
    (one,) = areas(town)
    assert not {"people", "buildings", "roads_closed"} & set(one.body())


@pytest.mark.parametrize("status", [Status.EXERCISE, Status.TEST])
def test_an_exercise_floods_nobody_in_actual(town: Town, status: Status) -> None:
    town.say((*WEST, "wet30"), marking=Marking(status))
    assert areas(town) == []
    assert len(areas(town, status)) == 1
    assert list(town.reader().every(FLOODED_ROADS.id)) == []


def test_closed_population_is_not_told_to_everyone(tmp_path: Path) -> None:
    town = Town(tmp_path)
    block = Block(name="W", municipality_code="9820100", people=1_000)
    closed = Marking(Status.ACTUAL, Disclosure.AMBER)
    put(town, POPULATION.id, "W", block, HALVES[0], marking=closed)
    town.say((*WEST, "wet20"), (*EAST, "dry"))
    (seen,) = areas(town, who=ANONYMOUS)
    assert "people" not in seen.body()
    assert "居住" not in seen.body()["remarks"]
    (ours,) = [a for a in areas(town) if a.marking.disclosure is Disclosure.AMBER]
    assert ours.body()["people"] > 900


def test_the_areas_go_out_as_sip4d_and_conform(town: Town) -> None:
    town.say((*WEST, "wet20"), (*WEST2, "wet20"), (*EAST, "dry"))
    made = exchange.parcel(town.reader(), DEPTH_AREAS.id, SENDER)
    assert "01-008-03" in made.name
    verdict = sip4d.check(io.BytesIO(made.data))
    assert verdict.conforms, verdict.problems
    assert (verdict.code, verdict.features) == ("01-008-03", 1)
    package = sip4d.open_package(io.BytesIO(made.data))
    (layer,) = package.layers
    (feature,) = layer.features()
    assert "公式でない" in feature.stated["note"]
    assert package.metadata["testflg"] == "通常"


def test_a_package_of_areas_comes_in_as_what_its_sender_saw(town: Town) -> None:
    town.say((*WEST, "wet20"), (*EAST, "dry"), marking=Marking(Status.EXERCISE))
    made = exchange.parcel(town.reader(Status.EXERCISE), DEPTH_AREAS.id, SENDER)
    payload = Payload(data=made.data, name=made.name, address=made.name, digest="0", taken_at=T0)
    assert exchange.collection_of("01-008-03") == INUNDATION.id
    (source,) = (s for s in town.catalog.sources.values() if s.detect(payload))
    parsed = source.parse(payload, StoreGazetteer(town.store))
    (record,) = (r for r in parsed.records if r.collection == INUNDATION.id)
    assert record.marking.status is Status.EXERCISE
    assert BOUNDS[0] < shape(record.place).bounds[0] < BOUNDS[2]


def test_where_the_map_says_nothing_people_are_unknown_and_not_dry(town: Town) -> None:
    wet = np.where(basin() < 0, 0.8, 0.0)
    wet[:, 40:] = np.nan
    put_run(town, "A", wet)
    town.models.catch_up()
    (one,) = areas(town)
    # The water ends at the block's middle: of the east block two thirds are not known.
    assert one.body()["people_unknown"] == pytest.approx(1_000 * 20 / 30, abs=2)
    assert one.body()["people_all"] < 1_400


def test_a_negative_depth_is_no_map(town: Town) -> None:
    with pytest.raises(InputError, match="expected 0 to"):
        put_run(town, "A", np.where(basin() < 0, -0.4, 0.0))
