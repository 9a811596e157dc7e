"""Evacuation orders as CAP (避難情報)."""

from __future__ import annotations

import msgspec

from hinomi.domains.response.collections.orders import (
    MEASURES,
    ORDERS,
    REASONS,
    Order,
    OrderAction,
)
from hinomi.kernel.errors import Text
from hinomi.kernel.records import Stored
from hinomi.standards.cap import alert as c
from hinomi.standards.cap import shapes
from hinomi.standards.cap.thread import Draw, Outline, expires

GRADES: dict[int, tuple[str, str, str, tuple[str, ...]]] = {
    5: ("Immediate", "Extreme", "Likely", ("Shelter",)),
    4: ("Immediate", "Severe", "Likely", ("Evacuate",)),
    3: ("Expected", "Severe", "Likely", ("Prepare", "Evacuate")),
}
"""警戒レベル -> urgency, severity, certainty, response: CAP 1.2 section 3.2.2 against
避難情報に関するガイドライン (内閣府, 令和3年5月); the assignment is ours."""
_CATEGORIES = {"flood": "Met", "inundation": "Met", "surge": "Met", "fire": "Fire"}
"""Reason -> CAP's category; the others are of the earth."""

_TURNS: dict[OrderAction, Text] = {
    "issue": Text("を発令", "issued"),
    "raise": Text("に引き上げ", "issued in place of a lower one"),
    "lower": Text("に引き下げ", "issued in place of a higher one"),
    "extend": Text("を継続", "goes on"),
    "lift": Text("を解除", "lifted"),
}


def order(stored: Stored) -> Outline | None:
    """Return an order in force in a district, or its lifting."""
    body = msgspec.convert(stored.body(), Order)
    measure = MEASURES[body.kind]
    urgency, severity, certainty, responses = GRADES[measure.level]
    lifted = body.state == "lifted"
    name, where = Text(body.name, body.name_en), Text(body.where, body.where_en)
    turn = _TURNS[body.action]
    said = Text(f"{where.ja} {name.ja}{turn.ja}", f"{where.en}: {name.en} {turn.en}")
    reason = REASONS.get(body.reason, Text("", ""))
    place = stored.place()
    infos = tuple(
        c.Info(
            language=tag,
            categories=("Safety", _CATEGORIES.get(body.reason, "Geo")),
            event=f"警戒レベル{measure.level} {name.ja}" if tag == "ja-JP" else name.en,
            responses=responses,
            urgency=urgency,
            severity=severity,
            certainty=certainty,
            effective=stored.said_at,
            onset=body.since if body.since <= stored.said_at else None,
            expires=expires(stored.when.end, stored.said_at),
            sender_name=body.municipality,
            headline=said.to(tag),
            description="。".join(
                t for t in (reason.to(tag), body.reason_text if tag == "ja-JP" else "") if t
            ),
            instruction="\n".join(
                t
                for t in (
                    measure.asks.to(tag),
                    body.message if tag == "ja-JP" else "",
                    body.shelters if tag == "ja-JP" else "",
                )
                if t
            ),
            parameters=(c.Pair("alert-level", str(measure.level)),),
            areas=(
                c.Area(
                    description=where.to(tag) or where.ja,
                    polygons=shapes.rings(place),
                    geocodes=(
                        c.Pair("jma:area", body.municipality_code),
                        c.Pair("jisx0402", body.municipality_code[:5]),
                    ),
                ),
            ),
        )
        for tag in ("ja-JP", "en-US")
    )
    return Outline(infos, not lifted)


KINDS: dict[str, Draw] = {ORDERS.id: order}
