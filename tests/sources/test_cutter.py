"""Splits by bytes: a record belongs to the one in whose range it begins, and every byte is hashed once."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import closing

from hypothesis import example, given
from hypothesis import strategies as st

from schemagen.sources.cutter import Cutter


@st.composite
def pieces(draw: st.DrawFn) -> tuple[list[tuple[bytes, list[int]]], int]:
    """Pieces of a file with the places where records begin in each, and the size of a split."""
    found = []
    for size in draw(st.lists(st.integers(1, 40), min_size=1, max_size=6)):
        found.append((b"x" * size, sorted(draw(st.sets(st.integers(0, size - 1), max_size=5)))))
    return found, draw(st.integers(1, 20))


def numbered(starts: Sequence[int]) -> list[bytes]:
    return [str(at).encode() for at in starts]


@given(pieces())
@example(([(b"x" * 20, [0, 5, 10, 15])], 5))
@example(([(b"x" * 20, [0, 4, 9, 14])], 5))
def test_record_belongs_to_the_split_in_whose_range_it_begins(case: tuple[list[tuple[bytes, list[int]]], int]) -> None:
    given_pieces, size = case
    with closing(Cutter(size)) as cutter:
        blocks = [block for raw, starts in given_pieces for block in cutter.blocks(numbered(starts), raw, starts)]
    assert b"".join(block.raw for block in blocks) == b"".join(raw for raw, _ in given_pieces)
    seen: dict[int, int] = {}
    for block in blocks:
        for index in range(len(block.records)):
            line, offset = block.place(index)
            assert (line, offset // size) == (1, block.split)
            # Numbers begin anew in each split.
            assert block.first + index == seen.get(block.split, 0)
            seen[block.split] = block.first + index + 1
    assert sum(seen.values()) == sum(len(starts) for _, starts in given_pieces)


def test_blocks_that_wait_to_be_hashed_are_hashed_after_the_file_ended() -> None:
    raw = b"x" * (1 << 22)
    with closing(Cutter(1 << 30)) as cutter:
        blocks = [cutter.lines([], raw, []) for _ in range(20)]
    assert [block.digest for block in blocks[-1:]] == [hashlib.sha256(raw * 20).hexdigest()]
