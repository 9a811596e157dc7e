"""Personal data past their retention are gone from every table of the database."""

from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from hinomi.kernel.marking import OPERATOR
from hinomi.kernel.reader import Reader
from hinomi.runtime import clock, erasures, storing
from hinomi.runtime.backup import back_up, restore
from hinomi.runtime.catalog import default_catalog
from hinomi.runtime.erasing import Eraser
from hinomi.stores.erasing import ERASED
from hinomi.stores.postgres import PostgresStore
from tests.runtime.test_erasing import OLD, YOUNG, duty

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def test_no_table_holds_the_name_any_more_and_the_rest_stands(town: str, tmp_path: Path) -> None:
    with closing(PostgresStore(town)) as store:
        digest = store.put_blob(b"NOTOHANAKO")
        told = [duty("d1", "NOTOHANAKO", OLD, digest), duty("d2", "SUZUTARO", YOUNG)]
        ids = store.put(told, at=OLD).ids
        assert _tables_with(town, "NOTOHANAKO") == ["blob", "record"]
        done = Eraser(store, tmp_path, now=lambda: NOW).expire()
        assert (done.statements, done.payloads) == ({"response.roster": 1}, 1)
        assert _tables_with(town, "NOTOHANAKO") == []
        assert _tables_with(town, "SUZUTARO") == ["record"]
        reader = Reader(store, default_catalog(), OPERATOR)
        properties = reader.record(ids[0]).properties()
        assert (properties["name"], properties["team"]) == (ERASED, "避難所班")
        assert [item.key for item in reader.find("response.roster").items] == ["d1", "d2"]
        assert store.check() == []
        later = Eraser(store, tmp_path, now=lambda: NOW + timedelta(days=9))
        assert later.expire().statements == {"response.roster": 1}


def _tables_with(url: str, text: str) -> list[str]:
    with psycopg.connect(url) as db:
        names = db.execute(
            "SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'hinomi'::regnamespace"
            " AND c.relkind = 'r' AND NOT c.relispartition ORDER BY 1"
        ).fetchall()
        spelt = text.encode().hex()
        return [
            name
            for (name,) in names
            if db.execute(
                f"SELECT 1 FROM hinomi.{name} t WHERE strpos(t::text, %s) > 0"  # noqa: S608
                " OR strpos(t::text, %s) > 0 LIMIT 1",
                (text, spelt),
            ).fetchone()
        ]


def test_an_erased_person_does_not_come_back_with_a_back_up_from_a_server(
    new_town: Callable[[], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, folder = new_town(), new_town(), tmp_path / "town"
    folder.mkdir()
    at = clock.now() - timedelta(days=3)
    monkeypatch.setenv(storing.VARIABLE, first)
    with closing(PostgresStore(first)) as store:
        digest = store.put_blob(b"NOTOHANAKO")
        store.put([duty("d1", "NOTOHANAKO", at, digest), duty("d2", "SUZUTARO", at)], at=at)
        back_up(folder, tmp_path / "monday.tar")
        eraser = Eraser(store, folder, put=lambda made: store.put(made, at=clock.now()))
        eraser.on_request("response.roster", "d1", who="sato", reason="本人の請求")
        assert erasures.write(store, tmp_path / erasures.FILE) == 1
    monkeypatch.setenv(storing.VARIABLE, second)
    told = restore(tmp_path / "monday.tar", tmp_path / "restored")
    assert (told.orders, told.statements, told.expired) == (1, 1, 0)
    assert _tables_with(second, "NOTOHANAKO") == []
    assert _tables_with(second, "SUZUTARO") == ["record"]
