"""What is no number breaks only the member that it stands in."""

from __future__ import annotations

import json
import math
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hinomi.standards import river_levels
from hinomi.vocabulary.numbers import quote_not_numbers

TREES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


def named(tree: Any) -> Any:
    """Return the tree with the names that Python writes for what is no number."""
    if isinstance(tree, float) and not math.isfinite(tree):
        return json.dumps(tree)
    if isinstance(tree, list):
        return [named(member) for member in tree]
    if isinstance(tree, dict):
        return {name: named(member) for name, member in tree.items()}
    return tree


@given(TREES)
def test_bare_names_become_strings_and_nothing_else_changes(tree: Any) -> None:
    quoted = quote_not_numbers(json.dumps(tree, ensure_ascii=False).encode())
    assert json.loads(quoted, parse_constant=pytest.fail) == named(tree)


def test_an_open_string_full_of_escapes_takes_linear_time() -> None:
    data = b'"' + b'\\"' * 500_000
    start = time.process_time()
    assert quote_not_numbers(data) == data
    assert time.process_time() - start < 1


def test_a_gauge_without_a_number_leaves_the_others_readable() -> None:
    item = '{"code":"%s","obsTime":"2026-06-01 10:00","level":%s}'
    members = ",".join((item % ("a", "1.5"), item % ("b", "NaN"), item % ("c", "-Infinity")))
    snapshot = river_levels.decode(f'{{"items":[{members}]}}'.encode())
    assert [gauge.code for _, gauge in snapshot.items] == ["a"]
    assert [problem.path for problem in snapshot.problems] == ["/items[1]", "/items[2]"]
