"""The node's own key pair (Ed25519, RFC 8032) in the data folder, and others' public keys."""

from __future__ import annotations

import base64
import binascii
import os
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from hinomi.kernel.errors import InputError

FILE = "node.key"
KEY_BYTES = 32


class NodeKey:
    """Who this node is: its id is a digest of its public key."""

    def __init__(self, seed: bytes) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self.public = self._private.public_key().public_bytes_raw()
        self.node = node_of(self.public)
        self.secret = sha256(b"hinomi federation session\n" + seed).digest()
        """For what this node alone makes and checks."""

    def sign(self, data: bytes) -> bytes:
        """Return the signature over the data."""
        return self._private.sign(data)


def load(data: Path) -> NodeKey:
    """Return the folder's key, made on first use; only its owner may read the file."""
    path = data / FILE
    if not path.exists():
        aside = path.with_suffix(f".{os.getpid()}")
        descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            os.write(descriptor, os.urandom(KEY_BYTES))
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        try:
            # Of two that make a key at once, one wins, and both use it.
            os.link(aside, path)
        except FileExistsError:
            pass
        finally:
            aside.unlink()
    seed = path.read_bytes()
    if len(seed) != KEY_BYTES:
        raise InputError(f"{path} is no node key.", f"{path}はノードの鍵ではありません。")
    return NodeKey(seed)


def node_of(public: bytes) -> str:
    """Return a node's id: 16 hex digits of its public key's SHA-256."""
    return sha256(public).hexdigest()[:16]


def text_of(public: bytes) -> str:
    """Return a public key as people pass it on."""
    return base64.urlsafe_b64encode(public).decode().rstrip("=")


def public_of(text: str) -> bytes:
    """Return a public key from its text.

    Raises:
        InputError: it is none.
    """
    try:
        found = base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
        Ed25519PublicKey.from_public_bytes(found)
    except (ValueError, binascii.Error):
        raise InputError(
            f"{text[:60]!r} is no public key; ask the partner for what `hinomi peer key` prints.",
            "公開鍵ではありません。相手の「hinomi peer key」の出力を指定してください。",
        ) from None
    return found


def good(public: bytes, signature: bytes, data: bytes) -> bool:
    """Tell whether the signature over the data was made with the key."""
    try:
        _key(public).verify(signature, data)
    except (InvalidSignature, ValueError):
        return False
    return True


@lru_cache(maxsize=1024)
def _key(public: bytes) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(public)
