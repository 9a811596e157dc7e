"""Every statement of a collection: of what has ended too, each asked by itself."""

from datetime import timedelta
from pathlib import Path
from typing import Any, Unpack

import msgspec
import pytest

from hinomi.kernel.geometry import point
from hinomi.kernel.marking import ANONYMOUS, Marking, Status
from hinomi.kernel.reader import Question, Reader
from hinomi.kernel.records import Record, instant
from hinomi.kernel.store import Store
from hinomi.runtime.catalog import default_catalog
from hinomi.runtime.history import statements
from hinomi.standards import cql2
from hinomi.stores.memory import MemoryStore
from hinomi.stores.sqlite import SqliteStore
from hinomi.testing.strategies import START

SITES = "response.sites"
CATALOG = default_catalog()


def site(key: str, hour: int, name: str, **fields: Any) -> Record:
    schema = CATALOG.collection(SITES).schema
    at = START + timedelta(hours=hour)
    said = Record(
        collection=SITES, key=key, said_at=at, when=instant(at), source="town",
        body=schema(name=name, match_key=name), place=point(136.0 + hour, 36.5),
    )  # fmt: skip
    return msgspec.structs.replace(said, **fields)


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    made: Store = MemoryStore() if request.param == "memory" else SqliteStore(tmp_path)
    drill = Marking(Status.EXERCISE)
    for record in (
        site("a", 0, "開設"), site("b", 0, "開設"), site("a", 2, "満員"),
        site("c", 3, "訓練", marking=drill), site("a", 5, "満員", retracts=True),
    ):  # fmt: skip
        made.put([record], at=record.said_at)
    return made


def told(reader: Reader, **question: Unpack[Question]) -> list[str]:
    return [
        f"{said.key}{said.properties()['name']}{'×' if said.retracts else ''}"
        for said in statements(reader, SITES, question)
    ]


def test_what_has_ended_is_in_the_history_and_an_exercise_is_not(store: Store) -> None:
    reader = Reader(store, CATALOG, ANONYMOUS)
    assert [s.key for s in reader.find(SITES).items] == ["b"]
    assert told(reader) == ["a開設", "a満員", "a満員×", "b開設"]
    assert told(reader, keys=("b",)) == ["b開設"]
    drill = Reader(store, CATALOG, ANONYMOUS, status=frozenset({Status.EXERCISE}))
    assert told(drill) == ["c訓練"]


def test_each_statement_is_asked_by_itself(store: Store) -> None:
    reader = Reader(store, CATALOG, ANONYMOUS)
    assert told(reader, filter=cql2.parse_text("name = '開設'")) == ["a開設", "b開設"]
    assert told(reader, bbox=(137.5, 36.0, 138.5, 37.0)) == ["a満員"]
    hour = START + timedelta(hours=2)
    assert told(reader, when=(hour, hour)) == ["a満員"]


def test_what_was_not_known_yet_is_left_out(store: Store) -> None:
    reader = Reader(store, CATALOG, ANONYMOUS).at(START + timedelta(hours=3))
    assert told(reader) == ["a開設", "a満員", "b開設"]
