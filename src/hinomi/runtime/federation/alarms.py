"""What people must know of partners: wrong signatures, what could not be taken, silence."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from hinomi.kernel.errors import Problem, Text
from hinomi.kernel.marking import OPEN
from hinomi.kernel.store import Query
from hinomi.runtime import operations
from hinomi.runtime.federation.agreement import Peer
from hinomi.runtime.federation.registry import State
from hinomi.runtime.operations import Alarm, SourceState
from hinomi.runtime.writer import Writer

PATIENCE = 3
"""Failures in a row before people are told."""


class Alarms:
    """States alarms and how each partner is doing, once each."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._standing: dict[str, Alarm | None] = {}
        self._told: dict[str, tuple[str, str]] = {}

    def signature(self, name: str) -> None:
        """Raise the alarm about a batch that claims to be a partner's."""
        self._raise(
            name,
            "signature",
            Text(
                "連携データの署名が正しくありません。鍵の確認が必要です。",
                "A batch of this partner has a wrong signature; check its key.",
            ),
            found="wrong signature",
        )

    def history(self, name: str, text: Text) -> None:
        """Raise the alarm about a partner whose log is not what it was."""
        self._raise(name, "history", text, found="rewritten history")

    def problems(self, name: str, problems: list[Problem], digest: str) -> None:
        """Raise an alarm for what could not be taken, one for each kind of finding."""
        for problem in problems[:10]:
            collection = problem.path.partition("/")[0]
            self._raise(name, f"record:{collection}", problem.text, found=problem.found,
                        path=problem.path, digest=digest)  # fmt: skip

    def reached(self, peer: Peer, state: State) -> None:
        """Tell of a partner that stays away, and that it is back."""
        if state.failures >= PATIENCE:
            text = Text("連携先に接続できません。", "A partner cannot be reached.")
            self._raise(peer.name, "unreachable", text, found=state.error)
        elif not state.failures:
            self._end(peer.name, "unreachable")
        self._state(peer, state)

    def _state(self, peer: Peer, state: State) -> None:
        """Show the partner beside the other sources; said anew when it changes or by the hour."""
        amber = state.failures >= PATIENCE or state.refused > 0
        now = self._writer.now()
        told = ("amber" if amber else "green", now.strftime("%Y-%m-%dT%H"))
        if self._told.get(peer.name) == told:
            return
        self._told[peer.name] = told
        body = SourceState(
            title_ja=f"連携先 {peer.name}",
            title_en=f"Partner {peer.name}",
            state="amber" if amber else "green",
            payloads=state.batches_in + state.batches_out,
            quarantined=state.refused,
            records=state.records,
            readings=state.readings,
            last_at=datetime.fromtimestamp(state.heard_at, UTC) if state.heard_at else now,
            last_kind="federation",
        )
        self._writer.put([operations.source_record(f"peer:{peer.name}", body, at=now)])

    def _raise(
        self, name: str, code: str, text: Text, *, found: str, path: str = "", digest: str = ""
    ) -> None:
        key = _key(name, code)
        if self._kept(key) is not None:
            return
        problem = Problem(f"federation.{code}"[:100], path, text, found=found[:200])
        alarm = operations.alarm_of(f"peer:{name}", problem, payload_digest=digest)
        self._put(key, alarm, over=False)

    def _end(self, name: str, code: str) -> None:
        key = _key(name, code)
        alarm = self._kept(key)
        if alarm is not None:
            self._put(key, alarm, over=True)

    def _put(self, key: str, alarm: Alarm, *, over: bool) -> None:
        now = self._writer.now()
        self._writer.put([operations.alarm_record(key, alarm, at=now, over=over)])
        self._standing[key] = None if over else alarm

    def _kept(self, key: str) -> Alarm | None:
        """Return the standing alarm, an earlier run's too."""
        if key not in self._standing:
            visible = frozenset({operations.INTERNAL, OPEN})
            query = Query(collection=operations.ALARMS.id, visible=visible, keys=(key,))
            found = self._writer.store.find(query).items
            self._standing[key] = msgspec.convert(found[0].body(), Alarm) if found else None
        return self._standing[key]


def _key(name: str, code: str) -> str:
    return f"peer:{name}:{code}"[:300]
