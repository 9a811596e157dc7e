"""SIP4D's information types and our collections: one table, read both ways."""

from __future__ import annotations

from hinomi.domains.hazards.collections.depth_areas import DEPTH_AREAS
from hinomi.domains.hazards.collections.observed import INUNDATION, LANDSLIDES, LEVEE_BREACHES
from hinomi.standards.sip4d.statements import Kind

_AREA = {"citycode": "municipality_code", "cityname": "municipality", "note": "remarks"}
_HAPPENED = {
    "detail": "detail",
    "measures": "measures",
    "occurday": "occurred_day",
    "occurtime": "occurred_time",
}


def _by_geometry(code: str) -> dict[str, str]:
    return {
        "Point": f"{code}-01",
        "LineString": f"{code}-02",
        "MultiLineString": f"{code}-02",
        "Polygon": f"{code}-03",
        "MultiPolygon": f"{code}-03",
    }


KINDS: tuple[Kind, ...] = (
    Kind(
        collection=INUNDATION,
        codes={"Polygon": "01-008-03", "MultiPolygon": "01-008-03"},
        fields=_AREA,
    ),
    Kind(
        collection=LEVEE_BREACHES,
        codes=_by_geometry("01-009"),
        fields={
            **_AREA,
            **_HAPPENED,
            "rivername": "river_name",
            "reverkana": "river_name_kana",
            "seibiname": "office",
            "wsystem": "water_system",
            "leftright": "bank",
            "kp": "distance_mark",
        },
    ),
    Kind(
        collection=LANDSLIDES,
        codes=_by_geometry("01-010"),
        fields={
            **_AREA,
            **_HAPPENED,
            "pointname": "name",
            "type": "kind",
            "houseno": "households",
            "deadno": "dead",
            "injuredno": "injured",
        },
    ),
)

WRITTEN: tuple[Kind, ...] = (
    Kind(
        collection=DEPTH_AREAS,
        codes={"Polygon": "01-008-03", "MultiPolygon": "01-008-03"},
        fields=_AREA,
    ),
)
"""What goes out only: our own estimate never comes back in as something that was seen."""
