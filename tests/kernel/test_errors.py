"""Errors name who can act, in two languages."""

import pytest

from hinomi.kernel.errors import (
    ConflictError,
    DataError,
    DeniedError,
    HinomiError,
    InputError,
    MissingError,
    Problem,
    Text,
    UnavailableError,
)

PROBLEM = Problem("jmaxml.unknown-area", "/Report/Area[2]", Text("未知の区域", "unknown area"))


@pytest.mark.parametrize(
    ("error", "status", "exit_code"),
    [
        (InputError("x"), 400, 2),
        (ConflictError("x"), 412, 2),
        (DeniedError("x", rule="marking"), 403, 3),
        (MissingError(Text("もの", "thing"), "x"), 404, 4),
        (DataError([PROBLEM]), 422, 5),
        (UnavailableError("x"), 503, 6),
        (HinomiError("x"), 500, 1),
    ],
    ids=lambda v: type(v).__name__,
)
def test_each_has_its_status_and_exit_code(error: HinomiError, status: int, exit_code: int) -> None:
    assert (error.status, error.exit_code) == (status, exit_code)


def test_texts_come_in_japanese_and_english() -> None:
    error = InputError("wrong", "誤り")
    assert (error.text.to("ja"), error.text.to("en"), str(error)) == ("誤り", "wrong", "wrong")
    assert InputError("wrong").text.to("ja") == "wrong"


def test_problems_keep_their_path_through_archives() -> None:
    inner = PROBLEM.within("a.zip!/b.xml")
    assert inner.path == "a.zip!/b.xml/Report/Area[2]"
    assert str(DataError([inner, PROBLEM])) == f"{inner.path}: unknown area (+1 more)"
    assert DataError([]).text.ja == "規格に合わないデータです。"
