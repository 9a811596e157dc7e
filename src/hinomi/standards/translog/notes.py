"""Signed checkpoints (tree heads) as text: C2SP's signed-note and tlog-checkpoint.

Three lines (origin, size, root in Base64), an empty one, and a line a signature: an em dash, the
signer's name, and the Base64 of a key's hint (4 bytes) and the signature. A signature under an
unknown name is passed over, so that old readers understand a log that signs with more keys.

References:
    https://c2sp.org/signed-note, https://c2sp.org/tlog-checkpoint.
"""

from __future__ import annotations

import base64
import binascii
from hashlib import sha256

import msgspec

from hinomi.kernel.errors import DataError, Problem, Text

ED25519 = b"\x01"
"""The algorithm's byte of signed-note."""
ML_DSA_65 = b"\xffML-DSA-65"
"""0xFF begins an algorithm's own name; signed-note has a byte for ML-DSA-44 cosignatures only."""
MAX_BYTES = 32 * 1024
_DASH = "— "


class Checkpoint(msgspec.Struct, frozen=True):
    """A tree's head as a log states it."""

    origin: str
    """What names the log."""
    size: int
    root: bytes

    def text(self) -> str:
        """Return the lines that are signed, the last line feed included."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


class Signature(msgspec.Struct, frozen=True):
    """One signature line."""

    name: str
    hint: bytes
    value: bytes


class Note(msgspec.Struct, frozen=True):
    """A checkpoint and its signatures."""

    checkpoint: Checkpoint
    signatures: tuple[Signature, ...]

    def encode(self) -> str:
        """Return the note's text."""
        lines = "".join(
            f"{_DASH}{s.name} {base64.b64encode(s.hint + s.value).decode()}\n"
            for s in self.signatures
        )
        return f"{self.checkpoint.text()}\n{lines}"


def hint_of(name: str, algorithm: bytes, public: bytes) -> bytes:
    """Return a key's hint: the first 4 bytes of SHA-256(name ‖ LF ‖ algorithm ‖ public key)."""
    return sha256(name.encode() + b"\n" + algorithm + public).digest()[:4]


def decode(text: str) -> Note:
    """Return a note; its signatures are still to be verified.

    Raises:
        DataError: it is none.
    """
    head, found, tail = text.partition("\n\n")
    lines = head.split("\n")
    if len(text) > MAX_BYTES or not found or len(lines) < 3 or not text.endswith("\n"):
        raise _refused("checkpoint", text)
    origin, size, root = lines[:3]
    if not origin or not (size.isascii() and size.isdigit()) or (size[0] == "0" and size != "0"):
        raise _refused("checkpoint", head)
    checkpoint = Checkpoint(origin, int(size), _bytes(root))
    if len(checkpoint.root) != 32 or checkpoint.text() != f"{head}\n":
        raise _refused("checkpoint", head)
    return Note(checkpoint, tuple(_signature(line) for line in tail.splitlines()))


def _signature(line: str) -> Signature:
    name, _, value = line.removeprefix(_DASH).partition(" ")
    data = _bytes(value)
    if not line.startswith(_DASH) or not name or len(data) < 5:
        raise _refused("signature", line)
    return Signature(name, data[:4], data[4:])


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise _refused("base64", text) from None


def _refused(what: str, found: str) -> DataError:
    text = Text("透明性ログのチェックポイントを読めません。", "A log's checkpoint cannot be read.")
    problem = Problem(f"translog.{what}", "", text, found=found[:80], expected="a signed note")
    return DataError([problem])
