"""``hazards.dams``, how they stand, what is forecast to flow in, and our advice."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec

from hinomi.kernel.collections import Collection, Verb
from hinomi.kernel.errors import Text

Line = Annotated[str, msgspec.Meta(min_length=1, max_length=300)]


class Number(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One number of a dam and where it stands written."""

    value: float
    source: Line
    """The rule's article, the plan, the agreement."""


class CurvePoint(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One row of the dam's table; between rows it is linear."""

    level_m: float
    storage_m3: float
    most_m3_s: float | None = None
    """With all gates open, uncontrolled spillways included; computed where the gates are told."""
    spill_m3_s: float | None = None
    """What runs over by itself, all gates shut; 0 unless given, computed where gates are told."""


class DamGate(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Gates of one kind that move alike, or an outlet without a gate (放流設備)."""

    id: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9._-]{1,40}$")]
    name: Line
    name_en: str = ""
    kind: Literal["crest", "orifice", "conduit", "valve", "spillway"]
    """クレスト, オリフィス, コンジット, バルブ; ``spillway``: 自由越流頂, without a gate."""
    gated: bool = True
    """False: always wide open (自然調節)."""
    sill_m: Number
    """Level of the sill; of a conduit or valve its axis."""
    width_m: Number | None = None
    height_m: Number | None = None
    """The widest opening; of a valve its stroke."""
    area_m2: Number | None = None
    """Of a conduit or valve, wide open."""
    coefficient: Number
    """C [m^0.5/s] of a crest or spillway, Cd [-] of the others."""
    under_coefficient: Number | None = None
    """Cd [-] under a crest gate."""
    count: Annotated[int, msgspec.Meta(ge=1, le=40)] = 1
    speed_m_min: Number | None = None
    """開閉速度"""
    least_opening_m: Number | None = None
    """最小開度"""
    leak_m3_s: Number | None = None
    """Of each, shut."""


class DamLimits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Levels and flows that the dam's rules name."""

    least_m: Number
    """最低水位"""
    normal_m: Number
    """平常時最高貯水位 (in the flood season 洪水貯留準備水位)"""
    emergency_m: Number
    """異常洪水時防災操作開始水位"""
    full_m: Number
    """洪水時最高水位"""
    safe_m3_s: Number
    """無害流量"""
    rise_m3_s_per_h: Number
    """放流の原則: by how much the release may grow in an hour."""
    keep_m3_s: Number | None = None
    """維持流量"""


class DamRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The numbers of the flood rule."""

    start_m3_s: Number
    """洪水量: an inflow above is a flood."""
    rate: Number | None = None
    """一定率; without it a constant amount is released (一定量放流)."""
    most_m3_s: Number | None = None
    """計画最大放流量"""


class DamTurbine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The power station at the dam."""

    most_m3_s: Number
    tail_m: Number
    """Level of the tail water."""
    efficiency: Number | None = None
    """0.85 unless given."""


class DamCatchment(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The ground whose rain flows into a dam, and its storage function (貯留関数法): S = K Q^P."""

    outline: dict[str, Any]
    """GeoJSON, longitude latitude."""
    area_km2: Number
    runoff: Number
    """Part of the rain that flows off (流出率)."""
    k: Number
    """[mm^(1-P) h^P] K."""
    p: Number | None = None
    """P; 0.6 unless given."""
    lag_h: Number | None = None
    """Tl (遅滞時間); 0 unless given."""
    base_m3_s: Number | None = None
    """基底流量; 0 unless given."""
    rain_error: Number | None = None
    """Standard deviation of the logarithm of forecast rain over what came; 0.4 unless given."""


class DamSheet(msgspec.Struct, frozen=True, kw_only=True):
    """A dam as data: its table, limits and rule, each with where it stands written."""

    name: str
    name_en: str = ""
    river: str = ""
    river_en: str = ""
    operated_by: str = ""
    curve: tuple[CurvePoint, ...]
    curve_source: str
    gates: tuple[DamGate, ...] = ()
    """In the order in which they are opened."""
    limits: DamLimits
    rule: DamRule
    turbine: DamTurbine | None = None
    catchment: DamCatchment | None = None
    """With it inflows are computed from forecast rain."""


class GateState(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the gates of one id stand."""

    id: str
    opening_m: float = 0.0
    """Of each that works."""
    out_of_order: int = 0
    """So many of them cannot be moved."""
    stuck_opening_m: float = 0.0


class DamState(msgspec.Struct, frozen=True, kw_only=True):
    """How a dam stands."""

    level_m: float
    release_m3_s: float
    """Mean of the last hour or less."""
    inflow_m3_s: float | None = None
    gates: tuple[GateState, ...] = ()
    """Those that are not told: all work, open as the release needs."""
    told_by: str


class DamInflows(msgspec.Struct, frozen=True, kw_only=True):
    """An ensemble of inflows to a dam. Not JMA's: whoever made it is named."""

    made_by: str
    first_at: datetime
    """Beginning of the first step."""
    step_s: float
    members: tuple[str, ...]
    inflow_m3_s: tuple[tuple[float, ...], ...]
    """Mean of each step, a row for each member."""
    greatest_m3_s: float
    rain_issued_at: datetime | None = None
    """Of the rain forecast that they were computed from here."""
    rain_past_mm: float | None = None
    """Mean over the catchment in the day before."""
    rain_ahead_mm: float | None = None
    parameters: str = ""
    uncertainty: str = ""
    uncertainty_en: str = ""
    limits: str = ""
    limits_en: str = ""
    code_version: str = ""


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """What one way to operate leads to: 10, 50 and 90 per cent of the members are not above."""

    label: str
    label_en: str
    way: Literal["rule", "prior", "optimum"]
    peak_10_m3_s: float
    peak_50_m3_s: float
    peak_90_m3_s: float
    highest_10_m: float
    highest_50_m: float
    highest_90_m: float
    above_10_m3: float
    """Water released above the safe release."""
    above_50_m3: float
    above_90_m3: float
    energy_10_mwh: float | None = None
    energy_50_mwh: float | None = None
    energy_90_mwh: float | None = None
    emergency_share: float
    """Part of the members that pass 異常洪水時防災操作開始水位."""
    full_share: float
    """Part of the members that pass 洪水時最高水位."""


class GateOpening(msgspec.Struct, frozen=True, kw_only=True):
    """How far the working gates of one id are open in a step; medians of the members."""

    gate: str
    name: str
    name_en: str
    rule_m: float
    optimum_m: float | None = None


class PlanStep(msgspec.Struct, frozen=True, kw_only=True):
    """One of the next steps."""

    at: datetime
    """Beginning of the step."""
    optimum_m3_s: float | None
    """The plan that is common to all members; None where no optimum was found."""
    rule_m3_s: float
    """What the rule, with the prior release, would let out: median of the members."""
    why: str
    """Why the rule does so, in most members."""
    why_en: str
    gates: tuple[GateOpening, ...] = ()
    openings: str = ""
    """The same in words: rule, optimum."""
    openings_en: str = ""


class DamAdvice(msgspec.Struct, frozen=True, kw_only=True):
    """Advice on one dam, ours: rule beside optimum, and why. People operate."""

    name: str
    name_en: str
    outlook: Literal["emergency", "above", "prior", "calm"]
    """By the rule without a prior release, in a tenth of the members or more."""
    issued_at: datetime
    state_at: datetime
    level_m: float
    release_m3_s: float
    forecast_at: datetime
    forecast_by: str
    members: int
    step_s: float
    advice: str
    advice_en: str
    ways: tuple[Way, ...]
    rule_peak_m3_s: float
    """90 % of the members are not above."""
    optimum_peak_m3_s: float | None = None
    prior_m3: float
    """事前放流: to be released before the flood."""
    prior_level_m: float
    flood_at: datetime | None = None
    """When a tenth of the members is a flood first."""
    plan: tuple[PlanStep, ...]
    gap: float | None = None
    """Relative distance of the optimum from what no operation can go below."""
    optimum_step_s: float | None = None
    gates_out: str = ""
    """Gates that are out of order, in words."""
    gates_out_en: str = ""
    parameters: str
    uncertainty: str
    uncertainty_en: str
    limits: str
    limits_en: str
    code_version: str


DAMS = Collection(
    id="hazards.dams",
    title=Text("ダム", "Dams"),
    text=Text(
        "ダムの貯水位・容量・放流能力の表、水位と流量の限度、操作規則の数値。それぞれに出典があります。",
        "Dams: tables of storage and outlets, limits, the rule's numbers, each with its source.",
    ),
    schema=DamSheet,
    verb=Verb.REFER,
    licence="whoever sent them",
)

DAM_STATES = Collection(
    id="hazards.dam_states",
    title=Text("ダムの状況", "How dams stand"),
    text=Text("貯水位と放流量。", "Level and release."),
    schema=DamState,
    licence="whoever sent them",
)

DAM_INFLOWS = Collection(
    id="hazards.dam_inflows",
    title=Text("ダム流入量の予測", "Inflow forecasts of dams"),
    text=Text(
        "ダムへの流入量のアンサンブル予測。気象庁のものではなく、作成者を示します。",
        "Ensembles of inflow to dams. Not JMA's; whoever made them is named.",
    ),
    schema=DamInflows,
    verb=Verb.PREDICT,
    licence="whoever sent them",
)

DAM_ADVICE = Collection(
    id="hazards.dam_advice",
    title=Text("ダム操作の助言(独自計算)", "Advice on dams (our own)"),
    text=Text(
        "同じ流入量予測での規則・事前放流・最適の比較と理由。助言です。操作は管理者が決めます。",
        "Rule, prior release and optimum on the same forecast, and why. Advice only: the dam's"
        " operators decide.",
    ),
    schema=DamAdvice,
    verb=Verb.PREDICT,
    licence="Apache-2.0",
)

COLLECTIONS = (DAMS, DAM_STATES, DAM_INFLOWS, DAM_ADVICE)
