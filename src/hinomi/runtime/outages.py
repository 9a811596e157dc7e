"""Outages: alarms about lines that do not answer, so that silence is not taken for calm."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from hinomi.kernel.errors import Problem, Text
from hinomi.kernel.marking import OPEN
from hinomi.kernel.store import MAX_LIMIT, Query, Store
from hinomi.runtime import operations
from hinomi.runtime.operations import Alarm

if TYPE_CHECKING:
    from hinomi.runtime.feeds import FeedState
    from hinomi.runtime.writer import Writer

PATIENCE = 3
"""Failures in a row before people are told; a line that stutters is no news."""

KINDS = ("feed", "broker", "pull", "delivery", "folder", "telegram")


def standing(store: Store) -> list[Alarm]:
    """Return the alarms about feeds and brokers that do not answer now."""
    visible = frozenset({operations.INTERNAL, OPEN})
    found: list[Alarm] = []
    after: str | None = None
    while True:
        query = Query(
            collection=operations.ALARMS.id, visible=visible, after=after, limit=MAX_LIMIT
        )
        page = store.find(query)
        found += [
            msgspec.convert(item.body(), Alarm)
            for item in page.items
            if item.key.partition(":")[0] in KINDS
        ]
        if page.next is None:
            return found
        after = page.next


class Outages:
    """Raises an alarm for a feed or broker that stays away, and ends it once that answers."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._standing: dict[str, Alarm | None] = {}

    def feed(self, state: FeedState) -> None:
        """Hear how a poll went."""
        text = Text("情報の取得先に接続できません。", "A feed cannot be reached.")
        self._hear("feed", state.url, text, (state.failures, state.error))
        if state.failures:
            return
        text = Text(
            "フィードに載っている電文を取得できません。",
            "Telegrams that a feed names cannot be fetched.",
        )
        self._hear(
            "telegram", state.url, text, (PATIENCE if state.lacking else 0, _few(state.lacking))
        )

    def broker(self, address: str, failures: int, error: str) -> None:
        """Hear how connecting to the sensors' broker went."""
        text = Text(
            "センサーのMQTTブローカーに接続できません。計測値が届いていません。",
            "The sensors' MQTT broker cannot be reached: no readings come in.",
        )
        self._hear("broker", address, text, (failures, error))

    def pull(self, url: str, failures: int, error: str) -> None:
        """Hear how fetching packages went."""
        text = Text("パッケージの取得先に接続できません。", "Packages cannot be fetched.")
        self._hear("pull", url, text, (failures, error))

    def delivery(self, to: str, failures: int, error: str) -> None:
        """Hear how sending a package went."""
        text = Text(
            "パッケージを届けられません。相手はこちらの状況を知りません。",
            "Packages cannot be delivered: the partner does not know how things stand here.",
        )
        self._hear("delivery", to, text, (failures, error))

    def folder(self, path: str, error: str) -> None:
        """Hear that a watched folder stays away, or that it is there (no error)."""
        text = Text(
            "監視しているフォルダがないか、読めません。ファイルを取り込めません。",
            "A watched folder is not there or cannot be read: its files are not taken.",
        )
        self._hear("folder", path, text, (PATIENCE if error else 0, error))

    def _hear(self, kind: str, where: str, text: Text, went: tuple[int, str]) -> None:
        failures, error = went
        key = f"{kind}:{where}"[:300]
        if key not in self._standing:
            self._standing[key] = self._kept(key)
        alarm = self._standing[key]
        if alarm is None and failures >= PATIENCE:
            kinds = "deliveries" if kind == "delivery" else f"{kind}s"
            went_wrong = Problem(
                f"{kinds}.unreachable", "", text, found=error[:200], expected=where
            )
            alarm = operations.alarm_of(kinds, went_wrong)
            self._put(key, alarm, over=False)
        elif alarm is not None and not failures:
            self._put(key, alarm, over=True)

    def _put(self, key: str, alarm: Alarm, *, over: bool) -> None:
        now = self._writer.now()
        self._writer.put([operations.alarm_record(key, alarm, at=now, over=over)])
        self._standing[key] = None if over else alarm

    def _kept(self, key: str) -> Alarm | None:
        """Return the alarm that an earlier run left standing."""
        visible = frozenset({operations.INTERNAL, OPEN})
        query = Query(collection=operations.ALARMS.id, visible=visible, keys=(key,))
        found = self._writer.store.find(query).items
        return msgspec.convert(found[0].body(), Alarm) if found else None


def _few(addresses: tuple[str, ...]) -> str:
    more = len(addresses) - 1
    return "" if not addresses else addresses[0] + (f" (+{more})" if more else "")
