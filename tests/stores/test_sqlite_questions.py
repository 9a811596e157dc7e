"""What a question to the SQLite store costs, and of which state its answer is."""

from datetime import timedelta

import apsw
import msgspec
import pytest

from hinomi.kernel.errors import MissingError, Text
from hinomi.kernel.geometry import point
from hinomi.kernel.marking import OPEN, Marking
from hinomi.kernel.records import Complete
from hinomi.kernel.store import Query
from hinomi.stores.sqlite import SqliteStore
from hinomi.testing.strategies import COLLECTION, START
from hinomi.testing.suite import AMBER, SEE, ask, said


@pytest.mark.parametrize(
    "question",
    [
        {},
        {"bbox": (0.0, 0.0, 1.0, 1.0)},
        {"when": (START, START)},
        {"keys": ("a",)},
        {"as_of": 1_000_000, "bbox": (0.0, 0.0, 1.0, 1.0)},
        {"as_of": 1_000_000},
    ],
    ids=str,
)
def test_the_steps_of_a_page_do_not_grow_with_the_table(
    store: SqliteStore, question: dict[str, object]
) -> None:
    def steps() -> int:
        link = store._links.here()
        done = 0

        def count() -> bool:
            nonlocal done
            done += 1
            return False

        link.connection.set_progress_handler(count, 20)
        store.find(Query(collection=COLLECTION, visible=SEE, limit=10, **question))  # type: ignore[arg-type]
        link.connection.set_progress_handler(None)
        return done

    def more(first: int, last: int) -> None:
        store.put(
            [said(f"{n:06}", place=point(n % 200 / 50, n // 200 / 50)) for n in range(first, last)],
            at=START,
        )

    more(0, 400)
    few = steps()
    more(400, 8_000)
    assert steps() <= 2 * few + 5


def test_a_page_far_on_costs_as_much_as_the_first(store: SqliteStore) -> None:
    store.put([said(f"{n:06}") for n in range(5_000)], at=START)
    query = Query(collection=COLLECTION, visible=SEE, limit=500)
    plans = []
    while True:
        page = store.find(query)
        plans.append(len(page.items))
        if page.next is None:
            break
        query = msgspec.structs.replace(query, after=page.next)
    assert plans == [500] * 10


def test_a_list_that_covers_everything_of_many_is_applied_once(store: SqliteStore) -> None:
    store.put([said(f"{n:05}") for n in range(2_000)], at=START)
    everything = Complete(
        collection=COLLECTION,
        source="jma",
        said_at=START + timedelta(hours=1),
        covers=("*",),
        keys=tuple(f"{n:05}" for n in range(0, 2_000, 2)),
    )
    for _ in range(2):
        store.put([], complete=[everything], at=START)
    assert store.counts() == {(COLLECTION, OPEN): 1_000}
    assert store.position() == 3_000


def test_a_question_is_planned_once_and_not_for_every_value(store: SqliteStore) -> None:
    store.put([said(str(n), place=point(139 + n / 100, 35)) for n in range(20)], at=START)
    connection = store._links.here().connection
    planned: list[int] = []

    def ask_all(shift: float) -> None:
        box = (138.9 + shift, 34, 139.1 + shift, 36)
        found = ask(store, bbox=box)
        assert store.count(Query(collection=COLLECTION, visible=SEE, bbox=box)) == len(found)
        for key in found:
            ask(store, keys=(key.partition(":")[0],))

    def allow(action: int, *_: object) -> int:
        planned.append(action)
        return apsw.SQLITE_OK

    # SQLite asks for leave whenever it plans a statement; a new rule makes it plan all anew.
    connection.authorizer = allow
    ask_all(0)
    first = len(planned)
    ask_all(0.0001)
    assert len(planned) == first > 0


def test_a_steady_block_sees_one_state_and_the_next_one_what_came(store: SqliteStore) -> None:
    store.put([said("a")], at=START)
    with store.steady():
        before = (store.position(), store.markings(), store.counts())
        store.put([said("b", marking=AMBER)], at=START)
        assert (store.position(), store.markings(), store.counts()) == before
        assert ask(store, SEE | {AMBER}) == ["a:0"]
        with store.steady():
            assert store.position() == before[0]
    assert (store.position(), ask(store, SEE | {AMBER})) == (2, ["a:0", "b:0"])
    assert AMBER in store.markings()
    assert not store._links.here().connection.in_transaction


def test_a_settled_answer_is_of_one_state_though_another_commits_between_its_questions(
    store: SqliteStore,
) -> None:
    reader = SqliteStore(store.folder, read_only=True)
    store.put([said("a")], at=START)
    came = iter([said("b", marking=AMBER), said("c")])

    def answer() -> tuple[int, frozenset[Marking], list[str]]:
        position, markings = reader.position(), reader.markings()
        for record in [next(came, None)]:
            if record is not None:
                store.put([record], at=START)
        return position, markings, ask(reader, SEE | markings)

    # Nothing is known yet: the transaction comes first, and what comes in it is not seen.
    assert reader.settled(answer) == (1, frozenset({OPEN}), ["a:0"])
    assert reader.settled(reader.position) == 2
    assert reader.settled(reader.position) == 2
    # Known and unchanged so far: asked at once, found to be of two states, asked again.
    assert reader.settled(answer) == (3, frozenset({OPEN, AMBER}), ["a:0", "b:0", "c:0"])
    assert not reader._links.here().connection.in_transaction


def test_where_nothing_was_committed_a_settled_answer_is_its_own_statement_alone(
    store: SqliteStore,
) -> None:
    reader = SqliteStore(store.folder, read_only=True)
    store.put([said("a")], at=START)
    told: list[str] = []

    def answer() -> list[str]:
        reader.markings()
        return ask(reader, keys=("a",))

    reader.settled(answer)
    reader.settled(answer)
    reader._links.here().connection.exec_trace = lambda _, sql, __: not told.append(sql)
    assert reader.settled(answer) == ["a:0"]
    assert len(told) == 1
    # What asks nothing of the file has to look whether it still stands.
    assert reader.settled(reader.markings) == {OPEN}
    assert told[1:] == ["PRAGMA data_version"]
    store.put([said("a", 1)], at=START)
    assert reader.settled(answer) == ["a:1"]


def test_a_settled_question_that_fails_is_asked_again_only_if_the_store_moved_on(
    store: SqliteStore,
) -> None:
    reader = SqliteStore(store.folder, read_only=True)
    store.put([said("a")], at=START)
    asked: list[str] = []

    def answer() -> str:
        asked.extend(found := ask(reader, keys=("b",)) or ["nothing"])
        if found == ["nothing"]:
            raise MissingError(Text("もの", "thing"), "b")
        return found[0]

    reader.settled(reader.position)
    reader.settled(reader.position)
    with pytest.raises(MissingError):
        reader.settled(answer)
    assert asked == ["nothing"]
    store.put([said("b")], at=START)
    assert reader.settled(answer) == "b:0"
