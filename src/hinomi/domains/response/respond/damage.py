"""The acts of the damage summary: a municipality's report, the one after it, its correction.

Reports are cumulative: what a new one leaves out stays as it was, with the record that first
stated it; so each figure of a sum leads back to the report that it came with.
"""

from __future__ import annotations

from typing import Any

import msgspec

from hinomi.domains.response.collections.damage import (
    DAMAGE,
    FIGURES,
    GROUPS,
    ITEMS,
    Damage,
    Item,
    with_worst,
)
from hinomi.domains.response.respond.districts import municipality_of, spot_of
from hinomi.domains.response.respond.words import body_of
from hinomi.kernel.errors import DataError, InputError, Problem, Text
from hinomi.kernel.marking import Status
from hinomi.kernel.ports import Parsed
from hinomi.kernel.reader import Reader
from hinomi.kernel.records import Record, Stored
from hinomi.vocabulary.acts import Act, Choice, Deed, Input

MOST = 100_000_000
"""More than this of anything is a slip of the hand (Japan has 56 million households)."""
_WORDS = ("said_by", "headquarters", "headquarters_from", "headquarters_to", "outline", "measures",
          "remarks")  # fmt: skip
_PARTS = (("dead_related", "dead"),)
"""Figures that are a part of another one."""


def damage_key(code: str, incident: str) -> str:
    """Return what a municipality's damage by a disaster is called."""
    return f"{code}.{incident}" if incident else code


def report(reader: Reader, deed: Deed) -> Parsed:
    """Return a municipality's next report; what it leaves out stays as the last one had it."""
    code, incident = deed.values["area_code"], deed.text("incident")
    key = damage_key(code, incident)
    before = standing(reader, DAMAGE.id, key, deed)
    if before is not None:
        return _next(reader, deed, before)
    name = municipality_of(reader, code, deed.at)
    body = Damage(municipality_code=code, municipality=name, incident=incident, number=1)
    place = spot_of(reader, code)
    return Parsed(records=[deed.record(DAMAGE.id, key, _filled(deed, body), place=place)])


def follow(reader: Reader, deed: Deed) -> Parsed:
    """Return the report after the one acted on."""
    return _next(reader, deed, reader.get(DAMAGE.id, deed.key))


def _next(reader: Reader, deed: Deed, before: Stored) -> Parsed:
    was = body_of(before, Damage)
    body = msgspec.structs.replace(
        was, number=was.number + 1, said_by="", correction="", stated=_stated(was, before.id)
    )
    return Parsed(records=[_following(reader, deed, before, body)])


def _following(reader: Reader, deed: Deed, before: Stored, body: Damage) -> Record:
    place = before.place() or spot_of(reader, body.municipality_code)
    return deed.record(DAMAGE.id, before.key, _filled(deed, body), before=before, place=place)


def correct(reader: Reader, deed: Deed) -> Parsed:
    """Return the same report with other figures; what was reported stays in the history.

    A box that is emptied is not known after all.
    """
    before = reader.get(DAMAGE.id, deed.key)
    was = body_of(before, Damage)
    body = msgspec.structs.replace(
        was,
        correction=deed.text("correction"),
        stated=_stated(was, before.id),
    )
    return Parsed(records=[_following(reader, deed, before, body)])


def standing(reader: Reader, collection: str, key: str, deed: Deed) -> Stored | None:
    """Return what the person's organisation has said of a thing (in a drill: what was said)."""
    items = reader.find(collection, keys=(key,), beside=True, limit=100).items
    if deed.status is not Status.EXERCISE:
        items = [i for i in items if i.source == deed.person.organisation]
    return max(items, key=lambda i: (i.said_at, i.seq), default=None)


def _stated(was: Damage, record: str) -> dict[str, str]:
    """Return for each figure that is known the record that first stated it."""
    known = [n for n in FIGURES if getattr(was, n) is not None]
    return {name: was.stated.get(name, record) for name in known}


def _filled(deed: Deed, body: Damage) -> Damage:
    """Return the body with the deed's figures and words in it.

    Raises:
        DataError: figures that cannot be, each with its box.
    """
    problems: list[Problem] = []
    changed: dict[str, Any] = {w: deed.text(w) for w in _WORDS if w in deed.values}
    if "final" in deed.values:
        changed["final"] = deed.values["final"]
    if deed.text("relief_act"):
        changed["relief_act"] = deed.text("relief_act") == "true"
    for name, item in FIGURES.items():
        if name in deed.values:
            value = deed.values[name]
            if value is None:  # A box that was emptied: not known after all.
                changed[name] = None
                continue
            problems += _faults(item, value)
            changed[name] = value if item.is_area else int(value)
    stated = {
        name: record
        for name, record in body.stated.items()
        if name not in changed or changed[name] == getattr(body, name)
    }
    made = msgspec.structs.replace(body, stated=stated, **changed)
    for part, whole in _PARTS:
        if (getattr(made, part) or 0) > (getattr(made, whole) or 0):
            problems.append(_problem(FIGURES[part], Text(
                f"「{FIGURES[whole].label.ja}」を超えています",
                f"is more than {FIGURES[whole].label.en!r}",
            ), getattr(made, part)))  # fmt: skip
    if problems:
        raise DataError(problems)
    if not any(getattr(made, n) is not None for n in FIGURES) and not made.outline:
        raise InputError(
            "Give at least one figure or the outline; 0 says that there is none.",
            "数を一つ以上か概況を入れてください。被害がないと分かった項目は0です。",
        )
    return with_worst(made)


def _faults(item: Item, value: float) -> list[Problem]:
    if not 0 <= value <= MOST or (not item.is_area and value != int(value)):
        kind = Text("0以上の数", "a number from 0") if item.is_area else Text(
            "0以上の整数", "a whole number from 0"
        )  # fmt: skip
        return [_problem(item, Text(f"{kind.ja}を入れてください", f"expected {kind.en}"), value)]
    return []


def _problem(item: Item, text: Text, found: float) -> Problem:
    return Problem("damage.figure", f"values/{item.name}", text, found=f"{found:g}")


def _box(item: Item) -> Input:
    group = GROUPS[item.group]
    return Input(
        name=item.name,
        label=Text(f"{group.ja} {item.label.ja}", f"{group.en}: {item.label.en}"),
        kind="number",
        unit=item.unit,
        prefill=item.name,
    )


def _words(name: str, ja: str, en: str, *, long: bool = False) -> Input:
    kind = "longtext" if long else "text"
    return Input(name=name, label=Text(ja, en), kind=kind, prefill=name)  # type: ignore[arg-type]


_FIGURES = tuple(_box(item) for item in ITEMS)
_TEXTS = (
    Input(name="final", label=Text("確定", "Final"), kind="flag", prefill="final"),
    _words("headquarters", "災害対策本部等の名称", "Headquarters"),
    _words("headquarters_from", "本部設置日時", "Set up at"),
    _words("headquarters_to", "本部解散日時", "Dissolved at"),
    Input(
        name="relief_act",
        label=Text("災害救助法の適用", "Disaster Relief Act applied"),
        kind="choice",  # Not a flag: an unticked box would take back what an earlier report said.
        choices=(
            Choice("true", Text("適用あり", "yes")),
            Choice("false", Text("適用なし", "no")),
        ),
        prefill="relief_act",
    ),
    _words("outline", "災害の概況", "Outline", long=True),
    _words("measures", "応急対策の状況", "Measures", long=True),
    _words("remarks", "備考", "Remarks", long=True),
)
_SAID_BY = Input(
    name="said_by",
    label=Text("情報源", "Found by"),
    hint=Text("消防、警察、調査班など", "fire brigade, police, survey team …"),
)
ACTS: tuple[Act, ...] = (
    Act(
        id="response.report-damage",
        title=Text("被害を報告", "Report damage"),
        text=Text(
            "市町村の被害を報告します。累計で入れ、変わらない項目は空けておきます。",
            "State a municipality's damage so far; leave out what has not changed.",
        ),
        collection=DAMAGE.id,
        perform=report,
        new=True,
        inputs=(
            Input(
                name="area_code", label=Text("市町村", "Municipality"), kind="area", required=True
            ),
            Input(
                name="incident",
                label=Text("災害名", "Disaster"),
                hint=Text("災害が一つなら空欄", "leave empty while there is only one"),
            ),
            _SAID_BY,
            *_FIGURES,
            *_TEXTS,
        ),
    ),
    Act(
        id="response.follow-damage",
        title=Text("続報", "Next report"),
        text=Text("次の報を入れます。", "State the next report."),
        collection=DAMAGE.id,
        perform=follow,
        inputs=(_SAID_BY, *_FIGURES, *_TEXTS),
    ),
    Act(
        id="response.correct-damage",
        title=Text("訂正", "Correct"),
        text=Text(
            "この報の数を訂正します。訂正前の記録は履歴に残ります。",
            "Correct this report; what was stated stays in the history.",
        ),
        collection=DAMAGE.id,
        perform=correct,
        inputs=(
            Input(
                name="correction",
                label=Text("訂正の理由", "Why"),
                required=True,
            ),
            _SAID_BY,
            *_FIGURES,
            *_TEXTS,
        ),
    ),
)
