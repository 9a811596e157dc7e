"""One place for what several say of it: matched, shown, settled by a person."""

from __future__ import annotations

from random import Random

import pytest

from hinomi.domains.response.collections.merging import PLACES, SETTLEMENTS
from hinomi.domains.response.collections.shelters import Site
from hinomi.domains.response.merging.things import thing_of
from hinomi.domains.response.merging.weighing import EVENT_WEIGHTS, PLACE_WEIGHTS, weigh
from hinomi.domains.response.predict.merging import predict_places
from hinomi.kernel.errors import InputError
from hinomi.kernel.geometry import point
from hinomi.kernel.marking import ANONYMOUS, OPEN
from hinomi.kernel.records import Record
from tests.domains.response.merging.desk import (
    AMBER,
    NANAO,
    PREFECTURE,
    T0,
    TOWN,
    Desk,
    officer,
    statements_of,
)
from tests.domains.response.merging.stated import road, shelter


def test_the_same_shelter_of_two_lists_is_one_place_with_both_statements() -> None:
    desk = Desk()
    desk.say(
        shelter(TOWN, "山王小学校", people=180),
        shelter(PREFECTURE, "七尾市立山王小", at=(136.9602, 37.0401), capacity=480),
        shelter(PREFECTURE, "御祓中学校", at=(136.99, 37.04), capacity=300),
    )
    (place,) = desk.places()
    body = place.body()
    assert {s["source"] for s in body["statements"]} == {TOWN, PREFECTURE}
    assert (body["people"], body["capacity"], body["state"]) == (180, 480, "open")
    assert body["provenance"]["people"]["source"] == TOWN
    assert body["provenance"]["capacity"]["source"] == PREFECTURE
    assert all(s["probability"] > 0.95 for s in body["statements"])
    assert body["open"] == 0
    assert place.place() == {"type": "Point", "coordinates": [136.96, 37.04]}


@pytest.mark.parametrize(
    ("one", "other", "near", "asked"),
    [
        ("第一小学校", "第二小学校", (136.9601, 37.04), 1),
        ("七尾公園", "山王小学校", (136.9601, 37.0401), 0),
        ("山王小学校", "山王小学校", (136.974, 37.04), 0),
    ],
)
def test_what_is_near_and_called_otherwise_stays_apart(
    one: str, other: str, near: tuple[float, float], asked: int
) -> None:
    desk = Desk()
    desk.say(shelter(TOWN, one), shelter(PREFECTURE, other, at=near))
    assert sum(len(p.body()["statements"]) > 1 for p in desk.places()) == 0
    assert all(len(p.body()["doubts"]) == asked for p in desk.places())
    assert bool(desk.places()) is bool(asked)


def test_one_list_names_a_place_once() -> None:
    desk = Desk()
    desk.say(shelter(TOWN, "山王小学校 体育館"), shelter(TOWN, "山王小学校 校舎"))
    assert desk.places() == []


def test_a_list_without_positions_is_matched_by_its_names() -> None:
    desk = Desk()
    desk.say(shelter(TOWN, "山王小", at=None), shelter(PREFECTURE, "山王小学校"))
    (place,) = desk.places()
    assert len(place.body()["statements"]) == 2
    assert place.place() is not None


def test_of_two_namesakes_a_person_is_asked() -> None:
    desk = Desk()
    desk.say(
        shelter(TOWN, "集会所", at=None),
        shelter(PREFECTURE, "集会所", key="a"),
        shelter(PREFECTURE, "集会所", key="b", at=(136.99, 37.06)),
    )
    assert {p.body()["open"] for p in desk.places()} == {1, 2}


def test_the_fresher_count_is_shown_and_an_old_one_is_no_disagreement() -> None:
    desk = Desk()
    desk.say(
        shelter(TOWN, "山王小学校", people=180, said=0),
        shelter(PREFECTURE, "山王小学校", people=90, said=24),
    )
    (place,) = desk.places()
    body = place.body()
    assert (body["people"], body["provenance"]["people"]["source"]) == (90, PREFECTURE)
    assert body["provenance"]["people"]["beside"] == 1
    assert body["open"] == 0


def test_counts_of_one_hour_that_differ_are_listed_and_a_person_settles_them() -> None:
    desk = Desk()
    town = shelter(TOWN, "山王小学校", people=180)
    desk.say(town, shelter(PREFECTURE, "山王小学校", people=90, said=0.5))
    (place,) = desk.places()
    (open_one,) = place.body()["disagreements"]
    assert (open_one["field"], {o["value"] for o in open_one["values"]}) == ("people", {180, 90})
    ref = next(o["ref"] for o in open_one["values"] if o["value"] == 90)
    settled = desk.do("settle-value", place, field="people", statement=ref)
    (after,) = desk.places()
    body = after.body()
    assert (after.key, body["people"], body["open"]) == (place.key, 90, 0)
    assert body["provenance"]["people"]["settled"]
    assert settled.id in body["settlements"]
    assert desk.reader(ANONYMOUS).at(place.seq).get(PLACES.id, place.key).body()["open"] == 1
    desk.do("withdraw-settlement", desk.reader().get(SETTLEMENTS.id, settled.key))
    (again,) = desk.places()
    assert again.body()["open"] == 1
    # It holds only for what was weighed: a new count is a new question.
    desk.do("settle-value", again, field="people", value="120")
    assert desk.places()[0].body()["people"] == 120
    desk.say(shelter(TOWN, "山王小学校", people=200, said=1))
    assert desk.places()[0].body()["people"] == 200


def test_what_a_person_parted_is_never_joined_again_and_what_they_joined_stays() -> None:
    desk = Desk()
    desk.say(shelter(TOWN, "山王小学校"), shelter(PREFECTURE, "山王小学校"))
    (place,) = desk.places()
    ref = place.body()["statements"][0]["ref"]
    parted = desk.do("split-place", place, statement=ref)
    assert not any(len(p.body()["statements"]) > 1 for p in desk.places())
    desk.say(shelter(TOWN, "山王小学校", people=5, said=1))
    desk.say(shelter("gsi", "山王小学校", at=(136.9601, 37.04)))
    assert not any(
        {TOWN, PREFECTURE} <= {s["source"] for s in p.body()["statements"]} for p in desk.places()
    )
    desk.do("withdraw-settlement", desk.reader().get(SETTLEMENTS.id, parted.key))
    assert max(len(p.body()["statements"]) for p in desk.places()) == 3


def test_a_question_is_answered_once() -> None:
    desk = Desk()
    desk.say(shelter(TOWN, "第一小学校"), shelter(PREFECTURE, "第二小学校"))
    place = desk.places()[0]
    (doubt,) = place.body()["doubts"]
    with pytest.raises(InputError):
        desk.do("join-statements", place, other="response.shelters/x/y")
    desk.do("join-statements", place, other=doubt["other"])
    (joined,) = desk.places()
    assert len(joined.body()["statements"]) == 2
    assert joined.body()["statements"][0]["joined_by"]


def test_a_town_sets_whom_it_trusts() -> None:
    desk = Desk()
    desk.say(
        shelter(TOWN, "山王小学校", capacity=100), shelter(PREFECTURE, "山王小学校", capacity=480)
    )
    assert desk.places()[0].body()["capacity"] == 100
    rule = desk.do("set-trust", None, source="*-prefecture", field="capacity", trust=1)
    assert desk.places()[0].body()["capacity"] == 480
    desk.do("withdraw-trust", rule)
    assert desk.places()[0].body()["capacity"] == 100


def test_two_reports_of_one_closed_road_are_one_section() -> None:
    desk = Desk()
    desk.say(
        road(TOWN, "国道249号", 136.95),
        road(PREFECTURE, "国道２４９号", 136.9505, said=1),
        road(PREFECTURE, "国道249号", 136.97, said=1),
    )
    (place,) = [p for p in desk.places() if len(p.body()["statements"]) > 1]
    assert (place.body()["kind"], place.body()["state"]) == ("road", "road_close")


def test_weights_speak_for_what_is_alike() -> None:
    for table in (PLACE_WEIGHTS, EVENT_WEIGHTS):
        steps = [table["distance"][f"{m}m"] for m in (10, 50, 150, 400, 1000, 3000)]
        assert steps == sorted(steps, reverse=True)
        assert table["name"]["same"] > table["name"]["core"] > 0 > table["name"]["different"]


def test_the_evidence_is_told() -> None:
    desk = Desk()
    desk.say(shelter(TOWN, "山王小学校"), shelter(PREFECTURE, "山王小学校", at=(136.9603, 37.04)))
    one, other = (thing_of(i) for i in desk.reader().find("response.shelters").items)
    found = {e.what: e.level for e in weigh(one, other).evidence}
    assert (found["name"], found["distance"], found["address"]) == ("same", "50m", "missing")


def random_town(seed: int) -> list[Record]:
    """Three sources' lists of a town with misspelt names, moved positions, closed statements."""
    random = Random(seed)
    kinds = ("小学校", "中学校", "公民館", "会館", "集会所")
    names = [f"{random.choice('山川谷田島浜')}{random.choice('本口上下中')}{k}" for k in kinds * 6]
    records: list[Record] = []
    for number, name in enumerate(names):
        at = (136.9 + random.random() * 0.03, 37.0 + random.random() * 0.03)
        for source in (TOWN, PREFECTURE, "gsi"):
            if random.random() < 0.25:
                continue
            moved = (at[0] + random.gauss(0, 4e-4), at[1] + random.gauss(0, 4e-4))
            spelt = name.replace("小学校", "小") if random.random() < 0.3 else name
            records.append(
                shelter(
                    source,
                    spelt,
                    key=f"{source}-{number}",
                    at=moved if random.random() < 0.9 else None,
                    people=random.choice((10, 20, 300)),
                    said=random.choice((0.0, 1.0, 30.0)),
                    marking=random.choice((OPEN, OPEN, OPEN, AMBER)),
                )
            )
    return records


@pytest.mark.parametrize("seed", range(3))
def test_change_by_change_gives_the_places_that_all_at_once_gives(seed: int) -> None:
    records = random_town(seed)
    Random(seed).shuffle(records)
    once, steps = Desk(), Desk()
    once.say(*records)
    for at in range(0, len(records), 11):
        steps.say(*records[at : at + 11])
    for who in (ANONYMOUS, officer(TOWN)):
        assert statements_of(once.store, who) == statements_of(steps.store, who)
        assert len(statements_of(once.store, who)) > 5
    for reader in (once.reader(ANONYMOUS), steps.reader(ANONYMOUS)):
        assert predict_places(reader, {}).records == []


def test_sites_and_shelters_of_one_list_maker_are_one_place() -> None:
    desk = Desk()
    site = Record(
        collection="response.sites",
        key="E1720200002201",
        said_at=T0,
        body=Site(
            name="山王小学校(校庭)",
            municipality_code=NANAO,
            common_id="E1720200002201",
            match_key="x",
        ),
        source="gsi",
        place=point(136.9612, 37.04),
    )
    desk.say(site, shelter("gsi", "山王小学校", common_id="E1720200002111"))
    (place,) = desk.places()
    assert {s["collection"] for s in place.body()["statements"]} == {
        "response.sites",
        "response.shelters",
    }
