"""Tables for people and their spreadsheets: the shelters that are open."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from hinomi.domains.response.collections.shelters import SHELTERS
from hinomi.kernel.errors import Text
from hinomi.kernel.filters import Compare, Property, Value
from hinomi.kernel.ports import Product
from hinomi.kernel.reader import Reader
from hinomi.vocabulary.times import JST

_COLUMNS = (
    ("municipality", Text("市町村", "municipality")),
    ("name", Text("避難所", "shelter")),
    ("address", Text("所在地", "address")),
    ("people", Text("避難者", "people")),
    ("capacity", Text("定員", "capacity")),
    ("phone", Text("電話", "phone")),
    ("source", Text("発表者", "stated by")),
    ("status", Text("区分", "status")),
)
_ENGLISH = {"municipality": "municipality_en", "name": "called_en"}
_IN_JAPANESE = Text("避難所(日本語)", "shelter, in Japanese")
_SAID_AT = Text("発表(日本時間)", "stated (JST)")


def render_open(reader: Reader, language: str) -> Iterator[bytes]:
    """Yield the open shelters as CSV, UTF-8 with the mark that Excel looks for."""
    columns = list(_COLUMNS)
    if language != "ja":
        # The Japanese name stands beside the English: signs and people have that one.
        columns.insert(2, ("name", _IN_JAPANESE))
    head = [title.to(language) for _, title in columns]
    yield "\ufeff".encode() + _line([*head, _SAID_AT.to(language)])
    is_open = Compare("=", Property("state"), Value("open"))
    for stored in reader.every(SHELTERS.id, filter=is_open):
        said = stored.properties()
        cells = [
            (said.get(_ENGLISH.get(name, "")) if language != "ja" and title != _IN_JAPANESE else "")
            or said.get(name)
            for name, title in columns
        ]
        time = stored.said_at.astimezone(JST).strftime("%Y-%m-%d %H:%M")
        yield _line([*("" if cell is None else str(cell) for cell in cells), time])


def _line(cells: list[str]) -> bytes:
    text = io.StringIO()
    # A cell that begins like a formula would be run by a spreadsheet: a quote makes it a text.
    csv.writer(text).writerow([f"'{c}" if c[:1] in tuple("=+-@\t\r") else c for c in cells])
    return text.getvalue().encode()


OPEN_SHELTERS_TABLE = Product(
    id="open-shelters.csv",
    title=Text("開設中の避難所(表)", "Open shelters, as a table"),
    needs=(SHELTERS.id,),
    media_type="text/csv; charset=utf-8",
    render=render_open,
)
