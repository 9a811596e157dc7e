"""What a file says of itself: title, licence, status, disclosure; 訓練 in the name of a drill's."""

from __future__ import annotations

from datetime import datetime

import msgspec

from hinomi.kernel.collections import Collection
from hinomi.kernel.errors import InputError
from hinomi.kernel.marking import Disclosure, Status
from hinomi.kernel.reader import Reader
from hinomi.runtime.service import Service
from hinomi.vocabulary.times import JST

WORDS = {Status.ACTUAL: "", Status.EXERCISE: "訓練", Status.TEST: "試験"}
"""What every name and title of a file carries that is not about the world."""


class Notes(msgspec.Struct, frozen=True, kw_only=True):
    """A file's own metadata."""

    collection: str
    title: str
    description: str
    licence: str
    status: Status
    disclosure: Disclosure
    """The strictest of what the reader may see of this collection."""
    moment: datetime
    """As of when."""
    position: int

    @property
    def word(self) -> str:
        """Return 訓練 or 試験, nothing for what is actual."""
        return WORDS[self.status]

    def fields(self) -> dict[str, str]:
        """Return the notes as names and texts, for whatever place a format has for them."""
        mark = f"【{self.word}】" if self.word else ""
        return {
            "TITLE": self.title,
            "DESCRIPTION": f"{mark}{self.description}",
            "LICENSE": self.licence,
            "STATUS": f"{self.status.value}{f' ({self.word})' if self.word else ''}",
            "DISCLOSURE": f"TLP:{self.disclosure.label}",
            "COLLECTION": self.collection,
            "AS_OF": f"{self.moment.astimezone(JST):%Y-%m-%dT%H:%M:%S%z}",
            "POSITION": str(self.position),
        }


def notes_of(
    service: Service, reader: Reader, of: Collection, moment: datetime, language: str
) -> Notes:
    """Return the notes of a file that the reader's view of a collection is written to.

    Raises:
        InputError: the reader looks at several statuses; a file holds one.
    """
    seen = reader.visible()
    if reader.as_of is None:
        counts = service.store.counts()
        seen = frozenset(m for m in seen if counts.get((of.id, m)))
    if len(reader.status) != 1:
        raise InputError(
            "A file holds one status: actual, exercise or test.",
            "ファイルには一つの区分(actual・exercise・test)だけを書き出せます。",
        )
    (status,) = reader.status
    word = WORDS[status]
    return Notes(
        collection=of.id,
        title=f"{f'【{word}】' if word else ''}{of.title.to(language)}",
        description=of.text.to(language),
        licence=of.licence,
        status=status,
        disclosure=max((m.disclosure for m in seen), default=Disclosure.CLEAR),
        moment=moment,
        position=reader.position(),
    )


def file_name(notes: Notes, extension: str) -> str:
    """Return the name a file is offered under: ``訓練_response.shelters_20260501-1200.gpkg``."""
    mark = f"{notes.word}_" if notes.word else ""
    moment = f"{notes.moment.astimezone(JST):%Y%m%d-%H%M}"
    return f"{mark}{notes.collection}_{moment}.{extension}"
