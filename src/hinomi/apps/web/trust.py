"""The transparency log over HTTP: its head, its growth, receipts; and the audit log's entries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hinomi.apps.web import parameters
from hinomi.apps.web.http import JSON, Answer, Ask, encode, not_here
from hinomi.apps.web.parameters import Parameter
from hinomi.apps.web.routes import ONLY_JSON, Route
from hinomi.kernel.errors import DeniedError, InputError, Text
from hinomi.kernel.marking import ANONYMOUS
from hinomi.runtime.audit import VERBS

if TYPE_CHECKING:
    from hinomi.apps.web.app import Web
    from hinomi.runtime.translog.trust import Trust

NOTE = "text/plain; charset=utf-8"
MOST = 1_000
_DIGEST_LENGTH = 64
_NUMBER = {"type": "integer", "minimum": 0}
_SIZE = Parameter("size", Text("前に見た件数", "size of the log as seen before"), _NUMBER)
_WORD = {"type": "string"}
_AUDIT = (
    Parameter("who", Text("誰が", "whose doings"), _WORD),
    Parameter("verb", Text("何をしたか", "what was done"), {"type": "string", "enum": list(VERBS)}),
    Parameter("what", Text("含まれる文字", "contained in what it was done to"), _WORD),
    Parameter("since", Text("以後", "done at this time or later (RFC 3339)"), _WORD),
    Parameter("until", Text("より前", "done before this time (RFC 3339)"), _WORD),
    Parameter("before", Text("この番号より前", "entries before this one's index"), _NUMBER),
)


def checkpoint(web: Web, ask: Ask) -> Answer:
    """Answer the log's signed head."""
    return Answer(body=_trust(web, ask).checkpoint()[1].encode(), media_type=NOTE)


def growth(web: Web, ask: Ask) -> Answer:
    """Answer the newest head, and the proof that the log only grew since a size."""
    return Answer(body=encode(_trust(web, ask).growth(_number(ask, "size", 0))))


def receipt(web: Web, ask: Ask) -> Answer:
    """Answer the proof that bytes were published, to whoever knows their SHA-256."""
    text = ask.arguments["digest"]
    try:
        subject = bytes.fromhex(text)
    except ValueError:
        subject = b""
    if len(text) != _DIGEST_LENGTH or not subject:
        raise InputError(
            "digest: expected a SHA-256 in 64 hexadecimal digits.",
            "digest: SHA-256(16進64桁)を指定してください。",
        )
    return Answer(body=encode(_trust(web, ask).receipt(subject)))


def find(web: Web, ask: Ask) -> Answer:
    """Answer entries of the audit log, newest first, for the operator."""
    if "*" not in ask.principal.writes:
        raise DeniedError(
            "The audit log is shown to the administrator.",
            "監査ログは管理者だけが見られます。",
            rule="api-key" if ask.principal == ANONYMOUS else "operator",
        )
    if web.service.audit is None:
        raise not_here("There is no audit log here.", "ここには監査ログがありません。")
    web.service.audit.flush()
    words: dict[str, str] = {
        name: ask.query[name] for name in ("who", "verb", "what") if name in ask.query
    }
    for name in ("since", "until"):
        if name in ask.query:
            words[name] = parameters.instant(name, ask.query[name]).isoformat()
    before = _number(ask, "before", -1) if "before" in ask.query else None
    limit = min(_number(ask, "limit", 100), MOST)
    found = web.service.audit.find(words, limit=limit, before=before)
    return Answer(body=encode({"entries": found}), headers=((b"cache-control", b"no-store"),))


def _trust(web: Web, ask: Ask) -> Trust:
    del ask
    if web.service.trust is None:
        raise not_here("There is no log here.", "ここには透明性ログがありません。")
    return web.service.trust()


def _number(ask: Ask, name: str, default: int) -> int:
    text = ask.query.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise InputError(f"{name}={text[:20]}: expected a number.", f"{name}: 数です。")
    return int(text)


_TAGS = ("trust",)

ROUTES = (
    Route(
        path="/log/checkpoint", name="log-checkpoint",
        text=Text("透明性ログの署名付き先頭", "The transparency log's signed head"),
        answer=checkpoint, parameters=(parameters.LANG,), offers=ONLY_JSON,
        gives={"text/plain": "text"}, refusals=(400, 503), heavy=True, tags=_TAGS,
    ),
    Route(
        path="/log/growth", name="log-growth",
        text=Text("ログが追記だけで伸びた証明", "Proof that the log only grew since a size"),
        answer=growth, parameters=(_SIZE, parameters.LANG), offers=ONLY_JSON,
        gives={JSON: "object"}, refusals=(400, 503), heavy=True, tags=_TAGS,
    ),
    Route(
        path="/log/receipts/{digest}", name="log-receipt",
        text=Text("公開の証明", "Proof that bytes were published, by their SHA-256"),
        answer=receipt, parameters=(parameters.LANG,), offers=ONLY_JSON,
        gives={JSON: "object"}, refusals=(400, 404, 503), heavy=True, tags=_TAGS,
    ),
    Route(
        path="/audit", name="audit", text=Text("監査ログ", "Who saw, changed and exported what"),
        answer=find, parameters=(*_AUDIT, parameters.LIMIT, parameters.LANG), offers=ONLY_JSON,
        gives={JSON: "object"}, refusals=(400, 401, 403, 503), heavy=True, tags=_TAGS,
    ),
)  # fmt: skip
