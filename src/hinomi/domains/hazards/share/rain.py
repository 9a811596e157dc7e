"""How rain looks: JMA's own colours for rain per hour."""

from __future__ import annotations

from hinomi.kernel.errors import Text
from hinomi.vocabulary.layers import Class, Field, Layer

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
_CLASSES = tuple(
    Class(at_least=step, label=Text(f"{step:g}〜 mm/h", f"{step:g}+ mm/h"), colour=colour)
    for step, colour in _STEPS
)
_FIELDS = (
    Field(name="network", label=Text("レーダー・解析", "Radars or analysis")),
    Field(name="greatest", label=Text("最大", "Greatest"), kind="number", unit="mm/h"),
)

RAIN_LAYER = Layer(
    id="rain",
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
