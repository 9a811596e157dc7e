"""What only the SQLite store has: one folder, one writer, a full disk, archives, a check."""

import sys
import threading
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from hinomi.kernel.errors import InputError, MissingError, UnavailableError
from hinomi.kernel.geometry import point
from hinomi.kernel.marking import OPEN
from hinomi.kernel.records import EPOCH
from hinomi.kernel.store import Latest, Query
from hinomi.stores.sqlite import SqliteStore
from hinomi.testing.strategies import COLLECTION, SERIES, START
from hinomi.testing.suite import ALL, AMBER, EXERCISE, SEE, ask, level, rows, said


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
    monkeypatch.delitem(sys.modules, "hinomi.stores.archive", raising=False)
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


def test_series_defined_anew_twice_at_one_position_are_told_as_they_are_now(
    store: SqliteStore,
) -> None:
    store.put([], [rows((0, 1.0), series=level("levels.0"))], at=START)
    position = store.position()
    assert store.series(SERIES, visible=SEE, since=0)
    for title in ("一", "二"):
        nothing_new = rows((0, 1.0), series=level("levels.0", title=title))
        store.put([], [nothing_new], at=START)
        assert store.position() == position
        (found,) = store.series(SERIES, visible=SEE, since=0)
        assert found.series.title == title
    assert store.series(SERIES, visible=frozenset({AMBER}), since=0) == []


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


def test_the_series_of_a_box_are_found_in_the_same_steps_however_many_lie_elsewhere(
    store: SqliteStore,
) -> None:
    box = (139.0, 35.0, 139.9, 35.9)
    inside = [level(f"in.{n:03}", longitude=139.05 + n / 50, latitude=35.5) for n in range(40)]
    steps: list[int] = []
    for away in (0, 3_000):
        outside = [
            level(f"away.{n:04}", longitude=130 + n % 60 / 10, latitude=40 + n % 37 / 10)
            for n in range(away)
        ]
        store.put([], [rows((away, 1.0), series=one) for one in (*inside, *outside)], at=START)
        connection = store._links.here().connection
        ticks: list[int] = []
        connection.set_progress_handler(partial(_tick, ticks), 20)
        found = store.readings_in(
            SERIES, visible=SEE, bbox=box, start=EPOCH, end=EPOCH + timedelta(days=1)
        )
        latest = store.series(SERIES, visible=SEE, bbox=box)
        connection.set_progress_handler(None)
        assert {name for name, _ in found} == {one.series.id for one in latest}
        assert len(latest) == len(inside)
        steps.append(len(ticks))
    assert steps[1] < 1.5 * steps[0]


def _tick(ticks: list[int]) -> bool:
    """Count some steps of SQLite; ``True`` would interrupt it."""
    ticks.append(1)
    return False
