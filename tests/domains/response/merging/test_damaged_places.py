"""A damaged place as a town, the prefecture, a resident's photo and a satellite state it."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Any

import pytest

from hinomi.domains.hazards.collections.observed import Inundation, Landslide
from hinomi.domains.response.collections.facilities import Road
from hinomi.domains.response.collections.merging import MATCHED, PLACES
from hinomi.domains.response.merging.things import KINDS, sights
from hinomi.domains.response.merging.weighing import EVENT_WEIGHTS
from hinomi.domains.response.photos.collections import Photo
from hinomi.domains.response.predict.merging import predict_places
from hinomi.kernel.errors import InputError
from hinomi.kernel.geometry import Geometry, point
from hinomi.kernel.marking import ANONYMOUS, OPEN, Marking, Status
from hinomi.kernel.records import Record
from tests.domains.response.merging.desk import (
    EXERCISE,
    PREFECTURE,
    T0,
    TOWN,
    Desk,
    statements_of,
)

SATELLITE = "alos-satellite"


def square(west: float, south: float, side: float = 0.004) -> Geometry:
    east, north = west + side, south + side
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def stated(  # noqa: PLR0913  (what a record is)
    collection: str,
    source: str,
    place: Geometry,
    body: Any,
    *,
    key: str = "",
    said: float = 0,
    marking: Marking = OPEN,
) -> Record:
    return Record(
        collection=collection,
        key=key or f"{source}-{collection}",
        said_at=T0 + timedelta(hours=said),
        body=body,
        source=source,
        place=place,
        marking=marking,
    )


def slide(source: str, place: Geometry, **more: Any) -> Record:
    return stated("hazards.landslides", source, place, Landslide(**more))


def flood(source: str, place: Geometry, **more: Any) -> Record:
    return stated("hazards.inundation", source, place, Inundation(), **more)


def photo(title: str, at: tuple[float, float], *, taken: float = 1, **more: Any) -> Record:
    body = Photo(
        title=title, taken_at=T0 + timedelta(hours=taken), width=1600, height=1200, image="0" * 64
    )
    key = more.pop("key", f"photo-{at[0]:.5f}-{at[1]:.5f}")
    return stated("response.photos", TOWN, point(*at), body, key=key, said=taken + 3, **more)


def told(desk: Desk, kind: str, status: Status = Status.ACTUAL) -> list[set[str]]:
    """Return of each place of a kind which collections and sources speak of it."""
    return [
        {f"{s['collection']} {s['source']}" for s in p.body()["statements"]}
        for p in desk.places(status=status)
        if p.body()["kind"] == kind
    ]


def test_a_landslide_from_four_sides_is_one_place() -> None:
    desk = Desk()
    desk.say(
        slide(TOWN, point(136.9502, 37.0502), name="山崎地区", households=3),
        slide(PREFECTURE, point(136.9504, 37.0504), name="山崎地区", households=5),
        slide(SATELLITE, square(136.949, 37.049)),
        photo("裏山の土砂崩れ", (136.9503, 37.0501)),
    )
    (sides,) = told(desk, "landslide")
    assert sides == {
        f"hazards.landslides {TOWN}",
        f"hazards.landslides {PREFECTURE}",
        f"hazards.landslides {SATELLITE}",
        f"response.photos {TOWN}",
    }
    (place,) = desk.places()
    body = place.body()
    assert (body["name"], body["values"]["title"]) == ("山崎地区", "裏山の土砂崩れ")
    # The satellite drew its outline; the town knows the place, and is believed.
    assert body["provenance"]["place"]["source"] == TOWN
    assert {d["field"] for d in body["disagreements"]} == {"households"}


def test_a_flooded_area_is_one_place_of_all_that_meets_in_it() -> None:
    desk = Desk()
    desk.say(
        flood(PREFECTURE, square(136.90, 37.00, 0.02)),
        flood(SATELLITE, square(136.905, 37.005), key="a"),
        flood(SATELLITE, square(136.912, 37.012), key="b"),
        flood(SATELLITE, square(136.95, 37.05), key="elsewhere"),
        photo("県道が冠水", (136.918, 37.002)),
        photo("きれいな夕焼け", (136.918, 37.003)),
    )
    (place,) = desk.places()
    refs = {s["ref"] for s in place.body()["statements"]}
    assert len(refs) == 4
    assert not any("elsewhere" in ref for ref in refs)
    assert place.body()["open"] == 0


def test_a_flood_and_a_landslide_in_it_stay_two_places_though_a_photo_may_show_both() -> None:
    desk = Desk()
    desk.say(
        flood(PREFECTURE, square(136.90, 37.00)),
        flood(SATELLITE, square(136.90, 37.00)),
        slide(TOWN, point(136.902, 37.002)),
        photo("土砂で川があふれ浸水", (136.902, 37.002)),
    )
    found = [told(desk, kind) for kind in ("inundation", "landslide")]
    assert [len(places) for places in found] in ([1, 1], [1, 0])
    assert not any(
        {f"hazards.landslides {TOWN}", f"hazards.inundation {PREFECTURE}"} <= sides
        for places in found
        for sides in places
    )


def test_a_town_says_how_readily_damage_is_joined() -> None:
    desk = Desk()
    desk.say(
        slide(TOWN, point(136.9502, 37.0502), name="山崎地区"),
        slide(PREFECTURE, point(136.9504, 37.0504), name="山崎地区"),
    )
    assert len(told(desk, "landslide")) == 1
    rule = desk.do("set-matching", None, kind="landslide", bits=-10)
    assert desk.places() == []
    desk.do("set-matching", None, kind="road", bits=10)
    assert desk.places() == [], "what is said of roads moves no landslide"
    desk.do("withdraw-trust", rule)
    (place,) = desk.places()
    assert len(place.body()["statements"]) == 2
    for kind, bits in (("bridge", 1), ("road", 11)):
        with pytest.raises(InputError):
            desk.do("set-matching", None, kind=kind, bits=bits)
    assert {*KINDS.values(), "*"} - {"photo"} == set(MATCHED)


def test_weights_set_by_hand_may_be_off_by_a_fifth_and_decide_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of the cases of this page: none hangs on the exact figure of any one weight."""

    def found() -> list[list[set[str]]]:
        desk = Desk()
        desk.say(
            slide(TOWN, point(136.9502, 37.0502), name="山崎地区"),
            slide(PREFECTURE, point(136.9504, 37.0504), name="山崎地区"),
            slide(SATELLITE, square(136.949, 37.049)),
            slide("other-city", point(136.9702, 37.0502), name="谷地区"),
            flood(PREFECTURE, square(136.90, 37.00, 0.02)),
            flood(SATELLITE, square(136.905, 37.005), key="a"),
        )
        return [told(desk, kind) for kind in ("landslide", "inundation")]

    as_set = found()
    assert [len(places) for places in as_set] == [1, 1]
    for comparison, table in EVENT_WEIGHTS.items():
        for level, bits in table.items():
            for share in (0.8, 1.2):
                monkeypatch.setitem(table, level, bits * share)
                assert found() == as_set, (comparison, level, share)
            monkeypatch.setitem(table, level, bits)


def test_a_point_on_a_long_closed_road_is_the_same_section() -> None:
    """The line's middle lies three kilometres from the point that the prefecture gives."""
    line: Geometry = {"type": "LineString", "coordinates": [[136.90, 37.0], [136.97, 37.0]]}
    closed = Road(name="国道249号", state="road_close")
    desk = Desk()
    desk.say(stated("response.roads", TOWN, line, closed))
    desk.say(stated("response.roads", PREFECTURE, point(136.902, 37.0), closed))
    (sides,) = told(desk, "road")
    assert sides == {f"response.roads {TOWN}", f"response.roads {PREFECTURE}"}


def test_a_photo_of_last_year_or_of_an_exercise_is_of_nothing_that_stands() -> None:
    desk = Desk()
    desk.say(
        slide(PREFECTURE, point(136.95, 37.05)),
        photo("土砂崩れ", (136.95, 37.05), taken=-9000),
        photo("土砂崩れ", (136.95, 37.05), marking=EXERCISE),
    )
    assert [s for sides in told(desk, "landslide") for s in sides] == []
    assert desk.places(status=Status.EXERCISE) == []


def test_of_two_photos_nobody_is_asked() -> None:
    desk = Desk()
    desk.say(photo("浸水", (136.95, 37.05)), photo("床上浸水", (136.9512, 37.05)))
    assert desk.places() == []


@pytest.mark.parametrize(
    ("words", "kinds"),
    [
        ("国道249号 通行止め", ("road",)),
        ("Rockfall on the road", ("landslide", "road")),
        ("避難所の様子", ()),
    ],
)
def test_what_a_photo_shows_is_told_by_its_words(words: str, kinds: tuple[str, ...]) -> None:
    assert sights({"title": words}) == kinds


@pytest.mark.parametrize("seed", range(2))
def test_change_by_change_gives_the_damaged_places_that_all_at_once_gives(seed: int) -> None:
    random = Random(seed)
    records: list[Record] = []
    for number in range(40):
        at = (136.9 + random.random() * 0.05, 37.0 + random.random() * 0.05)
        side = random.choice((0.001, 0.004, 0.02))
        source = random.choice((PREFECTURE, SATELLITE))
        key = f"{source}-{number}"
        records += random.choice(
            (
                [flood(source, square(*at, side), key=key)],
                [flood(source, square(*at, side), key=key), photo("冠水", at)],
                [stated("hazards.landslides", source, point(*at), Landslide(), key=key)],
            )
        )
    once, steps = Desk(), Desk()
    once.say(*records)
    for one in range(0, len(records), 7):
        steps.say(*records[one : one + 7])
    assert statements_of(once.store, ANONYMOUS) == statements_of(steps.store, ANONYMOUS)
    assert len(statements_of(once.store, ANONYMOUS)) > 1
    assert predict_places(steps.reader(ANONYMOUS), {}).records == []
    assert steps.reader(ANONYMOUS).find(PLACES.id).items
