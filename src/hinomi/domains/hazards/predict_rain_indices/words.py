"""What the rain indices say of themselves, and of what they could not use."""

from __future__ import annotations

from hinomi.kernel.errors import Problem, Text

UNCERTAINTY = Text(
    "幅は計算していません。雨量の誤差(レーダーで数割)がそのまま指数に入ります。",
    "No spread was computed: errors of the rain (tens of per cent by radar) go into the index.",
)
LIMITS = Text(
    "独自の計算で、気象庁の指数・警報ではありません。公式の情報が優先します。空の状態から始めたタンクは"
    "数週間は小さすぎます(running_since)。rain_untilより後は雨を0とした下限です。雪・融雪は考えません。"
    "表面雨量指数と流域雨量指数は気象庁の係数ではありません。",
    "Our own computation, not JMA's indices or warnings; official information comes first. Tanks"
    " that began empty are too low for weeks (running_since). After rain_until no rain falls: the"
    " least that can be. No snow. Surface and runoff indices are not by JMA's coefficients.",
)
_TEXTS = {
    "rain-indices.table": Text("基準・係数の表が使えません。", "A table could not be used."),
    "rain-indices.late": Text(
        "遅れて届いた画像は、残っている状態より古いため指数に入りません。",
        "A picture came later than the oldest state that is kept: it is not in the index.",
    ),
    "rain-indices.gap": Text(
        "雨の途切れが3日を超えたため、タンクを空から始めます。",
        "No rain was known for over three days: the tanks begin empty.",
    ),
    "rain-indices.grid": Text(
        "雨の格子が変わったため、タンクを空から始めます。",
        "The rain's grid has changed: the tanks begin empty.",
    ),
    "rain-indices.missing": Text(
        "雨が分からない時間がありました。その間は0として続けます。",
        "For some time no rain was known: it was taken as none, and the index is the least.",
    ),
    "rain-indices.lost": Text(
        "画像の格子がもう残っていません。", "Pictures' grids are not there any more."
    ),
    "rain-indices.state": Text("タンクの状態が読めません。", "A state of the tanks is unreadable."),
    "rain-indices.network": Text(
        "この雨からは指数を計算できません。", "No index can be made of this rain."
    ),
    "rain-indices.extra": Text(
        "計算の部品が入っていません。pip install 'hinomi[models]'",
        "What computes it is not installed: pip install 'hinomi[models]'",
    ),
}


def problem(code: str, path: str, found: str) -> Problem:
    """Return what is wrong, as an alarm."""
    return Problem(code, path, _TEXTS[code], "alarm", found[:300], "rain of each ten minutes")
