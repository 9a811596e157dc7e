"""``hinomi peer``, and what the door tells to whom."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from hinomi.apps.cli import main
from hinomi.kernel.errors import DeniedError, MissingError
from hinomi.kernel.marking import Disclosure, Marking
from hinomi.kernel.records import Origin
from hinomi.kernel.store import Query
from hinomi.runtime.federation.agreement import Agreement
from hinomi.runtime.federation.door import HELLO
from hinomi.runtime.federation.registry import State
from tests.runtime.federation.nodes import nodes, shelter


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(list(arguments)) == 0
    return capsys.readouterr().out


def test_partners_are_added_listed_and_removed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one, other = str(tmp_path / "one"), str(tmp_path / "other")
    told(capsys, "peer", "key", "--data", one)
    key = told(capsys, "peer", "key", "--data", other).strip()
    add = ("peer", "add", "県", "--data", one, "--key", key, "--url", "https://ken.example")
    told(capsys, *add, "--show", "response.*", "--disclosure", "AMBER", "--audience", "ken")
    (peer,) = json.loads(told(capsys, "peer", "list", "--json", "--data", one))
    assert peer["name"] == "県"
    assert peer["public"] == key
    assert peer["shows"]["collections"] == ["response.*"]
    assert main([*add, "--show", "answer.*"]) == 4
    assert main(["peer", "add", "x", "--data", one, "--key", "nonsense"]) == 2
    told(capsys, "peer", "remove", "県", "--data", one)
    assert json.loads(told(capsys, "peer", "list", "--json", "--data", one)) == []


def test_only_who_signs_our_challenge_gets_in(tmp_path: Path) -> None:
    with nodes(tmp_path, "a", "b", "c") as (a, b, c):
        challenge = a.door.challenge()
        signed = b.key.sign(HELLO + a.key.public + challenge)
        token = a.door.session(b.key.node, challenge, signed)
        assert a.door.partner(token).name == "b"
        for node, key, asked in (
            (b.key.node, c.key, challenge),
            (b.key.node, b.key, challenge[:-1] + b"x"),
            ("00" * 8, b.key, challenge),
        ):
            with pytest.raises(DeniedError):
                a.door.session(node, asked, key.sign(HELLO + a.key.public + asked))
        with pytest.raises(DeniedError):
            a.door.partner(challenge)
        a.registry.remove("b")
        with pytest.raises(DeniedError):
            a.door.partner(token)


def test_raw_bytes_are_given_for_what_the_partner_may_see_alone(tmp_path: Path) -> None:
    with nodes(tmp_path, "a", "b") as (a, b):
        digest = a.store.put_blob(b"a telegram")
        closed = a.store.put_blob(b"a closed one")
        amber = Marking(disclosure=Disclosure.AMBER)
        seen = msgspec.structs.replace(shelter("1"), origin=Origin(digest=digest))
        hidden = msgspec.structs.replace(shelter("2", marking=amber), origin=Origin(digest=closed))
        ids = a.writer.put([seen, hidden]).ids
        me = a.knows(b, Agreement(collections=("response.shelters",)))
        assert a.door.blob(me, ids[0], digest) == b"a telegram"
        for record, wanted in ((ids[1], closed), (ids[0], closed)):
            with pytest.raises(MissingError):
                a.door.blob(me, record, wanted)


def test_the_lag_of_a_partner_is_told(tmp_path: Path) -> None:
    with nodes(tmp_path, "a", "b") as (a, b):
        a.writer.put([shelter("1")])
        b.pull(a)
        (lag,) = b.door.lags()
        assert (lag.name, lag.missing, lag.records) == ("a", 0, 1)
        assert lag.level_at > 0
        shown = b.store.changes(0, visible=b.store.markings(), collections=["operations.sources"])
        assert [c.key for c in shown.items] == ["peer:a"]


def test_a_partner_that_is_away_was_heard_when_it_was_heard(tmp_path: Path) -> None:
    with nodes(tmp_path, "a", "b") as (a, b):
        a.writer.put([shelter("1")])
        b.pull(a)
        long_ago = datetime(2026, 9, 1, tzinfo=UTC)
        away = State(failures=3, heard_at=long_ago.timestamp(), error="no answer")
        b.federation.inbox().alarms.reached(b.registry.named("a"), away)
        (shown,) = b.store.find(
            Query(collection="operations.sources", visible=b.store.markings(), keys=("peer:a",))
        ).items
        told = shown.properties()
        assert (told["state"], told["last_at"]) == ("amber", "2026-09-01T00:00:00Z")
