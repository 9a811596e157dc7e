"""Whether a web process is there, can work, and what it counted: for what watches over servers."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING

from hinomi.apps.web.http import JSON, Answer, Ask, encode, not_here
from hinomi.apps.web.routes import ONLY_JSON, Route
from hinomi.kernel.errors import DeniedError, Text
from hinomi.runtime import health, observing

if TYPE_CHECKING:
    from hinomi.apps.web.app import Web

_NEVER_KEPT = ((b"cache-control", b"no-store"),)


def healthz(web: Web, ask: Ask) -> Answer:
    """Tell that the process is there."""
    del web, ask
    return Answer(body=encode({"alive": True}), headers=_NEVER_KEPT)


def readyz(web: Web, ask: Ask) -> Answer:
    """Tell whether the process can work: 503 while the store is away or it is about to stop."""
    del ask
    found = health.of(web.service.store)
    return Answer(status=200 if found.ready else 503, body=encode(found), headers=_NEVER_KEPT)


def metrics(web: Web, ask: Ask) -> Answer:
    """Return what the server counted, to an administrator or to who asks from this machine."""
    if "*" not in ask.principal.writes and not _from_here(ask):
        raise DeniedError(
            "Metrics are for an administrator's key, or for who asks from the server itself.",
            "計測値は管理者のキー、またはサーバ自身からの要求にだけ返します。",
            rule="operator",
        )
    if not observing.counts():
        raise not_here(
            "Nothing is counted here: that needs pip install 'hinomi[metrics]' before the start.",
            "計測していません。pip install 'hinomi[metrics]' の後に起動してください。",
        )
    body = health.exposition(web.service.store)
    return Answer(body=body, media_type=observing.TEXT, headers=_NEVER_KEPT)


def _from_here(ask: Ask) -> bool:
    """Tell whether nobody stands between the caller and us, and both are on one machine."""
    if b"x-forwarded-for" in ask.headers or b"forwarded" in ask.headers:
        return False
    try:
        return ip_address(ask.address).is_loopback
    except ValueError:
        return False


ROUTES = (
    Route(
        path="/healthz", name="healthz", text=Text("稼働確認", "Is the process there?"),
        answer=healthz, offers=ONLY_JSON, gives={JSON: "object"}, tags=("operations",),
    ),
    Route(
        path="/readyz", name="readyz", text=Text("受付可能か", "Can it work? 503 if not"),
        answer=readyz, offers=ONLY_JSON, gives={JSON: "object"}, refusals=(503,),
        heavy=True, tags=("operations",),
    ),
    Route(
        path="/metrics", name="metrics", text=Text("計測値", "Counts and durations (Prometheus)"),
        answer=metrics, offers=(("text/plain", "text"),), gives={"text/plain": "text"},
        refusals=(403, 503), heavy=True, tags=("operations",),
    ),
)  # fmt: skip
