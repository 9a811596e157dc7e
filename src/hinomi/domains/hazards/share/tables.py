"""Tables for people and their spreadsheets: what is in force, one row a thing."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone

import msgspec

from hinomi.domains.hazards.collections.quakes import QUAKES, Quake
from hinomi.domains.hazards.collections.warnings import LEVELS, AlertLevel
from hinomi.kernel.errors import Text
from hinomi.kernel.filters import Compare, Property, Value
from hinomi.kernel.ports import Product
from hinomi.kernel.reader import Reader
from hinomi.vocabulary.hazards import HAZARDS

_FORMULA = re.compile(r"[=+@\t\r]|-(?![0-9.]+$)")
_JST = timezone(timedelta(hours=9), "JST")
_HEAD = (
    Text("区分", "status"),
    Text("市町村コード", "area code"),
    Text("市町村", "area"),
    Text("最高レベル", "highest level"),
    Text("種別", "kind"),
    Text("現象", "hazard"),
    Text("レベル", "level"),
    Text("発表(日本時間)", "stated (JST)"),
    Text("終了予定(日本時間)", "until (JST)"),
)


def render_in_force(reader: Reader, language: str) -> Iterator[bytes]:
    """Yield what is in force per municipality as CSV, UTF-8 with the mark that Excel looks for."""
    yield "\ufeff".encode() + _line([head.to(language) for head in _HEAD])
    in_force = Compare(">", Property("level"), Value(0))
    for stored in reader.every(LEVELS.id, filter=in_force):
        state = msgspec.convert(stored.body(), AlertLevel)
        for kind in state.in_force:
            hazard = HAZARDS.get(kind.hazard)
            yield _line(
                [
                    stored.marking.status.value,
                    state.area_code,
                    (state.area_name_en if language != "ja" else "") or state.area_name,
                    str(state.level),
                    kind.kind_name,
                    hazard.to(language) if hazard else kind.hazard,
                    str(kind.level),
                    _in_japan(kind.stated_at),
                    _in_japan(kind.until),
                ]
            )


def _in_japan(time: datetime | None) -> str:
    return "" if time is None else time.astimezone(_JST).strftime("%Y-%m-%d %H:%M")


def _line(cells: list[str]) -> bytes:
    text = io.StringIO()
    # A cell that begins like a formula would be run by a spreadsheet: a quote makes it a text.
    csv.writer(text).writerow([f"'{c}" if _FORMULA.match(c) else c for c in cells])
    return text.getvalue().encode()


_QUAKE_HEAD = (
    Text("区分", "status"),
    Text("発生(日本時間)", "time (JST)"),
    Text("震央地名", "epicentre"),
    Text("震央地名(日本語)", "epicentre, in Japanese"),
    Text("緯度", "latitude"),
    Text("経度", "longitude"),
    Text("深さ(km)", "depth (km)"),
    Text("マグニチュード", "magnitude"),
    Text("最大震度", "greatest intensity"),
    Text("津波", "tsunami"),
)
_SEA = {
    "warning": Text("津波警報等を発表中", "warnings in force"),
    "checking": Text("調査中", "being checked"),
    "possible": Text("津波の可能性", "possible"),
    "slight": Text("若干の海面変動", "slight change, no damage"),
    "none": Text("津波の心配なし", "no danger"),
}


def render_quakes(reader: Reader, language: str) -> Iterator[bytes]:
    """Yield every earthquake that is known, wherever it was, the newest first, as CSV."""
    yield "\ufeff".encode() + _line([head.to(language) for head in _QUAKE_HEAD])
    rows = []
    for stored in reader.every(QUAKES.id):
        quake = msgspec.convert(stored.body(), Quake)
        time = quake.origin_time or stored.when.start or stored.said_at
        rows.append((time, stored.key, stored.marking.status.value, stored.place(), quake))
    rows.sort(key=lambda row: (row[0], row[1]), reverse=True)
    for time, _, status, place, quake in rows:
        longitude, latitude = place["coordinates"][:2] if place is not None else ("", "")
        sea = _SEA.get(quake.tsunami or "")
        magnitude = quake.magnitude_text if quake.magnitude is None else str(quake.magnitude)
        yield _line(
            [
                status,
                _in_japan(time),
                (quake.hypocentre_en if language != "ja" else "") or quake.hypocentre,
                quake.hypocentre,
                str(latitude),
                str(longitude),
                "" if quake.depth_km is None else f"{quake.depth_km:g}",
                magnitude,
                quake.max_intensity,
                sea.to(language) if sea else quake.tsunami_text,
            ]
        )


QUAKES_TABLE = Product(
    id="quakes.csv",
    title=Text("全国の地震(表)", "Earthquakes of the whole country, as a table"),
    needs=(QUAKES.id,),
    media_type="text/csv; charset=utf-8",
    render=render_quakes,
)
IN_FORCE_TABLE = Product(
    id="in-force.csv",
    title=Text("発表中の警報・注意報(表)", "Warnings in force, as a table"),
    needs=(LEVELS.id,),
    media_type="text/csv; charset=utf-8",
    render=render_in_force,
)
