"""J-SHIS's surface ground: format only, lines made after the published layout, none theirs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hinomi.kernel.errors import DataError
from hinomi.standards.jshis_ground import decode, encode, looks_like, south_west

# As the convention has it: comments first, then CODE, JCODE, AVS, ARV (and V4's two more).
FILE = """# VER. = 4.0
# DATE = 2021-03-31
# CODE,JCODE,AVS,ARV,AVS_EB,AVS_REF
5339000011,21,180.5,1.97,,1
5339779944,1,640.0,0.67,,1
5339461134,23,0,0,,1
"""


def test_velocities_lie_where_their_codes_say() -> None:
    found = decode(FILE.encode())
    grid = found.avs30_m_s["5339"]
    # The first code is the south-west corner's mesh, the second one the north-east corner's.
    assert (grid[319, 0], grid[0, 319]) == (np.float32(180.5), 640.0)
    assert np.isfinite(grid).sum() == 2  # Water has no velocity.
    assert found.problems == []
    assert south_west("5339") == pytest.approx((139.0, 53 / 1.5))


def test_it_knows_its_own_and_no_other_tables() -> None:
    assert looks_like(FILE.encode())
    assert looks_like(b"\xef\xbb\xbf" + FILE.encode())
    assert not looks_like(b"# a,b\n1,2,3\n")
    assert not looks_like("格子番号,地盤\n53394611,1\n".encode())


@pytest.mark.parametrize(
    "line", ["5339999911,21,180,2,,1", "5339000011,21,9e9,2,,1", "5339000055,21,180,2,,1", "5,1"]
)
def test_a_line_that_cannot_be_is_told_and_the_others_stay(line: str) -> None:
    found = decode((FILE + line + "\n").encode())
    assert [p.code for p in found.problems] == ["jshis-ground.row"]
    assert np.isfinite(found.avs30_m_s["5339"]).sum() == 2


def test_a_file_without_a_mesh_is_refused() -> None:
    with pytest.raises(DataError):
        decode(b"# CODE,JCODE,AVS,ARV\n")


@given(
    st.dictionaries(
        st.tuples(st.integers(0, 319), st.integers(0, 319)),
        st.integers(300, 20_000).map(lambda v: v / 10), min_size=1, max_size=20,
    )
)  # fmt: skip
def test_what_is_written_is_read_again(cells: dict[tuple[int, int], float]) -> None:
    grid = np.full((320, 320), np.nan, np.float32)
    for at, value in cells.items():
        grid[at] = value
    np.testing.assert_array_equal(decode(encode({"5439": grid})).avs30_m_s["5439"], grid)


@given(st.binary(max_size=300))
def test_any_bytes_end_in_numbers_or_in_a_refusal(noise: bytes) -> None:
    try:
        found = decode(b"# x\n5339000011,21,180.5,1.97,,1\n" + noise)
    except DataError:
        return
    assert all(np.nanmin(g) > 0 for g in found.avs30_m_s.values())
