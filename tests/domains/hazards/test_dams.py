"""Dams through the hub: files in, advice out, each status by itself."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from hinomi.domains.hazards.collections.dams import DAM_ADVICE, DAM_INFLOWS, DAM_STATES, DAMS
from hinomi.domains.hazards.observe import dams
from hinomi.domains.hazards.predict_dams_words import WHY
from hinomi.kernel.errors import DataError
from hinomi.kernel.marking import OPERATOR, Status
from hinomi.kernel.ports import Parsed, Payload
from hinomi.runtime.areas.gazetteer import StoreGazetteer
from hinomi.runtime.catalog import default_catalog
from hinomi.runtime.models import Models
from hinomi.runtime.service import Service
from hinomi.runtime.writer import Writer
from hinomi.science.dams.rules import Why
from hinomi.stores.memory import MemoryStore

T0 = datetime(2026, 9, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def number(value: float) -> dict[str, Any]:
    return {"value": value, "source": "例ダム操作規則 第1条"}


def sheet(**changes: Any) -> dict[str, Any]:
    """Return a dam whose storage is 36,000 m³ (10 m³/s for an hour) a metre."""
    limits = {"least_m": 10, "normal_m": 50, "emergency_m": 80, "full_m": 90, "safe_m3_s": 100,
              "rise_m3_s_per_h": 1000}  # fmt: skip
    told = {
        "id": "rei", "name": "例ダム", "name_en": "Rei Dam", "longitude": 135.0, "latitude": 35.0,
        "curve": [
            {"level_m": 0, "storage_m3": 0, "most_m3_s": 1000},
            {"level_m": 100, "storage_m3": 3_600_000, "most_m3_s": 1000},
        ],
        "curve_source": "例ダム H-V 表", "limits": {k: number(v) for k, v in limits.items()},
        "rule": {"start_m3_s": number(100), "rate": number(0.5)},
        "turbine": {"most_m3_s": number(20), "tail_m": number(-20)},
    }  # fmt: skip
    return {**told, **changes}


def state(**changes: Any) -> dict[str, Any]:
    return {"dam_id": "rei", "at": T0.isoformat(), "level_m": 50, "release_m3_s": 20,
            "told_by": "例ダム管理所", **changes}  # fmt: skip


FLOODS = {
    str(i): [20, 20, 20, 60, *(peak / 2, peak, peak, peak / 2), 50, 20, 20, 20]
    for i, peak in enumerate((150, 250, 350, 400, 450))
}


def inflows(**changes: Any) -> dict[str, Any]:
    return {"dam_id": "rei", "issued_at": T0.isoformat(), "made_by": "例: 貯留関数法",
            "first_at": T0.isoformat(), "step_s": 3600, "members": FLOODS, **changes}  # fmt: skip


class Hub:
    """A store with the models, in memory."""

    def __init__(self) -> None:
        self.store = MemoryStore()
        self.writer = Writer(self.store, now=lambda: T0 + HOUR)
        self.service = Service(self.store, default_catalog(), now=lambda: T0 + HOUR)
        self.models = Models(self.writer, default_catalog())

    def take(self, data: bytes) -> Parsed:
        payload = Payload(
            data=data, name="x", address="x", digest=self.store.put_blob(data), taken_at=T0
        )
        sources = default_catalog().sources.values()
        assert [s.id for s in sources if s.detect(payload)] == ["dams"]
        parsed = dams.SOURCE.parse(payload, StoreGazetteer(self.store))
        self.writer.put(parsed.records)
        return parsed

    def file(self, **parts: Any) -> Parsed:
        return self.take(msgspec.json.encode({"format": "hinomi-dams/1", **parts}))

    def found(self, collection: str, status: Status = Status.ACTUAL) -> list[dict[str, Any]]:
        reader = self.service.reader(OPERATOR, status=frozenset({status}))
        return [item.properties() for item in reader.every(collection)]


@pytest.fixture
def hub() -> Hub:
    return Hub()


def test_advice_shows_rule_beside_optimum_and_why(hub: Hub) -> None:
    assert hub.file(dams=[sheet()], states=[state()], inflows=[inflows()]).problems == []
    hub.models.catch_up()
    (one,) = hub.found(DAM_ADVICE.id)
    rule, prior, optimum = one["ways"]
    assert [w["way"] for w in one["ways"]] == ["rule", "prior", "optimum"]
    # By hand, the middle member: of 350 m3/s 100 and half of the rest are released; 82.5 m then.
    assert rule["peak_50_m3_s"] == 225
    assert rule["highest_50_m"] == 82.5
    assert optimum["peak_90_m3_s"] <= prior["peak_90_m3_s"] <= rule["peak_90_m3_s"]
    assert optimum["above_90_m3"] < rule["above_90_m3"]
    assert optimum["energy_50_mwh"] > 0
    assert one["gap"] < 1e-6
    assert one["outlook"] == "emergency"
    assert len(one["plan"]) == 6
    # Neither way's passing of the emergency level is kept silent.
    for way in (rule, optimum):
        assert f"{way['label']}{way['emergency_share']:.0%}" in one["advice"]
    for word in ("規則: 最大放流", "最適: 最大放流", "理由:", "操作は管理者が決めます"):
        assert word in one["advice"]
    for word in ("Rule: greatest", "Optimum: greatest", "Why:", "operators decide"):
        assert word in one["advice_en"]
    assert "独自" in one["limits"]
    assert one["forecast_by"] == "例: 貯留関数法"


def test_a_large_flood_asks_for_a_prior_release_until_it_begins(hub: Hub) -> None:
    members = {k: [2 * v if v > 60 else v for v in row] for k, row in FLOODS.items()}
    hub.file(dams=[sheet()], states=[state(level_m=70)], inflows=[inflows(members=members)])
    hub.models.catch_up()
    (one,) = hub.found(DAM_ADVICE.id)
    # Nine tenths of the members: above 100 m3/s come more than the 20 m up to 90 hold.
    assert one["prior_m3"] > 0
    assert one["flood_at"] == (T0 + 4 * HOUR).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert "4時間後(1日13:00)までに" in one["advice"]
    assert one["outlook"] == "emergency"


def gate(**changes: Any) -> dict[str, Any]:
    """Return two gates of 5 m x 3 m at 5 m, opened by a centimetre a minute: 0.6 m an hour."""
    told = {
        "id": "O", "name": "オリフィスゲート", "name_en": "orifice gates", "kind": "orifice",
        "count": 2, "sill_m": number(5), "width_m": number(5), "height_m": number(3),
        "coefficient": number(0.6), "speed_m_min": number(0.01), "least_opening_m": number(0.05),
    }  # fmt: skip
    return {**told, **changes}


def gated(**changes: Any) -> dict[str, Any]:
    """Return the dam with its gates and a free crest, its table's capacity left to them."""
    curve = [{k: v for k, v in row.items() if k != "most_m3_s"} for row in sheet()["curve"]]
    spillway = {"id": "S", "name": "非常用洪水吐き", "kind": "spillway", "sill_m": number(88),
                "width_m": number(40), "coefficient": number(2.0)}  # fmt: skip
    return sheet(curve=curve, gates=[gate(), spillway], **changes)


def test_advice_on_gates_keeps_to_their_speed_and_tells_each_one_s_opening(hub: Hub) -> None:
    standing = state(gates=[{"id": "O", "opening_m": 0.2}])
    parsed = hub.file(dams=[gated()], states=[standing], inflows=[inflows()])
    assert parsed.problems == []
    hub.models.catch_up()
    (one,) = hub.found(DAM_ADVICE.id)
    assert [w["way"] for w in one["ways"]] == ["rule", "prior", "optimum"]
    assert one["gap"] < 1e-6
    for name in ("rule_m", "optimum_m"):
        opened = [0.2, *(step["gates"][0][name] for step in one["plan"])]
        moved = [abs(b - a) for a, b in itertools.pairwise(opened)]
        assert max(moved) <= 0.6 + 0.011, "medians, rounded to a centimetre"
        assert max(moved) > 0.2
    first = one["plan"][0]
    assert first["gates"][0]["gate"] == "O"
    # By hand, at 50 m: two of 5 m, 0.6 x 5 a sqrt(2 g (45 - a/2)) each, as far open as is told.
    a = first["gates"][0]["rule_m"]
    by_hand = 2 * 0.6 * 5 * a * (2 * 9.80665 * (45 - a / 2)) ** 0.5
    assert first["rule_m3_s"] == pytest.approx(by_hand, abs=1.0)
    assert f"オリフィスゲート 規則{a:.2f}" in first["openings"]
    assert "ゲート開度(" in one["advice"]
    assert "Gates from" in one["advice_en"]
    assert one["gates_out"] == ""


def test_a_gate_out_of_order_lets_out_less_and_is_named(hub: Hub) -> None:
    broken = {"id": "O", "opening_m": 0.2, "out_of_order": 1, "stuck_opening_m": 0.1}
    hub.file(dams=[gated()], states=[state(gates=[broken])], inflows=[inflows()])
    whole = Hub()
    whole.file(
        dams=[gated()], states=[state(gates=[{"id": "O", "opening_m": 0.2}])], inflows=[inflows()]
    )
    found = []
    for one in (hub, whole):
        one.models.catch_up()
        (told,) = one.found(DAM_ADVICE.id)
        found.append(told)
    less, most = (told["ways"][0]["highest_90_m"] for told in found)
    assert less > most, "with one gate of two the water stands higher"
    assert found[0]["gates_out"] == "オリフィスゲート2門のうち1門(開度0.10m)"
    assert "動かせないゲート: オリフィスゲート2門のうち1門" in found[0]["advice"]
    assert "1 of 2 orifice gates" in found[0]["advice_en"]


@pytest.mark.parametrize(
    ("dam", "gates", "why"),
    [
        (gated(), [{"id": "X"}], "no gate 'X'"),
        (gated(), [{"id": "O", "out_of_order": 3}], "3 out of order of 2"),
        (gated(), [{"id": "O", "opening_m": 9}], "from 0 to its gate's height"),
        (gated(), [{"id": "S"}], "openings are told of some gates"),
        (sheet(), [{"id": "O"}], "its gates: none"),
    ],
    ids=["unknown", "too-many", "too-far", "some", "no-gates"],
)
def test_a_state_that_no_gate_can_have_gives_no_advice_but_the_reason(
    hub: Hub, dam: Any, gates: Any, why: str
) -> None:
    hub.file(dams=[dam], states=[state(gates=gates)], inflows=[inflows()])
    hub.models.catch_up()
    assert hub.found(DAM_ADVICE.id) == []
    assert any(why in str(alarm) for alarm in hub.found("operations.alarms"))


def test_an_exercise_gives_exercise_advice_only(hub: Hub) -> None:
    hub.file(dams=[sheet()], states=[state(status="exercise")],
             inflows=[inflows(status="exercise")])  # fmt: skip
    hub.models.catch_up()
    assert hub.found(DAM_ADVICE.id) == hub.found(DAM_ADVICE.id, Status.TEST) == []
    (one,) = hub.found(DAM_ADVICE.id, Status.EXERCISE)
    assert one["status"] == "exercise"
    # An exercise's forecast is not mixed with how the dam really stands.
    hub.file(states=[state()])
    hub.models.catch_up()
    assert hub.found(DAM_ADVICE.id) == []


def test_a_new_state_renews_the_advice_and_a_stale_one_takes_it_back(hub: Hub) -> None:
    hub.file(dams=[sheet()], states=[state()], inflows=[inflows()])
    hub.models.catch_up()
    hub.file(states=[state(at=(T0 + 2 * HOUR).isoformat(), level_m=55)])
    hub.models.catch_up()
    (one,) = hub.found(DAM_ADVICE.id)
    assert one["level_m"] == 55
    assert one["plan"][0]["at"] == (T0 + 2 * HOUR).strftime("%Y-%m-%dT%H:%M:%SZ")
    hub.file(states=[state(at=(T0 + 40 * HOUR).isoformat())])
    hub.models.catch_up()
    assert hub.found(DAM_ADVICE.id) == []
    assert "dam-advice.none" in [a["code"] for a in hub.found("operations.alarms")]


def test_without_an_optimum_the_rule_stands_with_the_reason(hub: Hub) -> None:
    low = state(level_m=5)
    hub.file(dams=[sheet()], states=[low], inflows=[inflows()])
    hub.models.catch_up()
    (one,) = hub.found(DAM_ADVICE.id)
    assert [w["way"] for w in one["ways"]] == ["rule", "prior"]
    assert "最適: 求まりませんでした" in one["advice"]


def test_a_flood_that_outruns_the_river_s_limit_still_has_an_optimum_and_says_so(hub: Hub) -> None:
    curve = [
        {"level_m": 0, "storage_m3": 0, "most_m3_s": 50, "spill_m3_s": 0},
        {"level_m": 70, "storage_m3": 2_520_000, "most_m3_s": 50, "spill_m3_s": 0},
        {"level_m": 100, "storage_m3": 3_600_000, "most_m3_s": 1550, "spill_m3_s": 1500},
    ]
    limits = {**sheet()["limits"], "rise_m3_s_per_h": number(10)}
    hub.file(
        dams=[sheet(curve=curve, limits=limits)], states=[state(level_m=69)], inflows=[inflows()]
    )
    hub.models.catch_up()
    (one,) = hub.found(DAM_ADVICE.id)
    assert [w["way"] for w in one["ways"]] == ["rule", "prior", "optimum"]
    assert "外れることが避けられません" in one["advice"]
    assert "is passed by up to" in one["advice_en"]


def test_csv_and_json_say_the_same_forecast(hub: Hub) -> None:
    hub.file(inflows=[inflows()])
    (by_json,) = hub.found(DAM_INFLOWS.id)
    rows = ["dam_id,issued_at,time,member,inflow_m3_s,made_by"]
    rows += [
        f"rei,{T0.isoformat()},{(T0 + i * HOUR).isoformat()},{m},{v},例: 貯留関数法"
        for m, row in FLOODS.items() for i, v in enumerate(row)
    ]  # fmt: skip
    csv = Hub()
    assert csv.take("\n".join(rows).encode()).problems == []
    (by_csv,) = csv.found(DAM_INFLOWS.id)
    assert by_csv["record"] == by_json["record"]
    # A gap costs the whole forecast, and is told.
    told = Hub().take("\n".join(rows[:-1]).encode())
    assert told.records == []
    assert [p.code for p in told.problems] == ["dams.entry"]
    told = Hub().take("\n".join([*rows[:-1], rows[-1].replace(",20,", ",x,")]).encode())
    assert [p.code for p in told.problems] == ["dams.row"]


@pytest.mark.parametrize(
    "part",
    [
        {"dams": [sheet(curve=sheet()["curve"][::-1])]},
        {"dams": [sheet(curve_source="")]},
        {"dams": [sheet(limits={**sheet()["limits"], "full_m": number(40)})]},
        {"dams": [sheet(limits={**sheet()["limits"], "safe_m3_s": {"value": 100}})]},
        {"dams": [sheet(rule={"start_m3_s": number(100), "rate": number(2)})]},
        {"dams": [sheet(gates=[gate(speed_m_min=None)])]},
        {"dams": [sheet(gates=[gate(coefficient={"value": 0.6})])]},
        {"dams": [sheet(gates=[gate(width_m=number(-5))])]},
        {"dams": [sheet(gates=[gate(kind="crest", coefficient=number(2.0))])]},
        {"dams": [sheet(gates=[gate(), gate()])]},
        {"dams": [sheet(gates=[gate()])]},  # 1,000 m3/s by the table, 728 by the gates
        {"dams": [sheet(curve=gated()["curve"])]},
        {"states": [state(gates=[{"id": "O", "opening_m": -1}])]},
        {"dams": [sheet(id="a/b")]},
        {"dams": [sheet(latitude=135.0)]},
        {"states": [state(at="2026-09-01T00:00:00")]},
        {"states": [state(release_m3_s=-1)]},
        {"inflows": [inflows(members={"a": [1, 2], "b": [1]})]},
        {"inflows": [inflows(members={"a": [1, -2]})]},
        {"inflows": [inflows(members={})]},
        {"inflows": [inflows(step_s=1)]},
        {"inflows": [inflows(status="drill")]},
    ],
    ids=str,
)  # fmt: skip
def test_an_entry_that_cannot_be_is_refused_and_the_rest_goes_on(hub: Hub, part: Any) -> None:
    (name,) = part
    good = {"dams": sheet(id="other"), "states": state(dam_id="o"), "inflows": inflows(dam_id="o")}
    parsed = hub.file(**{name: [*part[name], good[name]]})
    (problem,) = parsed.problems
    assert (problem.code, problem.path, problem.grade) == ("dams.entry", f"/{name}[0]", "error")
    counts = {"dams": DAMS.id, "states": DAM_STATES.id, "inflows": DAM_INFLOWS.id}
    assert len(hub.found(counts[name])) == 1


def test_a_broken_file_is_refused_as_a_whole(hub: Hub) -> None:
    with pytest.raises(DataError):
        hub.take(b'{"format": "hinomi-dams/1", "dams": [')


def test_the_words_are_in_the_rules_order() -> None:
    assert [why.en.split()[0] for why in WHY] == [
        "refilling", "inflow", "prior", "flood", "drawdown", "emergency", "limit", "plan",
    ]  # fmt: skip
    assert [w.name for w in Why] == [
        "REFILL", "THROUGH", "PRIOR", "FLOOD", "DRAWDOWN", "EMERGENCY", "LIMIT", "PLAN",
    ]  # fmt: skip
