"""The first steps of every request: its key, its body, the methods that a path has."""

from __future__ import annotations

import asyncio

from hinomi.apps.web.http import MAX_BODY, Answer, Caller, HttpError, Receive, language_of
from hinomi.apps.web.routes import Route
from hinomi.apps.web.session import cookie_of

BODY_SECONDS = 20.0
MOST_AFTER = 64 * 1024 * 1024
"""Bytes beyond the limit that a sender may end with, so that it learns of the limit."""
SLOWEST = 200_000
"""Bytes a second that a large body must come with: a telephone's on a crowded network."""


def caller_of(headers: dict[bytes, bytes]) -> Caller:
    """Return what the headers tell of who asks."""
    secret = secret_of(headers)
    return Caller(
        headers=headers,
        secret=secret,
        cookie=cookie_of(headers) if secret is None else None,
        language=language_of(headers.get(b"accept-language", b"")),
        known={},
    )


def secret_of(headers: dict[bytes, bytes]) -> str | None:
    """Return the API key of the request: ``X-API-Key`` or ``Authorization: Bearer``."""
    key = headers.get(b"x-api-key")
    if key is None:
        scheme, _, token = headers.get(b"authorization", b"").partition(b" ")
        key = token.strip() if scheme.lower() == b"bearer" else None
    return key.decode("latin-1") if key else None


async def body_of(receive: Receive, most: int) -> bytes:
    """Return the request's body, within its size and its time."""
    parts: list[bytes] = []
    size = 0
    over = False
    try:
        async with asyncio.timeout(BODY_SECONDS + max(most - MAX_BODY, 0) / SLOWEST):
            while True:
                message = await receive()
                part = message.get("body", b"")
                size += len(part)
                if size > most and not over:
                    over = True
                    parts.clear()
                if not over:
                    parts.append(part)
                ended = message["type"] == "http.disconnect" or not message.get("more_body", False)
                # Whoever still sends hears no answer: some more is taken, and thrown away.
                if over and (ended or size > most + MOST_AFTER):
                    raise HttpError(
                        413,
                        f"The body has more than {most:,} bytes.",
                        f"本文が{most:,}バイトを超えています。",
                    )
                if ended:
                    return b"".join(parts)
    except TimeoutError:
        raise HttpError(408, "The body came too slowly.", "本文の送信が遅すぎます。") from None


def other_method(method: str, table: dict[str, Route]) -> Answer:
    """Answer OPTIONS, or refuse a method that the path does not have."""
    allowed = ", ".join([*table, *(["HEAD"] if "GET" in table else []), "OPTIONS"])
    allow = (b"allow", allowed.encode())
    if method != "OPTIONS":
        raise HttpError(
            405, f"{method} is not allowed here; {allowed} are.",
            f"{method}は使えません。使えるもの: {allowed}", (allow,),
        )  # fmt: skip
    headers = (
        allow,
        (b"access-control-allow-methods", allowed.encode()),
        (b"access-control-allow-headers", b"X-API-Key, Authorization, If-Match, If-None-Match, "
         b"Content-Type, Last-Event-ID, Accept-Language"),
        (b"access-control-max-age", b"86400"),
    )  # fmt: skip
    return Answer(status=204, headers=headers)
