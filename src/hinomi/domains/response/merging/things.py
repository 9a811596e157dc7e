"""What of a record is compared and merged, by collection."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property
from typing import Any, Literal

import msgspec

from hinomi.kernel.geometry import Geometry, bounds
from hinomi.kernel.marking import Marking
from hinomi.kernel.records import ENVELOPE, Stored
from hinomi.vocabulary.naming import Address, Name, address_of, name_of

Kind = Literal["refuge", "hospital", "supply_base", "water_point", "road", "landslide", "levee"]

KINDS: dict[str, Kind] = {
    "response.sites": "refuge",
    "response.shelters": "refuge",
    "response.hospitals": "hospital",
    "response.supply_bases": "supply_base",
    "response.water_points": "water_point",
    "response.roads": "road",
    "hazards.landslides": "landslide",
    "hazards.levee_breaches": "levee",
}
"""Collections whose statements may be about one thing -> what kind of thing that is."""
EVENTS: frozenset[Kind] = frozenset({"road", "landslide", "levee"})
"""Things that happen: the time counts, and one source may report several in one place."""

_GSI_ID = 11
"""共通ID: E, municipality (5), running number (5), then the kind and number of the list. The first
eleven name the place; sites and shelters share them where both are there."""
_OWN = frozenset(
    {*ENVELOPE, "match_key", "sent", "municipality", "municipality_code", "common_id", "local_id",
     "crowding", "capacity_text"}
)  # fmt: skip
"""Identifiers and what follows from other fields are not merged as values."""


class Thing(msgspec.Struct, frozen=True, dict=True, eq=False):
    """One source's standing statement about one thing, with its place in the world."""

    ref: str
    """``<collection>/<source>/<key>``: who says it of what; the same whatever it says."""
    collection: str
    key: str
    source: str
    record: str
    said_at: datetime
    marking: Marking
    feature: bytes

    @property
    def kind(self) -> Kind:
        """Return what kind of thing it is."""
        return KINDS[self.collection]

    @cached_property
    def _feature(self) -> _Feature:
        return _FEATURE.decode(self.feature)

    @property
    def said(self) -> dict[str, Any]:
        """Return the body with the envelope."""
        return self._feature.properties

    @property
    def place(self) -> Geometry | None:
        """Return the geometry."""
        return self._feature.geometry

    @cached_property
    def at(self) -> tuple[float, float] | None:
        """Return longitude and latitude of the point, or of the middle of the bounds."""
        if self.place is None:
            return None
        if self.place["type"] == "Point":
            longitude, latitude = self.place["coordinates"][:2]
            return longitude, latitude
        west, south, east, north = bounds(self.place)
        return (west + east) / 2, (south + north) / 2

    @cached_property
    def title(self) -> str:
        """Return its name; a levee's is the river and the mark."""
        if self.kind == "levee":
            names = ("river_name", "bank", "distance_mark")
            return " ".join(str(self.said.get(n) or "") for n in names).strip()
        return str(self.said.get("name") or "")

    @cached_property
    def name(self) -> Name:
        """Return its name taken apart."""
        return name_of(self.title)

    @cached_property
    def address(self) -> Address:
        """Return its address taken apart."""
        return address_of(str(self.said.get("address") or ""))

    @property
    def municipality(self) -> str:
        """Return the municipality's code, or its name where there is none."""
        said = self.said
        return str(said.get("municipality_code") or said.get("municipality") or "")

    @cached_property
    def common_id(self) -> str:
        """Return what of the 共通ID names the place."""
        return str(self.said.get("common_id") or "")[:_GSI_ID]

    @property
    def local_id(self) -> str:
        """Return the identifier that its own municipality or prefecture gave."""
        return str(self.said.get("local_id") or "")

    @property
    def phone(self) -> str:
        """Return the digits of the telephone number."""
        return "".join(c for c in str(self.said.get("phone") or "") if c.isdigit())

    def values(self) -> dict[str, Any]:
        """Return what it states, field by field: what is empty or unknown is not stated."""
        said = {k: v for k, v in self.said.items() if k not in _OWN}
        return {k: v for k, v in said.items() if v not in (None, "", "unknown", [], {})}


class _Feature(msgspec.Struct):
    properties: dict[str, Any]
    geometry: Geometry | None


_FEATURE = msgspec.json.Decoder(_Feature)


def thing_of(item: Stored) -> Thing:
    """Return what is compared of a record."""
    return Thing(
        ref=ref_of(item.collection, item.source, item.key),
        collection=item.collection,
        key=item.key,
        source=item.source,
        record=item.id,
        said_at=item.said_at,
        marking=item.marking,
        feature=item.feature,
    )


def ref_of(collection: str, source: str, key: str) -> str:
    """Return the name of what a source says of a thing."""
    return f"{collection}/{source.replace('/', '／')}/{key}"


def collection_and_key(ref: str) -> tuple[str, str]:
    """Return the collection and the key that a ref names; empty texts for what is none.

    Example:
        >>> collection_and_key(ref_of("response.sites", "a/b", "1720200-x/y"))
        ('response.sites', '1720200-x/y')
    """
    collection, _, rest = ref.partition("/")
    return collection, rest.partition("/")[2]
