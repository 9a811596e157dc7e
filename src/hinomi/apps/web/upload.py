"""Packages over HTTP: a collection as SIP4D-ZIP, and the door for those that others send."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from hinomi.apps.web import parameters
from hinomi.apps.web.http import Answer, Ask, encode, not_here
from hinomi.apps.web.routes import ONLY_JSON, Route
from hinomi.kernel.errors import DataError, DeniedError, Text
from hinomi.kernel.marking import ANONYMOUS, Principal
from hinomi.kernel.reader import Question, Reader
from hinomi.runtime import exchange
from hinomi.standards import sip4d

if TYPE_CHECKING:
    from hinomi.apps.web.app import Web

MAX_BYTES = 64 * 1024 * 1024
"""Bytes of an uploaded package; larger ones come by SFTP or through a watched folder."""


def package(web: Web, ask: Ask, reader: Reader, collection: str, question: Question) -> Answer:
    """Answer a collection as a package: all of it, whatever the page's size."""
    whole: Question = {**question}
    whole.pop("limit", None)
    whole.pop("after", None)
    made = exchange.parcel(reader, collection, web.service.sender, **whole)
    links = f'<{ask.base}/websub>; rel="hub", <{ask.here}>; rel="self"'
    return Answer(
        body=made.data,
        media_type=exchange.MEDIA_TYPE,
        headers=(
            (b"content-disposition", f'attachment; filename="{made.name}"'.encode()),
            (b"link", links.encode()),
        ),
    )


def upload(web: Web, ask: Ask) -> Answer:
    """Take a package in, if the caller may write where its features go."""
    if web.service.take is None:
        raise not_here("This server takes no packages.", "パッケージを受け付けません。")
    if ask.principal == ANONYMOUS:
        raise DeniedError(
            "Uploading needs an API key (X-API-Key or Authorization: Bearer).",
            "アップロードにはAPIキーが必要です(X-API-KeyかAuthorization: Bearer)。",
            rule="api-key",
        )
    digest = _check(ask.body, ask.principal)
    report = web.service.take(ask.body, f"{ask.principal.name}-{digest[:12]}.zip")
    told = {
        "collections": report.collections,
        "records_new": report.records_new,
        "records_known": report.records_known,
        # Where the server keeps it is nobody's business.
        "findings": [finding.problem for finding in report.findings],
    }
    return Answer(body=encode({"report": told}), status=201 if report.exit_code == 0 else 202)


def _check(data: bytes, principal: Principal) -> str:
    """Return the package's digest if the caller may write all that it holds."""
    found = sip4d.open_package(data)
    marking = found.marking()
    if marking is None:
        raise DataError(found.findings.problems)
    collection = exchange.collection_of(found.code)
    if not principal.may_write(collection):
        raise DeniedError(
            f"{principal.name} may not write to {collection}.",
            f"{principal.name}は{collection}に書き込めません。",
            rule="collection-writers",
        )
    if not principal.may_see(marking):
        raise DeniedError(
            f"{principal.name} may not write what it may not see ({marking}).",
            f"{principal.name}は閲覧できない区分({marking})では書き込めません。",
            rule="marking",
        )
    return sha256(data).hexdigest()


ROUTES = (
    Route(
        path="/packages",
        name="upload",
        method="POST",
        text=Text("SIP4D-ZIPを送る", "Hand in a SIP4D-ZIP package"),
        answer=upload,
        parameters=(parameters.LANG,),
        offers=ONLY_JSON,
        gives={"application/json": "object"},
        success=201,
        body="binary",
        max_body=MAX_BYTES,
        refusals=(202, 400, 401, 403, 408, 413, 422, 503),
        tags=("exchange",),
    ),
)
