"""Grids past their days: between the hours their bytes go, records stay, and it is written down."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hinomi.domains.hazards.collections.rain import RAIN, RainGrid, rain_key
from hinomi.kernel.errors import MissingError
from hinomi.kernel.marking import OPEN, OPERATOR, Marking, Status
from hinomi.kernel.records import Interval, Record
from hinomi.runtime.audit import Audit
from hinomi.runtime.catalog import default_catalog
from hinomi.runtime.retention_grids import ON_THE_HOUR_TIMES, GridRetention
from hinomi.runtime.service import Service
from hinomi.stores.memory import MemoryStore

T0 = datetime(2026, 9, 1, tzinfo=UTC)
DAYS = RAIN.keep_days or 0
assert DAYS > 0


class Town:
    def __init__(self, folder: Path) -> None:
        self.store, self.time, self.folder = MemoryStore(), T0, folder
        self.catalog = default_catalog()

    def put(self, at: datetime, data: bytes, marking: Marking = OPEN) -> None:
        digest = self.store.put_blob(data)
        body = RainGrid(
            parameter="rain_mm_per_h", unit="mm/h", bounds=(135.0, 34.0, 135.1, 34.1), rows=1,
            columns=1, moments=(at,), grid_digest=digest, network="a",
        )  # fmt: skip
        record = Record(
            collection=RAIN.id, key=rain_key("a", at), said_at=at, body=body, source="radar",
            when=Interval(at, at), marking=marking,
        )  # fmt: skip
        self.store.put([record], at=at)

    def free(self, after: timedelta) -> list[tuple[int, int]]:
        retention = GridRetention(self.store, self.catalog, self.folder, now=lambda: T0 + after)
        return [(one.thinned, one.ended) for one in retention.free()]

    def audited(self) -> list[str]:
        audit = Audit(self.folder)
        try:
            return [found.event.what for found in audit.find({})]
        finally:
            audit.close()


@pytest.fixture
def town(tmp_path: Path) -> Town:
    found = Town(tmp_path)
    for minute in (0, 10, 20, 60, 70):
        found.put(T0 + timedelta(minutes=minute), b"grid %d" % minute)
    return found


def test_between_the_hours_goes_first_and_records_stay(town: Town) -> None:
    assert town.free(timedelta(days=DAYS)) == []
    assert town.free(timedelta(days=DAYS + 1)) == [(3, 0)]
    assert len(list(town.store.blobs())) == 2
    reader = Service(town.store, town.catalog).reader()
    items = {i.said_at.minute: i for i in reader.every(RAIN.id)}
    assert len(list(reader.every(RAIN.id))) == 5
    assert reader.blob(items[0], str(items[0].body()["grid_digest"]))
    with pytest.raises(MissingError):
        reader.blob(items[20], str(items[20].body()["grid_digest"]))
    assert town.free(timedelta(days=DAYS + 1)) == []  # Once.
    assert town.free(timedelta(days=DAYS * ON_THE_HOUR_TIMES + 1)) == [(0, 2)]
    assert list(town.store.blobs()) == []


def test_it_is_written_down(town: Town) -> None:
    town.free(timedelta(days=DAYS + 1))
    (entry,) = town.audited()
    assert entry.startswith("erased hazards.rain: 3 grids between the hours older than")


def test_bytes_that_a_younger_statement_names_stay(town: Town) -> None:
    late = T0 + timedelta(days=DAYS)
    town.put(late + timedelta(minutes=10), b"grid 10", Marking(Status.EXERCISE))
    assert town.free(timedelta(days=DAYS + 1)) == [(2, 0)]
    seen = Service(town.store, town.catalog).reader(OPERATOR, status=frozenset({Status.EXERCISE}))
    (item,) = seen.every(RAIN.id)
    assert seen.blob(item, str(item.body()["grid_digest"])) == b"grid 10"
