"""Distances to ruptures of unknown direction: Thompson & Worden's tables, and what must hold."""

from __future__ import annotations

import math

import numpy as np
import pytest

from hinomi.kernel.errors import InputError
from hinomi.science.shaking.ground_motion import si_midorikawa_1999
from hinomi.science.shaking.maps import Source, at_places
from hinomi.science.shaking.ruptures import (
    Planes,
    apart_of,
    nearest_km,
    node_km,
    planes_of,
    size_km,
)

# Mean of the shortest distance over the epicentral one, by magnitude and epicentral distance [km]:
# Rrup_WC94_mechA_ar1p7_seis0_20_Ratios.csv of https://github.com/usgs/ps2ff (public domain).
PUBLISHED = {
    6.0: {10.0: 1.107236, 31.622777: 0.899308, 100.0: 0.951646},
    7.0: {10.0: 0.852174, 31.622777: 0.698358, 100.0: 0.853573},
    8.0: {10.0: 0.799502, 31.622777: 0.561851, 100.0: 0.641790},
}


def as_published(magnitude: float) -> tuple[Planes, np.ndarray]:
    """Planes as the tables take them: any depth down to 20 km is as likely."""

    def middles(count: int) -> np.ndarray:
        return np.asarray((np.arange(count) + 0.5) / count)

    rows, depth = [], []
    for sigmas, likely in ((-math.sqrt(3), 1 / 6), (0.0, 2 / 3), (math.sqrt(3), 1 / 6)):
        for dip in np.radians(10 + 80 * middles(9)):
            length, width = size_km(magnitude, "crustal", dip, sigmas)
            tall = width * math.sin(dip)
            top, down, along, turn = (
                part.ravel()
                for part in np.meshgrid(middles(4), middles(5), middles(6), middles(12))
            )
            n = np.ones(top.size)
            rows.append(
                (2 * math.pi * turn, dip * n, length * n, width * n, along, down, likely * n)
            )
            depth.append(top * (20 - tall) + down * tall)
    strike, dips, lengths, widths, behind, above, weight = np.concatenate(rows, axis=1)
    planes = Planes(strike, dips, lengths, widths, behind, above, weight / weight.sum())
    return planes, np.concatenate(depth)


@pytest.mark.parametrize("magnitude", PUBLISHED)
def test_distances_are_those_of_the_published_tables(magnitude: float) -> None:
    planes, depth = as_published(magnitude)
    far = np.array(list(PUBLISHED[magnitude]))
    ratio = planes.weight @ nearest_km(planes, depth, far) / far
    np.testing.assert_allclose(ratio, list(PUBLISHED[magnitude].values()), rtol=0.02)


def test_a_vertical_plane_is_as_far_as_geometry_says() -> None:
    one = np.ones(1)
    plane = Planes(0 * one, one * math.pi / 2, 40 * one, 10 * one, one / 2, one / 2, one)
    # Along the strike the plane ends 20 km from the epicentre, 5 km below the ground.
    found = nearest_km(plane, 10.0, np.array([0.0, 20.0, 50.0]))[0]
    np.testing.assert_allclose(found, [5.0, 5.0, math.hypot(30, 5)])
    across = plane._replace(strike=one * math.pi / 2)
    np.testing.assert_allclose(nearest_km(across, 10.0, np.array([12.0]))[0], [13.0])


def test_a_small_quake_is_a_point() -> None:
    source = Source(139.0, 35.0, 30.0, 3.0, "interface")
    found = at_places(source, np.array([139.0, 139.5]), np.array([35.0, 35.0]), 600.0)
    away = 6371 * np.radians(0.5) * math.cos(math.radians(35))
    pgv = si_midorikawa_1999("PGV", "interface", 3.0, 30.0, np.hypot([0, away], 30.0)).median
    np.testing.assert_allclose(found, 2.68 + 1.72 * np.log10(pgv), atol=0.02)


def test_near_a_great_quake_it_shakes_more_than_by_its_hypocentre() -> None:
    source = Source(139.0, 35.0, 15.0, 7.8)
    away = 6371 * np.radians(0.6)
    point = si_midorikawa_1999("PGV", "crustal", 7.8, 15.0, np.array([math.hypot(away, 15)])).median
    found = at_places(source, np.array([139.0]), np.array([35.6]), 600.0)
    assert found[0] > 2.68 + 1.72 * math.log10(point[0]) + 0.2


@pytest.mark.parametrize(("kind", "depth"), [("crustal", 3.0), ("crustal", 24.0), ("slab", 60.0),
                                             ("interface", 0.0), ("interface", 60.0)])  # fmt: skip
def test_no_plane_comes_out_of_the_ground(kind: str, depth: float) -> None:
    for magnitude in (5.0, 7.0, 9.0):
        found = planes_of(magnitude, kind, depth)  # type: ignore[arg-type]
        top = depth - found.down * found.width_km * np.sin(found.dip)
        assert top.min() > -1e-9
        assert found.weight.sum() == pytest.approx(1)


def test_the_nearest_is_never_farther_than_the_hypocentre() -> None:
    found = apart_of(7.5, "crustal", 12.0, lambda x: x)
    assert (found.mean <= np.hypot(node_km(), 12.0) + 1e-9).all()


def test_what_no_quake_can_be_is_told() -> None:
    with pytest.raises(InputError):
        apart_of(12.0, "crustal", 10.0, lambda x: x)
