"""A SQLite file of an earlier release is brought to today's layout."""

import sqlite3
from pathlib import Path

import apsw
import pytest

from hinomi.kernel.errors import UnavailableError
from hinomi.kernel.geometry import point
from hinomi.kernel.marking import OPEN
from hinomi.kernel.store import Query
from hinomi.stores.sqlite import SqliteStore
from hinomi.stores.sqlite.schema import MIGRATIONS
from hinomi.testing.strategies import COLLECTION, SERIES, START
from hinomi.testing.suite import AMBER, SEE, ask, said

VERSION_1 = Path(__file__).with_name("version_1.sql")
VERSION_2 = Path(__file__).with_name("version_2.sql")
VERSION_3 = Path(__file__).with_name("version_3.sql")


def test_a_file_of_the_first_layout_is_migrated(tmp_path: Path) -> None:
    (tmp_path / "blobs").mkdir()
    connection = sqlite3.connect(tmp_path / "hinomi.db")
    connection.executescript(VERSION_1.read_text(encoding="utf-8"))
    connection.close()
    with pytest.raises(UnavailableError, match="layout 1"):
        SqliteStore(tmp_path, read_only=True)
    store = SqliteStore(tmp_path)
    assert store.counts() == {(COLLECTION, OPEN): 1, (SERIES, OPEN): 1}
    assert ask(store, when=(START, START), bbox=(139.0, 35.0, 140.0, 36.0)) == ["a:0"]
    assert store.put([said("a", place=point(139.7, 35.6)), said("b")], at=START).known == 1
    assert store.check() == []
    store.close()


@pytest.mark.parametrize("released", [VERSION_2, VERSION_3])
def test_a_file_of_a_later_layout_is_migrated(released: Path, tmp_path: Path) -> None:
    (tmp_path / "blobs").mkdir()
    connection = sqlite3.connect(tmp_path / "hinomi.db")
    connection.executescript(released.read_text(encoding="utf-8"))
    connection.close()
    store = SqliteStore(tmp_path)
    assert store.check() == []
    box = (139.0, 35.0, 140.0, 36.0)
    assert ask(store, bbox=box) == ["a:2", "two:1"]
    assert ask(store, SEE | {AMBER}, bbox=box) == ["a:2", "secret:0", "two:1"]
    counted = Query(collection=COLLECTION, visible=SEE, bbox=box)
    assert store.count(counted) == 2
    store.put([said("two", 3, place=point(139.8, 35.6)), said("gone", 4)], at=START)
    assert ask(store, bbox=box) == ["a:2", "two:3"]
    assert (store.count(counted), store.check()) == (2, [])
    store.close()


@pytest.mark.parametrize(("released", "steps"), [(VERSION_1, 1), (VERSION_2, 2), (VERSION_3, 3)])
def test_the_layouts_in_these_tests_are_those_that_were_released(
    released: Path, steps: int
) -> None:
    statements = released.read_text(encoding="utf-8")
    old, new = sqlite3.connect(":memory:"), sqlite3.connect(":memory:")
    old.executescript(statements)
    new.executescript("".join(MIGRATIONS[:steps]))
    layout = "SELECT name, sql FROM sqlite_schema ORDER BY name"
    assert old.execute(layout).fetchall() == new.execute(layout).fetchall()
    old.close()
    new.close()


def test_a_newer_layout_is_refused(tmp_path: Path) -> None:
    SqliteStore(tmp_path).close()
    connection = apsw.Connection(str(tmp_path / "hinomi.db"))
    connection.execute("PRAGMA user_version = 99").fetchall()
    connection.close()
    for read_only in (True, False):
        with pytest.raises(UnavailableError, match="layout 99"):
            SqliteStore(tmp_path, read_only=read_only)
