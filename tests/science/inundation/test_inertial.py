"""The local-inertial kernel: what must hold of any flood, whatever the bed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from hinomi.kernel.errors import InputError
from hinomi.science.inundation import inertial
from hinomi.science.inundation.basin import Basin
from hinomi.science.inundation.roots import seven_thirds_32, seven_thirds_64


def hills(rows: int = 40, columns: int = 600, seed: int = 1) -> np.ndarray:
    y, x = np.mgrid[0:rows, 0:columns]
    noise = np.random.default_rng(seed).random((rows, columns))
    return 0.5 * np.sin(x / 31) * np.cos(y / 7) + 0.05 * noise + 0.002 * x


def flood(bed: np.ndarray, **options: Any) -> Basin:
    """Return a basin after rain in one part and inflow over one edge."""
    basin = Basin(bed, 10.0, **options)
    basin.qx_m2_s[5:9, 0] = 0.8
    rain = np.zeros_like(basin.bed_m)
    rain[12:20, 350:420] = 80e-3 / 3600
    for _ in range(150):
        basin.step(min(basin.longest_step_s(), 4.0), rain)
    return basin


def plain_step(basin: Basin, dt_s: float, source: float) -> None:
    """Write the scheme down once more, face by face in numpy: the reference of the sweep."""
    z, h, dx = basin.bed_m, basin.depth_m, basin.dx_m
    n, g = 0.03, inertial.GRAVITY_M_S2
    eta = z + h
    for q, axis in ((basin.qx_m2_s, 1), (basin.qy_m2_s, 0)):
        old = q.copy() if axis else q.copy().T
        level, bed = (eta, z) if axis else (eta.T, z.T)
        flow = np.maximum(level[:, 1:], level[:, :-1]) - np.maximum(bed[:, 1:], bed[:, :-1])
        wet = np.maximum(flow, inertial.DRY_M)
        mean = basin.theta * old[:, 1:-1] + (1 - basin.theta) / 2 * (old[:, :-2] + old[:, 2:])
        push = g * dt_s / dx * wet * (level[:, :-1] - level[:, 1:])
        held = (mean + push) / (1 + g * dt_s * n**2 * np.abs(old[:, 1:-1]) / wet ** (7 / 3))
        most = wet * np.sqrt(g * wet)
        new = np.where(flow > inertial.DRY_M, np.clip(held, -most, most), 0.0)
        if axis:
            q[:, 1:-1] = new
        else:
            q[1:-1] = new.T
    qx, qy = basin.qx_m2_s, basin.qy_m2_s
    h += dt_s / dx * (qx[:, :-1] - qx[:, 1:] + qy[:-1] - qy[1:]) + dt_s * source
    basin.time_s += dt_s


@pytest.mark.parametrize("columns", [300, inertial.BLOCK, inertial.BLOCK + 1])
def test_the_sweep_is_the_scheme_written_face_by_face(columns: int) -> None:
    ours, plain = (
        Basin(hills(30, columns), 10.0, precision=np.float64, threads=1) for _ in range(2)
    )
    for basin in (ours, plain):
        basin.depth_m[:] = np.maximum(0.6 - basin.bed_m, 0)
        basin.depth_m[5:15, 100:150] += 0.7
    for _ in range(60):
        dt_s = 0.8 * ours.longest_step_s()
        ours.step(dt_s, 1e-5)
        plain_step(plain, dt_s, 1e-5)
    assert np.abs(ours.depth_m - plain.depth_m).max() < 1e-12
    assert np.abs(ours.qx_m2_s - plain.qx_m2_s).max() < 1e-12


@pytest.mark.parametrize("threads", [2, 3, 7])
def test_bands_beside_each_other_give_the_very_same_numbers(threads: int) -> None:
    alone, many = flood(hills(), threads=1), flood(hills(), threads=threads)
    assert (alone.depth_m == many.depth_m).all()
    assert (alone.qy_m2_s == many.qy_m2_s).all()


def test_blocks_that_sleep_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    wide = hills(40, 4000)
    asleep = flood(wide, threads=1)
    assert not asleep._awake(np.zeros((1, 4000))).all(), "else the test shows nothing"
    monkeypatch.setattr(Basin, "_awake", lambda self, _: np.ones_like(self._wet))
    assert (flood(wide, threads=1).depth_m == asleep.depth_m).all()


def test_single_precision_stays_near_double() -> None:
    single, double = flood(hills()), flood(hills(), precision=np.float64)
    assert np.abs(single.depth_m - double.depth_m).max() < 1e-3


def test_a_mirrored_basin_gives_a_mirrored_flood() -> None:
    bed = hills(40, 40)
    floods = []
    for given in (bed, bed.T):
        basin = Basin(given, 10.0, precision=np.float64, threads=1)
        basin.depth_m[10:20, 10:20] = 1.0
        for _ in range(50):
            basin.step(basin.longest_step_s())
        floods.append(basin.depth_m)
    assert np.abs(floods[0] - floods[1].T).max() < 1e-12


def test_water_in_a_closed_basin_ends_level() -> None:
    bed = np.add.outer(np.linspace(0, 0.3, 20), np.linspace(0, 0.2, 30))
    basin = Basin(bed, 10.0, precision=np.float64, manning=0.05, threads=1)
    basin.depth_m[:5, :5] = 20.0
    before = basin.volume_m3()
    for _ in range(20_000):
        basin.step(basin.longest_step_s())
    level = (basin.bed_m + basin.depth_m)[basin.depth_m > 0.01]
    assert np.ptp(level) < 1e-3
    assert basin.volume_m3() == pytest.approx(before, rel=1e-12)


def test_the_longest_step_is_stable_and_the_step_beyond_is_refused() -> None:
    basin = Basin(np.zeros((40, 40)), 10.0, manning=0.0, threads=1)
    basin.depth_m[:] = 2.0 + 0.01 * (np.indices((40, 40)).sum(axis=0) % 2)
    for _ in range(2000):
        basin.step(basin.longest_step_s())
    assert np.abs(basin.depth_m - 2.0).max() < 0.02
    with pytest.raises(InputError, match="not stable"):
        basin.step(1.2 * basin.longest_step_s())


@pytest.mark.parametrize(
    ("bed", "options"),
    [
        (np.zeros(5), {}),
        (np.array([[0.0, np.nan], [0.0, 0.0]]), {}),
        (np.zeros((4, 4)), {"dx_m": 0.0}),
        (np.zeros((4, 4)), {"manning": -0.1}),
    ],
)
def test_what_is_no_basin_is_refused(bed: np.ndarray, options: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        Basin(bed, options.pop("dx_m", 10.0), **options)


def test_the_power_without_pow() -> None:
    for h in np.logspace(-6, 6, 2001):
        assert seven_thirds_64(h) == pytest.approx(h ** (7 / 3), rel=4e-15)
        single = np.float32(h)
        assert seven_thirds_32(single) == pytest.approx(float(single) ** (7 / 3), rel=1e-6)


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("spoilt", [np.nan, np.inf])
def test_water_that_is_no_number_is_told_at_once(spoilt: float, threads: int) -> None:
    basin = Basin(np.zeros((20, 30)), 10.0, precision=np.float64, threads=threads)
    basin.depth_m[:] = 1.0
    basin.step(1.0)
    basin.depth_m[7, 9] = spoilt
    with pytest.raises(InputError, match="no number"):
        basin.step(1.0)
