"""A back-up of the SQLite store is whole, and restored into an empty folder only."""

import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from hinomi.kernel.errors import InputError
from hinomi.stores.sqlite import SqliteStore, restore
from hinomi.testing.strategies import START
from hinomi.testing.suite import ask, said

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
