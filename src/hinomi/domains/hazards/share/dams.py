"""Dams on the map and in the list: rule beside optimum, and why."""

from __future__ import annotations

from hinomi.kernel.errors import Text
from hinomi.vocabulary.layers import Board, Class, Field, Layer


def _number(name: str, ja: str, en: str, unit: str) -> Field:
    return Field(name=name, label=Text(ja, en), kind="number", unit=unit)


_WAYS = Field(
    name="ways", label=Text("規則と最適", "Rule and optimum"), kind="list",
    fields=(
        Field(name="label", name_en="label_en", label=Text("操作", "Operation")),
        _number("peak_90_m3_s", "最大放流(90%)", "Peak release (90 %)", "m3/s"),
        _number("peak_50_m3_s", "最大放流(50%)", "Peak release (50 %)", "m3/s"),
        _number("highest_90_m", "最高水位(90%)", "Highest level (90 %)", "m"),
        _number("above_90_m3", "無害流量超過(90%)", "Above the safe release (90 %)", "m3"),
        _number("energy_50_mwh", "発電(50%)", "Energy (50 %)", "MWh"),
        Field(name="emergency_share", label=Text("異常洪水時操作", "Emergency"), kind="share"),
    ),
)  # fmt: skip
_PLAN = Field(
    name="plan", label=Text("これからの放流", "Next releases"), kind="list",
    fields=(
        Field(name="at", label=Text("時刻", "From"), kind="time"),
        _number("rule_m3_s", "規則", "Rule", "m3/s"),
        _number("optimum_m3_s", "最適", "Optimum", "m3/s"),
        Field(name="openings", name_en="openings_en", label=Text("ゲート開度", "Gate openings")),
        Field(name="why", name_en="why_en", label=Text("規則の理由", "Why, by the rule")),
    ),
)  # fmt: skip
_ADVICE = Field(name="advice", name_en="advice_en", label=Text("助言", "Advice"))
_RULE = _number("rule_peak_m3_s", "規則", "Rule", "m3/s")
_BEST = _number("optimum_peak_m3_s", "最適", "Optimum", "m3/s")

DAMS_LAYER = Layer(
    id="dam-advice",
    group="water",
    collection="hazards.dam_advice",
    title=Text(
        "ダム操作の助言(独自計算・公式でない)", "Advice on dams (ours, not official)"
    ),
    shape="diamond",
    property="outlook",
    classes=(
        Class(
            value="emergency", colour="#0c000c", ink="#ffffff",
            label=Text("規則: 異常洪水", "Rule: emergency"),
        ),
        Class(
            value="above", colour="#aa00aa", ink="#ffffff",
            label=Text("規則: 無害流量超", "Rule: above safe"),
        ),
        Class(
            value="prior", colour="#f2e700",
            label=Text("事前放流", "Prior release"),
        ),
        Class(
            value="calm", colour="#8fa3b5", label=Text("平常", "Calm"), short=Text("平常", "calm")
        ),
    ),
    name=Text("name", "name_en"),
    size_px=8,
    label_zoom=9,
    fields=(
        _WAYS,
        _PLAN,
        _ADVICE,
        Field(
            name="gates_out", name_en="gates_out_en",
            label=Text("動かせないゲート", "Gates out of order"),
        ),
        Field(name="forecast_by", label=Text("流入量予測の作成", "Inflow forecast by")),
        Field(name="forecast_at", label=Text("予測の時刻", "Forecast of"), kind="time"),
        Field(name="limits", name_en="limits_en", label=Text("限界", "Limits")),
    ),
    board=Board(
        title=Text(
            "ダム操作の助言(独自計算・操作は管理者が決めます)",
            "Advice on dams (ours; operators decide)",
        ),
        empty=Text("助言のあるダムはありません。", "No dam with advice."),
        since="issued_at",
        fields=(_RULE, _BEST),
        slim=True,
    ),
    credit="Hinomi(独自計算)",
)  # fmt: skip
