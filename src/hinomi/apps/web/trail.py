"""What is written down of each answer: who saw, changed or exported what, and what was published.

One place for all addresses: handlers know nothing of it. What anonymous callers read of what is
open is not written down; the CAP messages and packages that they get are signed and logged, once.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

import msgspec

from hinomi.apps.web.http import Answer, Ask
from hinomi.apps.web.routes import Route
from hinomi.kernel.errors import DeniedError
from hinomi.kernel.marking import Disclosure
from hinomi.runtime import audit
from hinomi.runtime.audit import Audit, Event, Verb

if TYPE_CHECKING:
    from hinomi.apps.web.app import Web
    from hinomi.runtime.translog.trust import Kind

PUBLISHED: dict[str, Kind] = {"application/cap+xml": "cap", "application/zip": "package"}
"""Media types of what is signed and logged as published."""
FILES = frozenset({"csv", "sip4d-zip", "export", "download"})
_SAYS = b'"disclosure":'
_CLOSED = re.compile(rb'"disclosure":(?!"CLEAR","audience":\[\])').search
"""What a stored feature says whose marking is not open to everyone."""
_QUIET = frozenset({"me", "sign-in", "sign-out", "conformance", "api", "landing"})
_LEAFING = frozenset({"bbox", "bbox-crs", "crs", "limit", "token", "after", "count", "lang"})
"""What a question is asked again with while it stays the same."""
_SIGNING: dict[str, Verb] = {
    "sign-in": "signed-in",
    "oidc-callback": "signed-in",
    "sign-out": "signed-out",
}


def follow(web: Web, ask: Ask, route: Route, answer: Answer) -> Answer:
    """Write down what an answer gave away, before it goes; return it."""
    service = web.service
    if answer.status == 200 and answer.media_type in PUBLISHED and service.trust is not None:
        name = "/".join(ask.segments)
        service.trust().publish(PUBLISHED[answer.media_type], answer.body, name)
    if ask.secret is not None and service.audit is not None:
        _note(web, service.audit, ask, route, answer)
    return answer


def refused(web: Web, ask: Ask | None, error: Exception) -> None:
    """Write down what policy refused to somebody known, and each failed sign-in."""
    trail = web.service.audit
    if trail is None or ask is None or not isinstance(error, DeniedError):
        return
    if ask.secret is None and error.rule not in {"sign-in", "too-many-tries"}:
        return
    trail.note(_event(ask, "denied", outcome=str(error.status), rule=error.rule))


def _note(web: Web, trail: Audit, ask: Ask, route: Route, answer: Answer) -> None:
    outcome = str(answer.status)
    if route.name in _SIGNING:
        trail.write(_event(ask, _SIGNING[route.name], outcome=outcome))
    elif ask.method not in {"GET", "HEAD"}:
        trail.write(_event(ask, "changed", outcome=outcome))
    elif route.name not in _QUIET:
        taken = exports(ask, route, answer)
        same = f"saw {ask.path.decode()}{_asked(ask)}"
        if not taken and trail.seen(ask.principal.name, ask.address, same):
            return
        markings = _closed(web, ask, answer)
        if not markings:
            return
        verb: Verb = "exported" if taken else "saw"
        event = _event(ask, verb, outcome=outcome, markings=markings)
        event = msgspec.structs.replace(event, personal=_personal(web, ask, answer))
        if taken:
            trail.write(event)
        else:
            trail.note(event, same)


def _asked(ask: Ask) -> str:
    """Return what tells questions to one address apart, for which there is one entry a minute.

    A map that is moved asks the same box by box, and a list is leafed through page by page. Another
    collection, filter, thing or time is another question, or it could be asked in the shade of one.
    """
    kept = sorted((name, value) for name, value in ask.query.items() if name not in _LEAFING)
    told = "&".join(f"{name}={value}" for name, value in kept)
    # Ten thousand are remembered: long ones by their digest.
    long = len(told) > hashlib.sha256().digest_size
    return f"?{hashlib.sha256(told.encode()).hexdigest() if long else told}" if told else ""


def exports(ask: Ask, route: Route, answer: Answer) -> bool:
    """Tell whether the answer is a file to take away."""
    return (
        ask.media in FILES or route.name in FILES or b"content-disposition" in dict(answer.headers)
    )


def _closed(web: Web, ask: Ask, answer: Answer) -> tuple[str, ...]:
    """Return the markings of what is not open that the answer holds, or may hold.

    Features say their own; of what cannot be told from its bytes, all that the caller may see.
    """
    visible = web.reader(ask).visible()
    closed = [str(m) for m in visible if m.disclosure is not Disclosure.CLEAR or m.audience]
    if not closed or (_SAYS in answer.body and _CLOSED(answer.body) is None):
        return ()
    return tuple(sorted(closed))


def _personal(web: Web, ask: Ask, answer: Answer) -> bool:
    """Tell whether personal data could be read in an answer.

    That is, of a collection that the address or the answer names, or that a product is made of,
    with fields that are not covered for the caller.
    """
    rules = web.service.policy()
    open_ = rules.personal.keys() - rules.masked(ask.principal).keys()
    product = web.catalog.products.get(ask.arguments.get("product", ""))
    made_of = set(product.needs) if product is not None else set()
    report = "report" in ask.arguments  # A template may ask for any collection.
    return bool(open_) and any(
        report or name in ask.segments or name in made_of or name.encode() in answer.body
        for name in open_
    )


def _event(
    ask: Ask, verb: Verb, *, outcome: str, rule: str = "", markings: tuple[str, ...] = ()
) -> Event:
    # An identity provider's code and state are secrets.
    quiet = not ask.raw_query or ask.segments[:1] == ("session",)
    query = "" if quiet else f"?{ask.safe_query}"
    return audit.by(
        ask.principal, verb, f"{ask.method} {ask.path.decode()}{query}", address=ask.address,
        outcome=outcome, rule=rule, markings=markings,
    )  # fmt: skip
