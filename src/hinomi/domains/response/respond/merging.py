"""The acts of merging: say which is right, that two are one, or that they are not; set trust."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

import msgspec

from hinomi.domains.response.collections.merging import (
    MATCHED,
    MOST_BITS,
    PLACES,
    SETTLEMENTS,
    TRUST,
    Place,
    Settlement,
    Trust,
)
from hinomi.domains.response.respond.words import body_of
from hinomi.kernel.errors import DeniedError, InputError, Text
from hinomi.kernel.marking import Marking, strictest
from hinomi.kernel.ports import Parsed
from hinomi.kernel.reader import Reader
from hinomi.kernel.records import Record
from hinomi.vocabulary.acts import Act, Deed, Input

Decided: TypeAlias = Literal["same", "different", "value"]
_WHY = Input(
    name="why",
    label=Text("理由", "Why"),
    kind="longtext",
    required=True,
    hint=Text("公開の情報についての理由は公開されます", "open where what it is about is open"),
)


def join(reader: Reader, deed: Deed) -> Parsed:
    """Return the word that a statement asked about is of the same thing."""
    return _pair(reader, deed, "same")


def keep_apart(reader: Reader, deed: Deed) -> Parsed:
    """Return the word that a statement asked about is of another thing."""
    return _pair(reader, deed, "different")


def split(reader: Reader, deed: Deed) -> Parsed:
    """Return the words that one statement of a place is not about the same thing as the others."""
    place = _place(reader, deed)
    out = deed.text("statement")
    refs = [s.ref for s in place.statements]
    if out not in refs or len(refs) < 2:
        raise InputError(
            f"{out!r} is no statement of this place, or its only one.",
            f"「{out}」はこの場所の記述ではないか、唯一の記述です。",
        )
    records = {s.ref: s.record for s in place.statements}
    made = []
    for number, other in enumerate(r for r in refs if r != out):
        body = _settlement(deed, "different", (out, other))
        inputs = (records[out], records[other])
        made.append(
            _stated(reader, deed, f"{deed.id}-{number}" if number else deed.id, body, inputs)
        )
    return Parsed(records=made)


def settle_value(reader: Reader, deed: Deed) -> Parsed:
    """Return the word which value of a field is right: a source's, or one that is typed in.

    Raises:
        InputError: nothing is open about that field, or no such statement has it.
    """
    place = _place(reader, deed)
    field = deed.text("field")
    open_one = next((d for d in place.disagreements if d.field == field), None)
    if open_one is None:
        known = ", ".join(d.field for d in place.disagreements)
        raise InputError(
            f"The sources do not disagree on {field!r} (open: {known or 'nothing'}).",
            f"「{field}」に食い違いはありません(未解決: {known or 'なし'})。",
        )
    of = deed.text("statement")
    said = {o.ref: o.value for o in open_one.values}
    if of:
        if of not in said:
            raise InputError(
                f"{of!r} says nothing of {field}.", f"「{of}」は{field}を述べていません。"
            )
        value: Any = said[of]
    else:
        value = _typed(deed.text("value"), next(iter(said.values())), field)
    records = {s.ref: s.record for s in place.statements}
    body = msgspec.structs.replace(
        _settlement(deed, "value", (of, *(r for r in said if r != of)) if of else tuple(said)),
        field=field,
        value=value,
        weighed=said,
    )
    inputs = tuple(records[ref] for ref in said)
    return Parsed(records=[_stated(reader, deed, deed.id, body, inputs)])


def withdraw(reader: Reader, deed: Deed) -> Parsed:
    """Return a settlement as withdrawn: what it settled is open again; it stays in the history."""
    before = reader.get(SETTLEMENTS.id, deed.key)
    body = msgspec.structs.replace(
        body_of(before, Settlement), state="withdrawn", withdrawn_why=deed.text("why")
    )
    return Parsed(records=[_by(deed, deed.record(SETTLEMENTS.id, before.key, body, before=before))])


def set_trust(reader: Reader, deed: Deed) -> Parsed:
    """Return a rule of trust or of ageing, for everyone to read.

    Raises:
        InputError: neither is given, or one is out of range.
    """
    del reader
    trust, half_life_h = deed.values.get("trust"), deed.values.get("half_life_h")
    if trust is None and half_life_h is None:
        raise InputError("Give trust or half-life.", "信頼度か半減期を入れてください。")
    if trust is not None and not 0 <= trust <= 1:
        raise InputError(f"trust={trust}: expected 0 to 1.", f"信頼度{trust}: 0から1までです。")
    if half_life_h is not None and half_life_h <= 0:
        raise InputError("A half-life is over 0 h.", "半減期は0時間より長くしてください。")
    body = Trust(
        pattern=deed.text("source") or "*",
        field=deed.text("field") or "*",
        trust=trust,
        half_life_h=half_life_h,
        why=deed.text("why"),
        organisation=deed.person.organisation,
        state="in_force",
    )
    return Parsed(records=[deed.record(TRUST.id, deed.id, body, public=True)])


def set_matching(reader: Reader, deed: Deed) -> Parsed:
    """Return a rule of how readily statements of one kind of thing are joined, for everyone.

    Raises:
        InputError: there is no such kind, or the number is out of range.
    """
    del reader
    kind, bits = deed.text("kind"), deed.values.get("bits")
    if kind not in MATCHED:
        raise InputError(f"kind={kind!r}: expected one of {', '.join(MATCHED)}.")
    if bits is None or not -MOST_BITS <= bits <= MOST_BITS:
        raise InputError(
            f"bits={bits}: expected -{MOST_BITS:g} to {MOST_BITS:g}.",
            f"重み{bits}: -{MOST_BITS:g}から{MOST_BITS:g}までです。",
        )
    body = Trust(
        kind=kind,
        bits=bits,
        why=deed.text("why"),
        organisation=deed.person.organisation,
        state="in_force",
    )
    return Parsed(records=[deed.record(TRUST.id, deed.id, body, public=True)])


def withdraw_trust(reader: Reader, deed: Deed) -> Parsed:
    """Return a rule as withdrawn: the one before it, or the default, holds again."""
    before = reader.get(TRUST.id, deed.key)
    body = msgspec.structs.replace(
        body_of(before, Trust), state="withdrawn", withdrawn_why=deed.text("why")
    )
    return Parsed(records=[_by(deed, deed.record(TRUST.id, before.key, body, before=before))])


def _place(reader: Reader, deed: Deed) -> Place:
    return body_of(reader.get(PLACES.id, deed.key), Place)


def _pair(reader: Reader, deed: Deed, decision: Decided) -> Parsed:
    place = _place(reader, deed)
    other = deed.text("other")
    doubt = next((d for d in place.doubts if d.other == other), None)
    if doubt is None:
        raise InputError(
            f"Nothing is asked about {other!r} here.", f"「{other}」は確認待ちではありません。"
        )
    inputs = (_current(reader, doubt.ref), _current(reader, other))
    body = _settlement(deed, decision, (doubt.ref, other))
    return Parsed(records=[_stated(reader, deed, deed.id, body, inputs)])


def _current(reader: Reader, ref: str) -> str:
    """Return the id of the statement that a ref names, as it stands for this person.

    Raises:
        InputError: it is gone.
    """
    collection, _, rest = ref.partition("/")
    source, _, key = rest.partition("/")
    for item in reader.find(collection, keys=(key,), beside=True, limit=100).items:
        if item.source.replace("/", "／") == source:
            return item.id
    raise InputError(f"{ref} is no longer stated.", f"{ref}はもう述べられていません。")


def _settlement(deed: Deed, decision: Decided, refs: tuple[str, ...]) -> Settlement:
    return Settlement(
        decision=decision,
        refs=refs,
        why=deed.text("why"),
        organisation=deed.person.organisation,
        decided_at=deed.at,
        state="in_force",
    )


def _stated(
    reader: Reader, deed: Deed, key: str, body: Settlement, inputs: tuple[str, ...]
) -> Record:
    """Return the settlement, marked as the strictest of the statements that it is about.

    Of open statements it is open, without the name of the person: that stays in the origin.
    """
    marking: Marking = strictest(reader.record(i).marking for i in inputs)
    public = marking == Marking(deed.status)
    if not public:
        body = msgspec.structs.replace(body, decided_by=deed.person.name)
    record = deed.record(SETTLEMENTS.id, key, body, public=public, inputs=inputs)
    return msgspec.structs.replace(record, marking=marking)


def _by(deed: Deed, record: Record) -> Record:
    """Hold a withdrawal to the organisation that decided.

    Raises:
        DeniedError: it is another one's.
    """
    if record.source != deed.person.organisation:
        raise DeniedError(
            f"{record.source} decided this; only they withdraw it.",
            f"{record.source}の判断です。取り消せるのはその組織だけです。",
            rule="source",
        )
    return record


def _typed(text: str, like: Any, field: str) -> Any:
    """Return a typed-in value in the kind of those that the sources state.

    Raises:
        InputError: nothing was given, or it is not of that kind.
    """
    if not text:
        raise InputError(
            "Choose a statement or type in a value.", "記述を選ぶか、値を入れてください。"
        )
    try:
        if isinstance(like, bool):
            return {"true": True, "false": False, "○": True, "×": False}[text.lower()]
        if isinstance(like, int):
            return int(text.replace(",", ""))
        if isinstance(like, float):
            return float(text.replace(",", ""))
    except (ValueError, KeyError):
        raise InputError(
            f"{field}: {text!r} is not like {like!r}.",
            f"{field}: 「{text}」は{like!r}の形でありません。",
        ) from None
    if isinstance(like, str):
        return text
    raise InputError(f"{field}: choose a statement.", f"{field}: 記述から選んでください。")


ACTS: tuple[Act, ...] = (
    Act(
        id="response.settle-value",
        title=Text("この値とする", "This is right"),
        text=Text(
            "食い違う値のうち正しいものを選びます。発表者が別の値を述べるまで表示されます。",
            "Say which of the values is right. It is shown until a source says something else.",
        ),
        collection=PLACES.id,
        gives=(SETTLEMENTS.id,),
        perform=settle_value,
        inputs=(
            Input(name="field", label=Text("項目", "Field"), required=True),
            Input(name="statement", label=Text("どの記述", "Statement")),
            Input(
                name="value",
                label=Text("値", "Value"),
                hint=Text("記述を選ばないとき", "where no statement is chosen"),
            ),
            _WHY,
        ),
    ),
    Act(
        id="response.join-statements",
        title=Text("同じもの", "The same"),
        text=Text(
            "確認待ちの記述を、この場所と同じものとします。",
            "Say that a statement asked about is of this very thing.",
        ),
        collection=PLACES.id,
        gives=(SETTLEMENTS.id,),
        perform=join,
        inputs=(Input(name="other", label=Text("記述", "Statement"), required=True), _WHY),
    ),
    Act(
        id="response.part-statements",
        title=Text("別のもの", "Not the same"),
        text=Text(
            "確認待ちの記述を、別のものとします。以後たずねません。",
            "Say that a statement asked about is of another thing; it is not asked again.",
        ),
        collection=PLACES.id,
        gives=(SETTLEMENTS.id,),
        perform=keep_apart,
        inputs=(Input(name="other", label=Text("記述", "Statement"), required=True), _WHY),
    ),
    Act(
        id="response.split-place",
        title=Text("切り離す", "Take out"),
        text=Text(
            "記述の1つを、この場所のものではないとします。以後まとめません。",
            "Say that one statement is not about this place; it is not joined again.",
        ),
        collection=PLACES.id,
        gives=(SETTLEMENTS.id,),
        perform=split,
        inputs=(Input(name="statement", label=Text("記述", "Statement"), required=True), _WHY),
    ),
    Act(
        id="response.withdraw-settlement",
        title=Text("判断を取り消す", "Withdraw"),
        text=Text("突き合わせの判断を取り消します。", "Withdraw a settlement."),
        collection=SETTLEMENTS.id,
        perform=withdraw,
        states={"state": ("in_force",)},
        inputs=(_WHY,),
    ),
    Act(
        id="response.set-trust",
        title=Text("信頼度を定める", "Set trust"),
        text=Text(
            "情報源と項目の重み(0〜1)または半減期を定めます。新しいものが優先します。",
            "Set how much a source weighs for a field (0 to 1), or how fast it ages; the newest"
            " rule that fits holds.",
        ),
        collection=TRUST.id,
        perform=set_trust,
        new=True,
        inputs=(
            Input(
                name="source",
                label=Text("情報源", "Source"),
                hint=Text("例: gsi、*-city。空欄はすべて", "such as gsi, *-city; empty: all"),
            ),
            Input(
                name="field",
                label=Text("項目", "Field"),
                hint=Text("例: people。空欄はすべて", "such as people; empty: all"),
            ),
            Input(name="trust", label=Text("信頼度", "Trust"), kind="number"),
            Input(name="half_life_h", label=Text("半減期", "Half-life"), kind="number", unit="h"),
            _WHY,
        ),
    ),
    Act(
        id="response.set-matching",
        title=Text("突き合わせの慎重さを定める", "Set how readily things are joined"),
        text=Text(
            "記述が同じものを指す確からしさに重み(ビット)を足します。負は慎重に、正は積極的に。",
            "Add to the odds (bits) that statements of a kind are about one thing: below 0 people"
            " are asked sooner, above 0 they are joined sooner.",
        ),
        collection=TRUST.id,
        perform=set_matching,
        new=True,
        inputs=(
            Input(
                name="kind",
                label=Text("種類", "Kind"),
                required=True,
                hint=Text("例: road、landslide、*", "such as road, landslide, *"),
            ),
            Input(name="bits", label=Text("足す重み", "Bits"), kind="number", required=True),
            _WHY,
        ),
    ),
    Act(
        id="response.withdraw-trust",
        title=Text("信頼度の定めを取り消す", "Withdraw"),
        text=Text("定めた信頼度を取り消します。", "Withdraw a rule of trust."),
        collection=TRUST.id,
        perform=withdraw_trust,
        states={"state": ("in_force",)},
        inputs=(_WHY,),
    ),
)
