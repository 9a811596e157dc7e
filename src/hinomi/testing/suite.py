"""What every store must do, as tests: subclass :class:`StoreSuite` with a fixture ``store``.

Example::

    class TestMyStore(StoreSuite):
        @pytest.fixture
        def store(self, tmp_path):
            store = MyStore(tmp_path)
            yield store
            store.close()
"""

# ruff: noqa: D102 - the names of the tests say what must be true
from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import permutations
from typing import Any

import msgspec
import pytest

from hinomi.kernel.errors import InputError, MissingError
from hinomi.kernel.filters import And, Compare, Filter, In, Like, Not, Property, Spatial, Value
from hinomi.kernel.geometry import point
from hinomi.kernel.marking import OPEN, Disclosure, Marking, Status
from hinomi.kernel.records import Complete, Interval, Origin, Readings, Record, Series, micros
from hinomi.kernel.store import Query, Store
from hinomi.testing.strategies import COLLECTION, SERIES, START, Sighting

AMBER = Marking(Status.ACTUAL, Disclosure.AMBER, ("town",))
EXERCISE = Marking(Status.EXERCISE)
SEE = frozenset({OPEN})
ALL = frozenset({OPEN, AMBER, EXERCISE})


def said(key: str, minute: int = 0, **changes: Any) -> Record:
    """A statement about ``key``, said some minutes after the start; its name is its minute."""
    given = {
        "collection": COLLECTION,
        "key": key,
        "said_at": START + timedelta(minutes=minute),
        "body": Sighting(name=str(minute), number=minute),
        "source": "jma",
        **changes,
    }
    return Record(**given)


def ask(store: Store, visible: frozenset[Marking] = SEE, **question: Any) -> list[str]:
    """What stands, as ``key:name``, in the order of the texts."""
    page = store.find(Query(collection=COLLECTION, visible=visible, **question))
    return sorted(f"{r.key}:{r.properties()['name']}" for r in page.items)


def level(name: str = "levels.1", **changes: Any) -> Series:
    """A gauge's line of readings in Tokyo."""
    given = {
        "id": name,
        "collection": SERIES,
        "thing": name,
        "property": "level_m",
        "unit": "m",
        "source": "mlit",
        "longitude": 139.7,
        "latitude": 35.6,
        **changes,
    }
    return Series(**given)


def rows(*values: tuple[int, float], series: Series | None = None) -> Readings:
    """A batch of good readings (time, value) of one series."""
    return Readings(series=(series or level(),), rows=[(0, t, v, 0) for t, v in values])


class StatementRules:
    """Statements: identity, order, lanes, lists, markings, history."""

    def test_a_repeated_report_is_stored_once(self, store: Store) -> None:
        first = store.put([said("a", origin=Origin(address="x"))], at=START)
        again = store.put([said("a", origin=Origin(address="y"))], at=START + timedelta(hours=1))
        assert (first.new, again.new, again.known, again.position) == (1, 0, 1, 1)
        trace = store.trace(first.ids[0], visible=SEE)
        assert trace is not None
        assert [origin.address for origin, _ in trace.origins] == ["x", "y"]

    def test_open_closed_open_is_three_statements(self, store: Store) -> None:
        for minute, name in enumerate(("open", "closed", "open")):
            store.put([said("a", minute, body=Sighting(name=name))], at=START)
        assert len(store.history(COLLECTION, "a", visible=SEE).items) == 3
        assert ask(store) == ["a:open"]

    @pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
    def test_the_newest_said_stands_in_whatever_order_it_comes(
        self, store: Store, order: Sequence[int]
    ) -> None:
        for minute in order:
            store.put([said("a", minute)], at=START)
        assert ask(store) == ["a:2"]

    def test_a_greater_serial_decides_within_one_time(self, store: Store) -> None:
        for serial in (1, 3, 2):
            store.put([said("a", serial=serial, body=Sighting(name=str(serial)))], at=START)
        assert ask(store) == ["a:3"]

    def test_a_lower_rank_never_covers_a_higher(self, store: Store) -> None:
        store.put([said("a", 1), said("a", 2, rank=-1)], at=START)
        assert ask(store) == ["a:1"]

    def test_a_retraction_hides_only_its_own_source(self, store: Store) -> None:
        store.put([said("a", 1), said("a", 2, source="town")], at=START)
        store.put([said("a", 3, source="town", retracts=True)], at=START)
        assert ask(store) == ["a:1"]
        assert [r.retracts for r in store.history(COLLECTION, "a", visible=SEE).items][-1]

    def test_an_exercise_never_hides_the_actual(self, store: Store) -> None:
        store.put([said("a", 1), said("a", 2, marking=EXERCISE)], at=START)
        assert ask(store) == ["a:1"]
        assert ask(store, frozenset({EXERCISE})) == ["a:2"]

    def test_sources_stand_beside_each_other_where_asked(self, store: Store) -> None:
        store.put([said("a", 1), said("a", 2, source="town")], at=START)
        assert ask(store) == ["a:2"]
        assert ask(store, beside=True) == ["a:1", "a:2"]
        assert ask(store, sources=("jma",)) == ["a:1"]

    def test_as_of_answers_as_it_was_known(self, store: Store) -> None:
        first = store.put([said("a", 1, place=point(139, 35))], at=START).position
        second = store.put([said("a", 2, place=point(130, 30))], at=START).position
        store.put([said("a", 3, retracts=True)], at=START)
        box = (138.0, 34.0, 140.0, 36.0)
        assert [ask(store, as_of=p) for p in (0, first, second)] == [[], ["a:1"], ["a:2"]]
        assert [ask(store, as_of=p, bbox=box) for p in (first, second)] == [["a:1"], []]
        assert ask(store) == []

    @pytest.mark.parametrize("order", list(permutations(range(4))), ids=str)
    def test_a_complete_list_ends_what_it_leaves_out_in_any_order(
        self, store: Store, order: Sequence[int]
    ) -> None:
        def listed(minute: int, *keys: str) -> Complete:
            return Complete(
                collection=COLLECTION,
                source="jma",
                said_at=START + timedelta(minutes=minute),
                covers=("a*",),
                keys=keys,
            )

        steps: list[Record | Complete] = [said("a1", 1), said("a2", 1), listed(2, "a1"), listed(3)]
        for number in order:
            step = steps[number]
            if isinstance(step, Record):
                store.put([step, said("b", 1)], at=START)
            else:
                store.put([], complete=[step], at=START)
        assert ask(store) == ["b:1"]

    def test_narrowing_takes_a_statement_from_who_may_not_see_it(self, store: Store) -> None:
        before = store.put([said("a", 1), said("b", 1)], at=START).position
        position = store.remark(COLLECTION, "a", "jma", old=OPEN, new=AMBER, at=START)
        assert ask(store) == ask(store, as_of=before) == ["b:1"]
        assert ask(store, ALL) == ask(store, ALL, as_of=before) == ["a:1", "b:1"]
        bare = store.changes(before, visible=SEE)
        assert [(c.kind, c.key, c.record) for c in bare.items] == [("gone", "a", None)]
        seen = store.changes(before, visible=ALL).items[0]
        assert (seen.seq, seen.kind) == (position, "record")
        assert seen.record is not None
        assert seen.record.properties()["disclosure"] == "AMBER"
        assert store.history(COLLECTION, "a", visible=SEE).items == []

    def test_markings_only_get_stricter(self, store: Store) -> None:
        store.put([said("a", 1, marking=AMBER)], at=START)
        with pytest.raises(InputError):
            store.remark(COLLECTION, "a", "jma", old=AMBER, new=OPEN, at=START)
        with pytest.raises(InputError):
            store.remark(COLLECTION, "a", "jma", old=AMBER, new=EXERCISE, at=START)
        with pytest.raises(MissingError):
            store.remark(COLLECTION, "zz", "jma", old=OPEN, new=AMBER, at=START)

    def test_recorded_at_never_runs_backwards(self, store: Store) -> None:
        store.put([said("a", 1)], at=START)
        store.put([said("b", 1)], at=START - timedelta(hours=1))
        store.put([said("c", 1)], at=START + timedelta(hours=1))
        times = [c.recorded_at for c in store.changes(0, visible=SEE).items]
        assert times == [START, START, START + timedelta(hours=1)]
        moments = (START - timedelta(seconds=1), START, START + timedelta(hours=2))
        assert [store.position_at(m) for m in moments] == [0, 2, 3]

    def test_a_bad_geometry_stores_nothing_of_the_call(self, store: Store) -> None:
        swapped = said("b", 1, place=point(35.6, 139.7))
        with pytest.raises(InputError, match="b"):
            store.put([said("a", 1), swapped], at=START)
        assert (store.position(), ask(store)) == (0, [])

    def test_a_trace_leads_to_what_was_made(self, store: Store) -> None:
        source = store.put([said("a", 1)], at=START).ids[0]
        run = Origin(run="model@1", inputs=(source,), position=1)
        made = store.put([said("b", 2, origin=run)], at=START).ids[0]
        trace = store.trace(source, visible=SEE)
        assert trace is not None
        assert trace.made == [made]
        assert store.trace(source, visible=frozenset({EXERCISE})) is None
        assert store.record("no such id", visible=SEE) is None

    def test_the_next_expiry_is_the_next_begin_or_end(self, store: Store) -> None:
        def at(minute: int) -> datetime:
            return START + timedelta(minutes=minute)

        store.put(
            [said("a", when=Interval(at(5), at(9))), said("b", when=Interval(at(1)))], at=START
        )
        moments = [store.next_expiry(COLLECTION, at(m), visible=SEE) for m in (0, 1, 5, 9)]
        assert moments == [at(1), at(5), at(9), None]


class QuestionRules:
    """Questions: boxes, times, filters, pages."""

    def test_a_box_meets_shapes_and_not_their_boxes(self, store: Store) -> None:
        triangle = {
            "type": "Polygon",
            "coordinates": [[[130, 30], [140, 30], [130, 40], [130, 30]]],
        }
        store.put([said("a", place=triangle), said("b", place=None)], at=START)
        assert ask(store, bbox=(138.0, 38.0, 140.0, 40.0)) == []
        assert ask(store, bbox=(131.0, 31.0, 132.0, 32.0)) == ["a:0"]

    def test_a_box_may_cross_the_antimeridian(self, store: Store) -> None:
        store.put([said(str(x), place=point(x, 0)) for x in (-179, 0, 179)], at=START)
        assert ask(store, bbox=(178.0, -1.0, -178.0, 1.0)) == ["-179:0", "179:0"]

    def test_times_meet_when_they_share_a_moment(self, store: Store) -> None:
        hour = timedelta(hours=1)
        spans = {"past": Interval(START - hour, START), "now": Interval(START), "ever": Interval()}
        store.put([said(k, when=span) for k, span in spans.items()], at=START)
        assert ask(store, when=(START, START)) == ["ever:0", "now:0"]
        assert ask(store, when=(None, START - hour)) == ["ever:0", "past:0"]

    @pytest.mark.parametrize("limit", [1, 2, 7])
    @pytest.mark.parametrize("place", [True, False], ids=["box", "all"])
    def test_pages_give_all_once_while_others_are_written(
        self, store: Store, limit: int, *, place: bool
    ) -> None:
        keys = [f"k{n:02}" for n in range(15)]
        store.put([said(k, place=point(130 + n, 35)) for n, k in enumerate(keys)], at=START)
        query = Query(
            collection=COLLECTION,
            visible=SEE,
            limit=limit,
            bbox=(120.0, 30.0, 150.0, 40.0) if place else None,
        )
        found: list[str] = []
        while True:
            page = store.find(query)
            found += [r.key for r in page.items]
            store.put([said(f"new{len(found)}", place=point(160, 35))], at=START)
            if page.next is None:
                break
            query = msgspec.structs.replace(query, after=page.next)
        assert sorted(k for k in found if k.startswith("k")) == keys
        assert len(found) == len(set(found))

    @pytest.mark.parametrize("token", ["", "x", "é", "WzFd", "bnVsbA", "WyJwbGFjZSIsMSwyXQ"])
    def test_a_foreign_page_token_is_refused(self, store: Store, token: str) -> None:
        store.put([said("a")], at=START)
        with pytest.raises(InputError, match="token"):
            store.find(Query(collection=COLLECTION, visible=SEE, after=token))

    def test_sql_in_a_filter_is_a_text_like_any_other(self, store: Store) -> None:
        store.put([said("a", body=Sighting(name="x' OR 1=1 --")), said("b")], at=START)
        attack = "x' OR 1=1 --"
        assert ask(store, filter=Compare("=", Property("name"), Value(attack))) == [f"a:{attack}"]
        odd = 'name"); DROP TABLE record; --'
        assert ask(store, filter=Compare("=", Property(odd), Value(1))) == []
        assert ask(store, filter=Like(Property("name"), "x'%")) == [f"a:{attack}"]

    def test_a_filter_may_list_a_million_values(self, store: Store) -> None:
        store.put([said("a", 1), said("b", 2)], at=START)
        many = tuple(f"n{n}" for n in range(1_000_000))
        assert ask(store, filter=In(Property("name"), (*many, "2"))) == ["b:2"]

    def test_a_long_filter_is_answered_and_an_absurd_one_refused(self, store: Store) -> None:
        store.put([said("a", 1)], at=START)
        each: list[Filter] = [Compare("<>", Property("number"), Value(n)) for n in range(2, 3_000)]
        assert ask(store, filter=And(tuple(each))) == ["a:1"]
        nested: Filter = each[0]
        for _ in range(3_000):
            nested = Not(nested)
        for absurd in (nested, Like(Property("name"), "%a" * 10_000)):
            with pytest.raises(InputError):
                ask(store, filter=absurd)

    def test_a_place_filter_is_exact(self, store: Store) -> None:
        area = {"type": "Polygon", "coordinates": [[[0, 0], [9, 0], [0, 9], [0, 0]]]}
        store.put([said("in", place=point(1, 1)), said("out", place=point(8, 8))], at=START)
        assert ask(store, filter=Spatial("within", area)) == ["in:0"]
        assert ask(store, filter=Spatial("disjoint", area)) == ["out:0"]


class ReadingRules:
    """Readings, the feed, blobs."""

    def test_a_correction_is_a_new_row_and_the_old_stays_known(self, store: Store) -> None:
        first = store.put([], [rows((1, 1.0), (2, 2.0))], at=START).position
        done = store.put([], [rows((1, 1.5), (2, 2.0))], at=START)
        assert (done.readings_new, done.readings_known) == (1, 1)
        now = [(r.time, r.value) for r in store.readings("levels.1", visible=SEE)]
        then = [(r.time, r.value) for r in store.readings("levels.1", visible=SEE, as_of=first)]
        assert (now, then) == ([(1, 1.5), (2, 2.0)], [(1, 1.0), (2, 2.0)])

    def test_the_latest_value_is_of_the_latest_time(self, store: Store) -> None:
        store.put([], [rows((5, 5.0))], at=START)
        store.put([], [rows((3, 3.0))], at=START)
        store.put([], [rows((5, 5.5))], at=START)
        (latest,) = store.series(SERIES, visible=SEE)
        assert latest.reading is not None
        assert (latest.reading.time, latest.reading.value) == (5, 5.5)

    def test_exercise_readings_are_a_series_of_their_own(self, store: Store) -> None:
        store.put([], [rows((1, 9.0), series=level(marking=EXERCISE)), rows((1, 1.0))], at=START)
        assert [r.value for r in store.readings("levels.1", visible=SEE)] == [1.0]
        feed = store.changes(0, visible=SEE).items
        assert [(c.kind, c.collection, c.key) for c in feed] == [("readings", SERIES, "1")]

    def test_readings_are_paged_by_time_and_found_by_place(self, store: Store) -> None:
        store.put([], [rows(*((n, float(n)) for n in range(9)))], at=START)
        page = store.readings("levels.1", visible=SEE, limit=4, after=3)
        assert [r.time for r in page] == [4, 5, 6, 7]
        start, end = START, START + timedelta(hours=1)
        store.put([], [rows((micros(start), 7.0))], at=START)
        there = store.readings_in(
            SERIES, visible=SEE, bbox=(139.0, 35.0, 140.0, 36.0), start=start, end=end
        )
        assert [(name, r.value) for name, r in there] == [("levels.1", 7.0)]

    def test_the_feed_gives_everything_once_in_steps(self, store: Store) -> None:
        for n in range(7):
            store.put([said(f"k{n}")], [rows((n, float(n)))], at=START)
        after, found = 0, []
        while after < store.position():
            step = store.changes(after, visible=SEE, limit=2)
            found += [c.seq for c in step.items]
            after = step.position
        assert found == list(range(1, store.position() + 1))
        assert store.changes(0, visible=frozenset({AMBER})).position == store.position()

    def test_counts_are_of_things_that_stand(self, store: Store) -> None:
        store.put([said("a"), said("a", source="town"), said("b"), said("c")], at=START)
        store.put([said("b", 1, retracts=True)], [rows((1, 1.0))], at=START)
        assert store.counts() == {(COLLECTION, OPEN): 2, (SERIES, OPEN): 1}

    def test_a_blob_is_kept_under_its_digest(self, store: Store) -> None:
        digest = store.put_blob("電文".encode())
        assert store.put_blob("電文".encode()) == digest
        assert (store.blob(digest), store.blob("0" * 64), list(store.blobs())) == (
            "電文".encode(),
            None,
            [digest],
        )
        assert store.blob("../../etc/passwd") is None
        assert store.check() == []

    def test_features_are_served_as_stored(self, store: Store) -> None:
        large = {"type": "LineString", "coordinates": [[130 + n / 100, 35.5] for n in range(500)]}
        store.put([said("川", place=large)], at=START)
        (record,) = store.find(Query(collection=COLLECTION, visible=SEE)).items
        assert json.loads(record.feature)["geometry"] == large
        assert (record.place(), record.key) == (large, "川")


class StoreSuite(StatementRules, QuestionRules, ReadingRules):
    """All rules."""
