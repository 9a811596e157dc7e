"""What only the SQLite store has: one folder, one writer, migration, back-up, upkeep."""

import sqlite3
import subprocess
import sys
import tarfile
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import apsw
import msgspec
import pytest

from hinomi.kernel.errors import InputError, MissingError, Text, UnavailableError
from hinomi.kernel.geometry import point
from hinomi.kernel.marking import OPEN, Marking
from hinomi.kernel.records import EPOCH, Complete
from hinomi.kernel.store import Latest, Query
from hinomi.stores.sqlite import SqliteStore, restore
from hinomi.stores.sqlite.schema import MIGRATIONS
from hinomi.testing.strategies import COLLECTION, SERIES, START
from hinomi.testing.suite import ALL, AMBER, EXERCISE, SEE, ask, level, rows, said

VERSION_1 = Path(__file__).with_name("version_1.sql")
VERSION_2 = Path(__file__).with_name("version_2.sql")
VERSION_3 = Path(__file__).with_name("version_3.sql")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    store = SqliteStore(tmp_path / "data")
    yield store
    store.close()


def test_a_second_writer_is_refused_and_readers_are_not(store: SqliteStore) -> None:
    with pytest.raises(UnavailableError, match="Another process"):
        SqliteStore(store.folder)
    reader = SqliteStore(store.folder, read_only=True)
    store.put([said("a")], at=START)
    assert (ask(reader), reader.position(), reader.counts()) == (
        ["a:0"],
        1,
        {(COLLECTION, OPEN): 1},
    )
    for write in (
        lambda: reader.put([said("b")], at=START),
        lambda: reader.retire_readings(START, store.folder / "x.parquet"),
    ):
        with pytest.raises(UnavailableError, match="reading only"):
            write()
    reader.close()


def test_there_is_nothing_to_read_in_an_empty_folder(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError):
        SqliteStore(tmp_path, read_only=True)


def test_a_reader_does_not_wait_for_a_transaction_under_way(store: SqliteStore) -> None:
    store.put([said("a")], at=START)
    with store._writing(START) as writer:
        writer.append(said("b"))
        assert ask(store) == ["a:0"]
    assert ask(store) == ["a:0", "b:0"]


def test_threads_read_while_one_writes(store: SqliteStore) -> None:
    store.put([said("a")], at=START)
    faults: list[BaseException] = []

    def read() -> None:
        try:
            for _ in range(50):
                assert ask(store, keys=("a",)) == ["a:0"]
                store.changes(0, visible=SEE)
                store.markings()
        except BaseException as fault:  # noqa: BLE001 - told to the main thread
            faults.append(fault)

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for n in range(30):
        store.put([said(f"b{n}")], at=START)
    for thread in threads:
        thread.join()
    assert faults == []


def test_a_file_of_the_first_layout_is_migrated(tmp_path: Path) -> None:
    (tmp_path / "blobs").mkdir()
    connection = sqlite3.connect(tmp_path / "hinomi.db")
    connection.executescript(VERSION_1.read_text(encoding="utf-8"))
    connection.close()
    with pytest.raises(UnavailableError, match="layout 1"):
        SqliteStore(tmp_path, read_only=True)
    store = SqliteStore(tmp_path)
    assert store.counts() == {(COLLECTION, OPEN): 1, (SERIES, OPEN): 1}
    assert ask(store, when=(START, START), bbox=(139.0, 35.0, 140.0, 36.0)) == ["a:0"]
    assert store.put([said("a", place=point(139.7, 35.6)), said("b")], at=START).known == 1
    assert store.check() == []
    store.close()


@pytest.mark.parametrize("released", [VERSION_2, VERSION_3])
def test_a_file_of_a_later_layout_is_migrated(released: Path, tmp_path: Path) -> None:
    (tmp_path / "blobs").mkdir()
    connection = sqlite3.connect(tmp_path / "hinomi.db")
    connection.executescript(released.read_text(encoding="utf-8"))
    connection.close()
    store = SqliteStore(tmp_path)
    assert store.check() == []
    box = (139.0, 35.0, 140.0, 36.0)
    assert ask(store, bbox=box) == ["a:2", "two:1"]
    assert ask(store, SEE | {AMBER}, bbox=box) == ["a:2", "secret:0", "two:1"]
    counted = Query(collection=COLLECTION, visible=SEE, bbox=box)
    assert store.count(counted) == 2
    store.put([said("two", 3, place=point(139.8, 35.6)), said("gone", 4)], at=START)
    assert ask(store, bbox=box) == ["a:2", "two:3"]
    assert (store.count(counted), store.check()) == (2, [])
    store.close()


@pytest.mark.parametrize(("released", "steps"), [(VERSION_1, 1), (VERSION_2, 2), (VERSION_3, 3)])
def test_the_layouts_in_these_tests_are_those_that_were_released(
    released: Path, steps: int
) -> None:
    statements = released.read_text(encoding="utf-8")
    old, new = sqlite3.connect(":memory:"), sqlite3.connect(":memory:")
    old.executescript(statements)
    new.executescript("".join(MIGRATIONS[:steps]))
    layout = "SELECT name, sql FROM sqlite_schema ORDER BY name"
    assert old.execute(layout).fetchall() == new.execute(layout).fetchall()
    old.close()
    new.close()


def test_a_newer_layout_is_refused(tmp_path: Path) -> None:
    SqliteStore(tmp_path).close()
    connection = apsw.Connection(str(tmp_path / "hinomi.db"))
    connection.execute("PRAGMA user_version = 99").fetchall()
    connection.close()
    for read_only in (True, False):
        with pytest.raises(UnavailableError, match="layout 99"):
            SqliteStore(tmp_path, read_only=read_only)


def test_a_full_disk_is_told_and_harms_nothing(store: SqliteStore) -> None:
    store.put([said("a", marking=AMBER)], at=START)
    link = store._writer.link  # type: ignore[union-attr]
    pages = link.value("PRAGMA page_count")
    link.rows(f"PRAGMA max_page_count = {pages + 2}")
    many = [said(f"{n}", collection="test.other") for n in range(500)]
    with pytest.raises(UnavailableError):
        store.put(many, [rows((1, 1.0))], at=START)
    link.rows("PRAGMA max_page_count = 1000000")
    assert store.put(many, [rows((1, 1.0))], at=START).new == 500
    assert store.check() == []


WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from hinomi.kernel.records import Record
from hinomi.stores.sqlite import SqliteStore
START = datetime(2026, 6, 1, tzinfo=UTC)
store = SqliteStore(Path(sys.argv[1]))
for n in range(200):
    store.put_blob(f"{n}".encode())
    store.put([Record(collection="test.sightings", key=f"{n}-{k}", said_at=START, body={"n": n},
                      source="jma") for k in range(20)], at=START)
store.close()
"""


@pytest.mark.slow
def test_a_back_up_taken_while_another_process_writes_is_whole(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    SqliteStore(folder).close()
    process = subprocess.Popen([sys.executable, "-c", WRITER, str(folder)])
    reader = SqliteStore(folder, read_only=True)
    while reader.position() < 100:
        assert process.poll() is None
    position = reader.position()
    reader.backup(tmp_path / "backup.tar")
    assert process.wait() == 0
    reader.close()
    restore(tmp_path / "backup.tar", tmp_path / "restored")
    copy = SqliteStore(tmp_path / "restored")
    assert position <= copy.position()
    assert copy.position() % 20 == 0
    assert copy.check() == []
    assert set(copy.blobs()) >= {copy.put_blob(f"{n}".encode()) for n in range(position // 20)}
    copy.close()


def test_a_back_up_is_restored_into_an_empty_folder_only(
    store: SqliteStore, tmp_path: Path
) -> None:
    store.put([said("a")], at=START)
    store.backup(tmp_path / "b.tar")
    with pytest.raises(InputError, match="not empty"):
        restore(tmp_path / "b.tar", store.folder)
    restore(tmp_path / "b.tar", tmp_path / "new")
    copy = SqliteStore(tmp_path / "new")
    assert ask(copy) == ["a:0"]
    copy.close()


def test_what_is_no_back_up_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("nothing")
    with tarfile.open(tmp_path / "other.tar", "w") as tar:
        tar.add(tmp_path / "text", "text")
    for name in ("text", "other.tar", "absent"):
        with pytest.raises(InputError):
            restore(tmp_path / name, tmp_path / "new")


def test_a_back_up_does_not_leave_its_folder(tmp_path: Path) -> None:
    (tmp_path / "hinomi.db").write_bytes(b"")
    with tarfile.open(tmp_path / "evil.tar", "w") as tar:
        tar.add(tmp_path / "hinomi.db", "hinomi.db")
        tar.add(tmp_path / "hinomi.db", "../outside")
    with pytest.raises(InputError):
        restore(tmp_path / "evil.tar", tmp_path / "deep" / "new")
    assert not (tmp_path / "deep" / "outside").exists()


def test_old_readings_move_into_a_parquet_file(store: SqliteStore, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    times = [n * 1_000_000 for n in range(10)]
    store.put([], [rows(*((t, t / 1e6) for t in times))], at=START)
    store.put([], [rows((0, 99.0))], at=START)
    store.put([], [rows((0, 5.0), series=level("other", collection="test.other"))], at=START)
    archive = tmp_path / "old" / "levels.parquet"
    moved = store.retire_readings(EPOCH + timedelta(seconds=6), archive, collection=SERIES)
    assert moved == 7
    assert [r.value for r in store.readings("levels.1", visible=SEE)] == [6.0, 7.0, 8.0, 9.0]
    assert len(store.readings("other", visible=SEE)) == 1
    table = parquet.read_table(archive)
    assert table.column("value").to_pylist() == [0.0, 99.0, 1.0, 2.0, 3.0, 4.0, 5.0]
    assert table.column("time").to_pylist()[-1] == EPOCH + timedelta(seconds=5)
    (latest,) = store.series(SERIES, visible=SEE)
    assert latest.reading is not None
    assert latest.reading.value == 9.0
    with pytest.raises(InputError, match="exists"):
        store.retire_readings(START, archive)
    assert store.check() == []


def test_archiving_says_which_extra_it_needs(
    store: SqliteStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "hinomi.stores.sqlite.archive", raising=False)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(InputError, match=r"hinomi\[archive\]"):
        store.retire_readings(START, tmp_path / "x.parquet")


@pytest.mark.parametrize(
    ("damage", "finding"),
    [
        ("UPDATE lane SET seq = 1", "greatest"),
        ("DELETE FROM place", "place"),
        ("UPDATE latest SET time = time - 1", "newest row"),
        ("UPDATE tally SET things = 7", "count"),
        ("DELETE FROM lane", "refers"),
    ],
)
def test_check_finds_damage(store: SqliteStore, damage: str, finding: str) -> None:
    store.put([said("a", 1, place=point(1, 1)), said("a", 2, place=point(1, 1))], at=START)
    store.put([], [rows((1, 1.0), (2, 2.0))], at=START)
    assert store.check() == []
    store._writer.link.rows(damage)  # type: ignore[union-attr]
    assert any(finding in text for text in store.check())


def test_check_finds_a_changed_blob(store: SqliteStore) -> None:
    digest = store.put_blob(b"raw")
    (store.folder / "blobs" / digest[:2] / digest[2:]).write_bytes(b"not raw")
    assert any(digest in text for text in store.check())


def test_series_that_changed_since_mend_what_was_known_before(store: SqliteStore) -> None:
    known: dict[str, Latest] = {}
    position = 0
    for n in range(4):
        store.put([], [rows((n, float(n)), series=level(f"levels.{n % 2}"))], at=START)
        store.put([], [rows((0, 0.5), series=level("levels.1", title=f"名{n}"))], at=START)
        found = store.series(SERIES, visible=SEE, since=position)
        known.update({latest.series.id: latest for latest in found})
        assert list(known.values()) == store.series(SERIES, visible=SEE)
        position = store.position()
    store.put([], [rows((8, 1.0), series=level("levels.0"))], at=START)
    position = store.position()
    assert store.series(SERIES, visible=SEE, since=position) == []
    store.put([], [rows((9, 1.0), series=level("levels.0"))], at=START)
    (changed,) = store.series(SERIES, visible=SEE, since=position)
    assert (changed.series.id, changed.reading and changed.reading.time) == ("levels.0", 9)


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


def test_what_is_written_together_is_one_transaction(store: SqliteStore) -> None:
    reader = SqliteStore(store.folder, read_only=True)
    with store.together():
        store.put([said("a"), said("c", source="new")], at=START)
        with pytest.raises(MissingError):
            store.remark(COLLECTION, "nothing", "unheard", old=OPEN, new=AMBER, at=START)
        with store.together():
            store.put([said("b", source="other")], at=START)
        assert (ask(store), store.position()) == (["a:0", "b:0", "c:0"], 3)
        assert (ask(reader), reader.position()) == ([], 0)
    assert ask(store) == ask(reader) == ["a:0", "b:0", "c:0"]

    def torn() -> None:
        with store.together():
            store.put([said("d", source="never", marking=AMBER)], at=START)
            raise InterruptedError

    with pytest.raises(InterruptedError):
        torn()
    store.put([said("e", source="later", marking=EXERCISE)], at=START)
    assert (ask(reader, ALL), reader.position()) == (["a:0", "b:0", "c:0", "e:0"], 4)
    found = reader.find(Query(collection=COLLECTION, visible=ALL, keys=("e",))).items[0]
    assert (found.source, found.marking, store.check()) == ("later", EXERCISE, [])
    reader.close()
