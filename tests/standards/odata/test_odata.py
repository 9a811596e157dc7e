"""Expressions, options and paths: what they mean, and that nothing breaks the parser."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hinomi.kernel.errors import InputError
from hinomi.standards.odata import (
    Step,
    compile_filter,
    parse_filter,
    parse_options,
    parse_path,
)

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
ENTITY: dict[str, Any] = {
    "name": "Tom's",
    "result": 12.5,
    "flag": True,
    "time": NOW,
    "span": (NOW, datetime(2026, 1, 3, tzinfo=UTC)),
    "place": {"type": "Point", "coordinates": [139.5, 35.5]},
}


def get(entity: dict[str, Any], parts: tuple[str, ...]) -> Any:
    return entity.get("/".join(parts))


# Examples after OGC 18-088 tables 21 and 22 and OData 4.01 part 2, 5.1.1.
@pytest.mark.parametrize(
    ("text", "passes"),
    [
        ("result eq 12.5", True),
        ("result gt 10 and result lt 12", False),
        ("not result gt 10 or flag eq true", True),
        ("result add 2 mul 3 eq 18.5", True),
        ("(result add 2) mul 2 eq 29", True),
        ("-result lt -12", True),
        ("result mod 5 eq 2.5", True),
        ("result div 0 eq 1", False),
        ("name eq 'Tom''s'", True),
        ("substringof('om', name)", True),
        ("length(concat(name, 'x')) eq 6", True),
        ("indexof(tolower(name), 't') eq 0", True),
        ("substring(name, 1, 2) eq 'om'", True),
        ("year(time) eq 2026 and second(time) eq 5", True),
        ("time lt now()", False),
        ("time ge 2026-01-02T12:04:05+09:00", True),
        ("time add duration'PT1H' gt now()", True),
        ("span lt 2026-01-02T23:00:00Z", False),
        ("span gt 2026-01-01T00:00:00Z", True),
        ("span eq 2026-01-02T03:04:05Z/2026-01-03T00:00:00Z", True),
        ("round(result) eq 13 and floor(result) eq 12 and ceiling(result) eq 13", True),
        ("geo.distance(place, geography'POINT(139.5 35)') eq 0.5", True),
        ("st_within(place, geography'POLYGON((139 35,140 35,140 36,139 36,139 35))')", True),
        ("st_relate(place, geography'POINT(139.5 35.5)', '0FFFFFFF2')", True),
        ("missing eq 1", False),
        ("missing ne 1", True),
        ("missing eq null", True),
        ("name gt 5", False),
        ("st_within(name, geography'POINT(0 0)')", False),
    ],
)
def test_filters_mean_what_the_standard_says(text: str, passes: bool) -> None:  # noqa: FBT001
    assert compile_filter(parse_filter(text), get, NOW)(ENTITY) is passes


@pytest.mark.parametrize(
    ("text", "at"),
    [("result eq", 10), ("result @@ 1", 8), ("nothing(1)", 1), ("length()", 1), ("a eq 'x", 6),
     ("geo.length(geography'LINE')", 12), ("(a eq 1", 8), ("a eq 2026-99-99", 6)],
)  # fmt: skip
def test_a_fault_is_told_with_its_place(text: str, at: int) -> None:
    with pytest.raises(InputError, match=f"at character {at}\\."):
        parse_filter(text)


def test_depth_and_length_are_bounded() -> None:
    for text in ("(" * 5_000 + "1", "not " * 1_000 + "true", "a eq " + "1" * 20_000,
                 " and ".join(["a eq 1"] * 2_000)):  # fmt: skip
        with pytest.raises(InputError):
            parse_filter(text)


def test_expansions_by_path_are_nested_ones() -> None:
    by_path = parse_options({"$expand": "Datastreams/Observations($top=1)"})
    assert by_path == parse_options({"$expand": "Datastreams($expand=Observations($top=1))"})


@pytest.mark.parametrize(
    "query",
    [{"$top": "x"}, {"$count": "yes"}, {"$nothing": "1"}, {"$expand": "A(($top=1)"},
     {"$expand": "A($expand=B($expand=C($expand=D($expand=E($expand=F($expand=G))))))"},
     {"$select": "a,,b"}, {"$expand": "A($top=1;$top=2)"}, {"$orderby": "a up"}],
)  # fmt: skip
def test_wrong_options_are_refused(query: dict[str, str]) -> None:
    with pytest.raises(InputError):
        parse_options(query)


def test_paths_hold_ids_with_slashes_and_quotes() -> None:
    assert parse_path("Things('a/b''c')/Datastreams(5)/$ref") == (
        Step("Things", "a/b'c"), Step("Datastreams", "5"), Step("$ref"),
    )  # fmt: skip


_WORDS = st.sampled_from(
    ["result", "eq", "and", "not", "(", ")", "'a'", "1", "geo.length", ",", "/", "now()", "-", "null",  # noqa: E501
     "2026-01-01T00:00:00Z", "geography'POINT(1 1)'", "duration'P1D'", "$", ";", "add", "div"]
)  # fmt: skip


@given(st.one_of(st.text(max_size=60), st.lists(_WORDS, max_size=14).map(" ".join)))
def test_no_text_breaks_the_parsers(text: str) -> None:
    with contextlib.suppress(InputError):
        compile_filter(parse_filter(text), get, NOW)(ENTITY)
    for name in ("$expand", "$orderby", "$select", "$top"):
        with contextlib.suppress(InputError):
            parse_options({name: text})
    with contextlib.suppress(InputError):
        parse_path(text)
