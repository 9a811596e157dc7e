"""What only the PostgreSQL store has: layouts, partitions, its server's faults, its upkeep."""

import sys
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from hinomi.kernel.errors import InputError, UnavailableError
from hinomi.kernel.geometry import point
from hinomi.kernel.marking import OPEN
from hinomi.kernel.records import EPOCH, Readings
from hinomi.kernel.store import Query
from hinomi.stores import cells
from hinomi.stores.postgres import PostgresStore, migrations
from hinomi.stores.postgres import link as links
from hinomi.testing.strategies import COLLECTION, SERIES, START
from hinomi.testing.suite import SEE, ask, level, rows, said
from tests.stores.postgres.server import Cluster

VERSION_1 = Path(__file__).with_name("version_1.sql")
ROWS_1 = Path(__file__).with_name("version_1_rows.sql")


def execute(store: PostgresStore, sql: str) -> list[tuple[object, ...]]:
    with psycopg.connect(store.url, autocommit=True) as connection:
        connection.execute("SET search_path = hinomi, public")
        cursor = connection.execute(sql)  # type: ignore[arg-type]
        while cursor.nextset():
            pass
        return cursor.fetchall() if cursor.description else []


def test_an_older_layout_takes_the_steps_that_it_lacks(
    new_town: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    store = PostgresStore(new_town())
    store.put([said("a")], at=START)
    steps = (*migrations.MIGRATIONS, "CREATE TABLE extra (n int)", "INSERT INTO extra VALUES (7)")
    monkeypatch.setattr(links, "MIGRATIONS", steps)
    now = len(migrations.MIGRATIONS)
    with pytest.raises(UnavailableError, match=f"layout {now}, expected {now + 2}"):
        PostgresStore(store.url, read_only=True)
    newer = PostgresStore(store.url)
    assert (ask(newer), execute(newer, "SELECT n FROM extra")) == (["a:0"], [(7,)])
    newer.close()
    monkeypatch.setattr(links, "MIGRATIONS", (*steps, "SELECT nonsense"))
    with pytest.raises(UnavailableError):
        PostgresStore(store.url)
    # The step that failed was not half taken.
    assert execute(store, "SELECT version FROM layout") == [(now + 2,)]
    store.close()


def test_the_first_layout_is_the_one_that_was_released() -> None:
    assert migrations.MIGRATIONS[0] == VERSION_1.read_text(encoding="utf-8")


@pytest.mark.parametrize("released", range(1, len(migrations.MIGRATIONS)))
def test_every_released_layout_is_migrated_with_what_it_holds(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch, released: int
) -> None:
    name = f"released_{released}"
    with psycopg.connect(cluster.url(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")  # type: ignore[arg-type]
    steps = (VERSION_1.read_text(encoding="utf-8"), *migrations.MIGRATIONS[1:])[:released]
    with monkeypatch.context() as then:
        then.setattr(links, "MIGRATIONS", steps)
        PostgresStore(cluster.url(name)).close()
    with psycopg.connect(cluster.url(name), autocommit=True) as connection:
        connection.execute(ROWS_1.read_text(encoding="utf-8"))
    newer = PostgresStore(cluster.url(name))
    assert ask(newer) == ["a:0", "b:0"]
    assert newer.position() == 3
    assert newer.counts() == {(COLLECTION, OPEN): 2, (SERIES, OPEN): 1}
    assert [r.value for r in newer.readings("levels.1", visible=SEE)] == [1.0]
    assert newer.check() == []
    assert newer.put([said("c")], at=START).new == 1
    taken = newer.work.take("model/x")
    assert taken is not None
    newer.close()


def test_a_page_of_a_box_reads_its_ranges_of_the_index_and_no_more(
    new_town: Callable[[], str],
) -> None:
    store = PostgresStore(new_town())
    grid = [(130 + n % 70 / 10, 31 + n // 70 / 10) for n in range(4_900)]
    spots = [said(f"{n}", place=point(*place)) for n, place in enumerate(grid)]
    store.put(spots, at=START)
    box = (136.51, 37.51, 136.72, 37.72)
    assert len(store.find(Query(collection=COLLECTION, visible=SEE, bbox=box)).items) == 4
    execute(store, "VACUUM ANALYZE")
    ranges = cells.ranges(box, [0])
    lows, highs = ([pair[end] for pair in ranges] for end in (0, 1))
    given = f"1, '{{1}}', 1, array{lows}::bigint[], array{highs}::bigint[], array{list(box)}"
    page = f"SELECT * FROM box_page({given}, 101, -1, -1);"  # noqa: S608 - our own numbers
    # The session's first page reads the catalogue too.
    (told,) = execute(store, f"{page} EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {page}")[0]
    plan = told[0]["Plan"]  # type: ignore[index]
    assert plan["Actual Rows"] == 4
    # A look for the next cell and a scan, each from the root to a leaf or two.
    assert plan["Shared Hit Blocks"] + plan["Shared Read Blocks"] < 12 * len(ranges) + 40
    store.close()


def test_a_newer_layout_is_refused(new_town: Callable[[], str]) -> None:
    store = PostgresStore(new_town())
    execute(store, "UPDATE layout SET version = 99")
    for read_only in (True, False):
        with pytest.raises(UnavailableError, match="layout 99"):
            PostgresStore(store.url, read_only=read_only)
    store.close()


def test_two_that_open_a_new_database_at_once_migrate_it_once(cluster: Cluster) -> None:
    with psycopg.connect(cluster.url(), autocommit=True) as connection:
        connection.execute("CREATE DATABASE race")
    faults: list[BaseException] = []

    def begin() -> None:
        try:
            PostgresStore(cluster.url("race")).close()
        except BaseException as fault:  # noqa: BLE001 - told to the main thread
            faults.append(fault)

    threads = [threading.Thread(target=begin) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []


def test_a_reader_neither_writes_nor_waits(store: PostgresStore) -> None:
    reader = PostgresStore(store.url, read_only=True)
    store.put([said("a")], at=START)
    with store.exclusive():
        store.put([said("b")], at=START)
        assert ask(reader) == ["a:0"]
        # Who writes alone sees what it has written.
        assert ask(store) == ["a:0", "b:0"]
    assert ask(reader) == ["a:0", "b:0"]
    for write in (
        lambda: reader.put([said("c")], at=START),
        lambda: reader.put_blob(b""),
        lambda: reader.retire_readings(START, Path("x.parquet")),
    ):
        with pytest.raises(UnavailableError, match="reading only"):
            write()
    reader.close()


def test_no_server_is_told_without_the_password() -> None:
    with pytest.raises(UnavailableError) as told:
        PostgresStore("postgresql://hinomi:secret@/town?host=/nowhere")
    assert "secret" not in str(told.value)


def test_a_crash_of_the_server_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    del tmp_path
    cluster = Cluster()
    try:
        store = PostgresStore(cluster.url())
        reader = PostgresStore(cluster.url(), read_only=True)
        for n in range(5):
            done = store.put([said(f"k{n}")], [rows((n, 1.0))], at=START)
            blob = store.put_blob(f"{n}".encode())
            cluster.stop("immediate")
            for fail in (
                lambda: store.put([said("lost")], at=START),
                lambda: ask(reader),
                reader.position,
            ):
                with pytest.raises(UnavailableError):
                    fail()
            cluster.start()
            assert len(ask(reader)) == n + 1
            assert (reader.position(), reader.blob(blob)) == (done.position, f"{n}".encode())
        # Behind all that may have been seen before the crash.
        assert store.put([said("after")], at=START).position > done.position + 1
        assert store.check() == []
        store.close()
        reader.close()
    finally:
        cluster.remove()


def test_the_bell_rings_in_another_process_s_place(store: PostgresStore) -> None:
    heard: list[int] = []
    rang, stop = threading.Event(), threading.Event()

    def ring(position: int) -> None:
        heard.append(position)
        rang.set()

    listener = PostgresStore(store.url, read_only=True)
    thread = threading.Thread(target=listener.listen, args=(ring, stop))
    thread.start()
    assert rang.wait(10)
    rang.clear()
    position = store.put([said("a")], at=START).position
    assert rang.wait(10)
    stop.set()
    thread.join()
    listener.close()
    assert heard == [0, position]


def days(store: PostgresStore) -> list[object]:
    return [
        name
        for (name,) in execute(
            store,
            "SELECT inhrelid::regclass::text FROM pg_inherits"
            " WHERE inhparent = 'reading'::regclass ORDER BY 1",
        )
    ]


def test_a_day_is_a_partition_and_an_old_year_too(store: PostgresStore) -> None:
    def at(moment: datetime) -> Readings:
        return rows(((moment - EPOCH) // timedelta(microseconds=1), 1.0))

    for day in (0, 0.5, 1, 1, -1):
        store.put([], [at(START + timedelta(days=day))], at=START)
    assert len(days(store)) == 3
    for month in (1, 2, 8, 12):
        store.put([], [at(START.replace(year=1926, month=month))], at=START)
        store.put([], [at(START.replace(year=2025, month=month))], at=START)
    # The years 1926 and 2025: that 2025's December is not 400 days old came too late for days.
    assert len(days(store)) == 5
    assert len(store.readings("levels.1", visible=SEE)) == 12
    with pytest.raises(InputError, match="years"):
        store.put([], [rows((1 << 61, 1.0))], at=START)


def test_old_readings_move_into_a_parquet_file(store: PostgresStore, tmp_path: Path) -> None:
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
    # All that is left of a partition is old: it is dropped whole, and made again when needed.
    assert store.retire_readings(START, tmp_path / "rest.parquet") == 5
    assert days(store) == []
    assert store.retire_readings(START, tmp_path / "none.parquet") == 0
    assert not (tmp_path / "none.parquet").exists()
    store.put([], [rows((11_000_000, 1.0))], at=START)
    assert [r.time for r in store.readings("levels.1", visible=SEE)] == [11_000_000]


def test_archiving_says_which_extra_it_needs(
    store: PostgresStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "hinomi.stores.archive", raising=False)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(InputError, match=r"hinomi\[archive\]"):
        store.retire_readings(START, tmp_path / "x.parquet")


@pytest.mark.parametrize(
    ("damage", "finding"),
    [
        ("UPDATE lane SET seq = 1", "greatest"),
        ("UPDATE record SET stands = false", "stands"),
        ("UPDATE record SET cell = NULL", "index"),
        ("DELETE FROM extent", "index"),
        ("UPDATE record SET shape = 99", "shape"),
        ("UPDATE latest SET time = time - 1", "newest row"),
        ("UPDATE tally SET things = 7", "count"),
        ("UPDATE step SET at = at - 1 WHERE position > 1", "order of time"),
        ("UPDATE blob SET data = 'other'", "digest"),
    ],
)
def test_check_finds_damage(store: PostgresStore, damage: str, finding: str) -> None:
    for minute in (1, 2):
        store.put([said("a", minute, place=point(1, 1))], at=START)
    store.put([], [rows((1, 1.0), (2, 2.0))], at=START)
    store.put_blob(b"raw")
    assert store.check() == []
    execute(store, damage)
    assert any(finding in text for text in store.check())


def test_a_text_that_postgresql_cannot_hold_is_refused_or_found(store: PostgresStore) -> None:
    with pytest.raises(InputError):
        store.put([said("nul\x00")], at=START)
    assert store.position() == 0
    assert store.find(Query(collection=COLLECTION, visible=SEE, keys=("nul\x00",))).items == []
