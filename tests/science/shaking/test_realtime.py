"""The recursive filters follow the legal one; the meter ends where the record's intensity is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.signal import sosfreqz

from hinomi.kernel.errors import InputError
from hinomi.science.shaking.intensity import gain, held_acceleration
from hinomi.science.shaking.long_period import (
    PERIODS_S,
    long_period_class,
    velocity_response,
)
from hinomi.science.shaking.realtime import Meter, greatest, stages
from hinomi.standards.accelerograms import decode_jma

RECORDS = ("AA06EA01.csv", "Q416EED018.csv", "Q4169D2004.csv")


def test_the_six_filters_are_the_legal_one_within_three_per_cent() -> None:
    frequencies = np.geomspace(0.1, 10, 40)
    _, response = sosfreqz(stages(100.0), worN=2 * np.pi * frequencies / 100)
    np.testing.assert_allclose(np.abs(response) / gain(frequencies), 1, atol=0.031)


@pytest.mark.parametrize("name", RECORDS)
def test_on_jmas_records_the_meter_ends_at_the_records_intensity(
    name: str, shared_data: Path
) -> None:
    wave = decode_jma((shared_data / "hazard" / "jma_intensity" / name).read_bytes())
    held = float(held_acceleration(wave.acceleration_gal, wave.rate_hz))
    legal = 2 * np.log10(held) + 0.94
    assert greatest(wave.acceleration_gal, wave.rate_hz) == pytest.approx(legal, abs=0.1)


def test_blocks_of_any_length_tell_the_same() -> None:
    waves = np.random.default_rng(4).normal(0, 30, (3, 900)) + 500.0
    whole, pieces = Meter(100.0), Meter(100.0)
    told = whole.push(waves)
    for first in range(0, 900, 37):
        last = pieces.push(waves[:, first : first + 37])
    assert last == pytest.approx(told, abs=1e-9)


def test_an_offset_alone_shakes_nothing() -> None:
    assert Meter(100.0).push(np.full((3, 500), 980.0)) < -3


@pytest.mark.parametrize("bad", [np.zeros((2, 5)), np.zeros((3, 0)), np.full((3, 5), np.nan)])
def test_bad_samples_are_told(bad: np.ndarray) -> None:
    with pytest.raises(InputError):
        Meter(100.0).push(bad)


def test_an_oscillator_in_resonance_sways_as_the_closed_form_has_it() -> None:
    """Steady sine at an oscillator's own period: |v_abs| = v_ground sqrt(1 + 4 h^2) / (2 h)."""
    period, amplitude, rate = 4.0, 10.0, 100.0
    time = np.arange(int(240 * rate)) / rate
    slowly = np.minimum(np.minimum(time, time[::-1]) / 80, 1)
    waves = np.stack([amplitude * slowly * np.sin(2 * np.pi * time / period), 0 * time])
    found = velocity_response(waves, rate)[PERIODS_S.index(period)]
    ground = amplitude * period / (2 * np.pi)
    assert found == pytest.approx(ground * np.sqrt(1 + 4 * 0.05**2) / 0.1, rel=0.03)


def test_jmas_records_have_a_class(shared_data: Path) -> None:
    path = shared_data / "hazard" / "jma_intensity" / RECORDS[0]
    wave = decode_jma(path.read_bytes())
    response = velocity_response(wave.acceleration_gal[:2], wave.rate_hz)
    assert response.shape == (32,)
    assert long_period_class(response) >= 1  # Intensity 5 upper at Yonago: tall buildings swayed.


def test_the_classes_begin_where_jma_says() -> None:
    found = [long_period_class(np.array([v])) for v in (4.99, 5, 15, 50, 100, 400)]
    assert found == [0, 1, 2, 3, 4, 4]


@pytest.mark.parametrize(("rate_hz", "most"), [(80.0, 0.055), (100.0, 0.03), (200.0, 0.02)])
def test_the_meter_s_filter_is_as_near_to_the_legal_one_as_it_says(
    rate_hz: float, most: float
) -> None:
    frequency = np.array([0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0])
    _, response = sosfreqz(stages(rate_hz), worN=frequency, fs=rate_hz)
    assert np.abs(np.abs(response) / gain(frequency) - 1).max() < most
