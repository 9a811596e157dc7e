"""Weather telegrams that are withdrawn, emptied or lack something: told, never an empty success."""

from __future__ import annotations

import re

import pytest

from tests.domains.hazards.weather import ROKKAKU, Parse, Sample, Told, changed, standing

CANCEL = ("<InfoType>発表</InfoType>", "<InfoType>取消</InfoType>")


def emptied(data: bytes) -> bytes:
    return re.sub(rb"(<Body[^>]*>).*</Body>", rb"\1</Body>", data, flags=re.DOTALL)


@pytest.mark.parametrize("name", ["24_11_01_190925_VPFD51", "58_01_01_130523_VZSA50"])
def test_an_emptied_body_is_an_alarm_not_an_empty_notice(
    sample: Sample, parsed: Parse, name: str
) -> None:
    found = parsed(emptied(sample(name)))
    assert not found.records
    assert [(p.code, p.grade) for p in found.problems] == [("jmaxml.nothing-understood", "alarm")]


def test_a_withdrawal_that_names_no_area_is_an_alarm(sample: Sample, parsed: Parse) -> None:
    data = sample("24_11_01_190925_VPFD51")
    withdrawn = changed(emptied(data), CANCEL)
    assert "jmaxml.cancels-nothing" in {p.code for p in parsed(withdrawn).problems}
    named = changed(data, CANCEL)
    assert all(r.retracts for r in parsed(named).records)


def test_a_withdrawn_typhoon_or_flood_is_gone_even_with_an_empty_body(
    sample: Sample, told: Told
) -> None:
    talim, river = sample("10_04_05_170913_VPTW60"), sample(ROKKAKU)
    bare = re.sub(rb"<Headline>.*</Headline>", b"<Headline/>", river, flags=re.DOTALL)
    for first, last in ((talim, talim), (river, bare)):
        withdrawn = changed(emptied(last), CANCEL)
        for telegrams in ([first, withdrawn], [withdrawn, first]):
            reader = told(telegrams)
            assert standing(reader, "hazards.typhoons") == {}
            assert standing(reader, "hazards.floods") == {}


def test_what_a_telegram_must_have_and_has_not_is_an_alarm(sample: Sample, parsed: Parse) -> None:
    river = re.sub(rb"<Headline>.*</Headline>", b"<Headline/>", sample(ROKKAKU), flags=re.DOTALL)
    assert "jmaxml.no-river" in {p.code for p in parsed(river).problems}
    blind = changed(sample("10_05_05_200826_VPTW61"), ('type="実況"', 'type="推定　１時間後"'))
    assert [p.code for p in parsed(blind).problems] == ["jmaxml.no-analysis"]
    strange = changed(sample("13_08_01_161121_VPCU51"), ("<Code>11</Code>", "<Code>99</Code>"))
    found = parsed(strange)
    assert ("jmaxml.unknown-kind", "99 海上濃霧警報") in {(p.code, p.found) for p in found.problems}
    assert "sea/3000/other" in {r.key for r in found.records}
