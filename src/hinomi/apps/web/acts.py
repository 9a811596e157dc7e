"""Acts: what may be done as forms, and doing it. The rules are the domains'."""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING, Any

import msgspec

from hinomi.apps.web import parameters
from hinomi.apps.web.http import Answer, Ask, HttpError, encode
from hinomi.kernel.errors import DataError, DeniedError, Problem, Text
from hinomi.kernel.marking import ANONYMOUS, Status
from hinomi.kernel.records import Stored
from hinomi.runtime.acting import act_of, acts, person_of
from hinomi.runtime.socket import Perform
from hinomi.vocabulary.acts import Act, Input

if TYPE_CHECKING:
    from hinomi.apps.web.app import Web

_ID = re.compile(r"[A-Za-z0-9_.-]{8,64}\Z")


class Wish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a client sends."""

    key: str = ""
    expected: str = ""
    """The ``record`` of the item as it was shown; needed where the act has an item."""
    id: str = ""
    """Made by the client, so that a request repeated after a lost answer is done once."""
    values: dict[str, Any] = {}


def every(web: Web, ask: Ask) -> Answer:
    """Answer the acts: all, those of a collection, or those on one item."""
    wanted = ask.query.get("collection")
    if wanted is not None:
        web.catalog.collection(wanted)
    found = [a for a in acts(web.catalog).values() if wanted in (None, a.collection)]
    item: Stored | None = None
    if "key" in ask.query:
        if wanted is None:
            raise parameters.bad(
                "key", ask.query["key"], "with collection", "collectionと合わせて指定します。"
            )
        reader = web.service.reader(ask.principal, status=frozenset({_status(ask)}))
        item = reader.get(wanted, ask.query["key"])
        found = [act for act in found if not act.new]
    body = {"acts": [_told(ask, act, item) for act in found], "record": item.id if item else None}
    return Answer(body=encode(body), etag="")


def perform(web: Web, ask: Ask) -> Answer:
    """Do an act, and answer with what was stated."""
    act = act_of(web.catalog, ask.arguments["act"])
    if ask.principal == ANONYMOUS:
        raise DeniedError("Sign in first.", "先にサインインしてください。", rule="sign-in")
    wish = _wish(ask.body)
    if not act.new and not wish.expected:
        raise HttpError(
            428,
            "Send expected: the record of the item that you saw.",
            "expected(見ていた記録のid)を送ってください。",
        )
    put = web.service.perform(
        Perform(
            act=act.id,
            id=wish.id or uuid.uuid4().hex,
            principal=ask.principal,
            status=_status(ask),
            key=wish.key,
            expected=wish.expected,
            values=wish.values,
        )
    )
    reader = web.service.reader(ask.principal, status=frozenset({_status(ask)}))
    stated = [reader.record(record) for record in put.ids]
    body = {
        "records": [{"collection": s.collection, "key": s.key, "record": s.id} for s in stated],
        "position": put.position,
    }
    return Answer(body=encode(body))


def _status(ask: Ask) -> Status:
    value = ask.query.get("status", "actual")
    if value not in {s.value for s in Status}:
        raise parameters.bad(
            "status", value, "actual, exercise or test", "actual, exercise, testのいずれかです。"
        )
    return Status(value)


def _told(ask: Ask, act: Act, item: Stored | None) -> dict[str, Any]:
    why = act.refusal(person_of(ask.principal), item)
    if ask.principal == ANONYMOUS:
        why = Text("先にサインインしてください。", "Sign in first.")
    said = item.properties() if item is not None else {}
    return {
        "id": act.id,
        "title": act.title,
        "text": act.text,
        "collection": act.collection,
        "new": act.new,
        "role": act.role,
        "grave": act.grave,
        "possible": why is None,
        "why": why,
        "inputs": [_input(box, said) for box in act.inputs],
    }


def _input(box: Input, said: dict[str, Any]) -> dict[str, Any]:
    value = said.get(box.prefill) if box.prefill else None
    told: dict[str, Any] = msgspec.to_builtins(box)
    return {**told, "value": value if value is not None else box.preset or None}


def _wish(body: bytes) -> Wish:
    try:
        wish = msgspec.json.decode(body, type=Wish)
        # What the writer's socket cannot carry (an integer beyond 64 bits) is no value of a form.
        msgspec.msgpack.encode(wish.values)
    except (msgspec.DecodeError, RecursionError, UnicodeError, OverflowError) as error:
        text = Text(f"操作の形ではありません({error})", f"is no act ({error})")
        raise DataError(
            [Problem("act.form", "body", text, expected="key, expected, id, values")]
        ) from None
    if wish.id and not _ID.match(wish.id):
        text = Text("使えない文字か長さです", "is no id")
        raise DataError(
            [
                Problem(
                    "act.form",
                    "id",
                    text,
                    found=wish.id[:80],
                    expected=_ID.pattern,
                )
            ]
        )
    return wish
