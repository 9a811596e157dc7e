"""What a node publishes: signed, logged, and proved to whoever holds the bytes.

Signed is the statement about the bytes (what, when, their SHA-256), and it is the log's entry. A
receipt holds all that is needed to verify it without us: entry, path to the root, signed head and
the keys' certificates.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from hashlib import sha256
from pathlib import Path
from typing import Literal

import msgspec

from hinomi.kernel.errors import MissingError, Text
from hinomi.runtime import clock
from hinomi.runtime.translog.log import Leaf, Log
from hinomi.runtime.translog.signing import Certificate, Signatures, Signer
from hinomi.standards import translog
from hinomi.standards.translog import notes
from hinomi.standards.translog.notes import Checkpoint, Note

PUBLISHED = b"hinomi published 1\n"
ORIGIN = "hinomi.example/log/"
"""A checkpoint's first line: this and the node's id. No address is meant."""
_REMEMBERED = 10_000

Kind = Literal["package", "cap", "batch"]


class Published(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The entry about something published: what was said of it, and who signed that."""

    kind: str
    at: str
    digest: str
    """SHA-256 of the bytes, hex."""
    name: str
    size: int
    signatures: Signatures | None = None

    def signed(self) -> bytes:
        """Return the bytes that are signed."""
        plain = msgspec.structs.replace(self, signatures=None)
        return PUBLISHED + msgspec.json.encode(plain, order="deterministic")


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """Proof that something was published: verified without a network and without the log."""

    entry: bytes
    index: int
    inclusion: tuple[bytes, ...]
    checkpoint: str
    certificates: tuple[Certificate, ...]


class Growth(msgspec.Struct, frozen=True, kw_only=True):
    """A log's newest head, and the proof that it only grew since a size."""

    checkpoint: str
    since: int
    consistency: tuple[bytes, ...]
    certificates: tuple[Certificate, ...]


class Trust:
    """A data folder's log and keys; safe to use from several threads and processes."""

    def __init__(self, folder: Path, *, now: clock.Clock = clock.now) -> None:
        self._now = now
        self.log = Log(folder)
        self.signer = Signer(folder, self.log, now=now)
        self._lock = threading.Lock()
        self._done: OrderedDict[bytes, int] = OrderedDict()
        self._head: tuple[int, str] = (-1, "")

    def publish(self, kind: Kind, data: bytes, name: str) -> int:
        """Sign and log bytes before they go out; return the entry's index.

        Bytes that are known are not logged again: who publishes the same twice has said it.
        """
        subject = sha256(data).digest()
        with self._lock:
            known = self._done.get(subject)
        if known is None:
            found = self.log.of(subject)
            known = self._add(kind, subject, name, len(data)) if found is None else found.index
            with self._lock:
                self._done[subject] = known
                if len(self._done) > _REMEMBERED:
                    self._done.popitem(last=False)
        return known

    def _add(self, kind: str, subject: bytes, name: str, size: int) -> int:
        at = self._now().isoformat()
        plain = Published(kind=kind, at=at, digest=subject.hex(), name=name, size=size)
        # Batches come thick and fast and prove themselves to partners: the node's key alone.
        sign = self.signer.sign_as_node if kind == "batch" else self.signer.sign
        signed = msgspec.structs.replace(plain, signatures=sign(plain.signed()))
        entry = msgspec.json.encode(signed, order="deterministic")
        return self.log.append([Leaf(kind=kind, at=at, entry=entry, subject=subject, what=name)])

    def checkpoint(self) -> tuple[int, str]:
        """Return the log's size and its signed head; signed once a size."""
        size = self.log.size()
        with self._lock:
            if self._head[0] == size:
                return self._head
        # The first key is told in the log too: it is there before the head is made.
        self.signer.ready()
        size = self.log.size()
        origin = f"{ORIGIN}{self.signer.node.node}"
        head = Checkpoint(origin, size, self.log.root(size))
        signatures = self.signer.sign(head.text().encode())
        note = signed_note(head, self.signer.certificate(signatures.key), signatures)
        with self._lock:
            self._head = (size, note.encode())
            return self._head

    def receipt(self, subject: bytes) -> Receipt:
        """Return the proof that bytes were published, by their SHA-256, or raise MissingError."""
        leaf = self.log.of(subject)
        if leaf is None:
            raise MissingError(Text("公開の記録", "published thing"), subject.hex())
        size, head = self.checkpoint()
        return Receipt(
            entry=leaf.entry,
            index=leaf.index,
            inclusion=tuple(translog.inclusion_proof(leaf.index, size, self.log.node)),
            checkpoint=head,
            certificates=tuple(self.signer.certificates()),
        )

    def growth(self, since: int) -> Growth:
        """Return the newest head and the proof that the log only grew since a size."""
        size, head = self.checkpoint()
        known = min(max(since, 0), size)
        return Growth(
            checkpoint=head,
            since=known,
            consistency=tuple(translog.consistency_proof(known, size, self.log.node)),
            certificates=tuple(self.signer.certificates()),
        )

    def close(self) -> None:
        """Close the file."""
        self.log.close()


def signed_note(head: Checkpoint, certificate: Certificate, found: Signatures) -> Note:
    """Return a head as a signed note: a line for each scheme."""
    lines = [_line(certificate, notes.ED25519, certificate.ed25519, found.ed25519)]
    if found.ml_dsa_65:
        lines.append(_line(certificate, notes.ML_DSA_65, certificate.ml_dsa_65, found.ml_dsa_65))
    return Note(head, tuple(lines))


def head_signatures(note: Note, certificate: Certificate) -> Signatures | None:
    """Return what a key signed of a note, both schemes together; None where it did not."""
    name = f"{NAME}{certificate.key}"
    ours = {s.hint: s.value for s in note.signatures if s.name == name}
    first = ours.get(notes.hint_of(name, notes.ED25519, certificate.ed25519))
    second = ours.get(notes.hint_of(name, notes.ML_DSA_65, certificate.ml_dsa_65), b"")
    return None if first is None else Signatures(certificate.key, first, second)


NAME = "hinomi-"


def _line(
    certificate: Certificate, algorithm: bytes, public: bytes, value: bytes
) -> notes.Signature:
    name = f"{NAME}{certificate.key}"
    return notes.Signature(name, notes.hint_of(name, algorithm, public), value)
