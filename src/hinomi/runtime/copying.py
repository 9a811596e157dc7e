"""Moving a town: all of one store into another, whatever kind each is, with nothing lost.

The copy is of one moment; what comes after it is taken by running it again. It goes on where it was
left off, and ends with a comparison of both stores, kind by kind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import islice
from typing import TYPE_CHECKING

import msgspec

from hinomi.kernel.errors import HinomiError, InputError
from hinomi.runtime import folder, keys, storing

if TYPE_CHECKING:
    from hinomi.kernel.store import Store
    from hinomi.stores.moving.freight import Part, Source, Target

_CHUNK = 5_000
"""Rows in one transaction."""
_BLOBS = 64

Watch = Callable[[str, int], None]
"""Hears which kind of rows is moved and how many have been."""


class Copied(msgspec.Struct, frozen=True):
    """What a copy did, and what both stores hold."""

    position: int
    """The moment that was copied; what was appended later is not in the target."""
    moved: dict[str, int]
    """Rows moved now, by kind."""
    held: dict[str, tuple[int, str]]
    """Rows that both hold, by kind, and the digest over them."""
    running: bool
    """A server still writes into the source: run the copy again when it has stopped."""


def copy(source: str, target: str, *, watch: Watch = lambda *_: None) -> Copied:
    """Copy a store into another, which is empty or has been copied into before.

    Raises:
        InputError: the two are the same, or the target holds statements of its own.
        HinomiError: the two are not alike at the end; nothing is wrong with the source.
    """
    if source == target:
        raise InputError("Source and target are the same store.", "移行元と移行先が同じです。")
    with ExitStack() as stack:
        running = _hold(stack, source)
        _hold_target(stack, target)
        from_store = storing.open_store(source, read_only=True)
        stack.callback(from_store.close)
        to_store = storing.open_store(target)
        stack.callback(to_store.close)
        moved = {"blob": _move_blobs(from_store, to_store, watch)}
        taken = storing.freight(source, write=False)
        stack.callback(taken.close)
        given = storing.freight(target, write=True)
        stack.callback(given.close)
        with taken.reading():
            position = taken.position()
            for part in _parts(given, position):
                _move(taken, given, part, moved, watch)
            # What came while the rows were moved may name blobs that came with it.
            moved["blob"] += _move_blobs(from_store, to_store, watch)
            held = _compare(taken, given, position)
        _compare_whole(from_store, to_store)
    moved["key"] = keys.move(source, target)
    return Copied(position, moved, held, running)


def _hold(stack: ExitStack, source: str) -> bool:
    """Hold the source's folder so that nothing is added; tell whether a server holds it."""
    place = storing.folder_of(source)
    if place is None:
        return False
    folder.existing(place)
    lock = folder.try_lock(place, "store copy")
    if isinstance(lock, folder.Lock):
        stack.callback(lock.close)
        return False
    return True


def _hold_target(stack: ExitStack, target: str) -> None:
    place = storing.folder_of(target)
    if place is not None:
        stack.callback(folder.lock(place, "store copy").close)


def _parts(target: Target, position: int) -> Iterator[Part]:
    """Yield what is to be moved: the rest of what was begun, then what came after it."""
    from hinomi.stores.moving.freight import Part  # noqa: PLC0415

    begun = target.begun()
    done = 0
    if begun is not None:
        done = begun.upto
        if begun.done < begun.upto:
            yield begun
    yield Part(done, position)


def _move(source: Source, target: Target, part: Part, moved: dict[str, int], watch: Watch) -> None:
    from hinomi.stores.moving.freight import KINDS, Part  # noqa: PLC0415

    target.begin(part)
    for kind in KINDS:
        after = target.reached(kind, part)
        if kind == "reading" and after is not None:
            after = (source.place_of(after[:3]), *after[3:])
        rows = source.rows(kind, part, after)
        while chunk := list(islice(rows, _CHUNK)):
            target.load(kind, chunk)
            moved[kind] = moved.get(kind, 0) + len(chunk)
            watch(kind, moved[kind])
    target.derive()
    target.begin(Part(part.upto, part.upto))


def _move_blobs(source: Store, target: Store, watch: Watch) -> int:
    there = set(target.blobs())
    missing = (digest for digest in source.blobs() if digest not in there)
    moved = 0
    while chunk := list(islice(missing, _BLOBS)):
        for digest in chunk:
            data = source.blob(digest)
            if data is not None:
                target.put_blob(data)
                moved += 1
        watch("blob", moved)
    return moved


def _compare(source: Source, target: Target, position: int) -> dict[str, tuple[int, str]]:
    """Return what both hold of each kind.

    Raises:
        HinomiError: they do not hold the same.
    """
    from hinomi.stores.moving.freight import COMPARED, digest  # noqa: PLC0415

    held: dict[str, tuple[int, str]] = {}
    with target.reading():
        for kind in COMPARED:
            ours, theirs = digest(source, kind, position), digest(target, kind, position)
            if ours != theirs:
                raise _differs(kind, str(ours), str(theirs))
            held[kind] = ours
    return held


def _compare_whole(source: Store, target: Store) -> None:
    """Compare what is derived, where nothing has come since; and look for damage."""
    if source.position() == target.position() and source.counts() != target.counts():
        raise _differs("counts", str(source.counts()), str(target.counts()))
    faults = target.check()
    if faults:
        raise _differs("check", "", "; ".join(faults))


def _differs(kind: str, ours: str, theirs: str) -> HinomiError:
    return HinomiError(
        f"The copy is not what the source is ({kind}: {ours}, copied {theirs}). Empty the target"
        " and copy again; the source is as it was.",
        f"写しが元と一致しません({kind}: {ours}、写し{theirs})。"
        "移行先を空にしてやり直してください。"
        "元のデータは変わっていません。",
    )
