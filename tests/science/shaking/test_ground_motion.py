"""Attenuation: what must hold of any of them, and the slips that others made."""

from __future__ import annotations

import numpy as np
import pytest

from hinomi.kernel.errors import InputError
from hinomi.science.shaking.ground_motion import (
    Site,
    intensity_of_velocity,
    morikawa_fujiwara_2013,
    si_midorikawa_1999,
    velocity_amplification,
)

FAR = np.array([5.0, 20.0, 80.0, 200.0])


@pytest.mark.parametrize("quake", ["crustal", "interface", "slab"])
def test_shaking_falls_with_distance_and_grows_with_magnitude(quake: object) -> None:
    for measure in ("PGA", "PGV", "JMA"):
        small, large = (
            morikawa_fujiwara_2013(measure, quake, m, 20.0, FAR).median  # type: ignore[arg-type]
            for m in (6.0, 7.0)
        )
        assert (np.diff(small) < 0).all()
        assert (large > small).all()


def test_the_intensity_is_that_of_an_acceleration_and_not_the_equation_s_own_number() -> None:
    """Mw 6.2 at 12 km: 5.7 was observed; read as an intensity the equation gives 2.5."""
    found = morikawa_fujiwara_2013("JMA", "crustal", 6.2, 10.0, np.array([12.0]))
    assert 5.5 < found.median[0] < 6.3
    assert found.sigma[0] == pytest.approx(2 * 0.3493)


def test_magnitudes_above_the_cap_shake_no_harder() -> None:
    caps = [morikawa_fujiwara_2013("PGV", "interface", m, 20.0, FAR).median for m in (8.2, 9.0)]
    assert caps[0] == pytest.approx(caps[1])
    caps = [si_midorikawa_1999("PGV", "interface", m, 20.0, FAR).median for m in (8.3, 9.0)]
    assert caps[0] == pytest.approx(caps[1])


def test_soft_ground_shakes_harder() -> None:
    soft, stiff = (
        morikawa_fujiwara_2013("JMA", "crustal", 7.0, 10.0, FAR, site=Site(vs30_m_s=v)).median
        for v in (150.0, 700.0)
    )
    assert (soft > stiff).all()
    assert velocity_amplification(np.array([600.0])) == pytest.approx([1.0], abs=0.01)


def test_the_ocean_s_side_of_the_front_shakes_harder_in_deep_quakes_only() -> None:
    def at(depth_km: float, front_km: float) -> float:
        site = Site(from_front_km=front_km, region="NE")
        found = morikawa_fujiwara_2013("JMA", "slab", 7.0, depth_km, FAR, site=site)
        return float(found.median[1])

    assert at(60.0, 50.0) > at(60.0, -50.0)
    assert at(20.0, 50.0) == at(20.0, -50.0)


def test_an_intensity_goes_with_a_velocity() -> None:
    """翠川ほか 1999: 10 cm/s is 4.4, 100 cm/s is 6.12."""
    assert intensity_of_velocity(np.array([10.0, 100.0])) == pytest.approx([4.40, 6.12])


@pytest.mark.parametrize(
    ("magnitude", "depth_km", "distance_km"),
    [(11.0, 10.0, 5.0), (7.0, 900.0, 5.0), (7.0, 10.0, -1.0), (float("nan"), 10.0, 5.0)],
)
def test_what_cannot_be_a_quake_is_refused(
    magnitude: float, depth_km: float, distance_km: float
) -> None:
    for relation in (si_midorikawa_1999, morikawa_fujiwara_2013):
        with pytest.raises(InputError):
            relation("PGV", "crustal", magnitude, depth_km, np.array([distance_km]))
