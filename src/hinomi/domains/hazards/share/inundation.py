"""The layer of our own inundation forecasts, in the colours of Japan's inundation maps."""

from __future__ import annotations

from hinomi.kernel.errors import Text
from hinomi.vocabulary.layers import Board, Class, Field, Layer

_COLOURS = (
    (6, "20m以上", "20 m and more", "#dc7adc"),
    (5, "10〜20m", "10 to 20 m", "#f285c9"),
    (4, "5〜10m", "5 to 10 m", "#ff9191"),
    (3, "3〜5m", "3 to 5 m", "#ffb7b7"),
    (2, "0.5〜3m", "0.5 to 3 m", "#ffd8c0"),
    (1, "0.5m未満", "under 0.5 m", "#f7f5a9"),
)
"""As in ``science/inundation/ranks.py`` (a test holds them equal: science is not loaded here)."""

INUNDATION_LAYER = Layer(
    id="inundation-forecasts",
    group="water",
    collection="hazards.inundation_forecasts",
    title=Text("浸水予測(独自計算・公式でない)", "Inundation forecast (ours, not official)"),
    shape="area",
    property="rank",
    classes=tuple(
        Class(value=rank, label=Text(ja, en), colour=colour) for rank, ja, en, colour in _COLOURS
    ),
    name=Text("title", "title"),
    filter="part = 'depth'",
    shown=False,
    fields=(
        Field(
            name="rank_label",
            name_en="rank_label_en",
            label=Text("最大浸水深", "Greatest depth"),
        ),
        Field(
            name="earliest_arrival_min",
            label=Text("最も早い到達", "First reached after"),
            kind="number",
            unit="min",
        ),
        Field(name="area_m2", label=Text("面積", "Area"), kind="number", unit="m2"),
        Field(name="limits", name_en="limits_en", label=Text("限界", "Limits")),
    ),
    board=Board(
        title=Text("浸水予測(独自計算)", "Inundation forecasts (ours)"),
        empty=Text("浸水予測はありません。", "No inundation forecast."),
        fields=(Field(name="rank_label", name_en="rank_label_en", label=Text("", "")),),
        slim=True,
    ),
    credit="Hinomi(独自計算)",
)
