"""Shake maps: the relation itself where nothing was observed, the observation where it was."""

from __future__ import annotations

import numpy as np
import pytest

from hinomi.kernel.errors import InputError
from hinomi.science.shaking.maps import (
    BETWEEN_SHARE,
    RANGE_KM,
    Frame,
    Observed,
    Source,
    at_places,
    predicted,
    shake_map,
    sigma_of,
    unplaced_sigma,
)

QUAKE = Source(139.0, 35.0, 10.0, 6.5)
FRAME = Frame((138.5, 34.6, 139.5, 35.4), 61, 81)


def epicentral_km(longitude: np.ndarray, latitude: np.ndarray) -> np.ndarray:
    """On the sphere, by the chord."""
    a, b = unit(longitude, latitude), unit(np.array([QUAKE.longitude]), np.array([QUAKE.latitude]))
    return np.asarray(6371.0 * np.sqrt(np.maximum(2 - 2 * (a @ b.T)[:, 0], 0)))


def unit(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    a, b = np.radians(x), np.radians(y)
    return np.stack([np.cos(b) * np.cos(a), np.cos(b) * np.sin(a), np.sin(b)], -1)


def shared(here: tuple[np.ndarray, np.ndarray], there: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """Covariance of two lists of places: what the quake has in common, and what neighbours have."""
    total = sigma_of(QUAKE) ** 2
    within = [
        np.hypot(np.sqrt((1 - BETWEEN_SHARE) * total), unplaced_sigma(QUAKE, epicentral_km(*at)))
        for at in (here, there)
    ]
    chord = np.sqrt(np.maximum(2 - 2 * unit(*here) @ unit(*there).T, 0))
    apart = np.exp(-3 * 6371 * chord / RANGE_KM)
    return np.asarray(BETWEEN_SHARE * total + np.outer(*within) * apart)


def told(row: int, column: int, intensity: float, sigma: float = 0.0) -> Observed:
    return Observed(
        np.array([FRAME.longitude[column]]), np.array([FRAME.latitude[row]]),
        np.array([intensity]), np.array([sigma]),
    )  # fmt: skip


def test_the_grid_is_the_relation_at_each_cell() -> None:
    grid = predicted(QUAKE, FRAME)
    lon, lat = np.meshgrid(FRAME.longitude, FRAME.latitude)
    expected = at_places(QUAKE, lon.ravel(), lat.ravel()).reshape(grid.shape)
    np.testing.assert_allclose(grid, expected, atol=2e-4)
    soft = predicted(QUAKE, FRAME, np.full((61, 81), 200.0))
    assert (soft > grid).all()


def test_at_an_exact_observation_the_map_is_what_was_observed() -> None:
    found = shake_map(QUAKE, FRAME, told(20, 30, 5.7))
    assert found.intensity[20, 30] == pytest.approx(5.7, abs=1e-3)
    assert found.sigma[20, 30] < 0.01
    unseen = shake_map(QUAKE, FRAME)
    # The whole quake's part is known better.
    assert found.sigma[60, 80] < unseen.sigma[60, 80] - 0.005
    assert found.sigma[60, 80] > found.sigma[20, 35] > found.sigma[20, 30]


def test_one_observation_is_the_closed_form_of_two_jointly_normal_numbers() -> None:
    found = shake_map(QUAKE, FRAME, told(30, 40, 5.0, sigma=0.2))
    mean = predicted(QUAKE, FRAME).astype(np.float64)
    here = (FRAME.longitude[[40]], FRAME.latitude[[30]])
    there = (FRAME.longitude[[60]], FRAME.latitude[[10]])
    both, known = float(shared(here, there)[0, 0]), float(shared(here, here)[0, 0]) + 0.2**2 + 1e-6
    gain, off = both / known, 5.0 - float(at_places(QUAKE, *here)[0])
    assert found.intensity[10, 60] - mean[10, 60] == pytest.approx(gain * off, abs=2e-3)
    left = float(shared(there, there)[0, 0]) - gain * both
    assert found.sigma[10, 60] ** 2 == pytest.approx(left, abs=1e-4)
    assert found.bias == pytest.approx(BETWEEN_SHARE * sigma_of(QUAKE) ** 2 / known * off, abs=2e-3)


def test_many_observations_equal_numpys_dense_algebra() -> None:
    rng = np.random.default_rng(8)
    n = 25
    lon, lat = rng.uniform(138.6, 139.4, n), rng.uniform(34.7, 35.3, n)
    seen = Observed(lon, lat, at_places(QUAKE, lon, lat) + rng.normal(0, 0.4, n), np.full(n, 0.2))
    found = shake_map(QUAKE, FRAME, seen)
    places, one = (lon, lat), (FRAME.longitude[[50]], FRAME.latitude[[12]])
    inner = shared(places, places) + np.eye(n) * (0.2**2 + 1e-6)
    gain = np.linalg.solve(inner, shared(places, one))[:, 0]
    mean = float(predicted(QUAKE, FRAME)[12, 50])
    residual = np.asarray(seen.intensity) - at_places(QUAKE, lon, lat)
    assert found.intensity[12, 50] == pytest.approx(mean + gain @ residual, abs=2e-3)


def test_a_coarse_correction_is_near_the_exact_one() -> None:
    seen = told(20, 30, 6.5, sigma=0.3)
    exact, coarse = (shake_map(QUAKE, FRAME, seen, spacing=s) for s in (1, 2))
    assert np.abs(exact.intensity - coarse.intensity).max() < 0.2


@pytest.mark.parametrize("bad", [Source(200.0, 35.0, 10.0, 6.0), Source(139.0, 35.0, -1.0, 6.0),
                                 Source(139.0, 35.0, 10.0, 12.0)])  # fmt: skip
def test_a_quake_that_cannot_be_is_told(bad: Source) -> None:
    with pytest.raises(InputError):
        predicted(bad, FRAME)


def test_an_unknown_intensity_is_told() -> None:
    with pytest.raises(InputError):
        shake_map(QUAKE, FRAME, told(1, 1, float("nan")))


def test_the_direction_that_nobody_knows_makes_a_map_less_sure_beside_the_fault() -> None:
    great = QUAKE._replace(magnitude=7.8)
    assert unplaced_sigma(great, np.array([100.0]))[0] > 0.2
    assert unplaced_sigma(QUAKE._replace(magnitude=4.5), np.array([100.0]))[0] < 0.05
    alone = shake_map(great, FRAME)
    assert alone.sigma.max() > sigma_of(great) + 0.03


def test_a_place_is_judged_by_the_ground_that_it_stands_on() -> None:
    soft = np.full((61, 81), 200.0)
    seen = told(20, 30, 5.7)
    same = shake_map(QUAKE, FRAME, seen, vs30_m_s=soft)
    # Told to stand on hard ground, the same word says that the quake shook more.
    hard = seen._replace(vs30_m_s=np.array([600.0]))
    assert shake_map(QUAKE, FRAME, hard, vs30_m_s=soft).bias > same.bias + 0.1


def test_a_station_outside_of_the_frame_is_not_taken_for_one_at_its_edge() -> None:
    """150 km to the east it shook as the relation has it there: nothing is to be corrected."""
    where = np.array([QUAKE.longitude + 1.6]), np.array([QUAKE.latitude])
    soft = np.full((FRAME.rows, FRAME.columns), 300.0)
    seen = Observed(*where, at_places(QUAKE, *where, np.array([300.0])), np.zeros(1))
    with pytest.raises(InputError, match="outside"):
        shake_map(QUAKE, FRAME, seen, vs30_m_s=soft)
    told_ground = shake_map(QUAKE, FRAME, seen._replace(vs30_m_s=np.array([300.0])), vs30_m_s=soft)
    assert abs(told_ground.bias) < 1e-9


def test_two_stations_at_one_place_that_disagree_count_alike() -> None:
    at = told(30, 40, 5.0), told(30, 40, 6.0)
    both = Observed(*(np.concatenate(pair) for pair in zip(*(o[:4] for o in at), strict=True)))
    found = shake_map(QUAKE, FRAME, both)
    assert found.intensity[30, 40] == pytest.approx(5.5, abs=1e-3)
    assert np.isfinite(found.intensity).all()
    with pytest.raises(InputError, match="sigma"):
        shake_map(QUAKE, FRAME, both._replace(sigma=np.array([np.nan, 0.1])))
