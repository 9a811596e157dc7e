"""Channels narrower than a cell."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.optimize import brentq

from hinomi.kernel.errors import InputError
from hinomi.science.inundation.basin import Basin
from hinomi.science.inundation.channels import Channels
from hinomi.science.inundation.finite import FiniteVolumeBasin
from hinomi.science.inundation.grids import Georeference, dataset, maps_of, read, write
from hinomi.science.inundation.run import Case, EdgeSeries, run
from hinomi.science.inundation.sources import Inflow, steady

DX, WIDTH, SLOPE, ROUGH, BANK = 50.0, 8.0, 1e-3, 0.03, 4.0


def valley(columns: int = 40, bank_m: float = BANK) -> tuple[np.ndarray, Channels]:
    """Return two rows of cells on a slope; a channel in the first."""
    bed = np.tile(10 - SLOPE * DX * np.arange(columns), (2, 1))
    width = np.zeros_like(bed)
    width[0] = WIDTH
    return bed, Channels(width, bed - bank_m, ROUGH)


def case(flow_m3_s: float, bank_m: float = BANK, **changes: Any) -> Case:
    bed, channels = valley(bank_m=bank_m)
    given: dict[str, Any] = {
        "precision": "float64", "threads": 1, "channels": channels,
        "sources": (Inflow(((0, 0),), steady(flow_m3_s)),),
        "edges": (EdgeSeries("east", "free"),), "manning": 0.06,
    }  # fmt: skip
    return Case(bed, DX, **{"end_s": 12_000.0, **given, **changes})


def normal_depth_m(flow_m3_s: float, bank_m: float) -> float:
    """Return the depth over the channel's bed: Manning, the plain as a part of its own."""

    def carried(h: float) -> float:
        inside, over = min(h, bank_m), max(h - bank_m, 0.0)
        area = WIDTH * h
        channel = area * (area / (WIDTH + 2 * inside)) ** (2 / 3) * SLOPE**0.5 / ROUGH
        plain = (2 * DX - WIDTH) * over ** (5 / 3) * SLOPE**0.5 / 0.06
        return channel + plain - flow_m3_s

    return float(brentq(carried, 0, 20))


@pytest.mark.parametrize("kernel", ["inertial", "finite-volume"])
def test_flow_within_the_banks_ends_at_mannings_normal_depth(kernel: str) -> None:
    maps = run(case(30.0, kernel=kernel))
    assert maps.channel_m is not None
    assert maps.channel_m[0, 5:-5] == pytest.approx(normal_depth_m(30.0, BANK), rel=5e-4)
    assert maps.max_depth_m.max() == 0
    assert abs(maps.balance_error) < 1e-9


def test_flow_over_the_banks_is_shared_between_channel_and_plain() -> None:
    maps = run(case(60.0, bank_m=1.5, end_s=40_000.0))
    assert maps.channel_m is not None
    deep = maps.channel_m[0] + maps.depth_m[0]
    expected = normal_depth_m(60.0, 1.5)
    assert expected > 1.6
    assert deep[8:20] == pytest.approx(expected, rel=0.01)
    assert maps.depth_m[1, 8:20] == pytest.approx(maps.depth_m[0, 8:20], abs=0.01)
    assert abs(maps.balance_error) < 1e-9


@pytest.mark.parametrize("level", [7.0, 11.0])
def test_still_water_in_and_over_a_channel_stays_still(level: float) -> None:
    bed, channels = valley()
    basin = Basin(bed, DX, precision=np.float64, channels=channels, threads=1)
    assert basin.channels is not None
    basin.depth_m[:] = np.maximum(level - bed, 0)
    basin.channels.below_m[:] = np.clip(level - channels.bed_m[0], 0, BANK)
    for _ in range(200):
        basin.step(basin.longest_step_s())
    assert np.abs(basin.channels.flow_m3_s).max() < 1e-9
    assert np.abs(basin.qx_m2_s).max() < 1e-11


def test_a_channel_drains_the_plain_and_no_water_is_lost() -> None:
    for made in (Basin, FiniteVolumeBasin):
        bed, channels = valley()
        basin = made(bed, DX, precision=np.float64, channels=channels, threads=1)
        basin.depth_m[1, :10] = 0.5
        before = basin.volume_m3()
        for _ in range(3000):
            basin.step(min(basin.longest_step_s(), 10.0))
        assert basin.channels is not None
        assert basin.volume_m3() == pytest.approx(before, rel=1e-10)
        assert basin.channels.volume_m3() > 0.5 * before, "it lies in the channel now"
        assert basin.channels.below_m.min() >= 0


def test_a_run_with_channels_goes_on_where_it_stopped(tmp_path: Path) -> None:
    whole = run(case(60.0, bank_m=1.5, end_s=3_000.0, save_every_s=1_500.0))
    half = run(case(60.0, bank_m=1.5, end_s=1_500.0, save_every_s=1_500.0))
    write(dataset(half, Georeference(cell_m=DX)), tmp_path / "half.nc")
    since = maps_of(read(tmp_path / "half.nc"))
    again = run(case(60.0, bank_m=1.5, end_s=3_000.0, save_every_s=1_500.0), since=since)
    assert np.allclose(again.channel_m, whole.channel_m, atol=1e-9, equal_nan=True)
    with pytest.raises(InputError, match="channels"):
        run(case(60.0, bank_m=1.5, channels=None), since=half)


@pytest.mark.parametrize(
    "wrong", [{"width_m": 60.0}, {"width_m": -1.0}, {"bed_m": 99.0}, {"bed_m": np.nan}]
)
def test_channels_that_cannot_be_are_refused(wrong: dict[str, float]) -> None:
    bed, channels = valley()
    parts = {"width_m": channels.width_m, "bed_m": channels.bed_m}
    parts |= {name: np.full_like(bed, value) for name, value in wrong.items()}
    with pytest.raises(InputError, match="channels"):
        Basin(bed, DX, channels=Channels(**parts))
