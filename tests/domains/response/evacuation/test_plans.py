"""Evacuation plans: made of the facts, kept to people's words, made anew, confirmed by people."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from hinomi.kernel.errors import InputError, MissingError
from hinomi.kernel.marking import ANONYMOUS, Disclosure, Marking, Status
from hinomi.kernel.reader import Reader
from tests.domains.response.evacuation.town import START, TOWN, WHERE, Town, square


@pytest.fixture(scope="module")
def planned() -> Town:
    """A town whose plan is only looked at."""
    town = Town()
    town.furnish()
    town.case = town.begin()  # type: ignore[attr-defined]
    return town


def test_a_plan_places_everyone_and_proves_that_it_is_the_best(planned: Town) -> None:
    case = planned.case  # type: ignore[attr-defined]
    plan = planned.plan(case).body()
    assert plan["state"] == "draft"
    assert plan["people_low"] < plan["people"] < plan["people_high"]
    assert plan["unplaced"] == plan["not_arrived"] == 0
    assert plan["cost_s"] == plan["bound_s"]
    assert sum(planned.people(case).values()) == plan["planned"]
    # 3,600 people; of those told between 8 and 59 % leave, of them 15 to 74 % to shelters.
    assert 3600 * 0.077 * 0.15 < plan["people_low"] < plan["people_high"] < 3600 * 0.59 * 0.74
    assert plan["planned"] == pytest.approx(plan["people_high"], rel=0.05)
    assert all(plan[name] for name in ("uncertainty", "limits", "parameters", "code_version"))


def test_shelters_fill_by_the_hour_and_say_when_staff_and_goods_are_needed(planned: Town) -> None:
    rows = planned.shelters(planned.case)  # type: ignore[attr-defined]
    assert set(rows) == set(WHERE)
    row = next(r for r in rows.values() if r["use"] == "open")
    counts = [hour["people"] for hour in row["hours"]]
    assert counts == sorted(counts)
    assert counts[-1] == row["people"] > 0
    assert all(h["low"] <= h["people"] <= h["high"] for h in row["hours"])
    opens = datetime.fromisoformat(row["opens_at"])
    assert START <= opens <= datetime.fromisoformat(row["first_arrival_at"])
    assert datetime.fromisoformat(row["prepare_at"]) == opens - timedelta(hours=1)
    goods = {g["good"]: g for g in row["goods"]}
    assert goods["toilets-first"]["quantity"] == -(-row["people"] // 50)
    assert all(g["basis"] and g["certainty"] for g in (*row["goods"], *row["staff"]))
    assert sum(o["people"] for o in row["origins"]) <= row["people"]


def test_people_go_to_the_nearest_shelter_that_has_room() -> None:
    town = Town()
    town.furnish()
    case = town.begin(least_people=0)
    near = {o["block"] for o in town.shelters(case)["west"]["origins"]}
    assert "町01" in near
    assert "町53" not in near


def test_a_closed_road_and_a_full_shelter_make_a_new_plan() -> None:
    town = Town()
    town.furnish()
    case = town.begin(least_people=0)
    before, minutes = town.people(case), town.plan(case).body()["minutes"]
    # All streets between the two western columns and the rest.
    town.close_road("cut", [(1.5, -1), (1.5, 6)])
    town.work()
    plan = town.plan(case).body()
    assert plan["minutes"] > minutes or plan["not_arrived"] > 0 or plan["unplaced"] > 0
    assert any("道路を通れない" in note for note in plan["notes"])
    town.shelter("east", state="open", people=800)
    town.work()
    row = town.shelters(case)["east"]
    assert (row["use"], row["people"], row["fill"]) == ("open", 800, 1.0)
    assert row["full_at"] is not None
    assert before["east"] > 0
    assert sum(town.people(case).values()) >= town.plan(case).body()["planned"]


def test_large_vehicles_only_is_no_closure() -> None:
    town = Town()
    town.furnish()
    case = town.begin()
    kept = town.plan(case).id
    town.close_road("big", [(1.5, -1), (1.5, 6)], state="close_road_large")
    town.work()
    assert town.plan(case).id == kept


def test_edits_are_kept_when_the_plan_is_made_anew_and_can_be_taken_back() -> None:
    town = Town()
    town.furnish()
    case = town.begin(least_people=0)
    (busiest, most) = max(town.people(case).items(), key=lambda one: one[1])
    edit = town.do("settle-shelter", on=town.row(case, busiest), capacity=50, note="体育館の半分")
    assert edit.body()["decided_by"] == "山田"
    assert town.people(case)[busiest] == 50
    assert "体育館の半分" in town.shelters(case)[busiest]["edits"][0]
    town.do("settle-shelter", on=town.row(case, busiest), wish="never")
    assert town.shelters(case)[busiest]["use"] == "excluded"
    # Another fact comes: the person's word still holds, with what was said before.
    town.close_road("cut", [(3, 2.5), (3.1, 2.5)])
    town.work()
    assert town.shelters(case)[busiest]["use"] == "excluded"
    assert town.shelters(case)[busiest]["capacity"] == 50
    town.do("release-shelter", on=town.row(case, busiest))
    assert town.edits() == []
    assert town.people(case)[busiest] > most * 0.5


def test_a_person_opens_a_shelter_that_few_would_use() -> None:
    town = Town()
    town.furnish(people=20)
    case = town.begin(least_people=500)
    shut = next(key for key, row in town.shelters(case).items() if row["use"] == "reserve")
    town.do("settle-shelter", on=town.row(case, shut), wish="open", staff_at_least=12)
    row = town.shelters(case)[shut]
    assert row["use"] == "open"
    assert row["staff_most"] >= 12


def test_a_block_goes_where_a_person_says() -> None:
    town = Town()
    town.furnish()
    case = town.begin(least_people=0)
    town.do("assign-block", key=case.key, block="町01", shelter="east")
    assert "町01" in {o["block"] for o in town.shelters(case)["east"]["origins"]}
    assert "町01" not in {o["block"] for o in town.shelters(case)["west"]["origins"]}
    with pytest.raises(MissingError):
        town.do("assign-block", key=case.key, block="町99", shelter="east")
    town.do("release-block", key=case.key, block="町01")
    assert "町01" in {o["block"] for o in town.shelters(case)["west"]["origins"]}


def test_a_plan_is_a_draft_until_confirmed_and_a_revision_once_facts_change() -> None:
    town = Town()
    town.furnish()
    case = town.begin()
    town.do("confirm-evacuation-plan", on=town.plan(case), who="市長", comment="これで行く")
    plan = town.plan(case).body()
    assert (plan["state"], plan["confirmed_by"]) == ("confirmed", "市長")
    assert {r["state"] for r in town.shelters(case).values()} == {"confirmed"}
    agreed = town.confirmations()[0].body()
    # What was confirmed can be opened again, record by record.
    assert town.reader().record(agreed["records"][0]).body()["fingerprint"] == plan["fingerprint"]
    town.shelter("north", state="open", people=600)
    town.work()
    plan = town.plan(case).body()
    assert plan["state"] == "revised"
    assert any("north" in line for line in plan["changes"])
    assert plan["confirmed_by"] == "市長"


def test_what_changes_nothing_is_not_stated_again() -> None:
    town = Town()
    town.furnish()
    case = town.begin()
    kept = town.plan(case).id
    town.close_road("far", [(90, 90), (91, 91)])
    town.work()
    assert town.plan(case).id == kept


def test_water_takes_out_shelters_roads_and_makes_more_leave() -> None:
    dry, wet = Town(), Town()
    for town in (dry, wet):
        town.furnish()
        town.shelter("low", capacity=500)
        # Only the water's own ground: not designated, and unknown.
    wet.flood(square(2.5, 2.5, 6.5, 6.5), arrives_min=45.0)
    plans = {t: t.plan(t.begin()).body() for t in (dry, wet)}
    rows = {r.body()["shelter"]: r.body() for r in wet.reader().every("response.shelter_plans")}
    assert rows["low"]["use"] == "excluded"
    assert "浸水" in rows["low"]["why"]
    assert "上階" in rows["east"].get("why", "")
    assert any("道路を通れない" in n for n in plans[wet]["notes"])
    # Whoever lives dry stays, whoever will stand in water leaves more readily than when told only.
    in_water = 9 * 100
    assert plans[wet]["people"] / in_water > plans[dry]["people"] / 3600


def test_who_leaves_after_the_water_has_come_is_counted() -> None:
    town = Town()
    town.furnish()
    town.flood(square(-0.5, -0.5, 6.5, 6.5), arrives_min=75.0)
    plan = town.plan(town.begin(aim="middle")).body()
    # Rayleigh with 30 min: exp(-75²/1800) = 4.4 % have not yet left after 75 minutes.
    assert plan["in_water"] == pytest.approx(0.044 * plan["planned"], rel=0.25)
    assert plan["unplaced"] == 0


def test_a_town_whose_roads_are_all_under_water_has_nowhere_to_go_and_says_so() -> None:
    town = Town()
    town.furnish()
    town.flood(square(-0.5, -0.5, 6.5, 6.5), arrives_min=5.0)
    plan = town.plan(town.begin()).body()
    assert plan["unplaced"] == plan["planned"] > 0
    assert any("避難先が足りません" in note for note in plan["notes"])


def test_without_roads_or_people_the_plan_says_so() -> None:
    town = Town()
    town.furnish(roads=False)
    plan = town.plan(town.begin()).body()
    assert any("直線距離" in note for note in plan["notes"])
    assert plan["unplaced"] == 0
    empty = Town()
    plan = empty.plan(empty.begin()).body()
    assert (plan["people"], plan["open_shelters"]) == (0, 0)
    assert any("人口が取り込まれていません" in note for note in plan["notes"])


def test_a_shelter_without_capacity_is_told_and_not_guessed() -> None:
    town = Town()
    town.furnish()
    town.shelter("hall", capacity=None)
    case = town.begin()
    row = town.shelters(case)["hall"]
    assert (row["use"], "定員が不明" in row["why"]) == ("excluded", True)
    town.do("settle-shelter", on=town.row(case, "hall"), capacity=300, wish="open")
    assert town.shelters(case)["hall"]["use"] == "open"


def test_a_welfare_shelter_takes_only_those_who_need_help() -> None:
    town = Town()
    town.furnish()
    town.shelter("care", capacity=40, accepts="福祉避難所(要配慮者)", flood=True)
    row = town.shelters(town.begin(least_people=0))["care"]
    assert row["people"] == row["needs_time"] == 40


def test_a_closed_case_leaves_the_lists_and_stays_in_the_history() -> None:
    town = Town()
    town.furnish()
    case = town.begin()
    town.do("close-evacuation", on=town.reader().get("response.evacuation_cases", case.key))
    with pytest.raises(MissingError):
        town.plan(case)
    assert town.shelters(case) == {}
    assert town.reader().history("response.evacuation_plans", case.key).items


def test_the_plan_is_the_headquarters_alone_and_closed_inputs_of_others_stay_out() -> None:
    town = Town()
    town.furnish()
    case = town.begin()
    for collection in ("response.evacuation_plans", "response.shelter_plans"):
        assert not list(Reader(town.store, town.catalog, ANONYMOUS).every(collection))
        assert not list(town.reader("B", "other town").every(collection))
    marking = town.plan(case).marking
    assert (marking.disclosure, marking.audience) == (Disclosure.AMBER, ("town",))
    kept = town.plan(case).body()["planned"]
    # Another organisation's own closure and a stricter one change nothing here.
    from hinomi.domains.response.collections.facilities import ROADS, Road  # noqa: PLC0415

    line = {"type": "LineString", "coordinates": [[136.9045, 37.0], [136.9045, 38.0]]}
    for name, audience in (("theirs", ("other town",)), ("operator", ())):
        closed = Marking(Status.ACTUAL, Disclosure.AMBER, audience)
        town.put(ROADS.id, name, Road(state="road_close"), line, marking=closed)
    town.work()
    plan = town.plan(case)
    assert plan.body()["planned"] == kept
    assert not any("道路を通れない" in n for n in plan.body().get("notes", ()))
    assert plan.marking == marking


def test_a_drill_and_the_actual_never_meet() -> None:
    town = Town()
    town.furnish()
    actual = town.begin()
    before = town.plan(actual).id
    drill = Town(Status.EXERCISE)
    drill.store = town.store
    drill.writer, drill.acting, drill.models = town.writer, town.acting, town.models
    drill.time, drill.count = town.time, 100
    case = drill.begin()
    # The drill has no people and no shelters of its own: the actual ones are not lent to it.
    assert drill.plan(case).body()["people"] == 0
    assert drill.plan(case).marking.status is Status.EXERCISE
    drill.furnish(people=50)
    drill.close_road("drill", [(1.5, -1), (1.5, 6)])
    drill.work()
    assert drill.plan(case).body()["people"] > 0
    assert town.plan(actual).id == before
    rows = list(town.reader().every("response.shelter_plans"))
    assert {row.marking.status for row in rows} == {Status.ACTUAL}


def test_orders_on_districts_decide_who_is_told() -> None:
    from hinomi.domains.response.collections.orders import ORDERS, Order  # noqa: PLC0415

    town = Town()
    town.furnish()
    case = town.begin(assume_level="0")
    assert town.plan(case).body()["people"] == 0
    order = Order(
        municipality_code=TOWN, municipality="輪島市", district="東部", where="輪島市東部",
        where_en="", name="避難指示", name_en="", kind="evacuate", level=4, state="in_force",
        action="issue", since=START, first_issued_at=START, reason="flood", legal_basis="",
        draft="d",
    )  # fmt: skip
    town.put(ORDERS.id, f"{TOWN}/東部", order, square(2.5, -0.5, 6.5, 6.5))
    town.work()
    plan = town.plan(case)
    blocks = {o["block"] for r in town.shelters(case).values() for o in r.get("origins", ())}
    assert plan.body()["people"] > 0
    assert all(name[1] in "345" for name in blocks)
    origins = town.store.trace(plan.id, visible=frozenset({plan.marking}))
    assert origins is not None
    assert len(origins.origins[0][0].inputs) > 4


def test_values_that_make_no_sense_are_refused() -> None:
    town = Town()
    town.furnish()
    for broken in ({"hours": 0}, {"hours": 500}, {"days": 99}, {"longest_min": 0.5}):
        with pytest.raises(InputError):
            town.begin(**broken)
