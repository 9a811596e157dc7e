"""JMA's instrumental seismic intensity (計測震度) of accelerograms."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hinomi.kernel.errors import InputError

Array = NDArray[np.floating]

HELD_S = 0.3
"""[s] a0 is the acceleration that is reached or passed for so long in total."""

CLASSES = (
    (0.5, "0"), (1.5, "1"), (2.5, "2"), (3.5, "3"), (4.5, "4"), (5.0, "5-"), (5.5, "5+"),
    (6.0, "6-"), (6.5, "6+"), (float("inf"), "7"),
)  # fmt: skip
"""Upper limits (excluded) of the scale's ten classes (震度階級), 気象庁告示第4号 (1996), 別表."""

_AT_ONCE = 300_000
"""Samples that are transformed together: what they need stays in a processor's second cache."""
_HIGH_CUT = (0.694, 0.241, 0.0557, 0.009664, 0.00134, 0.000155)
"""Coefficients of y^2, y^4 ... y^12, y = f / 10 Hz: 平成8年気象庁告示第4号 (15 February 1996)."""


def gain(frequency_hz: Array) -> NDArray[np.float64]:
    """Return what the legal filter makes of each frequency: period, high-cut, low-cut effects.

    気象庁告示第4号 (15 February 1996), 別表, items 1 and 2.

    Args:
        frequency_hz: [Hz, shape (...)] 0 or more; the gain at 0 is 0.

    Returns:
        [1, shape (...)].
    """
    f = np.asarray(frequency_hz, dtype=np.float64)
    square = (f / 10.0) ** 2
    high_cut = 1.0 / np.sqrt(np.polyval((*_HIGH_CUT[::-1], 1.0), square))
    # The period filter is infinite at 0 Hz and the low-cut 0 there; their product's limit is 0:
    # sqrt((1 - exp(-(f/0.5)^3)) / f).
    with np.errstate(divide="ignore", invalid="ignore"):
        low = np.sqrt(-np.expm1(-((f / 0.5) ** 3)) / f)
    gains: NDArray[np.float64] = np.where(f > 0, low * high_cut, 0.0)
    return gains


def held_acceleration(acceleration_gal: Array, rate_hz: float) -> Array:
    """Return a0 of records: the filtered vector acceleration that lasts for 0.3 s in total.

    The whole record is transformed at once, as the notification says; the offset is taken off, as
    its gain of 0 at 0 Hz does. Real transforms in the input's own precision: float32 differs by
    1e-5.

    Args:
        acceleration_gal: [gal, shape (..., 3, time)] three components in any order.
        rate_hz: [Hz] samples a second, 20 or more.

    Returns:
        [gal, shape (...)]; NaN for a record that holds NaN.

    Raises:
        InputError: no three components, shorter than 1 s, or the rate is too low.
    Limits:
        A record cut inside the strong shaking rings at its ends; JMA's meters transform 60-s
        windows as they come, which can differ by 0.1 from the whole record's value.

    References:
        気象庁告示第4号 (15 February 1996), 別表. Checked with JMA's own worked example, Yonago
        2000-10-06: 127.85 gal.
    """
    records = np.asarray(acceleration_gal)
    if not np.issubdtype(records.dtype, np.floating):
        records = records.astype(np.float64)
    _check(records, rate_hz)
    samples = records.shape[-1]
    # scipy's transform keeps float32 as it is; numpy's makes it double.
    from scipy import fft  # noqa: PLC0415 - heavy, and only who computes pays for it

    length = fft.next_fast_len(samples, real=True)
    gains = gain(np.fft.rfftfreq(length, 1 / rate_hz)).astype(records.dtype)
    held = held_samples(rate_hz)
    rows = records.reshape(-1, 3, samples)
    found = np.empty(len(rows), records.dtype)
    some = max(1, _AT_ONCE // (3 * samples))
    for first in range(0, len(rows), some):
        part = rows[first : first + some]
        # The offset goes before zeros are put behind the record: after them it would be a step, and
        # a meter's offset of 1 G an intensity of 6.
        spectrum = fft.rfft(part - part.mean(axis=-1, keepdims=True), length, overwrite_x=True)
        spectrum *= gains
        filtered = fft.irfft(spectrum, length, overwrite_x=True)[..., :samples]
        # One sample that is not known leaves none that is known behind the transforms.
        square = np.einsum("sct,sct->st", filtered, filtered)
        at = samples - held
        found[first : first + some] = np.sqrt(np.partition(square, at, axis=-1)[:, at])
    return found.reshape(records.shape[:-2])


def held_samples(rate_hz: float) -> int:
    """Return which sample from the top is a0: the 30th at 100 Hz."""
    return max(1, round(HELD_S * rate_hz))


def intensity(held_gal: Any) -> NDArray[np.float64]:
    """Return the instrumental intensity of a0: I = 2 log10 a0 + 0.94, as it is published.

    Rounded at the third decimal place and cut after the first (告示第4号, 別表, item 5).

    Args:
        held_gal: [gal, shape (...)].

    Returns:
        [1, shape (...)] one decimal; below 0 is kept (JMA shows it as 0).
    """
    with np.errstate(divide="ignore"):
        exact = 2.0 * np.log10(np.asarray(held_gal, dtype=np.float64)) + 0.94
    rounded = np.round(exact, 2)
    # 5.1 times 10 is a little below 51 in binary: step over what rounding left.
    cut: NDArray[np.float64] = np.floor(rounded * 10 + 1e-6) / 10
    return cut


def intensity_class(value: float) -> str:
    """Return the class of the scale (震度階級): ``0 1 2 3 4 5- 5+ 6- 6+ 7``.

    Example:
        >>> intensity_class(4.9), intensity_class(5.0)
        ('5-', '5+')
    """
    if np.isnan(value):
        raise InputError("an intensity that is not known has no class.", "震度が不明です。")
    return next(name for limit, name in CLASSES if value < limit)


def _check(records: Array, rate_hz: float) -> None:
    if records.ndim < 2 or records.shape[-2] != 3:
        raise InputError(
            f"records of shape {records.shape}: expected (..., 3, time), three components.",
            f"形が{records.shape}です。三成分 (..., 3, 時間) が必要です。",
        )
    if not rate_hz >= 20:
        raise InputError(
            f"{rate_hz} Hz: the intensity's filter reaches to 10 Hz, so 20 Hz is the least.",
            f"{rate_hz} Hzです。20 Hz以上が必要です。",
        )
    if records.shape[-1] < rate_hz:
        raise InputError(
            f"{records.shape[-1]} samples at {rate_hz} Hz: a record of 1 s is the least.",
            f"{rate_hz} Hzで{records.shape[-1]}点です。1秒以上が必要です。",
        )
