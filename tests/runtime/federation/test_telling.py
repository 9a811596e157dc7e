"""What partners tell each other: nothing lost, nothing twice, nothing that is not theirs."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations
from pathlib import Path

import msgspec

from hinomi.kernel.marking import Disclosure, Marking, Status
from hinomi.runtime import clock
from hinomi.runtime.federation.agreement import Agreement
from hinomi.runtime.federation.door import Wish
from hinomi.standards import batches
from hinomi.standards.batches import Cursor
from tests.runtime.federation.nodes import Node, levels, nodes, rows, shelter

EXERCISE = Marking(Status.EXERCISE)
FOR_B = Marking(disclosure=Disclosure.AMBER, audience=("b-ken",))


def test_what_a_town_says_stands_at_its_partner(tmp_path: Path) -> None:
    with nodes(tmp_path, "a", "b") as (a, b):
        a.writer.put([shelter("1"), shelter("2", "unknown")], [levels((0, 1.5), (10, 1.7))])
        b.pull(a)
        assert b.seen() == a.seen()
        assert rows(b) == [1.5, 1.7]
        trace = b.store.trace(shelter("1").identity(), visible=b.store.markings())
        assert trace is not None
        assert trace.origins[0][0].address == f"hinomi://{a.key.node}/1"


def test_following_goes_on_where_it_was(tmp_path: Path) -> None:
    with nodes(tmp_path, "a", "b") as (a, b):
        a.writer.put([shelter("1")])
        b.pull(a)
        a.writer.put([shelter("1", "closed", at=5)])
        a.writer.put([], [levels((0, 1.0))])
        acks = b.pull(a)
        assert sum(ack.records for ack in acks) == 1
        assert b.seen() == {("1", "actual TLP:CLEAR"): "closed"}
        assert rows(b) == [1.0]


def test_a_loop_of_three_ends_by_itself(tmp_path: Path) -> None:
    with nodes(tmp_path, "a", "b", "c") as ring:
        for number, one in enumerate(ring):
            one.writer.put([shelter(str(number), at=number)])
            one.writer.put([], [levels((number, float(number)), series=f"G{number}")])
        for _ in range(4):
            for one, other in permutations(ring, 2):
                one.pull(other)
        ends = [one.store.position() for one in ring]
        for one, other in permutations(ring, 2):
            one.pull(other)
        assert [one.store.position() for one in ring] == ends
        assert all(one.seen() == ring[0].seen() and len(one.seen()) == 3 for one in ring)
        assert all(rows(one, f"G{n}") == [float(n)] for one in ring for n in range(3))


def test_a_corrected_reading_does_not_go_round_in_a_ring(tmp_path: Path) -> None:
    with nodes(tmp_path, "a", "b", "c") as ring:
        a, b, c = ring
        a.writer.put([shelter("1")])
        for one, other in permutations(ring, 2):
            one.pull(other)
        a.writer.put([], [levels((0, 1.0), (10, 2.0))])
        a.writer.put([], [levels((0, 1.1))])
        c.pull(a)
        b.pull(a)
        for _ in range(3):
            for one, other in permutations(ring, 2):
                one.pull(other)
        ends = [one.store.position() for one in ring]
        for one, other in permutations(ring, 2):
            one.pull(other)
        assert [one.store.position() for one in ring] == ends
        assert all(rows(one) == [1.1, 2.0] for one in ring)


def test_a_batch_that_comes_again_says_nothing_new(tmp_path: Path) -> None:
    with nodes(tmp_path, "a", "b") as (a, b):
        a.writer.put([shelter("1")], [levels((0, 1.0))])
        sealed = b.fetch(a)
        b.federation.receive([sealed])
        b.pull(a)
        end = b.store.position()
        b.federation.receive([sealed, sealed])
        b.pull(a)
        assert b.store.position() == end


def test_a_batch_that_skips_something_is_not_taken(tmp_path: Path) -> None:
    with nodes(tmp_path, "a", "b") as (a, b):
        a.writer.put([shelter("1")])
        b.pull(a)
        a.writer.put([shelter("2")])
        me = a.registry.of_node(b.key.node)
        assert me is not None
        wish = b.wish(a)
        first = a.door.next(me, wish, a.store.position())[0]
        a.writer.put([shelter("3")])
        second = a.door.next(
            me, msgspec.structs.replace(wish, cursor=first.then, mark=first.mark), 99
        )[1]
        (ack,) = b.federation.receive([second])
        assert not ack.taken
        assert ack.cursor == wish.cursor
        b.pull(a)
        assert len(b.seen()) == 3


def test_a_day_of_partition_is_caught_up(tmp_path: Path) -> None:
    with nodes(tmp_path, "a", "b") as (a, b):
        a.writer.put([shelter("1")])
        b.pull(a)
        for minute in range(0, 1440, 20):
            state = "open" if minute % 40 else "closed"
            a.writer.put([shelter("1", state, at=minute)], [levels((minute, minute / 10))])
            b.writer.put([shelter("b", state, at=minute)])
        b.pull(a)
        a.pull(b)
        assert a.seen() == b.seen()
        assert len(rows(b)) == 72
        shown = [n.store.history("response.shelters", "1", visible=n.store.markings(), limit=1000)
                 for n in (a, b)]  # fmt: skip
        assert [r.id for r in shown[0].items] == [r.id for r in shown[1].items]


def test_clocks_that_differ_change_nothing(tmp_path: Path) -> None:
    with nodes(tmp_path, "a", "b") as (a, b):
        a.skew, b.skew = timedelta(hours=1), timedelta(hours=-1)
        a.writer.put([shelter("1")])
        b.pull(a)
        b.writer.put([shelter("2")])
        a.pull(b)
        assert a.seen() == b.seen()
        (said,) = b.store.history("response.shelters", "1", visible=b.store.markings()).items
        assert abs(said.recorded_at - clock.now() + timedelta(hours=1)) < timedelta(minutes=1)


def test_a_partner_that_was_installed_anew_gets_everything_again(tmp_path: Path) -> None:
    with nodes(tmp_path, "a", "b") as (a, b):
        a.writer.put([shelter("1"), shelter("2")], [levels((0, 1.0))])
        b.pull(a)
        b.writer.put([shelter("b")])
        a.pull(b)
        a.registry.remove("b")
        new = Node(tmp_path / "b2")
        try:
            a.knows(new)
            new.knows(a)
            new.pull(a)
            a.pull(new)
            assert new.seen() == a.seen()
            assert ("b", "actual TLP:CLEAR") in new.seen()  # what it had said itself, too
            assert rows(new) == [1.0]
        finally:
            new.close()


def test_a_log_that_was_set_back_is_read_from_the_start(tmp_path: Path) -> None:
    with nodes(tmp_path, "a", "b") as (a, b):
        a.writer.put([shelter("1")])
        b.pull(a)
        reached = b.registry.reached(a.key.node)
        b.registry.reach({a.key.node: msgspec.structs.replace(reached, mark=reached.mark - 5)})
        a.writer.put([shelter("2")])
        b.pull(a)
        assert len(b.seen()) == 2


def test_a_late_joiner_gets_what_stands_and_the_history_that_is_chosen(tmp_path: Path) -> None:
    with nodes(tmp_path, "a") as (a,):
        a.skew = timedelta(days=-3)
        a.writer.put([shelter("old", "open")], [levels((0, 1.0), (10, 2.0))])
        a.writer.put([shelter("old", "unknown", at=1), shelter("over", at=1)])
        a.writer.put([msgspec.structs.replace(shelter("over", at=2), retracts=True)])
        a.skew = timedelta()
        a.writer.put([shelter("new", "open", at=3)])
        a.writer.put([shelter("new", "closed", at=4)])
        late = Node(tmp_path / "late")
        try:
            a.knows(late)
            late.knows(a, history_s=3600.0)
            late.pull(a)
            assert late.seen() == a.seen()
            visible = late.store.markings()
            for key, versions in (("old", 1), ("new", 2), ("over", 0)):
                page = late.store.history("response.shelters", key, visible=visible)
                assert len(page.items) == versions
            assert rows(late) == [2.0]
            a.writer.put([shelter("old", "closed", at=9)], [levels((20, 3.0))])
            late.pull(a)
            assert late.seen() == a.seen()
            assert rows(late) == [2.0, 3.0]
        finally:
            late.close()


def test_a_withdrawal_travels_even_when_an_agreement_changed_meanwhile(tmp_path: Path) -> None:
    with nodes(tmp_path, "a", "b") as (a, b):
        a.skew = timedelta(days=-3)
        a.writer.put([shelter("1"), shelter("2")])
        b.pull(a)
        a.writer.put([msgspec.structs.replace(shelter("1", at=2), retracts=True)])
        a.skew = timedelta()
        a.knows(b, Agreement(collections=("response.*",)))
        b.pull(a)
        assert b.seen() == {("2", "actual TLP:CLEAR"): "open"}


def test_late_rows_and_corrections_far_back_are_sent_too(tmp_path: Path) -> None:
    with nodes(tmp_path, "a", "b") as (a, b):
        a.writer.put([], [levels((0, 1.0), (6000, 5.0))])
        b.pull(a)
        a.writer.put([], [levels((1, 1.1))])
        a.writer.put([], [levels((0, 0.9))])
        b.pull(a)
        assert rows(b) == [0.9, 1.1, 5.0]


def test_exercise_stays_exercise(tmp_path: Path) -> None:
    with nodes(tmp_path, "a", "b") as (a, b):
        both = Agreement(collections=("*",), statuses=("actual", "exercise"))
        a.knows(b, both)
        a.writer.put(
            [shelter("1", "unknown", marking=EXERCISE)], [levels((0, 9.0), marking=EXERCISE)]
        )
        b.pull(a)
        assert b.seen("actual") == {}
        assert b.seen("exercise") == {("1", "exercise TLP:CLEAR"): "unknown"}
        (line,) = b.store.series("hazards.river_levels", visible=b.store.markings())
        assert line.series.marking == EXERCISE


def test_nothing_leaves_that_agreement_or_marking_keep_back(tmp_path: Path) -> None:
    canary = "カナリア"
    kept_back = [
        shelter("c1", marking=EXERCISE, remarks=canary),
        shelter("c2", marking=Marking(Status.TEST), remarks=canary),
        shelter("c3", marking=Marking(disclosure=Disclosure.AMBER), remarks=canary),
        shelter(
            "c4", marking=Marking(disclosure=Disclosure.GREEN, audience=("c-ken",)), remarks=canary
        ),
        shelter(
            "c5", marking=Marking(disclosure=Disclosure.RED, audience=("b-ken",)), remarks=canary
        ),
        shelter("c6", municipality_code="01100", remarks=canary),
    ]
    with nodes(tmp_path, "a", "b") as (a, b):
        a.knows(
            b,
            Agreement(
                collections=("response.shelters",),
                areas=("17",),
                disclosure="AMBER",
                audience=("b-ken",),
            ),
        )
        open_to_b = shelter("ok", marking=FOR_B, municipality_code="17204")
        other = msgspec.structs.replace(
            shelter("s", remarks=canary, municipality_code="17204"), collection="response.sites"
        )
        a.writer.put([*kept_back, open_to_b, other], [levels((0, 1.0), series="canary")])
        sent = []
        while sealed := b.fetch(a):
            sent.append(batches.unpack(batches.unseal(sealed).packed))
            b.federation.receive([sealed])
        told = b"".join(bytes(raw) for batch in sent for raw in batch.items)
        assert canary.encode() not in told
        assert b"canary" not in told
        assert b.seen() == {("ok", str(FOR_B)): "open"}


def test_narrowing_travels_and_what_is_gone_is_gone_everywhere(tmp_path: Path) -> None:
    with nodes(tmp_path, "a", "b", "c") as (a, b, c):
        for one, other in permutations((a, b, c), 2):
            terms = Agreement(
                collections=("*",), disclosure="AMBER", audience=(f"{other.data.name}-ken",)
            )
            one.knows(other, terms)
        a.writer.put([shelter("1")])
        for one, other in permutations((a, b, c), 2):
            one.pull(other)
        assert len(b.seen()) == len(c.seen()) == 1
        old = shelter("1").marking
        at = a.writer.now()
        a.store.remark("response.shelters", "1", "town", old=old, new=FOR_B, at=at)
        for _ in range(3):
            for one, other in permutations((a, b, c), 2):
                one.pull(other)
        assert b.seen() == {("1", str(FOR_B)): "open"}
        assert c.seen() == {}
        anyone = frozenset(m for m in c.store.markings() if m.disclosure < Disclosure.RED)
        assert c.store.history("response.shelters", "1", visible=anyone).items == []
        ends = [one.store.position() for one in (a, b, c)]
        for one, other in permutations((a, b, c), 2):
            one.pull(other)
        assert [one.store.position() for one in (a, b, c)] == ends


def test_a_wrong_signature_is_refused_and_raises_an_alarm(tmp_path: Path) -> None:
    with nodes(tmp_path, "a", "b") as (a, b):
        a.writer.put([shelter("1")])
        sealed = batches.unseal(b.fetch(a))
        forged = batches.seal(sealed.key, sealed.packed, bytes(64))
        (ack,) = b.federation.receive([forged])
        assert ack.refused
        assert b.seen() == {}
        assert b.registry.reached(a.key.node).cursor == Cursor()
        stranger = Node(tmp_path / "stranger")
        try:
            stranger.knows(b)
            stranger.writer.put([shelter("x")])
            b.registry.reached(stranger.key.node)
            me = stranger.registry.of_node(b.key.node)
            assert me is not None
            unknown = stranger.door.next(me, Wish(Cursor()), 1)[1]
            (ack,) = b.federation.receive([unknown])
            assert ack.refused
            assert b.seen() == {}
        finally:
            stranger.close()
        found = b.store.changes(0, visible=b.store.markings(), collections=["operations.alarms"])
        assert [c.record.body()["code"] for c in found.items if c.record] == [
            "federation.signature"
        ]


def test_what_is_not_to_be_taken_is_set_aside_and_told(tmp_path: Path) -> None:
    with nodes(tmp_path, "a", "b") as (a, b):
        b.knows(a, takes=("hazards.*",))
        a.writer.put([shelter("1")])
        sealed = b.fetch(a)
        b.federation.receive([sealed])
        assert b.seen() == {}
        found = b.store.changes(0, visible=b.store.markings(), collections=["operations.alarms"])
        (alarm,) = [c.record.body() for c in found.items if c.record]
        assert b.store.blob(alarm["payload_digest"]) == sealed
