"""Floods, typhoons, sea warnings, forecasts and notices: understood, ordered, and never empty."""

from __future__ import annotations

import re
import time
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hinomi.domains.hazards.observe import floods, jma, notices, sea, typhoons
from hinomi.kernel.errors import DataError
from hinomi.kernel.geometry import bounds, check_geometry
from hinomi.kernel.marking import Status
from hinomi.kernel.ports import Parsed
from hinomi.standards.jmaxml import envelope
from hinomi.stores.memory import MemoryStore
from tests.domains.hazards.weather import ROKKAKU, Parse, Sample, Told, changed, standing

MINE = {*floods.TYPES, *typhoons.TYPES, *sea.TYPES, *notices.TYPES}
KNOWN_FAULTS = {
    ("09_01_01_091210_VPTW40.xml", "jmaxml.circle-differs"),
    ("09_01_11_091210_VPTW40.xml", "jmaxml.circle-differs"),
    ("09_02_06_100915_VPTW41.xml", "jmaxml.position-differs"),
}
"""JMA's own samples contradict themselves in three places; all three are found."""


def only(found: Parsed, collection: str) -> list[Any]:
    return [r for r in found.records if r.collection == collection]


@pytest.fixture(scope="module")
def mine(samples: dict[str, bytes]) -> dict[str, bytes]:
    return {n: d for n, d in samples.items() if envelope.decode(d).type in MINE}


def test_no_sample_ends_as_an_empty_success(mine: dict[str, bytes], parsed: Parse) -> None:
    faults: set[tuple[str, str]] = set()
    count: Counter[str] = Counter()
    assert len(mine) >= 193
    for name, data in mine.items():
        found = parsed(data)
        assert found.records or found.complete, name
        keys = [(r.collection, r.key) for r in found.records]
        assert len(keys) == len(set(keys)), name
        for record in found.records:
            count[record.collection] += 1
            if record.place is not None:
                check_geometry(record.place)
            body = msgspec.json.decode(msgspec.json.encode(record.body), type=type(record.body))
            assert body == record.body, name
        faults |= {(name, p.code) for p in found.problems if p.code != "jmaxml.unknown-area"}
    assert faults == KNOWN_FAULTS
    assert count["hazards.floods"] == 9
    assert count["hazards.typhoons"] == 341
    assert count["hazards.forecasts"] > 800
    assert count["hazards.notices"] > 110
    assert count["hazards.warnings"] == 66


def test_a_correction_differs_from_what_it_corrects_and_cancellation_retracts(
    sample: Sample, parsed: Parse
) -> None:
    issued, cancelled = (parsed(sample(f"01_01_0{i}_091210_VGSK50")).records for i in (1, 2))
    assert (issued[0].key, issued[0].retracts) == ("VGSK50/20090109110000_初雪/47626", False)
    assert (cancelled[0].key, cancelled[0].retracts) == (issued[0].key, True)


def test_a_flood_forecast_says_river_level_gauges_and_cities(sample: Sample, parsed: Parse) -> None:
    (record,) = parsed(sample(ROKKAKU)).records
    body = record.body
    assert record.key == "890904000100"
    assert (body.river_name, body.level, body.in_force) == ("六角川", 3, True)
    assert (body.phase, body.kind_code) == ("issued", "30")
    assert body.rivers[0].name == "六角川"
    assert {i.city for i in body.inundations} >= {"武雄市", "嬉野市"}
    (gauge,) = body.gauges
    assert [c.level for c in gauge.criteria] == [1, 2, 3, 4, 4]
    assert body.observed_level_m == body.stations[0].readings[0].value
    assert record.said_at == datetime(2021, 8, 13, 6, 10, tzinfo=UTC)


def test_the_water_that_breaks_out_has_places_times_and_depths(
    sample: Sample, parsed: Parse
) -> None:
    (record,) = parsed(sample("16_04_01_220728_VXKOii")).records
    assert record.body.level == 5
    first = record.body.arrivals[0]
    assert first.place == "○市市役所"
    assert first.at == datetime(2019, 5, 27, 2, tzinfo=UTC)
    assert first.deepest_at > first.at
    assert (first.depth_from_m, first.depth_below_m) == (0, 0.5)


@pytest.mark.parametrize(
    ("kind", "code", "level", "in_force", "phase"),
    [
        ("レベル４氾濫危険警報", "40", 4, True, "issued"),
        ("レベル５氾濫特別警報", "51", 5, True, "issued"),
        ("氾濫注意情報（警戒情報解除）", "22", 2, True, "lowered"),
        ("氾濫注意情報解除", "10", 1, False, "released"),
        ("レベル２氾濫注意報解除", "10", 1, False, "released"),
    ],
)
def test_flood_kinds_of_before_and_after_the_reform_are_understood(  # noqa: PLR0913
    sample: Sample,
    parsed: Parse,
    kind: str,
    code: str,
    level: int,
    *,
    in_force: bool,
    phase: str,
) -> None:
    made = changed(
        sample(ROKKAKU),
        ("<Name>氾濫警戒情報</Name>", f"<Name>{kind}</Name>"),
        ("<Code>30</Code>", f"<Code>{code}</Code>"),
    )
    (record,) = parsed(made).records
    assert (record.body.level, record.body.in_force, record.body.phase) == (level, in_force, phase)


def test_an_unknown_flood_kind_is_kept_with_an_alarm(sample: Sample, parsed: Parse) -> None:
    made = changed(
        sample(ROKKAKU),
        ("<Name>氾濫警戒情報</Name>", "<Name>新しい情報</Name>"),
        ("<Code>30</Code>", "<Code>99</Code>"),
    )
    found = parsed(made)
    assert found.records[0].body.level is None
    assert ("jmaxml.unknown-kind", "99 新しい情報") in {(p.code, p.found) for p in found.problems}


def test_a_later_flood_forecast_wins_whatever_the_order(sample: Sample, told: Told) -> None:
    first = sample(ROKKAKU)
    later = changed(
        first,
        ("2021-08-13T15:10:00+09:00", "2021-08-13T16:10:00+09:00"),
        ("<Name>氾濫警戒情報</Name>", "<Name>レベル４氾濫危険警報</Name>"),
    )
    for telegrams in ([first, later], [later, first]):
        assert standing(told(telegrams), "hazards.floods")["890904000100"]["level"] == 4


def test_an_exercise_is_no_flood(sample: Sample, told: Told) -> None:
    drill = changed(sample(ROKKAKU), ("<Status>通常</Status>", "<Status>訓練</Status>"))
    assert standing(told([drill]), "hazards.floods") == {}
    reader = told([drill], Status.EXERCISE)
    assert list(standing(reader, "hazards.floods")) == ["890904000100"]


def test_a_typhoon_has_analysis_forecasts_areas_and_track(sample: Sample, parsed: Parse) -> None:
    found = {r.key: r for r in parsed(sample("10_04_05_170913_VPTW60")).records}
    analysis = found["TC1725"]
    assert analysis.place == {"type": "Point", "coordinates": [125.1, 25.7]}
    assert (analysis.body.name, analysis.body.number) == ("TALIM", "1718")
    assert analysis.body.called == "台風第１８号（タリム）"
    assert analysis.body.called_en == "Typhoon TALIM (1718)"
    assert analysis.body.typhoon_class == "台風(TY)"
    assert (analysis.body.pressure_hpa, analysis.body.in_force) == (950, True)
    assert len(analysis.body.positions) == 14
    day = found["TC1725/+24h"]
    assert (day.body.part, day.body.hours) == ("forecast", 24)
    assert day.when.start == datetime(2017, 9, 14, 15, tzinfo=UTC)
    west, south, east, north = bounds(day.place)
    ahead = next(p for p in analysis.body.positions if p.hours == 24)
    assert west < ahead.longitude < east
    assert south < ahead.latitude < north
    assert (north - south) * 111.2 == pytest.approx(2 * day.body.radius_km, rel=0.01)
    storm, gale = (bounds(found[f"TC1725/{k}"].place) for k in ("storm", "gale"))
    assert gale[0] < storm[0] < storm[2] < gale[2]
    assert found["TC1725/track"].place["type"] == "LineString"
    assert len(found["TC1725/track"].place["coordinates"]) == 14


def test_forecasts_that_a_newer_telegram_no_longer_holds_are_over(
    sample: Sample, told: Told
) -> None:
    hourly, ended = sample("10_04_05_170913_VPTW60"), sample("10_04_08_170918_VPTW60")
    for telegrams in ([hourly, ended], [ended, hourly]):
        stands = standing(told(telegrams), "hazards.typhoons")
        assert list(stands) == ["TC1725"]
        assert stands["TC1725"]["in_force"] is False
        assert stands["TC1725"]["remark"] == "台風消滅（温帯低気圧化）"


def test_a_typhoon_without_an_event_is_an_alarm(sample: Sample, parsed: Parse) -> None:
    nameless = changed(
        sample("10_05_05_200826_VPTW61"), ("<EventID>TC2002</EventID>", "<EventID/>")
    )
    found = parsed(nameless)
    assert not found.records
    assert [p.code for p in found.problems] == ["jmaxml.no-event"]


def test_positions_that_contradict_each_other_are_an_alarm(sample: Sample, parsed: Parse) -> None:
    twisted = changed(sample("10_05_05_200826_VPTW61"), ("+2600+14300/", "+2600+14500/"))
    codes = {p.code for p in parsed(twisted).problems}
    assert "jmaxml.position-differs" in codes


def test_a_sea_warning_stands_until_its_region_says_otherwise(sample: Sample, told: Told) -> None:
    first = sample("13_04_01_110126_VPCU50")
    stands = standing(told([first]), "hazards.warnings")
    assert {k: (v["kind_code"], v["in_force"]) for k, v in stands.items()} == {
        "sea/3010/storm": ("22", True),
        "sea/3020/storm": ("22", True),
        "sea/3000/fog": ("11", True),
    }
    item = rb"<Item>(?:(?!</Item>).)*<Code>3020</Code>.*?</Item>"
    fewer = changed(
        re.sub(item, b"", first, flags=re.DOTALL),
        ("2009-08-11T08:20:00+09:00", "2009-08-11T11:20:00+09:00"),
    )
    for telegrams in ([first, fewer], [fewer, first]):
        left = standing(told(telegrams), "hazards.warnings")
        assert set(left) == {"sea/3010/storm", "sea/3000/fog"}


def test_a_sea_warnings_words_winds_and_time_are_kept(sample: Sample, parsed: Parse) -> None:
    records = only(parsed(sample("13_01_01_130906_VPCU50")), "hazards.warnings")
    body = records[0].body
    assert body.notes == [
        "北海道東方海上では  南の風が強く  最大風速は  ５０ノット（２５メートル）"
        "  後  次第に弱まる見込み"
    ]
    winds = [(v.what, v.value, v.unit) for v in body.details[0].values if v.value is not None]
    assert winds == [("最大風速", 50, "ノット"), ("最大風速", 25, "m/s")]
    assert records[0].when.end == datetime(2013, 5, 3, 6, tzinfo=UTC)


def test_warnings_of_the_high_seas_have_their_circles(sample: Sample, parsed: Parse) -> None:
    found = parsed(sample("12_03_01_180117_VPZU53"))
    first, second = only(found, "hazards.warnings")
    assert first.key == "sea/extra/1"
    assert first.place["type"] == "MultiPolygon"
    assert second.body.area_name == "熱帯低気圧"
    assert not found.complete


def test_no_warnings_at_sea_ends_those_of_before(sample: Sample, told: Told) -> None:
    before, none = sample("11_02_01_091210_VPZU50"), sample("11_05_01_110126_VPZU50")
    assert standing(told([before]), "hazards.warnings")
    assert standing(told([before, none]), "hazards.warnings") == {}


def test_a_forecast_gives_each_areas_elements_with_times(sample: Sample, parsed: Parse) -> None:
    found = {r.key: r for r in parsed(sample("24_11_01_190925_VPFD51")).records}
    tokyo = found["VPFD51/130010"].body
    assert (tokyo.area_name, tokyo.kind) == ("東京地方", "short-range")
    assert tokyo.summary == "くもり　夜遅く　雨"
    chances = next(e for e in tokyo.elements if e.quantity == "ProbabilityOfPrecipitation")
    assert (chances.unit, tokyo.max_percent) == ("%", max(v.value for v in chances.values))
    assert all(v.start is not None and v.end is not None for v in chances.values)
    station = found["VPFD51/44132"].body
    assert station.station
    assert {e.name for e in station.elements} >= {"日中の最高気温", "最高気温"}


def test_forecasts_of_an_event_that_a_later_serial_leaves_out_are_over(
    sample: Sample, told: Told
) -> None:
    first = sample("83_02_02_250630_VPZJ51")
    later = re.sub(
        rb'<MeteorologicalInfos type="\xe4\xba\x88\xe6\x83\xb3">.*?</MeteorologicalInfos>',
        b"",
        changed(first, ("2024-08-28T23:19:00+09:00", "2024-08-29T05:19:00+09:00")),
        flags=re.DOTALL,
    )
    assert len(standing(told([first]), "hazards.forecasts")) == 7
    for telegrams in ([first, later], [later, first]):
        assert standing(told(telegrams), "hazards.forecasts") == {}


def test_the_possibility_of_warnings_is_found_by_its_rank(sample: Sample, parsed: Parse) -> None:
    (record,) = parsed(sample("68_01_01_220831_VPFD60")).records
    assert record.body.warning_possibility == "高"
    assert record.body.kind == "warning-possibility"


def test_a_rainband_bulletin_has_its_tag_areas_and_event(sample: Sample, parsed: Parse) -> None:
    (record,) = parsed(sample("82_01_01_241031_VPBS50")).records
    body = record.body
    assert (body.kind, body.tags) == ("disaster-bulletin", "線状降水帯発生")
    assert [a.code for a in body.areas] == ["120010", "120020", "120030"]
    assert [s.elements[0].values[0].text for s in body.statements] == ["線状降水帯発生"] * 3
    assert body.statements[0].elements[0].values[0].start == datetime(2023, 9, 8, 1, 10, tzinfo=UTC)


def test_serials_of_one_event_follow_each_other(sample: Sample, told: Told) -> None:
    telegrams = [sample(f"20_02_0{i}_160628_VPZJ50") for i in (3, 1, 2)]
    stands = standing(told(telegrams), "hazards.notices")
    assert list(stands) == ["VPZJ50/JPTK090036"]
    assert stands["VPZJ50/JPTK090036"]["serial"] == "3"


def test_a_chart_says_what_it_holds_and_shows_all_but_isobars(
    sample: Sample, parsed: Parse
) -> None:
    (record,) = parsed(sample("58_01_01_130523_VZSA50")).records
    assert record.body.contents == {
        "等圧線": 30,
        "低気圧": 3,
        "高気圧": 3,
        "寒冷前線": 1,
        "温暖前線": 1,
    }
    low = next(f for f in record.body.features if f.kind == "低気圧")
    assert (low.pressure_hpa, low.longitude, low.latitude) == (1000, 109.5, 47.15)
    kinds = Counter(g["type"] for g in record.place["geometries"])
    assert kinds == {"Point": 6, "LineString": 2}


def test_four_megabytes_of_dangers_are_read_fast_and_counted(sample: Sample, parsed: Parse) -> None:
    data = sample("73_01_01_190703_VPRN50")
    started = time.perf_counter()
    (record,) = parsed(data).records
    assert time.perf_counter() - started < 10
    assert sum(record.body.contents.values()) == len(re.findall(rb"<Significancy ", data))
    assert record.body.contents["土砂災害危険度 51"] == 20
    assert {s.area for s in record.body.statements} >= {"愛知県"}


def test_a_weather_telegram_of_an_unknown_type_is_shown_beside_its_alarm(
    sample: Sample, parsed: Parse
) -> None:
    new = changed(
        sample("20_02_01_160628_VPZJ50"), ("<Title>全般気象情報</Title>", "<Title>新情報</Title>")
    )
    found = parsed(new)
    (record,) = found.records
    assert record.key == "新情報/JPTK090036"
    assert "猛烈な雨" in record.body.text
    assert [(p.code, p.grade) for p in found.problems] == [("jmaxml.unknown-type", "alarm")]


ODD = ["1e308", "-1e308", "nan", "-0", "99999999", "0", "", "9999-12-31T23:59:59+09:00", "+0+0/"]


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_odd_values_are_stored_or_refused_never_a_crash(
    mine: dict[str, bytes], parsed: Parse, data: st.DataObject
) -> None:
    names = sorted(n for n, d in mine.items() if len(d) < 80_000)
    raw = mine[data.draw(st.sampled_from(names))].decode()
    values = [m.span(1) for m in re.finditer(r">([^<>\n]{1,40})<", raw)]
    for _ in range(data.draw(st.integers(1, 4))):
        start, end = data.draw(st.sampled_from(values[:: max(1, len(values) // 200)]))
        raw = raw[:start] + data.draw(st.sampled_from(ODD)) + raw[end:]
    try:
        found = parsed(raw.encode())
    except DataError:
        return
    store = MemoryStore()
    store.put(found.records, found.readings, found.complete, at=datetime(2026, 1, 1, tzinfo=UTC))
    assert store.check() == []


def test_the_readers_types_are_all_dispatched() -> None:
    assert set(jma.PARSERS) >= MINE
