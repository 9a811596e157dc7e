"""What a signed-in person is told of by sound and notice, and what waits for them now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from hinomi.apps.web.http import Answer, Ask, encode
from hinomi.apps.web.session import people_of
from hinomi.kernel.errors import DataError, DeniedError, Problem, Text
from hinomi.kernel.marking import ANONYMOUS
from hinomi.runtime import watching
from hinomi.runtime.people import People
from hinomi.runtime.watching import Watch

if TYPE_CHECKING:
    from hinomi.apps.web.app import Web


def _watch(people: People, name: str) -> dict[str, Any]:
    """Return what one is told of, whether it is one's own choice, and what there is to choose."""
    own = people.own_watch(name) if name else None
    return {
        **msgspec.structs.asdict(own or people.usual_watch),
        "own": own is not None,
        "choices": {
            "intensity": [{"id": i, "title": t} for i, (_, t) in watching.INTENSITIES.items()],
            "tsunami": [{"id": i, "title": t} for i, (_, t) in watching.TSUNAMI.items()],
            "coasts": [
                {"id": c.code, "title": Text(c.name, c.name_en or c.name)}
                for c in watching.coasts()
            ],
        },
    }


def watch(web: Web, ask: Ask) -> Answer:
    """Answer what the caller is told of by sound, notice and mail."""
    people = people_of(web)
    name = "" if ask.principal == ANONYMOUS else ask.principal.name
    return Answer(body=encode(_watch(people, name)), etag="")


def choose_watch(web: Web, ask: Ask) -> Answer:
    """Keep what the caller wants to be told of; ``null`` goes back to the installation's."""
    people = people_of(web)
    if ask.principal == ANONYMOUS:
        raise DeniedError("Sign in first.", "先にサインインしてください。", rule="sign-in")
    try:
        chosen = msgspec.json.decode(ask.body, type=Watch | None)
    except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
        text = Text(f"通知の設定の形ではありません({error})", f"is no watch ({error})")
        expected = "areas, coasts, intensity, tsunami, eew"
        raise DataError([Problem("watch.form", "body", text, expected=expected)]) from None
    people.choose_watch(ask.principal.name, chosen)
    return Answer(body=encode(_watch(people, ask.principal.name)), etag="")


def alerts(web: Web, ask: Ask) -> Answer:
    """Answer what the caller has to hear now: raised, theirs, acknowledged by nobody."""
    people = web.service.people
    now, reader = web.service.now(), web.reader(ask)
    if people is None or ask.principal == ANONYMOUS or len(reader.status) > 1:
        return Answer(body=encode({"alerts": []}), etag="")
    own = people.watch_of(ask.principal.name)
    waiting = watching.unheard(reader, watching.raised(reader, own, now))
    told = [(item, item.properties()) for item in waiting]
    told.sort(key=lambda one: (-watching.gravity(one[1]), one[0].seq))
    found = [
        {
            "key": item.key,
            "record": item.id,
            "kind": said.get("kind", "level"),
            "gravity": watching.gravity(said),
            "heading": Text(watching.heading(said), watching.heading(said, "en")),
            "text": Text(said["text"], said["text_en"]),
            "raised_at": said["raised_at"],
        }
        for item, said in told
    ]
    return Answer(body=encode({"alerts": found}), etag="")
