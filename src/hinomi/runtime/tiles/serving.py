"""Tiles as they are asked for: the index of what the caller sees, and tiles that still hold."""

from __future__ import annotations

import threading
from collections import OrderedDict
from datetime import datetime
from hashlib import blake2b

import msgspec

from hinomi.kernel.errors import InputError
from hinomi.kernel.marking import Marking
from hinomi.kernel.reader import Reader
from hinomi.kernel.records import micros
from hinomi.runtime.policy.masking import mask_of
from hinomi.runtime.tiles.grid import Address
from hinomi.runtime.tiles.index import Index, newest
from hinomi.runtime.tiles.making import RING, When, make
from hinomi.runtime.tiles.rows import EARLIEST, LATEST
from hinomi.runtime.tiles.subject import Subject

INDEX_BYTES = 256 * 1024 * 1024
"""About so much memory for indexes; the one used last stays however large it is."""
TILE_BYTES = 64 * 1024 * 1024

_View = tuple[str, str, frozenset[Marking], str, int | None]
"""Collection, filter, what is seen, as-of position."""


class Tile(msgspec.Struct, frozen=True):
    """A made tile: its bytes, their digest, and how long they hold."""

    body: bytes
    etag: str
    version: int
    """Of the index, up to which nothing touched it."""
    until: int | None
    """[µs] when something in view begins or ends."""


class Span(msgspec.Struct, frozen=True):
    """What is valid in this time: as asked for (``text``), its ends, whether they move."""

    text: str = ""
    start: datetime | None = None
    end: datetime | None = None
    moves: bool = False
    """An end is the present moment."""

    def micros(self) -> When | None:
        """Return both ends [µs], None where nothing was asked for."""
        if not self.text:
            return None
        return (
            EARLIEST if self.start is None else micros(self.start),
            LATEST if self.end is None else micros(self.end),
        )


class Tiles:
    """Makes tiles and keeps them while they hold, for each set of markings that is asked for."""

    def __init__(self, *, tile_bytes: int = TILE_BYTES, index_bytes: int = INDEX_BYTES) -> None:
        self._budget = tile_bytes
        self._index_budget = index_bytes
        self._indexes: OrderedDict[_View, Index] = OrderedDict()
        self._weights: dict[_View, int] = {}
        self._building: dict[_View, threading.Lock] = {}
        self._kept: OrderedDict[tuple[_View, Address, str], Tile] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()
        self.made = 0
        """Tiles made since the start, for those who measure."""

    def kept(
        self, reader: Reader, subject: Subject, address: Address, span: Span, now: datetime
    ) -> Tile | None:
        """Return the tile if it is there and surely holds; never waits, never makes one."""
        view = _view(reader, subject)
        index = self._indexes.get(view)
        if index is None or index.position != newest(reader):
            return None
        return self._holding(index, (view, address, span.text), micros(now))

    def tile(
        self, reader: Reader, subject: Subject, address: Address, span: Span, now: datetime
    ) -> Tile:
        """Return the tile as it stands now, made anew only if something in it changed.

        Raises:
            InputError: several statuses in one tile.
        """
        if len(reader.status) != 1:
            raise InputError(
                "A tile holds one status: status=actual, exercise or test.",
                "タイルには一つの区分(actual・exercise・test)だけを表示できます。",
            )
        view = _view(reader, subject)
        moment = micros(now)
        with self._building_lock(view):
            index = self._index(view, reader, subject)
        name = (view, address, span.text)
        with index.lock:
            index.mend(reader)
            found = self._holding(index, name, moment)
            if found is not None:
                return found
            body = make(index, reader, address, span.micros())
            tile = Tile(
                body,
                blake2b(body + repr(name[1:]).encode(), digest_size=12).hexdigest(),
                index.version,
                index.next_expiry(moment) if span.moves else None,
            )
        self.made += 1
        self._keep(name, tile)
        return tile

    def _building_lock(self, view: _View) -> threading.Lock:
        with self._lock:
            if len(self._building) > 1_000:
                self._building.clear()
            return self._building.setdefault(view, threading.Lock())

    def _index(self, view: _View, reader: Reader, subject: Subject) -> Index:
        index = self._indexes.get(view)
        if index is None:
            index = Index(reader, subject, view[2])
            weight = index.weight()
            with self._lock:
                self._indexes[view] = index
                self._weights[view] = weight
                while sum(self._weights.values()) > self._index_budget and len(self._indexes) > 1:
                    old, _ = self._indexes.popitem(last=False)
                    del self._weights[old]
        else:
            with self._lock:
                if view in self._indexes:
                    self._indexes.move_to_end(view)
        return index

    def _holding(self, index: Index, name: tuple[_View, Address, str], moment: int) -> Tile | None:
        """Return the kept tile if nothing touched it and nothing began or ended since."""
        with self._lock:
            tile = self._kept.get(name)
        if tile is None or (tile.until is not None and tile.until <= moment):
            return None
        if tile.version != index.version:
            if index.touched_since(tile.version, name[1].box(RING)):
                return None
            tile = msgspec.structs.replace(tile, version=index.version)
            self._keep(name, tile)
        return tile

    def _keep(self, name: tuple[_View, Address, str], tile: Tile) -> None:
        with self._lock:
            old = self._kept.pop(name, None)
            self._size += _size(tile) - (_size(old) if old else 0)
            self._kept[name] = tile
            while self._size > self._budget:
                _, gone = self._kept.popitem(last=False)
                self._size -= _size(gone)


def _size(tile: Tile) -> int:
    return len(tile.body) + 600


def _view(reader: Reader, subject: Subject) -> _View:
    mask = mask_of(reader, subject.collection)
    return (subject.collection, subject.text, reader.visible(), mask, reader.as_of)
