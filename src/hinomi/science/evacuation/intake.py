"""Intake (受け入れ業務): staff, goods and rooms that a shelter of so many people needs.

Each figure names where it was published, and how sure we are of it: ``read`` in the publication or
in others' quotation of it, ``memory`` not looked up again, ``assumed`` nobody's but ours. A town
puts its own in their place.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from hinomi.kernel.errors import InputError, Text

Array = NDArray[Any]
Certainty = Literal["read", "memory", "assumed"]

GUIDELINE = "内閣府 避難所運営等避難生活支援のためのガイドライン(令和6年12月改定)"
TOILETS = "内閣府 避難所におけるトイレの確保・管理ガイドライン(平成28年4月、令和6年12月改定)"
SPHERE = "Sphere Handbook 2018 (スフィアハンドブック)"
WATER_NEEDS = "Sphere Handbook, basic water needs: 2.5-3 + 2-6 + 3-6 = 7.5-15 L/person/day"
STOCK = "内閣府・農林水産省: 飲料水1人1日3L、1日3食、最低3日分"
OURS = "仮定(公表値を見つけていない) / assumed, no published figure was found"


@dataclass(frozen=True, kw_only=True)
class Need:
    """One good or facility, and how much of it."""

    id: str
    name: Text
    unit: Text
    per_person_day: float = 0.0
    """Used up: so much by each person in a day."""
    per_person: float = 0.0
    """Kept: so much for each person at the peak."""
    per_needs: float = 0.0
    """Kept: so much for each person who needs help, at the peak."""
    from_hour: float = 0.0
    """[h] after the opening: not needed before."""
    until_hour: float = math.inf
    source: str
    certainty: Certainty


NEEDS: tuple[Need, ...] = (
    Need(
        id="water-drinking", name=Text("飲料水", "Drinking water"), unit=Text("L", "L"),
        per_person_day=3.0, source=STOCK, certainty="read",
    ),
    Need(
        id="water-other", name=Text("生活用水", "Other water"), unit=Text("L", "L"),
        per_person_day=12.0, from_hour=24.0, source=f"{WATER_NEEDS}; 15 L - 3 L", certainty="read",
    ),
    Need(
        id="meals", name=Text("食事", "Meals"), unit=Text("食", "meals"), per_person_day=3.0,
        source=STOCK, certainty="memory",
    ),
    Need(
        id="blankets", name=Text("毛布", "Blankets"), unit=Text("枚", "pieces"), per_person=1.0,
        source=f"{SPHERE}: 1人1枚 (one a person)", certainty="memory",
    ),
    Need(
        id="beds", name=Text("簡易ベッド・段ボールベッド", "Camp beds"), unit=Text("台", "pieces"),
        per_person=1.0,
        source=f"{GUIDELINE}: 開設時から簡易ベッド・間仕切り", certainty="read",
    ),
    Need(
        id="toilets-first", name=Text("トイレ(当初)", "Toilets, at first"),
        unit=Text("基", "pieces"), per_person=1 / 50, until_hour=72.0,
        source=f"{TOILETS}: 50人に1基", certainty="read",
    ),
    Need(
        id="toilets-later", name=Text("トイレ(長期化)", "Toilets, later"),
        unit=Text("基", "pieces"), per_person=1 / 20, from_hour=72.0,
        source=f"{TOILETS}: 20人に1基", certainty="read",
    ),
    Need(
        id="toilet-bags", name=Text("携帯トイレ", "Toilet bags"), unit=Text("回分", "pieces"),
        per_person_day=5.0, source=f"{TOILETS}: 1人1日5回", certainty="read",
    ),
    Need(
        id="accessible-toilets", name=Text("要配慮者用トイレ", "Accessible toilets"),
        unit=Text("基", "pieces"), per_needs=1 / 20, source=OURS, certainty="assumed",
    ),
    Need(
        id="bathing", name=Text("入浴施設", "Bathing"), unit=Text("か所", "places"),
        per_person=1 / 50, from_hour=72.0, source=f"{GUIDELINE}: 50人に1つ", certainty="read",
    ),
    Need(
        id="floor", name=Text("居住面積", "Floor"), unit=Text("m2", "m2"), per_person=3.5,
        source=f"{GUIDELINE}: 1人最低3.5m2; {SPHERE}", certainty="read",
    ),
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Role:
    """Who works at a shelter: at least so many, and one for each so many people."""

    id: str
    name: Text
    at_least: int
    people_each: float
    """One for so many people in the shelter."""
    needs_each: float = math.inf
    """And one for so many who need help."""
    arrivals_each_h: float = math.inf
    """And one for so many who arrive in the hour."""
    shift_h: float = 8.0
    source: str
    certainty: Certainty


ROLES: tuple[Role, ...] = (
    Role(
        id="lead", name=Text("責任者", "Lead"), at_least=1, people_each=500.0,
        source=f"{OURS}; 1施設1人", certainty="assumed",
    ),
    Role(
        id="reception", name=Text("受付・名簿", "Reception"), at_least=2, people_each=math.inf,
        arrivals_each_h=60.0, source=f"{OURS}; 1件1分", certainty="assumed",
    ),
    Role(
        id="operation", name=Text("運営・誘導", "Operation"), at_least=2, people_each=100.0,
        source=OURS, certainty="assumed",
    ),
    Role(
        id="supplies", name=Text("物資・食料", "Supplies"), at_least=1, people_each=150.0,
        source=OURS, certainty="assumed",
    ),
    Role(
        id="health", name=Text("保健・医療", "Health"), at_least=0, people_each=250.0,
        needs_each=50.0, source=f"{OURS}; 保健師等の巡回を含む", certainty="assumed",
    ),
    Role(
        id="care", name=Text("要配慮者支援", "Care"), at_least=0, people_each=math.inf,
        needs_each=10.0, source="厚生労働省/内閣府 福祉避難所: 生活相談員 おおむね10人に1人",
        certainty="memory",
    ),
)  # fmt: skip
SET_UP_H = 1.0
"""[h] from the order to open to the first person let in: assumed (unlock, look at the building, lay
out reception; 内閣府's guideline lists the steps and gives no time)."""


@dataclass(frozen=True, kw_only=True)
class Intake:
    """What a shelter needs."""

    staff: dict[str, list[int]]
    """Role to people on duty in each hour from the opening on, set-up included."""
    shifts: dict[str, int]
    """Role to shifts (of the role's hours) to fill."""
    goods: dict[str, float]
    """Need to quantity, for the hours asked; whole pieces rounded up."""


def intake(
    people: Array, needs: Array, *, days: float, set_up_h: int = 1, roles: tuple[Role, ...] = ROLES,
    wanted: tuple[Need, ...] = NEEDS,
) -> Intake:  # fmt: skip
    """Return staff by role and hour, and goods.

    Args:
        people: [persons, shape (hours,)] in the shelter at the end of each hour after it opens.
        needs: [persons, shape (hours,)] of them who need help.
        days: [day] for how long goods are counted; after the hours given the last number stays.
        set_up_h: [h] before the first hour, in which each role's least is at work.
        roles: who works.
        wanted: what is needed.

    Raises:
        InputError: negative or unknown numbers, no hour.

    Example:
        >>> intake(np.full(24, 100.0), np.zeros(24), days=1).goods["toilets-first"]
        2.0
    """
    inside, helped = np.asarray(people, float), np.asarray(needs, float)
    if inside.ndim != 1 or inside.shape != helped.shape or not inside.size:
        raise InputError("people and needs: expected one number an hour.", "時間ごとの人数です。")
    if not (np.isfinite([inside, helped]).all() and (inside >= 0).all() and (helped >= 0).all()):
        raise InputError("people: expected 0 or more, no gaps.", "人数は0以上で欠測なしです。")
    if not (math.isfinite(days) and days > 0):
        raise InputError(f"days={days}: expected above 0.", f"日数{days}は正の数です。")
    arriving = np.maximum(np.diff(inside, prepend=0.0), 0.0)
    staff = {
        role.id: [role.at_least] * set_up_h
        + [_on_duty(role, *now) for now in zip(inside, helped, arriving, strict=True)]
        for role in roles
    }
    shifts = {role.id: _shifts(staff[role.id], role.shift_h, days) for role in roles}
    length = max(inside.size, round(24 * days))
    whole = np.pad(inside, (0, length - inside.size), mode="edge")[: round(24 * days)]
    peak, peak_needs = float(whole.max(initial=0.0)), float(helped.max())
    goods = {need.id: _quantity(need, whole, peak, peak_needs) for need in wanted}
    return Intake(staff=staff, shifts=shifts, goods={k: v for k, v in goods.items() if v > 0})


def _on_duty(role: Role, people: float, needs: float, arriving: float) -> int:
    """Return the greatest of what each ratio asks for, not their sum: one person does both."""
    asked = (people / role.people_each, needs / role.needs_each, arriving / role.arrivals_each_h)
    return max(role.at_least, *(math.ceil(round(part, 9)) for part in asked))


def _shifts(on_duty: list[int], shift_h: float, days: float) -> int:
    """Return how many shifts cover the days from the set-up on: a shift's busiest hour counts."""
    hours = max(round(24 * days), 1)
    whole = [*on_duty, *([on_duty[-1]] * (hours - len(on_duty)))][:hours]
    step = round(shift_h)
    return sum(max(whole[n : n + step]) for n in range(0, hours, step))


def _quantity(need: Need, people: Array, peak: float, peak_needs: float) -> float:
    hours = np.arange(people.size)
    during = (hours >= need.from_hour) & (hours < need.until_hour)
    if not during.any():
        return 0.0
    used = need.per_person_day * float(people[during].sum()) / 24
    kept = need.per_person * peak + need.per_needs * peak_needs
    return float(math.ceil(round(used + kept, 6)))
