"""The review: what players did against what was expected, in the exercise's own minutes."""

from __future__ import annotations

import csv
import io
from datetime import date
from typing import Any

import msgspec
import pytest

from hinomi.domains.response.collections.alerts import Acknowledgement
from hinomi.domains.response.collections.chronology import Entry
from hinomi.domains.response.collections.orders import Order
from hinomi.domains.response.share.review import PRODUCTS, Line, review
from hinomi.kernel.marking import ANONYMOUS, Disclosure, Marking, Status
from hinomi.kernel.records import Origin, Record
from hinomi.runtime.drill import library
from hinomi.runtime.drill.conductor import Conductor
from tests.runtime.drill.conftest import Theatre

PLAYERS = Marking(Status.EXERCISE, Disclosure.AMBER, ("exercise",))


def say(theatre: Theatre, collection: str, key: str, body: Any, marking: Marking = PLAYERS) -> None:
    theatre.writer.put(
        [
            Record(
                collection=collection,
                key=key,
                said_at=theatre.now,
                body=body,
                source="本部",
                marking=marking,
                origin=Origin(entered_by="山田（訓練）"),
            )
        ]
    )


def order(theatre: Theatre, code: str, level: int, status: Status = Status.EXERCISE) -> None:
    body = Order(
        municipality_code=code, municipality="望楼市", district="西部", where="望楼市西部",
        where_en="", name="避難指示", name_en="", kind="evacuate", level=level, state="in_force",
        action="issue", since=theatre.now, first_issued_at=theatre.now, reason="flood",
        legal_basis="", draft="d",
    )  # fmt: skip
    say(theatre, "response.evacuation_orders", f"{code}/西部", body, Marking(status))


def entry(theatre: Theatre, key: str, text: str) -> None:
    body = Entry(text=text, kind="report", state="open", known_at=theatre.now,
                 written_by="山田（訓練）", organisation="本部")  # fmt: skip
    say(theatre, "response.chronology", key, body)


@pytest.fixture(scope="module")
def theatre() -> Theatre:
    return Theatre()


@pytest.fixture(scope="module")
def lines(theatre: Theatre) -> dict[str, Line]:
    theatre.conductor = Conductor(theatre.writer, theatre.catalog, theatre.gazetteer)
    theatre.conductor.start("typhoon", speed=10)
    theatre.go(12, step=0.1)  # drill 2:00, level 4 in 望楼市
    theatre.go(1.2, step=0.1)  # 12 drill minutes later
    order(theatre, "9820100", 4)
    entry(theatre, "e1", "川守市の施設へ支援の班を出した")
    theatre.go(4, step=0.1)  # 2:52, the road was cut at 2:39
    order(theatre, "9820100", 4, Status.ACTUAL)
    theatre.go(20, step=0.1)  # 6:12, the quake was at 4:06
    heard = Acknowledgement(
        area_code="98",
        areas=("9820200",),
        kind="quake",
        acknowledged_by="山田",
        acknowledged_at=theatre.now,
        organisation="本部",
    )
    say(theatre, "response.acknowledgements", "quake:q:98/6", heard)
    return {line.title: line for line in review(theatre.reader())}


def test_an_order_answers_a_level_with_its_delay_in_drill_minutes(lines: dict[str, Line]) -> None:
    line = next(x for t, x in lines.items() if t.startswith("大雨 望楼市、川守市、雲見町 4"))
    assert (line.outcome, line.delay_min, line.delay_world_min) == ("done", 12.0, 1.2)
    assert line.answer == "避難指示 望楼市西部"


def test_an_answer_beyond_its_time_is_late_and_none_is_missed(lines: dict[str, Line]) -> None:
    phone = lines["電話 川守市"]
    assert (phone.outcome, phone.by) == ("late", "山田（訓練）")
    assert phone.delay_min == 27.0
    assert lines["通行止 土手町、川守市"].outcome == "missed"
    assert lines["通行止 土手町、川守市"].answered_at is None


def test_the_alert_about_the_quake_was_heard_and_it_says_nothing_of_levels(
    lines: dict[str, Line],
) -> None:
    heard = {title.partition(" ")[0] for title, line in lines.items() if line.heard_at is not None}
    assert heard == {"地震"}


def test_a_lower_order_does_not_answer_a_higher_level(lines: dict[str, Line]) -> None:
    five = next(x for t, x in lines.items() if t.startswith("大雨 望楼市、川守市 5"))
    assert five.outcome == "missed"


def test_the_review_as_csv_and_as_data(theatre: Theatre, lines: dict[str, Line]) -> None:
    table, data = PRODUCTS
    text = b"".join(table.render(theatre.reader(), "ja")).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == len(lines)
    assert {r["結果"] for r in rows} >= {"実施", "遅れ", "未実施"}
    found = msgspec.json.decode(b"".join(data.render(theatre.reader(), "en")))
    assert len(found["lines"]) == len(lines)


def test_players_get_an_empty_review(theatre: Theatre, lines: dict[str, Line]) -> None:
    assert lines
    assert review(theatre.reader(ANONYMOUS)) == []


def test_expected_actions_of_the_shipped_drill_are_answerable() -> None:
    events = library.load("typhoon", date(2026, 6, 1)).events
    assert {e.expected for e in events} > {"高齢者等避難", "避難指示", "緊急安全確保"}
