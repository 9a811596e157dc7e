"""The model of levels per municipality, outlooks, and the two notices without a Warning."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from hinomi.domains.hazards.observe import jma
from hinomi.domains.hazards.predict import ALERT_LEVELS
from hinomi.kernel.geometry import Geometry
from hinomi.kernel.marking import OPERATOR
from hinomi.kernel.ports import Parsed, Payload
from hinomi.kernel.reader import Reader
from hinomi.runtime.catalog import default_catalog
from hinomi.stores.memory import MemoryStore

T0 = datetime(2026, 6, 1, tzinfo=UTC)
MATSUE, IZUMO = "3220100", "3220300"
L4 = (MATSUE, "43", "レベル４大雨危険警報", "発表")
NINE, TEN, ELEVEN = (f"2026-06-01T{h}:00:00+09:00" for h in ("09", "10", "11"))
OLD = "気象警報・注意報（Ｈ２７）"

Say = Callable[..., bytes]
Parse = Callable[[bytes], Parsed]


class Watch:
    """A store whose levels follow its warnings, as the runtime runs the model."""

    def __init__(self, parse: Parse) -> None:
        self.parse = parse
        self.store = MemoryStore()
        self.reader = Reader(self.store, default_catalog(), OPERATOR)

    def hear(self, data: bytes) -> Parsed:
        before = self.store.position()
        parsed = self.parse(data)
        self.store.put(parsed.records, (), parsed.complete, at=T0)
        changed = self.reader.changes(before, collections=["hazards.warnings"]).items
        return self.run({"hazards.warnings": sorted({c.key for c in changed})})

    def run(self, keys: dict[str, list[str]]) -> Parsed:
        given = ALERT_LEVELS.predict(self.reader, keys)
        self.store.put(given.records, at=T0)
        return given

    def levels(self) -> dict[str, dict[str, Any]]:
        return {s.key: s.body() for s in self.reader.every("hazards.levels")}


@pytest.fixture
def watch(parsed: Parse) -> Watch:
    return Watch(parsed)


def test_a_municipality_shows_its_highest_level_and_what_it_is_made_of(
    watch: Watch, say: Say
) -> None:
    watch.hear(say(L4, at=NINE))
    thunder = (MATSUE, "14", "雷注意報", "発表")
    watch.hear(say(thunder, title="気象警報・注意報（Ｒ０６）（その他注意報）", at=TEN))
    level = watch.levels()[MATSUE]
    assert (level["level"], level["count"], level["hazards"]) == (4, 2, "rain,thunder")
    assert level["level_stated"] is True
    assert [(w["kind_name"], w["level"]) for w in level["in_force"]] == [
        ("レベル４大雨危険警報", 4),
        ("雷注意報", 2),
    ]
    place = watch.reader.get("hazards.levels", MATSUE).place()
    assert place == {"type": "Point", "coordinates": [133.05, 35.47]}


def test_a_level_tells_since_when_it_holds(watch: Watch, say: Say) -> None:
    watch.hear(say(L4, at=NINE))
    watch.hear(say((*L4[:3], "継続"), at=TEN))
    (found,) = watch.levels()[MATSUE]["in_force"]
    assert (found["since"], found["stated_at"]) == ("2026-06-01T00:00:00Z", "2026-06-01T01:00:00Z")
    stored = watch.reader.get("hazards.levels", MATSUE)
    assert (stored.when.start, stored.said_at.hour) == (T0, 1)
    watch.hear(say((MATSUE, "03", "レベル３大雨警報", "警報から注意報"), at=ELEVEN))
    assert watch.reader.get("hazards.levels", MATSUE).when.start == T0.replace(hour=2)


def test_what_was_computed_is_not_stated_again(watch: Watch, say: Say) -> None:
    watch.hear(say(L4, at=NINE))
    watch.hear(say((*L4[:3], "継続"), at=TEN))
    position = watch.store.position()
    watch.run({"hazards.warnings": [f"{MATSUE}/rain"]})
    watch.run({})
    assert watch.store.position() == position


def test_a_landslide_alert_is_called_by_its_product(watch: Watch, say: Say) -> None:
    watch.hear(say((MATSUE, "3", "警戒", "発表"), title="土砂災害警戒情報"))
    (found,) = watch.levels()[MATSUE]["in_force"]
    assert (found["kind_name"], found["kind_code"]) == ("土砂災害警戒情報", "3")
    assert watch.reader.get("hazards.warnings", f"{MATSUE}/landslide").body()["kind_name"] == "警戒"


def test_only_what_changed_is_computed(watch: Watch, say: Say) -> None:
    given = watch.hear(say(L4, (IZUMO, *L4[1:])))
    assert {r.key for r in given.records} == {MATSUE, IZUMO}
    given = watch.hear(say((MATSUE, "14", "雷注意報", "発表"), title=OLD))
    assert {r.key for r in given.records} == {MATSUE}
    assert watch.run({"hazards.levels": [MATSUE]}).records == []


def test_the_level_falls_to_zero_when_all_is_released(watch: Watch, say: Say) -> None:
    watch.hear(say(L4, at=NINE))
    watch.hear(say((*L4[:3], "解除"), at=TEN))
    level = watch.levels()[MATSUE]
    assert (level["level"], level["count"], level["in_force"]) == (0, 0, [])


def test_the_level_falls_when_a_complete_list_ends_a_warning(watch: Watch, say: Say) -> None:
    watch.hear(say((MATSUE, "03", "大雨警報", "発表"), title=OLD, at=NINE))
    assert watch.levels()[MATSUE]["level"] == 3
    watch.hear(say((MATSUE, "", "", "発表警報・注意報はなし"), title=OLD, at=TEN))
    level = watch.levels()[MATSUE]
    assert (level["level"], level["area_name"]) == (0, f"area {MATSUE}")


def test_a_late_telegram_of_the_better_source_takes_effect(watch: Watch, say: Say) -> None:
    watch.hear(say((MATSUE, "03", "大雨警報", "発表"), title=OLD, at=ELEVEN))
    watch.hear(say(L4, at=NINE))
    assert watch.levels()[MATSUE]["level"] == 4


def test_what_ends_by_the_clock_is_listed_but_does_not_count(watch: Watch, say: Say) -> None:
    watch.hear(say((MATSUE, "1", "竜巻注意情報", "発表"), title="竜巻注意情報", valid=TEN))
    level = watch.levels()[MATSUE]
    assert (level["level"], level["count"]) == (0, 1)
    assert level["in_force"][0]["until"] == "2026-06-01T01:00:00Z"


def test_a_section_of_the_coast_is_no_municipality(
    watch: Watch, sample: Callable[[str], bytes]
) -> None:
    watch.hear(sample("15_16_02_250630_VPWW57"))
    assert "2635999/surge" in {s.key for s in watch.reader.every("hazards.warnings")}
    assert "2620200" in watch.levels()
    assert "2635999" not in watch.levels()


def test_all_levels_computed_afresh_equal_those_that_followed(
    watch: Watch, sample: Callable[[str], bytes]
) -> None:
    for name in ("15_17_01_241226_VPWW56", "15_17_01_241226_VPWW55", "15_16_03_241226_VPWW55"):
        watch.hear(sample(name))
    followed = watch.levels()
    assert len(followed) == 29
    assert all(len(key) == 7 for key in followed)
    fresh = {r.key: r.body for r in ALERT_LEVELS.predict(watch.reader, {}).records}
    assert {k: b.level for k, b in fresh.items()} == {k: b["level"] for k, b in followed.items()}
    assert followed["0121400"]["level"] == 4


def test_an_outlook_gives_each_element_step_by_step(
    sample: Callable[[str], bytes], parsed: Parse
) -> None:
    data = sample("81_01_01_241031_VPWP50")
    outlooks = {r.key: r.body for r in parsed(data).records}
    assert len(outlooks) == data.count(b"<Property>")
    wakkanai = outlooks["0121400/雨/PT3H"]
    assert (wakkanai.hazard, wakkanai.element, len(wakkanai.step_starts)) == ("rain", "雨", 14)
    assert wakkanai.step_starts[0] == datetime(2023, 6, 21, 21, tzinfo=UTC)
    (line,) = wakkanai.lines
    assert (line.what, line.unit, line.values[0]) == ("１時間最大雨量", "mm", 10.0)
    danger = outlooks["0121400/大雨浸水危険度/PT3H"]
    assert danger.level_max == 1
    assert danger.lines[0].codes == ["11"] * 14
    assert danger.lines[0].names == {"11": "警戒レベル２未満"}


class Squares:
    """A gazetteer in which every area is the same square."""

    def place(self, code: str, on: date) -> Geometry | None:  # noqa: ARG002
        ring = [[132.0, 35.0], [134.0, 35.0], [134.0, 36.0], [132.0, 36.0], [132.0, 35.0]]
        return {"type": "Polygon", "coordinates": [ring]}

    def knows(self, code: str, on: date) -> bool:  # noqa: ARG002
        return True


def test_an_outlook_is_placed_by_the_middle_of_its_area(sample: Callable[[str], bytes]) -> None:
    data = sample("81_01_01_241031_VPWP50")
    payload = Payload(data=data, name="x", address="x", digest="", taken_at=T0)
    places = [r.place for r in jma.parse(payload, Squares()).records]
    assert places
    assert all(p == {"type": "Point", "coordinates": [133.0, 35.5]} for p in places)


def test_the_old_products_outlook_ranks_below_and_ends_by_the_clock(
    sample: Callable[[str], bytes], parsed: Parse
) -> None:
    data = sample("15_12_03_161130_VPWW54")
    series = data[data.index(b"<MeteorologicalInfos") :]
    outlooks = {r.key: r for r in parsed(data).records if r.collection == "hazards.outlooks"}
    assert len(outlooks) == series.count(b"<Property>")
    assert {(r.source, r.rank) for r in outlooks.values()} == {("jma-transition", -1)}
    storm = next(r for key, r in outlooks.items() if "暴風・強風危険度" in key)
    assert storm.body.level_max == 5
    assert storm.body.others
    assert storm.when.start is not None
    assert storm.when.end is not None
    assert (storm.when.end - storm.when.start).total_seconds() == 3 * 3600 * len(
        storm.body.step_starts
    )


def test_a_step_that_shares_its_number_is_read_by_its_place_with_an_alarm(
    sample: Callable[[str], bytes], parsed: Parse
) -> None:
    read = parsed(sample("81_01_02_241226_VPWP50"))
    (problem,) = read.problems
    assert (problem.code, problem.grade, problem.found) == (
        "jmaxml.repeated-step",
        "alarm",
        "1 2 1",
    )


def test_a_special_warnings_notice_ranks_below_the_warnings_themselves(
    samples: dict[str, bytes], parsed: Parse
) -> None:
    files = [data for name, data in samples.items() if "VPNO50" in name]
    assert len(files) == 5
    records = [r for data in files for r in parsed(data).records]
    assert {r.rank for r in records} == {-2}
    assert {r.body.level for r in records} == {5}
    assert {r.body.hazard for r in records} == {"rain", "storm", "wave", "surge"}


def test_a_heat_alert_holds_to_the_end_of_its_day(
    sample: Callable[[str], bytes], parsed: Parse
) -> None:
    data = sample("VPFT50")
    (record,) = parsed(data).records
    assert record.key == "110000/heat"
    assert record.body.kind_name == "熱中症警戒アラート"
    assert record.when.end == datetime(2024, 8, 11, 15, tzinfo=UTC)
    assert "熊谷３３" in record.body.notes[0]
    evening = data.replace(b"2024-08-11T05:00:00+09:00", b"2024-08-11T17:00:00+09:00")
    assert parsed(evening).records[0].when.end == datetime(2024, 8, 12, 15, tzinfo=UTC)


def test_a_heat_alert_of_an_unknown_area_raises_an_alarm(
    sample: Callable[[str], bytes], parsed: Parse
) -> None:
    read = parsed(sample("VPFT50").replace("埼玉県".encode(), "某県".encode()))
    assert [p.code for p in read.problems] == ["jmaxml.unknown-area"]
    assert read.records[0].body.area_name == "某県"


def test_a_telegram_of_an_unknown_type_is_kept_counted_and_raises_an_alarm(
    say: Say, parsed: Parse
) -> None:
    read = parsed(say(L4, title="見たことのない電文"))
    assert {r.collection for r in read.records} == {"hazards.notices"}
    assert read.kind == "見たことのない電文"
    assert [(p.code, p.grade) for p in read.problems] == [("jmaxml.unknown-type", "alarm")]


def test_no_sample_is_an_empty_success(samples: dict[str, bytes], parsed: Parse) -> None:
    for name, data in samples.items():
        read = parsed(data)
        spoken = read.records or read.readings or read.complete
        assert spoken or any(p.grade != "note" for p in read.problems), name
        assert read.kind


def test_the_source_knows_its_telegrams_by_their_namespace(say: Say) -> None:

    def payload(data: bytes) -> Payload:
        return Payload(data=data, name="x", address="x", digest="", taken_at=T0)

    assert jma.detect(payload(say(L4)))
    assert jma.detect(payload(say(L4)[:400]))
    assert not jma.detect(payload(b"<feed xmlns='http://www.w3.org/2005/Atom'/>"))
