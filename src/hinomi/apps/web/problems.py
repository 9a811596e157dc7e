"""Every error as one shape: RFC 9457 problem details, or a page that says the same to people."""

from __future__ import annotations

import logging
import secrets
from typing import Any

import msgspec

from hinomi.apps.web.http import HTML, PROBLEM, Answer, Ask, HttpError, encode
from hinomi.apps.web.pages import problem_page
from hinomi.kernel.errors import (
    ConflictError,
    DataError,
    DeniedError,
    HinomiError,
    InputError,
    MissingError,
    Text,
    UnavailableError,
)
from hinomi.kernel.marking import ANONYMOUS

LOG = logging.getLogger("hinomi.web")


class Kind(msgspec.Struct, frozen=True):
    """How one class of error is told to HTTP."""

    error: type[HinomiError]
    name: str
    title: Text


KINDS = (
    Kind(HttpError, "http", Text("この要求は受けられません", "The request cannot be taken")),
    Kind(ConflictError, "conflict", Text("変更されています", "It has changed since it was read")),
    Kind(InputError, "input", Text("質問が正しくありません", "The question makes no sense")),
    Kind(DeniedError, "denied", Text("許可されていません", "Policy says no")),
    Kind(MissingError, "missing", Text("見つかりません", "There is no such thing")),
    Kind(DataError, "data", Text("規格に合いません", "The data break their standard")),
    Kind(UnavailableError, "unavailable", Text("いまは使えません", "Not available now; try again")),
)
"""The first kind that fits; the status is the error's own."""
FAULT = Kind(HinomiError, "fault", Text("こちらの不具合です", "A fault on our side"))
URN = "urn:hinomi:problem:"


def status_of(error: HinomiError, ask: Ask | None) -> int:
    """Return the HTTP status: the error's own, 401 where an API key would help."""
    if isinstance(error, HttpError):
        return error.code
    if isinstance(error, DeniedError):
        anonymous = ask is None or ask.principal == ANONYMOUS
        return 401 if error.rule == "api-key" or anonymous else 403
    return error.status


def told(error: Exception, ask: Ask | None, path: str, language: str = "en") -> Answer:
    """Return the answer for an error; a fault of ours is logged under a hop that the caller gets.

    The answer to a fault tells nothing of its inside.
    """
    if not isinstance(error, HinomiError):
        return _fault(error, ask, path, language)
    status = status_of(error, ask)
    kind = next((k for k in KINDS if isinstance(error, k.error)), FAULT)
    document: dict[str, Any] = {
        "type": URN + kind.name,
        "title": kind.title.to(language),
        "status": status,
        "detail": error.text.to(language),
        "instance": path,
    }
    if isinstance(error, DataError):
        document["problems"] = [
            {
                "code": p.code,
                "path": p.path,
                "text": p.text.to(language),
                "grade": p.grade,
                "found": p.found,
                "expected": p.expected,
            }
            for p in error.problems
        ]
    if isinstance(error, MissingError) and error.nearest:
        document["nearest"] = error.nearest
    if isinstance(error, DeniedError) and error.rule:
        document["rule"] = error.rule
    headers = error.headers if isinstance(error, HttpError) else ()
    if status == 401:
        headers = ((b"www-authenticate", b'Bearer realm="hinomi"'),)
    if status in {429, 503} and not headers:
        headers = ((b"retry-after", b"5"),)
    return _answer(document, ask, language, headers)


def _fault(error: Exception, ask: Ask | None, path: str, language: str) -> Answer:
    hop = secrets.token_hex(6)
    method = ask.method if ask else "?"
    LOG.error("hop %s: %s %s failed", hop, method, path, exc_info=error)
    document = {
        "type": f"{URN}{FAULT.name}",
        "title": FAULT.title.to(language),
        "status": 500,
        "detail": Text(
            f"記録番号{hop}でログに残しました。", f"It is in the log under the hop {hop}."
        ).to(language),
        "instance": path,
        "hop": hop,
    }
    return _answer(document, ask, language, ())


def _answer(
    document: dict[str, Any],
    ask: Ask | None,
    language: str,
    headers: tuple[tuple[bytes, bytes], ...],
) -> Answer:
    status: int = document["status"]
    if ask is not None and ask.media == "html":
        body = problem_page(ask, document).encode()
        return Answer(status=status, body=body, media_type=HTML, headers=headers)
    language_header = (b"content-language", language.encode())
    return Answer(
        status=status,
        body=encode(document),
        media_type=PROBLEM,
        headers=(*headers, language_header),
    )
