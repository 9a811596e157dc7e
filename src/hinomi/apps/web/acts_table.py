"""The operations of a headquarters' work: who one is, what one may do, doing it."""

from __future__ import annotations

from hinomi.apps.web import acts, parameters, routes, session, watch
from hinomi.apps.web.http import JSON
from hinomi.apps.web.routes import Route
from hinomi.kernel.errors import Text

P = parameters
_OF = parameters.Parameter(
    "collection", Text("コレクション", "acts of this collection only"), {"type": "string"}
)
_KEY = parameters.Parameter(
    "key", Text("対象のキー", "acts on this item of the collection"), {"type": "string"}
)

ROUTES = (
    Route(
        path="/me", name="me", text=Text("サインイン中の人", "Who the caller is"),
        answer=session.me, parameters=(P.STATUS, P.AS_OF, P.LANG), offers=routes.ONLY_JSON,
        gives={JSON: "object"},
        tags=("people",),
    ),
    Route(
        path="/me/alerts", name="my-alerts",
        text=Text("確認を待つ警報", "What the caller has to hear now"),
        answer=watch.alerts, parameters=(P.STATUS, P.AS_OF, P.LANG), offers=routes.ONLY_JSON,
        gives={JSON: "object"}, tags=("people",),
    ),
    Route(
        path="/me/watch", name="my-watch",
        text=Text("何を知らせるか", "What the caller is told of by sound and notice"),
        answer=watch.watch, parameters=(P.LANG,), offers=routes.ONLY_JSON,
        gives={JSON: "object"}, refusals=(400, 403), tags=("people",),
    ),
    Route(
        path="/me/watch", name="choose-watch", method="PUT",
        text=Text("何を知らせるかを決める", "Choose what to be told of; null: as everyone here"),
        answer=watch.choose_watch, parameters=(P.LANG,), offers=routes.ONLY_JSON,
        gives={JSON: "object"}, body="watch", headers=("X-CSRF-Token",),
        refusals=(400, 401, 403, 408, 413, 422), tags=("people",),
    ),
    Route(
        path="/session", name="sign-in", method="POST",
        text=Text("サインインする・訓練に参加する", "Sign in, or join a drill"),
        answer=session.sign_in, parameters=(P.LANG,), offers=routes.ONLY_JSON,
        gives={JSON: "object"}, success=201, body="sign-in", headers=("X-CSRF-Token",),
        refusals=(400, 401, 403, 408, 413, 422), tags=("people",),
    ),
    Route(
        path="/session", name="sign-out", method="DELETE", text=Text("サインアウト", "Sign out"),
        answer=session.sign_out, parameters=(P.LANG,), offers=routes.ONLY_JSON, success=204,
        headers=("X-CSRF-Token",), refusals=(400, 401, 403), tags=("people",),
    ),
    Route(
        path="/acts", name="acts", text=Text("できる操作", "What may be done, as forms"),
        answer=acts.every, parameters=(_OF, _KEY, P.STATUS, P.AS_OF, P.LANG),
        offers=routes.ONLY_JSON, gives={JSON: "object"}, refusals=(400, 404), tags=("acts",),
    ),
    Route(
        path="/acts/{act}", name="perform", method="POST", text=Text("操作する", "Do it"),
        answer=acts.perform, parameters=(P.STATUS, P.LANG), offers=routes.ONLY_JSON,
        gives={JSON: "object"}, body="wish", headers=("X-CSRF-Token",),
        refusals=(400, 401, 403, 404, 408, 412, 413, 422, 428), tags=("acts",),
    ),
)  # fmt: skip
