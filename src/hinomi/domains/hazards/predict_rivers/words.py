"""What a river forecast says, in Japanese and English."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from hinomi.domains.hazards.collections.rivers import Crossing, LevelStep
from hinomi.kernel.errors import Problem, Text
from hinomi.vocabulary.times import JST

LABELS = {
    "observing": Text("観測開始水位", "observing level"),
    "standby": Text("水防団待機水位", "standby level"),
    "caution": Text("氾濫注意水位", "caution level"),
    "evacuation": Text("避難判断水位", "evacuation level"),
    "danger": Text("氾濫危険水位", "danger level"),
    "overflow": Text("氾濫開始水位", "overflow level"),
}
"""Lowest first, by the state that a gauge is in from there on."""
UNCERTAINTY = Text(
    "帯は計算100通りの10〜90%を、この水位計での過去の外れ方に合わせて広げ縮めしたものです。2026年6月の"
    "実際の出水では86〜90%、訓練の直線的な水位では73〜80%が帯に入りました(1〜6時間先)。この水位計での"
    "成績はscoresにあります。",
    "The band is 10 to 90 % of 100 members, widened or narrowed by how it missed at this gauge"
    " before. In a real flood (June 2026) 86 to 90 % of what came was in it, on a drill's straight"
    " courses 73 to 80 % (1 to 6 hours). Scores tell how it did at this gauge.",
)
LIMITS = Text(
    "独自の計算で、気象庁・国土交通省の洪水予報ではありません。公式の情報を優先してください。潮位、ダムの"
    "放流、水門・ポンプ、合流点の背水、堤防の決壊は考えません。流域の諸元がない水位計では水位の動きだけから"
    "求めるため、これから降る雨は入っていません。",
    "Our own computation, not the flood forecasts of JMA and MLIT: those come first. Tides, dams'"
    " releases, gates and pumps, backwater and breaches are not in it. Where no basin is known it"
    " is made of the level's own course, and rain to come is not in it.",
)
FLAGS = {
    "gap": Text("数値でない観測値を除きました", "readings that are no numbers were left out"),
    "spike": Text("飛び離れた観測値を除きました", "single readings far off were left out"),
    "datum": Text(
        "水位が急に変わり戻らないため(基準高の変更か)、その後だけを使いました",
        "the level jumped and stayed (another datum?): only what came after is used",
    ),
    "unconfirmed": Text(
        "最新の観測値が急に変わり、まだ確かめられないため使っていません",
        "the newest reading jumped and is not confirmed yet: it is not used",
    ),
    "stuck": Text("水位が3時間以上変わっていません", "no change for three hours or more"),
    "frozen": Text(
        "動いていた水位が3時間以上止まっており、水位計の故障と見て予測しません",
        "a level that was moving stands still for three hours: the gauge is taken for stuck, and"
        " nothing is forecast from it",
    ),
    "silent": Text(
        "観測値が途絶えたため、それまでの予測を取り下げました",
        "no readings come any more: what was forecast before is withdrawn",
    ),
    "thresholds": Text(
        "水位が基準水位とかけ離れており(基準高の誤りか)、予測しません",
        "the level cannot belong to the gauge's thresholds (another datum?): no forecast",
    ),
    "rain": Text(
        "流域の雨が一部しか分からず、水位の動きで補いました",
        "the basin's rain is known in part: the level's own course stands in",
    ),
    "rating": Text(
        "予測が水位流量曲線の観測範囲を超えています",
        "the forecast is above the levels at which the rating was gauged",
    ),
}


def flag_words(flags: Sequence[str]) -> Text:
    """Return what the flags mean."""
    return Text("。".join(FLAGS[f].ja for f in flags), "; ".join(FLAGS[f].en for f in flags))


def silent_words(last: datetime, level_m: float, lapse_h: float) -> Text:
    """Return what is told of a gauge that has fallen silent: since when, and how it stood."""
    at = f"{last.astimezone(JST):%H:%M}"
    told = flag_words(("silent",))
    return Text(
        f"{at}({level_m:.2f}m)から後、{lapse_h:.1f}時間以上、{told.ja}。今の水位は分かりません。",
        f"since {at} ({level_m:.2f} m), for {lapse_h:.1f} h or more, {told.en}. The level now is"
        " not known.",
    )


def forecast_words(crossings: Sequence[Crossing], steps: Sequence[LevelStep], speed: float) -> Text:
    """Return the forecast in a sentence: the gravest threshold that may be reached, and when."""
    peak = max(steps, key=lambda s: s.middle_m)
    when = f"{peak.at.astimezone(JST):%H:%M}"
    top = max(s.high_m for s in steps)
    ja = [f"6時間以内の最高は{when}ごろ{peak.middle_m:.2f}m(帯の上端{top:.2f}m)"]
    en = [f"highest within 6 h about {peak.middle_m:.2f} m at {when} (top of the band {top:.2f} m)"]
    told = [c for c in crossings if c.chance >= 0.1]
    for crossing in reversed(told[-2:]):
        at = crossing.likely_at
        ja.append(
            f"{crossing.label}{crossing.level_m:.2f}mに達する可能性{crossing.chance:.0%}"
            + (f"、{at.astimezone(JST):%H:%M}ごろ" if at else "")
        )
        en.append(
            f"{crossing.label_en} {crossing.level_m:.2f} m: chance {crossing.chance:.0%}"
            + (f", about {at.astimezone(JST):%H:%M}" if at else "")
        )
    if not told:
        ja.append("上の基準水位に達する可能性は10%未満")
        en.append("less than 10 % to reach the next threshold")
    if speed != 1:
        ja.append(f"訓練の時間は{speed:g}倍で進む(予測の時刻は実際の時計)")
        en.append(f"the exercise's time goes {speed:g} times as fast; times are the clock's")
    return Text("。".join(ja) + "。", "; ".join(en) + ".")


_PROBLEMS = {
    "rivers.extra": Text(
        "計算の部品が入っていません。pip install 'hinomi[models]'",
        "What computes it is not installed: pip install 'hinomi[models]'",
    ),
    "rivers.gauge": Text(
        "水位計の値を信じられないため、水位を予測しません。",
        "The gauge cannot be believed: no level is forecast.",
    ),
    "rivers.sheet": Text("河川の諸元が使えません。", "The river's sheet cannot be used."),
}


def problem(code: str, path: str, found: str, expected: str) -> Problem:
    """Return what is told to whoever looks after the gauges."""
    return Problem(code, path, _PROBLEMS[code], "alarm", found, expected)
