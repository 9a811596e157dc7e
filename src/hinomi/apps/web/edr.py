"""Parts of coverages over HTTP: the cells in an area, a box or a circle.

References:
    OGC 19-086r6, OGC API – EDR 1.1: area, cube and radius queries; OGC 21-069r2, CoverageJSON 1.0.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from hinomi.apps.web import grids
from hinomi.apps.web import parameters as p
from hinomi.apps.web.grids import COVERAGE_JSON
from hinomi.apps.web.http import JSON, Answer, Ask, encode
from hinomi.apps.web.parameters import Parameter
from hinomi.apps.web.routes import Route
from hinomi.kernel.errors import InputError, Text

if TYPE_CHECKING:
    from hinomi.apps.web.app import Web
    from hinomi.science.coverages import Cut

NETCDF = "application/netcdf"
MOST_VALUES = 1_000_000
"""Of one answer: some ten megabytes of text."""
MOST_KM = 1_000.0
_NUMBER = re.compile(r"\d{1,7}(?:\.\d{1,9})?", re.ASCII)
_IN_KM = {"km": 1.0, "m": 0.001, "mi": 1.609344}


def area(web: Web, ask: Ask) -> Answer:
    """Answer the cells whose middle lies in a polygon."""
    return _answer(web, ask, lambda: [_polygon(ask.query.get("coords", ""))])


def cube(web: Web, ask: Ask) -> Answer:
    """Answer the cells whose middle lies in a box; one over the date line has two parts."""

    def boxes() -> list[Any]:
        from shapely import box  # noqa: PLC0415 - heavy

        found = p.bbox_of(ask)
        if found is None:
            raise p.bad("bbox", "", "west,south,east,north", "西,南,東,北です。")
        west, south, east, north = found
        if west <= east:
            return [box(west, south, east, north)]
        return [box(west, south, 180.0, north), box(-180.0, south, east, north)]

    return _answer(web, ask, boxes)


def radius(web: Web, ask: Ask) -> Answer:
    """Answer the cells whose middle lies within a distance of a point."""

    def circle() -> list[Any]:
        from hinomi.science.coverages.cuts import disc  # noqa: PLC0415 - heavy

        longitude, latitude = grids.point_asked(ask)
        text, unit = ask.query.get("within", ""), ask.query.get("within-units", "km")
        if unit not in _IN_KM:
            raise p.bad("within-units", unit, "km, m or mi", "km、m、miのいずれかです。")
        far = float(text) * _IN_KM[unit] if _NUMBER.fullmatch(text) else 0.0
        if not 0 < far <= MOST_KM:
            raise p.bad(
                "within", text, f"above 0, at most {MOST_KM:g} km", "0より大きく1000 km以下"
            )
        found = disc(longitude, latitude, far)
        _check_on_map("coords", found)
        return [found]

    return _answer(web, ask, circle)


def _polygon(text: str) -> Any:
    from shapely import GEOSException, from_wkt, is_valid_reason  # noqa: PLC0415 - heavy

    try:
        found = from_wkt(text)
    except GEOSException:
        found = None
    if found is None or found.geom_type not in {"Polygon", "MultiPolygon"} or found.is_empty:
        raise p.bad("coords", text, "a POLYGON or MULTIPOLYGON", "POLYGONかMULTIPOLYGONです。")
    if found.has_z:
        raise p.bad("coords", text, "no heights: grids are flat", "高さは指定できません。")
    _check_on_map("coords", found)
    if not found.is_valid:
        reason = is_valid_reason(found)
        raise p.bad("coords", text, f"a valid polygon ({reason})", f"正しい多角形です({reason})。")
    return found


def _check_on_map(name: str, shape: Any) -> None:
    west, south, east, north = shape.bounds
    if not all(map(math.isfinite, shape.bounds)) or not (
        -180 <= west <= east <= 180 and -90 <= south <= north <= 90
    ):
        raise p.bad(
            name, f"{west:g},{south:g},{east:g},{north:g}",
            "longitude ±180, latitude ±90; over the date line ask twice",
            "経度±180、緯度±90です。日付変更線をまたぐときは2回に分けます。",
        )  # fmt: skip


def _answer(web: Web, ask: Ask, read: Callable[[], list[Any]]) -> Answer:
    collection = grids.coverages_of(web, ask.arguments["collection"])
    part = grids.part_asked(web, ask, collection)
    grids.crs84(ask)
    names = frozenset(p.names(ask, "parameter-name") or ())
    span = p.span(ask.query.get("datetime", "now"), web.service.now())
    web.coverages.check()
    from hinomi.science.coverages.cuts import cut, netcdf  # noqa: PLC0415 - heavy

    found: list[tuple[str, Cut]] = []
    room = MOST_VALUES
    reader = web.reader(ask)
    for outline in read():
        for item, grid in web.coverages.grids(
            reader, collection, span, outline.bounds, part, names
        ):
            made = cut(grid, outline, span, most=room)
            if isinstance(made, int):
                raise InputError(
                    f"More than {MOST_VALUES} values: ask for a smaller place or a shorter time.",
                    f"値が{MOST_VALUES}個を超えます。範囲か期間を小さくしてください。",
                )
            if made is not None:
                room -= made.values.size
                found.append((item.id, made))
    if ask.media == "netcdf":
        file = netcdf([made for _, made in found]) if found else None
        if file is None:
            raise InputError(
                f"f=netcdf: {len(found)} grids here, expected those of one grid whose times follow"
                " each other: narrow datetime, layer or parameter-name, or take f=json.",
                f"f=netcdf: 格子{len(found)}枚は1つのファイルになりません。datetime、layer、"
                "parameter-nameで絞るか、f=jsonにしてください。",
            )
        return Answer(body=file, media_type=NETCDF)
    body = {
        "type": "CoverageCollection",
        "domainType": "Grid",
        "referencing": grids.REFERENCING,
        "parameters": {made.parameter: grids.parameter(made.parameter, made.unit)
                       for _, made in found},
        "coverages": [_coverage(record, made) for record, made in found],
    }  # fmt: skip
    return Answer(body=encode(body), media_type=COVERAGE_JSON)


def _coverage(record: str, made: Cut) -> dict[str, Any]:
    values = made.values.ravel().tolist()
    return {
        "type": "Coverage",
        "hinomi:record": record,
        "domain": {
            "type": "Domain",
            "axes": {
                "x": {"values": [round(x, 9) for x in made.x.tolist()]},
                "y": {"values": [round(y, 9) for y in made.y.tolist()]},
                "t": {"values": [grids.time_text(time) for time in made.times]},
            },
        },
        "ranges": {
            made.parameter: {
                "type": "NdArray",
                "dataType": "float",
                "axisNames": ["t", "y", "x"],
                "shape": list(made.values.shape),
                "values": [round(value, 4) if math.isfinite(value) else None for value in values],
            }
        },
    }


_POLYGON = Parameter(
    "coords", Text("範囲(WKTの多角形)", "the area, WKT: POLYGON or MULTIPOLYGON"),
    {"type": "string"}, example="POLYGON((135 34,136 34,136 35,135 35,135 34))",
)  # fmt: skip
_WITHIN = Parameter(
    "within", Text("半径", f"the circle's radius; at most {MOST_KM:g} km"), {"type": "number"},
    example=20,
)  # fmt: skip
_UNITS = Parameter(
    "within-units", Text("半径の単位", "unit of the radius; km"),
    {"type": "string", "enum": list(_IN_KM), "default": "km"},
)  # fmt: skip
_SHARED = (p.DATETIME, grids.ONLY, grids.NAMES, grids.CRS, p.STATUS, p.AS_OF, p.LANG, p.F)


def _route(name: str, text: Text, answer: Any, *own: Parameter) -> Route:
    return Route(
        path=f"/collections/{{collection}}/{name}", name=name, text=text, answer=answer, heavy=True,
        parameters=(*own, *_SHARED),
        offers=((COVERAGE_JSON, "json"), (COVERAGE_JSON, "CoverageJSON"), (JSON, "json"),
                (NETCDF, "netcdf")),
        gives={COVERAGE_JSON: "object", NETCDF: "binary"}, refusals=(400, 404, 503),
        tags=("coverages",),
    )  # fmt: skip


ROUTES = (
    _route("area", Text("範囲の値(EDR)", "A coverage's cells in an area (EDR)"), area, _POLYGON),
    _route("cube", Text("矩形の値(EDR)", "A coverage's cells in a box (EDR)"), cube, p.BBOX),
    _route(
        "radius", Text("円内の値(EDR)", "A coverage's cells around a point (EDR)"), radius,
        grids.COORDS, _WITHIN, _UNITS,
    ),
)  # fmt: skip
