"""Quakes: one answer from many reports, in whatever order they come."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from hinomi.domains.hazards.predict_quakes import predict_quakes
from hinomi.kernel.filters import And, Compare, Property, Value
from hinomi.kernel.marking import OPERATOR, Marking, Status
from hinomi.kernel.reader import Reader
from hinomi.kernel.records import Record
from hinomi.runtime.catalog import default_catalog
from hinomi.standards.jmaxml import envelope
from hinomi.stores.memory import MemoryStore
from tests.domains.hazards.quakes import AT, Parse, parse
from tests.domains.hazards.weather import changed


@pytest.fixture
def parsed() -> Parse:
    return parse


@pytest.fixture(scope="session")
def event(samples: dict[str, bytes]) -> Callable[..., list[bytes]]:
    """Give the official samples of one EventID whose type begins so, in the order of reports."""

    def some(event_id: str, *types: str) -> list[bytes]:
        found = [
            (telegram.head.reported_at, telegram.type, data)
            for name, data in samples.items()
            if re.search("VXSE|VTSE", name)
            and (telegram := envelope.decode(data)).head.event_id == event_id
            and telegram.type.startswith(types or ("V",))
        ]
        return [data for *_, data in sorted(found)]

    return some


class Office:
    """A store that hears telegrams and has the quakes joined after each, as the runtime does."""

    def __init__(self, parse: Parse) -> None:
        self.parse = parse
        self.store = MemoryStore()

    def hear(self, telegrams: Iterable[bytes]) -> Office:
        for data in telegrams:
            parsed = self.parse(data)
            status = Marking(envelope.decode(data).control.status).status
            self.store.put(parsed.records, (), parsed.complete, at=AT)
            reports = [r.key for r in parsed.records if r.collection == "hazards.quake_reports"]
            if reports:
                made = predict_quakes(
                    self.reader(status), {"hazards.quake_reports": reports}
                ).records
                self.store.put([marked(r, status) for r in made], at=AT)
        return self

    def reader(self, status: Status = Status.ACTUAL) -> Reader:
        catalog = default_catalog()
        return Reader(self.store, catalog, OPERATOR, status=frozenset({status}))

    def state(self, status: Status = Status.ACTUAL) -> dict[tuple[str, str], bytes]:
        reader = self.reader(status)
        return {
            (name, item.key): item.feature
            for name in reader.catalog.collections
            for item in reader.every(name)
        }


def marked(record: Record, status: Status) -> Record:
    return Record(
        **{f: getattr(record, f) for f in record.__struct_fields__ if f != "marking"},
        marking=Marking(status),
    )


@pytest.fixture
def office(parsed: Parse) -> Office:
    return Office(parsed)


def where(**wanted: str) -> And:
    return And(tuple(Compare("=", Property(k), Value(v)) for k, v in wanted.items()))


def test_a_hypocentre_does_not_hide_the_intensities_that_came_before_it(
    office: Office, real: dict[str, bytes]
) -> None:
    quick = [real["20210217140808_0_VXSE51_010000.xml"], real["20210217140847_0_VXSE52_010000.xml"]]
    quake = office.hear(quick).reader().get("hazards.quakes", "20210217230627")
    said = quake.body()
    assert (said["hypocentre"], said["magnitude"], said["depth_km"]) == ("福島県沖", 4.5, 50.0)
    assert (said["max_intensity"], said["tsunami"]) == ("3", "none")
    assert quake.place() == {"type": "Point", "coordinates": [141.6, 37.6]}
    found = (
        office.reader().find("hazards.intensities", filter=where(area_name="福島県浜通り")).items
    )
    assert [i.body()["intensity"] for i in found] == ["3"]


def test_a_quake_names_the_reports_that_it_was_made_of(
    office: Office, real: dict[str, bytes]
) -> None:
    office.hear(data for name, data in real.items() if name.startswith("2021021714"))
    key = {"hazards.quake_reports": ["20210217230627/VXSE53"]}
    (made,) = predict_quakes(office.reader(), key).records
    reports = office.reader().find("hazards.quake_reports").items
    assert set(made.origin.inputs) == {report.id for report in reports}
    assert len(reports) == 3


def test_an_officer_asks_for_one_town_and_gets_its_intensity_and_stations(
    office: Office, real: dict[str, bytes]
) -> None:
    office.hear([real["20210217140958_0_VXSE53_010000.xml"]])
    question = where(area_code="0754700")
    (town,) = office.reader().find("hazards.intensities", filter=question).items
    said = town.body()
    assert (said["area_name"], said["prefecture"], said["intensity"]) == ("浪江町", "福島県", "2")
    assert said["at_least"] == 1.5
    assert {s["name"]: s["intensity"] for s in said["stations"]}["浪江町幾世橋"] == "2"


def test_an_update_of_the_source_keeps_the_intensities(
    office: Office, event: Callable[..., list[bytes]]
) -> None:
    said = office.hear(event("20090811050711")).reader().get("hazards.quakes", "20090811050711")
    body = said.body()
    assert body["telegrams"][0] == "VXSE61"
    assert (body["max_intensity"], body["depth_km"]) == ("6-", 23.0)
    place = said.place()
    assert place is not None
    assert place["coordinates"] == [138.498333, 34.785]


def test_what_is_withdrawn_uncovers_what_the_other_reports_say(
    office: Office, event: Callable[..., list[bytes]], sample: Callable[[str], bytes]
) -> None:
    withdrawal = changed(
        sample("32-35_06_10_100915_VXSE61"),
        ("20080614084350", "20090811050711"),
        ("2008-06-14T12:35", "2009-08-11T12:35"),
    )
    office.hear([*event("20090811050711"), withdrawal])
    body = office.reader().get("hazards.quakes", "20090811050711").body()
    assert (body["telegrams"][0], body["depth_km"]) == ("VXSE53", 20.0)


def test_a_withdrawn_quake_is_gone_with_its_intensities(
    office: Office, event: Callable[..., list[bytes]]
) -> None:
    reports = event("20080614084350", "VXSE53")
    assert len(office.hear(reports[:2]).reader().find("hazards.intensities").items) == 100
    office.hear(reports[2:])
    for name in ("hazards.quakes", "hazards.quake_reports", "hazards.intensities"):
        assert office.reader().find(name).items == [], name
    assert len(office.reader().history("hazards.quake_reports", "20080614084350/VXSE53").items) == 3


def test_a_later_report_ends_what_it_no_longer_lists(
    office: Office, event: Callable[..., list[bytes]]
) -> None:
    first, second = event("20100705065610", "VXSE53")
    start = second.index(b"<City>")
    end = second.index(b"</City>") + len(b"</City>")
    dropped = re.search(rb"<Code>(\d+)</Code>", second[start:end])
    assert dropped is not None
    code = dropped[1].decode()
    key = f"20100705065610/intensity/{code}"
    assert key in {k for _, k in office.hear([first]).state()}
    assert key not in {k for _, k in office.hear([second[:start] + second[end:]]).state()}


def test_a_place_from_which_strong_shaking_is_only_believed_is_kept_as_such(
    parsed: Parse, sample: Callable[[str], bytes]
) -> None:
    records = parsed(sample("32-35_06_04_240613_VXSE53")).records
    believed = [r.body for r in records if getattr(r.body, "condition", "")]
    assert believed
    assert {(b.condition, b.intensity, b.at_least) for b in believed} == {
        ("震度５弱以上未入電", "", 4.5),
        ("震度５弱以上未入電", "4", 4.5),
    }


@pytest.mark.parametrize(
    ("part", "magnitude", "text"),
    [
        ("32-39_11_02_250206_VTSE41", None, "Ｍ８を超える巨大地震"),
        ("32-39_05_01_100831_VXSE53", 8.5, "Ｍ８．５"),
    ],
)
def test_a_magnitude_without_a_number_keeps_its_words(
    parsed: Parse,
    sample: Callable[[str], bytes],
    part: str,
    magnitude: float | None,
    text: str,
) -> None:
    body: Any = parsed(sample(part)).records[0].body
    quake = body.quakes[0] if part.endswith("VTSE41") else body
    assert (quake.magnitude, quake.magnitude_text) == (magnitude, text)


@pytest.mark.parametrize(
    ("position", "depth_km", "words"),
    [
        ('<jmx_eb:Coordinate description="震源要素不明"/>', None, "震源要素不明"),
        ('<jmx_eb:Coordinate description="深さ不明">+37.6+141.6/</jmx_eb:Coordinate>', None, ""),
        ('<jmx_eb:Coordinate description="ごく浅い">+37.6+141.6+0/</jmx_eb:Coordinate>', 0.0, ""),
        (
            '<jmx_eb:Coordinate description="７００ｋｍ">+37.6+141.6-700000/</jmx_eb:Coordinate>',
            700.0,
            "",
        ),
    ],
)
def test_an_unknown_or_extreme_position_is_kept_as_jma_says_it(
    parsed: Parse, real: dict[str, bytes], position: str, depth_km: float | None, words: str
) -> None:
    text = real["20210217140847_0_VXSE52_010000.xml"].decode()
    changed = re.sub(r"<jmx_eb:Coordinate .*?</jmx_eb:Coordinate>", position, text)
    result = parsed(changed.encode())
    (record,) = result.records
    assert result.problems == []
    assert record.body.depth_km == depth_km
    assert words in record.body.position_text
    assert (record.place is None) is bool(words)


def test_long_period_motion_stands_beside_the_intensities(
    office: Office, sample: Callable[[str], bytes]
) -> None:
    office.hear([sample("VXSE62")])
    found = office.reader().find("hazards.intensities", filter=where(measure="long-period")).items
    assert len(found) == 8
    bodies = {i.body()["area_name"]: i.body() for i in found}
    stations = bodies["宮城県北部"]["stations"]
    assert bodies["宮城県北部"]["long_period"] == "3"
    assert len(stations[0]["bands"]) == 7


def test_an_exercise_quake_is_not_an_actual_one(
    office: Office, sample: Callable[[str], bytes]
) -> None:
    office.hear([sample("32-35_01_02_240613_VXSE52"), sample("32-35_01_03_240613_VXSE53")])
    assert office.state() == {}
    drill = office.reader(Status.EXERCISE).get("hazards.quakes", "20091001134500")
    assert drill.body()["telegrams"] == ["VXSE53", "VXSE52"]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("<MaxInt>3</MaxInt>", "<MaxInt>8</MaxInt>", "jmaxml.unknown-intensity"),
        ("<Code>0215</Code>", "<Code>0299</Code>", "jmaxml.unknown-comment"),
        ("<Code>250</Code>", "<Code>999</Code>", "jmaxml.unknown-area"),
        ("+37.6+141.6-50000/", "+37.6+141.6", "jmaxml.position"),
        ("<Magnitude ", "<Moment/><Magnitude ", "jmaxml.unknown-element"),
    ],
)
def test_what_is_not_understood_is_an_alarm_and_never_silence(
    parsed: Parse, real: dict[str, bytes], old: str, new: str, code: str
) -> None:
    data = real["20210217140958_0_VXSE53_010000.xml"]
    if "Magnitude" in old:
        old, new = "<jmx_eb:Magnitude ", "<jmx_eb:Moment/><jmx_eb:Magnitude "
    problems = parsed(changed(data, (old, new))).problems
    assert {(p.code, p.grade) for p in problems} == {(code, "alarm")}


@pytest.mark.parametrize("event_id", ["20100125161517", "20090811050711", "20080614084350"])
@settings(
    max_examples=6,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_late_repeated_and_shuffled_reports_end_in_the_same_state(
    event_id: str,
    data: st.DataObject,
    event: Callable[..., list[bytes]],
    parsed: Parse,
) -> None:
    reports = event(event_id)
    assert len(reports) >= 4
    twice = data.draw(st.lists(st.sampled_from(range(len(reports))), max_size=3))
    order = data.draw(st.permutations([*range(len(reports)), *twice]))
    told = Office(parsed).hear(reports[i] for i in order).state()
    assert told == Office(parsed).hear(reports).state()


def test_real_reports_of_one_quake_end_alike_in_every_order(
    real: dict[str, bytes], parsed: Parse
) -> None:
    reports = [data for name, data in real.items() if name[:12] in ("202102171408", "202102171409")]
    assert len(reports) == 3
    states = [
        Office(parsed).hear(reports[i] for i in order).state()
        for order in ([0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0, 2, 0])
    ]
    assert all(state == states[0] for state in states)
    assert len(states[0]) > 20
