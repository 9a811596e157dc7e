"""Map layers: how a collection looks on the map and in the lists, declared once, served as data.

A domain's ``share.py`` lists its layers; the API gives them at ``/layers``; the page draws what
it finds there. So a new collection is on the screen without a change to the page.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from hinomi.kernel.errors import Text

Shape = Literal[
    "area", "line", "circle", "square", "diamond", "triangle", "mountain", "grid", "none"
]
"""``area`` fills polygons, ``line`` draws outlines, ``grid`` is a coverage drawn as pictures in its
classes' colours, ``none`` is only listed, the others are symbols at points."""

UNKNOWN = "unknown"
"""The value of a grid's class for where its pictures reach but nothing is known: left clear, that
would look as if nothing were there."""

GroupId = Literal[
    "warnings", "evacuation", "rain", "water", "ground", "damage", "support", "received", "world",
    "base", "other",
]  # fmt: skip

Pattern = Literal["", "lines", "cross", "dots", "grid"]
"""A second sign beside colour, for those who do not tell the colours apart."""


class Class(msgspec.Struct, frozen=True, kw_only=True):
    """One step of a legend: what has this value looks like this and is called that.

    Without a ``value`` it stands for everything that no other class names.
    """

    label: Text
    colour: str
    """``#rrggbb``; empty draws nothing."""
    value: str | int | bool | None = None
    at_least: float | None = None
    """Instead of a value: all numbers from here on that no graver class has taken."""
    short: Text | None = None
    """For a chip, where the label is too long."""
    ink: str = "#1b2430"
    """Text and pattern upon the colour."""
    pattern: Pattern = ""


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """One property as people read it: in the pop-up, or as a part of a list's row."""

    name: str
    name_en: str = ""
    """The property to read in English instead, where the sender names things in Japanese only."""
    label: Text
    kind: Literal["text", "number", "time", "flag", "list", "share"] = "text"
    """``share``: a part of a whole (1 is full), shown as a bar and in per cent."""
    unit: str = ""
    words: dict[str, Text] = {}
    """What a coded value is called: ``{"open": Text("開設", "open")}``."""
    fields: tuple[Field, ...] = ()
    """For a ``list``: which properties of its members are shown, the first as its name."""


class Threshold(msgspec.Struct, frozen=True, kw_only=True):
    """A line across a chart."""

    name: str
    """The feature's property that holds it; where that is null there is no line."""
    label: Text
    colour: str


class Chart(msgspec.Struct, frozen=True, kw_only=True):
    """A small chart in each row: a series of readings against the thing's own thresholds."""

    collection: str
    """The series collection: a change in it draws the charts anew."""
    series: str
    """The feature's property that holds the id of its series."""
    unit: str
    hours: float = 12
    thresholds: tuple[Threshold, ...] = ()
    """The highest first."""
    forecast: str = ""
    """The layer whose features say under the same keys what comes next: ``steps``, each with
    ``at``, ``low_m``, ``middle_m``, ``high_m``; a band behind the line. ``flags_words`` (and
    ``_en``) stand below it."""


class Board(msgspec.Struct, frozen=True, kw_only=True):
    """The layer's list beside the map, which is also all that a screen reader needs."""

    title: Text
    empty: Text
    """What the list says when there is nothing in it."""
    since: str = "start"
    """The time that a row tells its age from (where absent: said_at); newest first in a class."""
    fields: tuple[Field, ...] = ()
    happens: bool = False
    """The time is when it happened, not since when it holds."""
    open: bool = False
    """Unfolded at the start."""
    slim: bool = False
    """A strip at the foot of the lists: one line a thing, folded while its first class is empty."""
    local: bool = False
    """Listed only for a chosen municipality: the whole country's would be too many."""
    first: bool = False
    """Above the other lists, wherever the layer is drawn: what people are told to do."""
    chart: Chart | None = None


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """A heading of the legend: what stands below it answers one question."""

    id: GroupId
    title: Text


GROUPS = (
    Group(id="warnings", title=Text("警報・警戒レベル", "Warnings and levels")),
    Group(id="evacuation", title=Text("避難情報・避難所", "Evacuation and shelters")),
    Group(id="water", title=Text("川・浸水・ダム", "Rivers, floods, dams")),
    Group(id="rain", title=Text("雨・台風", "Rain and typhoons")),
    Group(id="ground", title=Text("地震・火山・土砂災害", "Earthquakes, volcanoes, landslides")),
    Group(id="damage", title=Text("被害・道路・停電・断水", "Damage, roads, outages")),
    Group(id="support", title=Text("給水・物資・医療", "Water, goods, medical care")),
    Group(id="received", title=Text("受け取ったレイヤー", "Layers received")),
    Group(id="world", title=Text("海外", "Abroad")),
    Group(id="base", title=Text("境界・人口・道路網", "Boundaries, population, roads")),
    Group(id="other", title=Text("その他", "Other")),
)
"""In the legend's order: what people are told to do first, what lies below the map last."""


class Layer(msgspec.Struct, frozen=True, kw_only=True):
    """A collection on the map: symbol, colour by property, pop-up, legend, smallest zoom.

    ``classes`` are in the legend's order, the gravest first; drawing puts the gravest on top.
    """

    id: str
    collection: str
    title: Text
    shape: Shape
    group: GroupId = "other"
    classes: tuple[Class, ...]
    property: str = ""
    """What the classes are told apart by; empty: all look like the first class."""
    name: Text
    """The properties that hold a thing's name in Japanese and in English (the same if one)."""
    fields: tuple[Field, ...] = ()
    """The pop-up, top to bottom."""
    filter: str = ""
    """CQL2 text: the part of the collection that this layer shows."""
    days: float | None = None
    """Only what was true within so many days before the moment that is shown: for events."""
    by_view: bool = False
    """Fetched for the window only, from ``min_zoom`` on: for collections of many thousands."""
    reference: bool = False
    """What holds in every status (areas): shown beside exercise statements too."""
    area: str = ""
    """The property that says in which municipality a thing is (``rivers.code``: in a list); empty:
    shown wherever one looks, also when the screen is narrowed to one municipality."""
    outlines: str = ""
    """The collection whose outlines these statements fill, by equal keys: then lists are asked for
    without shapes, and the map has each outline once however often a level changes."""
    tiles: bool = False
    """Drawn from vector tiles: for collections of many thousands."""
    min_zoom: float = 0
    size_px: float = 5
    """Radius of a symbol [px]."""
    label_zoom: float | None = None
    """From which zoom names are written; None writes none."""
    picture: str = ""
    """Where a thing's own picture is, below the site's root, with ``{key}`` for its key."""
    status: Literal["", "actual", "exercise", "test"] = ""
    """Offered beside statements of this status alone; empty: beside all."""
    shown: bool = True
    """Switched on at the start."""
    appears: str = ""
    """Off at the start, switched on once this number of its newest statement is above 0, unless the
    reader has chosen; of several such layers the first alone."""
    board: Board | None = None
    credit: str = ""
    """Attribution that the data's terms ask for."""
