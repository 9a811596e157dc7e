"""Nowcasts: what must be true of any, and the sequences that are there."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from hinomi.kernel.errors import InputError
from hinomi.science.nowcast import check_frames, exceedance, extrapolate, motion, rain_rate, verify

T0 = datetime(2026, 9, 1, tzinfo=UTC)
FIVE = timedelta(minutes=5)


def blobs(at: float) -> np.ndarray:
    y, x = np.mgrid[0:120, 0:160]
    shapes = [(30, 40, 9), (70, 60, 14), (50, 100, 7), (90, 30, 11), (20, 110, 8)]
    return sum(
        12 * np.exp(-((x - a - 3 * at) ** 2 + (y - b - 2 * at) ** 2) / (2 * s**2))
        for b, a, s in shapes
    )


def test_whole_cells_are_moved_exactly() -> None:
    rain = np.random.default_rng(1).gamma(0.3, 8, (40, 50))
    wind = np.stack([np.full(rain.shape, 2.0), np.full(rain.shape, -1.0)])
    out = extrapolate(rain, wind, 3)
    np.testing.assert_allclose(out[2, :-3, 6:], rain[3:, :-6], rtol=1e-5)
    assert np.isnan(out[2, -3:]).all()
    assert np.isnan(out[2, :, :6]).all()


def test_a_turning_field_comes_back_after_a_turn() -> None:
    y, x = np.mgrid[0:81, 0:81] - 40.0
    turn = 2 * np.pi / 72
    rain = np.exp(-((x - 15) ** 2 + y**2) / 60)
    out = extrapolate(rain, np.stack([-turn * y, turn * x]), 72)
    quarter = np.exp(-((y - 15) ** 2 + x**2) / 60)
    middle = slice(15, 66)
    np.testing.assert_allclose(out[17, middle, middle], quarter[middle, middle], atol=0.02)
    np.testing.assert_allclose(out[71, middle, middle], rain[middle, middle], atol=0.05)


def test_not_known_stays_not_known_and_moves_along() -> None:
    rain = np.ones((20, 20))
    rain[5, 5] = np.nan
    still = extrapolate(rain, np.zeros((2, 20, 20)), 1)[0]
    assert np.isnan(still[5, 5])
    moved = extrapolate(rain, np.stack([np.full((20, 20), 4.0), np.zeros((20, 20))]), 1)[0]
    assert np.isnan(moved[5, 9])
    assert moved[5, 15] == 1


def moved(frames: np.ndarray, folder: Path) -> np.ndarray:
    """Return the motion, found in a process of its own.

    pysteps beside other libraries in C has been seen to end a process with "double free" at its
    exit; which pair does is not known, so the suite's own process never loads it.
    """
    given, made = folder / "frames.npy", folder / "motion.npy"
    np.save(given, frames)
    code = (
        "import sys, numpy as np; from hinomi.science.nowcast.motion import motion;"
        "np.save(sys.argv[2], motion(np.load(sys.argv[1])))"
    )
    subprocess.run([sys.executable, "-c", code, given, made], check=True, timeout=120)
    return np.load(made)


def test_the_motion_of_moving_blobs_is_found_and_beats_persistence(tmp_path: Path) -> None:
    frames = np.stack([blobs(t) for t in (0, 1, 2)])
    wind = moved(frames, tmp_path)
    wet = frames[2] > 1
    assert wind[0][wet].mean() == pytest.approx(3, abs=0.4)
    assert wind[1][wet].mean() == pytest.approx(2, abs=0.4)
    found = verify(
        extrapolate(frames[2], wind, 3)[2], blobs(5), frames[2], minutes=15, threshold_mm_per_h=2
    )
    assert found.csi > 0.8 > found.csi_persistence
    assert found.fss > found.fss_persistence
    assert found.mae_extrapolation_mm_per_h < found.mae_persistence_mm_per_h


def test_without_rain_nothing_moves() -> None:
    assert not motion(np.zeros((3, 30, 30))).any()
    assert not motion(np.full((3, 30, 30), np.nan)).any()


def test_a_gap_ends_what_is_used_and_is_told() -> None:
    times = [T0, T0 + FIVE, T0 + 3 * FIVE, T0 + 4 * FIVE]
    checked = check_frames(times, np.zeros((4, 3, 3)), FIVE)
    assert checked.times == times[2:]
    assert [p.code for p in checked.problems] == ["nowcast.gap"]


def test_impossible_rain_is_never_forecast() -> None:
    rates = np.zeros((2, 3, 3))
    rates[1, 0, 0], rates[1, 1, 1], rates[0] = -3, 900, np.nan
    checked = check_frames([T0, T0 + FIVE], rates, FIVE)
    assert np.isnan(checked.rates[1]).sum() == 2
    assert {p.code for p in checked.problems} == {"nowcast.impossible", "nowcast.empty"}


def test_an_ensemble_is_judged_by_its_probabilities() -> None:
    truth = np.zeros((20, 20))
    truth[5:10, 5:10] = 5
    members = np.stack([truth, truth, np.roll(truth, 2, axis=1), truth * 0])
    found = verify(truth, truth, np.zeros((20, 20)), minutes=30, ensemble=members, window=3)
    assert found.csi == 1
    assert found.reliability is not None
    assert sum(found.reliability.counts) == found.cells == 400
    assert found.crps_mm_per_h is not None
    assert 0 < found.crps_mm_per_h < found.mae_persistence_mm_per_h
    chance = exceedance(members, [1.0])[0]
    assert chance[7, 7] == 0.75
    assert chance[0, 0] == 0


def test_rain_rate_follows_the_stated_relation() -> None:
    assert rain_rate(np.array([23.01]))[0] == pytest.approx(1.0, abs=2e-3)
    assert rain_rate(np.array([-10.0]))[0] == 0
    assert np.isnan(rain_rate(np.array([np.nan]))[0])


@pytest.mark.parametrize(
    ("rain", "wind", "steps"),
    [
        (np.zeros((3, 3)), np.zeros((2, 3, 4)), 1),
        (np.zeros((3, 3)), np.full((2, 3, 3), np.nan), 1),
        (np.zeros((3, 3)), np.zeros((2, 3, 3)), 0),
        (np.zeros((3, 3)), np.zeros((2, 3, 3)), 73),
    ],
)
def test_what_does_not_fit_is_refused(rain: np.ndarray, wind: np.ndarray, steps: int) -> None:
    with pytest.raises(InputError):
        extrapolate(rain, wind, steps)
