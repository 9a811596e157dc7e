"""The satellite's reports beside JMA's telegrams: one state, either order, both kept."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hinomi.domains.hazards.collections.quakes import QUAKE_REPORTS, QUAKES, QuakeReport
from hinomi.domains.hazards.observe import qzss
from hinomi.domains.hazards.observe.qzss_shared import Stating
from hinomi.domains.hazards.observe.qzss_weather import weather
from hinomi.domains.hazards.predict_quakes import predict_quakes
from hinomi.kernel.geometry import point
from hinomi.kernel.marking import OPERATOR, Marking, Status
from hinomi.kernel.ports import Parsed, Payload
from hinomi.kernel.reader import Reader
from hinomi.kernel.records import Record, instant
from hinomi.runtime.catalog import default_catalog
from hinomi.standards.qzss import Report, decode, message
from hinomi.stores.memory import MemoryStore
from tests.standards.qzss.test_qzss_fuzz import sentence

HEARD = datetime(2022, 12, 3, 12, tzinfo=UTC)
ALL = frozenset(Status)


class Nowhere:
    def place(self, code: str, on: object) -> None: ...

    def knows(self, code: str, on: object) -> bool:  # noqa: ARG002
        return False


def payload(data: bytes, at: datetime = HEARD) -> Payload:
    digest = hashlib.sha256(data).hexdigest()
    return Payload(data=data, name="a.nmea", address="a.nmea", digest=digest, taken_at=at)


@pytest.fixture(scope="module")
def sentences(shared_data: Path) -> bytes:
    return (shared_data / "exchange/qzss-dcr/nmea_messages.txt").read_bytes()


def test_fifteen_of_sixteen_are_read_and_the_other_is_noted(sentences: bytes) -> None:
    parsed = qzss.parse(payload(sentences), Nowhere())
    lines = {r.origin.path for r in parsed.records}
    assert len(lines) == 14  # One of the fifteen repeats another, word for word.
    assert [p.code for p in parsed.problems if p.grade != "note"] == []
    (other,) = [p for p in parsed.problems if p.code == "qzss.not-for-us"]
    assert "47" in other.found
    assert "qzss.year-assumed" in {p.code for p in parsed.problems}
    assert all(r.source == "qzss" for r in parsed.records)


def test_training_and_tests_are_never_actual(sentences: bytes) -> None:
    lines = {h.line: h.report for h in decode(sentences, HEARD) if h.report is not None}
    parsed = qzss.parse(payload(sentences), Nowhere())
    drills = {f"/line[{n}]" for n, r in lines.items() if r.exercise}
    assert len(drills) >= 9
    for record in parsed.records:
        actual = record.marking.status is Status.ACTUAL
        assert actual is (record.origin.path not in drills), record.key


def test_the_year_is_the_last_one_in_which_it_can_have_been_said(sentences: bytes) -> None:
    for heard in decode(sentences, HEARD):
        if heard.report is not None and heard.report.dated:
            age = HEARD - heard.report.reported_at
            assert timedelta(days=-3) < age < timedelta(days=366)


def test_repeats_of_other_satellites_are_one_message(sentences: bytes) -> None:
    lines = [line for line in sentences.splitlines() if b"QZQSM" in line]
    same = [n for n, line in enumerate(lines) if message(line) == message(lines[4])]
    assert same == [4, 6]
    assert [r.identity() for r in qzss.parse(payload(lines[4]), Nowhere()).records] == [
        r.identity() for r in qzss.parse(payload(lines[6]), Nowhere()).records
    ]


def test_alerts_of_dcx_keep_the_librarys_texts_and_their_ellipse(sentences: bytes) -> None:
    parsed = qzss.parse(payload(sentences), Nowhere())
    alerts = {r.body.channel: r for r in parsed.records if r.collection == "hazards.alerts"}
    assert alerts["l-alert"].body.title == "Lアラート: 離れろ。水場。"
    assert alerts["l-alert"].body.severity == "Severe"
    assert alerts["l-alert"].place is not None
    ring = alerts["l-alert"].place["coordinates"][0]
    # Semi-major axis 10.933 km towards north-east of 35.688258, 139.690855.
    assert max(y for _, y in ring) == pytest.approx(35.688 + 8.8 / 111.2, abs=0.02)
    assert alerts["j-alert"].marking == Marking(Status.TEST)
    assert alerts["j-alert"].body.area.startswith("福岡県、佐賀県")


@pytest.mark.parametrize("cut", range(0, 80, 7))
def test_broken_sentences_cost_only_themselves(sentences: bytes, cut: int) -> None:
    lines = sentences.splitlines()
    parsed = qzss.parse(payload(b"\n".join([lines[1][:cut], b"$GPGGA,x", lines[1]])), Nowhere())
    assert len(parsed.records) == 1


def remade(line: bytes, change: int) -> bytes:
    """Return a real sentence with some of its bits turned and its sums made right."""
    body = int(line.split(b",")[2][:63], 16) >> 26
    return sentence(body >> 212 & 63, body & (1 << 212) - 1 ^ change, body >> 218)


@settings(max_examples=250, deadline=None)
@given(st.integers(0, 15), st.lists(st.integers(0, 211), max_size=12))
def test_real_sentences_with_other_bits_are_stated_or_told(
    sentences: bytes, number: int, turned: list[int]
) -> None:
    line = [one for one in sentences.splitlines() if b"$QZQSM" in one][number]
    made = remade(line, sum(1 << place for place in set(turned)))
    assert turned or made.split(b",")[2][:63] == line.split(b",")[2][:63]
    parsed = qzss.parse(payload(made), Nowhere())
    assert parsed.records or parsed.problems


def test_a_quake_whose_time_is_no_time_is_stated_with_an_alarm(sentences: bytes) -> None:
    kinds = {h.line: h.report.kind for h in decode(sentences, HEARD) if h.report is not None}
    number = next(line for line, kind in kinds.items() if kind == "Hypocenter")
    line = sentences.splitlines()[number - 1]
    # Day, hour and minute of the quake lie in the bits 80 to 95; hour 31 is none.
    hour = 0b11111 << 226 - 90
    body = int(line.split(b",")[2][:63], 16) >> 26
    parsed = qzss.parse(payload(remade(line, hour & ~body)), Nowhere())
    assert "hazards.quake_reports" in {record.collection for record in parsed.records}
    assert "qzss.no-time" in {problem.code for problem in parsed.problems}


def warned(minutes: int, state: int, heard: datetime = HEARD) -> Parsed:
    """A weather report as azarashi decodes one: rain, 特別警報, in 島根県."""
    stated = {
        "weather_warning_state": "発表" if state == 1 else "解除",
        "weather_warning_state_raw": state,
        "weather_related_disaster_sub_categories": ["大雨特別警報"],
        "weather_related_disaster_sub_categories_raw": [2],
        "weather_forecast_regions": ["島根県"],
        "weather_forecast_regions_raw": [320000],
    }
    report = Report(
        kind="Weather",
        exercise=False,
        act="issue",
        reported_at=HEARD + timedelta(minutes=minutes),
        dated=True,
        stated=stated,
        text="",
    )
    parsed = Parsed()
    weather(Stating(report, payload(b"w", heard), "/line[1]", Nowhere(), parsed))
    return parsed


def jma(minutes: int, template: Record, *, in_force: bool) -> Record:
    import msgspec  # noqa: PLC0415

    body = msgspec.structs.replace(
        template.body, telegram="VPWW55", in_force=in_force, level=5 if in_force else 0
    )
    return msgspec.structs.replace(
        template, source="jma", serial=4, body=body, said_at=HEARD + timedelta(minutes=minutes)
    )


def stored(*records: Record) -> tuple[MemoryStore, Reader]:
    store = MemoryStore()
    for record in records:
        store.put([record], at=HEARD + timedelta(days=1))
    return store, Reader(store, default_catalog(), OPERATOR)


@pytest.mark.parametrize("turned", [False, True])
def test_the_telegram_of_the_same_minute_is_shown_and_the_satellites_stays(turned: bool) -> None:  # noqa: FBT001
    (satellite,) = warned(0, 1).records
    telegram = jma(0, satellite, in_force=True)
    pair = [telegram, satellite] if turned else [satellite, telegram]
    _, reader = stored(*pair)
    (shown,) = reader.find("hazards.warnings").items
    assert (shown.key, shown.source) == ("320000/rain", "jma")
    beside = reader.find("hazards.warnings", beside=True).items
    assert {s.source for s in beside} == {"jma", "qzss"}
    (kept,) = [s for s in beside if s.source == "qzss"]
    origin, _ = reader.trace(kept.id).origins[0]
    assert (origin.address, origin.path) == ("a.nmea", "/line[1]")


def test_a_new_warning_from_the_satellite_is_not_hidden_by_last_weeks_release() -> None:
    (satellite,) = warned(0, 1).records
    released = jma(-7 * 24 * 60, satellite, in_force=False)
    _, reader = stored(satellite, released)
    (shown,) = reader.find("hazards.warnings").items
    assert (shown.source, shown.body()["in_force"]) == ("qzss", True)


def report_of_jma(sentence: Sequence[Record]) -> Record:
    import msgspec  # noqa: PLC0415

    (satellite,) = sentence
    at = satellite.when.start
    assert at is not None
    body: QuakeReport = msgspec.structs.replace(satellite.body, event_id="20221203174012")
    return msgspec.structs.replace(
        satellite,
        key="20221203174012/VXSE52",
        source="jma",
        serial=0,
        body=body,
        when=instant(at + timedelta(seconds=40)),
        place=point(100.2, -0.3),
    )


@pytest.fixture
def quake(sentences: bytes) -> Callable[[], tuple[Record, Record]]:
    def one() -> tuple[Record, Record]:
        found = qzss.parse(payload(sentences.splitlines()[1]), Nowhere()).records
        return found[0], report_of_jma(found)

    return one


@pytest.mark.parametrize("order", list(permutations((0, 1))))
def test_a_quake_of_both_is_one_quake_and_it_is_jmas(
    quake: Callable[[], tuple[Record, Record]], order: tuple[int, ...]
) -> None:
    pair = quake()
    store = MemoryStore()
    reader = Reader(store, default_catalog(), OPERATOR)
    for number, index in enumerate(order):
        record = pair[index]
        at = HEARD + timedelta(days=1, minutes=number)
        store.put([record], at=at)
        made = predict_quakes(reader, {QUAKE_REPORTS.id: [record.key]})
        store.put(made.records, at=at)
        if number == 0:
            assert len(reader.find(QUAKES.id).items) == 1
    (shown,) = reader.find(QUAKES.id).items
    assert shown.key == "20221203174012"
    reports = reader.find(QUAKE_REPORTS.id).items
    assert {s.source for s in reports} == {"jma", "qzss"}


def test_another_quake_of_the_same_minute_elsewhere_stays_another(
    quake: Callable[[], tuple[Record, Record]],
) -> None:
    import msgspec  # noqa: PLC0415

    satellite, telegram = quake()
    body = msgspec.structs.replace(telegram.body, hypocentre_code="390")
    far = msgspec.structs.replace(telegram, body=body, place=point(137.2, 37.5))
    store = MemoryStore()
    store.put([satellite, far], at=HEARD + timedelta(days=1))
    reader = Reader(store, default_catalog(), OPERATOR, status=ALL)
    made = predict_quakes(reader, {QUAKE_REPORTS.id: [satellite.key, far.key]})
    assert len([r for r in made.records if not r.retracts]) == 2
