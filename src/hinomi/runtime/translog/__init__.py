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

from hinomi.kernel.errors import InputError

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


def published(folder: Path, kind: Kind, data: bytes, name: str) -> None:
    """Sign and log bytes that a command hands out, before it does.

    Raises:
        UnavailableError: the log cannot be written; then nothing is to go out.
    """
    trust = opener(folder)
    try:
        trust().publish(kind, data, name)
    finally:
        trust().close()


def looker(trust: Callable[[], Trust]) -> Callable[[Peer, Callable[[int], bytes]], None]:
    """Return what holds partners' logs to what was seen of them before."""

    def look(peer: Peer, ask: Callable[[int], bytes]) -> None:
        from hinomi.runtime.translog.trust import Growth  # noqa: PLC0415
        from hinomi.runtime.translog.witness import Witness  # noqa: PLC0415

        def grown(since: int) -> Growth:
            return msgspec.json.decode(ask(since), type=Growth)

        Witness(trust().log).look(peer.node, peer.public, grown)

    return look


def grower(trust: Callable[[], Trust]) -> Callable[[int], bytes]:
    """Return what tells how this node's log grew since a size, with the proof."""

    def grown(since: int) -> bytes:
        return msgspec.json.encode(trust().growth(since))

    return grown


def heeder(trust: Callable[[], Trust]) -> Callable[[Peer, bytes], int]:
    """Return what holds a partner's log, as it shows it itself, to what was seen before."""

    def heed(peer: Peer, shown: bytes) -> int:
        from hinomi.runtime.translog.trust import Growth  # noqa: PLC0415
        from hinomi.runtime.translog.witness import Witness  # noqa: PLC0415

        try:
            growth = msgspec.json.decode(shown, type=Growth)
        except msgspec.DecodeError:
            raise InputError("Expected a log's growth as a node shows it.") from None
        return Witness(trust().log).heed(peer.node, peer.public, growth)

    return heed
