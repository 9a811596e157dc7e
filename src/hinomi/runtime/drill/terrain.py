"""The ground of the drill's first town: a river between levees on a plain, hills beside it.

Invented, as the whole prefecture is, and the same for the same seed. It is the case of the scenario
workbench in a drill, and of the forecast that the river's warning starts.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from hinomi.kernel.marking import Marking, Status
from hinomi.kernel.records import Origin, Record
from hinomi.runtime.drill import residents
from hinomi.runtime.drill.areas import SAID_AT
from hinomi.runtime.drill.prefecture import CENTRE, PREFECTURE_NAME, RIVERS, TOWNS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hinomi.domains.hazards.predict_inundation import FloodCase, Ground
    from hinomi.domains.hazards.workbench.grounds import Exposure

CASE = "drill-boro"
CRS = "EPSG:6677"
"""The plane of the islands south of Tokyo (平面直角座標系 IX reaches them)."""
ROWS, COLUMNS, CELL_M = 140, 160, 50.0
FALL = 1 / 1_500
"""[m/m] of the plain, to the south: a lower course's."""
BED_M, CREST_M = 3.5, 2.5
"""Depth of the river's bed below the plain, height of its levees above it."""
RIVER_CELLS, LEVEE_CELLS = 3, 1
HOURS = 4.0
FLOW_M3_S = (400.0, 1_600.0, 2_200.0, 1_500.0, 700.0)
"""At the upper end, hour by hour: a flood that fills the bed to its levees."""
BREACH_MIN = 45.0
BREACH_ROW = 38
_SPREAD = 5
"""A block's people stand at so many places in each direction."""
_PARTS = ("numba", "xarray", "zarr", "pyproj")


def possible() -> bool:
    """Tell whether what runs it is installed (hinomi[models])."""
    return all(find_spec(name) is not None for name in _PARTS)


def ground(seed: int) -> Ground:
    """Return the elevation around the town."""
    import numpy as np  # noqa: PLC0415
    from pyproj import Transformer  # noqa: PLC0415

    from hinomi.domains.hazards.predict_inundation import Ground  # noqa: PLC0415

    to_plane = Transformer.from_crs("EPSG:4326", CRS, always_xy=True)
    x, y = to_plane.transform(*CENTRE)
    west, north = x - COLUMNS * CELL_M / 2, y + ROWS * CELL_M / 2
    bed = _plain(np.random.default_rng(seed))
    rows = np.arange(ROWS)[:, None]
    away = np.abs(np.arange(COLUMNS)[None, :] - _middle(np.arange(ROWS))[:, None])
    # The bed and the crest follow the plain's fall, not its roughness.
    level = plain_m(rows)
    levee = (away > RIVER_CELLS) & (away <= RIVER_CELLS + LEVEE_CELLS)
    bed = np.where(levee, level + CREST_M, bed)
    bed = np.where(away <= RIVER_CELLS, level - BED_M, bed)
    return Ground(np.round(bed, 2), CELL_M, round(west, 1), round(north, 1), f"drill:{seed}")


def plain_m(row: Any) -> Any:
    """Return the plain's height without its roughness [m], by row from the north."""
    return 4.0 + (ROWS - row) * CELL_M * FALL


def elevation(seed: int) -> bytes:
    """Return the ground as GeoTIFF, as a town's own elevation comes."""
    import numpy as np  # noqa: PLC0415

    from hinomi.standards import geotiff  # noqa: PLC0415

    made = ground(seed)
    east, south = made.west_m + COLUMNS * CELL_M, made.north_m - ROWS * CELL_M
    return geotiff.encode(
        made.height_m.astype(np.float32), (made.west_m, south, east, made.north_m),
        epsg=int(CRS.partition(":")[2]), geographic=False, title="drill",
    )  # fmt: skip


def river_column(row: int) -> float:
    """Return the column of the river's middle in a row."""
    import numpy as np  # noqa: PLC0415

    return float(_middle(np.array([row]))[0])


def _middle(row: NDArray[Any]) -> NDArray[Any]:
    """Return the river's column in each row: it winds."""
    import numpy as np  # noqa: PLC0415

    return np.asarray(0.42 * COLUMNS + 9 * np.sin(row / 19) + 4 * np.sin(row / 7.3 + 1), float)


def _plain(random: Any) -> NDArray[Any]:
    import numpy as np  # noqa: PLC0415

    rows, columns = np.arange(ROWS)[:, None], np.arange(COLUMNS)[None, :]
    level = plain_m(rows)
    # Beyond a flood plain of two to three kilometres the ground rises to hills.
    edge = np.maximum(np.abs(columns - 0.5 * COLUMNS) / (0.5 * COLUMNS) - 0.62, 0)
    hills = 260 * edge**1.6 * (1 + 0.35 * np.sin(rows / 11 + columns / 17))
    rough = np.zeros((ROWS, COLUMNS))
    for size, height in ((28, 0.6), (11, 0.35), (4, 0.12)):
        phase = random.uniform(0, 2 * np.pi, 3)
        rough += height * np.sin(rows / size + phase[0]) * np.sin(columns / size + phase[1])
    rail = np.abs(rows - 96 - columns / 12) < 0.7  # An embankment across the plain.
    return np.asarray(level + hills + rough + np.where(rail, 1.6, 0), float)


def plan(ground_: Ground) -> FloodCase:
    """Return the case: the river in flood, and the east levee that gives way above the town."""
    import numpy as np  # noqa: PLC0415

    from hinomi.domains.hazards import predict_inundation as p  # noqa: PLC0415

    row = BREACH_ROW

    def at(row: float, column: float) -> tuple[float, float]:
        return (
            ground_.west_m + (column + 0.5) * CELL_M, ground_.north_m - (row + 0.5) * CELL_M
        )  # fmt: skip

    middle = river_column(row)
    levee = [
        at(row + step, column)
        for step in range(-2, 3)
        for column in range(int(middle + RIVER_CELLS), int(middle + RIVER_CELLS + LEVEE_CELLS) + 2)
    ]
    land = plain_m(row)
    (code, river), *_ = RIVERS.items()
    town = TOWNS[0][1]
    return p.FloodCase(
        title=f"{river} {town}の左岸が切れる想定(訓練)", dem="drill", hours=HOURS, crs=CRS,
        manning=0.04, river=code,
        rain_mm_h=p.Curve((4.0, 10.0, 6.0, 2.0), (0.0, 60.0, 120.0, 240.0)),
        inflow=(
            p.At(
                FLOW_M3_S, tuple(60.0 * hour for hour in range(len(FLOW_M3_S))),
                # Over many cells: a little in each lets the steps be long.
                at=tuple(
                    at(down, float(column) + step)
                    for down, column in enumerate(_middle(np.arange(9)))
                    for step in (-1, 0, 1)
                ),
            ),
        ),
        breach=(p.Levee(tuple(levee), land, BREACH_MIN, 20.0),),
        edge=(p.Side(side="south", kind="free"),),
        gauge=(
            p.Post(f"{town}役場", at(70, middle + 22)), p.Post(f"{town}駅", at(94, middle + 34)),
        ),
        uncertainty=f"{PREFECTURE_NAME}は架空です。地形も流量も訓練のための想定です。"
        " (An invented prefecture: ground and flow are made up for the drill.)",
    )  # fmt: skip


def exposure(ground_: Ground, seed: int) -> Exposure:
    """Return where the town's people live, and in how many homes, spread over their blocks."""
    import numpy as np  # noqa: PLC0415
    from pyproj import Transformer  # noqa: PLC0415

    from hinomi.domains.hazards.workbench.grounds import Exposure  # noqa: PLC0415

    to_plane = Transformer.from_crs("EPSG:4326", CRS, always_xy=True)
    middles = (np.arange(_SPREAD) + 0.5) / _SPREAD
    parts: list[tuple[float, float, float]] = []
    for block in residents.records(seed):
        assert block.place is not None  # noqa: S101 - each block is a square
        ring = np.array(block.place["coordinates"][0])
        (west, south), (east, north) = ring.min(axis=0), ring.max(axis=0)
        people = block.body.people / _SPREAD**2
        parts += [
            (west + a * (east - west), south + b * (north - south), people)
            for a in middles
            for b in middles
        ]
    longitude, latitude, people_ = np.array(parts).T
    x, y = to_plane.transform(longitude, latitude)
    row = np.floor((ground_.north_m - y) / CELL_M).astype(int)
    column = np.floor((x - ground_.west_m) / CELL_M).astype(int)
    inside = (row >= 0) & (row < ROWS) & (column >= 0) & (column < COLUMNS)
    return Exposure(
        row[inside], column[inside], people_[inside], people_[inside] / residents.HOUSEHOLD
    )


def case(seed: int = 118) -> tuple[Record, bytes]:
    """Return the statement of the case, and its ground for a blob; open to all in the exercise."""
    from hinomi.domains.hazards.workbench.grounds import case_record  # noqa: PLC0415

    found = ground(seed)
    return case_record(
        CASE, plan(found), found, exposure(found, seed), Marking(Status.EXERCISE), said_at=SAID_AT,
        made_from=f"drill:terrain seed {seed}", origin=Origin(address="drill-ground:terrain"),
    )  # fmt: skip
