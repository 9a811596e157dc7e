"""Layers of the ground: earthquakes and volcanoes, in JMA's colours."""

from __future__ import annotations

from hinomi.kernel.errors import Text
from hinomi.vocabulary.layers import Board, Class, Field, Layer

_DARK = "#1b2430"

_LIGHT = "#ffffff"

_BLACK = "#000000"
"""Where white has less contrast than small text needs (WCAG 2.2, 1.4.3)."""

_JMA = "気象庁"

_HEADLINE = Field(name="headline", label=Text("見出し", "Headline"))

_INTENSITIES: tuple[tuple[str, Text, str, str], ...] = (
    ("7", Text("震度７", "Intensity 7"), "#b40068", _LIGHT),
    ("6+", Text("震度６強", "Intensity 6 upper"), "#a50021", _LIGHT),
    ("6-", Text("震度６弱", "Intensity 6 lower"), "#ff2800", _BLACK),
    ("5+", Text("震度５強", "Intensity 5 upper"), "#ff9900", _DARK),
    ("5-", Text("震度５弱", "Intensity 5 lower"), "#ffe600", _DARK),
    ("4", Text("震度４", "Intensity 4"), "#fae696", _DARK),
    ("3", Text("震度３", "Intensity 3"), "#0041ff", _LIGHT),
    ("2", Text("震度２", "Intensity 2"), "#00aaff", _DARK),
    ("1", Text("震度１", "Intensity 1"), "#f2f2ff", _DARK),
)

QUAKES_LAYER = Layer(
    id="quakes",
    group="ground",
    collection="hazards.quakes",
    title=Text("地震（7日間）", "Earthquakes (7 days)"),
    shape="diamond",
    property="max_intensity",
    classes=(
        *(Class(value=v, label=text, colour=c, ink=ink) for v, text, c, ink in _INTENSITIES),
        Class(label=Text("震度情報なし", "No intensity stated"), colour="#8a949e", ink=_DARK),
    ),
    name=Text("hypocentre", "hypocentre_en"),
    days=7,
    size_px=8,
    label_zoom=7,
    fields=(
        Field(name="origin_time", label=Text("発生", "Time"), kind="time"),
        Field(name="magnitude", label=Text("マグニチュード", "Magnitude"), kind="number"),
        Field(name="depth_km", label=Text("深さ", "Depth"), kind="number", unit="km"),
        Field(name="tsunami_text", label=Text("津波", "Tsunami")),
        _HEADLINE,
    ),
    board=Board(
        title=Text("地震（7日間）", "Earthquakes (7 days)"),
        empty=Text("7日以内の地震情報はありません。", "None in the last seven days."),
        since="origin_time",
        fields=(
            Field(name="magnitude_text", label=Text("", "")),
            Field(name="tsunami_text", label=Text("", "")),
        ),
        happens=True,
    ),
    credit=_JMA,
)

VOLCANOES_LAYER = Layer(
    id="volcanoes",
    group="ground",
    collection="hazards.volcanoes",
    title=Text("火山（噴火警戒レベル2以上・警報）", "Volcanoes (alert level 2 and above)"),
    shape="mountain",
    property="alert_level",
    classes=(
        Class(
            value=5,
            label=Text("レベル５（避難）", "Level 5: evacuate"),
            colour="#c800ff",
            ink=_BLACK,
        ),
        Class(
            value=4,
            label=Text("レベル４（高齢者等避難）", "Level 4: prepare to evacuate"),
            colour="#ff2800",
            ink=_BLACK,
        ),
        Class(
            value=3,
            label=Text("レベル３（入山規制）", "Level 3: do not approach"),
            colour="#ffaa00",
        ),
        Class(
            value=2,
            label=Text("レベル２（火口周辺規制）", "Level 2: keep from the crater"),
            colour="#faf500",
        ),
        Class(label=Text("警報（レベルなし）", "Warning without a level"), colour="#b08d57"),
    ),
    name=Text("volcano_name", "volcano_name_en"),
    filter="part = 'level' AND about = 'volcano' AND in_force = true",
    size_px=8,
    label_zoom=6.5,
    fields=(
        Field(name="kind", label=Text("種別", "Kind")),
        Field(name="action", label=Text("防災対応", "What it asks")),
        _HEADLINE,
    ),
    board=Board(
        title=Text("火山", "Volcanoes"),
        empty=Text("発表中の噴火警報はありません。", "No eruption warning in force."),
        since="said_at",
        fields=(Field(name="kind", label=Text("", "")),),
    ),
    credit=_JMA,
)

SHAKE_LAYER = Layer(
    id="shake-maps",
    group="ground",
    collection="hazards.shake_maps",
    title=Text("推計震度分布(独自計算・公式でない)", "Shake map (ours, not official)"),
    shape="grid",
    classes=tuple(
        Class(at_least=least, label=text, colour=colour, ink=ink)
        for (_, text, colour, ink), least in zip(
            _INTENSITIES, (6.5, 6.0, 5.5, 5.0, 4.5, 3.5, 2.5, 1.5, 0.5), strict=True
        )
    ),
    name=Text("hypocentre", "hypocentre"),
    fields=(
        Field(name="told", name_en="told_en", label=Text("揺れの中の人・建物", "Who is shaken")),
        Field(name="observed", label=Text("使った市町村", "Municipalities used"), kind="number"),
        Field(name="sigma", label=Text("標準偏差", "Standard deviation"), kind="number"),
        Field(name="limits", name_en="limits_en", label=Text("限界", "Limits")),
    ),
    days=7,
    shown=False,
    credit="Hinomi(独自計算)",
)
