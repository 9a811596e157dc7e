"""Predict: a flood case as people write it (TOML) into a run, and the run into records."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from hashlib import blake2b, sha256
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import msgspec

from hinomi import __version__
from hinomi.domains.hazards.collections.inundation_forecasts import (
    INUNDATION_FORECASTS,
    InundationForecast,
)
from hinomi.kernel.errors import InputError, Text
from hinomi.kernel.marking import Marking
from hinomi.kernel.records import Interval, Origin, Record

if TYPE_CHECKING:
    from hinomi.science.inundation.channels import Channels
    from hinomi.science.inundation.run import Case, Maps
    from hinomi.science.inundation.sources import Hydrograph

Decoded = TypeVar("Decoded")
SOURCE = "hinomi"
LIMITS = Text(
    "独自の計算で、気象庁・国土交通省の予報ではありません。避難は公式の情報に従ってください。"
    "地盤高・粗度・流入の誤差、下水道・小さな水路・建物の省略により、深さは数十cm異なり得ます。",
    "Our own computation, not JMA's or MLIT's forecast; evacuate by official information. Errors of"
    " ground, roughness and inflow, and sewers, ditches and houses left out, may shift depths by"
    " tens of centimetres.",
)
_MOST_RUNS = 60_000
"""Runs of cells from which outlines are made; beyond it cells are taken together first."""


class Curve(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Values over time; a single value is steady."""

    values: tuple[float, ...]
    minutes: tuple[float, ...] = (0.0,)


class At(Curve, frozen=True, forbid_unknown_fields=True):
    """An inflow [m3/s] at points of the plane."""

    at: tuple[tuple[float, float], ...] = ()


class Levee(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A breach: points of the levee, the height it falls to, when and how fast."""

    at: tuple[tuple[float, float], ...]
    bottom_m: float
    start_min: float
    duration_min: float = 0.0


class Station(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A pumping station (排水機場); without an outlet the water leaves the map."""

    at: tuple[float, float]
    capacity_m3_s: float
    on_m: float
    off_m: float
    outlet: tuple[float, float] | None = None


class Stream(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A channel narrower than a cell: its line, downstream or up, and its section."""

    line: tuple[tuple[float, float], ...]
    width_m: float
    depth_m: float
    """Of its bed below the ground of each cell."""
    manning: float = 0.03


class Soil(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Green and Ampt's numbers."""

    conductivity_mm_h: float
    suction_m: float
    deficit: float


class Side(Curve, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a side of the map is: a wall (the default), stage [m], flow [m2/s] or free."""

    side: Literal["west", "east", "north", "south"]
    kind: Literal["wall", "stage", "flow", "free"]
    values: tuple[float, ...] = (0.0,)


class Post(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A place where depth is followed; with what was measured there [m], if anything."""

    name: str
    at: tuple[float, float]
    minutes: tuple[float, ...] = ()
    depth_m: tuple[float, ...] = ()


class FloodCase(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A case's file. Lengths in metres of ``crs``, a plane in metres."""

    title: str
    dem: str
    """File of elevation beside the case: .asc, .tif, GSI's .xml mesh, .txt or .png tile, .npy; or
    ``hazards.elevation/KEY`` of what was imported."""
    hours: float
    crs: str = ""
    """Such as EPSG:6677; without it nothing can be drawn on the map."""
    cell_m: float | None = None
    west_m: float | None = None
    north_m: float | None = None
    """Of the north-west corner; .asc files have all three of their own."""
    kernel: Literal["inertial", "finite-volume"] = "inertial"
    precision: Literal["float32", "float64"] = "float32"
    manning: float = 0.03
    land_use: str = ""
    """File of land use beside the case, in numbers (.asc, .tif, .npy); with ``manning_of``."""
    manning_of: dict[str, float] = {}
    """Manning's n of each class of land use."""
    spikes: Literal["level", "keep"] = "level"
    """Single cells far above or below all around are put to the middle of these, or kept."""
    channel: tuple[Stream, ...] = ()
    starts_at: datetime | None = None
    uncertainty: str = ""
    rain_mm_h: Curve | None = None
    drain_mm_h: float = 0.0
    soil: Soil | None = None
    inflow: tuple[At, ...] = ()
    breach: tuple[Levee, ...] = ()
    pump: tuple[Station, ...] = ()
    edge: tuple[Side, ...] = ()
    gauge: tuple[Post, ...] = ()
    exposure: str = ""
    """CSV beside the case: x, y of the plane, people, buildings."""
    void_m: float | None = None
    """Height of cells without data (the sea, say); without it they are refused."""
    river: str = ""
    """Code of the forecast stretch (予報区域) whose warnings start this case."""


class Ground(msgspec.Struct, frozen=True):
    """Elevation [m, rows from the north] and where it lies."""

    height_m: Any
    cell_m: float
    west_m: float
    north_m: float
    digest: str
    manning: Any = None
    """Manning's n of each cell, where the case has land use."""
    told: tuple[Text, ...] = ()
    """What was mended in it."""
    land_use_digest: str = ""


def decoded(data: bytes, kind: type[Decoded], what: Text) -> Decoded:
    """Return what a TOML file holds.

    Raises:
        InputError: it is no TOML, or a name or value is not as the page says.
    """
    try:
        return msgspec.toml.decode(data, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InputError(
            f"{what.en}: {error}", f"{what.ja}の内容が正しくありません: {error}"
        ) from None


def decode_case(data: bytes) -> FloodCase:
    """Return the case of a TOML file.

    Raises:
        InputError: it is no TOML, or a name or value is not as the page says.
    """
    return decoded(data, FloodCase, Text("ケース", "case"))


def case_of(plan: FloodCase, ground: Ground) -> Case:
    """Return what the kernel runs."""
    from hinomi.science.inundation import sources as s  # noqa: PLC0415
    from hinomi.science.inundation.run import Case, EdgeSeries  # noqa: PLC0415

    def cell(point: tuple[float, float]) -> tuple[int, int]:
        row = int((ground.north_m - point[1]) // ground.cell_m)
        return row, int((point[0] - ground.west_m) // ground.cell_m)

    found: list[s.Source] = []
    if plan.rain_mm_h is not None:
        found.append(s.Rain(_curve(plan.rain_mm_h)))
    found += [s.Inflow(tuple(map(cell, i.at)), _curve(i)) for i in plan.inflow]
    found += [
        s.Breach(tuple(map(cell, b.at)), b.bottom_m, 60 * b.start_min, 60 * b.duration_min)
        for b in plan.breach
    ]
    found += [
        s.Pump(
            cell(p.at), p.capacity_m3_s, p.on_m, p.off_m,
            None if p.outlet is None else cell(p.outlet),
        )
        for p in plan.pump
    ]  # fmt: skip
    if plan.drain_mm_h:
        found.append(s.Drain(plan.drain_mm_h))
    if plan.soil is not None:
        soil = plan.soil
        found.append(s.GreenAmpt(soil.conductivity_mm_h * s.MM_H, soil.suction_m, soil.deficit))
    return Case(
        bed_m=ground.height_m, dx_m=ground.cell_m, end_s=3600 * plan.hours,
        manning=plan.manning if ground.manning is None else ground.manning,
        channels=_channels(plan, ground, cell), kernel=plan.kernel, precision=plan.precision,
        sources=tuple(found), edges=tuple(EdgeSeries(e.side, e.kind, _curve(e)) for e in plan.edge),
    )  # fmt: skip


def _channels(
    plan: FloodCase, ground: Ground, cell: Callable[[Any], tuple[int, int]]
) -> Channels | None:
    """Return the channels of the case's lines on its grid.

    Raises:
        InputError: a line lies outside the ground.
    """
    import numpy as np  # noqa: PLC0415

    from hinomi.science.inundation.channels import Channels, traced  # noqa: PLC0415

    if not plan.channel:
        return None
    bed = np.asarray(ground.height_m, float)
    width, bottom, rough = np.zeros_like(bed), bed.copy(), np.full_like(bed, 0.03)
    for stream in plan.channel:
        cells = traced([cell(point) for point in stream.line])
        rows, columns = np.array(cells).T
        if not ((rows >= 0) & (rows < bed.shape[0]) & (columns >= 0)
                & (columns < bed.shape[1])).all():  # fmt: skip
            raise InputError("channel: its line leaves the ground (河道の線が標高の外です)。")
        width[rows, columns], rough[rows, columns] = stream.width_m, stream.manning
        bottom[rows, columns] = bed[rows, columns] - stream.depth_m
    return Channels(width, bottom, rough)


def _curve(curve: Curve) -> Hydrograph:
    from hinomi.science.inundation.sources import Hydrograph  # noqa: PLC0415

    return Hydrograph(tuple(60 * minute for minute in curve.minutes), curve.values)


def records_of(  # noqa: PLR0913 - what a run is made of
    plan: FloodCase,
    ground: Ground,
    maps: Maps,
    grid: bytes,
    issued_at: datetime,
    marking: Marking,
    *,
    run: str = "",
) -> list[Record]:
    """Return the run's record and one for each depth class that occurs.

    Args:
        plan: the case.
        ground: its elevation.
        maps: what the run left.
        grid: the zipped Zarr, which the caller keeps as a blob.
        issued_at: when the run was made.
        marking: who may see it, and whether it is actual, exercise or test.
        run: its id; unless given it is made of all this.
    """
    import numpy as np  # noqa: PLC0415

    from hinomi.science.inundation.ranks import RANKS  # noqa: PLC0415

    stated = msgspec.json.encode((plan, ground.digest, issued_at), order="deterministic")
    run = run or blake2b(stated, digest_size=8).hexdigest()
    start = plan.starts_at or issued_at
    rank = maps.rank
    common: dict[str, Any] = {
        "run": run, "title": plan.title, "kernel": plan.kernel, "cell_m": ground.cell_m,
        "code_version": __version__, "grid_digest": sha256(grid).hexdigest(),
        "uncertainty": plan.uncertainty or "一つの計算であり、幅は計算していません。"
        " (One run; no spread was computed.)",
        "limits": " ".join([LIMITS.ja, *(told.ja for told in ground.told)]),
        "limits_en": " ".join([LIMITS.en, *(told.en for told in ground.told)]),
    }  # fmt: skip
    given: dict[str, Any] = {"dem_sha256": ground.digest, "case": plan}
    if ground.land_use_digest:
        given["land_use_sha256"] = ground.land_use_digest
    inputs = msgspec.json.encode(given, order="deterministic").decode()
    minutes = maps.arrival_s / 60
    whole = InundationForecast(
        **common, part="run", rank=int(rank.max()), inputs=inputs,
        parameters=f"manning={plan.manning_of or plan.manning} precision={plan.precision}"
        f" hours={plan.hours}",
        balance_error=float(maps.balance_error), area_m2=_area(rank > 0, ground),
        deepest_m=float(maps.max_depth_m.max()), fastest_m_s=float(maps.max_speed_m_s.max()),
        earliest_arrival_min=float(np.nanmin(minutes)) if np.isfinite(minutes).any() else None,
    )  # fmt: skip
    shapes = dict(_outlines(rank, ground, plan.crs)) if plan.crs else {}
    parts: list[tuple[str, InundationForecast, Any]] = [("run", whole, None)]
    for one in RANKS:
        of = rank == one.number
        if of.any():
            body = InundationForecast(
                **common, part="depth", rank=one.number, rank_label=one.label.ja,
                rank_label_en=one.label.en, area_m2=_area(of, ground),
                earliest_arrival_min=float(np.nanmin(minutes[of])),
                deepest_m=float(maps.max_depth_m[of].max()),
                fastest_m_s=float(maps.max_speed_m_s[of].max()),
            )  # fmt: skip
            parts.append((f"rank-{one.number}", body, shapes.get(one.number)))
    return [
        Record(
            collection=INUNDATION_FORECASTS.id, key=f"{run}/{name}", said_at=issued_at, body=body,
            source=SOURCE, when=Interval(start, start + timedelta(hours=plan.hours)), place=shape,
            origin=Origin(digest=sha256(grid).hexdigest(), run=f"inundation@{__version__}"),
            marking=marking,
        )
        for name, body, shape in parts
    ]  # fmt: skip


def _area(mask: Any, ground: Ground) -> float:
    return float(mask.sum()) * ground.cell_m**2


def _outlines(rank: Any, ground: Ground, crs: str) -> Iterator[tuple[int, Any]]:
    """Yield the ground of each class as GeoJSON, longitude latitude."""
    import numpy as np  # noqa: PLC0415
    import shapely  # noqa: PLC0415
    from pyproj import Transformer  # noqa: PLC0415

    from hinomi.science.coverages.outlines import outlines  # noqa: PLC0415

    rows, columns = rank.shape
    edge = (
        ground.west_m, ground.north_m - rows * ground.cell_m,
        ground.west_m + columns * ground.cell_m, ground.north_m,
    )  # fmt: skip
    to_degrees = Transformer.from_crs(crs, "EPSG:4326", always_xy=True)

    def turned(points: Any) -> Any:
        lon, lat = to_degrees.transform(points[:, 0], points[:, 1])
        return np.round(np.column_stack([lon, lat]), 6)

    for number, whole in outlines(rank, edge, most_runs=_MOST_RUNS):
        shape = shapely.make_valid(shapely.transform(whole, turned))
        shape = shapely.multipolygons([p for p in _polygons(shape) if p.area > 0])
        yield number, msgspec.json.decode(shapely.to_geojson(shape))


def _polygons(shape: Any) -> Iterator[Any]:
    if shape.geom_type == "Polygon":
        yield shape
    for part in getattr(shape, "geoms", ()):
        yield from _polygons(part)
