"""What an evacuation is planned from (blocks, roads, a case, people's edits), and the plan."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from hinomi.domains.response.collections.chronology import HEADQUARTERS_ONLY, LICENCE
from hinomi.kernel.collections import Collection, Verb
from hinomi.kernel.errors import Text

Hazard = Literal[
    "flood", "inland_flood", "landslide", "storm_surge", "tsunami", "earthquake", "fire", "volcano"
]
HAZARDS: dict[str, Text] = {
    "flood": Text("洪水", "Flood"),
    "inland_flood": Text("内水氾濫", "Inland flood"),
    "landslide": Text("崖崩れ・土石流・地滑り", "Landslide"),
    "storm_surge": Text("高潮", "Storm surge"),
    "tsunami": Text("津波", "Tsunami"),
    "earthquake": Text("地震", "Earthquake"),
    "fire": Text("大規模な火事", "Large fire"),
    "volcano": Text("火山現象", "Volcano"),
}
"""As shelters are designated for (指定緊急避難場所の災害種別)."""
PlanState = Literal["draft", "confirmed", "revised"]
PLAN_STATES: dict[str, Text] = {
    "draft": Text("案(確認待ち)", "Draft"),
    "confirmed": Text("確認済", "Confirmed"),
    "revised": Text("改定案(状況が変わりました)", "Revised: facts have changed"),
}
Use = Literal["open", "reserve", "excluded"]
USES: dict[str, Text] = {
    "open": Text("開設する", "Open"),
    "reserve": Text("予備", "In reserve"),
    "excluded": Text("使わない", "Not used"),
}
WISHES: dict[str, Text] = {
    "open": Text("必ず開設する", "Open in any case"),
    "never": Text("使わない", "Do not use"),
    "auto": Text("計算に任せる", "As computed"),
}


SOURCE = "hinomi"
LIMITS = Text(
    "独自の計算による案です。市町村の避難情報・気象庁の情報が優先します。住民の行動は災害ごとに大きく"
    "違います。地震・津波など警告のない災害には調査が当てはまりません。"
    "車列が後ろの交差点へ延びることは考えていません。",
    "A draft by our own computation; orders and JMA's information come first. People act very"
    " differently from one disaster to the next; the surveys are of floods with a warning. Queues"
    " of cars do not spread back over crossings.",
)


class Block(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The people of one block (町丁・字, メッシュ); its place is an outline or a point."""

    name: str
    municipality_code: str
    people: int
    households: int | None = None
    needs_time: int | None = None
    """要配慮者等: who need time or help; where nobody says, a share is assumed."""
    as_of: str = ""
    """Of when the numbers are: 令和2年国勢調査."""


class RoadLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A road as a line; roads meet where their lines share a vertex."""

    name: str = ""
    kind: str = ""
    """As the sender classes it: residential, 市町村道 …"""
    oneway: bool = False
    drive: bool = True
    """Cars may use it."""
    speed_km_h: float | None = None
    lanes: int | None = None
    width_m: float | None = None


class Building(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A building (建物): its outline or a point."""

    name: str = ""
    kind: str = ""
    """As the sender classes it: 普通建物, 堅ろう建物, house …"""
    floors: int | None = None


class Case(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What an officer asks a plan for; the plan follows the facts until the case is closed."""

    title: str
    municipality_code: str
    municipality: str
    hazard: Hazard
    starts_at: datetime
    hours: int
    """[h] ahead for which arrivals are computed."""
    days: float
    """[day] for which goods are counted."""
    assume_level: int = 0
    """A level that is taken for given in the dangerous blocks from the start on (0: none)."""
    aim: Literal["high", "middle"] = "high"
    """Room is planned for the 90th percentile of those who come, or for the median."""
    least_people: int = 20
    """For fewer a shelter is not opened."""
    longest_min: float = 60.0
    """[min] no way to a shelter is longer."""
    run: str = ""
    """The inundation run to plan with; empty: the newest."""
    state: Literal["open", "closed"]
    begun_by: str


class Edit(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a person has settled; the plan keeps to it until the person takes it back."""

    case: str
    about: Literal["shelter", "block"]
    target: str
    """The key of the shelter or block."""
    name: str
    wish: Literal["open", "never", "auto"] = "auto"
    capacity: int | None = None
    accessible: bool | None = None
    """Whether those who need help can stay there."""
    opens_at: datetime | None = None
    staff_at_least: int | None = None
    shelter: str = ""
    """Of a block: where its people go."""
    note: str = ""
    decided_by: str
    decided_at: datetime


class Confirmation(msgspec.Struct, frozen=True, kw_only=True):
    """A person's word that the plan of this content is the one to carry out."""

    case: str
    fingerprint: str
    shelters: dict[str, int]
    """Shelter's key to people planned for it, as confirmed."""
    records: tuple[str, ...]
    """Ids of the plan's records as they were confirmed."""
    comment: str = ""
    confirmed_by: str
    confirmed_at: datetime


class Hour(msgspec.Struct, frozen=True, kw_only=True):
    """One hour in a shelter."""

    at: datetime
    """The hour's end."""
    people: int
    low: int
    high: int
    staff: int


class Post(msgspec.Struct, frozen=True, kw_only=True):
    """Staff of one role."""

    role: str
    name: str
    name_en: str
    most: int
    """On duty at once, at most."""
    shifts: int
    basis: str
    certainty: str


class Good(msgspec.Struct, frozen=True, kw_only=True):
    """A good or facility for the days of the case."""

    good: str
    name: str
    name_en: str
    quantity: float
    unit: str
    basis: str
    certainty: str


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """Where a shelter's people come from."""

    block: str
    people: int
    minutes: float


class ShelterPlan(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one shelter is to do. Key: ``<case>/<shelter>``."""

    case: str
    case_title: str
    shelter: str
    name: str
    municipality_code: str
    use: Use
    why: str = ""
    why_en: str = ""
    state: PlanState
    prepare_at: datetime | None = None
    """Staff are there from then on."""
    opens_at: datetime | None = None
    first_arrival_at: datetime | None = None
    full_at: datetime | None = None
    capacity: int | None = None
    present: int | None = None
    people: int = 0
    """At the end of the hours, as planned."""
    people_low: int = 0
    people_high: int = 0
    needs_time: int = 0
    fill: float | None = None
    """People by capacity."""
    minutes: float | None = None
    """[min] mean of the ways there."""
    hours: tuple[Hour, ...] = ()
    staff: tuple[Post, ...] = ()
    staff_most: int = 0
    goods: tuple[Good, ...] = ()
    origins: tuple[Origin, ...] = ()
    edits: tuple[str, ...] = ()
    """What a person settled here, with name and time."""


class Plan(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A case's plan as a whole. Key: the case's."""

    title: str
    municipality_code: str
    municipality: str
    hazard: Hazard
    state: PlanState
    starts_at: datetime
    hours: int
    people: int
    """Who come to shelters, at the median; low and high: 10th and 90th percentile."""
    people_low: int
    people_high: int
    planned: int
    """For so many room is planned."""
    unplaced: int
    by_car: int
    """Of those planned for, who are likely to come by car."""
    in_water: int
    """Who leave after the water has come to their block."""
    in_rain: int
    """Who live where the nowcast has 50 mm/h or more within the hour."""
    not_arrived: int
    open_shelters: int
    staff_most: int
    minutes: float | None = None
    cost_s: int
    bound_s: int
    """What no allocation to these shelters can go below: equal to ``cost_s``, it is the best."""
    all_open_s: int
    """The same with every usable shelter open."""
    goods: tuple[Good, ...] = ()
    slow_roads: tuple[str, ...] = ()
    """Where most time is lost in queues."""
    changes: tuple[str, ...] = ()
    """Against what was confirmed."""
    changes_en: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    notes_en: tuple[str, ...] = ()
    edits: int = 0
    fingerprint: str
    confirmed_by: str = ""
    confirmed_at: datetime | None = None
    based_on: str
    parameters: str
    code_version: str
    uncertainty: str
    uncertainty_en: str
    limits: str
    limits_en: str


POPULATION = Collection(
    id="response.population_blocks",
    title=Text("人口(町丁・メッシュ)", "Population by block"),
    text=Text(
        "避難計画の基になる人口。国勢調査の小地域やメッシュを取り込みます。",
        "Who lives where, for evacuation plans: imported from the census or a town's own register.",
    ),
    schema=Block,
    verb=Verb.REFER,
    licence="取り込んだ資料の規約 (the terms of the file that was imported)",
)
ROAD_LINES = Collection(
    id="response.road_lines",
    title=Text("道路網(避難経路用)", "Road network, for evacuation"),
    text=Text(
        "避難にかかる時間を計算する道路の線。GeoJSON・GeoPackageなどから取り込みます。",
        "Roads as lines, for the time that ways take: imported from GeoJSON, GeoPackage …",
    ),
    schema=RoadLine,
    verb=Verb.REFER,
    licence="取り込んだ資料の規約 (the terms of the file that was imported)",
)
BUILDINGS = Collection(
    id="response.buildings",
    title=Text("建物", "Buildings"),
    text=Text(
        "浸水する建物を数えるための外形か点。基盤地図情報などから取り込みます。",
        "Outlines or points, to count what stands in the water: imported from GSI's base map …",
    ),
    schema=Building,
    verb=Verb.REFER,
    licence="取り込んだ資料の規約 (the terms of the file that was imported)",
)
CASES = Collection(
    id="response.evacuation_cases",
    title=Text("避難計画の対象", "Evacuation cases"),
    text=Text("どの市町村・災害・時刻について計画するか。", "What a plan is asked for."),
    schema=Case,
    verb=Verb.RESPOND,
    licence=LICENCE,
    marking=HEADQUARTERS_ONLY,
)
EDITS = Collection(
    id="response.evacuation_edits",
    title=Text("避難計画への職員の指定", "Edits of evacuation plans"),
    text=Text(
        "職員が決めたこと。再計算しても守られます。",
        "What people settled; a plan that is computed anew keeps to it.",
    ),
    schema=Edit,
    verb=Verb.RESPOND,
    licence=LICENCE,
    marking=HEADQUARTERS_ONLY,
)
CONFIRMATIONS = Collection(
    id="response.evacuation_confirmations",
    title=Text("避難計画の確認", "Confirmations of evacuation plans"),
    text=Text("誰がどの内容を確認したか。", "Who confirmed which content."),
    schema=Confirmation,
    verb=Verb.RESPOND,
    licence=LICENCE,
    marking=HEADQUARTERS_ONLY,
)
PLANS = Collection(
    id="response.evacuation_plans",
    title=Text("避難計画(案)", "Evacuation plans"),
    text=Text(
        "避難者数の見込み、開設する避難所、職員・物資の合計。確認されるまでは案です。",
        "Who will come, which shelters to open, staff and goods in all. A draft until confirmed.",
    ),
    schema=Plan,
    verb=Verb.PREDICT,
    licence="Apache-2.0",
    marking=HEADQUARTERS_ONLY,
)
SHELTER_PLANS = Collection(
    id="response.shelter_plans",
    title=Text("避難所ごとの受け入れ計画(案)", "Shelter plans"),
    text=Text(
        "いつ開設し、何時に何人になり、職員と物資がどれだけ要るか。避難所ごとに1件。",
        "When to open, how many by the hour, which staff and goods: one record a shelter.",
    ),
    schema=ShelterPlan,
    verb=Verb.PREDICT,
    licence="Apache-2.0",
    marking=HEADQUARTERS_ONLY,
)
COLLECTIONS = (
    POPULATION, ROAD_LINES, BUILDINGS, CASES, EDITS, CONFIRMATIONS, PLANS, SHELTER_PLANS,
)  # fmt: skip
