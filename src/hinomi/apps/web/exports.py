"""A collection as a file to keep: GeoPackage, Excel, Shapefile and others, at one address."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from hinomi.apps.web import parameters as p
from hinomi.apps.web.deliver import etag_matches
from hinomi.apps.web.http import Answer, Ask
from hinomi.apps.web.parameters import Parameter
from hinomi.apps.web.routes import Route
from hinomi.kernel.errors import InputError, Text
from hinomi.kernel.reader import Question
from hinomi.runtime.exports import FORMATS, export, file_name, format_of, notes_of

if TYPE_CHECKING:
    from hinomi.apps.web.app import Web

MOST = 200_000
"""Features in one file over HTTP; the command line has no such limit."""
_ADDRESS = "/collections/{collection}/export"
_OFFERS = tuple((form.media_type, form.extension) for form in FORMATS.values())
_MEDIA = [form.media_type.split(";")[0] for form in FORMATS.values()]
_FORMAT = Parameter("f", Text("ファイル形式", "file format"), {"type": "string"})


def give(web: Web, ask: Ask) -> Answer:
    """Answer the whole of what is asked for as one file."""
    of = web.catalog.collection(ask.arguments["collection"])
    reader = web.reader(ask)
    etag = web.stamp(ask, reader, of.id)
    if etag_matches(ask.headers.get(b"if-none-match"), etag):
        return Answer(status=304, etag=etag)
    question: Question = {}
    box = p.bbox_of(ask)
    if box is not None:
        question["bbox"] = box
    if "datetime" in ask.query:
        question["when"] = p.span(ask.query["datetime"], web.service.now())
    if "filter" in ask.query:
        question["filter"] = p.filter_of(ask, web.catalog, of.id)
    count = reader.count(reader.query(of.id, **question))
    if count > MOST:
        raise InputError(
            f"{count:,} features are too many for one answer ({MOST:,}); use bbox or filter, or"
            " hinomi export on the server.",
            f"{count:,}件は一度に渡せる件数({MOST:,})を超えています。範囲や条件で絞るか、"
            "サーバでhinomi exportを使ってください。",
        )
    notes = notes_of(web.service, reader, of, web.service.now(), ask.language)
    form = format_of(ask.media)
    name = file_name(notes, form.extension)
    with tempfile.TemporaryDirectory(prefix="hinomi-export-") as folder:
        path = Path(folder) / name
        export(
            form.extension, path, reader=reader, catalog=web.catalog, question=question,
            notes=notes,
        )  # fmt: skip
        body = path.read_bytes()
    disposition = f"attachment; filename*=UTF-8''{quote(name)}".encode()
    headers = ((b"content-disposition", disposition),)
    return Answer(body=body, media_type=form.media_type, etag=etag, headers=headers)


ROUTES = (
    Route(
        path=_ADDRESS, name="export", text=Text("ファイルに書き出す", "The collection as a file"),
        answer=give, heavy=True, offers=_OFFERS,
        parameters=(
            _FORMAT, p.LANG, p.BBOX, p.BBOX_CRS, p.DATETIME, p.STATUS, p.AS_OF, p.FILTER,
            p.FILTER_LANG, p.FILTER_CRS,
        ),
        gives={m: "object" if m.endswith("json") else "binary" for m in _MEDIA},
        refusals=(400, 404), tags=("files",),
    ),
)  # fmt: skip
