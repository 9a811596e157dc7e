"""Personal data past their retention are gone: from store, history, files and blobs."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from hinomi.domains.response.collections.roster import ROSTER, Duty
from hinomi.kernel.errors import DataError, DeniedError, InputError, MissingError
from hinomi.kernel.marking import OPERATOR, Disclosure, Marking, Status
from hinomi.kernel.reader import Reader
from hinomi.kernel.records import Origin, Record
from hinomi.runtime import clock, erasures, policy
from hinomi.runtime.audit import Audit
from hinomi.runtime.backup import back_up, restore
from hinomi.runtime.catalog import default_catalog
from hinomi.runtime.erasing import BY_RETENTION, Eraser, erased
from hinomi.runtime.policy import masking
from hinomi.runtime.translog import records
from hinomi.runtime.translog.log import Log
from hinomi.stores.erasing import ERASED, Erasure, erased_feature
from hinomi.stores.memory import MemoryStore
from hinomi.stores.sqlite import SqliteStore

NOW = datetime(2026, 6, 1, tzinfo=UTC)
OLD, YOUNG = NOW - timedelta(days=366), NOW - timedelta(days=364)
AMBER = Marking(Status.ACTUAL, Disclosure.AMBER, ("nanao-city",))
FIELDS = policy.shipped().personal[ROSTER.id].fields


def duty(key: str, name: str, said_at: datetime, digest: str = "") -> Record:
    body = Duty(name=name, contact=f"090-{name}", team="避難所班", state="on_duty")
    return Record(
        collection=ROSTER.id, key=key, said_at=said_at, body=body, source="town", marking=AMBER,
        origin=Origin(digest=digest, address="/in/roster.csv" if digest else ""),
    )  # fmt: skip


class Kept:
    """A store with statements of three persons, from a sheet of their own and a shared one."""

    def __init__(self, store: Any, data: Path) -> None:
        self.store, self.data = store, data
        self.own, self.shared = store.put_blob(b"NOTOHANAKO"), store.put_blob(b"SHEET")
        told = [
            duty("d1", "NOTOHANAKO", OLD, self.own), duty("d2", "SUZUTARO", OLD, self.shared),
            duty("d3", "WAJIMAJIRO", YOUNG, self.shared),
        ]  # fmt: skip
        self.ids = store.put(told, at=OLD).ids
        # The history of a thing that still stands: its old statement goes, the young one stays.
        self.ids += store.put([duty("d2", "SUZUSABURO", YOUNG)], at=YOUNG).ids
        self.eraser = Eraser(store, data, now=lambda: NOW)
        self.reader = Reader(store, default_catalog(), OPERATOR)

    def told(self) -> str:
        return "".join(self.reader.record(i).feature.decode() for i in self.ids)


def _sqlite(folder: Path) -> SqliteStore:
    return SqliteStore(folder)


@pytest.fixture(params=[lambda _: MemoryStore(), _sqlite], ids=["memory", "sqlite"])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Kept]:
    make: Callable[[Path], Any] = request.param
    with closing(make(tmp_path)) as store:
        yield Kept(store, tmp_path)


def test_what_is_past_its_retention_is_gone_and_the_log_is_whole(kept: Kept) -> None:
    changes = [(c.seq, c.kind, c.key) for c in kept.reader.changes(0).items]
    done = kept.eraser.expire()
    assert (done.statements, done.payloads, done.kept) == ({ROSTER.id: 2}, 1, (kept.shared,))
    told = kept.told()
    for gone in ("NOTOHANAKO", "SUZUTARO"):
        assert gone not in told
    assert "WAJIMAJIRO" in told
    assert "SUZUSABURO" in told
    assert told.count(ERASED) == 4
    assert "避難所班" in kept.reader.record(kept.ids[0]).feature.decode()
    assert (kept.store.blob(kept.own), kept.store.blob(kept.shared)) == (None, b"SHEET")
    assert [(c.seq, c.kind, c.key) for c in kept.reader.changes(0).items] == changes
    assert kept.store.check() == []
    assert kept.eraser.expire().statements == {}


def test_the_log_tells_an_erased_statement_from_a_changed_one(kept: Kept) -> None:
    kept.eraser.expire()
    audit = Audit(kept.data)
    found = erased(audit, kept.ids[0])
    assert found is not None
    assert (found.event.who, found.event.verb) == (BY_RETENTION, "erased")
    assert "NOTOHANAKO" not in str(found)
    assert audit.log.check() == []

    def when(record_id: str) -> str:
        entry = erased(audit, record_id)
        return entry.event.at if entry is not None else ""

    whole = records.verify(kept.reader, kept.store, kept.ids[0], when)
    assert whole.erased == found.event.at
    assert records.verify(kept.reader, kept.store, kept.ids[2], when).erased == ""
    # Somebody erases behind the log's back: that is a change.
    kept.store.erase(Erasure(collection=ROSTER.id, fields=FIELDS, key="d3"))
    with pytest.raises(DeniedError, match="was changed"):
        records.verify(kept.reader, kept.store, kept.ids[2], when)
    audit.close()


def test_a_persons_request_erases_all_that_was_said_of_them_and_is_logged(kept: Kept) -> None:
    with pytest.raises(InputError, match="reason"):
        kept.eraser.on_request(ROSTER.id, "d2", who="sato", reason=" ")
    with pytest.raises(MissingError):
        kept.eraser.on_request("response.shelters", "s1", who="sato", reason="x")
    done = kept.eraser.on_request(ROSTER.id, "d2", who="sato", reason="本人の請求")
    assert (done.statements, done.kept) == ({ROSTER.id: 2}, (kept.shared,))
    assert "SUZU" not in kept.told()
    assert "NOTOHANAKO" in kept.told()
    with closing(Audit(kept.data)) as audit:
        (entry,) = audit.find({"verb": "erased"})
    assert (entry.event.who, entry.event.reason) == ("sato", "本人の請求")
    assert len(entry.event.erased) == 2


def test_a_payload_that_comes_again_goes_again(kept: Kept) -> None:
    kept.eraser.expire()
    kept.store.put_blob(b"NOTOHANAKO")
    again = kept.store.put([duty("d1", "NOTOHANAKO", OLD, kept.own)], at=NOW)
    assert (again.new, again.known) == (0, 1)
    done = kept.eraser.expire()
    assert (done.statements, done.payloads) == ({}, 1)
    assert kept.store.blob(kept.own) is None
    assert "NOTOHANAKO" not in kept.told()


def test_how_much_is_held_and_due_is_told(kept: Kept) -> None:
    held = {one.collection: one for one in kept.eraser.held()}
    assert (held[ROSTER.id].statements, held[ROSTER.id].due) == (4, 2)
    kept.eraser.expire()
    held = {one.collection: one for one in kept.eraser.held()}
    assert (held[ROSTER.id].statements, held[ROSTER.id].due) == (2, 0)


def test_no_file_of_the_folder_holds_the_bytes_any_more(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path)
    kept = Kept(store, tmp_path)
    assert _files_with(tmp_path, b"NOTOHANAKO")
    kept.eraser.expire()
    assert _files_with(tmp_path, b"NOTOHANAKO") == []
    assert _files_with(tmp_path, b"WAJIMAJIRO")
    store.close()
    with closing(sqlite3.connect(tmp_path / "hinomi.db")) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def _files_with(folder: Path, text: bytes) -> list[str]:
    return [p.name for p in folder.rglob("*") if p.is_file() and text in p.read_bytes()]


def test_a_crash_between_the_steps_is_made_good_by_the_next_run(kept: Kept) -> None:
    """The log is written and the payload gone; the statements were not reached."""
    real, kept.store.erase = kept.store.erase, _looks_only(kept.store.erase)
    with pytest.raises(ZeroDivisionError):
        kept.eraser.expire()
    kept.store.erase = real
    assert "NOTOHANAKO" in kept.told()
    assert kept.eraser.expire().statements == {ROSTER.id: 2}
    assert "NOTOHANAKO" not in kept.told()


def _looks_only(erase: Callable[[Erasure], Any]) -> Callable[[Erasure], Any]:
    def look(erasure: Erasure) -> Any:
        if not erasure.look:
            raise ZeroDivisionError
        return erase(erasure)

    return look


def test_what_is_empty_or_of_another_kind_is_left_readable() -> None:
    properties = b'{"a":"","b":["x"],"c":7,"d":"y"}'
    feature = b'{"type":"Feature","id":"k","properties":%b,"geometry":null}' % properties
    found = erased_feature(feature, ("a", "b", "c"))
    assert found is not None
    assert b'"a":"","b":[],"c":null,"d":"y"' in found
    assert erased_feature(found, ("a", "b", "c")) is None


def test_the_log_grows_and_keeps_what_it_said_before(kept: Kept) -> None:
    with closing(Log(kept.data)) as log:
        before = log.size()
        kept.eraser.expire()
        # One entry for the statements, one for the payload.
        assert log.size() == before + 2


def test_a_covered_record_is_verified_by_what_is_stored(kept: Kept) -> None:
    """Past its retention nobody reads the name; that is no change of the record."""
    covered = masking.reader(
        kept.store, default_catalog(), OPERATOR, policy.shipped(), now=lambda: NOW
    )
    assert "NOTOHANAKO" not in covered.record(kept.ids[0]).feature.decode()
    assert records.verify(covered, kept.store, kept.ids[0]).erased == ""


def test_looking_needs_no_writer(tmp_path: Path) -> None:
    with closing(SqliteStore(tmp_path)) as store:
        Kept(store, tmp_path)
    with closing(SqliteStore(tmp_path, read_only=True)) as store:
        held = {one.collection: one for one in Eraser(store, tmp_path, now=lambda: NOW).held()}
        assert (held[ROSTER.id].statements, held[ROSTER.id].due) == (4, 2)


def test_an_erased_person_does_not_come_back_with_an_older_back_up(tmp_path: Path) -> None:
    """By the list beside it, by the old folder, and by retention alone."""
    town, shelf = tmp_path / "town", tmp_path / "shelf"
    shelf.mkdir()
    at = clock.now() - timedelta(days=30)
    with closing(SqliteStore(town)) as store:
        sheet = store.put_blob(b"NOTOHANAKO")
        store.put([duty("d1", "NOTOHANAKO", at, sheet), duty("d2", "SUZUTARO", at)], at=at)
        store.put([duty("d3", "WAJIMAJIRO", clock.now() - timedelta(days=366))], at=at)
    back_up(town, shelf / "monday.tar")
    with closing(SqliteStore(town)) as store:
        eraser = Eraser(store, town, put=lambda made: store.put(made, at=clock.now()))
        eraser.on_request(ROSTER.id, "d1", who="sato", reason="本人の請求")
    (shelf / erasures.FILE).unlink()
    alone = restore(shelf / "monday.tar", tmp_path / "alone")
    # No list lies there: retention still holds, and the gap is told.
    assert (alone.lists, alone.statements, alone.expired) == ((), 0, 1)
    by_folder = restore(shelf / "monday.tar", tmp_path / "by-folder", [town])
    back_up(town, shelf / "tuesday.tar")
    by_list = restore(shelf / "monday.tar", tmp_path / "by-list")
    for name, told in (("by-folder", by_folder), ("by-list", by_list)):
        assert (len(told.lists), told.orders, told.statements, told.expired) == (1, 1, 1, 1)
        assert _files_with(tmp_path / name, b"NOTOHANAKO") == []
        assert _files_with(tmp_path / name, b"WAJIMAJIRO") == []
        assert _files_with(tmp_path / name, b"SUZUTARO")
    # The restored town's next back-up tells of it too, and its log says who erased what.
    with closing(SqliteStore(tmp_path / "by-list", read_only=True)) as store:
        assert len(erasures.of_store(store)) == 2
    with closing(Audit(tmp_path / "by-list")) as audit:
        assert {e.event.who for e in audit.find({"verb": "erased"})} == {
            "list of erasures", BY_RETENTION,
        }  # fmt: skip


def test_a_list_grows_and_one_that_is_none_stops_a_restoring_before_it_begins(
    tmp_path: Path,
) -> None:
    town, path = tmp_path / "town", tmp_path / erasures.FILE
    with closing(SqliteStore(town)) as store:
        kept = Kept(store, town)
        kept.eraser = Eraser(store, town, now=lambda: NOW, put=lambda made: store.put(made, at=NOW))
        assert erasures.write(store, path) == 0
        assert path.read_bytes() == b""
        kept.eraser.on_request(ROSTER.id, "d1", who="sato", reason="x")
        assert [erasures.write(store, path) for _ in range(2)] == [1, 1]
        kept.eraser.expire()
        assert erasures.write(store, path) == 2
        assert "NOTO" not in path.read_text()
    back_up(town, tmp_path / "b.tar")
    path.write_text("{}\n")
    with pytest.raises(DataError):
        restore(tmp_path / "b.tar", tmp_path / "new")
    assert not (tmp_path / "new").exists()
