"""POST, PATCH, PUT, DELETE; data arrays; batches (OGC 18-088, clauses 10 to 12)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from hinomi.apps.web.http import Answer, Ask, encode, not_here
from hinomi.apps.web.problems import told
from hinomi.apps.web.sta import answers
from hinomi.apps.web.sta.drafts import decode_object
from hinomi.apps.web.sta.making import Maker
from hinomi.apps.web.sta.patching import apply_patch
from hinomi.apps.web.sta.query import Questions
from hinomi.apps.web.sta.rows import Row
from hinomi.apps.web.sta.shapes import V1
from hinomi.domains.hazards.collections.sensors import READINGS
from hinomi.kernel.errors import (
    DataError,
    DeniedError,
    HinomiError,
    InputError,
    MissingError,
    Problem,
    Text,
)
from hinomi.kernel.marking import ANONYMOUS, Principal, Status
from hinomi.runtime.mqtt.messages import Row as ReadingRow
from hinomi.runtime.mqtt.messages import Sense, Sensed
from hinomi.standards.odata import Options
from hinomi.standards.sensorthings import decode_arrays, observation_id

if TYPE_CHECKING:
    from hinomi.apps.web.app import Web


def post(web: Web, ask: Ask) -> Answer:
    """Create an entity in a set or in a relation; deep inserts too."""
    steps = answers.steps_of(ask)
    if [s.name for s in steps] == ["CreateObservations"]:
        return _create_observations(web, ask)
    _check_caller(ask)
    view = answers.questions(web, ask)
    target = answers.resolve(view, steps)
    if isinstance(target[0], Row):
        raise InputError("POST goes to a set of entities.", "POSTは集合に対して行います。")
    kind, parent = target
    links: dict[str, str] = {}
    if isinstance(parent, tuple):
        relation = next(r for r in V1.entities[kind].relations if r.target == parent[0].kind)
        links = {relation.name: parent[0].id}
    maker = Maker(view, ask.principal, _status(ask), web.service.now())
    row_id = maker.create(kind, decode_object(ask.body), "", links)
    _send(web, maker)
    after = answers.questions(web, ask)
    row = after.one(kind, row_id)
    location = (b"location", V1.address(row, after.root).encode())
    return Answer(body=after.text([row], Options())[0], status=201, headers=(location,))


def patch(web: Web, ask: Ask) -> Answer:
    """Change an entity: a partial entity, or JSON Patch (RFC 6902)."""
    _check_caller(ask)
    view = answers.questions(web, ask)
    row = _entity(view, ask)
    if b"json-patch" in ask.headers.get(b"content-type", b""):
        shown = {name: V1.shown(row, name) for name in row.properties}
        body = apply_patch(shown, ask.body)
    else:
        body = decode_object(ask.body)
    maker = Maker(view, ask.principal, _status(ask), web.service.now())
    maker.update(row, body)
    _send(web, maker)
    after = answers.questions(web, ask)
    return Answer(body=after.text([after.one(row.kind, row.id)], Options())[0])


def put(web: Web, ask: Ask) -> Answer:
    """Change an entity as PATCH does: what is left out stays as it is."""
    return patch(web, ask)


def delete(web: Web, ask: Ask) -> Answer:
    """Take an entity back."""
    _check_caller(ask)
    view = answers.questions(web, ask)
    maker = Maker(view, ask.principal, _status(ask), web.service.now())
    maker.delete(_entity(view, ask))
    _send(web, maker)
    return Answer()


def _entity(view: Questions, ask: Ask) -> Row:
    target = answers.resolve(view, answers.steps_of(ask))
    if not isinstance(target[0], Row) or target[1] is not None:
        raise InputError("The address names no entity.", "エンティティのアドレスではありません。")
    return target[0]


def _status(ask: Ask) -> Status:
    value = ask.query.get("status", "actual")
    if value == "any":
        raise InputError("status: expected actual, exercise or test.", "statusが正しくありません。")
    return Status(value)


def _check_caller(ask: Ask) -> None:
    if ask.principal == ANONYMOUS:
        raise DeniedError(
            "Writing needs an API key (X-API-Key or Authorization: Bearer).",
            "書き込みにはAPIキーが必要です(X-API-KeyかAuthorization: Bearer)。",
            rule="api-key",
        )


def _send(web: Web, maker: Maker) -> None:
    """Append what was put together: the records first, so that the readings have their series."""
    if maker.records:
        if maker.rows:
            check_reader(maker.principal)
        web.service.append(maker.principal, list(maker.records.values()))
    if maker.rows:
        sensed = sense(web, maker.principal, tuple(maker.rows), maker.marking.status)
        if sensed.problems:
            raise DataError(sensed.problems)


def check_reader(principal: Principal) -> None:
    """Refuse those who may not write readings."""
    if not principal.may_write(READINGS.id):
        raise DeniedError(
            f"{principal.name} may not write to {READINGS.id}.",
            f"{principal.name}は{READINGS.id}に書き込めません。",
            rule="collection-writers",
        )


def sense(web: Web, principal: Principal, rows: tuple[ReadingRow, ...], status: Status) -> Sensed:
    """Have the writer take readings in."""
    check_reader(principal)
    if web.service.sense is None:
        raise not_here("Nothing can be written here.", "ここでは書き込めません。")
    return web.service.sense(Sense(rows=rows, status=status.value, principal=principal))


def _create_observations(web: Web, ask: Ask) -> Answer:
    """Take a data array: each row's address, or ``error`` where it was not taken."""
    _check_caller(ask)
    view = answers.questions(web, ask)
    arrays = decode_arrays(ask.body)
    now = int(web.service.now().timestamp() * 1_000_000)
    known = view.town.set("Datastream")
    told_: list[str] = []
    rows: list[ReadingRow] = []
    for array in arrays:
        for one in array.observations:
            time = now if one.time is None else one.time
            if array.datastream in known:
                rows.append(ReadingRow(one.datastream, time, one.value, one.quality))
                name = observation_id(one.datastream, time)
                told_.append(f"{view.root}/Observations('{name}')")
            else:
                told_.append("error")
    sensed = sense(web, ask.principal, tuple(rows), _status(ask))
    if sensed.problems:
        raise DataError(sensed.problems)
    return Answer(body=encode(told_), status=201)


class _Request(msgspec.Struct):
    id: str
    method: str
    url: str
    body: Any = None
    headers: dict[str, str] = {}
    atomicity_group: str = msgspec.field(name="atomicityGroup", default="")


class _Batch(msgspec.Struct):
    requests: list[_Request]


MAX_BATCH = 1_000
_METHODS = {"GET": answers.get, "POST": post, "PATCH": patch, "PUT": put, "DELETE": delete}


def batch(web: Web, ask: Ask) -> Answer:
    """Do several requests in one, in their order; each has its own answer (OData JSON batch).

    Requests of one ``atomicityGroup`` are not undone when a later one fails: what is stated stays
    stated; so a group is refused.
    """
    try:
        found = msgspec.json.decode(ask.body, type=_Batch)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        text = Text(f"バッチではありません({error})", f"no batch ({error})")
        raise DataError([Problem("sensorthings.batch", "", text)]) from None
    if len(found.requests) > MAX_BATCH:
        raise InputError(f"More than {MAX_BATCH} requests.", "要求が多すぎます。")
    responses = []
    made: dict[str, str] = {}
    for request in found.requests:
        answer = _one(web, ask, request, made)
        location = dict(answer.headers).get(b"location", b"").decode()
        if location:
            made[request.id] = location.rpartition("/")[2]
        responses.append(
            {
                "id": request.id,
                "status": answer.status,
                **({"headers": {"location": location}} if location else {}),
                **({"body": msgspec.Raw(answer.body)} if answer.body else {}),
            }
        )
    return Answer(body=encode({"responses": responses}))


def _one(web: Web, ask: Ask, request: _Request, made: dict[str, str]) -> Answer:
    """Answer one request of a batch; ``$id`` at the start of an address is what that id made."""
    inner = ask
    try:
        method = _METHODS.get(request.method.upper())
        if method is None or request.atomicity_group:
            raise InputError(
                "A batch takes GET, POST, PATCH, PUT, DELETE without atomicityGroup.",
                "バッチで使えない要求です。",
            )
        inner = _inner(ask, request, made)
        answer = method(web, inner)
    except HinomiError as error:
        return told(error, inner, request.url[:200], ask.language)
    return answer


def _inner(ask: Ask, request: _Request, made: dict[str, str]) -> Ask:
    from hinomi.apps.web import http  # noqa: PLC0415

    path, _, query = request.url.removeprefix(answers.root_of(ask)).lstrip("/").partition("?")
    head, slash, tail = path.partition("/")
    if head.startswith("$"):
        if head[1:] not in made:
            raise MissingError(Text("要求", "request"), head, made)
        path = f"{made[head[1:]]}{slash}{tail}"
    raw = f"/{answers.PREFIX}/v1.1/{path}".encode()
    return msgspec.structs.replace(
        ask,
        method=request.method.upper(),
        path=http.plain_path(raw),
        segments=http.decoded_path(raw),
        raw_query=query.encode(),
        query={**http.parse_query(query.encode()), **_kept(ask)},
        headers={k.lower().encode(): v.encode() for k, v in request.headers.items()},
        body=b"" if request.body is None else encode(request.body),
    )


def _kept(ask: Ask) -> dict[str, str]:
    return {name: ask.query[name] for name in ("status", "as-of") if name in ask.query}
