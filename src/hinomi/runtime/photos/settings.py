"""How photos are taken in: ``[photos]`` in ``hinomi.toml``."""

from __future__ import annotations

import msgspec


class PhotoSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who may send how much, and how long originals are kept."""

    residents: bool = True
    """Whether photos are taken from those without a key."""
    drill_guests: bool = False
    """Whether whoever joins a drill by name sees the photos that are sent in it: then send only
    pictures made for it."""
    per_address: int = 20
    """Photos that one address may send in ten minutes without a key."""
    per_reporter: int = 300
    """The same for one key."""
    in_all: int = 600
    """Photos without a key that are taken in ten minutes in all."""
    keep_days: float = 30.0
    """How long an original is kept after the decision [days]."""
    undecided_days: float = 90.0
    """After how long a photo on which nobody decided is rejected [days]."""
