"""How rain looks: JMA's own colours for rain per hour."""

from __future__ import annotations

from hinomi.kernel.errors import Text
from hinomi.vocabulary.layers import UNKNOWN, Board, Class, Field, Layer
from hinomi.vocabulary.levels import LEVELS

_STEPS = (
    (80.0, "#b40068"),
    (50.0, "#ff2800"),
    (30.0, "#ff9900"),
    (20.0, "#faf500"),
    (10.0, "#0041ff"),
    (5.0, "#218cff"),
    (1.0, "#a0d2ff"),
    (0.1, "#f2f2ff"),
)
"""[mm/h] from which on, and the colour: 気象庁ホームページにおける気象情報の配色に関する設定指針
(2012), 降水の強さ. There the last begins above 0."""
HOURS = 3
"""Pictures that the screen plays through."""
_UNKNOWN = Class(value=UNKNOWN, label=Text("不明", "Not known"), colour="#aeb6be")
_CLASSES = (
    *(
        Class(at_least=step, label=Text(f"{step:g}〜 mm/h", f"{step:g}+ mm/h"), colour=colour)
        for step, colour in _STEPS
    ),
    _UNKNOWN,
)
_FIELDS = (
    Field(name="network", label=Text("レーダー・解析", "Radars or analysis")),
    Field(name="greatest", label=Text("最大", "Greatest"), kind="number", unit="mm/h"),
)

_SCORES = Field(
    name="scores", label=Text("成績", "Scores"), kind="list",
    fields=(
        Field(name="lead_min", label=Text("何分前", "Made before"), kind="number", unit="min"),
        Field(name="csi", label=Text("CSI", "CSI"), kind="number"),
        Field(name="csi_persistence", label=Text("CSI(持続)", "CSI, persistence"), kind="number"),
        Field(name="fss", label=Text("FSS", "FSS"), kind="number"),
        Field(name="fss_persistence", label=Text("FSS(持続)", "FSS, persistence"), kind="number"),
        Field(name="crps", label=Text("CRPS", "CRPS"), kind="number", unit="mm/h"),
        Field(name="mean_error_persistence", label=Text("CRPS(持続)", "CRPS, persistence"),
              kind="number", unit="mm/h"),
        Field(name="brier", label=Text("ブライア", "Brier"), kind="number"),
        Field(name="brier_persistence", label=Text("ブライア(持続)", "Brier, persistence"),
              kind="number"),
    ),
)  # fmt: skip
_AHEAD = (
    Field(name="issued_at", label=Text("計算時刻", "Issued"), kind="time"),
    Field(name="rain_until", label=Text("予測雨量はここまで", "Rain known until"), kind="time"),
    Field(name="running_since", label=Text("タンクの開始", "Tanks since"), kind="time"),
    Field(name="limits", name_en="limits_en", label=Text("限界", "Limits")),
)

RAIN_LAYER = Layer(
    id="rain",
    group="rain",
    collection="hazards.rain",
    title=Text("雨(レーダー・解析)", "Rain (radar, analyses)"),
    shape="grid",
    classes=_CLASSES,
    name=Text("network", "network"),
    fields=_FIELDS,
    days=HOURS / 24,
    shown=False,
    credit="FMI (CC BY 4.0), KNMI, 気象庁",
)

NOWCAST_LAYER = Layer(
    id="rain-nowcasts",
    group="rain",
    collection="hazards.rain_nowcasts",
    title=Text("60分先までの雨(独自計算・公式でない)", "Rain, next 60 min (ours, not official)"),
    shape="grid",
    classes=_CLASSES,
    name=Text("network", "network"),
    fields=(
        Field(name="speed_km_h", label=Text("雨域の速さ", "Rain moves at"), kind="number",
              unit="km/h"),
        Field(name="limits", name_en="limits_en", label=Text("限界", "Limits")),
    ),
    days=HOURS / 24,
    shown=False,
    credit="Hinomi(独自計算)",
)  # fmt: skip

_CALM = "#e8f6ff"
"""Judged and below every criterion: told apart from what is not known, which is clear."""

LEVEL_LAYER = Layer(
    id="rain-levels",
    group="rain",
    collection="hazards.rain_indices",
    title=Text(
        "雨の危険度分布・6時間先まで(独自計算・公式でない)",
        "Rain risk by level, 6 h ahead (ours, not official)",
    ),
    shape="grid",
    filter="parameter = 'rain_level'",
    classes=(
        *(
            Class(
                at_least=float(level.number), colour=level.colour, ink=level.ink,
                label=Text(f"レベル{level.number}相当の基準", f"Criterion of level {level.number}"),
            )
            for level in reversed(LEVELS)
            if level.number >= 2
        ),
        Class(at_least=0.0, label=Text("基準未満", "Below the criteria"), colour=_CALM),
    ),
    name=Text("network", "network"),
    fields=_AHEAD,
    days=HOURS / 24,
    shown=False,
    credit="Hinomi(独自計算)、基準: 気象庁",
)  # fmt: skip

SOIL_LAYER = Layer(
    id="soil-water-index",
    group="rain",
    collection="hazards.rain_indices",
    title=Text(
        "土壌雨量指数・6時間先まで(独自計算・公式でない)",
        "Soil water index, 6 h ahead (ours, not official)",
    ),
    shape="grid",
    filter="parameter = 'soil_water_index_mm'",
    classes=tuple(
        Class(at_least=step, label=Text(f"{step:g}〜 mm", f"{step:g}+ mm"), colour=colour)
        for step, colour in (
            (250.0, "#4d004b"), (200.0, "#88419d"), (150.0, "#8c6bb1"), (100.0, "#8c96c6"),
            (50.0, "#b3cde3"), (1.0, "#edf8fb"),
        )
    ),
    name=Text("network", "network"),
    fields=_AHEAD,
    days=HOURS / 24,
    shown=False,
    credit="Hinomi(独自計算)",
)  # fmt: skip

RISKS_LAYER = Layer(
    id="rain-risks",
    group="rain",
    collection="hazards.rain_risks",
    title=Text("市町村の雨の危険度(独自計算)", "Rain risk by municipality (ours)"),
    shape="none",
    property="level_ahead",
    filter="level_ahead >= 2",
    classes=tuple(
        Class(
            at_least=float(level.number), colour=level.colour, ink=level.ink,
            label=Text(f"レベル{level.number}相当の基準", f"Criterion of level {level.number}"),
        )
        for level in reversed(LEVELS)
        if level.number >= 2
    ),
    name=Text("area_name", "area_name"),
    area="area_code",
    fields=(
        Field(name="level", label=Text("今のレベル", "Level now"), kind="number"),
        Field(name="level_ahead", label=Text("6時間以内", "Within 6 h"), kind="number"),
        Field(name="reached_at", label=Text("達する時刻", "Reached at"), kind="time"),
        Field(name="limits", name_en="limits_en", label=Text("限界", "Limits")),
    ),
    board=Board(
        title=Text("雨の危険度(独自計算・公式でない)", "Rain risk (ours, not official)"),
        empty=Text("基準に達する市町村はありません。", "No municipality reaches a criterion."),
        since="issued_at",
        fields=(
            Field(name="level", label=Text("今", "now"), kind="number"),
            Field(name="level_ahead", label=Text("6時間以内", "in 6 h"), kind="number"),
            Field(name="reached_at", label=Text("到達", "at"), kind="time"),
        ),
        slim=True,
    ),
    credit="Hinomi(独自計算)、基準: 気象庁",
)  # fmt: skip


def _chance_layer(threshold: int) -> Layer:
    steps = ((0.9, "#7a0177"), (0.7, "#c51b8a"), (0.5, "#f768a1"), (0.3, "#fbb4b9"),
             (0.1, "#feebe2"))  # fmt: skip
    return Layer(
        id=f"rain-chances-{threshold}",
        group="rain",
        collection="hazards.rain_chances",
        title=Text(
            f"60分先までに{threshold}mm/h以上の確率(独自計算・公式でない)",
            f"Chance of {threshold} mm/h or more, next 60 min (ours, not official)",
        ),
        shape="grid",
        filter=f"threshold_mm_per_h = {threshold}",
        classes=(
            *(
                Class(at_least=s, label=Text(f"{s:.0%}〜", f"{s:.0%}+"), colour=colour)
                for s, colour in steps
            ),
            _UNKNOWN,
        ),
        name=Text("network", "network"),
        fields=(Field(name="limits", name_en="limits_en", label=Text("限界", "Limits")),),
        days=HOURS / 24,
        shown=False,
        credit="Hinomi(独自計算)",
    )


SCORES_LAYER = Layer(
    id="nowcast-scores",
    group="rain",
    collection="hazards.nowcast_scores",
    title=Text("降水予測の成績", "How the rain nowcasts did"),
    shape="none",
    classes=(Class(label=Text("成績", "Scores"), colour="#218cff"),),
    name=Text("network", "network"),
    fields=(_SCORES,),
    days=HOURS / 24,
    board=Board(
        title=Text("降水予測(独自)の成績", "How our rain nowcasts did"),
        empty=Text("まだ照らし合わせた予測はありません。", "No nowcast has been checked yet."),
        since="at",
        fields=(_SCORES,),
        slim=True,
    ),
    credit="Hinomi(独自計算)",
)

LAYERS = (
    *(_chance_layer(threshold) for threshold in (1, 10, 30)), SCORES_LAYER,
    RAIN_LAYER, NOWCAST_LAYER, LEVEL_LAYER, SOIL_LAYER, RISKS_LAYER,
)  # fmt: skip
