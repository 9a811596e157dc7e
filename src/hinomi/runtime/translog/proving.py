"""Verifying, offline: receipts, heads, growth, whole exported logs.

All that is trusted is the node's public key, as ``hinomi peer key`` prints it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import msgspec

from hinomi.kernel.errors import DataError, DeniedError, Problem, Text
from hinomi.runtime.federation import nodekey
from hinomi.runtime.translog.signing import Certificate
from hinomi.runtime.translog.trust import (
    ORIGIN,
    Growth,
    Published,
    Receipt,
    Trust,
    head_signatures,
)
from hinomi.standards import translog
from hinomi.standards.translog import notes
from hinomi.standards.translog.notes import Checkpoint


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What a verification shows. It is only given when all of it holds."""

    kind: str
    name: str
    at: str
    node: str
    key: str
    index: int
    size: int
    hybrid: bool
    """Both schemes signed, Ed25519 and ML-DSA-65."""


class Exported(msgspec.Struct, frozen=True):
    """A whole log in a file: the first line, before the leaves' entries."""

    checkpoint: str
    certificates: tuple[Certificate, ...]


def head(
    text: str, certificates: Sequence[Certificate], public: bytes
) -> tuple[Checkpoint, Certificate]:
    """Return a checkpoint that one of the node's keys signed, and that key.

    Raises:
        DeniedError: the signature, the certificate or the log's name is not the node's.
    """
    note = notes.decode(text)
    if note.checkpoint.origin != f"{ORIGIN}{nodekey.node_of(public)}":
        raise _wrong("This is the log of another node.", "別のノードのログです。")
    for certificate in certificates:
        found = head_signatures(note, certificate)
        if found is None:
            continue
        _check_certificate(certificate, public)
        if certificate.revoked_at is not None:
            raise _wrong(
                f"The head is signed with a revoked key ({certificate.reason}).",
                f"失効した鍵による署名です({certificate.reason})。",
            )
        if certificate.verify(found, note.checkpoint.text().encode()):
            return note.checkpoint, certificate
    raise _wrong("The log's head has no good signature.", "ログの署名が正しくありません。")


def receipt(found: Receipt, data: bytes | None, public: bytes) -> Verdict:
    """Return what a receipt shows about bytes (None: about whatever has its digest).

    Raises:
        DeniedError: something of it does not hold; the message says what.
    """
    try:
        entry = msgspec.json.decode(found.entry, type=Published)
    except msgspec.DecodeError as error:
        raise _unreadable(str(error)) from None
    if data is not None and sha256(data).hexdigest() != entry.digest:
        raise _wrong(
            "The file is not what was published: its SHA-256 differs.",
            "公開されたものと内容が違います(SHA-256不一致)。",
        )
    checkpoint, _ = head(found.checkpoint, found.certificates, public)
    leaf = translog.leaf_hash(found.entry)
    if not translog.included(leaf, found.index, checkpoint.size, found.inclusion, checkpoint.root):
        raise _wrong("The entry is not in the log.", "ログに含まれていません。")
    signer = _signer(entry, found.index, found.certificates, public)
    return Verdict(
        kind=entry.kind,
        name=entry.name,
        at=entry.at,
        node=nodekey.node_of(public),
        key=signer.key if signer else nodekey.node_of(public),
        index=found.index,
        size=checkpoint.size,
        hybrid=bool(signer and signer.ml_dsa_65),
    )


def growth(found: Growth, old_root: bytes, public: bytes) -> Checkpoint:
    """Return a log's new head, if it only grew since ``found.since``.

    Raises:
        DeniedError: rule ``history``: what was there before has been changed.
    """
    checkpoint, _ = head(found.checkpoint, found.certificates, public)
    if not translog.consistent(
        found.since, checkpoint.size, old_root, checkpoint.root, found.consistency
    ):
        raise rewritten(found.since, checkpoint.size)
    return checkpoint


def rewritten(old: int, new: int) -> DeniedError:
    """Return the error for a log whose past is not what it was."""
    return DeniedError(
        f"The log's history was rewritten: {new} entries do not follow on the {old} seen before.",
        f"ログの過去が書き換えられています(以前{old}件、現在{new}件)。",
        rule="history",
    )


def export(trust: Trust, path: Path) -> int:
    """Write the whole log into a file of lines; return how many entries."""
    size, checkpoint = trust.checkpoint()
    first = Exported(checkpoint, tuple(trust.signer.certificates()))
    with path.open("wb") as file:
        file.write(msgspec.json.encode(first) + b"\n")
        for leaf in trust.log.leaves(0, size):
            file.write(leaf.entry + b"\n")
    return size


def exported(path: Path, public: bytes) -> Checkpoint:
    """Return the head of an exported log whose every entry leads to it.

    Raises:
        DeniedError: an entry was changed, removed or added, or the head is not the node's.
    """
    edge = translog.Edge()
    for entry in _entries(path):
        edge.append(translog.leaf_hash(entry))
    checkpoint, _ = head(*_first(path), public)
    if (edge.size, edge.root()) != (checkpoint.size, checkpoint.root):
        raise _wrong(
            "The entries are not those of the log's head: some were changed, removed or added.",
            "項目がログの署名と合いません(改変・削除・追加)。",
        )
    return checkpoint


def _first(path: Path) -> tuple[str, tuple[Certificate, ...]]:
    with path.open("rb") as file:
        try:
            first = msgspec.json.decode(file.readline(), type=Exported)
        except msgspec.DecodeError as error:
            raise _unreadable(str(error)) from None
    return first.checkpoint, first.certificates


def _entries(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.readline()
        for line in file:
            yield line.rstrip(b"\n")


def _signer(
    entry: Published, index: int, certificates: Sequence[Certificate], public: bytes
) -> Certificate | None:
    """Return the key that signed an entry; None: the node's own."""
    found = entry.signatures
    if found is not None and found.key == nodekey.node_of(public):
        if not nodekey.good(public, found.ed25519, entry.signed()):
            raise _wrong("The signature is wrong.", "署名が正しくありません。")
        return None
    its = next((c for c in certificates if found is not None and c.key == found.key), None)
    if found is None or its is None:
        raise _wrong("The entry has no signature of a known key.", "署名した鍵が不明です。")
    _check_certificate(its, public)
    if not its.verify(found, entry.signed()):
        raise _wrong("The signature is wrong.", "署名が正しくありません。")
    # What counts for a revocation is the log's order: a thief may write any time into an entry.
    revoked = its.revoked_index is not None and index >= its.revoked_index
    if revoked or (its.until is not None and datetime.fromisoformat(entry.at) >= its.until):
        raise _wrong(
            "The key was no longer good when this was signed.", "署名時に無効になっていた鍵です。"
        )
    return its


def _check_certificate(certificate: Certificate, public: bytes) -> None:
    if certificate.node != public or not certificate.good():
        raise _wrong(
            "The signing key's certificate is not this node's.", "署名鍵の証明書が違います。"
        )


def _wrong(en: str, ja: str) -> DeniedError:
    return DeniedError(en, ja, rule="trust")


def _unreadable(found: str) -> DataError:
    text = Text("受領証またはログを読めません。", "A receipt or an exported log cannot be read.")
    return DataError([Problem("trust.file", "", text, found=found[:200])])
