"""The table of area codes against JMA's own samples, and its dates."""

from __future__ import annotations

import re
import tarfile
from datetime import date
from pathlib import Path

import pytest
from lxml import etree

from hinomi.vocabulary.areas import codes, find, key_of, knows

TODAY = date(2026, 6, 1)

UNKNOWN = {
    "0599900": "sample's placeholder for a municipality",
    "0799900": "sample's placeholder for a municipality",
    "0999900": "sample's placeholder for a municipality",
    "1299900": "sample's placeholder for a municipality",
    "1699900": "sample's placeholder for a municipality",
    "1799900": "sample's placeholder for a municipality",
    "1899900": "sample's placeholder for a municipality",
    "2699900": "sample's placeholder for a municipality",
    "4699900": "sample's placeholder for a municipality",
    "990000": "△△県",
    "132100": "a slip for 1322100",
    "130100": "forecast area of 2008",
    "180030": "forecast area of 2008",
    "180040": "forecast area of 2008",
    "520701": "reference point of storm surge",
    "2635999": "section of coast of 高潮予報",
}
"""All codes of 6 and 7 digits in the official samples that the table does not have, and why."""


@pytest.fixture(scope="module")
def sample_codes(shared_data: Path) -> dict[str, set[date]]:
    """Every area code of 6 or 7 digits in the official samples, with the telegrams' days."""
    found: dict[str, set[date]] = {}
    with tarfile.open(shared_data / "exchange/jma-xml/official_samples.tar.xz") as archive:
        for member in archive:
            if not member.name.endswith(".xml"):
                continue
            tree = etree.parse(archive.extractfile(member))
            on = date.fromisoformat(tree.findtext(".//{*}ReportDateTime")[:10])
            for name in ("Area", "City"):
                for area in tree.iter(f"{{*}}{name}"):
                    for code in area.findall("{*}Code"):
                        if re.fullmatch(r"\d{6,7}", code.text or ""):
                            found.setdefault(code.text, set()).add(on)
    return found


@pytest.mark.slow
def test_every_code_of_the_samples_is_known_on_its_day_or_listed(
    sample_codes: dict[str, set[date]],
) -> None:
    unknown = {c for c, days in sample_codes.items() if not all(knows(c, d) for d in days)}
    assert len(sample_codes) > 2_500
    assert unknown == set(UNKNOWN)


def test_every_forecast_area_has_members_and_every_municipality_an_office() -> None:
    for kind in codes.FORECAST:
        for entry in codes.every(kind):
            if entry.code not in {"016100", "460000"}:  # of old telegrams; their areas moved on
                assert codes.members(entry, TODAY), entry
    lost = [
        entry.code
        for kind in ("municipality", "part")
        for entry in codes.every(kind)
        if entry.valid(TODAY)
        and "office" not in codes.above(entry, TODAY)
        and not entry.code.startswith("0169")  # the northern territories
    ]
    assert lost == []


def test_the_levels_are_as_many_as_jma_has() -> None:
    counts = {kind: sum(1 for _ in codes.every(kind)) for kind in codes.FORECAST}
    # 58 offices of today and two district names of old telegrams.
    assert counts == {"office": 60, "primary": 142, "group": 375}


def test_a_parent_is_always_in_the_table() -> None:
    for entry in codes.every():
        if entry.parent:
            assert codes.find(entry.parent, TODAY) is not None, entry


def test_a_code_is_known_only_while_it_is_in_use() -> None:
    assert knows("4030500", date(2018, 9, 30))  # 那珂川町, a city since the next day
    assert not knows("4030500", date(2018, 10, 1))
    assert knows("4023100", date(2018, 10, 1))
    assert not knows("4023100", date(2018, 9, 30))
    assert find("2213100", date(2023, 12, 31)).name == "浜松市中区"
    assert find("2213100", date(2024, 1, 1)) is None


def test_one_number_means_different_things_by_kind() -> None:
    assert find("350", TODAY, "seismic").name == "東京都２３区"
    assert find("350", TODAY, "volcano").name.startswith("草津白根山")
    assert find("011000", TODAY).name == "宗谷地方"
    assert {key_of(kind, "350") for kind in ("seismic", "volcano")} == {
        "seismic-350",
        "volcano-350",
    }


def test_a_divided_municipality_has_its_parts_areas_where_they_agree() -> None:
    assert {part.name for part in codes.parts("2920700", TODAY)} == {"五條市北部", "五條市南部"}
    gojo = codes.above(codes.find("2920700", TODAY), TODAY)
    assert "group" not in gojo
    assert gojo["office"].name == "奈良県"


def test_names_find_codes_only_where_they_are_unique() -> None:
    assert codes.municipality_named("石川県", "七尾市").code == "1720200"
    # Two villages of Hokkaido are called 泊村; only one of them is in JMA's table today.
    assert codes.municipality_named("北海道", "泊村").code == "0140300"
    assert codes.municipality_named("大阪府", "七尾市") is None
