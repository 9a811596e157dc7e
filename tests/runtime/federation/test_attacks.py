"""A partner that does what it should not: forged orders, forged sources, old batches, bombs."""

from __future__ import annotations

import zlib
from pathlib import Path

import msgspec
import pytest

from hinomi.domains.response.collections.roster import ROSTER
from hinomi.kernel.marking import Disclosure, Marking
from hinomi.runtime import erasures
from hinomi.runtime.federation import inbox
from hinomi.runtime.federation.agreement import Agreement, Peer
from hinomi.runtime.federation.door import HELLO
from hinomi.runtime.operations import ErasureOrder, erasure_records
from hinomi.standards import batches
from hinomi.standards.batches import Batch, Cursor, Told
from hinomi.stores.erasing import ERASED
from tests.runtime.federation.nodes import Node, levels, nodes, rows, shelter
from tests.runtime.federation.test_erasures import FOR_ALL, duty, erase, held, meet


def resealed(node: Node, sealed: bytes, **changes: object) -> bytes:
    """Return a batch of a node with something in it changed, signed by the node itself."""
    batch = batches.unpack(batches.unseal(sealed).packed)
    packed = batches.pack(msgspec.structs.replace(batch, **changes))
    return batches.seal(node.key.public, packed, node.key.sign(batches.CONTEXT + packed))


def claimed(sealed: bytes, **changes: object) -> list[msgspec.Raw]:
    """Return a batch's items with what they claim of themselves changed."""
    found, _ = batches.items(batches.unpack(batches.unseal(sealed).packed))
    return [
        batches.encode_item(msgspec.structs.replace(one, **changes))
        for one in found
        if isinstance(one, Told)
    ]


def alarmed(node: Node) -> list[str]:
    """Return what a node's alarms have found."""
    changes = node.store.changes(
        0, visible=node.store.markings(), collections=("operations.alarms",)
    )
    return [one.record.body()["found"] for one in changes.items if one.record]


def test_nobody_erases_what_another_told_us_by_naming_its_node(tmp_path: Path) -> None:
    with nodes(tmp_path, "a", "b", "c") as (a, b, c):
        meet(a, b, c)
        (told,) = a.writer.put([duty("d1", "NOTOHANAKO")]).ids
        b.pull(a)
        order = ErasureOrder(
            erased_collection=ROSTER.id, fields=("name", "contact"), statements=(), cause="request"
        )
        c.writer.put(erasure_records({told: FOR_ALL}, order, at=c.writer.now()))
        sealed = b.fetch(c)
        forged = resealed(c, sealed, items=claimed(sealed, node=a.key.node))
        (ack,) = b.federation.receive([forged])
        assert ack.taken
        assert len(erasures.of_store(b.store)) == 1
        assert "NOTOHANAKO" in held(b)
        assert [found for found in alarmed(b) if "not erased" in found] != []
        # The node's own order is obeyed all the same.
        erase(a, "d1")
        b.pull(a)
        assert "NOTOHANAKO" not in held(b)


def test_a_partner_speaks_only_for_whom_it_may(tmp_path: Path) -> None:
    with nodes(tmp_path, "a", "b") as (a, b):
        b.knows(a, take_sources=("gauges", "town-17*"))
        mine, theirs = shelter("s1"), shelter("s2")
        mine = msgspec.structs.replace(mine, source="town-17-hq")
        theirs = msgspec.structs.replace(theirs, source="jma")
        a.writer.put([mine, theirs], [levels((0, 1.0))])
        b.pull(a)
        assert [key for key, _ in b.seen()] == ["s1"]
        assert rows(b) == []
        assert any("does not speak for jma" in found for found in alarmed(b))


def test_nor_does_it_withdraw_or_narrow_for_others(tmp_path: Path) -> None:
    with nodes(tmp_path, "a", "b") as (a, b):
        b.writer.put([msgspec.structs.replace(shelter("s1"), source="jma")])
        b.knows(a, take_sources=("town",))
        a.writer.put([msgspec.structs.replace(shelter("s1", at=1), source="jma", retracts=True)])
        a.writer.put([msgspec.structs.replace(shelter("s1", at=2), source="jma")])
        old = Marking()
        new = Marking(old.status, Disclosure.RED)
        a.store.remark("response.shelters", "s1", "jma", old=old, new=new, at=a.writer.now())
        b.pull(a)
        assert list(b.seen().values()) == ["open"]


def test_an_old_batch_that_is_played_again_brings_nothing_back(tmp_path: Path) -> None:
    with nodes(tmp_path, "a", "b") as (a, b):
        meet(a, b)
        a.writer.put([duty("d1", "NOTOHANAKO")])
        a.writer.put([shelter("s1")])
        first = b.fetch(a)
        b.pull(a)
        erase(a, "d1")
        narrow = Marking(FOR_ALL.status, Disclosure.AMBER, FOR_ALL.audience)
        a.store.remark(
            "response.shelters", "s1", "town", old=Marking(), new=narrow, at=a.writer.now()
        )
        b.pull(a)
        before, end = b.seen(), b.store.position()
        assert list(before) == [("s1", str(narrow))]
        # Whoever has kept it needs no key to send it.
        b.federation.receive([first, first])
        assert "NOTOHANAKO" not in held(b)
        assert ERASED in held(b)
        b.pull(a)
        assert b.seen() == before
        assert (
            b.store.changes(
                end, visible=b.store.markings(), collections=("response.shelters", ROSTER.id)
            ).items
            == []
        )


def test_another_partners_batch_is_not_taken_as_ours(tmp_path: Path) -> None:
    """One who was told more than we are cannot pass it on in the teller's name."""
    with nodes(tmp_path, "a", "b", "c") as (a, b, c):
        a.knows(b, Agreement(collections=("*",), disclosure="RED"))
        a.writer.put([shelter("s1", marking=Marking(disclosure=Disclosure.RED)), shelter("s2")])
        c.pull(a)
        assert [key for key, _ in c.seen()] == ["s2"]
        stands = c.registry.reached(a.key.node)
        more = b.fetch(a)
        batch = batches.unpack(batches.unseal(more).packed)
        late = msgspec.structs.replace(batch, after=Cursor(stands.cursor.position))
        assert not inbox.continues(stands, late)
        # With a word changed it is nobody's any more.
        broken = batches.seal(a.key.public, batches.pack(late), batches.unseal(more).signature)
        (ack,) = c.federation.receive([broken])
        assert "signature" in ack.refused
        assert [key for key, _ in c.seen()] == ["s2"]


def test_batches_that_hold_much_are_not_held_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with nodes(tmp_path, "a", "b") as (a, b):
        monkeypatch.setattr(inbox, "MOST_TOGETHER", 1 << 20)
        held_at_once: list[int] = []
        opened = inbox.Inbox._append

        def append(self: inbox.Inbox, coming: list[inbox.Incoming]) -> list[str]:
            held_at_once.append(sum(len(raw) for one in coming for raw in one.batch.items))
            return opened(self, coming)

        monkeypatch.setattr(inbox.Inbox, "_append", append)
        # A thousand to one: 1 MiB of nothing is 1 kB on the wire.
        junk = [msgspec.Raw(msgspec.msgpack.encode(bytes(1 << 20)))]
        a.writer.put([shelter("s1")])
        whole = b.fetch(a)
        batch = batches.unpack(batches.unseal(whole).packed)
        bombs = [resealed(a, whole, items=junk, then=batch.after) for _ in range(8)]
        assert max(map(len, bombs)) < 8_000
        acks = b.federation.receive([*bombs, whole])
        assert len(acks) == 9
        assert max(held_at_once) <= 2 * (1 << 20)
        assert list(b.seen()) == [("s1", str(Marking()))]


def test_a_batch_inflated_beyond_the_limit_is_refused_before_it_is_held(tmp_path: Path) -> None:
    with nodes(tmp_path, "a", "b") as (a, b):
        packed = zlib.compress(bytes(batches.MAX_BATCH + 1), 9)
        sealed = batches.seal(a.key.public, packed, a.key.sign(batches.CONTEXT + packed))
        assert len(sealed) < 100_000
        (ack,) = b.federation.receive([sealed])
        assert (ack.taken, "cannot be read" in ack.refused) == (False, True)


@pytest.mark.parametrize(
    ("source", "taken"), [("town", True), ("town-17", True), ("town-1", False), ("", False)]
)
def test_a_source_is_named_whole_or_by_its_beginning(source: str, *, taken: bool) -> None:
    peer = Peer(name="p", public=b"", node="", take_sources=("town", "town-17*"))
    assert peer.speaks_for(source) is taken


def test_a_signature_for_a_session_is_none_for_a_batch(tmp_path: Path) -> None:
    """A partner's server chooses what we sign to enter: it must not get a batch signed by that."""
    with nodes(tmp_path, "a", "b") as (a, b):
        packed = batches.pack(
            Batch(node=a.key.node, log="x", view="", after=Cursor(), then=Cursor(1))
        )
        for challenge in (packed, batches.CONTEXT + packed):
            signature = a.key.sign(HELLO + b.key.public + challenge)
            (ack,) = b.federation.receive([batches.seal(a.key.public, packed, signature)])
            assert "signature" in ack.refused


@pytest.mark.parametrize(
    ("key", "body", "covered"),
    [
        ("1720400", {}, True),
        ("17/heavy-rain", {}, True),
        ("1310100", {}, False),
        ("x", {"area_code": "1720400"}, True),
        ("1720400", {"area_code": "1310100"}, False),
        # A thing that names no area is not shown, whatever its key happens to begin with.
        ("17ab34cd-0000-4000-8000-000000000000", {}, False),
        ("17345678-0000-4000-8000-000000000000", {}, False),
        ("17240101161010", {}, False),
        ("17a", {}, False),
    ],
)
def test_only_a_key_that_is_an_area_stands_for_one(
    key: str, body: dict[str, str], *, covered: bool
) -> None:
    assert Agreement(collections=("*",), areas=("17",)).covers(key, body) is covered
