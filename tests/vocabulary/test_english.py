"""English names: official ones as JMA has them, readings only where they are stated."""

from __future__ import annotations

import json
import re
import tarfile
import unicodedata
from datetime import date
from pathlib import Path

import pytest

from hinomi.domains.hazards.collections.gauges import GaugeStation
from hinomi.runtime.drill.prefecture import COAST, PREFECTURE_NAME, RIVERS, TOWNS, make_prefecture
from hinomi.vocabulary.areas import codes
from hinomi.vocabulary.english import area_in_english, called, in_english, romaji
from hinomi.vocabulary.english.official import FICTIONAL, FICTIONAL_TOWNS
from hinomi.vocabulary.english.words import WORDS

TODAY = date(2026, 6, 1)

JMA = [
    ("さっぽろ", "札幌", "Sapporo"), ("なんぽろ", "南幌", "Namporo"), ("とうま", "当麻", "Toma"),
    ("おおいた", "大分", "Oita"), ("こうち", "高知", "Kochi"), ("はっぽう", "八峰", "Happo"),
    ("きたかみ", "北上", "Kitakami"), ("じょうえつ", "上越", "Joetsu"),
    ("にっしん", "日進", "Nisshin"),
    ("おおうち", "大内", "Ouchi"), ("みうら", "三浦", "Miura"),
    ("よこおおじ", "横大路", "Yokooji"), ("のうら", "野浦", "Noura"),
    ("ちっぷべつ", "秩父別", "Chippubetsu"), ("まっちゃ", "抹茶", "Matcha"),
    ("いいで", "飯豊", "Iide"), ("りゅうがさき", "龍ケ崎", "Ryugasaki"),
    ("てんぱく", "天白", "Tempaku"),
]  # fmt: skip
"""Reading, writing, and how JMA's dictionary writes the place (Happo: JMA has Happou; 抹茶 and
大内 are no municipalities)."""


@pytest.mark.parametrize(("kana", "written", "roman"), JMA)
def test_kana_are_written_as_jma_writes_its_places(kana: str, written: str, roman: str) -> None:
    assert romaji(kana, written) == roman


@pytest.mark.parametrize("kind", ["seismic", "tsunami", "hypocentre", "volcano", "river", "ward"])
def test_every_area_that_jma_names_in_english_has_that_name(kind: codes.Kind) -> None:
    without = [c for c in codes.every(kind) if not in_english(c.name_en)]
    assert without == []


def test_the_188_seismic_areas_are_there_with_okinawa_and_under_their_own_names() -> None:
    areas = {c.code: c for c in codes.every("seismic")}
    assert len(areas) == 188
    assert [areas[str(code)].name for code in range(800, 808)] == [
        "沖縄県本島北部", "沖縄県本島中南部", "沖縄県久米島", "沖縄県大東島",
        "沖縄県宮古島", "沖縄県石垣島", "沖縄県与那国島", "沖縄県西表島",
    ]  # fmt: skip
    # The tsunami coasts 550, 551, 560 and 580 are other areas of the same numbers.
    assert areas["550"].name == "和歌山県北部"
    assert areas["580"].name == "岡山県北部"
    prefectures = {c.name for c in codes.every("prefecture")}
    misplaced = [
        (m.name, areas[m.seismic].name)
        for m in codes.every("municipality")
        if m.seismic
        and areas[m.seismic].name[:3] in {p[:3] for p in prefectures}
        and not areas[m.seismic].name.startswith(codes.prefecture_of(m.code).name[:2])
    ]
    assert misplaced == []


def test_okinawas_municipalities_lie_in_its_seismic_areas() -> None:
    towns = [m for m in codes.every("municipality") if m.code[:2] == "47" and m.valid(TODAY)]
    assert len(towns) == 41
    assert all("800" <= m.seismic <= "807" for m in towns)
    assert [m.name for m in codes.members(codes.find("807", TODAY, "seismic"), TODAY)] == ["竹富町"]


def test_a_name_is_read_only_where_its_reading_is_stated() -> None:
    assert called("山王小学校") == "山王 Elementary School"
    assert called("山王小学校", kana="サンノウショウガッコウ") == "Sanno Elementary School"
    assert called("御祓会館", stated="Misogi Hall") == "Misogi Hall"
    # 名称_英字 as the layout of many towns has it: the reading, run together.
    nanao = codes.ever("1720200", "municipality")
    junior = called("七尾中学校", kana="ナナオチュウガッコウ", stated="nanaochugakko", town=nanao)
    assert junior == "Nanao Junior High School"
    assert called("七尾市立山王小学校", town=nanao) == "Nanao Municipal 山王 Elementary School"
    assert called("七尾中学校", town=nanao) == "Nanao Junior High School"
    assert called("秀楽苑") == ""


@pytest.mark.parametrize(
    ("name", "kana", "english"),
    [
        ("宇陀川８．０ｋ右岸", "うだがわ", "Uda River 8.0k Right Bank"),
        ("横田橋-U／（一）香登川", "よこたばし／かがとがわ", "Yokota Bridge U / Kagato River"),
        ("大橋（畑田川）", "おおはし", "Ohashi (畑田 River)"),
        ("中川　立野美鳥町", "なかがわ　たてのみどりちょう", "Nakagawa River Tatenomidoricho"),
        ("佐古田橋下流", "さこだばしかりゅう", "Sakoda Bridge Downstream"),
        ("時友通", "ときともどおり", "Tokitomodori"),
        ("クッカリシナイ川", "", "Kukkarishinai River"),
    ],
)
def test_gauges_are_read_as_their_operators_read_them(name: str, kana: str, english: str) -> None:
    assert called(name, kana=kana) == english


def test_the_shipped_exercises_places_have_english_names() -> None:
    assert [(c.code, c.name, c.name_en) for c in FICTIONAL_TOWNS.values()] == list(TOWNS)
    stage = make_prefecture().stage()
    named = [PREFECTURE_NAME, COAST.name, stage.epicentre.name, *RIVERS.values()]
    named += [area.name for area in stage.seismic]
    assert [name for name in named if not in_english(FICTIONAL.get(name, ""))] == []
    # Nothing real is called so: what is made up never names an actual place.
    assert {c.name for c in codes.every()}.isdisjoint(FICTIONAL)
    assert {c.code for c in codes.every()}.isdisjoint(FICTIONAL_TOWNS)
    first = FICTIONAL_TOWNS["9820100"]
    assert called("望楼第一小学校", town=first) == "Boro No. 1 Elementary School"
    gauge = GaugeStation(name="火の見川望楼橋", river="火の見川", municipality_code="9820100")
    assert gauge.called_en == "Hinomi River Boro Bridge"
    assert area_in_english("tsunami", "どこでもない沿岸") == "どこでもない沿岸"


def test_no_character_of_a_real_name_is_read_by_guess(shared_data: Path) -> None:
    """Of GSI's lists, which state no reading, only words that the table has lose their kanji."""
    known = sorted(WORDS, key=len, reverse=True)
    seen = 0
    with tarfile.open(shared_data / "exchange/gsi-shelters/gsi_evacuation_82557.tar.xz") as archive:
        for number, member in enumerate(archive):
            if not member.isfile() or number % 60:
                continue
            found = json.load(archive.extractfile(member))
            for feature in found.get("features", ()) if isinstance(found, dict) else ():
                name = feature["properties"]["施設・場所名"]
                seen += 1
                if not in_english(called(name)):
                    continue
                left = unicodedata.normalize("NFKC", name)
                for word in known:
                    left = left.replace(word, "")
                left = re.sub("旧|元|第[一二三四五六七八九十]", "", left)
                assert re.search("[㐀-鿿]", left) is None, name
    assert seen > 500
