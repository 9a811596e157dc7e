"""The open shelters as a table for spreadsheets."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

from hinomi.domains.response.collections.shelters import Shelter, State
from hinomi.domains.response.share.tables import render_open
from hinomi.kernel.marking import ANONYMOUS
from hinomi.kernel.reader import Reader
from hinomi.kernel.records import Record
from hinomi.runtime.catalog import default_catalog
from hinomi.stores.memory import MemoryStore

AT = datetime(2024, 1, 1, 8, 30, tzinfo=UTC)


def shelter(name: str, state: State) -> Record:
    body = Shelter(name=name, match_key=name, state=state, people=40, municipality="七尾市")
    return Record(
        collection="response.shelters", key=name, said_at=AT, body=body, source="nanao-city"
    )


def test_only_open_shelters_are_listed_with_their_head_counts() -> None:
    store = MemoryStore()
    store.put([shelter("体育館", "open"), shelter("公民館", "closed")], at=AT)
    reader = Reader(store, default_catalog(), ANONYMOUS)
    text = b"".join(render_open(reader, "ja")).decode("utf-8-sig")
    head, *rows = csv.reader(io.StringIO(text))
    assert head[1] == "避難所"
    assert rows == [
        ["七尾市", "体育館", "", "40", "", "", "nanao-city", "actual", "2024-01-01 17:30"]
    ]
