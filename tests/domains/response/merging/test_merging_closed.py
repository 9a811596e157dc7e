"""What few may see, and what is of a drill, never shows in the places of others."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from hinomi.domains.response.collections.merging import PLACES
from hinomi.kernel.marking import ANONYMOUS, Status
from hinomi.stores.sqlite import SqliteStore
from tests.domains.response.merging.desk import (
    AMBER,
    EXERCISE,
    OTHER_AMBER,
    PREFECTURE,
    T0,
    TOWN,
    Desk,
    officer,
)
from tests.domains.response.merging.stated import shelter


def test_a_closed_statement_never_shows_in_an_open_place() -> None:
    desk = Desk()
    canary = shelter(TOWN, "山王小学校", people=7777, phone="0767-99-0000", marking=AMBER, said=1)
    desk.say(
        shelter(PREFECTURE, "山王小学校", people=90),
        shelter("gsi", "山王小学校", people=91),
        canary,
    )
    (open_place,) = desk.places()
    assert b"7777" not in open_place.feature
    assert b"0767" not in open_place.feature
    assert TOWN.encode() not in open_place.feature
    (mine,) = desk.places(officer(TOWN))
    assert mine.key == open_place.key
    assert (mine.body()["people"], mine.marking) == (7777, AMBER)
    (foreign,) = desk.places(officer("hakusan-city"))
    assert foreign.id == open_place.id
    # What is settled upon the closed statement is as closed as that.
    (d,) = [d for d in mine.body()["disagreements"] if d["field"] == "people"]
    ref = next(o["ref"] for o in d["values"] if o["value"] == 7777)
    settled = desk.do("settle-value", mine, field="people", statement=ref)
    assert settled.marking == AMBER
    assert desk.places()[0].id == open_place.id
    history = desk.reader(ANONYMOUS).history(PLACES.id, open_place.key).items
    assert not any(b"7777" in item.feature for item in history)


def test_a_closed_statement_that_joins_two_open_places_joins_them_for_its_readers_only() -> None:
    desk = Desk()
    desk.say(
        shelter(PREFECTURE, "山王小学校", key="p1"),
        shelter("gsi", "山王小学校", key="g1"),
        shelter(PREFECTURE, "山王会館", key="p2", at=(136.9604, 37.04)),
        shelter("gsi", "山王会館", key="g2", at=(136.9604, 37.04)),
    )
    before = {p.key: p.id for p in desk.places()}
    assert len(before) == 2
    desk.say(shelter(TOWN, "山王小学校", key="t", at=(136.9602, 37.04), marking=AMBER))
    assert {p.key: p.id for p in desk.places()} == before
    assert sorted(len(p.body()["statements"]) for p in desk.places(officer(TOWN))) == [2, 3]
    assert len(desk.places(officer(TOWN))) == 2


def test_two_towns_closed_words_never_meet() -> None:
    desk = Desk()
    desk.say(
        shelter(PREFECTURE, "山王小学校"),
        shelter(TOWN, "山王小学校", people=1111, marking=AMBER),
        shelter("hakusan-city", "山王小学校", people=2222, marking=OTHER_AMBER),
    )
    for who, theirs in ((TOWN, b"2222"), ("hakusan-city", b"1111")):
        (place,) = desk.places(officer(who))
        assert theirs not in place.feature
        assert len(place.body()["statements"]) == 2


def test_a_closed_place_goes_with_its_closed_statement() -> None:
    desk = Desk()
    closed = shelter(TOWN, "山王小学校", people=7777, marking=AMBER)
    desk.say(shelter(PREFECTURE, "山王小学校"), closed)
    assert desk.places() == []
    assert len(desk.places(officer(TOWN))) == 1
    import msgspec  # noqa: PLC0415

    over = msgspec.structs.replace(closed, said_at=T0 + timedelta(hours=2), retracts=True)
    desk.say(over)
    assert desk.places(officer(TOWN)) == []


def test_exercise_and_actual_are_never_one_place() -> None:
    desk = Desk()
    desk.say(
        shelter(TOWN, "山王小学校", marking=EXERCISE, people=4444),
        shelter(PREFECTURE, "山王小学校"),
    )
    assert desk.places() == []
    assert desk.places(status=Status.EXERCISE) == []
    desk.say(shelter(PREFECTURE, "山王小学校", marking=EXERCISE, said=1))
    (drill,) = desk.places(status=Status.EXERCISE)
    assert drill.marking == EXERCISE
    assert desk.places() == []


def test_a_database_keeps_closed_places_closed_too(tmp_path: Path) -> None:
    desk = Desk(SqliteStore(tmp_path / "store.db"))
    desk.say(shelter(PREFECTURE, "山王小学校", people=90), shelter("gsi", "山王小学校"))
    desk.say(shelter(TOWN, "山王小学校", people=7777, marking=AMBER, said=1))
    (open_place,) = desk.places()
    (mine,) = desk.places(officer(TOWN))
    assert (open_place.key, open_place.body()["people"]) == (mine.key, 90)
    assert mine.body()["people"] == 7777
    feed = desk.reader(ANONYMOUS).changes(0, collections=[PLACES.id]).items
    assert not any(b"7777" in change.record.feature for change in feed if change.record)
    desk.store.close()
