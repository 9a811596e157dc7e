"""The acts of evacuation orders: draft, confirm by a second person, publish, send back.

The rules: who drafted does not confirm; only what was confirmed is published, by a commander; and
only while its districts still stand as they stood when it was drafted.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from hinomi.domains.response.collections.orders import (
    DRAFTS,
    LIFT_BASIS,
    MEASURES,
    ORDERS,
    Order,
    OrderAction,
    OrderDraft,
)
from hinomi.domains.response.respond import order_forms as forms
from hinomi.domains.response.respond.districts import (
    WHOLE,
    names_of,
    order_key,
    place_of,
    where,
    where_en,
)
from hinomi.domains.response.respond.words import body_of
from hinomi.kernel.errors import ConflictError, DeniedError, InputError
from hinomi.kernel.geometry import Geometry
from hinomi.kernel.ports import Parsed
from hinomi.kernel.reader import Reader
from hinomi.kernel.records import Interval, Record, Stored
from hinomi.vocabulary.acts import COMMANDER, Act, Deed

_LEVELS = "hazards.levels"
_PENDING = ("draft", "confirmed")


def draft(reader: Reader, deed: Deed) -> Parsed:
    """Return a proposal to issue an order for districts, to raise or to lower what stands there."""
    code = deed.values["area_code"]
    districts = tuple(dict.fromkeys(deed.values.get("districts", []))) or (WHOLE.ja,)
    kind = deed.values["kind"]
    standing = [_standing(reader, order_key(code, name)) for name in districts]
    action = _action(MEASURES[kind].level, standing)
    return _proposed(reader, deed, code, districts, kind, action)


def draft_change(reader: Reader, deed: Deed) -> Parsed:
    """Return a proposal to raise or to lower an order in force."""
    item = reader.get(ORDERS.id, deed.key)
    was = body_of(item, Order)
    action = _action(MEASURES[deed.values["kind"]].level, [item])
    return _proposed(
        reader, deed, was.municipality_code, (was.district,), deed.values["kind"], action, was=was
    )


def draft_extension(reader: Reader, deed: Deed) -> Parsed:
    """Return a proposal to let an order in force hold on."""
    was = body_of(reader.get(ORDERS.id, deed.key), Order)
    review_at = deed.values.get("review_at")
    if review_at is not None and review_at <= deed.at:
        raise InputError("The next review lies in the past.", "次の見直し時刻が過去です。")
    return _proposed(
        reader, deed, was.municipality_code, (was.district,), was.kind, "extend", was=was
    )


def draft_lift(reader: Reader, deed: Deed) -> Parsed:
    """Return a proposal to lift an order in force."""
    was = body_of(reader.get(ORDERS.id, deed.key), Order)
    return _proposed(
        reader, deed, was.municipality_code, (was.district,), was.kind, "lift", was=was
    )


def confirm(reader: Reader, deed: Deed) -> Parsed:
    """Return the draft as confirmed by a second person, published at once where they ask for it."""
    item = reader.get(DRAFTS.id, deed.key)
    was = body_of(item, OrderDraft)
    if was.drafted_by == deed.person.name:
        raise DeniedError(
            f"{was.drafted_by} drafted this: another person confirms it.",
            f"起案した{was.drafted_by}さん以外の人が確認してください。",
            rule="second-person",
        )
    _check_ground(reader, was)
    confirmed = msgspec.structs.replace(
        was,
        state="confirmed",
        confirmed_by=deed.person.name,
        confirmed_at=deed.at,
        comment=deed.text("comment") or was.comment,
    )
    if not deed.values.get("publish", False):
        return Parsed(records=[_draft_record(deed, item, confirmed)])
    if not deed.person.has(COMMANDER):
        raise DeniedError(
            "Publishing needs the role commander; confirm without it.",
            "発令には「責任者」の権限が必要です。確認だけにしてください。",
            rule="role",
        )
    return _published(reader, deed, item, confirmed)


def publish(reader: Reader, deed: Deed) -> Parsed:
    """Return the orders of a confirmed draft, open to everyone, and the draft as published."""
    item = reader.get(DRAFTS.id, deed.key)
    was = body_of(item, OrderDraft)
    _check_ground(reader, was)
    return _published(reader, deed, item, was)


def send_back(reader: Reader, deed: Deed) -> Parsed:
    """Return the draft as sent back, with the reason."""
    item = reader.get(DRAFTS.id, deed.key)
    body = msgspec.structs.replace(
        body_of(item, OrderDraft),
        state="returned",
        returned_by=deed.person.name,
        comment=deed.text("comment"),
    )
    return Parsed(records=[_draft_record(deed, item, body)])


def _standing(reader: Reader, key: str) -> Stored | None:
    return next(iter(reader.find(ORDERS.id, keys=(key,), limit=1).items), None)


def _action(level: int, standing: list[Stored | None]) -> OrderAction:
    """Return what this level means where these orders stand: issue, raise or lower."""
    levels = {body_of(s, Order).level if s is not None else 0 for s in standing}
    if len(levels) > 1:
        raise InputError(
            "The districts stand at different levels; draft them one by one.",
            "地区によって現在のレベルが違います。別々に起案してください。",
        )
    now = levels.pop()
    if now == level:
        raise InputError(
            "This is in force there already; extend it instead.",
            "すでに同じ避難情報が発令中です。継続するときは「継続・延長」を使ってください。",
        )
    return "issue" if now == 0 else "raise" if level > now else "lower"


def _proposed(  # noqa: PLR0913  (what a proposal consists of)
    reader: Reader,
    deed: Deed,
    code: str,
    districts: tuple[str, ...],
    kind: str,
    action: OrderAction,
    *,
    was: Order | None = None,
) -> Parsed:
    values: dict[str, Any] = deed.values
    keys = [order_key(code, name) for name in districts]
    _check_free(reader, keys)
    drawn = values.get("place")
    if drawn is not None and len(districts) > 1:
        raise InputError(
            "A drawn outline is of one district; draft them one by one.",
            "図形を描いたときは1地区ずつ起案してください。",
        )
    standing = {key: _standing(reader, key) for key in keys}
    measure = MEASURES[kind]
    municipality = names_of(reader, code, deed.at)
    lifted = action == "lift"
    body = OrderDraft(
        state="draft",
        action=action,
        municipality_code=code,
        municipality=municipality.ja,
        municipality_en=municipality.en,
        districts=districts,
        where=where(municipality.ja, districts),
        where_en=where_en(municipality.en, districts),
        kind=kind,  # type: ignore[arg-type]
        name=measure.name.ja,
        name_en=measure.name.en,
        level=0 if lifted else measure.level,
        reason=values.get("reason") or (was.reason if was else "other"),
        reason_text=deed.text("reason_text"),
        message=deed.text("message") or (was.message if was and not lifted else ""),
        shelters=deed.text("shelters") or (was.shelters if was and not lifted else ""),
        households=_whole(values, "households", was.households if was else None),
        people=_whole(values, "people", was.people if was else None),
        review_at=values.get("review_at"),
        legal_basis=LIFT_BASIS if lifted else measure.basis,
        based_on=_grounds(reader, code, deed),
        stood={key: found.id if found else "" for key, found in standing.items()},
        drafted_by=deed.person.name,
        drafted_at=deed.at,
    )
    place = drawn or place_of(reader, code, next(iter(standing.values())))
    record = deed.record(
        DRAFTS.id,
        deed.id,
        body,
        when=Interval(deed.at, None),
        place=place,
        inputs=body.based_on,
    )
    return Parsed(records=[record])


def _check_free(reader: Reader, keys: list[str]) -> None:
    """Refuse a second draft for a district while one waits."""
    for item in reader.every(DRAFTS.id, filter=forms.waiting(_PENDING)):
        body = body_of(item, OrderDraft)
        for name in body.districts:
            if order_key(body.municipality_code, name) in keys:
                raise InputError(
                    f"A draft for {name} by {body.drafted_by} waits already; confirm it or"
                    " send it back first.",
                    f"「{name}」には{body.drafted_by}さんの起案が既にあります。先に確認または"
                    "差し戻しをしてください。",
                )


def _grounds(reader: Reader, code: str, deed: Deed) -> tuple[str, ...]:
    """Return ids of the records the decision looks at: those named, and the level in force."""
    named = [reader.record(name).id for name in deed.values.get("based_on", [])]
    levels: list[Stored] = []
    if _LEVELS in reader.catalog.collections:
        levels = reader.find(_LEVELS, keys=(code,), limit=1).items
    return tuple(dict.fromkeys([*named, *(level.id for level in levels)]))


def _check_ground(reader: Reader, body: OrderDraft) -> None:
    """Refuse a draft whose districts stand otherwise than when it was drafted."""
    for key, stood in body.stood.items():
        now = _standing(reader, key)
        if (now.id if now else "") != stood:
            raise ConflictError(
                f"{key} has changed since this was drafted; send it back and draft anew.",
                f"起案の後に{key}の発令状況が変わりました。差し戻して起案し直してください。",
            )


def _published(reader: Reader, deed: Deed, item: Stored, body: OrderDraft) -> Parsed:
    done = msgspec.structs.replace(
        body, state="published", published_by=deed.person.name, published_at=deed.at
    )
    orders = [_order(reader, deed, item, done, name) for name in done.districts]
    return Parsed(records=[*orders, _draft_record(deed, item, done)])


def _order(reader: Reader, deed: Deed, item: Stored, body: OrderDraft, district: str) -> Record:
    key = order_key(body.municipality_code, district)
    stood = _standing(reader, key)
    was = body_of(stood, Order) if stood is not None else None
    running = was is not None and was.state == "in_force"
    lifted = body.action == "lift"
    same = was is not None and running and was.level == body.level
    since: datetime = was.since if was is not None and same else deed.at
    order = Order(
        municipality_code=body.municipality_code,
        municipality=body.municipality,
        district=district,
        where=where(body.municipality, (district,)),
        where_en=where_en(body.municipality_en, (district,)),
        name=body.name,
        name_en=body.name_en,
        kind=body.kind,
        level=body.level,
        state="lifted" if lifted else "in_force",
        action=body.action,
        since=since,
        first_issued_at=was.first_issued_at if was is not None and running else deed.at,
        reason=body.reason,
        reason_text=body.reason_text,
        message=body.message,
        shelters=body.shelters,
        households=body.households,
        people=body.people,
        review_at=body.review_at,
        legal_basis=body.legal_basis,
        draft=item.key,
        based_on=body.based_on,
    )
    place: Geometry | None = item.place()
    return deed.record(
        ORDERS.id,
        key,
        order,
        before=stood,
        public=True,
        when=Interval(order.first_issued_at, deed.at if lifted else None),
        place=place,
        inputs=(item.id, *body.based_on),
    )


def _draft_record(deed: Deed, item: Stored, body: OrderDraft) -> Record:
    return deed.record(
        DRAFTS.id,
        item.key,
        body,
        before=item,
        when=item.when,
        place=item.place(),
        inputs=body.based_on,
    )


def _whole(values: dict[str, Any], name: str, usual: int | None) -> int | None:
    number = values.get(name)
    if number is None:
        return usual
    if number < 0 or number != int(number):
        raise InputError(f"{name} is a whole number.", f"{name}は0以上の整数です。")
    return int(number)


ACTS: tuple[Act, ...] = (
    Act(**forms.DRAFT, perform=draft),
    Act(**forms.CHANGE, perform=draft_change),
    Act(**forms.EXTENSION, perform=draft_extension),
    Act(**forms.LIFT, perform=draft_lift),
    Act(**forms.CONFIRM, perform=confirm),
    Act(**forms.PUBLISH, perform=publish),
    Act(**forms.SEND_BACK, perform=send_back),
)
