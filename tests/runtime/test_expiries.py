"""Expiries: the clock alone changes what is valid, and the feed says so, once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from hinomi.kernel.catalog import Catalog
from hinomi.kernel.marking import ANONYMOUS, Disclosure, Marking, Status
from hinomi.kernel.reader import Reader
from hinomi.kernel.records import Interval, Record
from hinomi.runtime import operations
from hinomi.runtime.expiries import Expiries
from hinomi.runtime.writer import Writer


@pytest.fixture
def expiries(writer: Writer, catalog: Catalog) -> Expiries:
    return Expiries(writer, catalog)


def lasting(writer: Writer, catalog: Catalog, hours: int, marking: Marking | None = None) -> Record:
    at = writer.now()
    return Record(
        collection="demo.things",
        key=f"k{hours}",
        said_at=at,
        body=catalog.collection("demo.things").schema(1.0),
        source="demo",
        when=Interval(at, at + timedelta(hours=hours)),
        marking=marking or Marking(),
    )


def test_an_end_is_announced_once_and_to_everyone(
    writer: Writer, catalog: Catalog, expiries: Expiries
) -> None:
    writer.put([lasting(writer, catalog, 1), lasting(writer, catalog, 3)])
    assert expiries.announce() == []
    writer.now.at += timedelta(hours=2)
    assert expiries.announce() == ["demo.things"]
    assert expiries.announce() == []
    reader = Reader(writer.store, catalog, ANONYMOUS)
    assert reader.get(operations.EXPIRIES.id, "demo.things").body()["expired_collection"]
    writer.now.at += timedelta(hours=2)
    assert expiries.announce() == ["demo.things"]


def test_what_is_closed_is_not_given_away_by_its_end(
    writer: Writer, catalog: Catalog, expiries: Expiries
) -> None:
    closed = Marking(Status.ACTUAL, Disclosure.RED, ("city",))
    writer.put([lasting(writer, catalog, 1, closed)])
    expiries.announce()
    writer.now.at += timedelta(hours=2)
    assert expiries.announce() == []
