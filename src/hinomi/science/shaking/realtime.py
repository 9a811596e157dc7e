"""Intensity while it shakes: the legal filter approximated sample by sample (リアルタイム震度).

References:
    功刀・青井・中村・鈴木・森川・藤原 2013, 地震 第2輯 65, 223-230: six recursive filters that
    follow 気象庁告示第4号's from 0.1 to 10 Hz; coefficients f0 to f5, h2a, h2b, h3, h4, h5 and g.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hinomi.kernel.errors import InputError
from hinomi.science.shaking.intensity import Array, held_samples

_F = (0.45, 7.0, 0.5, 12.0, 20.0, 30.0)
"""[Hz] f0 to f5."""
_H2A, _H2B, _H3, _H4, _H5, _GAIN = 1.0, 0.75, 0.9, 0.6, 0.6, 1.262
WINDOW_S = 60.0
"""[s] a0 is looked for in the last minute, as JMA's meters do."""


def stages(rate_hz: float) -> NDArray[np.float64]:
    """Return the six filters as second-order sections, [shape (6, 6)], for a rate.

    Raises:
        InputError: the rate is too low for f5.
    """
    if not rate_hz >= 80:
        raise InputError(
            f"{rate_hz} Hz: the filters reach to 30 Hz, so 80 Hz is the least.",
            f"{rate_hz} Hzです。80 Hz以上が必要です。",
        )
    dt = 1 / rate_hz
    w = [2 * math.pi * f for f in _F]
    found = [_first(w[0], w[1], dt), _second(w[1], dt), _third(w[2], dt)]
    found += [_low(w[3], _H3, dt), _low(w[4], _H4, dt), _low(w[5], _H5, dt)]
    sections = np.array(found)
    sections[-1, :3] *= _GAIN
    scaled: NDArray[np.float64] = sections / sections[:, 3:4]
    return scaled


def _first(low: float, high: float, dt: float) -> list[float]:
    top, cross, both = 8 / dt**2, (4 * low + 2 * high) / dt, low * high
    return [
        4 / dt**2 + 2 * high / dt, -8 / dt**2, 4 / dt**2 - 2 * high / dt,
        top + cross + both, 2 * both - 2 * top, top - cross + both,
    ]  # fmt: skip


def _second(w: float, dt: float) -> list[float]:
    top, cross = 16 / dt**2, 17 * w / dt
    return [
        4 / dt**2 + 8.5 * w / dt + w**2, 2 * w**2 - 8 / dt**2, 4 / dt**2 - 8.5 * w / dt + w**2,
        top + cross + w**2, 2 * w**2 - 2 * top, top - cross + w**2,
    ]  # fmt: skip


def _third(w: float, dt: float) -> list[float]:
    top, a, b = 12 / dt**2, 12 * _H2A * w / dt, 12 * _H2B * w / dt
    middle = 10 * w**2 - 24 / dt**2
    return [top + a + w**2, middle, top - a + w**2, top + b + w**2, middle, top - b + w**2]


def _low(w: float, h: float, dt: float) -> list[float]:
    top, cross = 12 / dt**2, 12 * h * w / dt
    return [w**2, 10 * w**2, w**2, top + cross + w**2, 10 * w**2 - 2 * top, top - cross + w**2]


class Meter:
    """A meter that is fed as samples come, and tells the intensity of the last minute.

    Args:
        rate_hz: [Hz] 80 or more.

    Limits:
        Within 3 % of the legal filter from 0.1 to 10 Hz at 100 samples a second or more, 5 % at 80.
        At 20 Hz, where the legal filter leaves 6 %, it leaves 8 % more of that at 200 samples a
        second, 38 % more at 100, 72 % more at 80. The phase is another, so the greatest of a record
        may differ by 0.1 from the whole record's intensity.
    """

    def __init__(self, rate_hz: float) -> None:
        self._sections = stages(rate_hz)
        self._held = held_samples(rate_hz)
        self._squares = np.zeros(round(WINDOW_S * rate_hz))
        self._state: NDArray[np.float64] | None = None

    def push(self, acceleration_gal: Array) -> float:
        """Take the next samples and return the intensity now, not cut to a decimal.

        Args:
            acceleration_gal: [gal, shape (3, n)] three components, n of 1 or more.

        Raises:
            InputError: no three components, or a sample is not known.
        """
        from scipy.signal import sosfilt, sosfilt_zi  # noqa: PLC0415 - heavy

        given = np.asarray(acceleration_gal, np.float64)
        if given.ndim != 2 or given.shape[0] != 3 or not given.size:
            raise InputError(f"samples of shape {given.shape}: expected (3, n), n over 0.")
        if not np.isfinite(given).all():
            raise InputError("a sample is not known: begin a new meter after a gap.",
                             "欠測があります。欠測の後は新しく始めてください。")  # fmt: skip
        if self._state is None:
            # As if the first sample had stood there for ever: an offset shakes nothing.
            still: Any = sosfilt_zi(self._sections)
            self._state = still[:, None, :] * given[None, :, :1]
        filtered, self._state = sosfilt(self._sections, given, axis=-1, zi=self._state)
        square = (filtered**2).sum(axis=0)[-self._squares.size :]
        self._squares = np.concatenate([self._squares[square.size :], square])
        at = self._squares.size - self._held
        held = float(np.sqrt(np.partition(self._squares, at)[at]))
        return 2 * math.log10(max(held, 1e-6)) + 0.94


def greatest(acceleration_gal: Array, rate_hz: float, *, every_s: float = 1.0) -> float:
    """Return the greatest intensity that a meter tells during a record.

    Args:
        acceleration_gal: [gal, shape (3, time)].
        rate_hz: [Hz].
        every_s: [s] how often it is asked.
    """
    meter, block = Meter(rate_hz), max(1, round(every_s * rate_hz))
    waves = np.asarray(acceleration_gal, np.float64)
    return max(
        meter.push(waves[:, first : first + block]) for first in range(0, waves.shape[1], block)
    )
