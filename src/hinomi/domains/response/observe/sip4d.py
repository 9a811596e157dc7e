"""SIP4D-ZIP packages: shelters, roads, relief, damage counts, and free layers as they are."""

from __future__ import annotations

from functools import cache

from hinomi.domains.response.collections.damage import DAMAGE, SIP4D, Damage, with_worst
from hinomi.domains.response.collections.facilities import (
    COLLECTIONS,
    EXCHANGED,
    LICENCE,
    Attribute,
    Exchanged,
)
from hinomi.domains.response.collections.shelters import SHELTERS, Shelter
from hinomi.domains.response.observe.names import match_key
from hinomi.domains.response.sip4d_table import KINDS, SHELTER_STATES
from hinomi.kernel.errors import Text
from hinomi.kernel.ports import Gazetteer, Parsed, Payload, Source
from hinomi.standards.sip4d import statements
from hinomi.standards.sip4d.statements import Statement, Target
from hinomi.vocabulary.exchange import PACKAGES

REFERENCE = "JSA-S1016:2023; https://www.sip4d.jp/system/spec"
NOT_OURS = ("01-008", "01-009", "01-010")
"""浸水, 堤防決壊, 土砂災害: the hazards' source reads them."""
_NAMES = ("name", "title", "eventname", "pointname", "roadname")


def is_package(payload: Payload) -> bool:
    """Tell whether this is a package of one of our types."""
    code = statements.code_of(payload)
    return code is not None and not code.startswith(NOT_OURS)


def parse(payload: Payload, gazetteer: Gazetteer) -> Parsed:
    """Return a record of each feature in its information type's collection.

    Raises:
        DataError: the package cannot be read, or whether it is an exercise cannot be told.
    """
    return statements.parse(payload, gazetteer, _targets(), _OTHER)


@cache
def _targets() -> dict[str, Target]:
    own = {SHELTERS.id: _shelter, DAMAGE.id: _damage}
    return {
        code: Target(collection=target.collection, make=own.get(target.collection, target.make))
        for code, target in statements.targets_of(KINDS).items()
    }


def _damage(statement: Statement) -> Damage:
    stated = statement.feature.stated
    code, municipality = statement.municipality
    disaster = statement.package.metadata.get("disaster")
    report = disaster.get("report") if isinstance(disaster, dict) else None
    figures = {ours: stated[theirs] for theirs, ours in SIP4D.items() if theirs in stated}
    body = Damage(
        **{
            **figures,
            "municipality_code": code,
            "municipality": municipality,
            "incident": str(disaster.get("name") or "") if isinstance(disaster, dict) else "",
            "number": report if isinstance(report, int) else 1,
            "said_by": statement.package.author,
            "sent": statement.sent,
        }
    )
    return with_worst(body)


def _shelter(statement: Statement) -> Shelter:
    stated = statement.feature.stated
    code, municipality = statement.municipality
    name = stated.get("name", "")
    people, capacity = stated.get("evacueeno"), stated.get("capacity")

    return Shelter(
        name=name,
        name_kana=stated.get("namekana", ""),
        address=stated.get("address", ""),
        municipality_code=code,
        municipality=municipality,
        local_id=stated.get("id", ""),
        match_key=match_key(code or municipality, name),
        capacity=capacity,
        phone=stated.get("phoneno", ""),
        serves=stated.get("area", ""),
        remarks=stated.get("note", ""),
        state=SHELTER_STATES.get(stated.get("eststts", ""), "unknown"),  # type: ignore[arg-type]
        people=people,
        crowding=round(people / capacity, 3) if people is not None and capacity else None,
        sent=statement.sent,
    )


def _exchanged(statement: Statement) -> Exchanged:
    given, layer = statement.feature.properties, statement.layer
    place = statement.feature.place
    drawn = layer.style(place["type"] if place else "").class_of(given)
    shown = tuple(
        Attribute(label=column.title, value=given[column.name])
        for column in layer.columns
        if column.show and given.get(column.name) not in (None, "")
    )
    name = next((given[n] for n in _NAMES if isinstance(given.get(n), str) and given[n]), "")
    return Exchanged(
        name=name or layer.title,
        package=statement.sent.package,
        layer=layer.number,
        layer_title=layer.title,
        code=statement.package.code,
        legend=drawn.title if drawn else "",
        colour=drawn.colour if drawn else "",
        municipality_code=statement.feature.municipality,
        attributes=shown,
        sent=statement.sent,
    )


_OTHER = Target(collection=EXCHANGED.id, make=_exchanged)

SOURCE = Source(
    id="sip4d",
    title=Text("SIP4D-ZIP", "SIP4D-ZIP packages"),
    gives=(
        SHELTERS.id,
        "response.damage",
        *(c.id for c in COLLECTIONS),
        PACKAGES.id,
    ),
    licence=LICENCE,
    reference=REFERENCE,
    detect=is_package,
    parse=parse,
)
