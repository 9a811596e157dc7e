"""Who leaves and when: the surveys' own numbers come out where they hold alone."""

from __future__ import annotations

import numpy as np
import pytest

from hinomi.kernel.errors import InputError
from hinomi.science.evacuation.demand import (
    BY_CAR,
    Behaviour,
    Groups,
    Share,
    leave,
    logistic,
    rayleigh,
    triangle,
)

CERTAIN = Share(1.0, 1.0, 1.0)


def groups(*, people: float = 1000.0, level: int = 4, wet: bool = False, slow: bool = False,
           told: float = 0.0) -> Groups:  # fmt: skip
    return Groups(
        people=np.array([people]), level=np.array([level]), told_min=np.array([told]),
        facing_water=np.array([wet]), needs_time=np.array([slow]),
    )  # fmt: skip


def test_curves_agree_with_their_closed_forms() -> None:
    # Half have left at beta, and 1 - exp(-1/2) at sigma.
    assert logistic(np.array([90.0]), 90.0, 0.05)[0] == 0.5
    assert rayleigh(np.array([30.0]), 30.0)[0] == pytest.approx(1 - np.exp(-0.5), abs=1e-15)
    # Tweedie 1986: P = 1 - exp(-t^2 / 1800).
    assert rayleigh(np.array([60.0]), 30.0)[0] == pytest.approx(1 - np.exp(-2), abs=1e-15)


def test_a_triangle_has_its_textbook_mean_and_variance() -> None:
    low, likely, high = 0.15, 0.409, 0.512
    ranks = (np.arange(200_000) + 0.5) / 200_000
    drawn = triangle(Share(low, likely, high), ranks)
    assert drawn.mean() == pytest.approx((low + likely + high) / 3, abs=1e-6)
    variance = (low**2 + likely**2 + high**2 - low * likely - low * high - likely * high) / 18
    assert drawn.var() == pytest.approx(variance, rel=1e-4)


def test_where_nothing_is_uncertain_the_answer_is_the_product() -> None:
    sure = Behaviour(
        told=Share(0.39, 0.39, 0.39), to_shelter=Share(0.4, 0.4, 0.4),
        spread_min=Share(30.0, 30.0, 30.0),
    )  # fmt: skip
    found = leave(groups(), np.array([30.0, 6000.0]), sure)
    expected = 1000 * 0.39 * 0.4
    assert found.total[-1] == pytest.approx(expected)
    assert found.total_low[-1] == pytest.approx(found.total_high[-1])
    assert found.total[0] == pytest.approx(expected * (1 - np.exp(-0.5)))


def test_water_at_the_door_and_higher_levels_make_more_leave_and_the_range_holds_the_middle() -> (
    None
):
    times = np.array([60.0, 720.0])
    told, facing = leave(groups(), times), leave(groups(wet=True), times)
    secure, early = leave(groups(level=5), times), leave(groups(level=3), times)
    assert early.total[-1] < told.total[-1] < facing.total[-1] == secure.total[-1]
    assert leave(groups(level=3, slow=True), times).total[-1] == told.total[-1]
    assert leave(groups(level=2, wet=True), times).total_high[-1] == 0
    assert (told.total_low < told.total).all()
    assert (told.total < told.total_high).all()
    # Joso 2015: 55 % left, 40.9 % of them to designated places.
    assert facing.total_low[-1] < 1000 * 0.55 * 0.409 < facing.total_high[-1]
    assert 0 < BY_CAR.low < BY_CAR.likely < BY_CAR.high < 1


def test_nobody_leaves_before_being_told_and_the_same_input_gives_the_same_answer() -> None:
    times = np.arange(0.0, 600.0, 30.0)
    found = leave(groups(told=120.0), times)
    assert (found.left[0, times <= 120] == 0).all()
    assert (np.diff(found.left[0]) >= 0).all()
    np.testing.assert_array_equal(found.total_high, leave(groups(told=120.0), times).total_high)


@pytest.mark.parametrize(
    "broken",
    [groups(people=-1.0), groups(people=float("nan")), groups(level=6), groups(told=float("nan"))],
    ids=["negative", "unknown", "level", "time"],
)
def test_numbers_that_cannot_be_are_refused(broken: Groups) -> None:
    with pytest.raises(InputError):
        leave(broken, np.array([60.0]))


def test_a_share_out_of_order_is_refused() -> None:
    with pytest.raises(InputError):
        triangle(Share(0.5, 0.2, 0.9), np.array([0.5]))
