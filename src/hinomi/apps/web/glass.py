"""Break-glass: somebody sees everything for a while, written down and reported before they do."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import msgspec

from hinomi.apps.web import parameters, routes, session
from hinomi.apps.web.http import JSON, Answer, Ask, encode
from hinomi.apps.web.routes import Route
from hinomi.kernel.errors import DataError, DeniedError, Problem, Text
from hinomi.kernel.marking import ANONYMOUS, OPERATOR
from hinomi.kernel.records import Record
from hinomi.runtime import audit, operations

if TYPE_CHECKING:
    from hinomi.apps.web.app import Web


class BreakGlass(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why everything must be seen now."""

    reason: Annotated[str, msgspec.Meta(pattern=r"\S.{8,}", max_length=1000)]


def break_glass(web: Web, ask: Ask) -> Answer:
    """Begin a session that sees everything, beside the one it is asked from."""
    secret = _session(ask)
    reason = _reason(ask.body)
    begun = session.people_of(web).break_glass(secret)
    now = web.service.now()
    if web.service.audit is not None:
        web.service.audit.write(
            audit.by(ask.principal, "break-glass", "all", address=ask.address, reason=reason)
        )
    until = begun.glass_until or begun.expires_at
    report = _report(ask.principal.name, reason, now, until)
    web.service.append(OPERATOR, [report])
    ask.principal, ask.secret = begun.principal, begun.secret
    lasts_s = int((begun.expires_at - now).total_seconds())
    cookie = session.cookie_for(ask, begun.secret, lasts_s)
    body = {**session.told_to(web, ask, begun.secret), "until": until}
    return Answer(body=encode(body), status=201, headers=(cookie,))


def mend_glass(web: Web, ask: Ask) -> Answer:
    """End it before its time: what the session sees is its own again."""
    secret = _session(ask)
    people = session.people_of(web)
    if people.glass_until(secret) is not None:
        people.mend_glass(secret)
        if web.service.audit is not None:
            web.service.audit.write(
                audit.by(ask.principal, "break-glass", "ended", address=ask.address)
            )
    return Answer(status=204)


def _session(ask: Ask) -> str:
    if not ask.by_cookie or ask.secret is None:
        raise DeniedError(
            "Break-glass access is for people who are signed in.",
            "緊急アクセスはサインインした人だけのものです。",
            rule="api-key" if ask.principal == ANONYMOUS else "break-glass",
        )
    return ask.secret


def _reason(body: bytes) -> str:
    try:
        return msgspec.json.decode(body, type=BreakGlass).reason.strip()
    except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
        text = Text(f"理由が必要です({error})", f"a reason is needed ({error})")
        raise DataError(
            [Problem("session.form", "body", text, expected="reason, of 9 to 1000 characters")]
        ) from None


def _report(name: str, reason: str, now: datetime, until: datetime) -> Record:
    text = Text(
        f"{name}が緊急アクセスを開始しました。理由: {reason}",
        f"{name} has broken the glass. Reason: {reason}",
    )
    expected = f"until {until.isoformat()}"
    problem = Problem("policy.break-glass", "", text, found=name, expected=expected)
    alarm = operations.alarm_of("policy", problem)
    key = f"policy:break-glass:{name}:{now.isoformat()}"
    return operations.alarm_record(key, alarm, at=now)


ROUTES = (
    Route(
        path="/session/break-glass", name="break-glass", method="POST",
        text=Text("緊急アクセス", "See everything for a while, for a reason that is reported"),
        answer=break_glass, parameters=(parameters.LANG,), offers=routes.ONLY_JSON,
        gives={JSON: "object"}, success=201, body="break-glass", headers=("X-CSRF-Token",),
        refusals=(400, 401, 403, 408, 413, 422, 503), tags=("people",),
    ),
    Route(
        path="/session/break-glass", name="mend-glass", method="DELETE",
        text=Text("緊急アクセスの終了", "End that before its time; the session goes on"),
        answer=mend_glass, parameters=(parameters.LANG,), offers=routes.ONLY_JSON, success=204,
        headers=("X-CSRF-Token",), refusals=(400, 401, 403, 503), tags=("people",),
    ),
)  # fmt: skip
