"""The satellite's early warning and eruption are JMA's, in either order, until one is cancelled."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import permutations
from pathlib import Path
from typing import Any

import msgspec
import pytest

from hinomi.domains.hazards.collections.quakes import EEW, Eew, EewArea
from hinomi.domains.hazards.collections.volcanoes import VOLCANOES
from hinomi.domains.hazards.observe import qzss
from hinomi.domains.hazards.observe.qzss_ground import volcano
from hinomi.domains.hazards.observe.qzss_shared import Stating
from hinomi.kernel.marking import OPEN, OPERATOR, Marking, Status
from hinomi.kernel.ports import Parsed, Payload
from hinomi.kernel.reader import Reader
from hinomi.kernel.records import Interval, Record, Stored
from hinomi.runtime.catalog import default_catalog
from hinomi.runtime.models import Models
from hinomi.runtime.writer import Writer
from hinomi.standards.qzss import Report
from hinomi.stores.memory import MemoryStore

AT = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
CATALOG = default_catalog()


class Nowhere:
    def place(self, code: str, on: object) -> None: ...

    def knows(self, code: str, on: object) -> bool:  # noqa: ARG002
        return False


def warning(event: str, source: str, *, second: int = 0, **more: Any) -> Record:
    at = AT + timedelta(seconds=second)
    body = Eew(
        event_id=event,
        hypocentre="福島県沖",
        hypocentre_code=more.get("code", "289"),
        origin_time=at,
        kind="warning",
        telegram="DCR" if source == "qzss" else "VXSE43",
        serial=0,
        final=False,
        warned=True,
        headline="",
        info_type="発表",
        areas=[
            EewArea(
                code="1",
                name=more.get("area", "福島"),
                prefecture="" if source == "qzss" else "福島県",
                kind="",
                kind_code="10",
                intensity_from="5-",
                intensity_to="5+",
            )
        ],
    )
    return Record(
        collection=EEW.id,
        key=f"{event}/warning",
        said_at=at if source == "qzss" else at + timedelta(seconds=20),
        serial=-1 if source == "qzss" else 2,
        when=Interval(at, AT + timedelta(minutes=4)),
        body=body,
        source=source,
        marking=more.get("marking", OPEN),
        retracts=more.get("retracts", False),
    )


def eruption(minutes: int = 0) -> Record:
    stated = {
        "volcanic_warning_code_raw": 52,
        "volcanic_warning_code": "噴火",
        "volcano_name": "御嶽山",
        "volcano_name_raw": 312,
        "activity_time": AT + timedelta(minutes=minutes),
        "local_governments": [],
        "local_governments_raw": [],
    }
    report = Report(
        kind="Volcano",
        exercise=False,
        act="issue",
        reported_at=AT + timedelta(minutes=minutes + 5),
        dated=True,
        stated=stated,
        text="",
    )
    parsed = Parsed()
    heard = Payload(data=b"v", name="a", address="a", digest="0" * 64, taken_at=AT)
    volcano(Stating(report, heard, "/line[1]", Nowhere(), parsed))
    return parsed.records[0]


def jma_eruption() -> Record:
    record = eruption()
    return msgspec.structs.replace(
        record,
        key="312/flash/20260301123000_312",
        source="jma",
        serial=0,
        said_at=AT + timedelta(minutes=6),
        body=msgspec.structs.replace(record.body, event_id="20260301123000_312", telegram="VFVO56"),
    )


class Line:
    """Statements one after the other, the models after each."""

    def __init__(self, *records: Record) -> None:
        self.writer = Writer(MemoryStore(), now=lambda: AT + timedelta(days=1))
        self.models = Models(self.writer, CATALOG)
        self.say(*records)

    def say(self, *records: Record) -> None:
        for record in records:
            self.writer.put([record])
            self.models.catch_up()

    def standing(self, collection: str, status: Status = Status.ACTUAL, **q: Any) -> list[Stored]:
        reader = Reader(self.writer.store, CATALOG, OPERATOR, status=frozenset({status}))
        return reader.find(collection, **q).items


SATELLITE = "qzss-202603011230"
PAIRS: dict[str, Callable[[], tuple[Record, Record]]] = {
    EEW.id: lambda: (
        warning(SATELLITE, "qzss"),
        warning("20260301123030", "jma", second=30),
    ),
    VOLCANOES.id: lambda: (eruption(), jma_eruption()),
}


@pytest.mark.parametrize("collection", list(PAIRS))
@pytest.mark.parametrize("order", list(permutations((0, 1))))
def test_one_event_stands_once_with_both_statements(
    collection: str, order: tuple[int, ...]
) -> None:
    pair = PAIRS[collection]()
    line = Line(*(pair[n] for n in order))
    (shown,) = line.standing(collection)
    assert (shown.source, shown.key) == ("jma", pair[1].key)
    beside = line.standing(collection, beside=True)
    assert {(s.source, s.key) for s in beside} == {("jma", shown.key), ("qzss", shown.key)}
    # The repeat four seconds later changes nothing.
    position = line.writer.store.position()
    line.say(pair[0])
    assert [s.id for s in line.standing(collection)] == [shown.id]
    assert line.writer.store.position() == position


def test_what_jma_cancels_does_not_live_on_by_the_satellite() -> None:
    pair = PAIRS[EEW.id]()
    line = Line(*pair)
    line.say(
        msgspec.structs.replace(
            pair[1], said_at=pair[1].said_at + timedelta(seconds=30), retracts=True
        )
    )
    assert line.standing(EEW.id, beside=True) == []


def test_what_the_satellite_cancels_is_withdrawn_where_it_went() -> None:
    pair = PAIRS[EEW.id]()
    line = Line(*pair)
    line.say(
        msgspec.structs.replace(
            pair[0], said_at=pair[0].said_at + timedelta(minutes=1), retracts=True
        )
    )
    assert [s.source for s in line.standing(EEW.id, beside=True)] == ["jma"]


def test_first_hypocentres_in_two_regions_are_one_quake_where_they_warn_one_area() -> None:
    line = Line(
        warning(SATELLITE, "qzss", code="289"),
        warning("20260301123030", "jma", second=30, code="250"),
    )
    assert len(line.standing(EEW.id)) == 1


@pytest.mark.parametrize(
    "other",
    [
        warning("20260301123400", "jma", second=240),
        warning("20260301123030", "jma", second=30, code="700", area="沖縄本島"),
        warning("20260301123030", "jma", second=30, marking=Marking(Status.EXERCISE)),
    ],
    ids=["later", "elsewhere", "exercise"],
)
def test_another_quake_stays_another(other: Record) -> None:
    if other.body.hypocentre_code == "700":
        (area,) = other.body.areas
        area = msgspec.structs.replace(area, prefecture="沖縄県")
        body = msgspec.structs.replace(other.body, areas=[area])
        other = msgspec.structs.replace(other, body=body)
    line = Line(warning(SATELLITE, "qzss"), other)
    mine = [s for s in line.standing(EEW.id) if s.source == "qzss"]
    assert [s.key for s in mine] == [f"{SATELLITE}/warning"]


def test_a_second_eruption_does_not_replace_the_first() -> None:
    line = Line(eruption(), eruption(180), jma_eruption())
    assert sorted(s.source for s in line.standing(VOLCANOES.id)) == ["jma", "qzss"]


def test_real_sentences_stand_alone_without_jma(shared_data: Path) -> None:
    data = (shared_data / "exchange/qzss-dcr/nmea_messages.txt").read_bytes()
    heard = Payload(data=data, name="a.nmea", address="a", digest="0" * 64, taken_at=AT)
    records = [
        r for r in qzss.parse(heard, Nowhere()).records if r.collection in {EEW.id, VOLCANOES.id}
    ]
    assert records
    line = Line(*records)
    for collection in (EEW.id, VOLCANOES.id):
        for status in Status:
            keys = {
                r.key
                for r in records
                if r.collection == collection and r.marking.status is status and not r.retracts
            }
            assert {s.key for s in line.standing(collection, status)} == keys
