"""What of a record is compared and merged, by collection."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

import msgspec

from hinomi.kernel.geometry import BBox, Geometry, bounds
from hinomi.kernel.marking import Marking
from hinomi.kernel.records import ENVELOPE, Stored
from hinomi.vocabulary.naming import Address, Name, address_of, name_of

Kind = Literal[
    "refuge", "hospital", "supply_base", "water_point", "road", "landslide", "levee", "inundation",
    "photo",
]  # fmt: skip

KINDS: dict[str, Kind] = {
    "response.sites": "refuge",
    "response.shelters": "refuge",
    "response.hospitals": "hospital",
    "response.supply_bases": "supply_base",
    "response.water_points": "water_point",
    "response.roads": "road",
    "hazards.landslides": "landslide",
    "hazards.levee_breaches": "levee",
    "hazards.inundation": "inundation",
    "response.photos": "photo",
}
"""Collections whose statements may be about one thing -> what kind of thing that is."""
EVENTS: frozenset[Kind] = frozenset({"road", "landslide", "levee", "inundation", "photo"})
"""Things that happen: the time counts, and one source may report several in one place."""
PHOTOS = "response.photos"
SIGHTS: tuple[tuple[Kind, tuple[str, ...]], ...] = (
    ("levee", ("決壊", "破堤", "越水", "堤防", "levee")),
    ("landslide", ("土砂", "がけ崩れ", "崖崩れ", "崖くずれ", "がけくずれ", "地すべり", "地滑り",
                   "土石流", "落石", "landslide", "rockfall", "debris flow")),
    ("inundation", ("浸水", "冠水", "水没", "床上", "床下", "あふれ", "溢れ", "flood",
                    "under water")),
    ("road", ("通行止", "通れ", "道路", "国道", "県道", "市道", "町道", "橋", "陥没", "倒木",
              "road", "bridge")),
)  # fmt: skip
"""Words by which the people who sent or published a photo say what it shows. A photo may show
several (県道が冠水); one whose words say none of these is no statement about any of them."""

_GSI_ID = 11
"""共通ID: E, municipality (5), running number (5), then the kind and number of the list. The first
eleven name the place; sites and shelters share them where both are there."""
_OWN = frozenset(
    {*ENVELOPE, "match_key", "sent", "municipality", "municipality_code", "common_id", "local_id",
     "crowding", "capacity_text", "taken_from", "place_from", "direction_deg", "media_type",
     "width", "height", "image", "thumbnail"}
)  # fmt: skip
"""Identifiers and what follows from other fields are not merged as values."""


class Thing(msgspec.Struct, frozen=True, eq=False, kw_only=True):
    """One source's standing statement about one thing; what pairs are compared by is at hand.

    The rest stays in the feature's bytes: of a nation's lists most are looked at once.
    """

    ref: str
    """``<collection>/<source>/<key>``: who says it of what; the same whatever it says."""
    collection: str
    key: str
    source: str
    record: str
    said_at: datetime
    marking: Marking
    feature: bytes
    title: str
    """Its name; a levee's is the river and the mark."""
    address_text: str
    municipality: str
    """Its code, or its name where there is none."""
    common_id: str
    """What of the 共通ID names the place."""
    local_id: str
    """The identifier that its own municipality or prefecture gave."""
    phone: str
    """Digits."""
    form: str
    """The geometry's type; empty for none."""
    at: tuple[float, float] | None
    """Longitude and latitude of the point, or of the middle of the bounds."""
    box: BBox | None
    """Bounds of a line or an area; None for a point, or for nothing."""
    kinds: tuple[Kind, ...]
    """What it may be; several, or nothing, for a photo."""
    seen_at: datetime
    """When it was so: when a photo was taken, else when it was said."""

    @property
    def kind(self) -> Kind:
        """Return what kind of thing it is."""
        return self.kinds[0] if self.kinds else KINDS[self.collection]

    @property
    def is_photo(self) -> bool:
        """Whether it only shows something: it names nothing, and stands where one stood."""
        return self.collection == PHOTOS

    @property
    def voice(self) -> str:
        """Return whose word it is as far as trust goes; photos come from anybody."""
        return f"resident-photo:{self.source}" if self.is_photo else self.source

    @property
    def said(self) -> dict[str, Any]:
        """Return the body with the envelope."""
        return _FEATURE.decode(self.feature).properties

    @property
    def place(self) -> Geometry | None:
        """Return the geometry."""
        return _FEATURE.decode(self.feature).geometry

    @property
    def name(self) -> Name:
        """Return its name taken apart."""
        return name_of(self.title)

    @property
    def address(self) -> Address:
        """Return its address taken apart."""
        return address_of(self.address_text)

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
    feature = _FEATURE.decode(item.feature)
    said, place = feature.properties, feature.geometry
    photo = item.collection == PHOTOS
    return Thing(
        ref=ref_of(item.collection, item.source, item.key),
        collection=item.collection,
        key=item.key,
        source=item.source,
        record=item.id,
        said_at=item.said_at,
        marking=item.marking,
        feature=item.feature,
        title=_title(item.collection, said),
        address_text=_text(said, "address"),
        municipality=_text(said, "municipality_code") or _text(said, "municipality"),
        common_id=_text(said, "common_id")[:_GSI_ID],
        local_id=_text(said, "local_id"),
        phone="".join(c for c in _text(said, "phone") if c.isdigit()),
        form=place["type"] if place else "",
        at=_middle(place) if place else None,
        box=bounds(place) if place and place["type"] != "Point" else None,
        kinds=sights(said) if photo else (KINDS[item.collection],),
        seen_at=_time(said.get("taken_at")) or item.said_at,
    )


def sights(said: Mapping[str, Any]) -> tuple[Kind, ...]:
    """Return what a photo shows by the words that people gave it.

    Example:
        >>> sights({"title": "県道が冠水", "text": ""})
        ('inundation', 'road')
    """
    words = f"{_text(said, 'title')} {_text(said, 'text')}".lower()
    return tuple(kind for kind, known in SIGHTS if any(word in words for word in known))


def _time(said: Any) -> datetime | None:
    return msgspec.convert(said, datetime, strict=False) if said else None


def _text(said: Mapping[str, Any], name: str) -> str:
    return str(said.get(name) or "")


def _title(collection: str, said: dict[str, Any]) -> str:
    if collection == PHOTOS:
        return _text(said, "title")
    if KINDS[collection] != "levee":
        return _text(said, "name")
    return " ".join(_text(said, n) for n in ("river_name", "bank", "distance_mark")).strip()


def _middle(place: Geometry) -> tuple[float, float]:
    if place["type"] == "Point":
        longitude, latitude = place["coordinates"][:2]
        return longitude, latitude
    west, south, east, north = bounds(place)
    return (west + east) / 2, (south + north) / 2


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
