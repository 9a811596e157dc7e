"""A small nation of real processes: killed and cut off, and nothing is lost or comes twice."""

from __future__ import annotations

from pathlib import Path

from benchmarks.nation import Setting, play


def test_a_small_nation_loses_nothing_when_nodes_are_killed_and_cut_off(tmp_path: Path) -> None:
    setting = Setting(nodes=3, rate=15.0, seconds=12.0, warm_s=1.0, telegrams=0)
    outcome = play(tmp_path, setting)
    assert outcome.sent > 50
    assert outcome.lost == outcome.twice == 0
    assert outcome.deliveries == outcome.sent * 2
    assert len(outcome.between_up_s) == len(outcome.from_hub_s)
    assert outcome.faults
    assert max(outcome.idle_mb) < 120
