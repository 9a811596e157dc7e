"""River forecasts on the map and in the list: which threshold is likely, and how earlier ones did.

The band itself is in the gauges' charts (:mod:`hinomi.domains.hazards.share.water`).
"""

from __future__ import annotations

from hinomi.kernel.errors import Text
from hinomi.vocabulary.layers import Board, Class, Field, Layer

_LIGHT, _BLACK = "#ffffff", "#000000"


def _number(name: str, ja: str, en: str, unit: str = "") -> Field:
    return Field(name=name, label=Text(ja, en), kind="number", unit=unit)


_CROSSINGS = Field(
    name="crossings", label=Text("基準水位に達する可能性", "Chance of each threshold"),
    kind="list",
    fields=(
        Field(name="label", name_en="label_en", label=Text("基準", "Threshold")),
        _number("level_m", "水位", "Level", "m"),
        Field(name="chance", label=Text("可能性", "Chance"), kind="share"),
        Field(name="likely_at", label=Text("見込み", "Likely"), kind="time"),
    ),
)  # fmt: skip
_STEPS = Field(
    name="steps", label=Text("予測(10%・中央・90%)", "Forecast (10 %, middle, 90 %)"), kind="list",
    fields=(
        Field(name="at", label=Text("時刻", "At"), kind="time"),
        _number("low_m", "下", "Low", "m"),
        _number("middle_m", "中央", "Middle", "m"),
        _number("high_m", "上", "High", "m"),
    ),
)  # fmt: skip
_SCORES = Field(
    name="scores", label=Text("これまでの成績", "How it did so far"), kind="list",
    fields=(
        _number("lead_h", "先", "Lead", "h"),
        _number("skill", "持続予測に対する技能", "Skill over persistence"),
        _number("mean_error_m", "平均誤差", "Mean error", "m"),
        _number("mean_error_persistence_m", "持続予測の平均誤差", "Persistence's", "m"),
        Field(name="in_band", label=Text("帯に入った割合", "In the band"), kind="share"),
        _number("count", "回数", "Count"),
    ),
)  # fmt: skip

RIVER_FORECASTS_LAYER = Layer(
    id="river-forecasts",
    group="water",
    collection="hazards.river_forecasts",
    title=Text("河川の水位予測(独自計算・公式でない)", "River forecasts (ours, not official)"),
    shape="diamond",
    property="outlook",
    classes=(
        Class(
            value="overflow", colour="#0c000c", ink=_LIGHT,
            label=Text("氾濫開始水位の見込み", "Likely over its banks"),
        ),
        Class(
            value="danger", colour="#aa00aa", ink=_LIGHT,
            label=Text("氾濫危険水位の見込み", "Likely over the danger level"),
        ),
        Class(
            value="evacuation", colour="#ff2800", ink=_BLACK,
            label=Text("避難判断水位の見込み", "Likely over the evacuation level"),
        ),
        Class(
            value="caution", colour="#f2e700",
            label=Text("氾濫注意水位の見込み", "Likely over the caution level"),
        ),
        Class(
            value="standby", colour="#7bc47f",
            label=Text("水防団待機水位の見込み", "Likely over the standby level"),
        ),
        Class(
            value="observing", colour="#3b9bd6",
            label=Text("観測開始水位の見込み", "Likely over the observing level"),
        ),
        Class(
            value="withheld", colour="#495057", ink=_LIGHT,
            label=Text("予測できない(水位計の異常・途絶)", "Withheld: gauge in doubt or silent"),
        ),
        Class(
            value="none", colour="#8fa3b5",
            label=Text("上の基準に達しない見込み", "No further threshold likely"),
        ),
    ),
    name=Text("name", "name_en"),
    fields=(
        Field(name="words", name_en="words_en", label=Text("予測", "Forecast")),
        _CROSSINGS,
        _STEPS,
        _SCORES,
        Field(name="lapses_at", label=Text("新しい観測値なしでの有効期限", "Lapses"), kind="time"),
        Field(name="flags_words", name_en="flags_words_en", label=Text("注意", "Take care")),
        Field(name="uncertainty", name_en="uncertainty_en", label=Text("不確かさ", "Uncertainty")),
        Field(name="limits", name_en="limits_en", label=Text("限界", "Limits")),
    ),
    board=Board(
        title=Text("河川の水位予測(独自計算)", "River forecasts (ours)"),
        empty=Text("予測している水位計はありません。", "No gauge is forecast."),
        since="issued_at",
        fields=(Field(name="words", name_en="words_en", label=Text("", "")),),
        slim=True,
    ),
    area="municipality_code",
    days=0.25,
    shown=False,
    credit="Hinomi(独自計算)",
)  # fmt: skip
