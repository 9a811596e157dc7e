"""The Merkle tree against the published vectors of Certificate Transparency's reference tests.

Leaves, roots and proofs: google/certificate-transparency ``cpp/merkletree/merkle_tree_test.cc``,
carried on as transparency-dev/merkle ``proof/verify_test.go`` and ``testonly/constants.go``
(Apache-2.0); sizes and indices as there, counted from 0 here.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hinomi.kernel.errors import DataError
from hinomi.standards import translog
from hinomi.standards.translog import notes

LEAVES = [
    bytes.fromhex(text)
    for text in (
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]  # fmt: skip
ROOTS = [
    bytes.fromhex(text)
    for text in (
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    )
]
A, B, C = (
    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
)
D, E, F = (
    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
)
G, H = (
    "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
    "b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f",
)
FIRST, SECOND = ROOTS[1].hex(), ROOTS[2].hex()
INCLUSION = [
    (0, 1, ()), (0, 8, (A, B, C)), (5, 8, (D, E, F)), (2, 3, (SECOND,)), (1, 5, (FIRST, B, D)),
]  # fmt: skip
CONSISTENCY = [
    (1, 1, ()), (1, 8, (A, B, C)), (6, 8, (G, E, F)), (2, 5, (B, D)), (6, 7, (G, H, F)),
]  # fmt: skip


class Tree(dict[tuple[int, int], bytes]):
    """Complete subtrees in a dict, as a store would keep them."""

    def __init__(self, leaves: list[bytes]) -> None:
        super().__init__()
        for index, entry in enumerate(leaves):
            found = translog.completed(index, translog.leaf_hash(entry), self.node)
            self.update({(level, place): top for level, place, top in found})

    def node(self, level: int, index: int) -> bytes:
        return self[level, index]


TREE = Tree(LEAVES)


@pytest.mark.parametrize("size", range(9))
def test_the_roots_are_those_of_the_reference_tests(size: int) -> None:
    assert translog.root(size, TREE.node) == ROOTS[size]


@pytest.mark.parametrize(("index", "size", "proof"), INCLUSION)
def test_inclusion_proofs_are_those_of_the_reference_tests(
    index: int, size: int, proof: tuple[str, ...]
) -> None:
    steps = [bytes.fromhex(step) for step in proof]
    assert translog.inclusion_proof(index, size, TREE.node) == steps
    leaf = translog.leaf_hash(LEAVES[index])
    assert translog.included(leaf, index, size, steps, ROOTS[size])
    wrong = [
        (index - 1, size, steps, ROOTS[size], leaf),
        (index + 1, size, steps, ROOTS[size], leaf),
        (index ^ 2, size, steps, ROOTS[size], leaf),
        (index, size * 2, steps, ROOTS[size], leaf),
        (index, size // 2, steps, ROOTS[size], leaf),
        (index, size, steps, ROOTS[size], b"WrongLeaf"),
        (index, size, steps, translog.EMPTY, leaf),
        (index, size, [*steps, b""], ROOTS[size], leaf),
        (index, size, [*steps, ROOTS[size]], ROOTS[size], leaf),
        (index, size, [b"", *steps], ROOTS[size], leaf),
        *((index, size, steps[:-1], ROOTS[size], leaf) for _ in steps[:1]),
        *((index, size, _flipped(steps, n), ROOTS[size], leaf) for n in range(len(steps))),
    ]
    for where, how_many, path, top, start in wrong:
        assert not translog.included(start, where, how_many, path, top)


@pytest.mark.parametrize(("old", "new", "proof"), CONSISTENCY)
def test_consistency_proofs_are_those_of_the_reference_tests(
    old: int, new: int, proof: tuple[str, ...]
) -> None:
    steps = [bytes.fromhex(step) for step in proof]
    first, second = ROOTS[old], ROOTS[new]
    assert translog.consistency_proof(old, new, TREE.node) == steps
    assert translog.consistent(old, new, first, second, steps)
    if not steps:
        return
    wrong = [
        (old - 1, new, first, second, steps),
        (old + 1, new, first, second, steps),
        (old ^ 2, new, first, second, steps),
        (old, new * 2, first, second, steps),
        (old, new // 2, first, second, steps),
        (old, new, b"WrongRoot", second, steps),
        (old, new, first, b"WrongRoot", steps),
        (old, new, second, first, steps),
        (old, new, first, second, []),
        (old, new, first, second, [*steps, second]),
        (old, new, first, second, [first, *steps]),
        (old, new, first, second, [steps[0], *steps]),
        (old, new, first, second, steps[:-1]),
        *((old, new, first, second, _flipped(steps, n)) for n in range(len(steps))),
    ]
    for before, after, one, two, path in wrong:
        assert not translog.consistent(before, after, one, two, path)


def _flipped(steps: list[bytes], number: int) -> list[bytes]:
    """Return the steps with one bit of one of them changed."""
    return [bytes([s[0] ^ 8]) + s[1:] if n == number else s for n, s in enumerate(steps)]


@given(st.integers(1, 70), st.data())
def test_every_leaf_and_every_growth_can_be_proved(size: int, data: st.DataObject) -> None:
    tree = Tree([bytes([n]) for n in range(size)])
    top = translog.root(size, tree.node)
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, size))
    proof = translog.inclusion_proof(index, size, tree.node)
    assert len(proof) <= 7
    assert translog.included(translog.leaf_hash(bytes([index])), index, size, proof, top)
    growth = translog.consistency_proof(old, size, tree.node)
    assert translog.consistent(old, size, translog.root(old, tree.node), top, growth)


def test_what_the_tree_has_not_cannot_be_proved() -> None:
    with pytest.raises(ValueError, match="leaf 8"):
        translog.inclusion_proof(8, 8, TREE.node)
    with pytest.raises(ValueError, match="does not follow"):
        translog.consistency_proof(8, 7, TREE.node)


def test_a_checkpoint_is_read_as_it_was_written() -> None:
    checkpoint = notes.Checkpoint("example.org/log", 8, ROOTS[8])
    hint = notes.hint_of("example.org/log", notes.ED25519, b"k" * 32)
    note = notes.Note(checkpoint, (notes.Signature("example.org/log", hint, b"s" * 64),))
    assert notes.decode(note.encode()) == note
    assert note.encode().startswith("example.org/log\n8\nXcnaeacGWamtVZy3Ad7Zoqudgjqt")


@pytest.mark.parametrize(
    "change",
    [
        ("\n8\n", "\n08\n"), ("\n8\n", "\n-8\n"), ("Xcna", "Xc-a"), ("Xcna", "na"),
        ("\n\n", "\n"), ("— ", "- "), ("example.org/log\n8", "\n8"), ("=\n\n", "=\nmore\n\n"),
    ],
)  # fmt: skip
def test_a_checkpoint_that_is_none_is_refused(change: tuple[str, str]) -> None:
    checkpoint = notes.Checkpoint("example.org/log", 8, ROOTS[8])
    text = notes.Note(checkpoint, (notes.Signature("n", b"hint", b"s" * 64),)).encode()
    with pytest.raises(DataError):
        notes.decode(text.replace(*change, 1))
