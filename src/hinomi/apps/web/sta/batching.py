"""Several requests in one (OGC 18-088, clause 11): ``multipart/mixed``, or OData's JSON.

A change set, or an ``atomicityGroup``, is all or none: its statements are put together first, and
appended at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec

from hinomi.apps.web import http
from hinomi.apps.web.http import Answer, Ask, encode
from hinomi.apps.web.problems import told
from hinomi.apps.web.sta import answers, writing
from hinomi.apps.web.sta.making import Maker
from hinomi.apps.web.sta.shapes import V1
from hinomi.kernel.errors import DataError, HinomiError, InputError, MissingError, Problem, Text
from hinomi.kernel.records import Record
from hinomi.standards.sensorthings import multipart
from hinomi.standards.sensorthings.multipart import MAX_PARTS, Part, Reply

if TYPE_CHECKING:
    from hinomi.apps.web.app import Web

Group: TypeAlias = tuple[Part, ...]
_METHODS = {
    "GET": answers.get, "POST": writing.post, "PATCH": writing.patch, "PUT": writing.put,
    "DELETE": writing.delete,
}  # fmt: skip
_NOT_DONE = 424
"""Failed Dependency (RFC 4918): another request of its group could not be done."""


class _Request(msgspec.Struct):
    id: str
    method: str
    url: str
    body: Any = None
    headers: dict[str, str] = {}
    atomicity_group: str = msgspec.field(name="atomicityGroup", default="")


class _Batch(msgspec.Struct):
    requests: list[_Request]


def batch(web: Web, ask: Ask) -> Answer:
    """Do several requests in one, in their order; each has its own answer."""
    content_type = ask.headers.get(b"content-type", b"").decode("latin-1")
    made: dict[str, str] = {}
    if multipart.is_multipart(content_type):
        wanted = multipart.decode_batch(ask.body, content_type)
        body, media_type = multipart.encode_batch(_do(web, ask, one, made) for one in wanted)
        return Answer(body=body, media_type=media_type)
    replies: list[Reply] = []
    for one in _from_json(ask.body):
        replies += _each(one, _do(web, ask, one, made))
    return Answer(body=encode({"responses": list(map(_as_json, replies))}))


def _from_json(data: bytes) -> list[Part | Group]:
    try:
        found = msgspec.json.decode(data, type=_Batch)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        text = Text(f"バッチではありません({error})", f"no batch ({error})")
        raise DataError([Problem("sensorthings.batch", "", text)]) from None
    if len(found.requests) > MAX_PARTS:
        raise InputError(f"More than {MAX_PARTS} requests.", "要求が多すぎます。")
    wanted: list[Part | Group] = []
    last = ""
    for request in found.requests:
        part = Part(
            id=request.id,
            method=request.method.upper(),
            url=request.url,
            headers={name.lower(): value for name, value in request.headers.items()},
            body=b"" if request.body is None else encode(request.body),
        )
        group, before = request.atomicity_group, wanted[-1] if wanted else None
        if group and group == last and isinstance(before, tuple):
            wanted[-1] = (*before, part)
        else:
            wanted.append((part,) if group else part)
        last = group
    return wanted


def _as_json(reply: Reply) -> dict[str, object]:
    location = reply.headers.get("location")
    return {
        "id": reply.id,
        "status": reply.status,
        **({"headers": {"location": location}} if location else {}),
        **({"body": msgspec.Raw(reply.body)} if reply.body else {}),
    }


def _each(wanted: Part | Group, found: Reply | tuple[Reply, ...]) -> tuple[Reply, ...]:
    """Return an answer for each request, of a group that was not done too."""
    if isinstance(found, tuple):
        return found
    if not isinstance(wanted, tuple):
        return (found,)
    none = Reply(status=_NOT_DONE, headers={}, body=b"")
    return tuple(
        found if part.id == found.id else msgspec.structs.replace(none, id=part.id)
        for part in wanted
    )


def _do(
    web: Web, ask: Ask, wanted: Part | Group, made: dict[str, str]
) -> Reply | tuple[Reply, ...]:
    """Do a request, or a group; one answer where a group was not done."""
    if not isinstance(wanted, tuple):
        return _one(web, ask, wanted, made)
    at = wanted[0].id if wanted else ""
    try:
        maker = writing.begin(web, ask)
        about: list[tuple[str, str]] = []
        new: dict[str, tuple[str, str]] = {}
        for part in wanted:
            at = part.id
            before = dict(maker.records)
            about.append(_planned(maker, ask, part, new, made))
            if part.method == "POST":
                new[part.id] = about[-1]
            _check_once(maker, before)
        writing.send(web, maker)
    except HinomiError as error:
        return _reply(at, told(error, ask, "", ask.language), made)
    after = answers.questions(web, ask)
    return tuple(
        _reply(part.id, writing.finish(after, part.method, one), made)
        for part, one in zip(wanted, about, strict=True)
    )


def _check_once(maker: Maker, before: dict[tuple[str, str], Record]) -> None:
    """Refuse a request that states what an earlier one of its group changed: one would be lost."""
    if any(maker.records[key] is not one and key not in maker.new for key, one in before.items()):
        raise InputError(
            "A group changes a thing once.", "一つのグループで同じものを二度は変えられません。"
        )


def _planned(
    maker: Maker, ask: Ask, part: Part, new: dict[str, tuple[str, str]], made: dict[str, str]
) -> tuple[str, str]:
    """Put together what a group's request states; ``$id`` may be what the group itself makes."""
    if part.method not in {"POST", "PATCH", "PUT", "DELETE"}:
        raise InputError("A group holds what writes.", "グループに入れられるのは書き込みだけです。")
    head, _, tail = part.url.partition("/")
    if part.method == "POST" and head.startswith("$") and head[1:] in new:
        above = new[head[1:]]
        relation = next((r for r in V1.entities[above[0]].relations if r.name == tail), None)
        if relation is None:
            raise MissingError(Text("関係", "relation"), tail,
                               [r.name for r in V1.entities[above[0]].relations])  # fmt: skip
        return relation.target, writing.create(maker, relation.target, part.body, above)
    inner = _inner(ask, part, made)
    if writing.status_of(inner) is not maker.marking.status:
        raise InputError("A group is of one status.", "一つのグループの状態は一つです。")
    return writing.plan(maker, inner)


def _one(web: Web, ask: Ask, part: Part, made: dict[str, str]) -> Reply:
    inner = ask
    try:
        method = _METHODS.get(part.method)
        if method is None:
            raise InputError(
                "A batch takes GET, POST, PATCH, PUT, DELETE.", "バッチで使えない要求です。"
            )
        inner = _inner(ask, part, made)
        answer = method(web, inner)
    except HinomiError as error:
        answer = told(error, inner, part.url[:200], ask.language)
    return _reply(part.id, answer, made)


def _reply(id: str, answer: Answer, made: dict[str, str]) -> Reply:
    headers = {"content-type": answer.media_type} if answer.body else {}
    location = dict(answer.headers).get(b"location", b"").decode()
    if location:
        headers["location"] = location
        made[id] = location.rpartition("/")[2]
    return Reply(id=id, status=answer.status, headers=headers, body=answer.body)


def _inner(ask: Ask, part: Part, made: dict[str, str]) -> Ask:
    """Return a request of a batch; ``$id`` at the start of its address is what that id made."""
    url = part.url.removeprefix(answers.root_of(ask)).lstrip("/")
    for root in (f"{answers.PREFIX}/v1.1/", "v1.1/"):
        url = url.removeprefix(root)
    path, _, query = url.partition("?")
    head, slash, tail = path.partition("/")
    if head.startswith("$"):
        if head[1:] not in made:
            raise MissingError(Text("要求", "request"), head, made)
        path = f"{made[head[1:]]}{slash}{tail}"
    raw = f"/{answers.PREFIX}/v1.1/{path}".encode()
    return msgspec.structs.replace(
        ask,
        method=part.method,
        path=http.plain_path(raw),
        segments=http.decoded_path(raw),
        raw_query=query.encode(),
        query={**http.parse_query(query.encode()), **_kept(ask)},
        headers={name.encode(): value.encode() for name, value in part.headers.items()},
        body=part.body,
    )


def _kept(ask: Ask) -> dict[str, str]:
    return {name: ask.query[name] for name in ("status", "as-of") if name in ask.query}
