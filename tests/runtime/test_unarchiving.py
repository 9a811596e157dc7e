"""Readings that retention moved into a file come back when somebody needs them, and leave again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from hinomi.kernel.errors import InputError, MissingError
from hinomi.kernel.marking import OPEN, Disclosure, Marking, Status
from hinomi.kernel.records import Readings, Series, micros
from hinomi.runtime import clock
from hinomi.runtime.catalog import default_catalog
from hinomi.runtime.retention import Retention
from hinomi.runtime.unarchiving import unarchive
from hinomi.stores.sqlite import SqliteStore
from tests.apps.cli.conftest import Hinomi, data, hinomi  # noqa: F401 - fixtures

pytest.importorskip("pyarrow")
LEVELS = "hazards.river_levels"
DAYS = default_catalog().collection(LEVELS).keep_days or 0
DRILL = Marking(Status.EXERCISE, Disclosure.AMBER, ("nanao-city",))
SEE = frozenset({OPEN, DRILL})


def gauge(marking: Marking = OPEN) -> Series:
    return Series(
        id=f"{LEVELS}.a", collection=LEVELS, thing="a", property="level_m", unit="m",
        source="town", marking=marking,
    )  # fmt: skip


@pytest.fixture
def town(tmp_path: Path) -> Iterator[SqliteStore]:
    """Three old readings, one of them corrected, and a new one; the same in an exercise."""
    today = clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
    old = micros(today - timedelta(days=DAYS + 10))
    with closing(SqliteStore(tmp_path / "data")) as store:
        for series, add in ((gauge(), 0.0), (gauge(DRILL), 100.0)):
            rows = [(0, old + n, n + add, n) for n in range(3)]
            store.put([], [Readings(series=(series,), rows=rows)], at=today)
            store.put([], [Readings(series=(series,), rows=[(0, old, 9.0 + add, 0)])], at=today)
            new = [(0, micros(today), 5.0 + add, 0)]
            store.put([], [Readings(series=(series,), rows=new)], at=today)
        yield store


def _at(moment: datetime) -> datetime:
    return moment


def values(store: SqliteStore, marking: Marking = OPEN) -> list[tuple[float, int]]:
    found = store.readings(f"{LEVELS}.a", visible=frozenset({marking}))
    return [(r.value, r.quality) for r in found]


def test_what_came_back_is_as_it_was_and_leaves_again(town: SqliteStore) -> None:
    folder = town.folder
    before = {marking: values(town, marking) for marking in SEE}
    catalog = default_catalog()
    assert Retention(town, catalog, folder).retire() == {LEVELS: 8}
    assert values(town) == [(5.0, 0)]
    (file,) = (folder / "archive").glob("*.parquet")

    def put(records: object, readings: object) -> object:
        del records
        return town.put([], readings, at=clock.now())  # type: ignore[arg-type]

    done = unarchive(town, folder, [file], 30, put)  # type: ignore[arg-type]
    assert (done.new, done.unknown, list(done.until)) == (6, (), [LEVELS])
    assert {marking: values(town, marking) for marking in SEE} == before
    assert town.check() == []
    again = unarchive(town, folder, [file], 3, put)  # type: ignore[arg-type]
    assert again.new == 0
    # The longer of the two holds; then they leave again.
    for days, moved in ((1, {}), (29, {}), (31, {LEVELS: 6})):
        later = clock.now() + timedelta(days=days)
        assert Retention(town, catalog, folder, now=partial(_at, later)).retire() == moved
    assert values(town) == [(5.0, 0)]


def test_a_file_that_is_none_brings_nothing_back(town: SqliteStore, tmp_path: Path) -> None:
    import pyarrow as pa  # noqa: PLC0415 - an extra
    import pyarrow.parquet as pq  # noqa: PLC0415 - an extra

    other = tmp_path / "other.parquet"
    pq.write_table(pa.table({"a": [1]}), other)
    (tmp_path / "text.parquet").write_text("no")
    for path, error in (
        (other, InputError), (tmp_path / "text.parquet", InputError),
        (tmp_path / "none.parquet", MissingError),
    ):  # fmt: skip
        with pytest.raises(error):
            unarchive(town, town.folder, [path], 30, lambda *_: pytest.fail("written"))
    assert not (town.folder / "archive" / "held.json").exists()


def test_the_command_brings_them_back(hinomi: Hinomi, town: SqliteStore) -> None:  # noqa: F811
    assert Retention(town, default_catalog(), town.folder).retire() == {LEVELS: 8}
    (file,) = (town.folder / "archive").glob("*.parquet")
    town.close()
    told = hinomi("store", "unarchive", file, "--days", 7)
    assert told.code == 0
    assert told.out.startswith("6 readings came back (0 were there).\nhazards.river_levels: they")
    with closing(SqliteStore(town.folder, read_only=True)) as store:
        assert len(values(store)) == 4
