"""Spikes and wells: what is too narrow and too high to be ground, and ground that only looks so."""

from __future__ import annotations

import numpy as np
import pytest

from hinomi.science.coverages.spikes import levelled, spikes

_Y, _X = np.mgrid[:50, :60].astype(float)
GROUND = _X * 5.0 + np.abs(_Y - 25) * 2.0


@pytest.mark.parametrize(
    ("rows", "columns", "height_m"),
    [
        (slice(20, 21), slice(20, 21), 900.0),
        (slice(20, 21), slice(20, 22), 900.0),
        (slice(20, 22), slice(20, 22), -900.0),
        (slice(20, 21), slice(None), 2000.0),
        (slice(0, 1), slice(10, 12), 2000.0),
        (slice(1, 2), slice(10, 11), 2000.0),
        (slice(47, 49), slice(57, 59), -900.0),
    ],
)
def test_a_spot_or_stripe_up_to_two_cells_wide_is_found_and_levelled(
    rows: slice, columns: slice, height_m: float
) -> None:
    spoilt = GROUND.copy()
    spoilt[rows, columns] = height_m
    found = spikes(spoilt, 10.0)
    assert np.array_equal(found, spoilt != GROUND)
    assert np.abs(levelled(spoilt, found) - GROUND).max() < 4


@pytest.mark.parametrize(
    "ground",
    [
        GROUND + np.where(_X >= 30, 200.0, 0.0),
        200 - 15 * np.abs(_X - 30),
        15 * np.abs(_X - 30),
        GROUND - np.where(np.abs(_X - 29) <= 1, 80.0, 0.0),
    ],
    ids=["cliff", "ridge", "gorge", "canyon"],
)
def test_steep_ground_is_no_spike(ground: np.ndarray) -> None:
    assert not spikes(ground, 5.0).any()


def test_a_void_s_edge_is_no_spike_and_a_spike_beside_it_is_one() -> None:
    spoilt = GROUND.copy()
    spoilt[10:20, 10:20] = np.nan
    assert not spikes(spoilt, 10.0).any()
    spoilt[20, 20:22] = 900.0
    assert int(spikes(spoilt, 10.0).sum()) == 2
