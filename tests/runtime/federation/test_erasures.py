"""A person's data that one node erases go at the partners who were told of them too."""

from __future__ import annotations

from contextlib import closing
from itertools import permutations
from pathlib import Path

import pytest

from hinomi.domains.response.collections.roster import ROSTER, Duty
from hinomi.kernel.marking import Disclosure, Marking, Status
from hinomi.kernel.records import Record
from hinomi.runtime import erasures
from hinomi.runtime.audit import Audit
from hinomi.runtime.erasing import Eraser
from hinomi.runtime.federation.agreement import Agreement
from hinomi.runtime.operations import ErasureOrder, erasure_records
from hinomi.stores.erasing import ERASED
from tests.runtime.federation.nodes import NOON, Node, nodes

FOR_ALL = Marking(Status.ACTUAL, Disclosure.AMBER, ("a-ken", "b-ken", "c-ken"))


def duty(key: str, name: str, *, marking: Marking = FOR_ALL) -> Record:
    body = Duty(name=name, contact=f"090-{name}", team="避難所班", state="on_duty")
    return Record(
        collection=ROSTER.id, key=key, said_at=NOON, body=body, source="town", marking=marking
    )


def meet(*every: Node) -> None:
    for one in every:
        for other in every:
            if one is not other:
                who = f"{other.data.name}-ken"
                one.knows(
                    other,
                    Agreement(
                        collections=("response.*",), disclosure="AMBER", audience=(who,),
                        statuses=("actual", "exercise"),
                    ),
                    take_statuses=("actual", "exercise"),
                )  # fmt: skip


def held(node: Node) -> str:
    page = node.store.changes(0, visible=node.store.markings(), collections=(ROSTER.id,))
    return "".join(c.record.feature.decode() for c in page.items if c.record is not None)


def erase(node: Node, key: str) -> None:
    eraser = Eraser(node.store, node.data, put=node.writer.put)
    eraser.on_request(ROSTER.id, key, who="sato", reason="本人の請求")


def test_who_was_told_erases_it_too_and_so_does_who_heard_it_from_them(tmp_path: Path) -> None:
    with nodes(tmp_path, "a", "b", "c") as (a, b, c):
        meet(a, b, c)
        a.writer.put([duty("d1", "NOTOHANAKO"), duty("d2", "SUZUTARO")])
        b.pull(a)
        c.pull(b)
        assert "NOTOHANAKO" in held(c)
        erase(a, "d1")
        for _ in range(2):
            b.pull(a)
            c.pull(b)
        for node in (a, b, c):
            assert "NOTOHANAKO" not in held(node)
            assert "SUZUTARO" in held(node)
            assert held(node).count(ERASED) == 2
        with closing(Audit(b.data)) as audit:
            (entry,) = audit.find({"verb": "erased"})
        assert (entry.event.who, entry.event.reason) == (f"partner a ({a.key.node})", "request")
        # Nothing goes round; what each says of its partners it has said once.
        for _ in range(2):
            ends = [node.store.position() for node in (a, b, c)]
            for one, other in permutations((a, b, c), 2):
                one.pull(other)
        assert [node.store.position() for node in (a, b, c)] == ends


def test_an_order_leaves_by_the_marking_of_what_it_erases(tmp_path: Path) -> None:
    with nodes(tmp_path, "a", "b", "c") as (a, b, c):
        meet(a, b, c)
        secret = Marking(Status.EXERCISE, Disclosure.AMBER, ("b-ken",))
        a.writer.put([duty("d1", "NOTOHANAKO", marking=secret), duty("d1", "SUZUTARO")])
        erase(a, "d1")
        for node in (b, c):
            node.pull(a)
        orders = {
            node.data.name: [line.marking for line in erasures.of_store(node.store)]
            for node in (a, b, c)
        }
        assert sorted(map(str, orders["b"])) == sorted(map(str, (secret, FOR_ALL)))
        assert orders["c"] == [FOR_ALL]


def test_an_agreement_without_the_collection_is_sent_no_order_of_it(tmp_path: Path) -> None:
    with nodes(tmp_path, "a", "b") as (a, b):
        terms = Agreement(
            collections=("response.shelters", "operations.*"), disclosure="AMBER",
            audience=("b-ken",),
        )  # fmt: skip
        a.knows(b, terms)
        b.knows(a)
        a.writer.put([duty("d1", "NOTOHANAKO")])
        erase(a, "d1")
        b.pull(a)
        assert erasures.of_store(b.store) == []


def test_nobody_erases_what_another_node_or_our_own_source_said(tmp_path: Path) -> None:
    with nodes(tmp_path, "a", "b", "c") as (a, b, c):
        meet(a, b, c)
        ours, theirs = duty("d1", "NOTOHANAKO"), duty("d2", "SUZUTARO")
        ids = [*b.writer.put([ours]).ids, *a.writer.put([theirs]).ids]
        b.pull(a)
        order = ErasureOrder(
            erased_collection=ROSTER.id, fields=("name", "contact"), statements=(), cause="request"
        )
        c.writer.put(erasure_records(dict.fromkeys(ids, FOR_ALL), order, at=c.writer.now()))
        b.pull(c)
        assert len(erasures.of_store(b.store)) == 1
        assert ERASED not in held(b)
        # What a partner told us, and we were told by our own people too, is ours to keep.
        both = duty("d3", "WAJIMAJIRO")
        a.writer.put([both])
        b.writer.put([both])
        b.pull(a)
        erase(a, "d3")
        b.pull(a)
        assert "WAJIMAJIRO" in held(b)
        assert "WAJIMAJIRO" not in held(a)


@pytest.mark.parametrize("again", [1, 2])
def test_a_batch_with_an_order_that_comes_again_changes_nothing(tmp_path: Path, again: int) -> None:
    with nodes(tmp_path, "a", "b") as (a, b):
        meet(a, b)
        a.writer.put([duty("d1", "NOTOHANAKO")])
        erase(a, "d1")
        sealed = b.fetch(a)
        for _ in range(again):
            b.federation.receive([sealed])
        assert "NOTOHANAKO" not in held(b)
        assert [line.order.erased_collection for line in erasures.of_store(b.store)] == [ROSTER.id]


def test_a_partner_that_reads_all_anew_holds_no_statement_twice(tmp_path: Path) -> None:
    """What is left of a statement has another digest than what was said: it is known by its id."""
    with nodes(tmp_path, "a", "b") as (a, b):
        meet(a, b)
        a.writer.put([duty("d1", "NOTOHANAKO")])
        b.pull(a)
        erase(a, "d1")
        b.pull(a)
        # Another agreement: all of it is read from the start.
        wider = Agreement(collections=("*",), disclosure="AMBER", audience=("b-ken",))
        a.registry.remove("b")
        a.knows(b, wider)
        b.pull(a)
        assert held(b).count("d1") == 1
