"""Instrumental intensity on JMA's own records; attenuation against openquake-engine's rows."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from hinomi.science.shaking.ground_motion import (
    Site,
    morikawa_fujiwara_2013,
    si_midorikawa_1999,
)
from hinomi.science.shaking.intensity import held_acceleration, intensity
from hinomi.science.shaking.ruptures import Planes, nearest_km, size_km
from hinomi.standards.accelerograms import decode_jma, decode_knet
from hinomi.standards.jshis_ground import MESH_LAT, MESH_LON, decode, south_west
from verify.rows import Row, data

_RECORDS = {"AA06EA01.csv": 5.1, "Q416EED018.csv": 5.0, "Q4169D2004.csv": 4.6}
_QUAKES = {"crustal": "crustal", "inter": "interface", "slab": "slab"}
_G_GAL = 980.665


def records() -> Iterator[Row]:
    """JMA's published intensities; its meters cut windows of their own, so 0.1 apart is agreed."""
    folder = data("hazard/jma_intensity")
    for name, published in _RECORDS.items():
        wave = decode_jma((folder / name).read_bytes())
        held = held_acceleration(wave.acceleration_gal, wave.rate_hz)
        yield Row(
            model="JMA intensity", case=f"{wave.station_name} {wave.starts_at:%Y-%m-%d}",
            reference="JMA, published intensity", ours=float(intensity(held)), theirs=published,
            tolerance=0.1001,
        )  # fmt: skip
        if name == "AA06EA01.csv":
            yield Row(
                model="JMA intensity", case="Yonago 2000, a0 [gal]",
                reference="JMA's worked example", ours=float(held), theirs=127.85, tolerance=0.1,
            )  # fmt: skip


def knet() -> Iterator[Row]:
    """The maximum that the file itself states, about its mean."""
    wave = decode_knet(data("hazard/knet/test.knet").read_bytes())
    acceleration = wave.acceleration_gal[0]
    yield Row(
        model="K-NET record", case="AKT013 E-W 1996, peak [gal]", reference="NIED, in the file",
        ours=float(np.abs(acceleration - acceleration.mean()).max()), theirs=4.383,
        tolerance=1e-3,
    )  # fmt: skip


def attenuation() -> Iterator[Row]:
    """The largest difference from openquake-engine 3.18.0, ln units, for each model."""
    worst: dict[tuple[str, str], float] = {}
    with data("hazard/gmm/gmm_reference.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            apart = max(abs(a - float(row[b])) for a, b in zip(_ours(row), _THEIRS, strict=True))
            name = (row["model"], row["imt"])
            worst[name] = max(worst.get(name, 0.0), apart)
    for (model, measure), apart in sorted(worst.items()):
        yield Row(
            model=model, case=f"{measure}, all magnitudes, depths, distances; ln units",
            reference="openquake-engine 3.18.0", ours=apart, theirs=0.0, tolerance=1e-6,
        )  # fmt: skip


_THEIRS = ("ln_mean", "sigma_ln")


def _ours(row: dict[str, str]) -> tuple[float, float]:
    name, _, kind = row["model"].partition("_")
    quake: Any = _QUAKES[kind.removesuffix("NE").removesuffix("SW")]
    magnitude, depth_km = float(row["mag"]), float(row["hypo_depth_km"])
    distance_km = np.array(float(row["rrup_km"]))
    if name == "SM99":
        measure: Any = row["imt"]
        found = si_midorikawa_1999(measure, quake, magnitude, depth_km, distance_km)
    else:
        region: Any = kind[-2:] if kind[-2:] in ("NE", "SW") else ""
        site = Site(float(row["vs30"]), float(row["z1pt4_m"]), float(row["xvf_km"]), region)
        found = morikawa_fujiwara_2013("PGA", quake, magnitude, depth_km, distance_km, site=site)
    unit = _G_GAL if row["imt"] == "PGA" else 1.0
    return float(np.log(found.median / unit)), float(found.sigma)


def ruptures() -> Iterator[Row]:
    """Mean distance to a rupture of unknown direction and depth, over the epicentral distance."""
    published = {6.0: 0.951646, 7.0: 0.853573, 8.0: 0.641790}
    for magnitude, theirs in published.items():
        planes, depth = _unplaced(magnitude)
        yield Row(
            model="rupture distance", case=f"M {magnitude:g}, 100 km, over 100 km",
            reference="Thompson & Worden 2018, table of ps2ff",
            ours=float(planes.weight @ nearest_km(planes, depth, [100.0])[:, 0]) / 100,
            theirs=theirs, tolerance=0.005,
        )  # fmt: skip


def _unplaced(magnitude: float) -> tuple[Planes, Any]:
    """Planes as ps2ff takes them: strike, dip 10 to 90, place and depth to 20 km all open."""
    rows, depth = [], []
    top, down, along, turn = (
        part.ravel() for part in np.meshgrid(*((np.arange(n) + 0.5) / n for n in (4, 5, 6, 12)))
    )
    for sigmas, likely in ((-math.sqrt(3), 1 / 6), (0.0, 2 / 3), (math.sqrt(3), 1 / 6)):
        for dip in np.radians(10 + 80 * (np.arange(9) + 0.5) / 9):
            length, width = size_km(magnitude, "crustal", dip, sigmas)
            tall, n = width * math.sin(dip), np.ones(top.size)
            parts = (2 * math.pi * turn, dip * n, length * n, width * n, along, down, likely * n)
            rows.append(parts)
            depth.append(top * (20 - tall) + down * tall)
    strike, dips, lengths, widths, behind, above, weight = np.concatenate(rows, axis=1)
    planes = Planes(strike, dips, lengths, widths, behind, above, weight / weight.sum())
    return planes, np.concatenate(depth)


def ground() -> Iterator[Row]:
    """J-SHIS's surface ground: none of theirs lies here, one is made from their convention."""
    file = b"# VER. = 4.0\n# CODE,JCODE,AVS,ARV,AVS_EB,AVS_REF\n5339461144,21,180.5,1.97,,1\n"
    grid = decode(file).avs30_m_s["5339"]
    west, south = south_west("5339")
    row, column = np.argwhere(np.isfinite(grid))[0].tolist()
    at = (west + (column + 0.5) * MESH_LON, south + (319.5 - row) * MESH_LAT)
    yield Row(
        model="surface ground", case="5339461144, longitude + latitude + AVS",
        reference="J-SHIS convention; JIS X 0410", ours=sum(at) + float(grid[row, column]),
        theirs=139.75 + 1 / 80 + 3.5 / 320 + 53 / 1.5 + 4 / 12 + 1 / 120 + 3.5 / 480 + 180.5,
        tolerance=1e-6, kind="format only",
    )  # fmt: skip


ROWS = (records, knet, attenuation, ruptures, ground)
