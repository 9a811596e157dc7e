"""The writer decides: what was written without knowledge of the newest statement is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from hinomi.kernel.errors import ConflictError
from hinomi.kernel.marking import OPEN, OPERATOR, Disclosure, Marking, Status
from hinomi.kernel.records import Record
from hinomi.kernel.store import Store
from hinomi.runtime.catalog import default_catalog
from hinomi.runtime.service import Service
from hinomi.runtime.writer import Writer
from hinomi.stores.memory import MemoryStore
from hinomi.stores.sqlite import SqliteStore

NOON = datetime(2026, 6, 1, 3, tzinfo=UTC)
DRILL = Marking(Status.EXERCISE)


class Note(msgspec.Struct, frozen=True):
    text: str


def note(text: str, key: str = "k", *, marking: Marking = OPEN, minute: int = 0) -> Record:
    return Record(
        collection="town.notes",
        key=key,
        said_at=NOON + timedelta(minutes=minute),
        body=Note(text),
        source="town",
        marking=marking,
    )


@pytest.fixture(params=[MemoryStore, SqliteStore])
def writer(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Writer]:
    make: Callable[..., Store] = request.param
    store = make() if make is MemoryStore else make(tmp_path)
    yield Writer(store, now=lambda: NOON + timedelta(hours=1))
    store.close()


def test_of_two_who_read_the_same_the_second_is_refused(writer: Writer) -> None:
    first, second = (Service(writer.store, default_catalog(), append=writer.append) for _ in "ab")
    since = first.append(OPERATOR, [note("old")]).position
    first.append(OPERATOR, [note("mine", minute=1)], since=since)
    with pytest.raises(ConflictError):
        second.append(OPERATOR, [note("yours", minute=2)], since=since)
    found = first.reader(OPERATOR).changes(0).items
    assert [c.record.body()["text"] for c in found if c.record] == ["old", "mine"]


@pytest.mark.parametrize(
    "other",
    [note("b", "other"), note("b", marking=DRILL)],
    ids=["another thing", "another status"],
)
def test_what_is_said_of_others_is_no_conflict(writer: Writer, other: Record) -> None:
    since = writer.put([note("a")]).position
    writer.put([other])
    assert writer.append([note("c", minute=1)], since=since).new == 1


def test_a_withdrawal_and_a_narrowing_are_conflicts(writer: Writer) -> None:
    since = writer.put([note("a"), note("a", "l")]).position
    gone = msgspec.structs.replace(note("a", minute=1), retracts=True)
    writer.put([gone])
    amber = Marking(disclosure=Disclosure.AMBER)
    writer.store.remark("town.notes", "l", "town", old=OPEN, new=amber, at=NOON)
    for key in "kl":
        with pytest.raises(ConflictError):
            writer.append([note("c", key, minute=2)], since=since)


@pytest.mark.parametrize("retracts", [False, True], ids=["said", "withdrawn"])
def test_a_request_repeated_after_a_lost_answer_is_no_conflict(
    writer: Writer, *, retracts: bool
) -> None:
    since = writer.put([note("a")]).position
    mine = msgspec.structs.replace(note("a", minute=1), retracts=retracts)
    done = writer.append([mine], since=since)
    again = writer.append([mine], since=since)
    assert (again.known, again.ids) == (1, done.ids)


def test_a_conflict_among_more_changes_than_a_page_is_found(writer: Writer) -> None:
    since = writer.put([note("a")]).position
    writer.put([note("x", f"other{n}") for n in range(1_100)])
    writer.put([note("b", minute=1)])
    with pytest.raises(ConflictError):
        writer.append([note("c", minute=2)], since=since)
