"""ML-DSA-65 (FIPS 204) where the installed ``cryptography`` offers it."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

from hinomi.kernel.errors import UnavailableError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.mldsa import (
        MLDSA65PrivateKey,
        MLDSA65PublicKey,
    )

SEED_BYTES = 32
CONTEXT = b"hinomi"
"""FIPS 204's context string, §5.2: these signatures are good for nothing else."""


@lru_cache(maxsize=1)
def offered() -> bool:
    """Tell whether there is ML-DSA here."""
    try:
        _private(bytes(SEED_BYTES))
    except (ImportError, UnsupportedAlgorithm):
        return False
    return True


def public_of(seed: bytes) -> bytes:
    """Return the public key of a seed."""
    return _private(seed).public_key().public_bytes_raw()


def sign(seed: bytes, data: bytes) -> bytes:
    """Return the signature over the data (hedged, FIPS 204 Algorithm 2)."""
    return _private(seed).sign(data, CONTEXT)


def good(public: bytes, signature: bytes, data: bytes, context: bytes = CONTEXT) -> bool:
    """Tell whether the signature over the data was made with the key.

    Raises:
        UnavailableError: there is no ML-DSA here: half a signature is not verified in silence.
    """
    if not offered():
        raise UnavailableError(
            "This signature needs ML-DSA; install a newer `cryptography`.",
            "ML-DSAに対応したcryptographyが必要です。",
        )
    try:
        _public(public).verify(signature, data, context)
    except (InvalidSignature, ValueError):
        return False
    return True


@lru_cache(maxsize=8)
def _private(seed: bytes) -> MLDSA65PrivateKey:
    from cryptography.hazmat.primitives.asymmetric.mldsa import (  # noqa: PLC0415
        MLDSA65PrivateKey,
    )

    return MLDSA65PrivateKey.from_seed_bytes(seed)


@lru_cache(maxsize=64)
def _public(public: bytes) -> MLDSA65PublicKey:
    from cryptography.hazmat.primitives.asymmetric.mldsa import (  # noqa: PLC0415
        MLDSA65PublicKey,
    )

    return MLDSA65PublicKey.from_public_bytes(public)
