"""Scores against tables worked by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from hinomi.science.scores import Table, brier, contingency, crps, csi, fss, reliability


def test_finleys_tornadoes_have_their_published_scores() -> None:
    """Finley 1884: 28 hits, 72 false alarms, 23 misses, 2680 (Wilks 2011, Table 8.1)."""
    table = Table(28, 72, 23, 2680)
    assert table.csi == pytest.approx(0.228, abs=5e-4)
    assert table.pod == pytest.approx(0.549, abs=5e-4)
    assert table.far == pytest.approx(0.720, abs=5e-4)
    assert table.bias == pytest.approx(1.961, abs=5e-4)
    assert table.ets == pytest.approx(0.216, abs=5e-4)


def test_unknown_cells_are_in_no_table() -> None:
    said, came = np.array([1, np.nan, 1, 0, 0.0]), np.array([1, 1, np.nan, 1, 0.0])
    assert contingency(said, came, 1) == (1, 0, 1, 1)
    assert np.isnan(csi(np.zeros(3), np.zeros(3), 1))


def test_the_fraction_score_of_a_displaced_cell_is_worked_by_hand() -> None:
    """Two cells apart, squares of 3: shares 1/9 in 9 cells each, of which 3 in common."""
    one, other = np.zeros((7, 7)), np.zeros((7, 7))
    one[3, 2] = other[3, 4] = 1
    assert fss(one, other, 1, 1) == 0
    assert fss(one, other, 1, 3) == pytest.approx(1 - 12 / 18)
    assert fss(one, one, 1, 3) == 1
    assert np.isnan(fss(one * 0, one * 0, 1, 3))


def test_crps_is_worked_by_hand() -> None:
    """Members 1 and 3, truth 2: 1 - (0 + 2 + 2 + 0)/8 = 0.5; one member: its error."""
    assert crps(np.array([[1.0], [3.0]]), np.array([2.0]))[0] == pytest.approx(0.5)
    assert crps(np.array([[5.0]]), np.array([2.0]))[0] == 3.0


@settings(max_examples=50)
@given(arrays(np.float64, (6, 3), elements=st.floats(0, 100)), st.floats(0, 100))
def test_crps_by_ranks_is_the_double_sum(members: np.ndarray, truth: float) -> None:
    pairs = np.abs(members[:, None] - members[None]).mean(axis=(0, 1))
    expected = np.abs(members - truth).mean(axis=0) - pairs / 2
    np.testing.assert_allclose(crps(members, np.full(3, truth)), expected, atol=1e-9)


def test_a_reliable_forecast_lies_on_the_diagonal() -> None:
    said = np.array([0.2] * 5 + [0.8] * 5)
    came = np.array([1, 0, 0, 0, 0, 1, 1, 1, 1, 0]) > 0
    table = reliability(said, came, classes=5)
    assert table.counts == [0, 5, 0, 0, 5]
    assert [table.came[1], table.came[4]] == pytest.approx([0.2, 0.8])
    assert brier(said, came) == pytest.approx(0.16)
