"""Tables for people and their spreadsheets: what is in force, one row a thing."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone

import msgspec

from hinomi.domains.hazards.collections.warnings import LEVELS, AlertLevel
from hinomi.kernel.errors import Text
from hinomi.kernel.filters import Compare, Property, Value
from hinomi.kernel.ports import Product
from hinomi.kernel.reader import Reader
from hinomi.vocabulary.hazards import HAZARDS

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
    csv.writer(text).writerow([f"'{c}" if c[:1] in tuple("=+-@\t\r") else c for c in cells])
    return text.getvalue().encode()


IN_FORCE_TABLE = Product(
    id="in-force.csv",
    title=Text("発表中の警報・注意報(表)", "Warnings in force, as a table"),
    needs=(LEVELS.id,),
    media_type="text/csv; charset=utf-8",
    render=render_in_force,
)
