"""POST, PATCH, PUT, DELETE; data arrays (OGC 18-088, clauses 10 and 12)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hinomi.apps.web.http import Answer, Ask, encode, not_here
from hinomi.apps.web.sta import answers
from hinomi.apps.web.sta.drafts import decode_object
from hinomi.apps.web.sta.making import Maker
from hinomi.apps.web.sta.patching import apply_patch
from hinomi.apps.web.sta.query import Questions
from hinomi.apps.web.sta.rows import Row
from hinomi.apps.web.sta.shapes import V1
from hinomi.domains.hazards.collections.sensors import READINGS
from hinomi.kernel.errors import DataError, DeniedError, InputError
from hinomi.kernel.marking import ANONYMOUS, Principal, Status
from hinomi.runtime.mqtt.messages import Row as ReadingRow
from hinomi.runtime.mqtt.messages import Sense, Sensed
from hinomi.standards.odata import Options
from hinomi.standards.sensorthings import decode_arrays, observation_id

if TYPE_CHECKING:
    from hinomi.apps.web.app import Web


def post(web: Web, ask: Ask) -> Answer:
    """Create an entity in a set or in a relation; deep inserts too."""
    if [s.name for s in answers.steps_of(ask)] == ["CreateObservations"]:
        return _create_observations(web, ask)
    return _alone(web, ask)


def patch(web: Web, ask: Ask) -> Answer:
    """Change an entity: a partial entity, or JSON Patch (RFC 6902)."""
    return _alone(web, ask)


def put(web: Web, ask: Ask) -> Answer:
    """Change an entity as PATCH does: what is left out stays as it is."""
    return _alone(web, ask)


def delete(web: Web, ask: Ask) -> Answer:
    """Take an entity back."""
    return _alone(web, ask)


def _alone(web: Web, ask: Ask) -> Answer:
    maker = begin(web, ask)
    found = plan(maker, ask)
    send(web, maker)
    return finish(answers.questions(web, ask), ask.method, found)


def begin(web: Web, ask: Ask) -> Maker:
    """Return what puts together the statements of a request, or of a group that is all or none."""
    if ask.principal == ANONYMOUS:
        raise DeniedError(
            "Writing needs an API key (X-API-Key or Authorization: Bearer).",
            "書き込みにはAPIキーが必要です(X-API-KeyかAuthorization: Bearer)。",
            rule="api-key",
        )
    return Maker(answers.questions(web, ask), ask.principal, status_of(ask), web.service.now())


def plan(maker: Maker, ask: Ask) -> tuple[str, str]:
    """Put a request's statements together; return the kind and id of what it is about."""
    view = maker.view
    if ask.method == "POST":
        target = answers.resolve(view, answers.steps_of(ask))
        if isinstance(target[0], Row):
            raise InputError("POST goes to a set of entities.", "POSTは集合に対して行います。")
        kind, parent = target
        above = (parent[0].kind, parent[0].id) if isinstance(parent, tuple) else None
        return kind, create(maker, kind, ask.body, above)
    row = _entity(view, ask)
    if ask.method == "DELETE":
        maker.delete(row)
    elif b"json-patch" in ask.headers.get(b"content-type", b""):
        shown = {name: V1.shown(row, name) for name in row.properties}
        maker.update(row, apply_patch(shown, ask.body))
    else:
        maker.update(row, decode_object(ask.body))
    return row.kind, row.id


def create(maker: Maker, kind: str, body: bytes, above: tuple[str, str] | None) -> str:
    """Put a new entity together, of the one whose relation it was posted to; return its id."""
    links: dict[str, str] = {}
    if above is not None:
        relation = next(r for r in V1.entities[kind].relations if r.target == above[0])
        links = {relation.name: above[1]}
    return maker.create(kind, decode_object(body), "", links)


def finish(after: Questions, method: str, about: tuple[str, str]) -> Answer:
    """Return the answer to a request whose statements are stored."""
    if method == "DELETE":
        return Answer()
    row = after.one(*about)
    body = after.text([row], Options())[0]
    if method != "POST":
        return Answer(body=body)
    location = (b"location", V1.address(row, after.root).encode())
    return Answer(body=body, status=201, headers=(location,))


def _entity(view: Questions, ask: Ask) -> Row:
    target = answers.resolve(view, answers.steps_of(ask))
    if not isinstance(target[0], Row) or target[1] is not None:
        raise InputError("The address names no entity.", "エンティティのアドレスではありません。")
    return target[0]


def status_of(ask: Ask) -> Status:
    """Return the one status that a request writes."""
    value = ask.query.get("status", "actual")
    if value == "any":
        raise InputError("status: expected actual, exercise or test.", "statusが正しくありません。")
    return Status(value)


def send(web: Web, maker: Maker) -> None:
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
    view = begin(web, ask).view
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
    sensed = sense(web, ask.principal, tuple(rows), status_of(ask))
    if sensed.problems:
        raise DataError(sensed.problems)
    return Answer(body=encode(told_), status=201)
