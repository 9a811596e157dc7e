"""Staff and goods: each quantity is its source's, and counted as the source says."""

from __future__ import annotations

import numpy as np
import pytest

from hinomi.kernel.errors import InputError
from hinomi.science.evacuation.intake import NEEDS, ROLES, intake


def steady(people: float, hours: int = 24) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.full(hours, people)


def test_a_full_gym_for_three_days_needs_what_the_guidelines_say() -> None:
    goods = intake(steady(200), steady(0), days=3).goods
    assert goods["water-drinking"] == 200 * 3 * 3
    assert goods["meals"] == 200 * 3 * 3
    assert goods["toilets-first"] == 4  # 50人に1基
    assert "toilets-later" not in goods  # after the third day only
    assert goods["floor"] == 700  # 3.5 m2
    assert goods["toilet-bags"] == 200 * 5 * 3
    # Other water from the second day on: 15 L less the 3 L to drink (Sphere).
    assert goods["water-other"] == 200 * 12 * 2
    longer = intake(steady(200), steady(0), days=7).goods
    assert longer["toilets-later"] == 10  # 20人に1基
    assert longer["bathing"] == 4  # 50人に1つ


def test_people_who_come_later_have_eaten_less() -> None:
    rising = np.concatenate([np.zeros(12), np.full(12, 100.0)])
    goods = intake(rising, np.zeros(24), days=1).goods
    assert goods["meals"] == 150
    assert goods["blankets"] == 100


def test_staff_follow_the_heads_the_arrivals_and_those_who_need_help() -> None:
    people = np.array([120.0, 300.0, 300.0])
    found = intake(people, np.array([0.0, 60.0, 60.0]), days=0.125)
    assert found.staff["reception"] == [2, 2, 3, 2]  # 180 come in the second hour
    assert found.staff["operation"] == [2, 2, 3, 3]
    assert found.staff["care"] == [0, 0, 6, 6]
    assert found.staff["lead"] == [1, 1, 1, 1]


def test_shifts_cover_the_days() -> None:
    assert intake(steady(10), steady(0), days=3).shifts["lead"] == 9  # 3 shifts of 8 h a day
    assert intake(steady(10), steady(0), days=1).shifts["reception"] == 6


def test_every_quantity_names_its_source_and_how_sure_it_is() -> None:
    for one in (*NEEDS, *ROLES):
        assert one.source
        assert one.certainty in {"read", "memory", "assumed"}
        assert (one.certainty == "assumed") == ("assumed" in one.source)
    assert len({one.id for one in NEEDS}) == len(NEEDS)


@pytest.mark.parametrize(
    ("people", "days"),
    [([-1.0], 1.0), ([float("nan")], 1.0), ([], 1.0), ([1.0], 0.0), ([1.0], float("inf"))],
    ids=str,
)
def test_numbers_that_cannot_be_are_refused(people: list[float], days: float) -> None:
    with pytest.raises(InputError):
        intake(np.array(people), np.zeros(len(people)), days=days)
