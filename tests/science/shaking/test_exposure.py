"""People by class and houses destroyed: by hand, and against the published points of the curves."""

from __future__ import annotations

import math

import numpy as np
import pytest

from hinomi.kernel.errors import InputError
from hinomi.science.shaking.exposure import counted, destroyed_share


def test_each_person_counts_in_one_class() -> None:
    said = np.array([3.4, 3.5, 4.9, 5.2, 6.7, math.nan])
    found = counted(said, np.full(6, 0.2), np.array([1.0, 10, 100, 1_000, 10_000, 5]))
    assert found.best.tolist() == [10, 100, 1_000, 0, 0, 10_000]
    assert found.low.tolist() == [11_100, 11_100, 11_000, 10_000, 10_000, 10_000]
    assert found.high[0] == 11_111


@pytest.mark.parametrize(
    ("intensity", "age", "share"),
    [(6.4, "to 1961", 0.71), (6.4, "1962-81", 0.50), (6.4, "from 1982", 0.11),
     (6.5, "to 1961", 0.80), (6.5, "1962-81", 0.60), (6.5, "from 1982", 0.15)],
)  # fmt: skip
def test_the_curves_go_through_what_was_published(intensity: float, age: str, share: float) -> None:
    found = destroyed_share(np.array([intensity]), np.zeros(1), age)  # type: ignore[arg-type]
    assert found[0] == pytest.approx(share, abs=0.01)


def test_what_is_not_sure_spreads_and_nothing_falls_below_5_upper() -> None:
    sure, open_ = (destroyed_share(np.array([5.5]), np.array([s]), "1962-81")[0] for s in (0, 0.5))
    assert open_ > sure > 0
    assert destroyed_share(np.array([4.9, math.nan]), np.zeros(2), "to 1961").tolist() == [0, 0]


def test_a_negative_number_of_people_is_told() -> None:
    with pytest.raises(InputError):
        counted(np.array([5.0]), np.zeros(1), np.array([-1.0]))
