"""CQL2 in and out: what is understood, what is refused and where."""

from __future__ import annotations

import contextlib
from datetime import UTC, date, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hinomi.kernel import filters as f
from hinomi.kernel.errors import InputError
from hinomi.standards.cql2 import check, parse_json, parse_text, to_json, to_text

MAY = datetime(2026, 5, 1, tzinfo=UTC)
TYPES = {
    "level": "integer",
    "depth_m": "number",
    "kind": "string",
    "in_force": "boolean",
    "start": "time",
}
LEVEL = f.Property("level")


# Random filters in the form in which the parsers give them.
names = st.sampled_from(["level", "区分", "in_force", "a.b", "AND", "start"]).map(f.Property)
texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=12).filter(
    lambda t: not t.endswith("\\")
)
numbers = st.integers(-(10**17), 10**17) | st.floats(allow_nan=False, allow_infinity=False)
instants = st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1)).map(  # noqa: DTZ001
    lambda t: t.replace(tzinfo=UTC)
)
days = st.dates(date(1900, 1, 1), date(2200, 1, 1))
scalars = texts | numbers | st.booleans() | instants | days
operands = names | scalars.map(f.Value)
longitudes = st.floats(-180, 180)
latitudes = st.floats(-90, 90)
positions = st.tuples(longitudes, latitudes).map(list)


def _closed(ring: list[list[float]]) -> list[list[float]]:
    return [*ring, ring[0]]


rings = st.lists(positions, min_size=3, max_size=5).map(_closed)
simple: st.SearchStrategy[dict[str, Any]] = st.one_of(
    positions.map(lambda c: {"type": "Point", "coordinates": c}),
    st.lists(positions, min_size=2, max_size=4).map(
        lambda c: {"type": "LineString", "coordinates": c}
    ),
    st.lists(positions, min_size=1, max_size=4).map(
        lambda c: {"type": "MultiPoint", "coordinates": c}
    ),
    st.lists(rings, min_size=1, max_size=2).map(lambda c: {"type": "Polygon", "coordinates": c}),
    st.lists(st.lists(rings, min_size=1, max_size=2), min_size=1, max_size=2).map(
        lambda c: {"type": "MultiPolygon", "coordinates": c}
    ),
)
geometries = simple | st.lists(simple, min_size=1, max_size=3).map(
    lambda members: {"type": "GeometryCollection", "geometries": members}
)
spans = st.tuples(st.none() | instants, st.none() | instants).filter(
    lambda s: s[0] is None or s[1] is None or s[0] <= s[1]
)
leaves: st.SearchStrategy[f.Filter] = st.one_of(
    st.builds(f.Compare, st.sampled_from(["=", "<>", "<", "<=", ">", ">="]), operands, operands),
    st.builds(f.Like, names, texts),
    st.builds(f.Between, operands, operands, operands),
    st.builds(f.In, operands, st.lists(scalars, min_size=1, max_size=4).map(tuple)),
    st.builds(f.IsNull, names),
    st.builds(
        f.Spatial, st.sampled_from(["intersects", "within", "contains", "disjoint"]), geometries
    ),
    st.builds(
        lambda op, name, at: f.Temporal(op, name, at, at),
        st.sampled_from(["after", "before", "equals"]),
        names,
        instants,
    ),
    st.builds(
        lambda op, name, span: f.Temporal(op, name, *span),
        st.sampled_from(["during", "intersects"]),
        names,
        spans,
    ),
    st.builds(f.Constant, st.booleans()),
)


def _branches(inner: st.SearchStrategy[f.Filter]) -> st.SearchStrategy[f.Filter]:
    many = st.lists(inner, min_size=2, max_size=3).map(tuple)
    return st.builds(f.And, many) | st.builds(f.Or, many) | st.builds(f.Not, inner)


trees = st.recursive(leaves, _branches, max_leaves=8)


@given(trees)
def test_a_filter_written_as_text_is_read_back_the_same(tree: f.Filter) -> None:
    assert parse_text(to_text(tree)) == tree


@given(trees)
def test_a_filter_written_as_json_is_read_back_the_same(tree: f.Filter) -> None:
    assert parse_json(to_json(tree)) == tree


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("level >= 4", f.Compare(">=", LEVEL, f.Value(4))),
        ("level>=-4.5e1", f.Compare(">=", LEVEL, f.Value(-45.0))),
        ("kind <> 'it''s'", f.Compare("<>", f.Property("kind"), f.Value("it's"))),
        (r"kind = 'it\'s'", f.Compare("=", f.Property("kind"), f.Value("it's"))),
        ("区分 = '警報'", f.Compare("=", f.Property("区分"), f.Value("警報"))),
        ('"AND" = 1', f.Compare("=", f.Property("AND"), f.Value(1))),
        ("NOT level IS NULL", f.Not(f.IsNull(LEVEL))),
        ("level is not null", f.Not(f.IsNull(LEVEL))),
        ("level NOT IN (1, 2)", f.Not(f.In(LEVEL, (1, 2)))),
        ("level NOT BETWEEN 1 AND 2", f.Not(f.Between(LEVEL, f.Value(1), f.Value(2)))),
        ("true", f.Constant(value=True)),
        (
            "S_WITHIN(POINT(139 35), geometry)",
            f.Spatial("contains", {"type": "Point", "coordinates": [139.0, 35.0]}),
        ),
        (
            "T_AFTER(TIMESTAMP('2026-05-01T09:00:00+09:00'), start)",
            f.Temporal("before", f.Property("start"), MAY, MAY),
        ),
        (
            "T_EQUALS(start, DATE('2026-05-01'))",
            f.Temporal("intersects", f.Property("start"), MAY, MAY.replace(hour=23, minute=59,
                second=59, microsecond=999999)),
        ),
        (
            "T_DURING(start, INTERVAL('..', '2026-05-01T00:00:00Z'))",
            f.Temporal("during", f.Property("start"), None, MAY),
        ),
    ],
)  # fmt: skip
def test_text_is_understood(text: str, expected: f.Filter) -> None:
    assert parse_text(text) == expected


def test_and_binds_closer_than_or_and_not_closest() -> None:
    a, b, c = (f.Compare("=", f.Property(n), f.Value(1)) for n in "abc")
    assert parse_text("a=1 OR b=1 AND NOT c=1") == f.Or((a, f.And((b, f.Not(c)))))
    assert parse_text("(a=1 OR b=1) AND c=1") == f.And((f.Or((a, b)), c))


def test_a_box_is_a_polygon_and_two_where_it_crosses_the_antimeridian() -> None:
    box = parse_text("S_INTERSECTS(geometry, BBOX(138, 35, 140, 36))")
    assert isinstance(box, f.Spatial)
    assert box.geometry["coordinates"][0][0] == [138, 35]
    split = parse_json({"op": "s_intersects", "args": [{"property": "geometry"},
                        {"bbox": [170, -10, -170, 10]}]})  # fmt: skip
    assert isinstance(split, f.Spatial)
    assert split.geometry["type"] == "MultiPolygon"
    assert len(split.geometry["coordinates"]) == 2


def test_a_literal_in_another_crs_is_located() -> None:
    swapped = parse_text("S_INTERSECTS(geometry, POINT(35 139))", locate=lambda a, b: (b, a))
    assert swapped == parse_text("S_INTERSECTS(geometry, POINT(139 35))")
    boxed = parse_text("S_INTERSECTS(geometry, BBOX(35,138,36,140))", locate=lambda a, b: (b, a))
    assert boxed == parse_text("S_INTERSECTS(geometry, BBOX(138,35,140,36))")


@pytest.mark.parametrize(
    ("text", "where", "expected"),
    [
        ("level >", "character 8", "a property or a value"),
        ("level", "character 6", "a comparison"),
        ("level = 1 kind = 2", "character 11", "AND, OR or the end"),
        ("(level = 1", "character 11", ")"),
        ("level = 'open", "character 9", "a name"),
        ("level = 1; DROP TABLE records", "character 10", "operator"),
        ("level = 1 -- x", "character 11", "operator"),
        ("1 LIKE 'a'", "character 3", "a property before it"),
        ("level LIKE 3", "character 12", "pattern"),
        ("CASEI(kind) = 'a'", "character 1", "functions are not read"),
        ("S_TOUCHES(geometry, POINT(1 1))", "character 1", "functions are not read"),
        ("S_INTERSECTS(kind, POINT(1 1))", "character 1", "geometry"),
        ("S_INTERSECTS(geometry, POINT(1))", "character 31", "a finite number"),
        ("S_INTERSECTS(geometry, BBOX(1,2,3))", "character 24", "4 or 6 numbers"),
        ("start > TIMESTAMP('2026-13-01T00:00:00Z')", "character 9", "a time such as"),
        ("start > DATE('2026-02-30')", "character 9", "a date such as"),
        ("T_DURING(start, DATE('2026-05-01'))", "character 1", "INTERVAL"),
        ("T_AFTER(start, end)", "character 1", "a time property and"),
        ("T_DURING(start, INTERVAL('2026-05-02','2026-05-01'))", "character 17", "a start"),
        ("level = 1e999", "character 9", "a finite number"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(text: str, where: str, expected: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_text(text)
    assert where in caught.value.text.en
    assert expected in caught.value.text.en
    assert "CQL2フィルタ" in caught.value.text.ja


@pytest.mark.parametrize(
    ("data", "where"),
    [
        (b"{", "not JSON"),
        (b"[" * 50_000, "not JSON"),
        (b'{"op":"like","args":[{"property":"a"},1]}', "$.args[1]"),
        (b'{"op":"and","args":[true,{"op":"+","args":[1,2]}]}', "$.args[1].op"),
        (b'{"op":"in","args":[{"property":"a"},[[1]]]}', "$.args[1][0]"),
        (b'{"op":"s_within","args":[{"property":"geometry"},{"type":"Point"}]}', "$.args[1]"),
        (b'{"op":"s_within","args":[{"property":"geometry"},{"type":"Point","coordinates":[1]}]}',
         "position"),
        (b'{"op":"s_within","args":[{"property":"geometry"},{"type":"GeometryCollection"}]}',
         "$.args[1]"),
        (b'{"op":"t_during","args":[{"property":"start"},{"interval":["x"]}]}', "$.args[1]"),
        (b"3", "$"),
    ],
)  # fmt: skip
def test_json_that_is_wrong_is_named_with_its_path(data: bytes, where: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_json(data)
    assert where in caught.value.text.en


@pytest.mark.parametrize(
    "text",
    [
        "(" * 10_000 + "a=1" + ")" * 10_000,
        "NOT " * 10_000 + "a=1",
        "a IN (" + ",".join("1" for _ in range(1_000_000)) + ")",
        " AND ".join("a=1" for _ in range(6_000)),
        "S_INTERSECTS(geometry, MULTIPOINT(" + ",".join(["1 1"] * 15_000) + "))",
    ],
    ids=["brackets", "not", "in", "and", "positions"],
)
def test_a_filter_that_is_too_large_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="more than"):
        parse_text(text)


@given(st.text(alphabet="level()'\",=<>. \\ANDORTIMESP_INTERC019-+eZ:市", max_size=60))
@settings(max_examples=300)
def test_whatever_comes_is_a_filter_or_an_input_error(text: str) -> None:
    with contextlib.suppress(InputError):
        parse_text(text)


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["op", "args", "property", "type", "coordinates", "bbox", "geometries"]
            ),
            inner,
        )
    ),
)
_ops = st.sampled_from(
    ["and", "not", "=", "in", "between", "like", "isNull", "s_within", "t_after"]
)


@given(_ops, st.lists(_json, max_size=3))
@settings(max_examples=300)
def test_whatever_json_comes_is_a_filter_or_an_input_error(op: str, args: list[object]) -> None:
    with contextlib.suppress(InputError):
        parse_json(msgspec.json.encode({"op": op, "args": args}))


def test_an_unknown_property_is_answered_with_the_nearest_names() -> None:
    with pytest.raises(InputError, match="Nearest: level"):
        check(parse_text("levvl = 4"), TYPES)


@pytest.mark.parametrize(
    "text",
    ["level = 'four'", "kind = 4", "kind LIKE 'a' AND level LIKE '4'", "in_force = 1",
     "T_AFTER(kind, TIMESTAMP('2026-05-01T00:00:00Z'))", "level IN (1, 'x')", "level = kind",
     "start = 'soon'", "depth_m BETWEEN 'a' AND 2", "id = 4"],
)  # fmt: skip
def test_a_value_of_another_type_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        check(parse_text(text), TYPES)


def test_a_date_beside_a_time_stands_for_its_whole_day() -> None:
    first = f.Value(MAY)
    last = f.Value(MAY.replace(hour=23, minute=59, second=59, microsecond=999999))
    start = f.Property("start")
    day = "DATE('2026-05-01')"
    assert check(parse_text(f"start >= {day}"), TYPES) == f.Compare(">=", start, first)
    assert check(parse_text(f"start > {day}"), TYPES) == f.Compare(">", start, last)
    assert check(parse_text(f"{day} >= start"), TYPES) == f.Compare(">=", last, start)
    assert check(parse_text(f"start = {day}"), TYPES) == f.Between(start, first, last)
    assert check(parse_text(f"start <> {day}"), TYPES) == f.Not(f.Between(start, first, last))
    assert check(parse_text("start = '2026-05-01T00:00:00Z'"), TYPES) == f.Compare(
        "=", start, first
    )


def test_a_date_alone_stays_a_date() -> None:
    assert parse_text("a = DATE('2026-05-01')") == f.Compare(
        "=", f.Property("a"), f.Value(date(2026, 5, 1))
    )
