"""CAP over HTTP: the feed of what stands, and one message of each record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hinomi.apps.web import parameters as p
from hinomi.apps.web.http import Answer, Ask, digest
from hinomi.apps.web.parameters import Parameter
from hinomi.apps.web.routes import Route
from hinomi.kernel.errors import InputError, Text
from hinomi.kernel.marking import Status
from hinomi.kernel.reader import Question, Reader
from hinomi.kernel.records import Stored
from hinomi.runtime import cap
from hinomi.standards.cap.thread import Outline

if TYPE_CHECKING:
    from hinomi.apps.web.app import Web

PAGE = 500
MOST = 5_000
_FROM = Parameter(
    "offset", Text("何件目から", "how many of the newest to leave out"), {"type": "integer"}
)
_XML = ((cap.MEDIA_TYPE, "cap"), ("application/xml", "xml"))
_ATOM = ((cap.FEED_TYPE, "atom"), ("application/xml", "xml"))
_RSS = ((cap.RSS_TYPE, "rss"), ("application/xml", "xml"))
_FORMS = ((cap.feed, cap.FEED_TYPE), (cap.rss, cap.RSS_TYPE))
_TYPE = Parameter("f", Text("形式", "form"), {"type": "string"})


def feed(web: Web, ask: Ask) -> Answer:
    """Answer what stands in one status, newest first, as Atom or RSS that links to each message."""
    reader = web.reader(ask)
    asked = ask.query.get("collections")
    collections = tuple(asked.split(",")) if asked else cap.DEFAULT
    status = _status(reader)
    standing = cap.standing(reader, web.service.now(), collections)
    title = ask.say(Text("発表中の警報", "Alerts in force"))
    name = ask.segments[-1]
    return _feed(web, ask, standing, (f"{ask.base}/cap/{name}{_tail(status)}", title, status))


def collection(web: Web, ask: Ask, reader: Reader, asked: tuple[str, Question]) -> Answer:
    """Answer a collection's alerts in force (``?f=cap`` of its items) as the same kind of feed."""
    name, question = asked
    status = _status(reader)
    narrower: Question = {**question}
    narrower.pop("limit", None)
    if narrower.keys() - {"bbox", "filter", "sources"}:
        raise InputError(
            "A feed of alerts holds what is in force: narrow it by bbox, filter or source.",
            "警報のフィードは発表中のものです。bbox、filter、sourceで絞り込めます。",
        )
    standing = cap.standing(reader, web.service.now(), (name,), narrower)
    title = ask.say(web.catalog.collection(name).title)
    id_ = f"{ask.base}{ask.path.decode()}?f=cap{_tail(status).replace('?', '&')}"
    return _feed(web, ask, standing, (id_, title, status))


def _status(reader: Reader) -> Status:
    if len(reader.status) > 1:
        raise InputError(
            "A feed of alerts is of one status: actual, exercise or test.",
            "警報のフィードは通常・訓練・試験のどれか一つです。",
        )
    (status,) = reader.status
    return status


def _tail(status: Status) -> str:
    return "" if status is Status.ACTUAL else f"?status={status.value}"


def _feed(
    web: Web, ask: Ask, standing: list[tuple[Stored, Outline]], named: tuple[str, str, Status]
) -> Answer:
    """Return one page of a feed; ``named`` is its id, title and status."""
    id_, title, status = named
    offset, limit = _number(ask, "offset", 0, 1_000_000), _number(ask, "limit", PAGE, MOST)
    items = [
        cap.item(s, outline, ask.language, f"{ask.base}/cap/{s.id}.xml{_tail(status)}")
        for s, outline in standing[offset : offset + limit]
    ]
    following = offset + limit
    more = ask.with_query(offset=str(following)) if following < len(standing) else ""
    names = {Status.ACTUAL: "", Status.EXERCISE: "【訓練】", Status.TEST: "【試験】"}
    write, media_type = _FORMS[ask.segments[-1] == "feed.rss"]
    body = write(
        items,
        id=id_,
        title=f"{names[status]}{title}",
        here=ask.here,
        author=web.service.cap.sender,
        more=more,
    )
    return Answer(body=body, media_type=media_type, etag=digest(body.decode()))


def message(web: Web, ask: Ask) -> Answer:
    """Answer one record as a CAP message."""
    return statement(web, web.reader(ask), ask.arguments["record"].removesuffix(".xml"))


def statement(web: Web, reader: Reader, record: str) -> Answer:
    """Return a statement as a CAP message (``?f=cap`` of an item)."""
    alert = cap.message(reader, record, web.service.cap)
    return Answer(body=cap.document(alert, web.service.cap), media_type=cap.MEDIA_TYPE)


def _number(ask: Ask, name: str, default: int, most: int) -> int:
    text = ask.query.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) < 9) or int(text) > most:
        raise InputError(f"{name}={text[:20]}: expected a number up to {most}.")
    return int(text)


ROUTES = (
    *(
        Route(
            path=f"/cap/feed.{form}", name=name,
            text=Text(f"発表中の警報(CAP、{form})", f"Alerts in force, as a feed ({form}) of CAP"),
            answer=feed, heavy=True, offers=offers,
            parameters=(_TYPE, p.LANG, p.STATUS, p.AS_OF, p.COLLECTIONS, p.LIMIT, _FROM),
            gives={offers[0][0]: "text"}, tags=("exchange",),
        )
        for form, name, offers in (("atom", "cap-feed", _ATOM), ("rss", "cap-feed-rss", _RSS))
    ),
    Route(
        path="/cap/{record}", name="cap", text=Text("警報ひとつ(CAP)", "A record as CAP 1.2"),
        answer=message, heavy=True, offers=_XML, parameters=(_TYPE, p.LANG, p.STATUS),
        gives={cap.MEDIA_TYPE: "text"}, refusals=(400, 404), tags=("exchange",),
    ),
)  # fmt: skip
