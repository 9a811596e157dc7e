"""Batches are in the sender's log; a partner that follows notices a rewritten one, as an alarm."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import cast

import msgspec
import pytest

from hinomi.kernel.errors import DeniedError, Text
from hinomi.kernel.store import Query
from hinomi.runtime import operations, translog
from hinomi.runtime.catalog import default_catalog
from hinomi.runtime.federation import Partners, nodekey
from hinomi.runtime.federation.agreement import Agreement, Peer
from hinomi.runtime.federation.calling import Caller
from hinomi.runtime.federation.following import Federation
from hinomi.runtime.federation.logs import Logs, Showing
from hinomi.runtime.federation.outbox import View
from hinomi.runtime.federation.registry import Registry
from hinomi.runtime.socket import Show
from hinomi.runtime.translog import proving
from hinomi.runtime.translog.trust import Trust
from hinomi.runtime.writer import Writer
from hinomi.standards.batches import Cursor
from hinomi.stores.sqlite import SqliteStore
from tests.apps.cli.conftest import Hinomi, data, hinomi  # noqa: F401 - fixtures


def test_a_batch_that_goes_out_is_in_the_log_and_its_receipt_verifies(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path)
    federation = Federation(Writer(store), default_catalog(), tmp_path)
    trust = translog.opener(tmp_path)
    federation.publish = translog.publisher(trust)
    key, outbox = federation.own()
    sealed = outbox.sealed(outbox.batch(View(Agreement(collections=("*",))), Cursor()))
    receipt = trust().receipt(sha256(sealed).digest())
    verdict = proving.receipt(receipt, sealed, key.public)
    assert (verdict.kind, verdict.node, verdict.key) == ("batch", key.node, key.node)
    outbox.close()
    federation.registry.close()
    trust().close()
    store.close()


def test_looking_at_a_partner_over_the_line_remembers_its_head(tmp_path: Path) -> None:
    ours, theirs = translog.opener(tmp_path / "a"), translog.opener(tmp_path / "b")
    theirs().publish("cap", b"alert", "a.xml")
    node = theirs().signer.node
    peer = Peer(name="b", public=node.public, node=node.node)

    def line(size: int) -> bytes:
        return msgspec.json.encode(theirs().growth(size))

    translog.looker(ours)(peer, line)
    assert ours().log.witnessed(node.node) == (2, theirs().log.root(2))
    ours().close()
    theirs().close()


def test_a_partner_that_only_sends_shows_its_log_and_is_held_to_it(tmp_path: Path) -> None:
    """The one who is called cannot ask; so the one who calls shows."""
    store = SqliteStore(tmp_path / "hub")
    ours, theirs = translog.opener(tmp_path / "hub"), translog.opener(tmp_path / "town")
    partners = Partners(Writer(store), default_catalog(), tmp_path / "hub")
    partners.logs = logs(ours)
    registry = Registry(tmp_path / "hub")
    theirs().publish("cap", b"alert", "a.xml")
    node = theirs().signer.node
    registry.add(Peer(name="town", public=node.public, node=node.node))
    grown = translog.grower(theirs)

    assert partners.answer(Show(node.node, grown(0))) == 2
    theirs().publish("cap", b"another alert", "b.xml")
    assert partners.answer(Show(node.node, grown(0))) == 2, "it is told from where to go on"
    assert partners.answer(Show(node.node, grown(2))) == 3
    assert ours().log.witnessed(node.node) == (3, theirs().log.root(3))

    theirs().close()
    with sqlite3.connect(tmp_path / "town" / "trust.db") as db:
        db.execute("delete from leaf where idx = 2")
        db.execute("delete from node where level = 0 and idx = 2")
    shorter = translog.opener(tmp_path / "town")
    with pytest.raises(DeniedError, match="rewritten"):
        partners.answer(Show(node.node, translog.grower(shorter)(3)))
    query = Query(collection=operations.ALARMS.id, visible=store.markings())
    assert [a.body()["code"] for a in store.find(query).items] == ["federation.history"]
    with pytest.raises(DeniedError, match="No partner"):
        partners.answer(Show("00" * 8, grown(0)))
    for trust in (ours, theirs, shorter):
        trust().close()
    partners.run(stopped())
    registry.close()
    store.close()


def test_a_node_that_was_started_anew_is_held_to_its_log_with_its_first_word(
    tmp_path: Path,
) -> None:
    """It does not know what of its log the partner saw before: it is told, and shows that."""
    ours, theirs = translog.opener(tmp_path / "hub"), translog.opener(tmp_path / "town")
    theirs().publish("cap", b"alert", "a.xml")
    node = theirs().signer.node
    town = Peer(name="town", public=node.public, node=node.node)
    heed = translog.heeder(ours)

    class Line:
        def show(self, growth: bytes) -> int:
            return heed(town, growth)

    for said in (b"first", b"second"):
        theirs().publish("cap", said, "more.xml")
        Showing().show(cast(Caller, Line()), logs(theirs))
        size = theirs().log.size()
        assert ours().log.witnessed(node.node) == (size, theirs().log.root(size))
    ours().close()
    theirs().close()


def stopped() -> threading.Event:
    event = threading.Event()
    event.set()
    return event


def logs(trust: Callable[[], Trust]) -> Logs:
    return Logs(translog.looker(trust), translog.heeder(trust), translog.grower(trust))


def test_a_rewritten_history_stands_as_an_alarm_and_in_the_partners_status(
    hinomi: Hinomi,  # noqa: F811
    tmp_path: Path,
) -> None:
    key = nodekey.text_of(nodekey.NodeKey(b"1" * 32).public)
    for name in ("prefecture", "other"):
        assert hinomi("peer", "add", name, "--key", key, "--data", tmp_path).code == 0
        key = nodekey.text_of(nodekey.NodeKey(b"2" * 32).public)
    store = SqliteStore(tmp_path)
    federation = Federation(Writer(store), default_catalog(), tmp_path)
    error = proving.rewritten(7, 6)
    federation.inbox().alarms.history("prefecture", Text(error.text.ja, error.text.en))
    query = Query(collection=operations.ALARMS.id, visible=store.markings())
    (alarm,) = store.find(query).items
    assert alarm.body()["code"] == "federation.history"
    assert "rewritten" in alarm.body()["text_en"]
    federation.own()[1].close()
    federation.registry.close()
    store.close()
    told = hinomi("peer", "status", "--json", "--data", tmp_path).json()
    assert {one["name"]: len(one["alarms"]) for one in told} == {"prefecture": 1, "other": 0}
    assert "rewritten" in hinomi("peer", "status", "--data", tmp_path).out
