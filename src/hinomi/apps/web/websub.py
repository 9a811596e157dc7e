"""The hub's door: subscribe to a package and unsubscribe (WebSub, section 5.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from hinomi.apps.web import parameters
from hinomi.apps.web.http import Answer, Ask, not_here
from hinomi.apps.web.routes import ONLY_JSON, Route
from hinomi.kernel.errors import DeniedError, InputError, Text, UnavailableError
from hinomi.kernel.marking import ANONYMOUS
from hinomi.runtime.policy.addresses import closed
from hinomi.runtime.websub import Asked, topic_of

if TYPE_CHECKING:
    from hinomi.apps.web.app import Web

LEASE_S = 10 * 86_400
MAX_LEASE_S = 90 * 86_400
MAX_SECRET_BYTES = 199
"""Section 5.1: less than 200 bytes."""


def subscribe(web: Web, ask: Ask) -> Answer:
    """Keep what is asked for; the hub verifies it by asking the callback.

    Only for those with a key: the hub asks whatever address it is given.
    """
    if ask.principal == ANONYMOUS:
        raise DeniedError(
            "Subscribing needs an API key (X-API-Key or Authorization: Bearer).",
            "購読にはAPIキーが必要です(X-API-KeyかAuthorization: Bearer)。",
            rule="api-key",
        )
    if web.service.subscriptions is None:
        raise not_here("This node runs no hub.", "このノードにはハブがありません。")
    asked = _asked(web, ask)
    if not web.service.subscriptions.ask(asked):
        raise UnavailableError(
            "Too many subscriptions wait to be verified.", "確認待ちの購読が多すぎます。"
        )
    return Answer(status=202, media_type="text/plain; charset=utf-8", body=b"")


def _asked(web: Web, ask: Ask) -> Asked:
    try:
        form = parse_qs(ask.body.decode("utf-8"), max_num_fields=20)
    except (UnicodeDecodeError, ValueError):
        raise InputError("The form cannot be read.", "フォームを読めません。") from None
    one = {name: values[0] for name, values in form.items()}
    mode, callback = one.get("hub.mode", ""), one.get("hub.callback", "")
    if mode not in ("subscribe", "unsubscribe"):
        raise InputError(f"hub.mode={mode[:20]!r}: expected subscribe or unsubscribe.")
    parts = urlsplit(callback)
    if parts.scheme not in ("http", "https") or not parts.hostname or len(callback) > 2000:
        raise InputError(f"hub.callback={callback[:100]!r}: expected an address.")
    if closed(parts.hostname) and not closed(ask.address):
        raise InputError(
            f"hub.callback={callback[:100]!r}: an address of this machine is nobody else's.",
            "hub.callback: このサーバ自身のアドレスは指定できません。",
        )
    topic = one.get("hub.topic", "")
    topic_of(topic, web.catalog)
    if not topic.startswith(f"{ask.base}/"):
        raise InputError(f"hub.topic={topic[:100]!r}: expected one under {ask.base}/.")
    secret = one.get("hub.secret", "")
    if len(secret.encode()) > MAX_SECRET_BYTES:
        raise InputError(f"hub.secret has more than {MAX_SECRET_BYTES} bytes.")
    lease = one.get("hub.lease_seconds", "") or str(LEASE_S)
    if not (lease.isascii() and lease.isdigit()) or len(lease) > 12:
        raise InputError(f"hub.lease_seconds={lease[:20]!r}: expected a number of seconds.")
    return Asked(
        mode="subscribe" if mode == "subscribe" else "unsubscribe",
        topic=topic,
        callback=callback,
        lease_s=max(60, min(int(lease), MAX_LEASE_S)),
        secret=secret,
        user=ask.principal.name,
    )


ROUTES = (
    Route(
        path="/websub",
        name="websub",
        method="POST",
        text=Text("更新の通知を購読する(WebSub)", "Subscribe to packages (WebSub)"),
        answer=subscribe,
        parameters=(parameters.LANG,),
        offers=ONLY_JSON,
        success=202,
        body="object",
        takes=("application/x-www-form-urlencoded",),
        refusals=(400, 401, 403, 404, 408, 413, 503),
        tags=("exchange",),
    ),
)
