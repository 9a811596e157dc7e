"""The alerts' act: acknowledge."""

from __future__ import annotations

from hinomi.domains.response.collections.alerts import (
    ACKNOWLEDGEMENTS,
    ALERTS,
    Acknowledgement,
    Alert,
)
from hinomi.domains.response.respond.words import body_of
from hinomi.kernel.errors import InputError, Text
from hinomi.kernel.ports import Parsed
from hinomi.kernel.reader import Reader
from hinomi.vocabulary.acts import Act, Deed, Input


def acknowledge(reader: Reader, deed: Deed) -> Parsed:
    """Return the acknowledgement of an alert; the first one of an organisation stands."""
    item = reader.get(ALERTS.id, deed.key)
    own = deed.person.organisation
    before = reader.find(ACKNOWLEDGEMENTS.id, keys=(deed.key,), beside=True, limit=100).items
    for said in before:
        if said.source == own:
            who = said.properties()["acknowledged_by"]
            raise InputError(
                f"{who} has acknowledged this already.", f"{who}さんがすでに確認しています。"
            )
    alert = body_of(item, Alert)
    body = Acknowledgement(
        area_code=alert.area_code,
        areas=alert.areas,
        kind=alert.kind,
        level=alert.level,
        acknowledged_by=deed.person.name,
        acknowledged_at=deed.at,
        organisation=own,
        note=deed.text("note"),
    )
    record = deed.record(ACKNOWLEDGEMENTS.id, item.key, body, inputs=(item.id,))
    return Parsed(records=[record])


ACTS: tuple[Act, ...] = (
    Act(
        id="response.acknowledge-alert",
        title=Text("確認した", "Acknowledge"),
        text=Text(
            "警報を確認したことを記録し、音と通知とメールを止めます。",
            "Record that the alert was taken in; sound, notices and e-mail stop.",
        ),
        collection=ALERTS.id,
        perform=acknowledge,
        gives=(ACKNOWLEDGEMENTS.id,),
        inputs=(Input(name="note", label=Text("メモ", "Note")),),
    ),
)
