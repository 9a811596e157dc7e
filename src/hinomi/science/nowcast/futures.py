"""Many futures of the rain, quickly: what of each scale is no longer foreseen becomes noise."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hinomi.kernel.errors import InputError
from hinomi.science.nowcast.advection import carried, extrapolate
from hinomi.science.nowcast.motion import NO_RAIN_DB, THRESHOLD_MM_PER_H, decibels

Array = NDArray[Any]

MEMBERS = 32
KM_PER_MIN = 0.2
"""[km/min] how fast the members' places drift apart, by what is not known of the motion. On FMI's
showers of 2017-05-09 0.15 has the lower CRPS, on KNMI's rain of 2010-08-26 0.25. Germann &
Zawadzki's box (2004, J. Appl. Meteorol. 43, 74-89) is 1 km a minute wide."""
_GOLDEN = math.pi * (3 - math.sqrt(5))
_BANDS_PER_OCTAVE = 2
_MOST_CORRELATED = 0.999
_GROWTH_KM = 10.0
"""[km] New rain begins no further than that from where rain is, and ..."""
_GROWTH_KM_PER_MIN = 0.25
"""... [km/min] ever further."""
_NODES = 256


class _Spectrum(NamedTuple):
    """A picture by its waves, and how long each scale holds."""

    now: Array
    """[complex] of the newest picture ..."""
    before: Array
    """... and of the one before, moved to where the newest is."""
    first: Array
    second: Array
    """AR(2): X' = first X + second X_before + noise e."""
    noise: Array
    size: tuple[int, int]


def futures(  # noqa: PLR0913 - all of it decides the result
    rates: NDArray[np.floating],
    motion: NDArray[np.floating],
    steps: int,
    *,
    km_per_cell: float,
    minutes: float,
    members: int = MEMBERS,
    seed: int = 1,
) -> Iterator[NDArray[np.float32]]:
    """Yield nowcasts, one future after the other: every second by noise, the others moved only.

    After STEPS: in the frame that moves with the rain the logarithm of the rain is an
    autoregression of the second order for each wave length. What the last three pictures show to
    hold is kept, the rest is noise with the picture's own spectrum, near where it rains; each
    field is given the newest picture's rates by rank. Every member is moved along with a wind of
    its own. The members without noise keep what is there now: both kinds together have lower
    CRPS and higher FSS than either alone (``make verify``, topic nowcast).

    Args:
        rates: [mm/h, shape (1 to 3, rows, columns)] the newest last; NaN where not known. Of
            fewer than three, or without rain, all members are moved only.
        motion: [cells per step, shape (2, rows, columns)].
        steps: how many.
        km_per_cell: [km].
        minutes: [min] time between pictures and steps.
        members: how many futures.
        seed: of the noise; the same seed gives the same futures.

    Yields:
        [mm/h, shape (steps, rows, columns)] NaN where the rain would come from outside or from
        where it was not known.

    Raises:
        InputError: no pictures, or numbers out of range.

    Limits:
        As much rain falls as does now: a storm that grows or dies as a whole is not foreseen, and
        the spread of the total is too small.

    References:
        Bowler, Pierce & Seed 2006, Q. J. R. Meteorol. Soc. 132, 2127-2155 (AR(2) by scale, noise,
        probability matching); Seed 2003, J. Appl. Meteorol. 42, 381-388. There the scales are
        six to eight levels, here rings of the spectrum. Moved only: Germann & Zawadzki 2004,
        J. Appl. Meteorol. 43, 74-89 (local Lagrangian probability).
    """
    if rates.ndim != 3 or not len(rates):
        raise InputError(f"rain of shape {rates.shape}: expected pictures, rows and columns.")
    if not (km_per_cell > 0 and minutes > 0 and members > 0):
        raise InputError(f"{km_per_cell} km, {minutes} min, {members} members.")
    newest = np.asarray(rates[-1], np.float32)
    wet = np.nan_to_num(newest) >= THRESHOLD_MM_PER_H
    told = len(rates) > 2 and bool(wet.any())
    noisy = _Noisy(rates, motion, steps, (km_per_cell, minutes)) if told else None
    rng = np.random.default_rng(seed)
    for member, (down, right) in enumerate(_drifts(members)):
        wind = motion + np.array([right, down])[:, None, None] * (
            KM_PER_MIN * minutes / km_per_cell
        )
        if noisy is not None and member % 2:
            yield carried(noisy.drawn(rng), wind)
        else:
            yield extrapolate(newest, wind, steps)


def _drifts(members: int) -> list[tuple[float, float]]:
    """Return places spread evenly over a disc of radius 1 (Vogel's spiral), down and right."""
    angles = [(math.sqrt((k + 0.5) / members), k * _GOLDEN) for k in range(members)]
    return [(radius * math.sin(angle), radius * math.cos(angle)) for radius, angle in angles]


class _Noisy:
    """Draws what the rain may become where it is, before it is moved."""

    def __init__(self, rates: Array, motion: Array, steps: int, scale: tuple[float, float]) -> None:
        km, minutes = scale
        newest = np.asarray(rates[-1], np.float32)
        self._spectrum = _spectrum(rates[-3:], motion)
        self._kept = _kept(self._spectrum, steps, newest.shape)
        wet = np.nan_to_num(newest) >= THRESHOLD_MM_PER_H
        reach = [_GROWTH_KM + _GROWTH_KM_PER_MIN * minutes * (n + 1) for n in range(steps)]
        away = _away(wet)
        self._near = [np.clip(1 - away * (km / far), 0, 1).astype(np.float32) for far in reach]
        self._ranks = _Ranks(newest)
        self._hole = np.isnan(newest)

    def drawn(self, rng: np.random.Generator) -> Array:
        """Return one course of the rain [mm/h, shape (steps, rows, columns)]."""
        rows, columns = self._hole.shape
        noises = _noises(self._spectrum, len(self._kept), rng)
        made = np.empty((len(self._kept), rows, columns), np.float32)
        for step, (kept, near, noise) in enumerate(
            zip(self._kept, self._near, noises, strict=True)
        ):
            made[step] = self._ranks.given(kept + near * noise[:rows, :columns], near > 0)
            made[step][self._hole] = np.nan
        return made


def _spectrum(rates: Array, motion: Array) -> _Spectrum:
    from scipy import fft  # noqa: PLC0415 - heavy

    logs = decibels(rates).astype(np.float32) - np.float32(NO_RAIN_DB)
    older = carried(np.stack([logs[1], logs[0]]), motion)
    rows, columns = (int(fft.next_fast_len(n, real=True)) for n in logs.shape[1:])
    size = rows, columns
    fields = [logs[2], *np.nan_to_num(older)]
    now, before, first = (fft.rfft2(f - f.mean(), s=size, workers=1) for f in fields)
    ring = _rings(size)
    count = int(ring.max()) + 1

    def total(values: Array) -> Array:
        return np.bincount(ring.ravel(), values.ravel(), minlength=count)

    own = total(np.abs(now) ** 2)
    one = _ratio(total((now * before.conj()).real), own, total(np.abs(before) ** 2))
    two = _ratio(total((now * first.conj()).real), own, total(np.abs(first) ** 2))
    phi_1, phi_2, left = _autoregression(one, two)
    return _Spectrum(
        now, before, phi_1[ring], phi_2[ring], (left[ring] * np.abs(now)).astype(np.float32), size
    )


def _ratio(product: Array, one: Array, other: Array) -> Array:
    found: Array = product / np.maximum(np.sqrt(one * other), 1e-12)
    return found


def _autoregression(one: Array, two: Array) -> tuple[Array, Array, Array]:
    """Return the coefficients of AR(2), Yule-Walker, where it is stationary, else of AR(1)."""
    one = np.clip(one, 0, _MOST_CORRELATED)
    two = np.clip(two, 2 * one**2 - 1 + 1e-3, _MOST_CORRELATED)
    two = np.clip(two, 0, one)  # What holds for two steps holds for one.
    first = one * (1 - two) / (1 - one**2)
    second = (two - one**2) / (1 - one**2)
    left = np.sqrt(np.maximum(1 - first * one - second * two, 0))
    return first.astype(np.float32), second.astype(np.float32), left.astype(np.float32)


def _rings(size: tuple[int, int]) -> NDArray[np.int64]:
    """Return the ring of each wave: rings widen with the wave number."""
    down = np.fft.fftfreq(size[0])[:, None]
    right = np.fft.rfftfreq(size[1])[None, :]
    waves = np.hypot(down, right) * min(size)
    ring: NDArray[np.int64] = np.floor(_BANDS_PER_OCTAVE * np.log2(np.maximum(waves, 1.0))).astype(
        np.int64
    )
    return ring


def _kept(spectrum: _Spectrum, steps: int, shape: tuple[int, ...]) -> list[Array]:
    """Return what is still foreseen at each step."""
    from scipy import fft  # noqa: PLC0415

    rows, columns = shape
    now, before, made = spectrum.now, spectrum.before, []
    for _ in range(steps):
        now, before = spectrum.first * now + spectrum.second * before, now
        made.append(fft.irfft2(now, s=spectrum.size, workers=1)[:rows, :columns])
    return made


def _noises(spectrum: _Spectrum, steps: int, rng: np.random.Generator) -> Iterator[Array]:
    """Yield the noise of each step: it grows as the other part fades."""
    from scipy import fft  # noqa: PLC0415

    now = before = np.zeros_like(spectrum.now)
    scale = np.float32(math.sqrt(0.5))
    for _ in range(steps):
        drawn = rng.standard_normal((*now.shape, 2), np.float32) * scale
        fresh = spectrum.noise * drawn.view(np.complex64)[..., 0]
        now, before = spectrum.first * now + spectrum.second * before + fresh, now
        yield fft.irfft2(now, s=spectrum.size, workers=1)


def _away(wet: NDArray[np.bool_]) -> Array:
    """Return how far it is to where it rains [cells]."""
    from scipy.ndimage import distance_transform_edt  # noqa: PLC0415

    return np.asarray(distance_transform_edt(~wet), np.float32)


class _Ranks:
    """Gives a field the newest picture's rates, the highest to the highest."""

    def __init__(self, newest: NDArray[np.float32]) -> None:
        known = newest[np.isfinite(newest)]
        rain = np.sort(known[known >= THRESHOLD_MM_PER_H])
        self._count = rain.size
        self._nodes = np.linspace(0, 1, _NODES) ** 0.5  # Closer where rain is strong.
        self._rates = np.quantile(rain, self._nodes)

    def given(self, field: Array, where: NDArray[np.bool_]) -> Array:
        """Return the rates: as many cells are wet as now."""
        inside = field[where]
        count = min(self._count, inside.size)
        top = np.partition(inside, inside.size - count)[inside.size - count :]
        sample = np.sort(top[:: max(1, top.size // 20_000)])
        levels = np.quantile(sample, self._nodes)
        made = np.interp(field, levels, self._rates)
        made[(field < levels[0]) | ~where] = 0
        return made
