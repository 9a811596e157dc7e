"""MLIT's 川の水位情報: snapshots of the crisis-management water gauges, as JSON.

https://k.river.go.jp/ shows them with the legend 観測開始水位 (startLevel), 危険水位 (warnLevel)
and 氾濫開始水位 (fladLevel). ``over`` tells in three digits which of them the level exceeds (111:
all); ``qt`` is a quality code whose meaning is not published. A snapshot lists the gauges that
report, in practice those above their 観測開始水位.
"""

from hinomi.standards.river_levels.decoder import Item, Snapshot, decode, looks_like

__all__ = ["Item", "Snapshot", "decode", "looks_like"]
