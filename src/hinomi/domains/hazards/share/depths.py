"""The layer of the depth of water that sensors tell, in the colours of Japan's inundation maps."""

from __future__ import annotations

from hinomi.kernel.errors import Text
from hinomi.vocabulary.layers import Class, Field, Layer

HOURS = 3
_CLASSES = (
    (20.0, "20m以上", "20 m and more", "#dc7adc"),
    (10.0, "10〜20m", "10 to 20 m", "#f285c9"),
    (5.0, "5〜10m", "5 to 10 m", "#ff9191"),
    (3.0, "3〜5m", "3 to 5 m", "#ffb7b7"),
    (0.5, "0.5〜3m", "0.5 to 3 m", "#ffd8c0"),
    (0.05, "0.5m未満", "under 0.5 m", "#f7f5a9"),
)
"""As in ``science/inundation/ranks.py`` (a test holds them equal: science is not loaded here)."""
DEPTH_CLASSES = tuple(
    Class(at_least=least, label=Text(ja, en), colour=colour) for least, ja, en, colour in _CLASSES
)

DEPTHS_LAYER = Layer(
    id="depths",
    group="water",
    collection="hazards.depths",
    title=Text(
        "浸水深の推定(センサー・独自計算・公式でない)", "Depth from sensors (ours, not official)"
    ),
    shape="grid",
    classes=DEPTH_CLASSES,
    name=Text("network", "network"),
    fields=(
        Field(name="wet", label=Text("浸水中のセンサー", "Sensors under water"), kind="number"),
        Field(name="deepest_m", label=Text("最大", "Deepest"), kind="number", unit="m"),
        Field(name="area_m2", label=Text("面積", "Area"), kind="number", unit="m2"),
        Field(name="method_why", name_en="method_why_en", label=Text("求め方", "How")),
        Field(name="limits", name_en="limits_en", label=Text("限界", "Limits")),
    ),
    days=HOURS / 24,
    shown=False,
    appears="wet",
    credit="Hinomi(独自計算)、国土地理院(標高)",
)

DEPTH_FORECASTS_LAYER = Layer(
    id="depth-forecasts",
    group="water",
    collection="hazards.depth_forecasts",
    title=Text(
        "浸水深の1時間先まで(独自計算・公式でない)", "Depth, next hour (ours, not official)"
    ),
    shape="grid",
    classes=DEPTH_CLASSES,
    name=Text("network", "network"),
    fields=(
        Field(name="deepest_m", label=Text("最大", "Deepest"), kind="number", unit="m"),
        Field(name="rain_mm", label=Text("予測雨量", "Rain ahead"), kind="number", unit="mm"),
        Field(name="spread_m", label=Text("ばらつき", "Spread"), kind="number", unit="m"),
        Field(name="limits", name_en="limits_en", label=Text("限界", "Limits")),
    ),
    days=HOURS / 24,
    shown=False,
    credit="Hinomi(独自計算)、国土地理院(標高)",
)

INUNDATION_DEPTHS_LAYER = Layer(
    id="inundation-depths",
    group="water",
    collection="hazards.inundation_depths",
    title=Text("浸水の時間変化(独自計算・公式でない)", "Inundation over time (ours, not official)"),
    shape="grid",
    classes=DEPTH_CLASSES,
    name=Text("title", "title"),
    fields=(
        Field(name="title", label=Text("計算", "Run")),
        Field(name="deepest_m", label=Text("最大", "Deepest"), kind="number", unit="m"),
        Field(name="limits", name_en="limits_en", label=Text("限界", "Limits")),
    ),
    days=1,
    shown=False,
    appears="deepest_m",
    credit="Hinomi(独自計算)",
)
