"""Instrumental intensity: the legal filter, what lasts, and what is no record."""

from __future__ import annotations

import numpy as np
import pytest

from hinomi.kernel.errors import InputError
from hinomi.science.shaking.intensity import (
    gain,
    held_acceleration,
    held_samples,
    intensity,
    intensity_class,
)

RATE_HZ = 100.0


def sine(frequency_hz: float, amplitude_gal: float, seconds: float = 60.0) -> np.ndarray:
    time = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    wave = np.zeros((3, time.size))
    wave[0] = amplitude_gal * np.sin(2 * np.pi * frequency_hz * time)
    return wave


def test_the_gain_is_what_the_notification_s_formulas_give_by_hand() -> None:
    """f = 1 Hz: (1/1)^0.5, y = 0.1, (1 - exp(-8))^0.5, worked with ten digits by hand."""
    high = (1 + 0.694e-2 + 0.241e-4 + 0.0557e-6 + 0.009664e-8 + 0.00134e-10 + 0.000155e-12) ** -0.5
    assert gain(np.array([1.0]))[0] == pytest.approx(high * (1 - np.exp(-8.0)) ** 0.5, rel=1e-12)
    assert gain(np.array([0.0]))[0] == 0
    assert gain(np.array([1e-9]))[0] < 1e-6


@pytest.mark.parametrize("frequency_hz", [0.5, 1.0, 2.0, 8.0])
def test_a_steady_sine_is_held_at_its_peak_times_the_gain(frequency_hz: float) -> None:
    held = held_acceleration(sine(frequency_hz, 100.0), RATE_HZ)
    assert held == pytest.approx(100.0 * gain(np.array([frequency_hz]))[0], rel=5e-3)


def test_an_offset_is_no_shaking() -> None:
    wave = sine(1.0, 50.0)
    assert held_acceleration(wave + 30.0, RATE_HZ) == pytest.approx(
        float(held_acceleration(wave, RATE_HZ)), rel=1e-6
    )


@pytest.mark.parametrize("samples", [6000, 6007, 30011])
def test_a_raw_record_s_offset_is_no_shaking_whatever_its_length(samples: int) -> None:
    """Primes are lengths behind which a transform puts zeros; K-NET's files keep the offset."""
    time = np.arange(samples) / RATE_HZ
    burst = np.exp(-(((time - time[-1] / 2) / 5) ** 2))
    wave = 30 * np.random.default_rng(6).standard_normal((3, samples)) * burst
    tilted = wave - np.array([[12.0], [-40.0], [980.665]])
    assert held_acceleration(tilted, RATE_HZ) == pytest.approx(
        float(held_acceleration(wave, RATE_HZ)), rel=1e-3
    )
    # As the notification has it: the record's own Fourier series, by the plain sum's transform.
    spectrum = np.fft.rfft(tilted) * gain(np.fft.rfftfreq(samples, 1 / RATE_HZ))
    vector = np.sort(np.sqrt((np.fft.irfft(spectrum, samples) ** 2).sum(axis=0)))
    assert held_acceleration(tilted, RATE_HZ) == pytest.approx(vector[-30], rel=1e-3)


def test_it_is_the_vector_of_the_components_and_their_order_is_nothing() -> None:
    wave = np.random.default_rng(1).normal(0, 20, (3, 6000))
    held = held_acceleration(wave, RATE_HZ)
    assert held_acceleration(wave[::-1], RATE_HZ) == pytest.approx(float(held))
    both = held_acceleration(np.stack([wave, 2 * wave]), RATE_HZ)
    assert both == pytest.approx(held * np.array([1.0, 2.0]))


def test_single_precision_gives_the_same_intensity() -> None:
    wave = np.random.default_rng(2).normal(0, 20, (3, 6000))
    single = held_acceleration(wave.astype(np.float32), RATE_HZ)
    assert single.dtype == np.float32
    assert single == pytest.approx(float(held_acceleration(wave, RATE_HZ)), rel=1e-4)


def test_a_gap_makes_the_record_unknown_and_not_its_neighbour() -> None:
    wave = np.random.default_rng(3).normal(0, 20, (2, 3, 6000))
    wave[0, 1, 100] = np.nan
    assert np.isnan(held_acceleration(wave, RATE_HZ)).tolist() == [True, False]


def test_thirty_samples_are_held_at_100_hz() -> None:
    assert held_samples(100.0) == 30


@pytest.mark.parametrize(
    ("held", "published", "name"),
    [
        (127.85, 5.1, "5+"),
        (0.3388, 0.0, "0"),
        (1000.0, 6.9, "7"),
        (59.9, 4.4, "4"),
        (60.0, 4.5, "5-"),
    ],
)
def test_intensity_is_rounded_and_then_cut(held: float, published: float, name: str) -> None:
    assert intensity(held) == published
    assert intensity_class(published) == name


def test_no_shaking_has_no_finite_intensity_and_an_unknown_one_no_class() -> None:
    assert intensity(0.0) == -np.inf
    assert intensity_class(-np.inf) == "0"
    with pytest.raises(InputError):
        intensity_class(float("nan"))


@pytest.mark.parametrize(
    ("wave", "rate_hz"),
    [(np.zeros((2, 6000)), 100.0), (np.zeros((3, 50)), 100.0), (np.zeros((3, 600)), 10.0)],
)
def test_what_is_no_record_is_refused(wave: np.ndarray, rate_hz: float) -> None:
    with pytest.raises(InputError):
        held_acceleration(wave, rate_hz)


def test_many_records_at_once_are_what_each_is_alone() -> None:
    waves = np.random.default_rng(7).standard_normal((3, 50, 3, 2000)) * 40
    waves[1, 20, 2, 300] = np.nan
    held = held_acceleration(waves, RATE_HZ)
    assert held.shape == (3, 50)
    assert np.isnan(held).sum() == 1, "what is not known of one record spoils no other"
    for at in ((0, 0), (0, 49), (1, 0), (1, 20), (2, 49)):
        alone = float(held_acceleration(waves[at], RATE_HZ))
        assert held[at] == pytest.approx(alone, rel=1e-12, nan_ok=True)
