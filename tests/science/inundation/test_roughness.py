"""Manning's n from land use."""

from __future__ import annotations

import numpy as np
import pytest

from hinomi.kernel.errors import InputError
from hinomi.science.inundation.roughness import KSJ_CLASSES, roughness
from hinomi.science.inundation.run import Case, Run


def test_each_cell_is_as_rough_as_its_land_use_and_a_run_takes_it() -> None:
    classes = np.array([[1, 1, 7], [5, 7, 11]])
    n = roughness(classes, {1: 0.05, 5: 0.1, 7: 0.04, 11: 0.03})
    assert n.tolist() == [[0.05, 0.05, 0.04], [0.1, 0.04, 0.03]]
    Run(Case(np.zeros((2, 3)), 10.0, 60.0, manning=n, threads=1))
    assert set(np.unique(classes)) <= set(KSJ_CLASSES)


@pytest.mark.parametrize(
    ("table", "says"),
    [({1: 0.05}, r"7 \(1 cells\)"), ({1: 0.05, 7: 4.0}, "7: 4.0"), ({}, "no class")],
)
def test_a_table_with_holes_or_wild_numbers_is_refused(table: dict[int, float], says: str) -> None:
    with pytest.raises(InputError, match=says):
        roughness(np.array([[1, 7]]), table)
