"""What is in force as a table for spreadsheets."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from hinomi.domains.hazards.collections.quakes import Quake
from hinomi.domains.hazards.collections.warnings import AlertLevel, InForce
from hinomi.domains.hazards.share.tables import render_in_force, render_quakes
from hinomi.kernel.geometry import point
from hinomi.kernel.marking import ANONYMOUS, Marking, Status
from hinomi.kernel.reader import Reader
from hinomi.kernel.records import Interval, Record
from hinomi.runtime.catalog import default_catalog
from hinomi.stores.memory import MemoryStore

AT = datetime(2026, 11, 21, 12, 40, tzinfo=UTC)


def state(key: str, name: str, level: int, status: Status = Status.ACTUAL) -> Record:
    kind = InForce(
        hazard="rain",
        kind_name="レベル４大雨危険警報",
        kind_code="43",
        level=level,
        level_stated=True,
        stated_at=AT,
    )
    return Record(
        collection="hazards.levels",
        key=key,
        said_at=AT,
        when=Interval(AT, None),
        body=AlertLevel(
            area_code=key,
            area_name=name,
            level=level,
            level_stated=True,
            count=int(level > 0),
            hazards="rain",
            in_force=[kind] if level else [],
        ),
        source="hinomi",
        marking=Marking(status),
    )


def quake(key: str, name: str, hours: int, status: Status = Status.ACTUAL) -> Record:
    time = AT - timedelta(hours=hours)
    body = Quake(event_id=key, hypocentre=name, origin_time=time, depth_km=10, magnitude=5.5,
                 max_intensity="5-", tsunami="none")  # fmt: skip
    return Record(
        collection="hazards.quakes", key=key, said_at=time, when=Interval(time, time), body=body,
        source="hinomi", marking=Marking(status), place=point(-78.5, -0.1),
    )  # fmt: skip


def table(
    language: str,
    *records: Record,
    render: Callable[[Reader, str], Iterator[bytes]] = render_in_force,
) -> list[list[str]]:
    store = MemoryStore()
    store.put(records, at=AT)
    reader = Reader(store, default_catalog(), ANONYMOUS)
    text = b"".join(render(reader, language)).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


def test_a_row_tells_what_is_in_force_where_and_since_when_in_japans_time() -> None:
    rows = table("ja", state("1720200", "七尾市", 4), state("1720400", "輪島市", 0))
    assert rows[0][:3] == ["区分", "市町村コード", "市町村"]
    assert rows[1:] == [
        ["actual", "1720200", "七尾市", "4", "レベル４大雨危険警報", "大雨", "4",
         "2026-11-21 21:40", ""],
    ]  # fmt: skip


def test_an_exercise_is_not_in_the_actual_table() -> None:
    assert len(table("en", state("1720200", "七尾市", 5, Status.EXERCISE))) == 1


def test_a_name_that_looks_like_a_formula_stays_a_text() -> None:
    assert table("en", state("1720200", "=1+1", 4))[1][2] == "'=1+1"


def test_the_earthquakes_of_the_whole_country_are_listed_newest_first_in_both_languages() -> None:
    two = (quake("1", "石川県能登地方", 400), quake("2", "沖縄本島近海", 1))
    rows = table("en", *two, render=render_quakes)
    assert [row[1:4] for row in rows[1:]] == [
        ["2026-11-21 20:40", "Adjacent Sea of Okinawa Main Island", "沖縄本島近海"],
        ["2026-11-05 05:40", "Noto, Ishikawa Prefecture", "石川県能登地方"],
    ]
    assert rows[1][4:] == ["-0.1", "-78.5", "10", "5.5", "5-", "no danger"]
    assert table("ja", *two, render=render_quakes)[1][9] == "津波の心配なし"


def test_an_exercises_earthquake_is_not_in_the_actual_list() -> None:
    exercise = quake("3", "石川県能登地方", 1, Status.EXERCISE)
    assert len(table("en", exercise, render=render_quakes)) == 1
