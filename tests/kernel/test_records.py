"""Records: identity, intervals, features."""

import json
from datetime import UTC, datetime, timedelta, timezone

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hinomi.kernel.errors import InputError
from hinomi.kernel.geometry import point
from hinomi.kernel.marking import Disclosure, Marking
from hinomi.kernel.records import (
    ALWAYS,
    Interval,
    Origin,
    Record,
    Stored,
    compose_feature,
    from_micros,
    instant,
    micros,
)

START = datetime(2026, 6, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


class Body(msgspec.Struct):
    name: str = "水位"


class Nothing(msgspec.Struct):
    pass


RECORD = Record(collection="c", key="k", said_at=START, body=Body(), source="s")


@pytest.mark.parametrize(
    "change",
    [
        {"collection": "d"},
        {"key": "l"},
        {"said_at": START + timedelta(microseconds=1)},
        {"when": instant(START)},
        {"place": point(1, 2)},
        {"body": Body("x")},
        {"marking": Marking(disclosure=Disclosure.RED)},
        {"source": "t"},
        {"retracts": True},
    ],
    ids=lambda change: next(iter(change)),
)
def test_what_is_stated_makes_the_identity(change: dict[str, object]) -> None:
    assert msgspec.structs.replace(RECORD, **change).identity() != RECORD.identity()


def test_transport_and_order_do_not_make_the_identity() -> None:
    again = msgspec.structs.replace(RECORD, origin=Origin(address="x"), serial=3, rank=-1)
    tokyo = msgspec.structs.replace(RECORD, said_at=START.astimezone(timezone(9 * HOUR)))
    assert again.identity() == tokyo.identity() == RECORD.identity()
    assert len(RECORD.identity()) == 32


@given(st.integers(-(10**15), 10**17))
def test_microseconds_are_exact(value: int) -> None:
    assert micros(from_micros(value)) == value


def test_an_interval_is_utc_and_runs_forwards() -> None:
    tokyo = START.astimezone(timezone(9 * HOUR))
    assert Interval(tokyo).start == START
    assert Interval(tokyo).start.tzinfo is UTC  # type: ignore[union-attr]
    with pytest.raises(InputError, match="before it starts"):
        Interval(START, START - HOUR)
    with pytest.raises(InputError, match="no zone"):
        Interval(START.replace(tzinfo=None))


@pytest.mark.parametrize(
    ("interval", "asked", "meets"),
    [
        (ALWAYS, (None, None), True),
        (Interval(START), (None, START), True),
        (Interval(START), (None, START - HOUR), False),
        (Interval(None, START), (START, None), False),
        (Interval(None, START), (START - HOUR, None), True),
        (instant(START), (START, START), True),
        (instant(START), (START + HOUR, None), False),
        (Interval(START, START + HOUR), (START + HOUR, None), False),
        (Interval(START, START + HOUR), (START - HOUR, START), True),
    ],
)
def test_an_interval_excludes_its_end(
    interval: Interval, asked: tuple[datetime | None, datetime | None], *, meets: bool
) -> None:
    assert interval.overlaps(*asked) is meets


@pytest.mark.parametrize("body", [Body(), Nothing()], ids=["fields", "none"])
def test_a_feature_is_body_envelope_and_geometry_last(body: object) -> None:
    record = msgspec.structs.replace(RECORD, body=body, place=point(139.7, 35.6))
    feature = compose_feature(record, "f" * 32, START)
    decoded = json.loads(feature)
    assert list(decoded) == ["type", "id", "properties", "geometry"]
    assert feature.endswith(b'"geometry":{"type":"Point","coordinates":[139.7,35.6]}}')
    stored = Stored(
        seq=1,
        id="f" * 32,
        collection="c",
        key="k",
        said_at=START,
        recorded_at=START,
        when=ALWAYS,
        source="s",
        marking=record.marking,
        retracts=False,
        feature=feature,
    )
    assert stored.body() == msgspec.to_builtins(body)
    assert stored.place() == point(139.7, 35.6)
    assert stored.properties()["disclosure"] == "CLEAR"
