"""The trust chain: a log of all that was published and of all audit entries, and its proofs.

``trust.db`` beside the store holds the tree (:mod:`hinomi.standards.translog`), ``signing.json``
the keys that sign what is published and the tree's heads. One log a data folder.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from hinomi.runtime.federation.agreement import Peer
    from hinomi.runtime.translog.trust import Kind, Trust


def opener(folder: Path) -> Callable[[], Trust]:
    """Return what opens a folder's trust chain, once, with the first use."""

    @cache
    def opened() -> Trust:
        # Imported here: who publishes nothing loads no cryptography.
        from hinomi.runtime.translog.trust import Trust  # noqa: PLC0415

        return Trust(folder)

    return opened


def publisher(trust: Callable[[], Trust]) -> Callable[[Kind, bytes, str], int]:
    """Return what signs and logs bytes that go out: (kind, bytes, name)."""

    def publish(kind: Kind, data: bytes, name: str) -> int:
        return trust().publish(kind, data, name)

    return publish


def looker(trust: Callable[[], Trust]) -> Callable[[Peer, Callable[[int], bytes]], None]:
    """Return what holds partners' logs to what was seen of them before."""

    def look(peer: Peer, ask: Callable[[int], bytes]) -> None:
        from hinomi.runtime.translog.trust import Growth  # noqa: PLC0415
        from hinomi.runtime.translog.witness import Witness  # noqa: PLC0415

        def grown(since: int) -> Growth:
            return msgspec.json.decode(ask(since), type=Growth)

        Witness(trust().log).look(peer.node, peer.public, grown)

    return look
