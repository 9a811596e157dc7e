"""What advice on a dam says, in Japanese and English."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from hinomi.domains.hazards.collections.dams import PlanStep, Way
from hinomi.kernel.errors import Problem, Text
from hinomi.vocabulary.times import JST

if TYPE_CHECKING:
    from hinomi.science.dams.prior import Prior

ADVICE_ONLY = Text("助言です。操作は管理者が決めます。", "Advice only: the dam's operators decide.")
UNCERTAINTY = Text(
    "値は流入量予測のメンバーの10・50・90%です。予測に入らない誤差(雨・流出・表の誤差)は含みません。",
    "Values are the 10, 50 and 90 % of the forecast's members. What the forecast does not know"
    " (errors of rain, runoff, tables) is not in them.",
)
LIMITS = Text(
    "独自の計算で、ダム管理者・国土交通省・気象庁の情報ではありません。助言です。操作は管理者が決めます。"
    "最適は6時間より後は各メンバーの流入を知るものとして求めるため、実際より良く出ます。異常洪水時の操作は"
    "計画より優先します。落差は始めの水位、放流能力は各時刻の始めの貯水量によります。ゲートは"
    "諸元と状況に書かれた寸法・開閉速度・故障のとおりに動くものとし、諸元がなければ表の能力まで直ちに"
    "流せるものとします。下流の巡視・警報の時間、利水者との協議、堆砂は考えません。",
    "Our own computation, not by the dam's operators, MLIT or JMA. Advice only: the dam's operators"
    " decide. Beyond six hours the optimum knows each member's inflow, and so is better than can"
    " be. Emergency operation stands above the plan. The head is that of the start, a step's"
    " capacity that of its beginning. Gates move as the sheet and the state say (sizes, speed, what"
    " is out of order); where the sheet tells none, what the table says can be let out at once. The"
    " time to warn people downstream, talks with the water's users and sediment are not in it.",
)
LABELS = {
    "rule": Text("規則", "Rule"),
    "prior": Text("規則+事前放流", "Rule with prior release"),
    "optimum": Text("最適", "Optimum"),
}
WHY = (
    Text("貯留(回復)", "refilling"),
    Text("流入量をそのまま放流", "inflow goes through"),
    Text("事前放流", "prior release"),
    Text("洪水調節", "flood control"),
    Text("水位低下操作", "drawdown after the flood"),
    Text("異常洪水時防災操作", "emergency operation"),
    Text("放流設備か放流の原則による限度", "limit of outlets or of the release's rise"),
    Text("計画", "plan"),
)
"""In the order of :class:`hinomi.science.dams.rules.Why` (a test holds them equal)."""
_MOST_PHASES = 6
_LEAST_FORCED_M3_S = 0.5


class Told(NamedTuple):
    """What the words are made of."""

    name: Text
    ways: tuple[Way, ...]
    prior: Prior
    flood_at: datetime | None
    first_at: datetime
    start_m3_s: float
    safe_m3_s: float
    plan: tuple[PlanStep, ...]
    phases: tuple[tuple[datetime, Text], ...]
    missing: Text | None
    forced_m3_s: float = 0.0
    """By how much the optimum has to pass the limit on the release's rise, or the common plan."""
    gates_out: Text = Text("", "")
    """Which gates are out of order."""


def words(told: Told) -> Text:
    """Return the advice: rule beside optimum, the prior release, the next hours, and why."""
    parts = [_results(told), _why(told), _prior(told), _next(told), _gates(told), ADVICE_ONLY]
    parts = [part for part in parts if part.ja]
    return Text("".join(p.ja for p in parts), " ".join(p.en for p in parts))


def _gates(told: Told) -> Text:
    """Return how far the gates are to be open in the next step, and which cannot be moved."""
    ja, en = "", []
    if told.plan and told.plan[0].openings:
        first = told.plan[0]
        ja += f"ゲート開度({_hour(first.at)}から): {first.openings}。"
        en.append(f"Gates from {_hour_en(first.at)}: {first.openings_en}.")
    if told.gates_out.ja:
        ja += f"動かせないゲート: {told.gates_out.ja}。"
        en.append(f"Out of order: {told.gates_out.en}.")
    return Text(ja, " ".join(en))


def _results(told: Told) -> Text:
    ja = [
        f"{w.label}: 最大放流{w.peak_90_m3_s:.0f}m3/s(90%)、最高水位{w.highest_90_m:.1f}m"
        for w in told.ways
    ]
    en = [
        f"{w.label_en}: greatest release {w.peak_90_m3_s:.0f} m3/s (90 %), highest level"
        f" {w.highest_90_m:.1f} m"
        for w in told.ways
    ]
    if told.missing is not None:
        ja.append(f"最適: 求まりませんでした({told.missing.ja.rstrip('。')})")
        en.append(f"Optimum: not found ({told.missing.en.rstrip('.')})")
    return Text("。".join(ja) + "。", ". ".join(en) + ".")


def _why(told: Told) -> Text:
    rule, last = told.ways[0], told.ways[-1]
    phases = told.phases[:_MOST_PHASES]
    ja = (
        f"理由: 流入のうち無害流量{told.safe_m3_s:.0f}m3/sを超える量は"
        f"{_ja(told.prior.needed_m3)}(90%)、"
        f"空き容量は{_ja(told.prior.free_m3)}。規則(水量最大のメンバー): "
        + "→".join(f"{_hour(at)}{why.ja}" for at, why in phases)
        + "。"
    )
    en = (
        f"Why: {_en(told.prior.needed_m3)} come above the safe release of"
        f" {told.safe_m3_s:.0f} m3/s (90 %), {_en(told.prior.free_m3)} are free. The rule, in the"
        " member with the most water: "
        + ", ".join(f"{_hour_en(at)} {why.en}" for at, why in phases)
        + "."
    )
    if any(way.emergency_share > 0 for way in told.ways):
        ja += "異常洪水時防災操作の水位を超えるメンバー: "
        ja += "、".join(f"{way.label}{way.emergency_share:.0%}" for way in told.ways) + "。"
        en += " Members that pass the emergency level: "
        en += ", ".join(f"{way.label_en} {way.emergency_share:.0%}" for way in told.ways) + "."
    if last.way == "optimum":
        band = _band(last.emergency_share)
        ja, en = ja + band.ja, f"{en} {band.en}"
        ja += (
            f"無害流量を超えて流す量(90%)は規則{_ja(rule.above_90_m3)}、"
            f"最適{_ja(last.above_90_m3)}。"
        )
        en += (
            f" Released above the safe release (90 %): rule {_en(rule.above_90_m3)}, optimum"
            f" {_en(last.above_90_m3)}."
        )
        if told.forced_m3_s >= _LEAST_FORCED_M3_S:
            ja += (
                "自然に越流するなどのため、放流の原則か全メンバー共通の計画を最大"
                f"{told.forced_m3_s:.0f}m3/s外れることが避けられません。"
            )
            en += (
                " Water that runs over by itself leaves no choice: the limit on the release's rise,"
                f" or the plan for all members, is passed by up to {told.forced_m3_s:.0f} m3/s."
            )
        if last.peak_90_m3_s > rule.peak_90_m3_s:
            ja += "最適の最大放流は規則より大きくなります(水位か総量を優先したため)。"
            en += " The optimum's greatest release is above the rule's: level or volume came first."
    return Text(ja, en)


def _band(share: float) -> Text:
    """Return whether the optimum keeps the band free from which emergency operation begins."""
    if share <= 0:
        return Text(
            "最適は異常洪水時防災操作の水位から上の容量を使いません。",
            "The optimum does not use the storage above the emergency level.",
        )
    return Text(
        f"最適でも{share:.0%}のメンバーでは異常洪水時防災操作の水位を超えることが避けられません。",
        f"In {share:.0%} of the members even the optimum cannot stay below the emergency level.",
    )


def _prior(told: Told) -> Text:
    hours = None
    if told.flood_at is not None:
        hours = (told.flood_at - told.first_at).total_seconds() / 3600
    if told.prior.volume_m3 <= 0:
        short = told.prior.needed_m3 > told.prior.free_m3
        return Text(
            "事前放流: 流す水がないか、回復が見込めません。" if short
            else "事前放流: 空き容量が足りるため、要りません。",
            "Prior release: there is no water for it, or none that would come back." if short
            else "Prior release: not needed, there is room.",
        )  # fmt: skip
    if not hours or told.flood_at is None:
        return Text(
            f"事前放流: {_ja(told.prior.volume_m3)}が要りますが、洪水はもう始まっています。"
            if hours == 0 else f"事前放流: {_ja(told.prior.volume_m3)}(洪水量に達する予測はない)。",
            f"Prior release: {_en(told.prior.volume_m3)} are needed, but the flood is there."
            if hours == 0 else f"Prior release: {_en(told.prior.volume_m3)} (no flood forecast).",
        )  # fmt: skip
    return Text(
        f"{hours:.0f}時間後({_hour(told.flood_at)})までに{_ja(told.prior.volume_m3)}の事前放流"
        f"(水位{told.prior.level_m:.1f}mまで): 早ければその時に流入が洪水量"
        f"{told.start_m3_s:.0f}m3/sを超えます。",
        f"Prior release of {_en(told.prior.volume_m3)} (down to {told.prior.level_m:.1f} m) within"
        f" {hours:.0f} h, until {_hour_en(told.flood_at)}: then at the earliest the inflow"
        f" passes {told.start_m3_s:.0f} m3/s.",
    )


def _next(told: Told) -> Text:
    ja, en = [], []
    for step in told.plan[:_MOST_PHASES]:
        best = "" if step.optimum_m3_s is None else f"{step.optimum_m3_s:.0f}"
        ja.append(f"{_hour(step.at)} 規則{step.rule_m3_s:.0f}" + (f"・最適{best}" if best else ""))
        en.append(
            f"{_hour_en(step.at)} rule {step.rule_m3_s:.0f}" + (f", optimum {best}" if best else "")
        )
    return Text(
        f"これから(全メンバー共通、m3/s): {'、'.join(ja)}。",
        f"Next (one plan for all members, m3/s): {'; '.join(en)}.",
    )


def _ja(volume_m3: float) -> str:
    return f"{volume_m3 / 1e6:.1f}百万m3" if volume_m3 >= 1e5 else f"{volume_m3 / 1e3:.0f}千m3"


def _en(volume_m3: float) -> str:
    if volume_m3 >= 1e5:
        return f"{volume_m3 / 1e6:.1f} million m3"
    return f"{volume_m3 / 1e3:.0f} thousand m3"


def _hour(at: datetime, later_h: float = 0.0) -> str:
    local = _local(at, later_h)
    return f"{local.day}日{local:%H:%M}"


def _hour_en(at: datetime, later_h: float = 0.0) -> str:
    return f"{_local(at, later_h):%d %b %H:%M}"


def _local(at: datetime, later_h: float) -> datetime:
    return (at + timedelta(hours=later_h)).astimezone(JST)


def problem(dam: str, why: Text) -> Problem:
    """Return why there is no advice, as an alarm."""
    return Problem(
        "dam-advice.none", dam,
        Text(f"ダム操作の助言を計算できません: {why.ja}", f"No advice on this dam: {why.en}"),
        "alarm", why.en[:300], "a state at most 3 h older than a forecast that goes on after it",
    )  # fmt: skip
