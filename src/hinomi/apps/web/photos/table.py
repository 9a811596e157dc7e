"""The addresses of photos."""

from __future__ import annotations

from hinomi.apps.web import parameters as P  # noqa: N812  (as in the main table)
from hinomi.apps.web.http import JSON
from hinomi.apps.web.photos import door, pages
from hinomi.apps.web.routes import ONLY_JSON, Route
from hinomi.kernel.errors import Text

_HTML = (("text/html", "html"),)
_JPEG = ((door.JPEG, "jpeg"),)

ROUTES = (
    Route(
        path="/photo", name="photo-page", text=Text("写真を送るページ", "The page to send photos"),
        answer=pages.send, parameters=(P.STATUS, P.LANG), offers=_HTML,
        gives={"text/html": "text"}, tags=("photos",),
    ),
    Route(
        path="/photos", name="photos-page",
        text=Text("写真の確認", "The headquarters' queue of photos"),
        answer=pages.review, parameters=(P.STATUS, P.LANG), offers=_HTML,
        gives={"text/html": "text"}, tags=("photos",),
    ),
    Route(
        path="/photos", name="photo-upload", method="POST",
        text=Text("写真を送る", "Send a photo from the field (multipart/form-data)"),
        answer=door.upload, parameters=(P.STATUS, P.LANG), offers=ONLY_JSON,
        gives={JSON: "object"}, success=201, body="binary", max_body=door.MAX_BODY,
        headers=("X-CSRF-Token",), refusals=(200, 400, 401, 403, 408, 413, 422, 429, 503),
        tags=("photos",),
    ),
    Route(
        path="/photos/intake/{key}/{part}", name="photo-received",
        text=Text("受け付けた写真(本部内)", "A photo received, for the headquarters"),
        answer=door.received, parameters=(door.DIGEST, P.STATUS, P.LANG), offers=_JPEG,
        gives={door.JPEG: "binary"}, refusals=(400, 404), heavy=True, tags=("photos",),
    ),
    Route(
        path="/photos/{key}/{part}", name="photo-published",
        text=Text("公開された写真", "A published photo: image or thumbnail"),
        answer=door.published, parameters=(P.STATUS, P.LANG), offers=_JPEG,
        gives={door.JPEG: "binary"}, refusals=(400, 404), tags=("photos",),
    ),
)  # fmt: skip
