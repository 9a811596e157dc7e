"""The change feed by cursor, as JSON and as a stream."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hinomi.apps.web import pages, parameters
from hinomi.apps.web.http import HTML, JSON, Answer, Ask, Receive, Send
from hinomi.apps.web.stream import Audience, change_json
from hinomi.kernel.reader import statuses

if TYPE_CHECKING:
    from hinomi.apps.web.app import Web


def changes(web: Web, ask: Ask) -> Answer:
    """Answer what was appended after a position, and where to go on from."""
    reader = web.reader(ask)
    names = parameters.names(ask, "collections")
    limit = parameters.limit_of(ask)
    after = parameters.whole(ask, "after", 0, 0, parameters.MAX_POSITION)
    if ask.media == "html" and "after" not in ask.query:
        after = max(0, web.service.store.position() - limit)
    found = reader.changes(after, collections=names, limit=limit)
    if ask.media == "html":
        return Answer(body=pages.changes_page(ask, reader, found, after).encode(), media_type=HTML)
    following = ask.with_query(after=str(found.position))
    body = b'{"changes":[%b],"position":%d,"numberReturned":%d,"links":[%b]}' % (
        b",".join(change_json(change) for change in found.items),
        found.position,
        len(found.items),
        f'{{"rel":"next","type":"application/json","href":"{following}"}}'.encode(),
    )
    return Answer(body=body, media_type=JSON)


def stream(web: Web, ask: Ask) -> Answer:
    """Stream the feed: from Last-Event-ID or ``after``, else from now on."""
    names = parameters.names(ask, "collections")
    for name in names or ():
        web.catalog.collection(name)
    web.hub.check_room()
    audience = Audience(
        ask.principal,
        statuses(ask.query.get("status", "actual")),
        None if names is None else tuple(sorted(set(names))),
    )
    last = ask.headers.get(b"last-event-id", b"").decode("latin-1")
    if last:
        ask.query["after"] = last
    after = parameters.whole(ask, "after", web.service.store.position(), 0, parameters.MAX_POSITION)
    after = min(after, web.service.store.position())

    async def run(send: Send, receive: Receive) -> None:
        await web.hub.serve(audience, after, ask.secret, send, receive)

    return Answer(stream=run)
