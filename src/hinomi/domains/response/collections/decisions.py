"""response.decisions: what was decided, by whom, why, and what was known at that moment."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from hinomi.domains.response.collections.chronology import HEADQUARTERS_ONLY, LICENCE
from hinomi.kernel.collections import Collection, Verb
from hinomi.kernel.errors import Text

DecisionState = Literal["in_force", "withdrawn"]
STATES: dict[str, Text] = {
    "in_force": Text("有効", "in force"),
    "withdrawn": Text("撤回", "withdrawn"),
}


class Decision(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One decision. ``position`` opens the picture of what was known: ``?as-of=<position>``."""

    what: str
    decided_by: str
    why: str
    options: tuple[str, ...] = ()
    """What else was weighed."""
    state: DecisionState
    withdrawn_why: str = ""
    records: tuple[str, ...] = ()
    """Ids of the records that it was decided upon."""
    known_at: datetime
    """The moment whose picture was decided upon."""
    position: int
    """The same moment as a position of the change feed."""
    written_by: str
    """Who wrote it down."""


DECISIONS = Collection(
    id="response.decisions",
    title=Text("意思決定の記録", "Decisions"),
    text=Text(
        "本部の決定事項。だれが、何を、なぜ決めたか。決めた時点で把握していた状況を再現できます。",
        "What headquarters decided, who and why; what was known at that moment can be shown again.",
    ),
    schema=Decision,
    verb=Verb.RESPOND,
    licence=LICENCE,
    marking=HEADQUARTERS_ONLY,
)
