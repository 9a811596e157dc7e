"""Federation batches: what one node tells another, signed as a whole.

A sealed batch is MessagePack: version, the sender's public key (Ed25519, 32 bytes), the batch
(MessagePack, deflated; RFC 1951) and its signature (RFC 8032) over :data:`CONTEXT` and the deflated
bytes. Each item names the node where it was said first and its position there, so that loops and
repeats end by themselves. Signing itself is not done here: the codec takes and gives bytes.
"""

from __future__ import annotations

import zlib
from typing import TypeAlias

import msgspec

from hinomi.kernel.errors import DataError, Problem, Text
from hinomi.kernel.marking import Marking
from hinomi.kernel.records import Series

VERSION = 1
CONTEXT = b"hinomi federation batch 1\n"
MEDIA_TYPE = "application/vnd.hinomi.batch"
MAX_SEALED = 16 * 1024 * 1024
"""[B] A sealed batch is no larger."""
MAX_BATCH = 64 * 1024 * 1024
"""[B] Nor is what it holds, inflated."""


class Cursor(msgspec.Struct, frozen=True, array_like=True):
    """How far a node has read a partner's log; the default is: nothing yet."""

    position: int = 0
    snapshot: int = 0
    """While catching up: the position of the snapshot that is being read; 0 follows live."""
    series: str = ""
    """While the snapshot's readings are being read: the last series that came (collection/id)."""


class Told(msgspec.Struct, frozen=True, array_like=True, tag="record"):
    """One statement, with the feature as it is stored."""

    node: str
    position: int
    id: str
    collection: str
    key: str
    source: str
    said_at: int
    """[µs since 1970 UTC]"""
    rank: int
    serial: int
    retracts: bool
    narrowed: bool
    """Its marking is narrower today than when it was said; the feature shows today's."""
    digest: str
    """SHA-256 of the raw bytes, which can be asked for; empty: none."""
    feature: bytes


class Narrowing(msgspec.Struct, frozen=True, array_like=True, tag="narrowing"):
    """What a source said about a thing holds in a narrower marking now; None: it is gone."""

    node: str
    position: int
    collection: str
    key: str
    source: str
    old: Marking
    new: Marking | None


class Rows(msgspec.Struct, frozen=True, array_like=True, tag="readings"):
    """Readings of one batch, collection and marking; rows as in the kernel's Readings."""

    node: str
    position: int
    part: str
    """Tells the parts of one position apart; empty: a snapshot's, which repeats no batch."""
    series: tuple[Series, ...]
    rows: list[tuple[int, int, float, int]]


Item: TypeAlias = Told | Narrowing | Rows


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """What was said in (after, then], as far as the receiver may see it."""

    node: str
    """The sender."""
    log: str
    """Which log the positions are of: another one after the sender was installed anew."""
    view: str
    """What the sender shows to the receiver, as a digest: another one is read from the start."""
    after: Cursor
    then: Cursor
    mark: int = 0
    """When the sender's log reached ``then`` [µs]: tells a log that was set back."""
    end: int = 0
    """The sender's newest position, for the lag."""
    behind_us: int = 0
    """How long the oldest item has waited at the sender [µs], by its own clock."""
    items: list[msgspec.Raw] = []


class Sealed(msgspec.Struct, frozen=True, array_like=True):
    """A batch on the wire."""

    version: int
    key: bytes
    packed: bytes
    signature: bytes

    def signed(self) -> bytes:
        """Return the bytes that the signature is over."""
        return CONTEXT + self.packed


_encoder = msgspec.msgpack.Encoder()
_sealed = msgspec.msgpack.Decoder(Sealed)
_batch = msgspec.msgpack.Decoder(Batch)
_item: msgspec.msgpack.Decoder[Item] = msgspec.msgpack.Decoder(Item)


def encode_item(item: Item) -> msgspec.Raw:
    """Return an item as it stands in a batch."""
    return msgspec.Raw(_encoder.encode(item))


def pack(batch: Batch) -> bytes:
    """Return the bytes to be signed (after :data:`CONTEXT`) and sealed."""
    return zlib.compress(_encoder.encode(batch), 1)


def seal(key: bytes, packed: bytes, signature: bytes) -> bytes:
    """Return a batch as it goes over the wire."""
    return _encoder.encode(Sealed(VERSION, key, packed, signature))


def unseal(data: bytes) -> Sealed:
    """Return a sealed batch; its signature is still to be verified.

    Raises:
        DataError: these are no bytes of a sealed batch of this version.
    """
    if len(data) > MAX_SEALED:
        raise _refused("", "size", f"{len(data)} B", f"at most {MAX_SEALED} B")
    try:
        sealed = _sealed.decode(data)
    except msgspec.DecodeError as error:
        raise _refused("", "sealed", str(error), "a sealed batch") from None
    if sealed.version != VERSION:
        raise _refused("version", "version", str(sealed.version), str(VERSION))
    return sealed


def unpack(packed: bytes) -> Batch:
    """Return the batch in verified bytes.

    Raises:
        DataError: they cannot be inflated or read, or hold more than :data:`MAX_BATCH`.
    """
    inflater = zlib.decompressobj()
    try:
        data = inflater.decompress(packed, MAX_BATCH)
        if not inflater.eof:
            raise _refused("", "size", "more or cut short", f"at most {MAX_BATCH} B, whole")
        return _batch.decode(data)
    except (zlib.error, msgspec.DecodeError) as error:
        raise _refused("", "batch", str(error), "a batch") from None


def items(batch: Batch) -> tuple[list[Item], list[Problem]]:
    """Return a batch's items, and a problem for each that cannot be read."""
    found: list[Item] = []
    problems: list[Problem] = []
    for number, raw in enumerate(batch.items):
        try:
            found.append(_item.decode(raw))
        except msgspec.DecodeError as error:
            problems.append(_problem(f"items[{number}]", "item", str(error), "an item"))
    return found, problems


def _problem(path: str, what: str, found: str, expected: str) -> Problem:
    text = Text("連携データを読めません。", "A federation batch cannot be read.")
    return Problem(f"batches.{what}", path, text, found=found[:200], expected=expected)


def _refused(path: str, what: str, found: str, expected: str) -> DataError:
    return DataError([_problem(path, what, found, expected)])
