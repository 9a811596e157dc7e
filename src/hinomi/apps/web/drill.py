"""The exercise: how it stands, for whoever asks; its script and its commands, for instructors."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import msgspec

from hinomi.apps.web import parameters, routes
from hinomi.apps.web.http import JSON, Answer, Ask, encode
from hinomi.apps.web.routes import Route
from hinomi.kernel.errors import DataError, DeniedError, InputError, Problem, Text, UnavailableError
from hinomi.kernel.marking import ANONYMOUS, Status
from hinomi.kernel.reader import Reader
from hinomi.runtime.drill import directing, looking
from hinomi.runtime.drill.names import SHIPPED

if TYPE_CHECKING:
    from hinomi.apps.web.app import Web

_EXERCISE = frozenset({Status.EXERCISE})


class Wish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What goes with a command: what it needs of these."""

    scenario: str = ""
    speed: float | None = None
    phase: str = ""
    event: dict[str, str] = {}
    id: str = ""


def state(web: Web, ask: Ask) -> Answer:
    """Answer how the latest exercise stands; instructors get its script, the past and to come."""
    reader = web.service.reader(ask.principal, status=_EXERCISE, as_of=parameters.moment_of(ask))
    return Answer(body=encode(_told(web, ask, reader)), etag="")


def command(web: Web, ask: Ask) -> Answer:
    """Give an instructor's command, and answer how the exercise stands then."""
    if ask.principal == ANONYMOUS:
        raise DeniedError("Sign in first.", "先にサインインしてください。", rule="sign-in")
    if not directing.leads(ask.principal):
        raise DeniedError(
            f"{ask.principal.name} does not lead exercises: that needs the organisation"
            " 'instructors' and the right to write response.directions.",
            f"{ask.principal.name}は訓練の進行役ではありません"
            "(組織instructorsとresponse.directionsへの書き込み権が必要です)。",
            rule="instructor",
        )
    wish = _wish(ask.body)
    if wish.scenario and wish.scenario not in SHIPPED and "*" not in ask.principal.organisations:
        raise DeniedError(
            "Only the machine's own operator starts a scenario's file; others a shipped drill.",
            "ファイルのシナリオを始められるのは、この機械の管理者だけです。",
            rule="scenario-file",
        )
    key = wish.id or uuid.uuid4().hex
    said = {k: v for k, v in msgspec.structs.asdict(wish).items() if k != "id" and v}
    name = ask.principal.name
    said["command"] = ask.arguments["command"]
    web.service.append(ask.principal, [directing.record(key, web.service.now(), by=name, **said)])

    def reader() -> Reader:
        return web.service.reader(ask.principal, status=_EXERCISE)

    refusal = looking.answered(reader, key)
    if refusal is None:
        raise UnavailableError(
            "No exercise's conductor answered; is the server running, and has a drill begun?",
            "訓練を進める側から応答がありません。サーバと訓練が動いているか確かめてください。",
        )
    if refusal.en:
        raise InputError(refusal.en, refusal.ja)
    return Answer(body=encode(_told(web, ask, reader())), etag="")


def _told(web: Web, ask: Ask, reader: Reader) -> dict[str, Any]:
    found = looking.standing(reader, web.service.now())
    leads = directing.leads(ask.principal)
    return {
        "exercise": found,
        "instructor": leads,
        "script": looking.script(reader, found["run"]) if found and leads else [],
        "commands": looking.commands(reader) if leads else [],
    }


def _wish(body: bytes) -> Wish:
    try:
        return msgspec.json.decode(body or b"{}", type=Wish)
    except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
        text = Text(f"指示の形ではありません({error})", f"is no command ({error})")
        expected = "scenario, speed, phase or event"
        raise DataError([Problem("drill.form", "body", text, expected=expected)]) from None


ROUTES = (
    Route(
        path="/drill", name="drill", text=Text("訓練の進行", "How the exercise stands"),
        answer=state, parameters=(parameters.AS_OF, parameters.STATUS, parameters.LANG),
        offers=routes.ONLY_JSON, gives={JSON: "object"}, tags=("exercises",),
    ),
    Route(
        path="/drill/{command}", name="direct", method="POST",
        text=Text("訓練の進行役の指示", "An instructor's command: start, pause, resume, speed,"
                  " jump, inject or stop"),
        answer=command, parameters=(parameters.STATUS, parameters.LANG), offers=routes.ONLY_JSON,
        gives={JSON: "object"}, body="direction", headers=("X-CSRF-Token",),
        refusals=(400, 401, 403, 408, 413, 422), tags=("exercises",),
    ),
)  # fmt: skip
