"""A small field of its own: lines ``key,value[,lon,lat]`` become records."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

import msgspec
import pytest

from hinomi.kernel.catalog import Catalog
from hinomi.kernel.collections import Collection
from hinomi.kernel.errors import DataError, Problem, Text
from hinomi.kernel.geometry import Geometry, point
from hinomi.kernel.ports import Domain, Gazetteer, Model, Parsed, Payload, Source
from hinomi.kernel.reader import Reader
from hinomi.kernel.records import Record
from hinomi.runtime import operations
from hinomi.runtime.intake import Intake
from hinomi.runtime.writer import Writer
from hinomi.stores.memory import MemoryStore

T0 = datetime(2026, 6, 1, 0, 0, tzinfo=UTC)


class Body(msgspec.Struct, frozen=True):
    value: float
    area: str = ""


def _collection(name: str) -> Collection:
    text = Text(name, name)
    return Collection(id=name, title=text, text=text, schema=Body, licence="CC0-1.0")


def parse_lines(payload: Payload, gazetteer: Gazetteer) -> Parsed:
    if payload.data.startswith(b"lines broken"):
        problem = Problem("lines.broken", "/1", Text("壊れた行", "broken"))
        raise DataError([problem])
    if payload.data.startswith(b"lines fault"):
        raise ZeroDivisionError("a fault of ours")
    parsed = Parsed(kind="lines")
    for number, line in enumerate(payload.data.decode().splitlines()[1:], 1):
        key, *rest = line.split(",")
        if not rest:
            parsed.problems.append(
                Problem(
                    "lines.value", f"/{number}", Text("値がない", "no value"), expected="a value"
                )
            )
            continue
        place: Geometry | None = None
        area = ""
        if len(rest) == 3:
            place = point(float(rest[1]), float(rest[2]))
        elif len(rest) == 2:
            area = rest[1]
            place = gazetteer.place(area, date(2026, 6, 1))
            if not gazetteer.knows(area, date(2026, 6, 1)):
                parsed.problems.append(
                    Problem(
                        "lines.unknown-area",
                        f"/{number}",
                        Text("未知の地域", "unknown area"),
                        grade="alarm",
                        found=area,
                    )
                )
        parsed.records.append(
            Record(
                collection="demo.things",
                key=key,
                said_at=T0,
                body=Body(float(rest[0]), area),
                source="demo",
                place=place,
            )
        )
    return parsed


def double(reader: Reader, keys: dict[str, object]) -> Parsed:
    wanted = keys.get("demo.things")
    things = reader.every("demo.things", **({"keys": tuple(wanted)} if wanted else {}))
    return Parsed(
        records=[
            Record(
                collection="demo.doubles",
                key=thing.key,
                said_at=thing.said_at,
                body=Body(2 * thing.body()["value"]),
                source="hinomi",
            )
            for thing in things
        ]
    )


SOURCE = Source(
    id="demo-lines",
    title=Text("行", "Lines"),
    gives=("demo.things",),
    licence="CC0-1.0",
    reference="here",
    detect=lambda payload: payload.data.startswith(b"lines"),
    parse=parse_lines,
)
MODEL = Model(
    id="demo-double",
    title=Text("倍", "Double"),
    version="1",
    needs=("demo.things",),
    gives=("demo.doubles",),
    predict=double,
    reference="arithmetic",
    limits=Text("なし", "none"),
)
DEMO = Domain(
    id="demo",
    title=Text("見本", "Demo"),
    collections=(_collection("demo.things"), _collection("demo.doubles")),
    sources=(SOURCE,),
    models=(MODEL,),
)


class Areas:
    """A gazetteer whose areas a test can add."""

    def __init__(self) -> None:
        self.places: dict[str, Geometry] = {}

    def place(self, code: str, on: date) -> Geometry | None:  # noqa: ARG002
        return self.places.get(code)

    def knows(self, code: str, on: date) -> bool:  # noqa: ARG002
        return code in self.places


class Clock:
    def __init__(self) -> None:
        self.at = datetime(2026, 11, 21, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def catalog() -> Catalog:
    return Catalog((DEMO, operations.DOMAIN))


@pytest.fixture
def areas() -> Areas:
    return Areas()


@pytest.fixture
def writer() -> Writer:
    return Writer(MemoryStore(), now=Clock())


@pytest.fixture
def intake(writer: Writer, catalog: Catalog, areas: Areas) -> Intake:
    return Intake(writer, catalog, areas)


@pytest.fixture
def lines() -> Callable[..., bytes]:
    """Make a payload of lines that no test has used."""
    return lambda *rows: "\n".join(("lines", *rows)).encode()
