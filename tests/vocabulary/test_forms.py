"""Forms: what people fill in, typed; every fault told with its box."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hinomi.kernel.errors import DataError, Text
from hinomi.kernel.ports import Parsed
from hinomi.vocabulary.acts import Act, Choice, Input
from hinomi.vocabulary.forms import typed

WORD = Text("語", "word")
BOXES = (
    Input(name="text", label=WORD),
    Input(name="long", label=WORD, kind="longtext"),
    Input(name="choice", label=WORD, kind="choice", choices=(Choice("a", WORD), Choice("b", WORD))),
    Input(name="number", label=WORD, kind="number"),
    Input(name="time", label=WORD, kind="time"),
    Input(name="area", label=WORD, kind="area"),
    Input(name="place", label=WORD, kind="place"),
    Input(name="flag", label=WORD, kind="flag"),
    Input(name="many", label=WORD, many=True),
)


def form(*, new: bool = True, boxes: tuple[Input, ...] = BOXES) -> Act:
    return Act(id="x.act", title=WORD, text=WORD, collection="x", new=new, inputs=boxes,
               perform=lambda _reader, _deed: Parsed())  # fmt: skip


@pytest.mark.parametrize(
    ("given_", "found"),
    [
        ({"text": "  堤防　決壊 "}, {"text": "堤防　決壊"}),
        ({"long": "一\r\n二"}, {"long": "一\n二"}),
        ({"number": "12.5"}, {"number": 12.5}),
        ({"time": "2026-09-02T03:10"}, {"time": datetime(2026, 9, 1, 18, 10, tzinfo=UTC)}),
        ({"time": "2026-09-02T03:10Z"}, {"time": datetime(2026, 9, 2, 3, 10, tzinfo=UTC)}),
        ({"flag": "true"}, {"flag": True}),
        ({"many": ["東", "", "西"]}, {"many": ["東", "西"]}),
        ({"text": "", "number": None, "many": []}, {}),
    ],
)
def test_values_are_typed(given_: dict[str, Any], found: dict[str, Any]) -> None:
    assert typed(form(), given_) == found


@pytest.mark.parametrize(
    "wrong",
    [
        {"text": "two\nlines"}, {"text": "a\u0000"}, {"text": 5}, {"text": "x" * 501},
        {"choice": "c"}, {"number": "many"}, {"number": True}, {"number": 1e13}, {"number": "nan"},
        {"time": "soon"}, {"area": "17204"}, {"place": {"type": "Point", "coordinates": [37, 137]}},
        {"place": "here"}, {"flag": "perhaps"}, {"colour": "red"},
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_by_its_name(wrong: dict[str, Any]) -> None:
    with pytest.raises(DataError) as told:
        typed(form(), wrong)
    assert [p.path for p in told.value.problems] == [f"values/{name}" for name in wrong]


def test_an_empty_box_clears_what_an_item_had() -> None:
    emptied = typed(form(new=False), {"text": "", "time": "", "number": "", "choice": ""})
    assert emptied == {"text": "", "time": None, "number": None}


def test_what_is_required_is_missed() -> None:
    boxes = (Input(name="text", label=WORD, required=True),)
    with pytest.raises(DataError, match="required"):
        typed(form(boxes=boxes), {"text": "　"})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from([b.name for b in BOXES]), JSON))
def test_whatever_comes_is_typed_or_refused(values: dict[str, Any]) -> None:
    found: dict[str, Any] = {}
    with contextlib.suppress(DataError):
        found = typed(form(), values)
    assert found.keys() <= values.keys()
