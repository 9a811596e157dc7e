"""Batches come back as they went, and broken bytes are refused with a reason."""

from __future__ import annotations

import zlib

import msgspec
import pytest

from hinomi.kernel.errors import DataError
from hinomi.kernel.marking import OPEN, Marking, Status
from hinomi.kernel.records import Series
from hinomi.standards import batches
from hinomi.standards.batches import Batch, Cursor, Narrowing, Rows, Told

LINE = Series(
    id="g", collection="hazards.river_levels", thing="g", property="level_m", unit="m", source="s"
)
ITEMS = [
    Told("ab", 3, "00" * 16, "c.d", "鍵", "s", 12, -1, 2, False, True, "", b'{"type":"Feature"}'),  # noqa: FBT003
    Narrowing("ab", 4, "c.d", "k", "s", OPEN, None),
    Narrowing("ab", 5, "c.d", "k", "s", OPEN, Marking(Status.EXERCISE, audience=("x",))),
    Rows("ab", 6, "p", (LINE,), [(0, 1, 2.5, 0)]),
]
BATCH = Batch(
    node="ab", log="l", view="v", after=Cursor(1), then=Cursor(9, 20, "c/g"),
    items=[batches.encode_item(item) for item in ITEMS],
)  # fmt: skip


def test_a_batch_comes_back_as_it_went() -> None:
    sealed = batches.unseal(batches.seal(b"k" * 32, batches.pack(BATCH), b"s" * 64))
    found = batches.unpack(sealed.packed)
    assert batches.items(found) == (ITEMS, [])
    assert (found.after, found.then) == (BATCH.after, BATCH.then)


def test_what_is_no_batch_is_refused() -> None:
    sealed = batches.seal(b"k" * 32, batches.pack(BATCH), b"s" * 64)
    for data in (b"", b"no", sealed[:-1], batches.seal(b"", b"", b"")[:2]):
        with pytest.raises(DataError):
            batches.unseal(data)
    for packed in (b"", batches.pack(BATCH)[:-3], zlib.compress(b"nothing")):
        with pytest.raises(DataError):
            batches.unpack(packed)


def test_what_inflates_to_too_much_is_refused() -> None:
    bomb = zlib.compress(bytes(batches.MAX_BATCH + 1), 9)
    with pytest.raises(DataError):
        batches.unpack(bomb)


def test_one_bad_item_costs_only_itself() -> None:
    broken = Batch(
        node="ab", log="l", view="v", after=Cursor(), then=Cursor(1),
        items=[BATCH.items[0], msgspec.Raw(msgspec.msgpack.encode(["what", 1])), *BATCH.items[1:]],
    )  # fmt: skip
    found, problems = batches.items(batches.unpack(batches.pack(broken)))
    assert found == ITEMS
    assert [problem.path for problem in problems] == ["items[1]"]
