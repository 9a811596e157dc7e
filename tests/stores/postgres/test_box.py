"""Pages of a plain box: the features alone come from an index, and are what the records hold."""

from collections.abc import Sequence

import psycopg
import pytest

from hinomi.kernel.errors import UnavailableError
from hinomi.kernel.geometry import BBox, Geometry, point
from hinomi.kernel.marking import OPEN
from hinomi.kernel.store import Query
from hinomi.stores.postgres import PostgresStore
from hinomi.stores.postgres.direct import Direct, Statement
from hinomi.testing.strategies import COLLECTION, START, Sighting
from hinomi.testing.suite import AMBER, SEE, said

BOX: BBox = (130.0, 30.0, 131.0, 31.0)


def square(west: float, south: float, side: float) -> Geometry:
    east, north = west + side, south + side
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def every_kind(store: PostgresStore) -> None:
    """Put points in and beside the box, and all that does not lie in the index with them."""
    coast = {"type": "LineString", "coordinates": [[129.5 + n / 500, 30.5] for n in range(600)]}
    store.put(
        [
            *(said(f"p{n}", place=point(129.8 + n * 0.07, 29.9 + n * 0.06)) for n in range(20)),
            said("across", place=square(129.9, 29.9, 0.2)),
            said("wide", place=square(120.0, 20.0, 30.0)),
            # Its box meets ours, it does not.
            said("corner", place={"type": "LineString", "coordinates": [[129, 30.2], [130.2, 29]]}),
            said("long", body=Sighting(name="長い" * 500), place=point(130.5, 30.5)),
            said("coast", place=coast),
            said("nowhere"),
        ],
        at=START,
    )
    for minute, source in ((1, "jma"), (2, "town"), (3, "prefecture")):
        store.put([said("two", minute, source=source, place=point(130.4, 30.4))], at=START)
    store.put([said("two", 9, marking=AMBER, place=point(130.4, 30.4))], at=START)
    store.put([said("hidden", marking=AMBER, place=point(130.3, 30.3))], at=START)
    store.put([said("p7", 5, retracts=True), said("p8", 5, place=point(130.2, 30.9))], at=START)


def query(limit: int = 100, after: str | None = None, box: BBox = BOX) -> Query:
    return Query(collection=COLLECTION, visible=SEE, bbox=box, limit=limit, after=after)


@pytest.mark.parametrize("limit", [1, 3, 100])
def test_the_features_of_a_box_are_those_of_its_records(store: PostgresStore, limit: int) -> None:
    every_kind(store)
    seen: list[str] = []
    after = None
    while True:
        asked = query(limit, after)
        page, features = store.find(asked), store.features(asked)
        assert features.items == [item.feature for item in page.items]
        # A page of either goes on where one of the other ended.
        assert features.next == page.next
        seen += [item.key for item in page.items]
        after = page.next
        if after is None:
            break
    assert len(seen) == len(set(seen))
    assert {"across", "wide", "long", "coast", "two", "p8"} < set(seen)
    assert {"corner", "nowhere", "hidden", "p7"}.isdisjoint(seen)


def test_an_extent_that_comes_later_is_found_by_who_asked_before(store: PostgresStore) -> None:
    reader = PostgresStore(store.url, read_only=True)
    store.put([said("small", place=point(130.5, 30.5))], at=START)
    assert len(reader.features(query()).items) == 1
    store.put([said("large", place=square(120.0, 20.0, 30.0))], at=START)
    assert len(reader.features(query()).items) == 2
    reader.close()


def test_a_marking_that_comes_later_is_seen_and_a_steady_block_looks_once(
    store: PostgresStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = PostgresStore(store.url, read_only=True)
    store.put([said("a", place=point(130.5, 30.5))], at=START)
    assert reader.markings() == {OPEN}
    assert len(reader.features(query()).items) == 1
    asked: list[bytes] = []
    ask = Direct.ask

    def noted(self: Direct, statement: Statement, values: Sequence[bytes] = ()) -> object:
        asked.append(statement.name)
        return ask(self, statement, values)

    with monkeypatch.context() as patch:
        patch.setattr(Direct, "ask", noted)
        with reader.steady():
            assert reader.markings() == {OPEN}
            position = reader.position()
            store.put([said("b", marking=AMBER)], at=START)
            assert reader.position() == position
            assert reader.markings() == {OPEN}
            assert len(reader.features(query()).items) == 1
    assert asked == [b"state", b"box_features"]
    assert reader.position() == position + 1
    assert reader.markings() == {OPEN, AMBER}
    reader.close()


def test_a_server_that_went_away_is_told_as_such_and_asked_again(
    store: PostgresStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.put([said("a", place=point(130.5, 30.5))], at=START)
    assert len(store.features(query()).items) == 1
    with monkeypatch.context() as patch:
        # The server closes the connection between the look at it and the question.
        patch.setattr("hinomi.stores.postgres.link.alive", lambda _: True)
        with psycopg.connect(store.url, autocommit=True) as other:
            other.execute(
                "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        with pytest.raises(UnavailableError):
            store.features(query())
    assert len(store.features(query()).items) == 1


def test_a_page_of_a_box_reads_the_index_alone_and_as_much_of_a_large_table_as_of_a_small(
    store: PostgresStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def more(first: int, last: int) -> None:
        spots = [
            said(f"{n:06}", place=point(n % 200 / 50, n // 200 / 50)) for n in range(first, last)
        ]
        store.put(spots, at=START)
        with psycopg.connect(store.url, autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE hinomi.record")

    def read() -> tuple[int, str]:
        """Return the blocks of tables and indexes that the page touches, and its plan."""
        asked: list[Sequence[bytes]] = []
        ask = Direct.ask

        def noted(self: Direct, statement: Statement, values: Sequence[bytes] = ()) -> object:
            asked.append(values)
            return ask(self, statement, values)

        with monkeypatch.context() as patch:
            patch.setattr(Direct, "ask", noted)
            assert len(store.features(query(10, box=(0.0, 0.0, 1.0, 1.0))).items) == 10
        given = ", ".join(f"'{value.decode()}'" for value in asked[-1])
        with store._links.reading(SEE) as link:
            explained = f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE box_features({given})"
            told = link.connection.execute(explained).fetchall()[0][0]
        plan = told[0]["Plan"]
        return plan["Shared Hit Blocks"] + plan["Shared Read Blocks"], str(told)

    more(0, 400)
    few, _ = read()
    more(400, 8_000)
    many, plan = read()
    assert 0 < many <= 2 * few + 20
    assert "'Index Only Scan'" in plan
    assert "'record_page'" in plan
