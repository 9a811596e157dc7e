"""Keys that sign: Ed25519 (RFC 8032), and ML-DSA-65 (FIPS 204) beside it where there is one.

The node's own key (``node.key``, what partners pin) signs a certificate for each signing key, so
keys change without a word to partners. Both signatures must hold: who breaks one scheme has
broken nothing. After a rotation the old key's signatures stay good and it may still sign for
the overlap; after a revocation only what the log shows to have been signed before it is good.
"""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hinomi.kernel.errors import InputError, MissingError, Text
from hinomi.runtime import clock
from hinomi.runtime.federation import nodekey
from hinomi.runtime.translog import ml_dsa
from hinomi.runtime.translog.log import Leaf, Log

FILE = "signing.json"
OVERLAP = timedelta(days=7)
"""So long the old key may still sign after a rotation."""
_CERTIFICATE = b"hinomi signing key 1\n"


class Signatures(msgspec.Struct, frozen=True, omit_defaults=True):
    """What one key signed: both must hold, where the key has both."""

    key: str
    ed25519: bytes
    ml_dsa_65: bytes = b""


class Certificate(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The public side of a signing key, signed by the node's own."""

    key: str
    node: bytes
    """The node's public key."""
    ed25519: bytes
    ml_dsa_65: bytes = b""
    since: datetime
    until: datetime | None = None
    revoked_at: datetime | None = None
    revoked_index: int | None = None
    """The log's size at the revocation: what is logged later is no longer good."""
    reason: str = ""
    signature: bytes = b""

    def signed(self) -> bytes:
        """Return the bytes that the node's key signs."""
        plain = msgspec.structs.replace(self, signature=b"")
        return _CERTIFICATE + msgspec.json.encode(plain, order="deterministic")

    def good(self) -> bool:
        """Tell whether the node's own key signed this."""
        return nodekey.good(self.node, self.signature, self.signed())

    def verify(self, found: Signatures, data: bytes) -> bool:
        """Tell whether this key signed the data, with all schemes that it has."""
        if found.key != self.key or not nodekey.good(self.ed25519, found.ed25519, data):
            return False
        return not self.ml_dsa_65 or ml_dsa.good(self.ml_dsa_65, found.ml_dsa_65, data)


class _Kept(msgspec.Struct, frozen=True):
    """A certificate with its secrets."""

    certificate: Certificate
    ed25519: bytes
    ml_dsa_65: bytes = b""


class Signer:
    """A data folder's signing keys; the first is made when something is first signed."""

    def __init__(self, folder: Path, log: Log, *, now: clock.Clock = clock.now) -> None:
        self._path, self._log, self._now = folder / FILE, log, now
        self._folder = folder
        self._kept: list[_Kept] = []
        self._read_at = -1
        self._node: nodekey.NodeKey | None = None

    @property
    def node(self) -> nodekey.NodeKey:
        """Return the node's own key."""
        if self._node is None:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._node = nodekey.load(self._folder)
        return self._node

    def sign(self, data: bytes) -> Signatures:
        """Sign with the newest key that is in force."""
        kept = self._current() or self._first()
        ed25519 = Ed25519PrivateKey.from_private_bytes(kept.ed25519).sign(data)
        second = ml_dsa.sign(kept.ml_dsa_65, data) if kept.ml_dsa_65 else b""
        return Signatures(kept.certificate.key, ed25519, second)

    def sign_as_node(self, data: bytes) -> Signatures:
        """Sign with the node's own key, by Ed25519 alone."""
        return Signatures(self.node.node, self.node.sign(data))

    def ready(self) -> None:
        """Make the first key, if there is none in force."""
        if self._current() is None:
            self._first()

    def certificate(self, key: str) -> Certificate:
        """Return a key's public side."""
        return next(c for c in self.certificates() if c.key == key)

    def certificates(self) -> list[Certificate]:
        """Return all keys' public sides, newest first."""
        return [kept.certificate for kept in self._all()][::-1]

    def rotate(self, overlap: timedelta = OVERLAP) -> Certificate:
        """Begin a new key; those before it sign no more once the overlap is over."""
        until = self._now() + overlap
        with self._alone():
            old = [
                kept if kept.certificate.until is not None else self._changed(kept, until=until)
                for kept in self._all()
            ]
            return self._make(old).certificate

    def revoke(self, key: str, reason: str) -> Certificate:
        """Revoke a key from now on; the next signature makes a new one where none is left.

        Raises:
            MissingError: there is no such key.
            InputError: it is revoked already, or no reason was given.
        """
        with self._alone():
            kept = self._all()
            names = [one.certificate.key for one in kept]
            if key not in names:
                raise MissingError(Text("署名鍵", "signing key"), key, names)
            if not reason.strip():
                raise InputError("A revocation needs a reason.", "失効には理由が必要です。")
            index = names.index(key)
            if kept[index].certificate.revoked_at is not None:
                raise InputError(f"{key} is revoked already.", f"鍵{key}は既に失効しています。")
            kept[index] = self._changed(
                kept[index],
                revoked_at=self._now(),
                revoked_index=self._log.size(),
                reason=reason.strip(),
            )
            self._save(kept)
        return kept[index].certificate

    def _current(self) -> _Kept | None:
        now = self._now()
        for kept in reversed(self._all()):
            its = kept.certificate
            if its.revoked_at is None and (its.until is None or now < its.until):
                return kept
        return None

    def _first(self) -> _Kept:
        """Return the key in force, made where there is none: by one process, for all."""
        with self._alone():
            return self._current() or self._make(self._all())

    def _make(self, old: list[_Kept]) -> _Kept:
        ed25519 = os.urandom(32)
        seed = os.urandom(ml_dsa.SEED_BYTES) if ml_dsa.offered() else b""
        certificate = Certificate(
            key=secrets.token_hex(8),
            node=self.node.public,
            ed25519=Ed25519PrivateKey.from_private_bytes(ed25519).public_key().public_bytes_raw(),
            ml_dsa_65=ml_dsa.public_of(seed) if seed else b"",
            since=self._now(),
        )
        made = self._changed(_Kept(certificate, ed25519, seed))
        self._save([*old, made])
        return made

    def _changed(self, kept: _Kept, **changes: object) -> _Kept:
        """Return the key with another certificate, signed anew and told in the log."""
        plain = msgspec.structs.replace(kept.certificate, **changes, signature=b"")
        signed = msgspec.structs.replace(plain, signature=self.node.sign(plain.signed()))
        entry = msgspec.json.encode({"kind": "key", "certificate": signed}, order="deterministic")
        at = self._now().isoformat()
        self._log.append([Leaf(kind="key", at=at, entry=entry, what=signed.key)])
        return msgspec.structs.replace(kept, certificate=signed)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep every other process from changing the keys."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with self._path.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _all(self) -> list[_Kept]:
        """Return the keys, read again when another process has changed them."""
        try:
            changed = self._path.stat().st_mtime_ns
        except FileNotFoundError:
            return []
        if changed != self._read_at:
            try:
                self._kept = msgspec.json.decode(self._path.read_bytes(), type=list[_Kept])
            except msgspec.DecodeError:
                raise InputError(
                    f"{self._path} holds no signing keys.", f"{self._path}は署名鍵ではありません。"
                ) from None
            self._read_at = changed
        return list(self._kept)

    def _save(self, kept: list[_Kept]) -> None:
        aside = self._path.with_suffix(f".{os.getpid()}")
        descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(msgspec.json.encode(kept))
            file.flush()
            os.fsync(file.fileno())
        aside.replace(self._path)
        self._read_at = -1
