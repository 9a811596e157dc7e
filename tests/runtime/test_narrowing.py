"""Narrowing: once a source states something more closely held, nobody else finds what it said."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from hinomi.kernel.catalog import Catalog
from hinomi.kernel.collections import Collection
from hinomi.kernel.errors import DeniedError, MissingError, Text
from hinomi.kernel.marking import ANONYMOUS, OPEN, OPERATOR, Disclosure, Marking, Principal, Status
from hinomi.kernel.ports import Domain
from hinomi.kernel.records import Record
from hinomi.kernel.store import Put, Store
from hinomi.runtime.service import Service
from hinomi.runtime.writer import Writer
from hinomi.stores.memory import MemoryStore
from hinomi.stores.sqlite import SqliteStore

NOON = datetime(2026, 6, 1, 3, tzinfo=UTC)
GREEN = Marking(disclosure=Disclosure.GREEN)
AMBER = Marking(disclosure=Disclosure.AMBER, audience=("town",))
DRILL = Marking(Status.EXERCISE)
NOTES = "town.notes"
CLERK = Principal("clerk", ("town",), Disclosure.AMBER, (NOTES,))


class Note(msgspec.Struct, frozen=True):
    text: str


CATALOG = Catalog(
    [
        Domain(
            id="town",
            title=Text("町", "Town"),
            collections=(
                Collection(
                    id=NOTES,
                    title=Text("覚書", "Notes"),
                    text=Text("町の覚書", "The town's notes"),
                    schema=Note,
                    licence="CC-BY-4.0",
                ),
            ),
        )
    ]
)


def note(text: str, minute: int = 0, *, marking: Marking = OPEN, source: str = "town") -> Record:
    return Record(
        collection=NOTES,
        key="k",
        said_at=NOON + timedelta(minutes=minute),
        body=Note(text),
        source=source,
        marking=marking,
    )


class Watched:
    """A store that looks, after every step of a write, at what callers are shown."""

    def __init__(self, store: Store, look: Callable[[], None]) -> None:
        self._store, self._look = store, look

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def put(self, *given: Any, **named: Any) -> Put:
        done = self._store.put(*given, **named)
        self._look()
        return done

    def remark(self, *given: Any, **named: Any) -> int:
        done = self._store.remark(*given, **named)
        self._look()
        return done


@pytest.fixture(params=[MemoryStore, SqliteStore])
def service(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Service]:
    make: Callable[..., Store] = request.param
    store = make() if make is MemoryStore else make(tmp_path)
    yield Service(store, CATALOG, now=lambda: NOON + timedelta(hours=1))
    store.close()


def texts(service: Service, principal: Principal = ANONYMOUS, **options: Any) -> list[str]:
    found = service.reader(principal, **options).find(NOTES, beside=True).items
    return sorted(item.body()["text"] for item in found)


def test_nobody_else_finds_what_was_said_openly_before(service: Service) -> None:
    ids = service.append(CLERK, [note("old"), note("older", -1)]).ids
    before = service.store.position()
    service.append(CLERK, [note("close", 1, marking=AMBER)])
    assert texts(service) == texts(service, as_of=before) == []
    assert texts(service, CLERK) == ["close"]
    assert texts(service, CLERK, as_of=before) == ["old"]
    reader = service.reader()
    for record_id in ids:
        with pytest.raises(MissingError):
            reader.record(record_id)
    assert reader.history(NOTES, "k").items == []
    assert reader.changes(0).items[-1].kind == "gone"
    assert {c.kind for c in reader.changes(before).items} == {"gone"}
    told = [i.body()["text"] for i in service.reader(CLERK).history(NOTES, "k").items]
    assert told == ["old", "older", "old", "close"]


def test_the_old_is_never_shown_beside_the_new(service: Service) -> None:
    service.append(CLERK, [note("old")])
    seen: list[tuple[list[str], list[str]]] = []
    store: Any = Watched(
        service.store, lambda: seen.append((texts(service), texts(service, CLERK)))
    )
    Writer(store, now=service.now).append([note("close", 1, marking=AMBER)])
    assert seen == [([], []), ([], []), ([], ["close"])]


def test_the_old_does_not_come_back_when_the_new_is_withdrawn(service: Service) -> None:
    service.append(CLERK, [note("old")])
    close = note("close", 1, marking=AMBER)
    service.append(CLERK, [close])
    withdrawn = msgspec.structs.replace(close, said_at=service.now(), retracts=True)
    service.append(CLERK, [withdrawn])
    assert texts(service, OPERATOR) == []


def test_each_step_narrows_all_that_went_before(service: Service) -> None:
    for minute, marking in enumerate((OPEN, GREEN, AMBER)):
        service.append(OPERATOR, [note(str(minute), minute, marking=marking)])
    green = Principal("green", ("other",), Disclosure.GREEN)
    assert texts(service, green) == []
    assert service.reader(green).history(NOTES, "k").items == []
    markings = {i.marking for i in service.reader(OPERATOR).history(NOTES, "k").items}
    assert markings == {AMBER}


def test_another_status_and_another_source_stay_as_they_are(service: Service) -> None:
    service.append(OPERATOR, [note("drill", marking=DRILL), note("theirs", source="county")])
    service.append(CLERK, [note("close", 1, marking=AMBER)])
    assert texts(service) == ["theirs"]
    assert texts(service, status=frozenset({Status.EXERCISE})) == ["drill"]


def test_only_the_operator_widens(service: Service) -> None:
    service.append(CLERK, [note("close", marking=AMBER)])
    for marking in (OPEN, GREEN, Marking(disclosure=Disclosure.AMBER, audience=("clerk", "town"))):
        with pytest.raises(DeniedError, match="only the operator releases") as refused:
            service.append(CLERK, [note("open", 1, marking=marking)])
        assert refused.value.rule == "release"
    assert texts(service) == []
    service.append(OPERATOR, [note("open", 1)])
    assert texts(service) == ["open"]


def test_who_may_not_see_what_is_closely_held_does_not_learn_of_it(service: Service) -> None:
    service.append(CLERK, [note("close", marking=AMBER)])
    intern = Principal("intern", ("town",), Disclosure.CLEAR, (NOTES,))
    service.append(intern, [note("open", 1)])
    assert texts(service) == ["open"]


def test_a_request_that_is_repeated_narrows_once(service: Service) -> None:
    since = service.append(CLERK, [note("old")]).position
    close = note("close", 1, marking=AMBER)
    first = service.append(CLERK, [close], since=since)
    again = service.append(CLERK, [close], since=since)
    assert (again.position, again.new, again.ids) == (first.position, 0, first.ids)


class TornError(Exception):
    """What a machine that stops in the midst of a write looks like from inside."""


@pytest.mark.parametrize("step", [1, 2, 3])
def test_a_narrowing_is_there_whole_or_not_at_all(tmp_path: Path, step: int) -> None:
    store = SqliteStore(tmp_path)
    others = SqliteStore(tmp_path, read_only=True)
    shown = Service(others, CATALOG, now=lambda: NOON + timedelta(hours=1))
    writer = Writer(store, now=shown.now)
    writer.append([note("old"), note("older", -1)])
    position = store.position()
    steps = 0

    def look() -> None:
        nonlocal steps
        steps += 1
        # Whoever else looks sees none of it yet.
        assert (texts(shown), others.position()) == (["old"], position)
        if steps == step:
            raise TornError

    writer.store = Watched(store, look)
    with pytest.raises(TornError):
        writer.append([note("close", 1, marking=AMBER)])
    assert (texts(shown, OPERATOR), store.position()) == (["old"], position)
    assert store.check() == []
    writer.store = store
    writer.append([note("close", 2, marking=AMBER)])
    assert (texts(shown), texts(shown, CLERK)) == ([], ["close"])
    assert store.check() == []
    others.close()
    store.close()
