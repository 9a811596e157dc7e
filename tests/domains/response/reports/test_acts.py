"""What people state for the reports: damage, lifelines, duties, decisions, hand-overs."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from hinomi.domains.hazards.collections.warnings import AlertLevel
from hinomi.domains.response.collections.damage import FIGURES, GROUPS, SIP4D, Damage
from hinomi.domains.response.share.headquarters import HEADQUARTERS_LAYERS as LAYERS
from hinomi.kernel.errors import DataError, DeniedError, InputError, MissingError
from hinomi.kernel.marking import ANONYMOUS, Disclosure, Principal
from hinomi.kernel.records import Record

WAJIMA, NANAO = "1720400", "1720200"
DAMAGE = "response.damage"
START = datetime(2026, 9, 11, 18, tzinfo=UTC)


def test_every_figure_of_the_form_is_a_field_and_every_count_a_figure() -> None:
    fields = {f.name: f.type for f in msgspec.structs.fields(Damage)}
    numbers = {n for n, t in fields.items() if t in (int | None, float | None)}
    assert numbers == set(FIGURES)
    assert {item.group for item in FIGURES.values()} == set(GROUPS)


def test_a_report_keeps_what_the_one_before_said_and_who_first_said_it(night: Any) -> None:
    first = night.do("report-damage", area_code=WAJIMA, dead=1, injured_slight=4)
    second = night.do("report-damage", area_code=WAJIMA, dead=2, missing=0)
    body = second.properties()
    assert (body["number"], body["dead"], body["injured_slight"], body["missing"]) == (2, 2, 4, 0)
    assert body["stated"] == {"injured_slight": first.id}
    third = night.do("follow-damage", on=second, dead=2, said_by="police").properties()
    assert third["number"] == 3
    # Said again unchanged, the figure is still the one of the second report.
    assert third["stated"]["dead"] == second.id
    history = night.reader().history(DAMAGE, WAJIMA).items
    assert [h.properties().get("dead") for h in history] == [1, 2, 2]


def test_a_correction_keeps_the_number_says_why_and_may_unknow_a_figure(night: Any) -> None:
    first = night.do("report-damage", area_code=WAJIMA, dead=3, missing=1)
    mended = night.do(
        "correct-damage", on=first, dead=2, missing="", correction="counted twice"
    ).properties()
    assert (mended["number"], mended["dead"], mended["correction"]) == (1, 2, "counted twice")
    assert "missing" not in mended
    assert [h.properties()["dead"] for h in night.reader().history(DAMAGE, WAJIMA).items] == [3, 2]


def test_figures_that_cannot_be_are_all_told_with_their_boxes(night: Any) -> None:
    with pytest.raises(DataError) as told:
        night.do("report-damage", area_code=WAJIMA, dead=1, dead_related=2, roads=1.5, ships=-1)
    assert {p.path for p in told.value.problems} == {
        "values/roads", "values/ships", "values/dead_related"
    }  # fmt: skip
    with pytest.raises(InputError, match="at least one figure"):
        night.do("report-damage", area_code=WAJIMA, said_by="police")


def test_damage_is_on_the_map_inside_its_town_by_its_gravest_kind(night: Any) -> None:
    corners = [[136.8, 37.3], [137.0, 37.3], [137.0, 37.5], [136.8, 37.5], [136.8, 37.3]]
    night.say(
        Record(
            collection="hazards.levels", key=WAJIMA, said_at=START, source="s",
            place={"type": "Polygon", "coordinates": [corners]},
            body=AlertLevel(area_code=WAJIMA, area_name="輪島市", level=0, level_stated=True,
                            count=0, hazards="", in_force=[]),
        )
    )  # fmt: skip
    first = night.do("report-damage", area_code=WAJIMA, dead=0, half_buildings=3)
    west, south = first.place()["coordinates"]
    assert 136.8 < west < 137.0
    assert 37.3 < south < 37.5
    second = night.do("report-damage", area_code=WAJIMA, missing=1)
    assert second.place() == first.place()
    assert [s.properties()["worst"] for s in (first, second)] == ["homes", "lives"]
    layer = next(one for one in LAYERS if one.collection == DAMAGE)
    assert {c.value for c in layer.classes} >= {"homes", "lives"}
    assert not ANONYMOUS.may_see(second.marking), "the headquarters' own, on the map too"


def test_two_disasters_in_one_town_are_two_things(night: Any) -> None:
    quake = night.do("report-damage", area_code=WAJIMA, incident="地震", dead=5)
    rain = night.do("report-damage", area_code=WAJIMA, incident="大雨", dead=1)
    assert quake.key != rain.key
    assert rain.properties()["number"] == 1


def test_sip4d_s_damage_columns_are_all_mapped(shared_data: Path) -> None:
    path = "exchange/sip4d-zip-templates/1.1/VECTOR/01-011-01.json"
    template = json.loads((shared_data / path).read_text(encoding="utf-8"))
    columns = {c["connid"] for c in template["properties_value"]}
    assert columns == set(SIP4D)
    names = {f.name for f in msgspec.structs.fields(Damage)}
    assert set(SIP4D.values()) <= names


def test_a_line_that_works_again_leaves_nobody_without(night: Any) -> None:
    values = {"area_code": WAJIMA, "line": "water"}
    night.do("report-lifeline", **values, state="out", households_out=900)
    back = night.do("report-lifeline", **values, state="restored").properties()
    assert (back["households_out"], back["state"]) == (0, "restored")
    with pytest.raises(InputError, match="which is right"):
        night.do("report-lifeline", **values, state="normal", households_out=3)


def test_telephone_numbers_stay_in_the_organisation(night: Any) -> None:
    night.do("assign-duty", name="山田", team="総務班", contact="090-0000-0000")
    found = night.reader().find("response.roster").items
    assert found[0].marking.disclosure is Disclosure.AMBER
    assert found[0].marking.audience == ("town",)
    stranger = Principal("other", ("elsewhere",), Disclosure.AMBER)
    assert night.reader(principal=ANONYMOUS).find("response.roster").items == []
    assert night.reader(principal=stranger).find("response.roster").items == []


def test_a_duty_ends_once(night: Any) -> None:
    duty = night.do("assign-duty", name="山田", team="総務班")
    off = night.do("end-duty", on=duty)
    assert off.when.end == night.time
    with pytest.raises(InputError):
        night.do("end-duty", on=off)


def test_a_decision_opens_what_was_known_and_nothing_later(night: Any) -> None:
    night.level(WAJIMA, "輪島市", 3)
    level = night.reader().get("hazards.levels", WAJIMA)
    values = {"what": "開設", "decided_by": "町長", "why": "増水"}
    made = night.do("decide", **values, options="a\nb", records=[level.id])
    night.level(WAJIMA, "輪島市", 5)
    body = made.properties()
    then = night.reader().at(body["position"]).get("hazards.levels", WAJIMA).properties()
    assert (then["level"], body["options"]) == (3, ["a", "b"])
    assert night.reader().trace(level.id).made == [made.id]
    gone = night.do("withdraw-decision", on=made, why="水位低下").properties()
    assert gone["state"] == "withdrawn"


def test_a_decision_rests_on_records_that_are_there_and_on_no_future(night: Any) -> None:
    values = {"what": "a", "decided_by": "b", "why": "c"}
    with pytest.raises(MissingError):
        night.do("decide", **values, records=["f" * 32])
    with pytest.raises(InputError, match="ahead"):
        night.do("decide", **values, known_at="2030-01-01T00:00")


def test_a_hand_over_is_drawn_from_the_records_and_signed_by_two(night: Any) -> None:
    night.level(WAJIMA, "輪島市", 4)
    night.shelter("輪島中学校", 80)
    night.do("give-task", title="燃料", owner="総務班")
    night.do("decide", what="避難所を追加", decided_by="町長", why="混雑")
    sheet = night.do("hand-over", outgoing="山田", incoming="佐藤", notes="鍵は2階")
    kinds = [line["kind"] for line in sheet.properties()["lines"]]
    assert sorted(kinds) == ["decision", "level", "shelter", "task"]
    out = night.do("sign-handover-out", on=sheet)
    with pytest.raises(DeniedError, match="takes over"):
        night.do("sign-handover-in", on=out)
    signed = night.do("sign-handover-in", on=out, who="sato").properties()
    assert (signed["signed_out_by"], signed["signed_in_by"]) == ("yamada", "sato")
    # The next sheet lists only what was decided since this one.
    later = night.do("hand-over", outgoing="佐藤", incoming="山田").properties()
    assert "decision" not in {line["kind"] for line in later["lines"]}


def test_a_later_report_does_not_take_back_the_relief_act(night: Any) -> None:
    night.do("report-damage", area_code=WAJIMA, dead=1, relief_act="true")
    later = night.do("report-damage", area_code=WAJIMA, dead=2, relief_act="", final=False)
    assert later.properties()["relief_act"] is True
