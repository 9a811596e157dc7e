"""``hinomi act`` and personal keys."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

Hinomi = Callable[..., Any]


def entries(hinomi: Hinomi, *more: str) -> list[dict[str, Any]]:
    found = json.loads(hinomi("find", "response.chronology", "--json", *more).out)
    return [feature["properties"] for feature in found["features"]]


def test_an_entry_is_written_under_the_name_that_is_given(hinomi: Hinomi) -> None:
    made = hinomi(
        "act", "response.write-entry", "text=堤防で漏水", "kind=report", "--person", "佐藤"
    )
    assert made.code == 0
    (entry,) = entries(hinomi)
    assert (entry["text"], entry["written_by"]) == ("堤防で漏水", "佐藤")


def test_an_exercise_entry_is_in_the_exercise_only(hinomi: Hinomi) -> None:
    hinomi("act", "response.write-entry", "text=想定: 決壊", "--status", "exercise")
    assert entries(hinomi) == []
    assert len(entries(hinomi, "--status", "exercise")) == 1


def test_a_draft_is_published_by_two_people(hinomi: Hinomi) -> None:
    draft = ["kind=evacuate", "area_code=1720400", "districts=東部、西部", "reason=flood"]
    assert hinomi("act", "response.draft-order", *draft, "--person", "佐藤").code == 0
    drafts = json.loads(hinomi("find", "response.order_drafts", "--json").out)["features"]
    key = drafts[0]["id"]
    own = hinomi("act", "response.confirm-order", key, "publish=true", "--person", "佐藤")
    assert (own.code, "another person" in own.err) == (3, True)
    assert (
        hinomi("act", "response.confirm-order", key, "publish=true", "--person", "鈴木").code == 0
    )
    orders = json.loads(
        hinomi("find", "response.evacuation_orders", "--json", "--as", "anonymous").out
    )
    assert [f["properties"]["district"] for f in orders["features"]] == ["東部", "西部"]


def test_a_person_acts_by_their_own_role(hinomi: Hinomi) -> None:
    hinomi("act", "response.write-entry", "text=設置")
    made = hinomi("key", "create", "--person", "鈴木", "--role", "officer", "--json")
    assert made.json()["name"] == "鈴木"
    assert hinomi("act", "response.write-entry", "text=確認", "--as", "鈴木").code == 0
    assert {e["written_by"] for e in entries(hinomi)} == {"operator", "鈴木"}
    hinomi("key", "create", "viewer")
    refused = hinomi("act", "response.write-entry", "text=x", "--as", "viewer")
    assert (refused.code, "officer" in refused.err) == (3, True)


def test_what_does_not_fit_is_told(hinomi: Hinomi) -> None:
    unknown = hinomi("act", "response.write-entri")
    assert (unknown.code, "response.write-entry" in unknown.err) == (4, True)
    assert hinomi("act", "response.write-entry", "text=x", "colour=red").code == 5
    assert hinomi("act", "response.mark-entry", "state=done").code == 2
    assert "response.give-task" in hinomi("act").out
