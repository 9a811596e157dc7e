"""A Reader shows one caller what policy allows, at one moment, in the statuses asked for."""

from datetime import timedelta

import pytest

from hinomi.kernel.catalog import Catalog
from hinomi.kernel.collections import Collection, Kind
from hinomi.kernel.errors import InputError, MissingError, Text
from hinomi.kernel.marking import ANONYMOUS, OPERATOR, Principal, Status
from hinomi.kernel.ports import Domain
from hinomi.kernel.reader import Reader, statuses
from hinomi.kernel.records import Origin
from hinomi.stores.memory import MemoryStore
from hinomi.testing.strategies import COLLECTION, SERIES, START, Sighting
from hinomi.testing.suite import AMBER, EXERCISE, level, rows, said

TEXT = Text("試験", "test")


def listed(name: str, kind: Kind = Kind.FEATURES) -> Collection:
    return Collection(id=name, title=TEXT, text=TEXT, schema=Sighting, licence="CC0-1.0", kind=kind)


CATALOG = Catalog(
    [Domain(id="d", title=TEXT, collections=(listed(COLLECTION), listed(SERIES, Kind.SERIES)))]
)


@pytest.fixture
def store() -> MemoryStore:
    store = MemoryStore()
    digest = store.put_blob(b"raw")
    store.put(
        [said("open", origin=Origin(digest=digest)), said("drill", marking=EXERCISE)], at=START
    )
    store.put([said("amber", marking=AMBER)], [rows((1, 1.0))], at=START + timedelta(hours=1))
    return store


def reader(store: MemoryStore, principal: Principal = ANONYMOUS, status: str = "actual") -> Reader:
    return Reader(store, CATALOG, principal, status=statuses(status))


def keys(asked: Reader) -> set[str]:
    return {record.key for record in asked.every(COLLECTION, limit=1)}


def test_everyone_sees_the_actual_and_open(store: MemoryStore) -> None:
    assert keys(reader(store)) == {"open"}
    assert keys(reader(store, status="exercise")) == {"drill"}
    assert keys(reader(store, OPERATOR, "any")) == {"open", "drill", "amber"}


def test_as_of_moves_the_moment_and_not_the_rights(store: MemoryStore) -> None:
    past = reader(store, OPERATOR).at(START)
    assert keys(past) == {"open"}
    assert past.position() == 2
    store.remark(COLLECTION, "open", "jma", old=said("x").marking, new=AMBER, at=START)
    assert keys(reader(store).at(START)) == set()
    assert reader(store).at(None).position() == store.position()


def test_pages_are_walked_to_the_end(store: MemoryStore) -> None:
    store.put([said(f"{n:05}") for n in range(10_050)], at=START)
    assert len(list(reader(store).every(COLLECTION))) == 10_051


def test_features_are_the_found_records_bytes(store: MemoryStore) -> None:
    asked = reader(store)
    page = asked.features(COLLECTION, limit=1)
    assert page.items == [item.feature for item in asked.find(COLLECTION, limit=1).items]


def test_names_and_limits_are_checked(store: MemoryStore) -> None:
    asked = reader(store)
    for call in (
        lambda: asked.find("nowhere"),
        lambda: asked.history("nowhere", "k"),
        lambda: asked.changes(0, collections=["nowhere"]),
        lambda: asked.get(COLLECTION, "amber"),
        lambda: asked.record("0" * 32),
        lambda: asked.trace("0" * 32),
    ):
        with pytest.raises(MissingError):
            call()
    for limit in (0, 10_001):
        with pytest.raises(InputError, match="limit"):
            asked.find(COLLECTION, limit=limit)
    with pytest.raises(InputError, match="status"):
        statuses("training")


def test_one_thing_can_be_followed_everywhere(store: MemoryStore) -> None:
    asked = reader(store)
    record = asked.get(COLLECTION, "open")
    assert asked.record(record.id) == record
    assert asked.trace(record.id).record == record
    assert asked.history(COLLECTION, "open").items == [record]
    assert [c.record for c in asked.changes(0, collections=[COLLECTION]).items] == [record]
    assert asked.count(asked.query(COLLECTION)) == 1
    assert asked.next_expiry(COLLECTION, START) is None
    (digest,) = store.blobs()
    assert asked.blob(record, digest) == b"raw"
    with pytest.raises(MissingError):
        asked.blob(record, "0" * 64)


def test_readings_are_read_through_their_series(store: MemoryStore) -> None:
    asked = reader(store)
    (latest,) = asked.series(SERIES)
    assert latest.series == level()
    assert [r.value for r in asked.readings("levels.1")] == [1.0]
    start, end = START - timedelta(days=40_000), START
    assert len(asked.readings_in(SERIES, bbox=(139, 35, 140, 36), start=start, end=end)) == 1
    assert Status.ACTUAL in asked.status
