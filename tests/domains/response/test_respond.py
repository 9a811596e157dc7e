"""The headquarters' rules: what may follow what in orders, entries, tasks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from hinomi.kernel.errors import ConflictError, DeniedError, InputError, MissingError
from hinomi.kernel.geometry import Geometry
from hinomi.kernel.marking import OPEN, Disclosure, Marking, Principal, Status
from hinomi.kernel.reader import Reader
from hinomi.kernel.records import Stored
from hinomi.runtime.acting import Acting
from hinomi.runtime.catalog import default_catalog
from hinomi.runtime.socket import Perform
from hinomi.runtime.writer import Writer
from hinomi.stores.memory import MemoryStore

START = datetime(2026, 9, 1, 18, tzinfo=UTC)
TOWN = "1720400"
ORDERS = "response.evacuation_orders"
DRAFTS = "response.order_drafts"
CHRONOLOGY = "response.chronology"
SQUARE: Geometry = {
    "type": "Polygon",
    "coordinates": [[[136.8, 37.3], [137.0, 37.3], [137.0, 37.4], [136.8, 37.3]]],
}


class Headquarters:
    """A store, a clock that goes a minute a deed, and people."""

    def __init__(self) -> None:
        self.time = START
        self.store = MemoryStore()
        self.acting = Acting(Writer(self.store, now=lambda: self.time), default_catalog())
        self.count = 0

    def principal(self, name: str, organisation: str = "town") -> Principal:
        return Principal(
            name, (organisation, "exercise"), Disclosure.AMBER, roles=("officer", "commander")
        )

    def do(self, who: str, act: str, /, *, on: Stored | None = None, **values: Any) -> Stored:
        """Return the first statement that the act made."""
        self.count += 1
        self.time += timedelta(minutes=1)
        status = Status(values.pop("status", "actual"))
        principal = self.principal(who)
        put = self.acting.perform(
            Perform(
                act=f"response.{act}",
                id=f"deed-{self.count:04}",
                principal=principal,
                status=status,
                key=on.key if on else "",
                expected=on.id if on else "",
                values=values,
            )
        )
        return self.reader(status=status).record(put.ids[0])

    def reader(self, who: str = "A", *, status: Status = Status.ACTUAL) -> Reader:
        catalog = default_catalog()
        return Reader(self.store, catalog, self.principal(who), status=frozenset({status}))

    def publish(self, draft: Stored) -> Stored:
        return self.do("B", "confirm-order", on=draft, publish=True)

    def order(self, *, kind: str = "evacuate", districts: list[str] | None = None) -> Stored:
        draft = self.do(
            "A", "draft-order", kind=kind, area_code=TOWN, reason="flood",
            districts=districts or ["東部"],
        )  # fmt: skip
        return self.publish(draft)


@pytest.fixture
def hq() -> Headquarters:
    return Headquarters()


def test_an_order_is_issued_raised_extended_and_lifted(hq: Headquarters) -> None:
    issued = hq.order(kind="elderly")
    raised = hq.publish(hq.do("A", "draft-change", on=issued, kind="evacuate", reason="flood"))
    said = raised.properties()
    assert (said["action"], said["level"], said["name"]) == ("raise", 4, "避難指示")
    assert said["since"] > said["first_issued_at"]
    until = (hq.time + timedelta(hours=3)).isoformat()
    extended = hq.publish(hq.do("A", "draft-extension", on=raised, review_at=until))
    assert extended.properties()["since"] == said["since"]
    lifted = hq.publish(hq.do("A", "draft-lift", on=extended, reason_text="水位低下"))
    assert (lifted.properties()["state"], lifted.properties()["level"]) == ("lifted", 0)
    assert lifted.properties()["legal_basis"] == "災害対策基本法第60条第5項"
    assert lifted.when.end == hq.time
    history = hq.reader().history(ORDERS, f"{TOWN}/東部").items
    assert [s.properties()["action"] for s in history] == ["issue", "raise", "extend", "lift"]
    assert all(s.marking == OPEN for s in history)


def test_who_drafted_does_not_confirm(hq: Headquarters) -> None:
    draft = hq.do("A", "draft-order", kind="evacuate", area_code=TOWN, reason="flood")
    with pytest.raises(DeniedError, match="another person"):
        hq.do("A", "confirm-order", on=draft, publish=True)


def test_a_draft_is_of_the_organisation_and_names_what_it_relied_on(hq: Headquarters) -> None:
    entry = hq.do("A", "write-entry", text="越水のおそれ")
    draft = hq.do(
        "A", "draft-order", kind="secure", area_code=TOWN, reason="flood", based_on=[entry.id]
    )
    assert draft.marking == Marking(Status.ACTUAL, Disclosure.AMBER, ("town",))
    order = hq.publish(draft)
    trace = hq.reader().trace(order.id)
    assert trace.origins[0][0].inputs[1:] == (entry.id,)
    assert trace.origins[0][0].entered_by == "B"
    assert order.properties()["draft"] == draft.key


def test_one_publication_orders_every_district_of_the_draft(hq: Headquarters) -> None:
    hq.order(districts=["東部", "西部"])
    keys = [s.key for s in hq.reader().every(ORDERS)]
    assert keys == [f"{TOWN}/東部", f"{TOWN}/西部"]


def test_a_drawn_outline_is_the_orders_place(hq: Headquarters) -> None:
    draft = hq.do(
        "A", "draft-order", kind="evacuate", area_code=TOWN, reason="landslide",
        districts=["谷"], place=SQUARE,
    )  # fmt: skip
    assert hq.publish(draft).place() == SQUARE


def test_a_second_draft_for_a_district_waits_for_the_first(hq: Headquarters) -> None:
    first = hq.do("A", "draft-order", kind="evacuate", area_code=TOWN, reason="flood")
    with pytest.raises(InputError, match="waits already"):
        hq.do("B", "draft-order", kind="secure", area_code=TOWN, reason="flood")
    hq.do("B", "send-back-order", on=first, comment="地区を分けて")
    hq.do("B", "draft-order", kind="secure", area_code=TOWN, reason="flood")


def test_what_is_in_force_is_not_issued_again(hq: Headquarters) -> None:
    hq.order()
    with pytest.raises(InputError, match="extend"):
        hq.order()


def test_a_lifted_order_is_not_extended(hq: Headquarters) -> None:
    order = hq.order()
    lifted = hq.publish(hq.do("A", "draft-lift", on=order, reason_text="低下"))
    with pytest.raises(InputError, match="in_force"):
        hq.do("A", "draft-extension", on=lifted, review_at="2030-01-01T00:00")


def test_an_unknown_municipality_is_refused(hq: Headquarters) -> None:
    with pytest.raises(InputError, match="no municipality"):
        hq.do("A", "draft-order", kind="evacuate", area_code="9999999", reason="flood")


def test_an_exercise_order_stays_in_the_exercise(hq: Headquarters) -> None:
    draft = hq.do(
        "A", "draft-order", kind="evacuate", area_code=TOWN, reason="flood", status="exercise"
    )
    order = hq.do("B", "confirm-order", on=draft, publish=True, status="exercise")
    assert order.marking == Marking(Status.EXERCISE)
    assert list(hq.reader().every(ORDERS)) == []
    assert list(hq.reader().every(DRAFTS)) == []


def test_a_correction_keeps_what_was_written(hq: Headquarters) -> None:
    entry = hq.do("A", "write-entry", text="負傷者2名", kind="report", from_whom="消防")
    fixed = hq.do("B", "correct-entry", on=entry, text="負傷者3名", why="続報")
    said = fixed.properties()
    assert (said["text"], said["from_whom"], said["written_by"]) == ("負傷者3名", "消防", "A")
    assert (said["corrected_by"], said["correction"], said["corrections"]) == ("B", "続報", 1)
    texts = [s.properties()["text"] for s in hq.reader().history(CHRONOLOGY, entry.key).items]
    assert texts == ["負傷者2名", "負傷者3名"]


def test_a_correction_can_empty_a_box_and_must_change_something(hq: Headquarters) -> None:
    entry = hq.do("A", "write-entry", text="停電", from_whom="住民", happened_at="2026-09-02T02:00")
    with pytest.raises(InputError, match="Nothing"):
        hq.do("A", "correct-entry", on=entry, text="停電", from_whom="住民")
    emptied = hq.do("A", "correct-entry", on=entry, text="停電", from_whom="", happened_at="")
    assert "from_whom" not in emptied.properties()
    assert "happened_at" not in emptied.properties()


def test_a_struck_entry_stays_readable_and_is_corrected_no_more(hq: Headquarters) -> None:
    entry = hq.do("A", "write-entry", text="誤報")
    struck = hq.do("B", "strike-entry", on=entry, why="別の町のこと")
    assert struck.properties()["struck"]
    assert struck.properties()["text"] == "誤報"
    with pytest.raises(InputError, match="struck"):
        hq.do("A", "correct-entry", on=struck, text="x")


def test_two_who_saw_the_same_entry_do_not_both_change_it(hq: Headquarters) -> None:
    entry = hq.do("A", "write-entry", text="通報", state="open")
    hq.do("A", "mark-entry", on=entry, state="doing")
    with pytest.raises(ConflictError):
        hq.do("B", "mark-entry", on=entry, state="done")


def test_a_follow_up_names_an_entry_that_is_there(hq: Headquarters) -> None:
    entry = hq.do("A", "write-entry", text="通報")
    later = hq.do("B", "write-entry", text="現場確認", follows=entry.key)
    assert later.properties()["follows"] == entry.key
    with pytest.raises(MissingError):
        hq.do("B", "write-entry", text="?", follows="nothing")


def test_a_task_goes_from_open_to_done(hq: Headquarters) -> None:
    task = hq.do("A", "give-task", title="土のう手配", owner="建設班", due_at="2026-09-02T05:00")
    taken = hq.do("B", "change-task", on=task, state="doing", title="")
    assert taken.properties()["title"] == "土のう手配"
    done = hq.do("B", "finish-task", on=taken, result="200袋")
    assert (done.properties()["state"], done.properties()["result"]) == ("done", "200袋")
    with pytest.raises(InputError, match="state is done"):
        hq.do("B", "finish-task", on=done)


def test_another_organisation_does_not_see_or_change_the_log(hq: Headquarters) -> None:
    entry = hq.do("A", "write-entry", text="内部")
    other = Principal("X", ("prefecture",), Disclosure.AMBER, roles=("officer",))
    reader = Reader(hq.store, default_catalog(), other)
    assert list(reader.every(CHRONOLOGY)) == []
    wish = Perform(
        act="response.strike-entry", id="deed-x", principal=other, status=Status.ACTUAL,
        key=entry.key, values={"why": "x"},
    )  # fmt: skip
    with pytest.raises(MissingError):
        hq.acting.perform(wish)
