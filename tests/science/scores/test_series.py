"""Scores of hydrographs against closed forms and published properties."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from hinomi.science.scores import kge, nse, peak, rmse

OBSERVED = np.array([1.0, 2.0, 4.0, 3.0, 2.0])


def test_the_truth_scores_one_and_the_mean_scores_what_is_published() -> None:
    """Knoben et al. 2019: the observed mean has NSE 0 and KGE 1 - sqrt 2."""
    mean = np.full(5, OBSERVED.mean())
    assert nse(OBSERVED, OBSERVED) == kge(OBSERVED, OBSERVED) == 1
    assert nse(mean, OBSERVED) == 0
    assert kge(mean, OBSERVED) == pytest.approx(1 - np.sqrt(2))


@settings(max_examples=50)
@given(
    arrays(np.float64, 20, elements=st.floats(0.1, 100), unique=True),
    st.floats(0.2, 5),
    st.floats(-3, 3),
)
def test_a_shift_and_a_factor_have_closed_forms(
    observed: np.ndarray, factor: float, shift: float
) -> None:
    """NSE of o + c: 1 - c^2/var; KGE of a o (a > 0): 1 - sqrt(2) |a - 1| (Gupta 2009)."""
    assert nse(observed + shift, observed) == pytest.approx(1 - shift**2 / observed.var())
    assert kge(observed * factor, observed) == pytest.approx(
        1 - np.sqrt(2) * abs(factor - 1), abs=1e-9
    )
    assert rmse(observed + shift, observed) == pytest.approx(abs(shift), abs=1e-9)


def test_nse_is_worked_by_hand() -> None:
    """Deviations -1.4, -.4, 1.6, .6, -.4: 5.2; errors 1, 0, 1, 0, 0: 2."""
    assert nse(np.array([2.0, 2, 3, 3, 2]), OBSERVED) == pytest.approx(1 - 2 / 5.2)


def test_gaps_are_left_out_and_what_cannot_be_scored_has_no_number() -> None:
    gap = np.array([1.0, np.nan, 4.0, 3.0, 2.0])
    assert nse(gap, OBSERVED) == 1
    assert np.isnan(nse(OBSERVED, np.ones(5)))
    assert np.isnan(kge(OBSERVED, np.zeros(5)))
    assert np.isnan(rmse(np.array([np.nan]), np.array([1.0])))
    assert np.isnan(peak(np.array([np.nan]), np.array([1.0]), np.array([0.0])).error)


def test_a_peak_that_is_low_and_early_says_so() -> None:
    found = peak(np.array([3.0, 1, 1, 1, 1]), OBSERVED, np.arange(5) * 10.0)
    assert found == (-1.0, -20.0)
