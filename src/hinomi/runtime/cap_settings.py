"""The settings of CAP: who we are when we send, whose signatures we believe."""

from __future__ import annotations

import msgspec


class Cap(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How CAP messages are sent, and whose signatures on received ones are believed."""

    sender: str = "hinomi"
    """CAP's ``sender``; world-wide unique where messages leave the house (a domain of yours)."""
    key_file: str = ""
    """Private key (PEM, no passphrase) that signs; empty: nothing is signed."""
    certificate_file: str = ""
    """The key's certificate (PEM)."""
    trust: tuple[str, ...] = ()
    """Certificates (PEM files) of those whose signatures are believed."""
