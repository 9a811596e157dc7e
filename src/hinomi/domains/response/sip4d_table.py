"""SIP4D's information types and our collections: one table, read both ways."""

from __future__ import annotations

from hinomi.domains.response.collections.damage import DAMAGE, SIP4D
from hinomi.domains.response.collections.facilities import (
    CERTIFICATES,
    DEBRIS_YARDS,
    HOSPITALS,
    ROADS,
    SUPPLY_BASES,
    WATER_CUTS,
    WATER_POINTS,
)
from hinomi.domains.response.collections.shelters import SHELTERS
from hinomi.standards.sip4d.statements import Kind

_PLACE = {
    "id": "local_id",
    "citycode": "municipality_code",
    "cityname": "municipality",
    "name": "name",
    "namekana": "name_kana",
    "phoneno": "phone",
    "address": "address",
}
_AREA = {"citycode": "municipality_code", "cityname": "municipality", "note": "remarks"}

SHELTER_STATES = {
    "open": "open",
    "permanent": "open",
    "notopen": "closed",
    "close": "closed",
    "unknown": "unknown",
    "other": "unknown",
}
"""eststts -> our state; 未開設 and 閉鎖 are both closed, and ``sent`` tells which."""
SHELTER_WORDS = {"open": "open", "closed": "close", "unknown": "unknown"}
"""And back."""

KINDS: tuple[Kind, ...] = (
    Kind(
        collection=SHELTERS,
        codes={"": "01-001-01"},
        fields={
            **_PLACE, "eststts": "state", "capacity": "capacity", "evacueeno": "people",
            "area": "serves", "note": "remarks",
        },
        words={"eststts": SHELTER_WORDS},
    ),
    Kind(
        collection=SUPPLY_BASES,
        codes={"": "01-002-01"},
        fields={
            **_PLACE, "estab": "state", "division": "division", "pass": "access",
            "trucksize": "truck_size", "lift": "forklift", "personelno": "staff",
            "openhour": "hours", "endtime": "until", "note": "remarks",
        },
    ),
    Kind(
        collection=HOSPITALS,
        codes={"": "01-003-01"},
        fields={
            **_PLACE, "status": "state", "kyoten": "disaster_base", "toukai": "collapse",
            "supplyinfo": "supplies", "workbedno": "beds_working", "keepbedno": "beds_kept",
            "seriousno": "serious", "middleno": "moderate", "slightno": "slight",
            "note": "remarks",
        },
    ),
    Kind(
        collection=DEBRIS_YARDS,
        codes={"": "01-004-01"},
        fields={
            **_PLACE, "estab": "state", "area": "area_m2", "storage": "storage_m3",
            "usestorage": "used_m3", "garbage": "garbage", "debris": "debris", "sand": "sand",
            "wood": "wood", "mix": "mixed", "direct": "direct", "machineno": "machines",
            "endtime": "until", "note": "remarks",
        },
    ),
    Kind(
        collection=ROADS,
        codes={"Point": "01-005-01", "LineString": "01-005-02", "MultiLineString": "01-005-02"},
        fields={
            **_AREA, "id": "local_id", "roadname": "name", "roadkana": "name_kana",
            "roadtype": "road_type", "roadno": "road_number", "passstts": "state",
            "startpoint": "start_point", "endpoint": "end_point", "category": "cause",
            "detail": "detail", "endtime": "until",
        },
    ),
    Kind(
        collection=WATER_POINTS,
        codes={"": "01-006-01"},
        fields={
            **_PLACE, "josetu": "standing", "estab": "state", "openhour": "hours",
            "endtime": "until", "note": "remarks",
        },
    ),
    Kind(
        collection=WATER_CUTS,
        codes={"": "01-007-01"},
        fields={
            **_AREA, "range": "area", "cause": "cause", "houseno": "households",
            "maxhouseno": "households_at_most", "endtime": "until",
            "estendtime": "expected_until",
        },
    ),
    Kind(
        collection=CERTIFICATES,
        codes={"": "01-012-01"},
        fields={
            **_AREA, "applyno": "applied", "totalno": "issued", "alldstno": "destroyed",
            "mhalfdstno": "large_scale_half", "halfdstno": "half", "partdstno": "partial",
            "floorfno": "above_floor", "ufloorfno": "below_floor", "otherno": "other",
        },
    ),
    Kind(collection=DAMAGE, codes={"": "01-011-01"}, fields=SIP4D),
)  # fmt: skip
