"""Acting: a person's act, decided and appended under the writer's lock.

The domain's pure function decides on what stands at that moment; here are the rules that hold for
every act: the caller's rights, the statement that they saw, one status, their own marking.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

from hinomi.kernel.catalog import Catalog
from hinomi.kernel.errors import ConflictError, DataError, DeniedError, MissingError, Text
from hinomi.kernel.marking import Marking, Principal, Status
from hinomi.kernel.reader import Reader
from hinomi.kernel.records import Record, Stored
from hinomi.kernel.store import Put
from hinomi.runtime.narrowing import check_release
from hinomi.runtime.writer import Writer
from hinomi.vocabulary.acts import DRILL_GROUP, Act, Deed, Person
from hinomi.vocabulary.forms import typed

if TYPE_CHECKING:
    from hinomi.runtime.socket import Perform

HEADQUARTERS = "本部"
"""The organisation that the operator acts for where none is named."""
_REMEMBERED = 10_000


def acts(catalog: Catalog) -> dict[str, Act]:
    """Return all domains' acts by id."""
    found = [act for domain in catalog.domains for act in domain.acts if isinstance(act, Act)]
    return {act.id: act for act in found}


def act_of(catalog: Catalog, name: str) -> Act:
    """Return an act by id, or raise MissingError with the nearest names."""
    known = acts(catalog)
    if name not in known:
        raise MissingError(Text("操作", "act"), name, known)
    return known[name]


def person_of(principal: Principal) -> Person:
    """Return the caller as a domain's rules see them; the first organisation is the one."""
    own = [name for name in principal.organisations if name not in {"*", DRILL_GROUP}]
    usual = DRILL_GROUP if principal.only else principal.name
    if "*" in principal.organisations:
        usual = HEADQUARTERS
    return Person(principal.name, own[0] if own else usual, principal.roles)


def check_status(principal: Principal, status: Status) -> None:
    """Refuse a guest of a drill who writes in another status.

    Raises:
        DeniedError: they do.
    """
    if principal.only not in {None, status}:
        raise DeniedError(
            f"{principal.name} takes part in a drill and writes exercise statements only.",
            f"{principal.name}は訓練の参加者です。訓練の記録だけを書き込めます。",
            rule="drill-guest",
        )


def check_sees(principal: Principal, marking: Marking) -> None:
    """Refuse a caller who writes what they may not see.

    Raises:
        DeniedError: they do.
    """
    if not principal.may_see(marking):
        raise DeniedError(
            f"{principal.name} may not write what it may not see ({marking}).",
            f"{principal.name}は閲覧できない区分({marking})では書き込めません。",
            rule="marking",
        )


class Acting:
    """Performs acts with the writer."""

    def __init__(self, writer: Writer, catalog: Catalog) -> None:
        self._writer = writer
        self._catalog = catalog
        self._acts = acts(catalog)
        self._done: OrderedDict[tuple[str, str], Put] = OrderedDict()

    def perform(self, wish: Perform) -> Put:
        """Decide and append in one step; a wish that is repeated is done once.

        Raises:
            MissingError: no such act or item.
            DeniedError: a rule forbids it to this person.
            ConflictError: another statement stands than the one that they saw.
            DataError: the values do not fit the form.
            InputError: the act does not go with the item as it stands.
        """
        with self._writer.alone():
            name = (wish.principal.name, wish.id)
            if name not in self._done:
                self._done[name] = self._perform(wish)
                if len(self._done) > _REMEMBERED:
                    self._done.popitem(last=False)
            return self._done[name]

    def _perform(self, wish: Perform) -> Put:
        act = act_of(self._catalog, wish.act)
        principal = wish.principal
        check_status(principal, wish.status)
        reader = Reader(
            self._writer.store, self._catalog, principal, status=frozenset({wish.status})
        )
        item = None if act.new else _item(reader, act, wish)
        person = person_of(principal)
        act.check(person, item)
        if act.new:
            # After a restart a repeated wish finds what it began.
            begun = reader.history(act.collection, wish.id, limit=1).items
            if begun:
                return Put(position=reader.position(), new=0, known=1, ids=(begun[0].id,))
        deed = Deed(
            act=act.id,
            id=wish.id,
            person=person,
            at=self._writer.now(),
            status=wish.status,
            key=wish.key,
            expected=wish.expected,
            values=typed(act, wish.values),
        )
        made = act.perform(reader, deed)
        if any(problem.grade == "error" for problem in made.problems):
            raise DataError(made.problems)
        for record in made.records:
            self._check(act, wish, record)
        return self._writer.append(made.records)

    def _check(self, act: Act, wish: Perform, record: Record) -> None:
        """Hold an act to what it declares, and a person to their own rights."""
        if record.collection not in act.writes():
            raise ValueError(f"{act.id} gives {record.collection}, which it does not declare.")
        if record.marking.status is not wish.status:
            raise ValueError(f"{act.id} states {record.marking} in a {wish.status.value} deed.")
        principal = wish.principal
        own = {principal.name, person_of(principal).organisation, *principal.organisations}
        # In a drill all who take part are one headquarters.
        speaks = record.source in own or "*" in own or wish.status is Status.EXERCISE
        if not speaks:
            raise DeniedError(
                f"{principal.name} does not speak for {record.source}.",
                f"{principal.name}は{record.source}としては発表できません。",
                rule="source",
            )
        check_sees(principal, record.marking)
        check_release(self._writer.store, principal, record)


def _item(reader: Reader, act: Act, wish: Perform) -> Stored:
    item = reader.get(act.collection, wish.key)
    if wish.expected and item.id != wish.expected:
        raise ConflictError(
            "The item is not as you read it; read it again.",
            "読んだ後に変更されています。もう一度読んでください。",
        )
    return item
