"""response.places, .settlements and .trust: one thing, what is said of it, what was settled."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

import msgspec

from hinomi.kernel.collections import Collection, Verb
from hinomi.kernel.errors import Text

LICENCE = "各発表者の規約 (the terms of each source whose statements are merged)"

PlaceState = Literal["stands", "joined"]
SettlementState = Literal["in_force", "withdrawn"]


class Shown(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where a value that is shown comes from."""

    source: str
    record: str
    """Id of the record that states it; of a person's choice, the settlement's."""
    said_at: datetime
    settled: bool = False
    """A person chose it."""
    beside: int = 0
    """How many sources say something else."""


class Statement(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one source says of the place."""

    ref: str
    """``<collection>/<source>/<key>``: by this people settle."""
    collection: str
    source: str
    key: str
    record: str
    said_at: datetime
    values: dict[str, Any] = {}
    probability: float | None = None
    """That it is the same thing as the statement that it fits best; None: it is alone."""
    evidence: str = ""
    """Why: ``name same, distance 50m``."""
    joined_by: str = ""
    """Settlement by which a person joined it."""


class Opinion(msgspec.Struct, frozen=True, kw_only=True):
    """One value of a disagreement."""

    ref: str
    source: str
    value: Any
    said_at: datetime


class Disagreement(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A field on which the sources differ by more than spelling or age explain."""

    field: str
    shown: Any = None
    values: tuple[Opinion, ...]


class Doubt(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Another statement that may be about the same thing: a person is asked."""

    ref: str
    """Of this place."""
    other: str
    other_name: str
    other_source: str
    probability: float
    distance_m: float | None = None
    evidence: str = ""


class Place(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing in the world as several statements about it give it."""

    kind: str
    """refuge, hospital, supply_base, water_point, road, landslide, levee, inundation."""
    stands: PlaceState
    """``joined``: for this circle of readers it is part of ``joined_to``."""
    joined_to: str = ""
    name: str = ""
    municipality_code: str = ""
    municipality: str = ""
    state: str = ""
    people: int | None = None
    capacity: int | None = None
    values: dict[str, Any] = {}
    """What is shown, field by field: name, address, state, people, capacity, flood …"""
    provenance: dict[str, Shown] = {}
    """Of each of these values."""
    sources: tuple[str, ...] = ()
    statements: tuple[Statement, ...] = ()
    disagreements: tuple[Disagreement, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    open: int
    """How many disagreements and doubts a person is to settle."""
    settlements: tuple[str, ...] = ()
    """Ids of the records by which people settled something of it."""


PLACES = Collection(
    id="response.places",
    title=Text("統合した場所", "Merged places"),
    text=Text(
        "複数の発表者が述べる同じ避難所・道路区間・被害箇所などを1つにまとめたもの。値ごとの出どころ、"
        "食い違い、同じものかの確認待ちを持ちます。1者だけが述べるものは含みません。",
        "The same shelter, road section or damaged place as several sources state it, as one thing:"
        " where each value comes from, where they disagree, what a person is asked. What only one"
        " source speaks of is not in it.",
    ),
    schema=Place,
    verb=Verb.PREDICT,
    licence=LICENCE,
)


class Settlement(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a person decided about statements; it holds until it is withdrawn."""

    decision: Literal["same", "different", "value"]
    refs: tuple[str, ...]
    """The statements that it is about: two for same and different."""
    field: str = ""
    value: Any = None
    """For ``value``: what is right."""
    weighed: dict[str, Any] = {}
    """What each source said of the field then: once one of them says something else, the decision
    no longer stands for it."""
    why: str
    organisation: str
    decided_by: str = ""
    """Empty in a settlement that everyone may read; it is kept in the origin."""
    decided_at: datetime
    state: SettlementState
    withdrawn_why: str = ""


SETTLEMENTS = Collection(
    id="response.settlements",
    title=Text("突き合わせの判断", "Settlements"),
    text=Text(
        "同じもの・別のもの・正しい値についての人の判断。だれが、なぜ、いつ。取り消せます。",
        "What people decided: the same, different, or which value is right; who, why and when."
        " Each can be withdrawn.",
    ),
    schema=Settlement,
    verb=Verb.RESPOND,
    licence=LICENCE,
)


MATCHED = (
    "refuge", "hospital", "supply_base", "water_point", "road", "landslide", "levee", "inundation",
    "*",
)  # fmt: skip
"""Kinds of things whose statements are matched; ``*`` is all."""
MOST_BITS = 10.0


class Trust(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How far a source is trusted for a field, how fast it ages, how readily things are joined."""

    pattern: str = "*"
    """A source's id, with ``*`` for any letters: ``*-city``."""
    field: str = "*"
    trust: float | None = None
    """0 to 1."""
    half_life_h: float | None = None
    """[h] After so long a value weighs half."""
    kind: str = ""
    """Of things (``road``, ``*``) whose statements are joined more or less readily."""
    bits: float | None = None
    """Added to log2 of the odds that two statements of that kind are about one thing."""
    why: str
    organisation: str
    state: SettlementState
    withdrawn_why: str = ""


TRUST = Collection(
    id="response.trust",
    title=Text("情報源の信頼度", "Trust in sources"),
    text=Text(
        "統合のとき、どの情報源のどの項目をどれだけ重んじるか、値がどれだけ早く古くなるか。",
        "How much each source weighs for each field when statements are merged, and how fast"
        " values age.",
    ),
    schema=Trust,
    verb=Verb.RESPOND,
    licence=LICENCE,
)

COLLECTIONS = (PLACES, SETTLEMENTS, TRUST)
