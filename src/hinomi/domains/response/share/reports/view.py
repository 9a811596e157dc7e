"""What a report's sections are given: the records of one moment and status, and links to them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from hinomi.kernel.errors import InputError, Text
from hinomi.kernel.filters import And, Filter, Like, Property
from hinomi.kernel.marking import Disclosure, Marking, Status
from hinomi.kernel.reader import Reader
from hinomi.kernel.records import Stored
from hinomi.standards.paper import Cell
from hinomi.vocabulary.times import JST

_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
UNKNOWN = "–"
"""未確認: no statement says it; never written for zero."""


class View:
    """The records as a report reads them: pinned to one position, in one status, in one area.

    ``seen`` collects the markings of all that the report shows.

    Raises:
        InputError: the reader mixes statuses; the area is no code.
    """

    def __init__(self, reader: Reader, *, language: str, moment: datetime, area: str = "") -> None:
        if len(reader.status) != 1:
            raise InputError(
                "A report is of one status: actual, exercise or test.",
                "報告は通常・訓練・試験のどれか一つで作ります。",
            )
        if area and not (area.isascii() and area.isdigit() and 2 <= len(area) <= 7):
            raise InputError(
                f"area={area!r}: expected a prefecture's 2 or a municipality's 7 digits.",
                f"area={area!r}: 都道府県の2桁か市町村の7桁のコードです。",
            )
        (self.status,) = reader.status
        # One position for all sections and for the links: the sums agree with what they lead to.
        self.position = reader.position()
        self.reader = reader.at(self.position)
        self.language = language
        self.moment = moment
        self.area = area
        self.seen: set[Marking] = set()

    def say(self, text: Text) -> str:
        """Return a text in the report's language."""
        return text.to(self.language)

    def find(
        self, collection: str, filtered: Filter | None = None, *, area: str = ""
    ) -> list[Stored]:
        """Return what stands in a collection; ``area`` names the property that holds the code."""
        wanted = [f for f in (filtered, self._in_area(area)) if f is not None]
        question = And(tuple(wanted)) if len(wanted) > 1 else (wanted[0] if wanted else None)
        found = list(self.reader.every(collection, filter=question))
        self.mark(found)
        return found

    def mark(self, items: Iterable[Stored]) -> None:
        """Note the markings of what the report shows."""
        self.seen.update(item.marking for item in items)

    def area_name(self) -> str:
        """Return what the area is called: as the area master says, else its code; empty: all."""
        if not self.area:
            return ""
        keys = (self.area, f"prefecture-{self.area}")
        found = self.reader.find("areas", keys=keys, limit=1).items
        return str(found[0].properties()["name"]) if found else self.area

    def record_link(self, record: str) -> str:
        """Return the address of a statement, by its id."""
        return f"records/{quoted(record)}{self._query({})}"

    def query_link(self, collection: str, condition: str, *, area: str = "") -> str:
        """Return the address of the query that gives what was counted, as it stood."""
        parts = [condition] if condition else []
        if area and self.area:
            parts.append(f"{area} LIKE '{self.area}%'")
        query = {"as-of": str(self.position)}
        if parts:
            query["filter"] = " AND ".join(f"({p})" if len(parts) > 1 else p for p in parts)
        return f"collections/{quoted(collection)}/items{self._query(query)}"

    def picture_link(self, moment: datetime) -> str:
        """Return the address of the screen as it was at a moment."""
        at = moment.astimezone(JST).isoformat(timespec="seconds")
        return self._query({"as-of": at}) or "?"

    def label(self) -> str:
        """Return who may see the report: the narrowest of what it shows; empty for everyone."""
        worst = max((m.disclosure for m in self.seen), default=Disclosure.CLEAR)
        if worst is Disclosure.CLEAR:
            return ""
        audience = ", ".join(sorted({name for m in self.seen for name in m.audience}))
        who = self.say(Text("取扱注意", "limited"))
        return f"TLP:{worst.label} {who}" + (f" ({audience})" if audience else "")

    def _query(self, query: dict[str, str]) -> str:
        status = {} if self.status is Status.ACTUAL else {"status": self.status.value}
        whole = "&".join(f"{name}={quoted(value)}" for name, value in {**status, **query}.items())
        return f"?{whole}" if whole else ""

    def _in_area(self, name: str) -> Filter | None:
        return Like(Property(name), f"{self.area}%") if name and self.area else None


def quoted(text: str) -> str:
    """Return a text as it stands in an address (RFC 3986, section 2.1).

    Example:
        >>> quoted("state = '開'")
        'state%20%3D%20%27%E9%96%8B%27'
    """
    return "".join(
        chr(byte) if byte in _UNRESERVED else f"%{byte:02X}" for byte in text.encode("utf-8")
    )


def clock_time(at: datetime | None) -> str:
    """Return a time as it is read in a table, Japan's.

    Example:
        >>> clock_time(datetime.fromisoformat("2026-09-12T03:10:00+09:00"))
        '9/12 03:10'
    """
    if at is None:
        return ""
    local = at.astimezone(JST)
    return f"{local.month}/{local.day} {local:%H:%M}"


def full_time(at: datetime, language: str) -> str:
    """Return a time as a report's head has it.

    Example:
        >>> full_time(datetime.fromisoformat("2026-09-12T03:10:00+09:00"), "ja")
        '令和8年9月12日 3時10分'
    """
    local = at.astimezone(JST)
    if language != "ja":
        return f"{local:%Y-%m-%d %H:%M} JST"
    first_year = 2018  # 令和元年 is 2019.
    year = local.year - first_year
    era = f"令和{'元' if year == 1 else year}年" if year > 0 else f"{local.year}年"
    return f"{era}{local.month}月{local.day}日 {local.hour}時{local.minute:02d}分"


def time_of(value: object) -> datetime | None:
    """Return a property's time."""
    return datetime.fromisoformat(value) if isinstance(value, str) and value else None


def number_cell(value: float | None, link: str = "", **look: object) -> Cell:
    """Return a figure's cell; one that is not known is written as such, and never as zero."""
    if value is None:
        return Cell(text=UNKNOWN, link=link, align="right", **look)  # type: ignore[arg-type]
    text = f"{value:,.1f}" if value != int(value) else f"{int(value):,}"
    return Cell(text=text, value=value, link=link, align="right", **look)  # type: ignore[arg-type]
