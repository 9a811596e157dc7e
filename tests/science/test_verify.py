"""The table of ``make verify``, row by row."""

from __future__ import annotations

import dataclasses

import pytest

from verify.__main__ import TOPICS, main, rows_of
from verify.rows import Row


@pytest.mark.parametrize("topic", TOPICS)
def test_every_row_agrees_with_its_reference(topic: str) -> None:
    rows, missing = rows_of(topic)
    assert rows or missing
    assert [row for row in rows if not row.good] == []
    if missing:
        pytest.skip(f"reference data absent: {missing}")


def test_a_row_that_falls_short_ends_the_command_non_zero(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    row = Row(model="m", case="c", reference="r", ours=1.0, theirs=1.0, tolerance=0.1)
    for ours, status in ((1.05, 0), (1.2, 1), (float("nan"), 1)):
        told = dataclasses.replace(row, ours=ours)
        monkeypatch.setattr("verify.rain_indices.ROWS", (lambda told=told: [told],))
        assert main(["rain_indices"]) == status
    assert "FALLS SHORT" in capsys.readouterr().out
