"""Volcanoes: level, warnings per municipality, eruptions, ash on the map; none hides another."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from shapely.geometry import Point, shape

from hinomi.domains.hazards.observe import jma
from hinomi.kernel.filters import And, Compare, Property, Value
from hinomi.kernel.ports import Parsed, Payload
from hinomi.kernel.reader import Reader
from hinomi.standards.jmaxml import envelope
from hinomi.vocabulary.areas import codes

Told = Callable[..., Reader]
Sample = Callable[[str], bytes]


class Table:
    """A gazetteer that knows the real codes and has no boundaries."""

    def place(self, code: str, on: date) -> None:
        """Return no place."""

    def knows(self, code: str, on: date) -> bool:
        return codes.knows(code, on)


@pytest.fixture
def parsed() -> Callable[[bytes], Parsed]:
    return lambda data: jma.parse(
        Payload(
            data=data,
            name="made.xml",
            address="made.xml",
            digest="",
            taken_at=datetime(2026, 6, 1, tzinfo=UTC),
        ),
        Table(),
    )


@pytest.fixture(scope="module")
def volcanic(samples: dict[str, bytes]) -> list[bytes]:
    return [data for name, data in sorted(samples.items()) if re.search("VFVO|VFSV", name)]


def state(reader: Reader) -> dict[str, dict[str, Any]]:
    return {item.key: item.body() for item in reader.every("hazards.volcanoes")}


def test_a_volcano_and_its_municipalities_have_their_state(told: Told, sample: Sample) -> None:
    reader = told([sample("45_01_01_200522_VFVO50")])
    level = reader.get("hazards.volcanoes", "306/level")
    assert level.body()["alert_level"] == 3
    assert (level.body()["keyword"], level.body()["condition"]) == ("入山規制", "引上げ")
    assert level.place() == {"type": "Point", "coordinates": [138.523, 36.406333]}
    town = reader.get("hazards.volcanoes", "306/warning/area/1042500").body()
    assert (town["kind"], town["kind_code"]) == ("火口周辺警報", "02")
    assert (town["action"], town["action_code"]) == ("火口周辺警報：入山規制等", "43")
    assert town["volcano_name"] == "浅間山"
    assert reader.get("hazards.volcanoes", "306/warning").body()["prevention"]


def test_a_release_lowers_the_level_and_is_not_in_force(told: Told, sample: Sample) -> None:
    found = state(told([sample("44_02_01_200522_VFVO51"), sample("45_03_01_200731_VFVO50")]))
    assert (found["350/level"]["alert_level"], found["350/level"]["in_force"]) == (1, False)
    assert found["350/commentary"]["alert_level"] == 2
    assert found["350/warning/area/1042600"]["in_force"] is False


def test_the_monthly_review_gives_the_level_of_every_volcano(told: Told, sample: Sample) -> None:
    reader = told([sample("44_01_01_151008_VFVO51")])
    levels = [b for b in state(reader).values() if b["part"] == "level"]
    assert len(levels) == 112
    above = And(
        (
            Compare("=", Property("part"), Value("level")),
            Compare(">=", Property("alert_level"), Value(3)),
        )
    )
    found = reader.find("hazards.volcanoes", filter=above).items
    names = {i.body()["volcano_name"]: i.body()["alert_level"] for i in found}
    assert names == {"口永良部島": 5, "阿蘇山": 3, "桜島": 3}
    assert reader.get("hazards.volcanoes", "900/commentary").body()["about"] == "text"


def test_of_one_minute_the_warning_holds_over_the_commentary(told: Told, sample: Sample) -> None:
    warning = sample("45_01_01_200522_VFVO50")
    commentary = (
        sample("44_02_01_200522_VFVO51")
        .decode()
        .replace("T13:56:00", "T13:03:00")
        .replace("<Code>350</Code>", "<Code>306</Code>")
        .replace("<EventID>350", "<EventID>306")
        .replace("<Serial>001", "<Serial>")
        .encode()
    )
    for order in ([warning, commentary], [commentary, warning]):
        assert state(told(order))["306/level"]["alert_level"] == 3


def test_ash_lies_where_the_forecast_says(told: Told, sample: Sample) -> None:
    reader = told([sample("66_01_02_210514_VFVO54")])
    item = reader.get("hazards.volcanoes", "506/ash-flash/ash/1/72")
    ash = item.body()
    assert (ash["kind"], ash["size"], ash["size_unit"]) == ("やや多量の降灰", 0.1, "mm")
    assert (ash["reach_km"], ash["direction"]) == (2.0, "西（鹿児島市街方向）")
    fall = shape(item.place())
    assert fall.is_valid
    assert fall.buffer(0.02).contains(Point(130.66, 31.58))
    assert item.when.start is not None
    assert item.when.end is not None
    assert (item.when.end - item.when.start).total_seconds() == 3600
    town = reader.get("hazards.volcanoes", "506/ash-flash/area/4620100/75").body()
    assert town["kind"] == "小さな噴石の落下"


def test_a_new_ash_forecast_replaces_the_whole_of_the_last(told: Told, sample: Sample) -> None:
    first = sample("66_01_01_210517_VFVO53")
    assert "506/ash-scheduled/ash/6/70" in state(told([first]))
    last_step = first.rindex(b"<AshInfo ")
    shorter = first[:last_step] + first[first.index(b"</AshInfos>") :]
    shorter = shorter.replace(b"2021-05-17T14:00:00+09:00", b"2021-05-17T20:00:00+09:00")
    for order in ([first, shorter], [shorter, first]):
        steps = {k.split("/")[3] for k in state(told(order)) if "/ash/" in k}
        assert steps == {"1", "2", "3", "4", "5"}


def test_a_corrected_eruption_flash_holds_and_a_withdrawn_observation_is_gone(
    told: Told, sample: Sample
) -> None:
    flash = [sample("67_01_02_140927_VFVO56"), sample("67_01_03_140927_VFVO56")]
    for order in (flash, flash[::-1]):
        body = state(told(order))["312/flash/20140927120000_312"]
        assert body["happened_at"] == "2014-09-27T02:52:00Z"
        assert (body["kind"], body["happened_about"]) == ("噴火したもよう", "頃")
    seen = [sample("43_02_01_200522_VFVO52"), sample("43_03_01_200522_VFVO52")]
    for order in (seen, seen[::-1]):
        assert state(told(order)) == {}


def test_a_plume_is_kept_with_its_height_direction_and_the_wind(told: Told, sample: Sample) -> None:
    body = state(told([sample("VFVO60")]))["506/plume/20210527130800_506"]
    assert (body["plume_above_crater_m"], body["plume_above_sea_ft"]) == (1800.0, 9400.0)
    assert body["plume_direction"] == "南東"
    assert len(body["winds"]) == 46
    assert body["winds"][1] == {"height_ft": 1000.0, "degrees": 30.0, "knots": 18.0}


def test_a_sea_warning_names_volcano_and_sea(told: Told, sample: Sample) -> None:
    found = state(told([sample("VFSVii")]))
    assert found["506/sea-warning"]["kind"] == "周辺海域警戒"
    sea = found["506/sea-warning/area/5200"]
    assert (sea["about"], sea["kind"], sea["in_force"]) == ("sea", "海上警報（噴火警報）", True)


def test_every_volcano_municipality_and_fall_is_kept(
    volcanic: list[bytes], parsed: Callable[[bytes], Parsed]
) -> None:
    for data in volcanic:
        telegram = envelope.decode(data)
        body = telegram.body
        records = parsed(data).records
        said = {
            (area.findtext("{*}Code"), item.findtext("{*}Kind/{*}Code"))
            for item in body.iterfind("{*}VolcanoInfo/{*}Item")
            for area in item.iterfind("{*}Areas/{*}Area")
        }
        kept = {(r.body.area_code or r.body.volcano_code, r.body.kind_code) for r in records}
        kept |= {(r.body.area_code, r.body.action_code) for r in records}
        assert said <= kept, telegram.control.title
        rings = sum(1 for _ in body.iter("{*}Polygon"))
        falls = [r.place for r in records if r.body.about == "ash"]
        assert all(falls)
        drawn = sum(len(f["coordinates"]) if f["type"] == "MultiPolygon" else 1 for f in falls if f)
        assert drawn == rings
        keys = [r.key for r in records]
        assert len(keys) == len(set(keys))


def test_shuffled_and_repeated_telegrams_end_alike(told: Told, volcanic: list[bytes]) -> None:
    # Two samples of the eruption flash are alternatives of one report: only one can be sent.
    sent = [d for d in volcanic if "噴火が発生＞".encode() not in d]
    assert len(sent) == len(volcanic) - 1
    in_order = state(told(sent))
    shuffle = random.Random(5)
    for _ in range(4):
        some = [*sent, *shuffle.sample(sent, 4)]
        shuffle.shuffle(some)
        assert state(told(some)) == in_order


@pytest.mark.parametrize(
    ("part", "old", "new", "code"),
    [
        ("45_01_01", "<Code>13</Code>", "<Code>88</Code>", "jmaxml.unknown-kind"),
        ("45_01_01", "<Code>306</Code>", "<Code>999</Code>", "jmaxml.unknown-area"),
        ("45_01_01", "+3624.38+", "+3664.38+", "jmaxml.position"),
        ("45_01_01", 'codeType="火山名"', 'codeType="火星名"', "jmaxml.unknown-code-type"),
        ("66_01_02", "/+31.5902+", "/+91.5902+", "jmaxml.position"),
        ("66_01_02", "T13:31:00+09:00</EndTime>", "T11:31:00+09:00</EndTime>", "jmaxml.interval"),
    ],
)
def test_what_is_not_understood_is_an_alarm(
    parsed: Callable[[bytes], Parsed], sample: Sample, part: str, old: str, new: str, code: str
) -> None:
    text = sample(f"{part}_2").decode()
    assert old in text
    problems = parsed(text.replace(old, new).encode()).problems
    assert {(p.code, p.grade) for p in problems} == {(code, "alarm")}
