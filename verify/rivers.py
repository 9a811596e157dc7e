"""Rivers: closed forms, a textbook's table, USGS's rating, CAMELS basins and a real flood."""

from __future__ import annotations

import json
import tarfile
import zlib
from collections.abc import Iterator
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from hinomi.science.runoff.daily import forecast_days
from hinomi.science.runoff.kalman import corrected
from hinomi.science.runoff.levels import STEP_H, forecast_level, unknown_river
from hinomi.science.runoff.network import network
from hinomi.science.runoff.ratings import fit_rating
from hinomi.science.runoff.readings import check_readings
from hinomi.science.runoff.routing import muskingum
from hinomi.science.runoff.spread import calibrated, learnt
from hinomi.science.runoff.storage import slope_k, storage_function
from hinomi.science.runoff.tanks import Weather, fit_tanks, oudin
from hinomi.science.runoff.tempered import tempered
from hinomi.science.runoff.waves import Channels, channels_of, lateral, route
from hinomi.science.scores.series import nse
from verify.rows import Row, data

Array = NDArray[np.float64]
Told = dict[int, list[tuple[float, ...]]]
"""By lead [h]: what came, the level at the issue, bottom, middle and top of the band [m]."""
_CHOW = "Chow, Maidment & Mays 1988, Applied Hydrology, Table 8.4.2 (printed to 1 cfs)"


def reservoirs() -> Iterator[Row]:
    """Filling and recession of a storage function."""
    t = (np.arange(1000) + 1) * 0.02
    ours = storage_function(np.full(1000, 10.0), 0.02, k=4.0, p=1.0)
    yield Row(
        model="storage function, P = 1", case="filling, greatest error [mm/h]", theirs=0.0,
        ours=float(np.abs(ours - 10 * (1 - np.exp(-t / 4))).max()), tolerance=1e-4,
        reference="closed form of the linear reservoir",
    )  # fmt: skip
    ours = storage_function(np.zeros(2000), 0.01, k=25.0, outflow_mm_h=8.0)
    t = (np.arange(2000) + 1) * 0.01
    yield Row(
        model="storage function, P = 1/3", case="recession, greatest error [mm/h]", theirs=0.0,
        ours=float(np.abs(ours - (8.0 ** (-2 / 3) + 2 * t / 25.0) ** -1.5).max()), tolerance=1e-4,
        reference="closed form, Q = (Q0^(-2/3) + 2 t / K)^(-3/2)",
    )  # fmt: skip


def textbook() -> Iterator[Row]:
    """Muskingum routing by hand: K 2.3 h, X 0.15, hourly steps."""
    inflow = [93, 137, 208, 320, 442, 546, 630, 678, 691, 675, 634, 571, 477, 390, 329, 247, 184,
              134, 108, 90]  # fmt: skip
    theirs = [85, 91, 114, 159, 233, 324, 420, 509, 578, 623, 642, 635, 603, 546, 479, 413, 341,
              274, 215, 170]  # fmt: skip
    ours = muskingum(np.array(inflow, float), 3600, k_s=2.3 * 3600, x=0.15, outflow_m3_s=85.0)
    yield Row(
        model="Muskingum", case="greatest difference over 20 hours [cfs]", reference=_CHOW,
        ours=float(np.abs(ours - theirs).max()), theirs=0.0, tolerance=1.0,
    )  # fmt: skip
    yield Row(
        model="Muskingum", case="peak [cfs]", reference=_CHOW, ours=float(ours.max()), theirs=642.0,
        tolerance=1.0,
    )  # fmt: skip


def waves() -> Iterator[Row]:
    """Rain on a plane, and a network in balance."""
    count, rain, slope, manning, length = 1000, 50 / 3.6e6, 0.01, 0.05, 100.0
    plane = Channels(
        down=np.append(np.arange(1, count), -1), length_m=np.full(1, length / count),
        width_m=np.ones(1), slope=np.full(1, slope), manning=np.full(1, manning),
    )  # fmt: skip
    t = (np.arange(900) + 1) * 2.0
    found = route(plane, np.full((900, count), rain * length / count), 2.0, scheme="kinematic")
    alpha = np.sqrt(slope) / manning
    arrival = (length * rain ** (-2 / 3) / alpha) ** 0.6
    exact = np.where(t < arrival, alpha * (rain * t) ** (5 / 3), rain * length)
    yield Row(
        model="kinematic wave", case="rain on a plane, greatest error / equilibrium flow",
        reference="Henderson & Wooding 1964, J. Geophys. Res. 69, 1531 (closed form)",
        ours=float(np.abs(found.outflow_m3_s[:, -1] - exact).max() / (rain * length)), theirs=0.0,
        tolerance=0.03,
    )  # fmt: skip
    held = found.stored_m3.sum() / length * 1000.0
    yield Row(
        model="storage function of a slope", case="K [mm^0.4 h^0.6] by S / q^0.6 in balance",
        reference="our kinematic wave on 1,000 cells", ours=slope_k(length, slope, manning),
        theirs=float(held / (rain * 3.6e6) ** 0.6), tolerance=0.01,
    )  # fmt: skip
    y, x = np.mgrid[0:80, 0:60]
    rough = np.random.default_rng(2).normal(0, 0.4, y.shape)
    net = network(300 - 1.5 * y + 0.05 * (x - 30.0) ** 2 + rough, 100.0)
    channels, cells, to = channels_of(net, 2e5, 0.03)
    side = lateral(np.full(y.size, 20.0), net, to, cells.size)
    for scheme in ("muskingum-cunge", "kinematic"):
        flow = np.zeros((600, cells.size))
        flow[:400] = side
        run = route(channels, flow, 300.0, scheme=scheme)
        outlet = int(np.nanargmax(net.upstream_m2))
        yield Row(
            model=f"{scheme} on a D8 network", case="flow in balance at the outlet [m3/s]",
            reference="pyflwdir 0.5.12: upstream area x 20 mm/h", tolerance=0.05,
            ours=float(run.outflow_m3_s[399, np.flatnonzero(cells == outlet)[0]]),
            theirs=float(net.upstream_m2.ravel()[outlet] * 20 / 3.6e6),
        )  # fmt: skip
        yield Row(
            model=f"{scheme} on a D8 network", case="water made or lost / water come in",
            reference="conservation of mass", ours=abs(run.error_m3) / float(flow.sum() * 300),
            theirs=0.0, tolerance=1e-12,
        )  # fmt: skip


def filters() -> Iterator[Row]:
    """A hundred days of a random walk: the ensemble's variance is Kalman's."""
    rng = np.random.default_rng(5)
    members, variance = rng.normal(0, 2, (20_000, 1)), 4.0
    for _ in range(100):
        members = members + rng.normal(0, 0.5, members.shape)
        variance += 0.25
        members = corrected(members, members[:, 0], 0.0, 1.0)
        variance = variance / (variance + 1)
    yield Row(
        model="ensemble square-root filter", case="variance of a random walk, 20,000 members",
        reference="Kalman filter in closed form", ours=float(members.var(ddof=1)), theirs=variance,
        tolerance=0.02 * variance,
    )  # fmt: skip


def ratings() -> Iterator[Row]:
    """USGS's rating of the Patuxent at Bowie, low to bank-full: ours fitted to every second row."""
    rows = []
    text = data("exchange/usgs-water/waterservices_ratings.txt").read_text("utf-8")
    for line in text.splitlines():
        part = line.split("\t")
        if len(part) == 3 and part[2] == "*":
            rows.append((float(part[0]) * 0.3048, float(part[1]) * 0.028316846592))
    level, flow = np.array(rows).T
    inside = level <= 7.5 * 0.3048  # Above it leaves its banks: another curve.
    level, flow = level[inside], flow[inside]
    rating = fit_rating(level[::2], flow[::2])
    off = np.abs(np.log(rating.flow_m3_s(level[1::2]) / flow[1::2]))
    yield Row(
        model="rating curve", case="greatest error of the rows left out, of ln Q",
        reference="USGS rating 20.0 of 01594440 (retrieved 2018-02-28)", ours=float(off.max()),
        theirs=0.0, tolerance=0.1,
    )  # fmt: skip


def _basin(number: str) -> tuple[Array, Weather, Array]:
    """Return a basin's years (with their parts), weather and runoff [mm/day]."""
    lines = data(f"hazard/camels_us/{number}_daymet.txt").read_text("ascii").splitlines()
    latitude, area_m2 = float(lines[0]), float(lines[2])
    rows = [line.split() for line in lines[4:] if line.strip()]
    days = np.array([np.datetime64(f"{r[0]}-{r[1]}-{r[2]}") for r in rows])
    warm = np.array([(float(r[8]) + float(r[9])) / 2 for r in rows])
    first = days.astype("datetime64[Y]")
    of_year = (days - first).astype(int) + 1
    flows = {}
    path = data(f"hazard/camels_us/{number}_streamflow_qc.txt")
    for line in path.read_text("ascii").splitlines():
        part = line.split()
        flows[np.datetime64(f"{part[1]}-{part[2]}-{part[3]}")] = float(part[4])
    flow = np.array([flows.get(day, np.nan) for day in days])
    flow[flow < 0] = np.nan
    year = first.astype(int) + 1970 + (of_year - 1) / 366
    weather = Weather(np.array([float(r[5]) for r in rows]), warm, oudin(warm, of_year, latitude))
    return year, weather, flow * 0.028316846592 * 86_400_000 / area_m2


_YEARS = (2000, 2001, 2002)
"""All that there are of these basins."""
_BASINS = ("01022500", "01547700", "02064000")


def _with_a_year_before(number: str) -> tuple[Array, Weather, Array]:
    """Return a basin's record with its first year's weather once more before it, flows unknown."""
    year, weather, flow = _basin(number)
    first = np.concatenate([np.arange(366), np.arange(year.size)])
    spun = Weather(weather.rain_mm[first], weather.temperature_c[first],
                   weather.evaporation_mm[first])  # fmt: skip
    return (
        np.concatenate([year[:366] - 1, year]), spun, np.concatenate([np.full(366, np.nan), flow])
    )  # fmt: skip


def _camels(number: str, judged: int) -> Iterator[Row]:
    year, weather, flow = _with_a_year_before(number)
    within = np.floor(year) == judged
    others = [y for y in _YEARS if y != judged]
    known = np.isin(np.floor(year), others)
    tanks = [fit_tanks(weather, flow, known, tries=1000, seed=seed) for seed in range(6)]
    middle = np.median(tempered(forecast_days(tanks, weather, flow), flow), axis=2)
    for lead in (1, 2, 3):
        issued = np.flatnonzero(within[:-lead] & within[lead:])
        came = flow[issued + lead]
        yield Row(
            model="tanks and filter, rain as it came",
            case=f"CAMELS {number} in {judged}, {lead} d: NSE",
            reference=f"persistence on the same days (fitted on {others[0]} and {others[1]};"
            " Newman et al. 2015)",
            ours=nse(middle[issued, lead - 1], came), theirs=nse(flow[issued], came),
            tolerance=0.0, kind="at least",
        )  # fmt: skip


def camels() -> Iterator[Row]:
    """Each year with parameters of the two others."""
    for number in _BASINS:
        for judged in _YEARS:
            yield from _camels(number, judged)


def _flood() -> dict[str, tuple[Array, Array, float, float]]:
    """Return times [h], levels [m], lowest threshold and depth [m] of a real flood's gauges."""
    found: dict[str, dict[float, float]] = {}
    about: dict[str, tuple[float | None, float | None]] = {}
    archive = data("exchange/river-levels-jp/2026-06-01_03.tar.xz")
    with tarfile.open(archive) as members:
        for member in members:
            handle = members.extractfile(member)
            if handle is None or not member.name.endswith(".json"):
                continue
            for item in json.load(handle)["items"]:
                if item.get("level") is not None:
                    at = datetime.fromisoformat(item["obsTime"]).timestamp() / 3600
                    found.setdefault(item["code"], {})[at] = item["level"]
                    about[item["code"]] = item["startLevel"], item["fladLevel"]
    gauges = {}
    for code, readings in found.items():
        time, level = np.array(sorted(readings.items())).T
        low, high = about[code]
        lowest = level.min() if low is None else low
        gauges[code] = time, level, lowest, 1.0 if high is None else high - lowest
    return gauges


_LEADS = (1, 2, 3, 6)


def _followed(
    code: str, time: Array, level: Array, about: tuple[float, float], rows: Told
) -> None:  # fmt: skip
    """Forecast a gauge at each reading, judge what came true by then, and add what was told."""
    learnt_so_far: dict[float, float] = {}
    told: Told = {lead: [] for lead in _LEADS}
    low, depth = about
    before_h = float(time[0])
    for now in range(4, time.size - 1):
        seen = (time > time[now] - 24) & (time <= time[now])
        checked = check_readings(time[seen], level[seen])
        if seen.sum() < 4 or not checked.believed or not checked.use[-1]:
            continue
        used = np.flatnonzero(seen)[checked.use]
        step = np.round((time[used] - time[now]) / STEP_H).astype(int)
        given = np.full(1 - step.min(), np.nan)
        given[step - step.min()] = level[used]
        for lead in _LEADS:
            while told[lead] and told[lead][0][0] <= time[now] + 1e-6:
                _, missed, hours = told[lead].pop(0)
                learnt_so_far[lead] = learnt(
                    learnt_so_far.get(lead), lead, missed=bool(missed), hours=hours
                )
        river = unknown_river(min(low, level[used].min()), depth)
        seed = zlib.crc32(f"{code}/{now}".encode())
        ahead = calibrated(forecast_level(river, given, hours=6, seed=seed), learnt_so_far)
        bands = ahead.band()
        for lead in _LEADS:
            after = int(np.searchsorted(time, time[now] + lead))
            if after < time.size and time[after] - time[after - 1] < 2.8:
                came = float(np.interp(time[now] + lead, time, level))
                least, middle, most = bands[:, round(lead / STEP_H) - 1]
                rows[lead].append((came, level[now], least, middle, most))
                missed = not least <= came <= most
                told[lead].append((time[now] + lead, missed, time[now] - before_h))
        before_h = float(time[now])


def _band_rows(case: str, rows: Told) -> Iterator[Row]:
    for lead, told in rows.items():
        came, _, low_m, _, high_m = np.array(told).T
        yield Row(
            model="river level, readings alone", reference="what the band says, learnt by gauge",
            case=f"{case}, {len(told)} of {lead} h: share in the 80 % band",
            theirs=0.8, tolerance=0.1, ours=float(((came >= low_m) & (came <= high_m)).mean()),
        )  # fmt: skip


def flood() -> Iterator[Row]:
    """Levels alone, on gauges that nothing was chosen on."""
    rows: Told = {lead: [] for lead in _LEADS}
    gauges = _flood()
    for code in sorted(gauges)[1::4]:
        time, level, low, depth = gauges[code]
        _followed(code, time, level, (low, depth), rows)
    for lead, told in rows.items():
        came, before, _, middle, _ = np.array(told).T
        ours, theirs = ((middle - came) ** 2).sum(), ((before - came) ** 2).sum()
        yield Row(
            model="river level, readings alone",
            case=f"flood of June 2026, {len(told)} forecasts of {lead} h: 1 - MSE/MSE persistence",
            reference="persistence; MLIT's crisis-management gauges", ours=float(1 - ours / theirs),
            theirs=0.2, tolerance=0.0, kind="at least",
        )  # fmt: skip
    yield from _band_rows("the same", rows)


def drill() -> Iterator[Row]:
    """The drill's own rivers: straight lines, every ten minutes; of three sizes."""
    rows: Told = {lead: [] for lead in _LEADS}
    courses = (
        ((0, 1.4, 2.2, 2.8, 3.6, 4.2, 5.6, 6.4, 7.2, 8.2, 9),
         (5, 45, 70, 88, 103, 118, 92, 70, 45, 15, 8)),
        ((0, 2, 3, 4.5, 6, 8, 9), (5, 40, 65, 85, 60, 15, 8)),
    )  # fmt: skip
    time = np.arange(55) / 6
    for name, (hours, percent) in zip(("hinomi", "hansho"), courses, strict=True):
        for low, high in ((1.0, 2.0), (1.2, 2.9), (2.0, 4.0)):
            level = np.round(low + (high - low) * np.interp(time, hours, percent) / 100, 2)
            _followed(f"{name}{low}", time, level, (low, 1.2 * (high - low)), rows)
    yield from _band_rows("the drill's typhoon", rows)


ROWS = (reservoirs, textbook, waves, filters, ratings, camels)
LONG_ROWS = (flood, drill)
