"""What becomes of a payload that was parsed."""

from __future__ import annotations

import pytest

from hinomi.kernel.errors import Grade, Problem, Text
from hinomi.kernel.ports import Parsed
from hinomi.runtime.reading import outcome_of


def problem(grade: Grade, code: str = "x.y") -> Problem:
    return Problem(code, "", Text("あ", "a"), grade)


@pytest.mark.parametrize(
    ("problems", "outcome"),
    [
        ([], "unknown"),
        ([problem("alarm")], "unknown"),
        ([problem("note"), problem("alarm")], "unknown"),
        ([problem("note")], "understood"),
        ([problem("note"), problem("error")], "refused"),
        ([problem("note", "x.unknown-type")], "unknown"),
    ],
)
def test_nothing_is_a_success_only_where_the_sender_says_so(
    problems: list[Problem], outcome: str
) -> None:
    assert outcome_of(Parsed(problems=problems)) == outcome
