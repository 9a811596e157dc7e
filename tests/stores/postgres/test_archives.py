"""Old readings of a town on PostgreSQL go into files and come back, on whichever server."""

from __future__ import annotations

import io
import json
from contextlib import closing, redirect_stdout
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from hinomi.apps.cli import main
from hinomi.kernel.marking import OPEN, Disclosure, Marking, Status
from hinomi.kernel.records import Readings, Series, micros
from hinomi.runtime import clock, policy, storing
from hinomi.runtime.catalog import default_catalog
from hinomi.runtime.retention import Retention
from hinomi.stores.postgres import PostgresStore

pytest.importorskip("pyarrow")
LEVELS = "hazards.river_levels"
CATALOG = default_catalog()
DAYS = CATALOG.collection(LEVELS).keep_days or 0
DRILL = Marking(Status.EXERCISE, Disclosure.AMBER, ("nanao-city",))
NEWEST = (5.0, 0)


def gauge(marking: Marking) -> Series:
    return Series(
        id=f"{LEVELS}.a", collection=LEVELS, thing="a", property="level_m", unit="m",
        source="town", marking=marking,
    )  # fmt: skip


def fill(store: PostgresStore) -> None:
    """Three old readings, the first of them corrected, and a new one; the same in an exercise."""
    today = clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
    old = micros(today - timedelta(days=DAYS + 10))
    for marking, add in ((OPEN, 0.0), (DRILL, 100.0)):
        series = (gauge(marking),)
        first = [(0, old + n, n + add, n) for n in range(3)]
        for rows in (first, [(0, old, 9.0 + add, 0)], [(0, micros(today), 5.0 + add, 0)]):
            store.put([], [Readings(series=series, rows=rows)], at=today)


def values(store: PostgresStore, marking: Marking = OPEN) -> list[tuple[float, int]]:
    found = store.readings(f"{LEVELS}.a", visible=frozenset({marking}))
    return [(r.value, r.quality) for r in found]


def told_by(*words: str | Path) -> dict[str, object]:
    out = io.StringIO()
    with redirect_stdout(out):
        code = main([*map(str, words), "--json"])
    assert code == 0
    found: dict[str, object] = json.loads(out.getvalue())
    return found


def test_what_one_server_retired_comes_back_at_another_and_stays_for_its_days(
    store: PostgresStore, town: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(storing.VARIABLE, town)
    fill(store)
    before = {marking: values(store, marking) for marking in (OPEN, DRILL)}
    one, other = tmp_path / "one", tmp_path / "other"
    other.mkdir()
    assert Retention(store, CATALOG, one).retire() == {LEVELS: 8}
    assert {m: len(values(store, m)) for m in (OPEN, DRILL)} == {OPEN: 1, DRILL: 1}
    (file,) = (one / "archive").glob("*.parquet")
    done = told_by("store", "unarchive", file, "--days", "30", "--data", other)
    assert (done["new"], done["known"]) == (6, 0)
    # Exercise stays exercise; a correction is what counts, as before.
    assert {marking: values(store, marking) for marking in (OPEN, DRILL)} == before
    assert told_by("store", "unarchive", file, "--data", other)["new"] == 0
    assert store.check() == []
    # The server that retires was told by the database, not by a file of the other's folder.
    for days, moved in ((1, {}), (29, {}), (31, {LEVELS: 6})):
        later: datetime = clock.now() + timedelta(days=days)
        assert Retention(store, CATALOG, one, now=partial(_at, later)).retire() == moved
    assert values(store) == [NEWEST]


def _at(moment: datetime) -> datetime:
    return moment


def test_a_backup_of_a_server_s_town_holds_archive_and_policy_and_is_restored_to_a_server(
    store: PostgresStore, town: str, new_town: object, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setenv(storing.VARIABLE, town)
    fill(store)
    data = tmp_path / "data"
    assert Retention(store, CATALOG, data).retire() == {LEVELS: 8}
    narrow = policy.SHIPPED.read_text(encoding="utf-8").replace("minutes = 60", "minutes = 5")
    (data / policy.FILE).write_text(narrow, encoding="utf-8")
    saved = tmp_path / "saved.tar"
    told_by("backup", saved, "--data", data)
    empty = new_town()  # type: ignore[operator]
    monkeypatch.setenv(storing.VARIABLE, empty)
    told_by("restore", saved, "--data", tmp_path / "new")
    # Without the town's own policy the one that comes with Hinomi would hold, and show more.
    assert policy.of(tmp_path / "new").break_glass.minutes == 5
    (file,) = (tmp_path / "new" / "archive").glob("*.parquet")
    assert told_by("store", "unarchive", file, "--data", tmp_path / "new")["new"] == 6
    with closing(PostgresStore(empty, read_only=True)) as restored:
        assert len(values(restored)) == 4
        assert restored.check() == []
