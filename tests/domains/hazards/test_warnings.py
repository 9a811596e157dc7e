"""Warnings as state: what holds, for whom, until when, whatever order the telegrams come in."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hinomi.kernel.marking import Status
from hinomi.kernel.ports import Parsed
from hinomi.kernel.reader import Reader
from hinomi.vocabulary.hazards import HAZARDS, KINDS, area_kind, meaning
from hinomi.vocabulary.levels import LEVELS

BODY = "{http://xml.kishou.go.jp/jmaxml1/body/meteorology1/}"
OLD = "気象警報・注意報（Ｈ２７）"
LANDSLIDE = "土砂災害警戒情報"
MATSUE, IZUMO = "3220100", "3220300"
L4 = (MATSUE, "43", "レベル４大雨危険警報", "発表")
L3 = (MATSUE, "03", "レベル３大雨警報", "発表")
L2 = (MATSUE, "10", "レベル２大雨注意報", "発表")
NONE = (MATSUE, "", "", "発表警報・注意報はなし")
NINE, TEN, ELEVEN = (f"2026-06-01T{h}:00:00+09:00" for h in ("09", "10", "11"))

Say = Callable[..., bytes]
Told = Callable[..., Reader]


def state(reader: Reader) -> dict[str, dict[str, Any]]:
    """Return what stands: key -> body."""
    return {s.key: s.body() for s in reader.every("hazards.warnings")}


def rain(reader: Reader) -> dict[str, Any]:
    """Return what stands of rain in Matsue."""
    return state(reader)[f"{MATSUE}/rain"]


def test_a_warning_is_a_state_of_an_area_and_a_hazard(
    say: Say, parsed: Callable[[bytes], Parsed]
) -> None:
    read = parsed(say(L4, (IZUMO, "", "", "発表警報・注意報はなし")))
    first, second = read.records
    assert (first.key, first.source, first.rank) == (f"{MATSUE}/rain", "jma", 0)
    assert first.place == {"type": "Point", "coordinates": [133.05, 35.47]}
    assert first.when.start == first.said_at
    assert first.when.end is None
    assert first.origin.path == "/Report/Body/Warning[1]/Item[1]"
    body = first.body
    assert (body.kind_code, body.kind_name, body.phase_name) == L4[1:]
    assert (body.hazard, body.level, body.level_stated, body.in_force) == ("rain", 4, True, True)
    assert (body.telegram, body.area_kind) == ("VPWW55", "municipality")
    assert (second.key, second.body.level, second.body.in_force) == (f"{IZUMO}/rain", 0, False)
    assert read.problems == []


def test_an_update_a_downgrade_and_a_release_follow_each_other(say: Say, told: Told) -> None:
    issued, lowered = say(L4, at=NINE), say((*L2[:3], "警報から注意報"), at=TEN)
    released = say((*L2[:3], "解除"), at=ELEVEN)
    assert rain(told([issued]))["level"] == 4
    after = rain(told([issued, lowered]))
    assert (after["level"], after["phase"]) == (2, "downgraded")
    after = rain(told([issued, lowered, released]))
    assert (after["level"], after["phase"], after["in_force"]) == (0, "released", False)


def test_an_old_telegram_that_comes_late_changes_nothing(say: Say, told: Told) -> None:
    assert rain(told([say(L2, at=TEN), say(L4, at=NINE)]))["level"] == 2


def test_a_lost_release_does_not_stay_for_ever(say: Say, told: Told) -> None:
    old = say((MATSUE, "14", "雷注意報", "発表"), L3, title=OLD, at=NINE)
    later = say((MATSUE, "14", "雷注意報", "継続"), title=OLD, at=TEN)
    assert set(state(told([old, later]))) == {f"{MATSUE}/thunder"}
    assert set(state(told([later, old]))) == {f"{MATSUE}/thunder"}
    assert rain(told([say(L4, at=NINE), say(NONE, at=TEN)]))["in_force"] is False


def test_a_correction_replaces_what_it_corrects_at_the_same_time(say: Say, told: Told) -> None:
    wrong = say(L4, (IZUMO, *L4[1:]))
    right = say(L3, (IZUMO, "", "", "発表警報・注意報はなし"), info_type="訂正")
    for order in ([wrong, right], [right, wrong]):
        assert rain(told(order))["level"] == 3
        assert state(told(order))[f"{IZUMO}/rain"]["in_force"] is False
    old_wrong = say(L3, (MATSUE, "14", "雷注意報", "発表"), title=OLD)
    old_right = say((MATSUE, "14", "雷注意報", "発表"), title=OLD, info_type="訂正")
    for order in ([old_wrong, old_right], [old_right, old_wrong]):
        assert set(state(told(order))) == {f"{MATSUE}/thunder"}


def test_a_cancelled_telegram_is_withdrawn_with_an_alarm(
    say: Say, told: Told, parsed: Callable[[bytes], Parsed]
) -> None:
    issued, cancelled = say(L4, at=NINE), say(L4, at=NINE, info_type="取消")
    assert [(p.code, p.grade) for p in parsed(cancelled).problems] == [
        ("jmaxml.withdrawn", "alarm")
    ]
    for order in ([issued, cancelled], [cancelled, issued]):
        assert state(told(order)) == {}


def test_a_cancel_that_names_nothing_raises_an_alarm(
    say: Say, parsed: Callable[[bytes], Parsed]
) -> None:
    (problem,) = parsed(say(info_type="取消")).problems
    assert (problem.code, problem.grade) == ("jmaxml.nothing-understood", "alarm")


@pytest.mark.parametrize(("word", "status"), [("訓練", Status.EXERCISE), ("試験", Status.TEST)])
def test_a_drill_is_never_the_actual_state(say: Say, told: Told, word: str, status: Status) -> None:
    telegrams = [say(L4, status=word, at=TEN), say(L2, at=NINE)]
    assert rain(told(telegrams))["level"] == 2
    assert rain(told(telegrams, status))["level"] == 4


def test_an_unknown_area_is_kept_by_name_with_an_alarm(
    say: Say, parsed: Callable[[bytes], Parsed]
) -> None:
    read = parsed(say(("9999900", *L4[1:]), (IZUMO, *L4[1:])))
    assert [(p.code, p.grade, p.found) for p in read.problems] == [
        ("jmaxml.unknown-area", "alarm", "9999900 area 9999900")
    ]
    assert [(r.body.area_name, r.place) for r in read.records] == [
        ("area 9999900", None),
        (f"area {IZUMO}", None),
    ]


def test_an_unknown_kind_is_kept_read_by_its_words_with_an_alarm(
    say: Say, parsed: Callable[[bytes], Parsed]
) -> None:
    read = parsed(say((MATSUE, "77", "レベル４竜巻危険警報", "発表")))
    assert [(p.code, p.grade) for p in read.problems] == [("jmaxml.unknown-kind", "alarm")]
    (record,) = read.records
    assert (record.body.hazard, record.body.level, record.body.kind_code) == ("tornado", 4, "77")


def test_a_tornado_advisory_ends_by_the_clock(say: Say, parsed: Callable[[bytes], Parsed]) -> None:
    read = parsed(
        say(
            (MATSUE, "1", "竜巻注意情報", "発表"),
            (IZUMO, "0", "なし", "なし"),
            title="竜巻注意情報",
            valid=TEN,
        )
    )
    (record,) = read.records
    assert record.key == f"{MATSUE}/tornado"
    assert record.when.end is not None
    assert (record.when.end - record.said_at).total_seconds() == 3600
    assert read.complete[0].covers == (f"{MATSUE}/tornado", f"{IZUMO}/tornado")


def later(data: bytes, at: str) -> bytes:
    """Return the telegram as if it were stated at that time."""
    pattern = rb"<ReportDateTime>[^<]*<"
    return re.sub(pattern, f"<ReportDateTime>{at}<".encode(), data)


def test_the_new_product_wins_over_the_old_one_that_understates_level_4(
    say: Say, told: Told, sample: Callable[[str], bytes]
) -> None:
    new = sample("15_16_03_241226_VPWW55")  # Wakkanai: レベル４大雨危険警報
    # No official sample pairs both products, so the old one says the situation in its own words,
    # as the reform defines it: the danger warning lowered to 大雨警報. It even comes later.
    wakkanai = ("0121400", "03", "大雨警報", "継続")
    old = say(wakkanai, title=OLD, at="2020-06-22T23:30:00+09:00")
    for order in ([new, old], [old, new]):
        reader = told(order)
        stands = state(reader)["0121400/rain"]
        assert (stands["level"], stands["telegram"]) == (4, "VPWW55")
        beside = list(reader.every("hazards.warnings", keys=("0121400/rain",), beside=True))
        assert {s.source: s.body()["level"] for s in beside} == {"jma": 4, "jma-transition": 3}
    assert state(told([old]))["0121400/rain"]["level_stated"] is False


def test_real_products_of_both_generations_for_one_prefecture_agree_on_who_wins(
    told: Told, sample: Callable[[str], bytes]
) -> None:
    new = sample("15_17_01_241226_VPWW55")  # Shimane, 2024-11-02 11:19
    old = later(sample("15_12_01_161130_VPWW54"), "2024-11-02T12:00:00+09:00")  # Shimane too
    alone, both = state(told([new])), state(told([new, old]))
    assert {k: v for k, v in both.items() if k in alone} == alone
    assert {v["telegram"] for v in both.values()} == {"VPWW55", "VPWW54"}


SERIES = (
    "15_16_01_241031_VPWW56",
    "15_16_03_241226_VPWW55",
    "15_17_01_241226_VPWW56",
    "15_17_01_241226_VPWW55",
    "15_12_01_161130_VPWW53",
    "15_12_01_161130_VPWW54",
    "17_03_02_190529_VXWW50",
    "17_03_03_190529_VXWW50",
    "17_03_05_190529_VXWW50",
    "17_03_10_190529_VXWW50",
)


def test_shuffled_and_repeated_telegrams_end_in_the_same_state(
    told: Told, sample: Callable[[str], bytes]
) -> None:
    telegrams = [sample(name) for name in SERIES]
    expected = state(told(telegrams))
    assert len(expected) > 100

    @settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.permutations(range(len(telegrams))), st.lists(st.sampled_from(range(10)), max_size=3))
    def same(order: list[int], again: list[int]) -> None:
        assert state(told([telegrams[n] for n in [*order, *again]])) == expected

    same()


OKAYAMA = {"02": 0, "03": 20, "04": 25, "05": 26, "06": 27, "08": 9, "09": 1, "10": 0}
"""Okayama's landslide alert of 2013-09: municipalities under it after each report, by its file."""


def test_two_telegrams_of_one_moment_end_in_the_same_state_too(
    told: Told, sample: Callable[[str], bytes]
) -> None:
    one, other = sample("15_16_02_241031_VPWW57"), sample("15_16_02_250630_VPWW57")
    assert state(told([one, other])) == state(told([other, one]))
    assert state(told([one])) != state(told([other]))


def test_a_real_landslide_alert_spreads_shrinks_and_is_released(
    told: Told, sample: Callable[[str], bytes]
) -> None:
    telegrams = [sample(f"17_03_{number}_190529_VXWW50") for number in OKAYAMA]
    counts = []
    for last in range(1, len(telegrams) + 1):
        in_force = [s for s in state(told(telegrams[:last])).values() if s["in_force"]]
        counts.append(len(in_force))
        assert {s["level"] for s in in_force} <= {4}
    assert counts == list(OKAYAMA.values())


def test_what_a_telegram_says_beside_its_areas_is_kept(
    sample: Callable[[str], bytes], parsed: Callable[[bytes], Parsed]
) -> None:
    landslide = parsed(sample("17_03_05_190529_VXWW50")).records[0].body
    assert "岡山地方気象台" in landslide.additions["OfficeInfo"]
    surge = parsed(sample("15_16_02_250630_VPWW57")).records[0].body
    assert "舞鶴港海岸" in surge.additions["AdditionalInfo"]
    lowered = parsed(sample("15_11_02_150916_VPWW54")).records[0].body
    assert "暫定基準" in lowered.notice


def test_every_kind_and_area_of_every_sample_becomes_a_record(
    samples: dict[str, bytes], parsed: Callable[[bytes], Parsed]
) -> None:
    kinds: Counter[str] = Counter()
    files = {n: d for n, d in samples.items() if re.search(r"_VPWW\d\d\.xml$", n)}
    assert len(files) == 53
    for name, data in files.items():
        expected = set()
        for item in ElementTree.fromstring(data).iter(f"{BODY}Item"):  # noqa: S314
            area = item.find(f"{BODY}Area")
            for kind in item.findall(f"{BODY}Kind"):
                code = kind.findtext(f"{BODY}Code", "")
                if area is not None and kind.find(f"{BODY}Status") is not None and code:
                    kinds[code] += 1
                    expected.add((area.findtext(f"{BODY}Code"), code))
        read = parsed(data)
        states = [r.body for r in read.records if r.collection == "hazards.warnings"]
        assert {(s.area_code, s.kind_code) for s in states if s.kind_code} == expected, name
        assert [p for p in read.problems if p.code == "jmaxml.two-kinds"] == []
        for body in states:
            level = meaning(body.kind_code, body.kind_name).level if body.in_force else 0
            assert body.level == level
    assert set(kinds) <= set(KINDS)
    assert len(kinds) > 25


def test_the_vocabulary_is_of_one_piece() -> None:
    assert [level.number for level in LEVELS] == [0, 1, 2, 3, 4, 5]
    assert {hazard for hazard, _ in KINDS.values()} <= set(HAZARDS)
    for code, (hazard, name) in KINDS.items():
        found = meaning(code, name)
        assert (found.hazard, found.known) == (hazard, True)
        assert 2 <= found.level <= 5
    assert meaning("43", "レベル４大雨危険警報").level == 4
    assert not msgspec.structs.asdict(meaning("99", "ふしぎ注意報"))["known"]
    assert area_kind("気象警報・注意報（市町村等をまとめた地域等）") == "group"
    assert area_kind("気象警報・注意報（市町村等）") == "municipality"
