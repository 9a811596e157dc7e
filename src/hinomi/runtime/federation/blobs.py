"""Raw bytes on demand: asked of the partner that a record came from, checked by their digest."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from hinomi.kernel.errors import MissingError, Text, UnavailableError
from hinomi.kernel.store import Trace
from hinomi.runtime.federation import nodekey
from hinomi.runtime.federation.calling import Caller
from hinomi.runtime.federation.outbox import VIA
from hinomi.runtime.federation.registry import Registry


def fetch(data: Path, trace: Trace) -> bytes:
    """Return the raw bytes that led to a record, from whichever partner has them.

    Raises:
        MissingError: no partner that can be called told it with a digest.
        UnavailableError: what came has another digest.
    """
    registry = Registry(data)
    peers = {peer.node: peer for peer in registry.every() if peer.url}
    registry.close()
    for origin, _ in trace.origins:
        peer = peers.get(origin.path.removeprefix(VIA))
        if peer is None or not origin.digest:
            continue
        caller = Caller(peer, nodekey.load(data))
        try:
            found = caller.blob(trace.record.id, origin.digest)
        finally:
            caller.close()
        if sha256(found).hexdigest() != origin.digest:
            raise UnavailableError(f"{peer.name} sent other bytes than {origin.digest}.")
        return found
    raise MissingError(Text("原文", "raw payload"), trace.record.id)
