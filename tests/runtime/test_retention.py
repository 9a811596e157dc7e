"""Readings past their days leave the store for a file that holds them all; latest values stay."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hinomi.kernel.marking import OPEN
from hinomi.kernel.records import Readings, Series, micros
from hinomi.runtime import checkup
from hinomi.runtime.catalog import default_catalog
from hinomi.runtime.retention import Retention
from hinomi.stores.sqlite import SqliteStore

LEVELS = "hazards.river_levels"
START = datetime(2026, 6, 1, 3, tzinfo=UTC)
SEE = frozenset({OPEN})
DAYS = default_catalog().collection(LEVELS).keep_days or 0
assert DAYS > 0


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.time = START

    def __call__(self) -> datetime:
        return self.time


def gauge(name: str, collection: str = LEVELS) -> Series:
    return Series(
        id=f"{collection}.{name}.level_m", collection=collection, thing=name,
        property="level_m", unit="m", source="town",
    )  # fmt: skip


@pytest.fixture
def now() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    """Ten days of readings, one a day at 3 UTC, of two gauges; one of another collection."""
    found = SqliteStore(tmp_path)
    for series in (gauge("a"), gauge("b"), gauge("c", "town.levels")):
        rows = [(0, micros(START + timedelta(days=n)), float(n), 0) for n in range(10)]
        found.put([], [Readings(series=(series,), rows=rows)], at=START)
    yield found
    found.close()


def values(store: SqliteStore, series: Series) -> list[float]:
    return [r.value for r in store.readings(series.id, visible=SEE)]


def test_only_what_is_too_old_moves_and_nothing_is_lost(
    store: SqliteStore, tmp_path: Path, now: Clock
) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    retention = Retention(store, default_catalog(), tmp_path, now=now)
    now.time = START + timedelta(days=DAYS)
    assert retention.retire() == {}
    assert not (tmp_path / "archive").exists()
    now.time += timedelta(days=4)
    assert retention.retire() == {LEVELS: 8}
    assert values(store, gauge("a")) == [float(n) for n in range(4, 10)]
    assert values(store, gauge("c", "town.levels")) == [float(n) for n in range(10)]
    assert retention.retire() == {}
    now.time += timedelta(days=100)
    assert retention.retire() == {LEVELS: 12}
    files = sorted((tmp_path / "archive").iterdir())
    first = START + timedelta(days=4)
    assert files[0].name == f"{LEVELS}-{first:%Y-%m-%d}.parquet"
    told = [v for file in files for v in parquet.read_table(file).column("value").to_pylist()]
    assert sorted(told) == sorted([float(n) for n in range(10)] * 2)
    assert [s.reading and s.reading.value for s in store.series(LEVELS, visible=SEE)] == [9.0, 9.0]
    assert store.check() == []


def test_what_comes_late_goes_into_the_next_days_file(
    store: SqliteStore, tmp_path: Path, now: Clock
) -> None:
    pytest.importorskip("pyarrow")
    retention = Retention(store, default_catalog(), tmp_path, now=now)
    now.time = START + timedelta(days=DAYS + 4)
    retention.retire()
    late = Readings(series=(gauge("a"),), rows=[(0, micros(START), 5.5, 0)])
    store.put([], [late], at=now())
    assert retention.retire() == {}
    now.time += timedelta(days=1)
    assert retention.retire() == {LEVELS: 3}
    assert len(list((tmp_path / "archive").iterdir())) == 2


def test_without_pyarrow_nothing_is_deleted_and_it_is_said_once(
    store: SqliteStore,
    tmp_path: Path,
    now: Clock,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    retention = Retention(store, default_catalog(), tmp_path, now=now)
    now.time += timedelta(days=DAYS + 100)
    with caplog.at_level(logging.WARNING):
        assert retention.retire() == {}
        assert retention.retire() == {}
    assert [r.getMessage() for r in caplog.records if "hinomi[archive]" in r.getMessage()] == [
        caplog.records[0].getMessage()
    ]
    assert len(values(store, gauge("a"))) == 10


def test_the_thread_retires_again_on_the_next_day(
    store: SqliteStore, tmp_path: Path, now: Clock
) -> None:
    pytest.importorskip("pyarrow")
    now.time = START + timedelta(days=DAYS + 4)
    left: list[int] = []

    class Stop(threading.Event):
        """Half a day passes at each wait; it ends after two days."""

        def wait(self, timeout: float | None = None) -> bool:
            del timeout
            left.append(len(values(store, gauge("a"))))
            now.time += timedelta(hours=12)
            return len(left) > 4

    Retention(store, default_catalog(), tmp_path, now=now).run(Stop())
    assert left == [10, 6, 5, 5, 4]


def test_the_check_up_tells_how_long_readings_are_kept(
    store: SqliteStore, tmp_path: Path, now: Clock
) -> None:
    pytest.importorskip("pyarrow")
    now.time = START + timedelta(days=DAYS + 4)
    Retention(store, default_catalog(), tmp_path, now=now).retire()
    said = [f.text.en for f in checkup.check(tmp_path, page=tmp_path, app="hinomi:x")]
    assert any(f"kept {DAYS} days; older ones in 1 files" in text for text in said)
