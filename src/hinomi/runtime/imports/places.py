"""Places of map files in degrees: any reference system that PROJ knows, told if it is assumed."""

from __future__ import annotations

from typing import Any

import msgspec

from hinomi.kernel.errors import InputError, Problem, Text
from hinomi.kernel.geometry import Geometry, check_geometry

WGS84 = "EPSG:4326"


def places_of(geometry: Any, crs: str | None, problems: list[Problem]) -> list[Geometry | None]:
    """Return each WKB as GeoJSON in WGS 84; what cannot be is None and told.

    Without a reference system degrees are assumed, where the numbers can be degrees.
    """
    # Imported here: the server's start shall not wait for what an import needs.
    import numpy as np  # noqa: PLC0415
    import shapely  # noqa: PLC0415

    shapes = shapely.from_wkb(np.array(geometry, object), on_invalid="fix")
    if crs is None:
        problems.append(
            Problem(
                "import.no-crs", "",
                Text("座標系の記載がないため、緯度経度とみなしました。",
                     "No reference system is named; longitude and latitude are assumed."),
                grade="note", expected=WGS84,
            )
        )  # fmt: skip
    elif crs != WGS84:
        shapes = _moved(shapes, crs)
    return [
        checked(None if text is None else msgspec.json.decode(text), n, problems)
        for n, text in enumerate(shapely.to_geojson(shapes).tolist(), 1)
    ]


def checked(place: Any, row: int, problems: list[Problem]) -> Geometry | None:
    """Return a geometry that the map can show, None where there is none; what is wrong is told."""
    if not place or not place.get("coordinates", place.get("geometries")):
        return None
    try:
        return check_geometry(place)
    except InputError as error:
        problems.append(Problem("import.place", f"/row[{row}]/geometry", error.text))
        return None


def _moved(shapes: Any, crs: str) -> Any:
    import numpy as np  # noqa: PLC0415
    import shapely  # noqa: PLC0415
    from pyproj import Transformer  # noqa: PLC0415 - heavy

    # JGD2011 and WGS 84 differ by less than such data's accuracy; PROJ takes them as equal.
    move = Transformer.from_crs(crs, WGS84, always_xy=True)

    def transform(xy: Any) -> Any:
        return np.column_stack(move.transform(xy[:, 0], xy[:, 1]))

    return shapely.transform(shapes, transform)
