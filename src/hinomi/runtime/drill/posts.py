"""Flood sensors of the drill's first town: a list as any town has, and what they send by the story.

They stand where the prepared case's water comes once the levee gives way; when it does is the
story's: the first time that the town's river is at level 5. They send as real ones do, SensorThings
data arrays with their battery's voltage, and only when a switch has turned.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from hinomi.domains.hazards.observe.sensors import series_id
from hinomi.runtime.drill import terrain
from hinomi.runtime.drill.prefecture import TOWNS

EVERY = timedelta(minutes=15)
BATTERY_V = 3.58
HEARTBEAT_S = 21_600
"""Six hours, as makers of one-coin sensors state."""
RISES, STANDS, FALLS = timedelta(minutes=50), timedelta(minutes=60), timedelta(minutes=120)
HIGHEST_M = 0.9
"""Of the water above the plain's own fall, when it stands highest; invented."""
DRY_M = -0.3
LASTS = timedelta(hours=6)
"""By then the last one is dry again."""
SPEED_M_S = 0.8
"""At which the water's edge runs down the plain; invented, of the order of a levee's breach."""
_SPOTS = (
    ("堤下", 42, 12), ("東町", 50, 18), ("中央通り", 58, 14), ("市役所前", 68, 22),
    ("市民病院前", 66, 34), ("南町", 78, 16), ("駅前", 88, 28), ("線路下", 93, 40),
    ("北の台", 30, 66),
)  # fmt: skip
"""Name, row, columns east of the river; some 400 m and more from one another."""


class Post(NamedTuple):
    """A sensor, and the ground that it stands on."""

    key: str
    name: str
    longitude: float
    latitude: float
    ground_m: float
    """Above the plain's own fall."""
    below_m: float
    """How far down the plain from where the levee gives way [m]."""


@lru_cache(maxsize=2)
def posts(seed: int) -> tuple[Post, ...]:
    """Return the sensors of the seed's town."""
    from pyproj import Transformer  # noqa: PLC0415 - as all of the ground

    made = terrain.ground(seed)
    to_degrees = Transformer.from_crs(terrain.CRS, "EPSG:4326", always_xy=True)
    found = []
    for number, (name, row, east) in enumerate(_SPOTS, 1):
        column = int(terrain.river_column(row)) + east
        x = made.west_m + (column + 0.5) * made.cell_m
        longitude, latitude = to_degrees.transform(x, made.north_m - (row + 0.5) * made.cell_m)
        found.append(
            Post(
                f"drill-s{number}", f"{name}の浸水センサ", round(longitude, 6), round(latitude, 6),
                float(made.height_m[row, column]) - terrain.plain_m(row),
                max(row - terrain.BREACH_ROW, 0) * made.cell_m,
            )
        )  # fmt: skip
    return tuple(found)


def station_list(seed: int) -> bytes:
    """Return the town's list of sensors, the CSV that ``hinomi ingest`` takes from anyone."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(
        ["sensor_id", "name", "kind", "longitude", "latitude", "heartbeat_s", "municipality_code",
         "municipality", "status"]
    )  # fmt: skip
    code, town, _ = TOWNS[0]
    for post in posts(seed):
        writer.writerow(
            [post.key, post.name, "flood-switch", post.longitude, post.latitude, HEARTBEAT_S, code,
             town, "exercise"]
        )  # fmt: skip
    return text.getvalue().encode()


def depth_cm(post: Post, since: timedelta | None) -> int:
    """Return what a sensor's switches say so long after the levee gave way: 0, 10, 20 or 30."""
    if since is None:
        return 0
    here = since - timedelta(seconds=post.below_m / SPEED_M_S)
    water = _level_m(here) - post.ground_m
    return min(30, max(0, 10 * int(water * 10)))


def _level_m(since: timedelta) -> float:
    """Return the water's level above the plain's own fall [m]."""
    full = HIGHEST_M - DRY_M
    if since <= RISES:
        return DRY_M + full * max(since / RISES, 0.0)
    return HIGHEST_M - full * min(max((since - RISES - STANDS) / FALLS, 0.0), 1.0)


def said(seed: int, since: timedelta | None) -> dict[str, int]:
    """Return what each sensor says."""
    return {post.key: depth_cm(post, since) for post in posts(seed)}


def report(changes: Sequence[tuple[str, datetime, int]]) -> bytes:
    """Return the observations as a SensorThings data array (OGC 18-088, annex B)."""
    arrays = []
    for key, at, depth in changes:
        time = at.isoformat().replace("+00:00", "Z")
        for measured, value in (("depth_cm", depth), ("battery_v", BATTERY_V)):
            arrays.append(
                {
                    "Datastream": {"@iot.id": series_id(key, measured)},
                    "components": ["phenomenonTime", "result"],
                    "dataArray@iot.count": 1,
                    "dataArray": [[time, value]],
                }
            )
    return json.dumps(arrays).encode()
