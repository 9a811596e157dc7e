"""response.chronology: the time-ordered log that a headquarters lives by (クロノロジー)."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from hinomi.kernel.collections import Collection, Verb
from hinomi.kernel.errors import Text
from hinomi.kernel.marking import Disclosure, Marking, Status

EntryKind = Literal[
    "report", "request", "instruction", "decision", "information", "measure", "system"
]
"""報告, 要請, 指示, 決定, 情報, 措置; ``system``: noted by Hinomi itself."""

EntryState = Literal["open", "doing", "done", "noted"]
"""未対応, 対応中, 済; ``noted``: nothing to be done."""

KINDS: dict[str, Text] = {
    "report": Text("報告", "Report"),
    "request": Text("要請", "Request"),
    "instruction": Text("指示", "Instruction"),
    "decision": Text("決定", "Decision"),
    "information": Text("情報", "Information"),
    "measure": Text("措置", "Measure taken"),
    "system": Text("自動", "Automatic"),
}
STATES: dict[str, Text] = {
    "open": Text("未対応", "Open"),
    "doing": Text("対応中", "In hand"),
    "done": Text("済", "Done"),
    "noted": Text("記録のみ", "Noted"),
}

LICENCE = "自治体の内部記録(公開の可否は自治体が定める)"
HEADQUARTERS_ONLY = Marking(Status.ACTUAL, Disclosure.AMBER)


class Entry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line of the log. A correction is a new statement; the history keeps what was written."""

    text: str
    text_en: str = ""
    """Of automatic entries, which are written in both languages."""
    kind: EntryKind
    state: EntryState
    known_at: datetime
    """When the headquarters came to know of it."""
    happened_at: datetime | None = None
    """When it happened, where that is known to differ."""
    from_whom: str = ""
    to_whom: str = ""
    place_name: str = ""
    area_code: str = ""
    """The municipality's 7 digits."""
    written_by: str
    organisation: str
    follows: str = ""
    """Key of the entry that this one follows up."""
    corrections: int = 0
    corrected_by: str = ""
    corrected_at: datetime | None = None
    correction: str = ""
    """Why it was corrected or struck."""
    struck: bool = False
    """取消: it should not have been written; it stays readable, struck through."""
    automatic: bool = False
    level: int | None = None
    """Of what an automatic entry tells, where that has a level."""
    about_collection: str = ""
    about_key: str = ""
    about_record: str = ""
    """The record that an automatic entry tells of, or that the writer pointed at."""


CHRONOLOGY = Collection(
    id="response.chronology",
    title=Text("クロノロジー", "Chronology"),
    text=Text(
        "本部の時系列記録。人が書くものと、レベル・地震・津波・避難情報・避難所・水位の変化を自動で"
        "書くもの。訂正しても元の記載は履歴に残ります。",
        "The headquarters' log: what people write, and changes of levels, quakes, tsunami, orders,"
        " shelters and gauges noted by itself. A correction keeps what was written.",
    ),
    schema=Entry,
    verb=Verb.RESPOND,
    licence=LICENCE,
    marking=HEADQUARTERS_ONLY,
)
