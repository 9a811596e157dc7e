"""CAP over HTTP: the feed of what stands, and one message of each record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hinomi.apps.web import parameters as p
from hinomi.apps.web.http import Answer, Ask, digest
from hinomi.apps.web.parameters import Parameter
from hinomi.apps.web.routes import Route
from hinomi.kernel.errors import InputError, Text
from hinomi.kernel.marking import Status
from hinomi.runtime import cap

if TYPE_CHECKING:
    from hinomi.apps.web.app import Web

PAGE = 500
MOST = 5_000
_FROM = Parameter(
    "offset", Text("何件目から", "how many of the newest to leave out"), {"type": "integer"}
)
_XML = ((cap.MEDIA_TYPE, "cap"), ("application/xml", "xml"))
_ATOM = ((cap.FEED_TYPE, "atom"), ("application/xml", "xml"))
_TYPE = Parameter("f", Text("形式", "form"), {"type": "string"})


def feed(web: Web, ask: Ask) -> Answer:
    """Answer what stands in one status, newest first, as Atom that links to each message."""
    reader = web.reader(ask)
    if len(reader.status) > 1:
        raise InputError(
            "A feed of alerts is of one status: actual, exercise or test.",
            "警報のフィードは通常・訓練・試験のどれか一つです。",
        )
    asked = ask.query.get("collections")
    collections = tuple(asked.split(",")) if asked else cap.DEFAULT
    offset, limit = _number(ask, "offset", 0, 1_000_000), _number(ask, "limit", PAGE, MOST)
    standing = cap.standing(reader, web.service.now(), collections)
    (status,) = reader.status
    tail = "" if status is Status.ACTUAL else f"?status={status.value}"
    items = [
        cap.item(s, outline, ask.language, f"{ask.base}/cap/{s.id}.xml{tail}")
        for s, outline in standing[offset : offset + limit]
    ]
    following = offset + limit
    more = ask.with_query(offset=str(following)) if following < len(standing) else ""
    names = {Status.ACTUAL: "", Status.EXERCISE: "【訓練】", Status.TEST: "【試験】"}
    title = ask.say(Text("発表中の警報", "Alerts in force"))
    body = cap.feed(
        items,
        id=f"{ask.base}/cap/feed.atom{tail}",
        title=f"{names[status]}{title}",
        here=ask.here,
        author=web.service.cap.sender,
        more=more,
    )
    return Answer(body=body, media_type=cap.FEED_TYPE, etag=digest(body.decode()))


def message(web: Web, ask: Ask) -> Answer:
    """Answer one record as a CAP message."""
    record = ask.arguments["record"].removesuffix(".xml")
    alert = cap.message(web.reader(ask), record, web.service.cap)
    body = cap.document(alert, web.service.cap)
    return Answer(body=body, media_type=cap.MEDIA_TYPE)


def _number(ask: Ask, name: str, default: int, most: int) -> int:
    text = ask.query.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) < 9) or int(text) > most:
        raise InputError(f"{name}={text[:20]}: expected a number up to {most}.")
    return int(text)


ROUTES = (
    Route(
        path="/cap/feed.atom", name="cap-feed",
        text=Text("発表中の警報(CAP)", "Alerts in force, as a feed of CAP messages"),
        answer=feed, heavy=True, offers=_ATOM,
        parameters=(_TYPE, p.LANG, p.STATUS, p.AS_OF, p.COLLECTIONS, p.LIMIT, _FROM),
        gives={cap.FEED_TYPE: "text"}, tags=("exchange",),
    ),
    Route(
        path="/cap/{record}", name="cap", text=Text("警報ひとつ(CAP)", "A record as CAP 1.2"),
        answer=message, heavy=True, offers=_XML, parameters=(_TYPE, p.LANG, p.STATUS),
        gives={cap.MEDIA_TYPE: "text"}, refusals=(400, 404), tags=("exchange",),
    ),
)  # fmt: skip
