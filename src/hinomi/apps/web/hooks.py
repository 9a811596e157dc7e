"""Webhooks of LoRaWAN network servers: ChirpStack v4 and The Things Stack v3 push uplinks here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hinomi.apps.web import parameters
from hinomi.apps.web.http import JSON, Answer, Ask, encode, not_here
from hinomi.apps.web.parameters import Parameter
from hinomi.apps.web.routes import ONLY_JSON, Route
from hinomi.apps.web.sta.writing import check_reader
from hinomi.kernel.errors import DataError, DeniedError, Text
from hinomi.kernel.marking import ANONYMOUS
from hinomi.runtime.mqtt.messages import Form, Message, Sense

if TYPE_CHECKING:
    from hinomi.apps.web.app import Web

MAX_BODY = 256 * 1024
"""Bytes of one uplink's JSON; real ones have some kB."""
_EVENT = Parameter(
    "event", Text("ChirpStackのイベント名", "ChirpStack's event; only up is read"),
    {"type": "string"}, example="up",
)  # fmt: skip


def chirpstack(web: Web, ask: Ask) -> Answer:
    """Take ChirpStack's events; others than uplinks (join, status, ack) are only acknowledged."""
    if ask.query.get("event", "up") != "up":
        return Answer(status=204)
    return _take(web, ask, "chirpstack")


def tts(web: Web, ask: Ask) -> Answer:
    """Take The Things Stack's uplinks; its other messages are only acknowledged."""
    if b'"uplink_message"' not in ask.body and b'"end_device_ids"' in ask.body:
        return Answer(status=204)
    return _take(web, ask, "tts")


def _take(web: Web, ask: Ask, form: Form) -> Answer:
    if ask.principal == ANONYMOUS:
        raise DeniedError(
            "The webhook needs an API key in a header (X-API-Key or Authorization: Bearer).",
            "WebhookにはAPIキーのヘッダが必要です。",
            rule="api-key",
        )
    check_reader(ask.principal)
    if web.service.sense is None:
        raise not_here("Nothing can be written here.", "ここでは書き込めません。")
    message = Message(form, f"hooks/{form}", ask.body)
    status = ask.query.get("status", "actual")
    sensed = web.service.sense(Sense(messages=(message,), status=status, principal=ask.principal))
    if sensed.problems:
        raise DataError(sensed.problems)
    return Answer(body=encode({"new": sensed.new, "known": sensed.known}))


ROUTES = tuple(
    Route(
        path=f"/hooks/{name}",
        name=f"hook-{name}",
        method="POST",
        text=Text(f"{title}のWebhook", f"Webhook of {title}"),
        answer=answer,
        parameters=given,
        offers=ONLY_JSON,
        gives={JSON: "object"},
        body="object",
        max_body=MAX_BODY,
        refusals=(204, 400, 401, 403, 408, 413, 422, 503),
        tags=("sensors",),
    )
    for name, title, answer, given in (
        ("chirpstack", "ChirpStack v4", chirpstack,
         (_EVENT, parameters.STATUS, parameters.LANG)),
        ("tts", "The Things Stack v3", tts, (parameters.STATUS, parameters.LANG)),
    )
)  # fmt: skip
