"""Acts: what a person may do to a collection's records, declared once, served as data.

A domain lists its acts; the API gives them at ``/acts``; the page draws its forms from them. The
rules (who may, from which state to which) are in the domain's ``perform``: a pure function that the
writer calls under its lock, so that two people never decide on the same statement at once.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Literal

import msgspec

from hinomi.kernel.errors import DeniedError, InputError, Text
from hinomi.kernel.geometry import Geometry
from hinomi.kernel.marking import Disclosure, Marking, Status
from hinomi.kernel.ports import Parsed
from hinomi.kernel.reader import Reader
from hinomi.kernel.records import ALWAYS, Interval, Origin, Record, Stored

OFFICER = "officer"
COMMANDER = "commander"
ROLES: dict[str, Text] = {
    OFFICER: Text("本部員", "officer"),
    COMMANDER: Text("責任者", "commander"),
}
"""Role -> what it is called. A commander may do all that an officer may."""

DRILL_GROUP = "exercise"
"""The audience that everyone in a drill is of, guests included."""

InputKind = Literal["text", "longtext", "choice", "number", "time", "area", "place", "key", "flag"]


class Choice(msgspec.Struct, frozen=True):
    """One value that may be chosen."""

    value: str
    label: Text


class Input(msgspec.Struct, frozen=True, kw_only=True):
    """One box of the form.

    What ``perform`` gets by kind: text, longtext, choice, key: str; number: float; time: an aware
    datetime; area: a municipality's 7 digits; place: a GeoJSON geometry; flag: bool; for ``many`` a
    list of that.
    """

    name: str
    label: Text
    kind: InputKind = "text"
    required: bool = False
    many: bool = False
    choices: tuple[Choice, ...] = ()
    collection: str = ""
    """For a key: of which collection."""
    unit: str = ""
    hint: Text | None = None
    prefill: str = ""
    """The property of the item acted on that the box starts with."""
    preset: str = ""
    """What the box starts with otherwise; ``now`` for a time."""


class Person(msgspec.Struct, frozen=True):
    """Who acts."""

    name: str
    organisation: str
    roles: tuple[str, ...] = ()

    def has(self, role: str) -> bool:
        """Tell whether the person may do what the role may."""
        return not role or role in self.roles or (role == OFFICER and COMMANDER in self.roles)


class Deed(msgspec.Struct, frozen=True, kw_only=True):
    """One act by one person at one time, its values checked and typed."""

    act: str
    id: str
    """Unique; what begins something new makes its key of it, so that a repeated request adds
    nothing."""
    person: Person
    at: datetime
    status: Status
    key: str = ""
    """Of the item acted on; empty for something new."""
    expected: str = ""
    """The id of the statement that the person saw: another one now stands means a conflict."""
    values: dict[str, Any] = {}

    def text(self, name: str) -> str:
        """Return a text value, empty where none was given."""
        return str(self.values.get(name, "")).strip()

    def marking(self, *, public: bool = False) -> Marking:
        """Return the marking of what this deed states: for everyone, or for the organisation.

        In a drill everyone who takes part is of the organisation.
        """
        if public:
            return Marking(self.status)
        drill = (DRILL_GROUP,) if self.status is Status.EXERCISE else ()
        return Marking(self.status, Disclosure.AMBER, (self.person.organisation, *drill))

    def record(  # noqa: PLR0913  (what a statement consists of)
        self,
        collection: str,
        key: str,
        body: msgspec.Struct,
        *,
        before: Stored | None = None,
        public: bool = False,
        when: Interval = ALWAYS,
        place: Geometry | None = None,
        inputs: tuple[str, ...] = (),
        retracts: bool = False,
    ) -> Record:
        """Return what the person states, for the organisation unless ``public``.

        ``before`` is the statement that this one follows (its source and marking hold on, and time
        does not run backwards); ``inputs`` are ids of the records that it was decided upon.
        """
        return Record(
            collection=collection,
            key=key,
            said_at=max(self.at, before.said_at) if before else self.at,
            body=body,
            source=before.source if before else self.person.organisation,
            when=when,
            place=place,
            origin=Origin(entered_by=self.person.name, inputs=inputs),
            marking=before.marking if before else self.marking(public=public),
            retracts=retracts,
        )


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """What a person may do, in one step. ``perform(reader, deed)`` gives the new statements.

    The reader sees what the person may see, in the deed's one status, as it stands under the
    writer's lock. ``perform`` raises InputError (the values make no sense together), DeniedError (a
    rule forbids it: ``rule`` says which) or ConflictError.
    """

    id: str
    """``response.write-entry``: the collection's domain, verb, noun."""
    title: Text
    """The button's word."""
    text: Text
    """What it does, in a sentence."""
    collection: str
    """Of the item acted on, or of what is begun."""
    perform: Callable[[Reader, Deed], Parsed]
    new: bool = False
    """Begins something; otherwise it acts on an item that stands."""
    states: dict[str, tuple[str | int | bool | None, ...]] = {}
    """On which items: each property named must have one of these values; None: it is absent."""
    gives: tuple[str, ...] = ()
    """Collections that it writes to; empty: ``collection`` alone."""
    inputs: tuple[Input, ...] = ()
    role: str = OFFICER
    grave: bool = False
    """Cannot be taken back: the page asks once more."""

    def writes(self) -> tuple[str, ...]:
        """Return the collections that the act may write to."""
        return self.gives or (self.collection,)

    def refusal(self, person: Person, item: Stored | None) -> Text | None:
        """Return why the person may not do this (to this item, where one is given); None: may."""
        if not person.has(self.role):
            role = ROLES.get(self.role, Text(self.role, self.role))
            return Text(f"「{role.ja}」の権限が必要です。", f"This needs the role {role.en!r}.")
        if self.new or item is None:
            return None
        said = item.properties()
        for name, wanted in self.states.items():
            if said.get(name) not in wanted:
                listed = ", ".join(map(str, wanted))
                return Text(
                    f"いまの状態({name}: {said.get(name)})ではできません(できるのは{listed})。",
                    f"{name} is {said.get(name)}; this can be done to {listed}.",
                )
        return None

    def check(self, person: Person, item: Stored | None) -> None:
        """Raise what :meth:`refusal` tells.

        Raises:
            DeniedError: the role is missing.
            InputError: the item is in another state, or is needed and missing.
        """
        why = self.refusal(person, item)
        if why is not None:
            if not person.has(self.role):
                raise DeniedError(why.en, why.ja, rule="role")
            raise InputError(why.en, why.ja)
        if item is None and not self.new:
            raise InputError(
                f"{self.id} needs the key of an item.", f"{self.id}には対象が必要です。"
            )
