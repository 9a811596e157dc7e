"""The one nowcast: it learns what lasts, loses no rain, and looks at nothing that comes later."""

from __future__ import annotations

import numpy as np
import pytest

from hinomi.kernel.errors import InputError
from hinomi.science.nowcast import deterministic, extrapolate
from hinomi.science.nowcast.regression import likeliest
from hinomi.science.scores import csi, fss

SHAPE = (96, 120)
WIND = np.stack([np.full(SHAPE, 2.0), np.zeros(SHAPE)])


def showers(count: int) -> np.ndarray:
    """Return storms that go 2 cells right a step and stray from it, among specks of one step."""
    rng = np.random.default_rng(7)
    y, x = np.mgrid[0 : SHAPE[0], 0 : SHAPE[1]]
    places = rng.uniform((0, -20), (SHAPE[0], SHAPE[1]), (25, 2))
    widths = rng.uniform(1.5, 5, 25)
    made = []
    for _ in range(count):
        places += rng.normal((0, 2), 1.2, places.shape)
        field = sum(
            9 * np.exp(-((x - a) ** 2 + (y - b) ** 2) / (2 * s**2))
            for (b, a), s in zip(places, widths, strict=True)
        )
        specks = 6 * (rng.random(SHAPE) < 0.03)
        made.append(np.maximum(np.where(field < 0.2, 0, field), specks))
    return np.stack(made).astype(np.float32)


def made(rates: np.ndarray, steps: int = 4) -> np.ndarray:
    return deterministic(rates, WIND, steps, km_per_cell=1.0, minutes=5.0)


def test_it_puts_rain_where_showers_last_and_loses_none_to_the_neighbourhood() -> None:
    """What real rain gives is in ``python -m verify nowcast``."""
    rates, gains = showers(18), []
    for start in (9, 11, 13):
        came = rates[start + 4]
        ours, moved = made(rates[: start + 1])[3], extrapolate(rates[start], WIND, 4)[3]
        errors = [float(np.nanmean(np.abs(field - came))) for field in (moved, ours)]
        gains.append((csi(ours, came, 1.0) - csi(moved, came, 1.0), errors[0] - errors[1]))
        assert fss(ours, came, 1.0, 11) > fss(moved, came, 1.0, 11) - 0.02
    assert np.mean(gains, axis=0)[0] > 0.005
    assert min(gain for _, gain in gains) > 0


def test_as_much_rain_falls_and_no_more_at_one_place_than_now() -> None:
    past = showers(8)
    ours, moved = made(past), extrapolate(past[-1], WIND, 4)
    np.testing.assert_array_equal(np.isnan(ours), np.isnan(moved))
    assert np.nansum(ours[0]) == pytest.approx(np.nansum(moved[0]), rel=0.05)
    assert np.nanmax(ours) <= past[-1].max()
    assert np.nanmin(ours) == 0


def test_storms_that_grow_are_foreseen_as_wider_than_those_that_fade() -> None:
    y, x = np.mgrid[0 : SHAPE[0], 0 : SHAPE[1]]

    def storms(t: int) -> np.ndarray:
        def storm(b: int, a: int, s: float) -> np.ndarray:
            return 6 * np.exp(-((x - a) ** 2 + (y - b) ** 2) / (2 * s**2))

        field = storm(25, 30, 5 + t) + storm(25, 85, 13 - t)
        field += storm(72, 30, 13 - t) + storm(72, 85, 5 + t)
        return np.where(field < 0.2, 0, field)

    past = np.stack([storms(t) for t in range(5)]).astype(np.float32)
    found = likeliest(past, np.zeros_like(WIND), 2, 1.0)
    assert found is not None
    now = np.log(np.maximum(past[-1], 0.03) / 0.03)
    changed = found[1] - now
    growing, fading = changed[25, 30 + 17], changed[25, 85 - 17]
    assert growing > fading + 0.2


def test_of_one_picture_or_none_that_rains_it_is_still_told() -> None:
    past = showers(3)
    alone = made(past[-1:])
    assert np.isfinite(alone[3, :, 20:]).all()
    assert np.nansum(alone[0]) == pytest.approx(np.nansum(past[-1][:, :-2]), rel=0.1)
    assert np.nanmax(made(np.zeros((5, *SHAPE), np.float32))) == 0


def test_holes_stay_holes_and_hold_no_rain() -> None:
    past = showers(8)
    past[:, 40:50, 40:50] = np.nan
    ours = made(past)
    np.testing.assert_array_equal(np.isnan(ours), np.isnan(extrapolate(past[-1], WIND, 4)))
    assert np.isnan(made(np.full((4, *SHAPE), np.nan, np.float32))).all()


@pytest.mark.parametrize("bad", [{"km_per_cell": 0.0}, {"minutes": -5.0}, {"km_per_cell": np.nan}])
def test_numbers_out_of_range_are_told(bad: dict[str, float]) -> None:
    with pytest.raises(InputError):
        deterministic(showers(2), WIND, 2, **{"km_per_cell": 1.0, "minutes": 5.0, **bad})
    with pytest.raises(InputError):
        made(np.zeros((0, *SHAPE), np.float32))


@pytest.mark.parametrize("km", [0.2, 5.0, 40.0])
def test_coarse_and_fine_cells_are_taken(km: float) -> None:
    past = showers(5)
    found = deterministic(past, WIND, 2, km_per_cell=km, minutes=5.0)
    assert np.nanmax(found) > 0
