"""The second wall: the role that questions are asked with sees no row above its marking."""

# ruff: noqa: S608 - the tables are the ones named here

from collections.abc import Iterator

import psycopg
import pytest

from hinomi.kernel.marking import OPEN
from hinomi.kernel.records import Origin, Readings
from hinomi.kernel.store import Query
from hinomi.stores.postgres import PostgresStore, finding
from hinomi.stores.postgres.link import Link
from hinomi.stores.postgres.schema import WEB_ROLE
from hinomi.testing.strategies import START, Sighting
from hinomi.testing.suite import AMBER, EXERCISE, level, rows, said

Connection = psycopg.Connection[tuple[object, ...]]

CANARY = "カナリア"
WALLED = (
    "record", "shape", "delivery", "made", "remark", "series", "reading", "latest", "batch"
)  # fmt: skip
UNWALLED = {"layout", "name", "marking", "step", "extent", "tally"}
"""Numbers, names of collections and sources, counts: no statement."""


@pytest.fixture
def filled(store: PostgresStore) -> PostgresStore:
    """Everything twice: open, and above it with a canary."""
    large = {"type": "LineString", "coordinates": [[130 + n / 100, 35.5] for n in range(500)]}
    larger = {"type": "LineString", "coordinates": [[131 + n / 100, 35.5] for n in range(500)]}
    for marking, word, place in ((OPEN, "open", large), (AMBER, CANARY, larger)):
        record = said(word, marking=marking, body=Sighting(name=word), place=place)
        first = store.put([record], at=START).ids[0]
        made = said(word, 1, marking=marking, body=Sighting(name=word), place=place,
                    origin=Origin(address=word, inputs=(first,)))  # fmt: skip
        store.put([made], at=START)
        again = said(word, 1, marking=marking, body=Sighting(name=word), place=place,
                     origin=Origin(address=f"{word} again"))  # fmt: skip
        store.put([again], at=START)
        line = level(f"levels.{word}", marking=marking, title=word)
        batch = rows((1, 1.0), series=line)
        store.put([], [Readings(series=batch.series, rows=batch.rows, origin=Origin(word))],
                  at=START)  # fmt: skip
        store.put_blob(word.encode())
    store.put([said("narrowed", marking=EXERCISE, source=CANARY)], at=START)
    return store


@pytest.fixture
def web(filled: PostgresStore) -> Iterator[Connection]:
    with psycopg.connect(filled.url, autocommit=True) as connection:
        connection.execute(f"SET ROLE {WEB_ROLE}; SET search_path = hinomi, public")  # type: ignore[arg-type]
        yield connection


def see(web: Connection, *words: str) -> None:
    """Let the session see the markings whose TLP disclosures are these numbers, actual only."""
    web.execute(
        "SELECT set_config('hinomi.visible', coalesce((SELECT array_agg(id)::text FROM marking"
        " WHERE disclosure = ANY(%s) AND status = 'actual'), '{}'), false)",
        ([int(word) for word in words],),
    )


@pytest.mark.parametrize("table", WALLED)
def test_a_forgotten_where_shows_nothing_above(web: Connection, table: str) -> None:
    everything = f"SELECT t::text FROM {table} t"
    see(web, "0")
    open_rows = str(web.execute(everything).fetchall())  # type: ignore[arg-type]
    assert CANARY not in open_rows
    assert CANARY.encode().hex() not in open_rows
    few = web.execute(f"SELECT count(*) FROM {table}").fetchone()  # type: ignore[arg-type]
    see(web, "0", "2")
    more = web.execute(f"SELECT count(*) FROM {table}").fetchone()  # type: ignore[arg-type]
    assert few is not None
    assert more is not None
    assert few != more or table == "remark"


def test_a_session_that_says_nothing_sees_nothing(
    web: Connection,
) -> None:
    for table in WALLED:
        assert web.execute(f"SELECT * FROM {table}").fetchall() == []  # type: ignore[arg-type]


def test_a_narrowed_statement_disappears_from_who_saw_it(
    web: Connection, filled: PostgresStore
) -> None:
    filled.remark("test.sightings", "open", "jma", old=OPEN, new=AMBER, at=START)
    see(web, "0")
    assert web.execute("SELECT key FROM record").fetchall() == []
    assert web.execute("SELECT key FROM remark").fetchall() == [("open",)]


def test_the_web_role_changes_nothing_and_reads_no_other_table(
    web: Connection,
) -> None:
    tables = {
        str(name)
        for (name,) in web.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'hinomi'::regnamespace"
            " AND relkind IN ('r', 'p', 'v', 'm')"
        )
    }
    assert {"lane", "cover", "complete", "blob"} < tables
    for table in tables - set(WALLED) - UNWALLED:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            web.execute(f"SELECT * FROM {table}")  # type: ignore[arg-type]
    for table in (*WALLED, *UNWALLED):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            web.execute(f"DELETE FROM {table}")  # type: ignore[arg-type]


def test_the_store_asks_under_the_wall(
    filled: PostgresStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Were the questions' own conditions forgotten, the wall would still stand."""
    honest = filled.find(Query(collection="test.sightings", visible=frozenset({OPEN}))).items
    everything = filled.markings()
    numbers = Link.listed
    with filled._links.reading(frozenset({OPEN})) as link:
        monkeypatch.setattr(Link, "listed", lambda self, _: numbers(self, everything))
        careless = finding.find(link, Query(collection="test.sightings", visible=everything)).items
    assert [r.key for r in careless] == [r.key for r in honest] == ["open"]
