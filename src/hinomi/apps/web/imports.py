"""Files by drag and drop: a preview of what a table would become, then the import itself."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec

from hinomi.apps.web import parameters as p
from hinomi.apps.web.http import JSON, Answer, Ask, encode, not_here
from hinomi.apps.web.parameters import Parameter, bad
from hinomi.apps.web.routes import ONLY_JSON, Route
from hinomi.kernel.errors import DeniedError, InputError, Text
from hinomi.kernel.marking import Status
from hinomi.runtime.imports.plans import Plan
from hinomi.runtime.imports.sheets import MOST_BYTES

if TYPE_CHECKING:
    from hinomi.apps.web.app import Web

_COLLECTION = Parameter("collection", Text("取り込み先", "the collection it goes into"),
                        {"type": "string"}, example="response.shelters")  # fmt: skip
_NAME = Parameter("name", Text("ファイル名", "the file's name"), {"type": "string"},
                  example="避難所一覧.xlsx")  # fmt: skip
_SHEET = Parameter("sheet", Text("シート", "the workbook's sheet or the file's layer"),
                   {"type": "string"})  # fmt: skip
_COLUMNS = Parameter(
    "columns",
    Text("列の対応(JSON)。空文字は取り込まない", "JSON: column to property, empty for none"),
    {"type": "string"},
    example='{"施設名":"name"}',
)
_CONSTANTS = Parameter(
    "constants", Text("全行に共通の値(JSON)", "JSON: property to a value for every row"),
    {"type": "string"}, example='{"state":"open"}',
)  # fmt: skip
_SOURCE = Parameter("source", Text("発表者", "who states it; the caller unless told"),
                    {"type": "string"})  # fmt: skip
_STATED = Parameter("said-at", Text("いつの情報か", "when it was stated (RFC 3339)"),
                    {"type": "string"}, example="2026-05-01T09:00:00Z")  # fmt: skip
_STATUS = Parameter(
    "status", Text("通常・訓練・試験の別", "what the rows are: actual unless told"),
    {"type": "string", "enum": [s.value for s in Status], "default": "actual"},
)  # fmt: skip


def preview(web: Web, ask: Ask) -> Answer:
    """Answer what the file's columns are taken for, its first rows, and what is wrong with it."""
    # Imported here: most servers never read a file of this kind.
    from hinomi.runtime.imports.taking import preview as look  # noqa: PLC0415

    plan = _plan(web, ask)
    return Answer(body=encode(look(ask.body, _name(ask), plan, web.catalog, web.service.now())))


def confirm(web: Web, ask: Ask) -> Answer:
    """Take the file in as the plan says."""
    from hinomi.runtime.imports.taking import take  # noqa: PLC0415

    plan = _plan(web, ask)
    if web.service.keep is None:
        raise not_here("This server takes no files.", "このサーバは取り込みを行いません。")
    taken = take(
        ask.body, _name(ask), plan, web.catalog, web.service.now(), by=ask.principal.name,
        keep=web.service.keep, append=partial(web.service.append, ask.principal),
    )  # fmt: skip
    return Answer(body=encode(taken), status=201)


def _name(ask: Ask) -> str:
    """Return the file's name without any folder."""
    return ask.query.get("name", "upload").replace("\\", "/").rsplit("/", 1)[-1][:200]


def _plan(web: Web, ask: Ask) -> Plan:
    collection = ask.query.get("collection", "")
    if not collection:
        raise InputError("collection=ID is missing.", "collection=IDが必要です。")
    web.catalog.collection(collection)
    if not ask.principal.may_write(collection):
        raise DeniedError(
            f"{ask.principal.name} may not write to {collection}.",
            f"{ask.principal.name}は{collection}に書き込めません。",
            rule="collection-writers",
        )
    status = ask.query.get("status", "actual")
    if status == "any":
        raise bad("status", status, "actual, exercise or test", "actual・exercise・testです。")
    return Plan(
        collection=collection,
        source=ask.query.get("source") or ask.principal.name,
        columns=_mapping(ask, "columns"),
        constants=_mapping(ask, "constants"),
        status=Status(status),
        said_at=p.time_of(ask, "said-at"),
        sheet=ask.query.get("sheet", ""),
    )


def _mapping(ask: Ask, name: str) -> dict[str, str]:
    text = ask.query.get(name)
    if text is None:
        return {}
    try:
        return msgspec.json.decode(text, type=dict[str, str])
    except msgspec.DecodeError:
        raise bad(name, text, "a JSON object of texts", "文字列のJSONオブジェクトです。") from None


def _route(path: str, name: str, text: Text, answer: Any, success: int) -> Route:
    return Route(
        path=path, name=name, method="POST", text=text, answer=answer, success=success,
        parameters=(
            _COLLECTION, _NAME, _SHEET, _COLUMNS, _CONSTANTS, _SOURCE, _STATED, _STATUS, p.LANG,
        ),
        offers=ONLY_JSON, gives={JSON: "object"}, body="binary", max_body=MOST_BYTES,
        refusals=(400, 401, 403, 404, 408, 413, 422, 503), tags=("files",),
    )  # fmt: skip


ROUTES = (
    _route("/imports", "import-preview", Text("取り込みの下見", "What a file would become"),
           preview, 200),
    _route("/imports/confirm", "import", Text("ファイルを取り込む", "Take a file in"),
           confirm, 201),
)  # fmt: skip
